"""Approvals: the queue, and the answers of the parties."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

import structlog
from sqlalchemy import Connection, select

from testbed.domain import approvals
from testbed.domain.approvals import Answer, Approval, Party
from testbed.domain.bookings import Booking, State
from testbed.domain.errors import NotFound
from testbed.domain.grid import moment_of
from testbed.domain.parties import Member
from testbed.persistence import approving, store
from testbed.persistence.run_out import PENDING, confirmed_by_silence
from testbed.persistence.store import KeptBooking
from testbed.persistence.tables import audit
from testbed.persistence.tables import booking as table
from testbed.service.actors import SYSTEM, require_operator, require_sees_booking
from testbed.service.approvers import Approvers, known_approvers
from testbed.service.asking import about
from testbed.service.bookings import take_step
from testbed.service.context import Context
from testbed.service.listings import Mark
from testbed.service.terms import ANY, Terms
from testbed.service.write import Write, run

DUE = "approval.due"
log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Wait:
    """A booking that waits for approval, its approvals, and for whom the actor may speak."""

    kept: KeptBooking
    approvals: tuple[Approval, ...]
    open_to_me: frozenset[Party]

    @property
    def booking(self) -> Booking:
        """The booking."""
        return self.kept.booking

    @property
    def mark(self) -> Mark:
        """Where it stands in the queue: by its deadline."""
        return Mark(self.booking.expires_at or moment_of(self.booking.start), self.booking.id)


def of_booking(
    ctx: Context, booking: Booking, now: datetime, actor: Member
) -> tuple[tuple[Approval, ...], frozenset[Party]]:
    """What was asked about a booking in its last round, and for whom the actor may answer now.

    Raises NotFound("booking") for who may not see it.
    """
    require_sees_booking(actor, booking)
    with ctx.database.reading() as connection:
        asked = approving.current(connection, booking.id)
        who = known_approvers(connection)
    is_open = booking.state is State.PENDING and not booking.is_expired(now)
    return asked, _open_to(actor, asked, who) if is_open else frozenset()


def queue(ctx: Context, now: datetime, actor: Member, *, mine: bool = False) -> tuple[Wait, ...]:
    """The bookings that wait, the earliest deadline first; `mine`: those the actor may answer.

    Raises NotAllowed("operators_only").
    """
    require_operator(actor)
    with ctx.database.reading() as connection:
        found = store.find_bookings(connection, ctx.deadlines.shows(State.PENDING, now))
        asked = approving.of_bookings(connection, [each.booking.id for each in found])
        who = known_approvers(connection)
    waits = [
        Wait(kept, parts, _open_to(actor, parts, who))
        for kept in found
        for parts in [asked.get(kept.booking.id, ())]
    ]
    chosen = (each for each in waits if each.open_to_me or not mine)
    return tuple(sorted(chosen, key=lambda each: (each.mark.at, each.mark.id)))


def _open_to(actor: Member, asked: Collection[Approval], who: Approvers) -> frozenset[Party]:
    return frozenset(
        each.party for each in asked if each.answer is None and who.may_answer(actor, each)
    )


# -- answering -------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Given:
    """What is said for a party; `text` holds the conditions of a yes or the reason of a no."""

    party: Party
    answer: Answer
    text: str = ""


def answer(
    ctx: Context, booking_id: str, given: Given, now: datetime, actor: Member, *, terms: Terms = ANY
) -> Booking:
    """Answer for a party: the last yes confirms the booking, one no frees its place at once.

    Raises NotFound: "booking", "approval"; NotAllowed: "operators_only", "not_this_party";
    InvalidRequest: "approval_reason_needed", "approval_text_too_long"; IllegalTransition:
    "not_pending", "approval_over", "approval_answered"; Stale("version_changed").
    """
    require_operator(actor)
    name = f"{given.answer} for {given.party}: {given.text}"
    change = partial(_answered, given)
    return take_step(ctx, booking_id, now, actor, terms=terms, name=name, change=change)


def _answered(given: Given, write: Write, kept: KeptBooking) -> Booking:
    approvals.require_open(kept.booking, write.now)
    asked = _asked_of(write, kept.booking, given.party)
    who = known_approvers(write.connection)
    who.require_may_answer(write.actor, asked)
    stands_in = not who.is_own(write.actor, asked)
    by = write.actor.id
    after = approvals.answered(asked, given.answer, given.text, by, write.now, stands_in=stands_in)
    approving.keep_answer(write.connection, after)
    return _decide(write, kept, after)


def _asked_of(write: Write, booking: Booking, party: Party) -> Approval:
    asked = approving.current(write.connection, booking.id)
    for each in asked:
        if each.party is party:
            return each
    raise NotFound("approval", booking=booking.id, party=party.value)


def _decide(write: Write, kept: KeptBooking, given: Approval) -> Booking:
    """Keep what becomes of the booking by one more answer."""
    asked = approving.current(write.connection, kept.booking.id)
    after = approvals.decided(kept.booking, asked, write.now)
    _lock(write, after)
    fields = {**about(kept.booking, [given]), "text": given.text}
    write.note(f"approval.{given.answer}", kept.booking.id, fields)
    if after.state is State.REJECTED:
        return write.leave(kept, after, "booking.rejected")
    if after.state is State.CONFIRMED:
        return write.change(kept, after, "booking.confirmed")
    return after


def _lock(write: Write, after: Booking) -> None:
    """What the answer frees, and what time has ended before it."""
    freed = after.claims if after.state is State.REJECTED else ()
    write.lock([claim.pool for claim in freed])
    write.release_ended()


# -- what time brings ------------------------------------------------------------------------


def settle(ctx: Context, now: datetime) -> tuple[str, ...]:
    """Write down what silence has decided by now; the ids of the bookings it was written for.

    A yes is written one booking at a time; one that cannot be is logged and stops no other. The
    noes end with the holds that ran out.
    """
    with ctx.database.reading() as connection:
        due = select(table.c.id).where(confirmed_by_silence(now))
        names = list(connection.execute(due.order_by(table.c.expires_at, table.c.id)).scalars())
    return tuple(name for name in names if _settled(ctx, name, now))


def _settled(ctx: Context, booking_id: str, now: datetime) -> bool:
    def work(write: Write) -> bool:
        kept = store.find_booking(write.connection, booking_id)
        write.lock_organisation(kept.booking.organisation)
        kept = store.find_booking(write.connection, booking_id)
        return write.settled(kept).version != kept.version

    try:
        return run(ctx, now, SYSTEM, work)
    except Exception:
        log.exception("approval_not_settled", booking=booking_id)
        return False


def remind(ctx: Context, now: datetime, ahead: timedelta) -> int:
    """Note once per round that its deadline is near; returns for how many bookings.

    However late this runs. A round that began later than `ahead` before its deadline needs none.
    """
    near = PENDING & table.c.expires_at.between(now, now + ahead)
    with ctx.database.reading() as connection:
        found = [each.booking.id for each in store.find_bookings(connection, near)]
    return sum(run(ctx, now, SYSTEM, partial(_remind, name, ahead)) for name in found)


def _remind(booking_id: str, ahead: timedelta, write: Write) -> bool:
    booking = store.find_booking(write.connection, booking_id).booking
    write.lock_organisation(booking.organisation)
    asked = approving.current(write.connection, booking_id)
    missing = [each for each in asked if each.answer is None]
    if not missing or _is_reminded(write.connection, missing[0]):
        return False
    if missing[0].deadline - missing[0].asked_at <= ahead:
        return False
    write.note(DUE, booking_id, about(booking, missing))
    return True


def _is_reminded(connection: Connection, asked: Approval) -> bool:
    since = (audit.c.action == DUE) & (audit.c.at >= asked.asked_at)
    query = select(audit.c.id).where(audit.c.subject == asked.booking, since)
    return connection.execute(query.limit(1)).first() is not None
