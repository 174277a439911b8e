"""The day of a booking: leaving, staying too long, never checking out, and who is where now."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from sqlalchemy import Connection, select

from testbed.domain import visits
from testbed.domain.bookings import Booking, State
from testbed.domain.grid import GRAINS_PER_HOUR, ceil_grain, floor_grain, grains_in, moment_of
from testbed.domain.parties import Member
from testbed.domain.requests import Claim
from testbed.domain.visits import Ending, Visit
from testbed.persistence import closings, convert, store, visiting
from testbed.persistence.claims import users_of
from testbed.persistence.store import KeptBooking
from testbed.persistence.tables import booking as table
from testbed.persistence.tables import line
from testbed.service.actors import SYSTEM, name_of, require_operator, require_sees_booking
from testbed.service.bookings import as_of, take_step
from testbed.service.context import Context
from testbed.service.terms import ANY, Terms
from testbed.service.write import Write, run

ON_THE_BOARD = frozenset(
    {
        State.PENDING,
        State.CONFIRMED,
        State.CHECKED_IN,
        State.COMPLETED,
        State.NO_SHOW,
        State.DISPLACED,
    }
)
log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Day:
    """The bookings that meet some time, by start, and the visits that were made."""

    bookings: tuple[Booking, ...]
    visits: Mapping[str, Visit]


def check_out(
    ctx: Context, booking_id: str, now: datetime, actor: Member, *, terms: Terms = ANY
) -> Booking:
    """Note that the organisation has left; what remains of its place is free at once.

    Raises NotFound("booking"), Stale("version_changed"), and IllegalTransition for a booking that
    is not checked in.
    """

    def leave(write: Write, kept: KeptBooking) -> Booking:
        left = visits.check_out(kept.booking, now)
        return _end(write, kept, left, Ending.LEFT, "booking.checked_out")

    return take_step(ctx, booking_id, now, actor, terms=terms, name="check-out", change=leave)


def _end(write: Write, kept: KeptBooking, after: Booking, how: Ending, action: str) -> Booking:
    write.lock([claim.pool for claim in kept.booking.claims])
    visiting.leave(write.connection, after.id, write.now, name_of(write.actor), how)
    if after.claims == kept.booking.claims:
        return write.change(kept, after, action)
    return write.shorten(kept, after, visits.free_from(kept.booking, write.now), action)


# -- what the clock does ---------------------------------------------------------------------


def complete_forgotten(ctx: Context, now: datetime, hours: int) -> int:
    """Complete what nobody checked out so many hours after its end; returns how many.

    Each in its own transaction; one that cannot be completed is logged and stops no other.
    """
    over = table.c.end_at <= now - timedelta(hours=hours)
    with ctx.database.reading() as connection:
        query = select(table.c.id).where(visiting.CHECKED_IN, over)
        due = connection.execute(query.order_by(table.c.end_at, table.c.id)).scalars().all()
    return sum(_completed(ctx, each, now, hours) for each in due)


def _completed(ctx: Context, booking_id: str, now: datetime, hours: int) -> bool:
    def work(write: Write) -> bool:
        kept = store.find_booking(write.connection, booking_id)
        write.lock_organisation(kept.booking.organisation)
        kept = store.find_booking(write.connection, booking_id)
        if not visits.is_forgotten(kept.booking, hours, now):
            return False
        after = visits.check_out(kept.booking, now)
        _end(write, kept, after, Ending.NOT_CHECKED_OUT, "booking.not_checked_out")
        return True

    try:
        return run(ctx, now, SYSTEM, work)
    except Exception:
        log.exception("visit_not_completed", booking=booking_id)
        return False


def warn_of_overruns(ctx: Context, now: datetime, ahead_minutes: int) -> int:
    """Tell the next ones whose place is not free yet, each once; returns how many were told.

    Those are told for whom there is no room beside the overrunning booking, if it stays for so many
    minutes yet.
    """
    staying = [each for each in _there(ctx) if visits.overruns(each, now)]
    return sum(_warned(ctx, each, now, grains_in(ahead_minutes)) for each in staying)


def _there(ctx: Context) -> list[Booking]:
    with ctx.database.reading() as connection:
        found = store.find_bookings(connection, visiting.CHECKED_IN)
    return [each.booking for each in found]


def _warned(ctx: Context, overrunning: Booking, now: datetime, ahead: int) -> int:
    def work(write: Write) -> int:
        told = 0
        for each in _following(write, overrunning, ahead):
            if visiting.tell(write.connection, overrunning.id, each.id, now):
                write.note("booking.overrun_ahead", each.id, _brief(each))
                told += 1
        return told

    return run(ctx, now, SYSTEM, work)


def _following(write: Write, overrunning: Booking, ahead: int) -> list[Booking]:
    """The confirmed bookings that begin meanwhile and have no room beside it."""
    connection, now = write.connection, write.now
    taken = visits.still_taken(overrunning, now, ahead)
    with write.ctx.database.reading() as other, write.ctx.calendar.at(other, now) as ledger:
        tight = [each for each in taken if not ledger.fits([each])]
    names = {name for each in tight for name in users_of(connection, [each.pool], each.start)}
    names.discard(overrunning.id)
    # Kept from changing: their notes tell the claims that they have.
    closings.lock_bookings(connection, names)
    found = store.find_bookings(connection, table.c.id.in_(names)) if names else []
    return [each.booking for each in found if _meets(each.booking, tight)]


def _meets(booking: Booking, tight: list[Claim]) -> bool:
    pools = {each.pool for each in tight}
    until = max(each.end for each in tight)
    return booking.state in (State.CONFIRMED, State.PENDING) and any(
        claim.pool in pools and claim.start < until for claim in booking.claims
    )


def _brief(booking: Booking) -> convert.Json:
    return {
        "organisation": booking.organisation,
        "request": booking.request.id,
        "state": booking.state.value,
        "start": booking.start,
        "end": booking.end,
        "lines": [convert.line_to_json(each) for each in booking.lines],
        "claims": [convert.claim_to_json(each) for each in booking.claims],
    }


# -- looking ---------------------------------------------------------------------------------


def visit_of(ctx: Context, booking_id: str, actor: Member) -> Visit | None:
    """When they came and left, None before they came. Raises NotFound("booking")."""
    with ctx.database.reading() as connection:
        kept = store.find_booking(connection, booking_id)
        require_sees_booking(actor, kept.booking)
        return visiting.visits_of(connection, [booking_id]).get(booking_id)


def is_kept_waiting(ctx: Context, booking: Booking) -> bool:
    """Whether somebody was still on its place past their end when this was last looked at."""
    with ctx.database.reading() as connection:
        return bool(visiting.overrun_by(connection, booking.id))


def between(ctx: Context, since: datetime, until: datetime, now: datetime, actor: Member) -> Day:
    """Every booking of the day that meets [since, until), and who is still there from before.

    Raises NotAllowed("operators_only").
    """
    require_operator(actor)
    with ctx.database.reading() as connection:
        names = _meeting(ctx, connection, since, until)
        known = table.c.id.in_(names) & table.c.state.in_([each.value for each in ON_THE_BOARD])
        found = {
            kept.booking.id: as_of(ctx, kept.booking, now)
            for where in (known, visiting.CHECKED_IN)
            for kept in store.find_bookings(connection, where)
        }
        made = visiting.visits_of(connection, found)
    return Day(tuple(sorted(found.values(), key=lambda each: (each.start, each.id))), made)


def _meeting(ctx: Context, connection: Connection, since: datetime, until: datetime) -> list[str]:
    """The bookings with a line that meets the time; the bound keeps the index range short."""
    first, end = floor_grain(since), ceil_grain(until)
    longest = ctx.policy.longest_booking_hours * GRAINS_PER_HOUR
    query = select(line.c.booking).distinct()
    meets = query.where(
        line.c.start_grain < end, line.c.start_grain > first - longest, line.c.end_grain > first
    )
    return list(connection.execute(meets).scalars())


def ended_at(booking: Booking, visit: Visit | None) -> datetime:
    """When a booking was over in fact; as booked where nobody noted it."""
    return visit.left_at if visit and visit.left_at else moment_of(booking.end)
