"""The one write path: everything that changes the calendar goes through `run`.

One transaction locks first the organisations, then every pool it will touch, in sorted order;
releases what time has ended; changes bookings and claims under the guard; offers what it freed to
those who wait; and writes the audit and outbox rows. SQLite's single write lock stands for all of
these locks.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from sqlalchemy import Connection

from testbed.domain import allocator, bookings
from testbed.domain.bookings import Booking, State
from testbed.domain.errors import Stale
from testbed.domain.ledger import Ledger
from testbed.domain.parties import Member
from testbed.domain.requests import Claim, Decision, Granted, Request
from testbed.persistence import convert, records, store, waiting
from testbed.persistence.apart import keep_apart
from testbed.persistence.claims import (
    ClaimWriter,
    Owner,
    claims_of,
    claims_of_closure,
    lock_pools,
)
from testbed.persistence.records import Note
from testbed.persistence.store import KeptBooking
from testbed.service.actors import SYSTEM, name_of
from testbed.service.context import Context
from testbed.service.leaving import without
from testbed.service.locks import Locks, LocksMissing
from testbed.service.offering import answered, offer_freed
from testbed.service.scratch import Scratch

ATTEMPTS = 3
# A transaction that learns of more locks begins again with them; each time it knows more.
MOST_BEGINNINGS = 64
RAN_OUT = {State.EXPIRED: "booking.expired", State.REJECTED: "booking.rejected_by_silence"}
BY_SILENCE = "booking.confirmed_by_silence"
BY_TIME = frozenset({*RAN_OUT.values(), BY_SILENCE, "booking.no_show"})
LOST = frozenset({"pool_full", "booking_changed", "entry_changed", "key_raced", "database_busy"})
T = TypeVar("T")


class SettleFirst(Exception):
    """Something has ended that others wait for: they are served before anything is decided."""


def run(
    ctx: Context,
    now: datetime,
    actor: Member,
    work: Callable[["Write"], T],
    *,
    settles: bool = False,
) -> T:
    """Do the work in one write transaction; where a race was lost, again, at most three times.

    What time has ended is settled first, in a transaction of its own, where somebody waits for it;
    unless this is the work that `settles` it. Raises Stale("lost_race") after the last attempt.
    Whatever else the work raises leaves nothing behind.
    """
    locks, attempts = Locks(), 0
    for _ in range(MOST_BEGINNINGS):
        try:
            return _transaction(Begun(ctx, now, actor, locks, settles), work)
        except LocksMissing as missing:
            locks |= missing.locks
        except SettleFirst:
            settle(ctx, now)
        except Stale as stale:
            attempts += 1
            if stale.code not in LOST:
                raise
            ctx.calendar.forget()
            if attempts == ATTEMPTS:
                break
    raise Stale("lost_race")


@dataclass(frozen=True, slots=True)
class Begun:
    """With what one attempt at a transaction begins."""

    ctx: Context
    now: datetime
    actor: Member
    locks: Locks
    settles: bool


def _transaction(begun: Begun, work: Callable[["Write"], T]) -> T:
    with begun.ctx.database.writing() as connection:
        write = Write(begun.ctx, connection, begun.now, begun.actor, begun.locks)
        if not begun.settles:
            write.settle_first()
        done = work(write)
        write.offer_freed()
        return done


def settle(ctx: Context, now: datetime) -> None:
    """Release what time has ended and offer it to those who wait, in a transaction of its own."""

    def work(write: "Write") -> None:
        write.lock(())
        write.release_ended()

    run(ctx, now, SYSTEM, work, settles=True)


class Write:
    """One write transaction and what may be done in it."""

    def __init__(
        self,
        ctx: Context,
        connection: Connection,
        now: datetime,
        actor: Member,
        locks: Locks,
    ) -> None:
        self.ctx = ctx
        self.connection = connection
        self.now = now
        self.actor = actor
        self.claims = ClaimWriter(connection)
        self._asked = locks
        self._organisations: frozenset[str] = frozenset()
        self._locked: frozenset[str] | None = None
        self._seen: dict[str, int] = {}
        self._has_ended = True
        self.scratch = Scratch(ctx, connection, now)
        # What the notes written from now on say beside what changed.
        self.about: convert.Json = {}

    # -- deciding ----------------------------------------------------------------------------

    def decide(
        self, request: Request, leaving: Booking | None = None, moment: datetime | None = None
    ) -> Decision:
        """Decide on a calendar that cannot change before this transaction ends.

        `leaving` is a booking whose own claims are not in the way. The organisation must be locked.
        The rules are asked as of `moment`, else of now.
        May be called again, also after changes: each decision sees what the transaction has done.
        On PostgreSQL the first decision takes no lock; if its pools moved meanwhile, they are
        locked by then and the second decision stands.
        """
        if self.scratch.is_needed:
            return self._decided_further(request, leaving, moment)
        decision = self._decided(request, leaving, moment)
        if self.lock(_pools_of(decision, leaving)):
            decision = self._decided(request, leaving, moment)
            self.lock(_pools_of(decision, leaving))
        if self._has_ended:
            self.release_ended()
        return decision

    def _decided(
        self, request: Request, leaving: Booking | None, moment: datetime | None
    ) -> Decision:
        calendar = self.ctx.calendar
        with calendar.at(self.connection, self.now, request.organisation) as ledger:
            self._seen = calendar.revisions()
            self._has_ended = calendar.has_ended(self.now)
            self._keep_apart(ledger, request, leaving)
            with without(ledger, leaving):
                return allocator.decide(request, ledger, moment or self.now)

    def _decided_further(
        self, request: Request, leaving: Booking | None, moment: datetime | None
    ) -> Decision:
        ledger = self.scratch.ledger(request.organisation)
        self._keep_apart(ledger, request, leaving)
        with without(ledger, leaving):
            decision = allocator.decide(request, ledger, moment or self.now)
        self.lock(_pools_of(decision, leaving))
        return decision

    def _keep_apart(self, ledger: Ledger, request: Request, leaving: Booking | None) -> None:
        name, deadlines = leaving.id if leaving else "", self.ctx.deadlines
        keep_apart(self.connection, ledger, [request], deadlines, self.now, leaving=name)

    # -- locks -------------------------------------------------------------------------------

    def lock_organisation(self, *organisations: str) -> None:
        """Lock the organisations' rows, which comes before any pool, in the order of their ids.

        Raises NotFound("organisation"), and LocksMissing where a later call needs another one.
        """
        if self._organisations.issuperset(organisations):
            return
        wanted = self._organisations | self._asked.organisations | frozenset(organisations)
        if self._organisations and not self.ctx.database.is_sqlite:
            raise LocksMissing(Locks(organisations=wanted))
        for each in sorted(wanted - self._organisations):
            store.lock_organisation(self.connection, each)
        self._organisations = wanted

    def lock(self, pools: Collection[str]) -> bool:
        """Lock the pools that this transaction touches, and those of what time has ended.

        Answers whether any of them changed since the last decision. All locks are taken at once, so
        that they have one order: raises LocksMissing where a later call needs others.
        """
        if self.ctx.database.is_sqlite:
            return False
        if self._locked is None:
            self._lock_asked_organisations()
            self._locked = self._asked.pools | frozenset(pools) | self._ended_pools()
            revisions = lock_pools(self.connection, self._locked)
            return any(self._seen.get(name) != each for name, each in revisions.items())
        if not self._locked.issuperset(pools):
            raise LocksMissing(Locks(pools=self._locked.union(pools)))
        return False

    def require(self, locks: Locks) -> None:
        """Begin again with these locks where some are missing. Raises LocksMissing."""
        held = Locks(self._organisations, self._locked or frozenset())
        if not held.covers(locks):
            raise LocksMissing(held | locks)

    def _lock_asked_organisations(self) -> None:
        """Those of whom an earlier beginning learnt; work that locks none of its own gets here."""
        if not self._organisations and self._asked.organisations:
            self.lock_organisation(*self._asked.organisations)

    def _ended_pools(self) -> frozenset[str]:
        if not self._has_ended:
            return frozenset()
        return frozenset(claim.pool for each in self._ended() for claim in each.booking.claims)

    # -- what time has ended -----------------------------------------------------------------

    def _ended(self) -> list[KeptBooking]:
        """Holds that ran out, then bookings that nobody came for, as far as they may matter."""
        expired = store.expired_holds(self.connection, self.now)
        return [*expired, *self.ctx.deadlines.missed(self.connection, self.now)]

    def settle_first(self) -> None:
        """Begin only after those who wait were served, where there is something to serve."""
        if waiting.anybody(self.connection, self.now) and self._ended():
            raise SettleFirst

    def release_ended(self) -> tuple[Booking, ...]:
        """Write down what time has ended: holds that ran out, bookings that nobody came for.

        Of the latter only those that may be in the way; the job sees to older ones. Answers the
        holds.
        """
        expired = self.release_expired()
        for kept in self.ctx.deadlines.missed(self.connection, self.now):
            self.lock([claim.pool for claim in kept.booking.claims])
            self.miss(kept)
        return expired

    def release_expired(self) -> tuple[Booking, ...]:
        """End the holds and approvals that ran out, by start and id; their pools must be locked."""
        expired = []
        for kept in store.expired_holds(self.connection, self.now):
            self.lock([claim.pool for claim in kept.booking.claims])
            ended = bookings.expire(kept.booking)
            expired.append(self.leave(kept, ended, RAN_OUT[ended.state]))
        return tuple(expired)

    # -- changing ----------------------------------------------------------------------------

    def enter(self, booking: Booking, action: str = "booking.held") -> Booking:
        """Keep a new booking and take its claims."""
        store.add_booking(self.connection, booking)
        self.take(booking)
        self.note(action, booking.id, _booking_note(booking, booking.claims))
        return booking

    def leave(self, kept: KeptBooking, booking: Booking, action: str) -> Booking:
        """Change a booking to a state in which it occupies nothing, and release its claims."""
        self._change(kept, booking)
        self._release(kept.booking, action)
        self.note(action, booking.id, _booking_note(booking, ()))
        return booking

    def change(self, kept: KeptBooking, booking: Booking, action: str) -> Booking:
        """Change a booking that keeps its claims."""
        self._change(kept, booking)
        self.note(action, booking.id, _booking_note(booking, booking.claims))
        return booking

    def replace(self, kept: KeptBooking, booking: Booking, action: str) -> Booking:
        """Change a booking and swap its claims for its new ones."""
        self._release(kept.booking, action)
        self._change(kept, booking)
        self.take(booking)
        self.note(action, booking.id, _booking_note(booking, booking.claims))
        return booking

    def settled(self, kept: KeptBooking) -> KeptBooking:
        """The booking, with the yes written down that silence has said by now, if it has."""
        if not kept.booking.is_confirmed_by_silence(self.now):
            return kept
        self.change(kept, bookings.as_time_leaves(kept.booking, self.now), BY_SILENCE)
        return store.find_booking(self.connection, kept.booking.id)

    def miss(self, kept: KeptBooking) -> Booking:
        """End a booking that nobody came for, with its claims cut at the end of its grace.

        However late that is noted, and whatever its pools hold by now. They must be locked.
        """
        grace = self.ctx.policy.no_show_grace_minutes
        kept = self.settled(kept)
        booking = bookings.miss(kept.booking, grace)
        end = bookings.grace_end(booking.start, grace)
        return self.shorten(kept, booking, end, "booking.no_show")

    def shorten(self, kept: KeptBooking, booking: Booking, end: int, action: str) -> Booking:
        """Change a booking whose claims end at the grain `end`: what follows is free at once.

        `booking` is its next state, with claims cut by `bookings.cut`. Its pools must be locked.
        """
        self._change(kept, booking)
        standing = claims_of(self.connection, [booking.id])
        self.claims.shorten(Owner(booking=booking.id), standing, end)
        self.scratch.gave_back(bookings.rest(kept.booking.claims, end), by_time=action in BY_TIME)
        self.note(action, booking.id, _booking_note(booking, booking.claims))
        return booking

    def _change(self, kept: KeptBooking, booking: Booking) -> None:
        store.change_booking(self.connection, kept, booking)
        if kept.booking.state is State.HELD:  # perhaps held for somebody who waits
            answered(self, kept.booking, booking)

    def _release(self, booking: Booking, action: str) -> None:
        self.claims.release(claims_of(self.connection, [booking.id]))
        self.scratch.gave_back(booking.claims, by_time=action in BY_TIME)

    def take(self, booking: Booking) -> None:
        """Take the claims of a booking under the guard."""
        owner = Owner(booking=booking.id)
        self.claims.take((owner, claim) for claim in booking.claims)
        self.scratch.took(booking.claims)

    def close(self, closure: str, claims: tuple[Claim, ...]) -> None:
        """Take what a closure closes; nothing may stand there any more."""
        owner = Owner(closure=closure)
        self.claims.take((owner, claim) for claim in claims)
        self.scratch.took(claims)

    def reopen(self, closure: str, end: int) -> None:
        """End the claims of a closure at a grain: what follows is open, and free."""
        standing = claims_of_closure(self.connection, closure)
        self.claims.shorten(Owner(closure=closure), standing, end)
        opened = bookings.rest(tuple(each.claim for each in standing), end)
        self.scratch.gave_back(opened, by_time=False)

    def offer_freed(self) -> None:
        """Offer what this transaction has freed to those who wait."""
        if self.scratch.freed:
            offer_freed(self, frozenset(self.scratch.freed))

    def tell(self, action: str, booking: Booking, **more: object) -> None:
        """Note something about a booking as it stands, with what else there is to say of it."""
        self.note(action, booking.id, {**_booking_note(booking, booking.claims), **more})

    def note(self, action: str, subject: str, document: convert.Json) -> None:
        """Write the audit and the outbox row of a change; what time ends, nobody did."""
        actor = name_of(SYSTEM if action in BY_TIME else self.actor)
        told = {**document, **self.about}
        records.write_note(self.connection, Note(self.now, actor, action, subject, told))


def _pools_of(decision: Decision, leaving: Booking | None) -> frozenset[str]:
    claims = leaving.claims if leaving else ()
    if isinstance(decision, Granted):
        claims += decision.offer.claims
    return frozenset(claim.pool for claim in claims)


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
        **({"partners": list(booking.request.partners)} if booking.request.partners else {}),
        **({"expires_at": booking.expires_at.isoformat()} if booking.expires_at else {}),
    }
