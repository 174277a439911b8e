"""The one write path: everything that changes the calendar goes through `run`.

One transaction locks first the organisation, then every pool it will touch, in sorted order;
releases what time has ended; changes bookings and claims under the guard; and writes the audit
and outbox rows. SQLite's single write lock stands for all of these locks.
"""

from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import TypeVar

from sqlalchemy import Connection

from testbed.domain import allocator, bookings
from testbed.domain.bookings import Booking
from testbed.domain.errors import Stale
from testbed.domain.ledger import Ledger
from testbed.domain.parties import Member
from testbed.domain.requests import Claim, Decision, Granted, Request
from testbed.persistence import convert, records, store
from testbed.persistence.claims import ClaimWriter, Owner, claims_of, lock_pools
from testbed.persistence.records import Note
from testbed.persistence.store import KeptBooking
from testbed.service.actors import SYSTEM, name_of
from testbed.service.context import Context

ATTEMPTS = 3
BY_TIME = frozenset({"booking.expired", "booking.no_show"})
LOST = frozenset({"pool_full", "booking_changed", "key_raced", "database_busy"})
T = TypeVar("T")


class PoolsMissing(Exception):
    """A transaction turned out to touch pools that it has not locked; it starts again with them."""

    def __init__(self, pools: Collection[str]) -> None:
        super().__init__(pools)
        self.pools = frozenset(pools)


def run(ctx: Context, now: datetime, actor: Member, work: Callable[["Write"], T]) -> T:
    """Do the work in one write transaction; where a race was lost, again, at most three times.

    Raises Stale("lost_race") after that. Whatever else the work raises leaves nothing behind.
    """
    pools: frozenset[str] = frozenset()
    for _ in range(ATTEMPTS):
        try:
            with ctx.database.writing() as connection:
                return work(Write(ctx, connection, now, actor, pools))
        except PoolsMissing as missing:
            pools |= missing.pools
        except Stale as stale:
            if stale.code not in LOST:
                raise
            ctx.calendar.forget()
    raise Stale("lost_race")


class Write:
    """One write transaction and what may be done in it."""

    def __init__(
        self,
        ctx: Context,
        connection: Connection,
        now: datetime,
        actor: Member,
        pools: frozenset[str],
    ) -> None:
        self.ctx = ctx
        self.connection = connection
        self.now = now
        self.actor = actor
        self.claims = ClaimWriter(connection)
        self._asked = pools
        self._locked: frozenset[str] | None = None
        self._seen: dict[str, int] = {}
        self._has_ended = True

    # -- deciding ----------------------------------------------------------------------------

    def decide(self, request: Request, leaving: Booking | None = None) -> Decision:
        """Decide on a calendar that cannot change before this transaction ends.

        `leaving` is a booking whose own claims are not in the way. The organisation must be locked.
        On PostgreSQL the first decision takes no lock; if its pools moved meanwhile, they are
        locked by then and the second decision stands.
        """
        if self.claims.has_changed:
            # The calendar in memory would take over what this transaction has not committed.
            raise RuntimeError("a write transaction decides before it changes claims")
        decision = self._decided(request, leaving)
        touched = _pools_of(decision, leaving)
        if self.lock(touched):
            decision = self._decided(request, leaving)
            self.lock(_pools_of(decision, leaving))
        if self._has_ended:
            self.release_ended()
        return decision

    def _decided(self, request: Request, leaving: Booking | None) -> Decision:
        calendar = self.ctx.calendar
        with calendar.at(self.connection, self.now, request.organisation) as ledger:
            self._seen = calendar.revisions()
            self._has_ended = calendar.has_ended(self.now)
            with without(ledger, leaving):
                return allocator.decide(request, ledger, self.now)

    # -- locks -------------------------------------------------------------------------------

    def lock_organisation(self, organisation: str) -> None:
        """Lock the organisation's row; comes before any pool. Raises NotFound("organisation")."""
        store.lock_organisation(self.connection, organisation)

    def lock(self, pools: Collection[str]) -> bool:
        """Lock the pools that this transaction touches, and those of what time has ended.

        Answers whether any of them changed since the last decision. All locks are taken at once, so
        that they have one order: raises PoolsMissing where a later call needs others.
        """
        if self.ctx.database.is_sqlite:
            return False
        if self._locked is None:
            self._locked = self._asked | frozenset(pools) | self._ended_pools()
            revisions = lock_pools(self.connection, self._locked)
            return any(self._seen.get(name) != each for name, each in revisions.items())
        if not self._locked.issuperset(pools):
            raise PoolsMissing(self._locked.union(pools))
        return False

    def _ended_pools(self) -> frozenset[str]:
        if not self._has_ended:
            return frozenset()
        expired = store.expired_holds(self.connection, self.now)
        missed = self.ctx.deadlines.missed(self.connection, self.now)
        return frozenset(
            claim.pool for each in (*expired, *missed) for claim in each.booking.claims
        )

    # -- changing ----------------------------------------------------------------------------

    def release_ended(self) -> None:
        """Write down what time has ended: holds that ran out, bookings that nobody came for.

        Of the latter only those that may be in the way; the job sees to older ones.
        """
        self.release_expired()
        for kept in self.ctx.deadlines.missed(self.connection, self.now):
            self.lock([claim.pool for claim in kept.booking.claims])
            self.miss(kept)

    def release_expired(self) -> tuple[Booking, ...]:
        """Expire the holds that ran out, by start and id; their pools must be locked."""
        expired = []
        for kept in store.expired_holds(self.connection, self.now):
            self.lock([claim.pool for claim in kept.booking.claims])
            expired.append(self.leave(kept, bookings.expire(kept.booking), "booking.expired"))
        return tuple(expired)

    def enter(self, booking: Booking) -> Booking:
        """Keep a new booking and take its claims."""
        store.add_booking(self.connection, booking)
        self.take(booking)
        self.note("booking.held", booking.id, _booking_note(booking, booking.claims))
        return booking

    def leave(self, kept: KeptBooking, booking: Booking, action: str) -> Booking:
        """Change a booking to a state in which it occupies nothing, and release its claims."""
        store.change_booking(self.connection, kept, booking)
        self.claims.release(claims_of(self.connection, [booking.id]))
        self.note(action, booking.id, _booking_note(booking, ()))
        return booking

    def change(self, kept: KeptBooking, booking: Booking, action: str) -> Booking:
        """Change a booking that keeps its claims."""
        store.change_booking(self.connection, kept, booking)
        self.note(action, booking.id, _booking_note(booking, booking.claims))
        return booking

    def replace(self, kept: KeptBooking, booking: Booking, action: str) -> Booking:
        """Change a booking and swap its claims for its new ones."""
        self.claims.release(claims_of(self.connection, [booking.id]))
        store.change_booking(self.connection, kept, booking)
        self.take(booking)
        self.note(action, booking.id, _booking_note(booking, booking.claims))
        return booking

    def miss(self, kept: KeptBooking) -> Booking:
        """End a booking that nobody came for, with its claims cut at the end of its grace.

        However late that is noted, and whatever its pools hold by now. They must be locked.
        """
        grace = self.ctx.policy.no_show_grace_minutes
        booking = bookings.miss(kept.booking, grace)
        store.change_booking(self.connection, kept, booking)
        standing = claims_of(self.connection, [booking.id])
        end = bookings.grace_end(booking.start, grace)
        self.claims.shorten(Owner(booking=booking.id), standing, end)
        self.note("booking.no_show", booking.id, _booking_note(booking, booking.claims))
        return booking

    def take(self, booking: Booking) -> None:
        """Take the claims of a booking under the guard."""
        owner = Owner(booking=booking.id)
        self.claims.take((owner, claim) for claim in booking.claims)

    def note(self, action: str, subject: str, document: convert.Json) -> None:
        """Write the audit and the outbox row of a change; what time ends, nobody did."""
        actor = name_of(SYSTEM if action in BY_TIME else self.actor)
        records.write_note(self.connection, Note(self.now, actor, action, subject, document))


def _pools_of(decision: Decision, leaving: Booking | None) -> frozenset[str]:
    claims = leaving.claims if leaving else ()
    if isinstance(decision, Granted):
        claims += decision.offer.claims
    return frozenset(claim.pool for claim in claims)


@contextmanager
def without(ledger: Ledger, booking: Booking | None) -> Iterator[None]:
    """The ledger as if the booking were not there, put back afterwards."""
    if booking is None:
        yield
        return
    use = booking.organisation, booking.rule, booking.week
    ledger.give_back(booking.claims)
    ledger.add_use(*use, booking.start - booking.end)
    try:
        yield
    finally:
        ledger.take(booking.claims)
        ledger.add_use(*use, booking.end - booking.start)


def _booking_note(booking: Booking, claims: tuple[Claim, ...]) -> convert.Json:
    """What a replay needs: where the booking stands now and the claims it has from now on."""
    return {
        "organisation": booking.organisation,
        "request": booking.request.id,
        "state": booking.state.value,
        "start": booking.start,
        "end": booking.end,
        "lines": [convert.line_to_json(line) for line in booking.lines],
        "claims": [convert.claim_to_json(claim) for claim in claims],
    }
