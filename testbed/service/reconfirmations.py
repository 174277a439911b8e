"""Confirming again: bookings of a series are kept only by those who still want them.

From some days before its start on, a booking that came from a series is to be confirmed again; what
is not by its deadline is cancelled free of charge, and goes to those who wait. The member is told
when it is asked for, and always has a day to answer, however late the job runs.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from sqlalchemy import (
    ColumnElement,
    Connection,
    and_,
    exists,
    insert,
    literal_column,
    select,
    update,
)

from testbed.domain import bookings
from testbed.domain.bookings import Booking, State
from testbed.domain.errors import IllegalTransition
from testbed.domain.grid import moment_of
from testbed.domain.parties import Member
from testbed.persistence import store
from testbed.persistence.rules_tables import reconfirmation as table
from testbed.persistence.series_tables import occurrence
from testbed.persistence.store import KeptBooking
from testbed.persistence.tables import booking as booked
from testbed.service.actors import SYSTEM, acts_for_all, name_of, require_acts_for
from testbed.service.bookings import take_step
from testbed.service.context import Context
from testbed.service.terms import ANY, Terms
from testbed.service.write import Write, run

log = structlog.get_logger()

LEAST_TIME = timedelta(days=1)
# Literal, so that the partial index serves.
_CONFIRMED = booked.c.state == literal_column("'confirmed'")
_SAME = and_(table.c.booking == booked.c.id, table.c.start_at == booked.c.start_at)
_OPEN = exists().where(_SAME, table.c.confirmed_at.is_(None))
_OF_A_SERIES = exists().where(occurrence.c.booking == booked.c.id)


@dataclass(frozen=True, slots=True)
class Asked:
    """A booking that is to be confirmed again by `due_at`."""

    booking: Booking
    due_at: datetime


def asked_of(ctx: Context, booking: Booking) -> datetime | None:
    """By when this booking is to be confirmed again; None where that is not asked."""
    if booking.state is not State.CONFIRMED:
        return None
    with ctx.database.reading() as connection:
        return _due_at(connection, booking)


def listing(
    ctx: Context, now: datetime, actor: Member, organisation: str | None = None
) -> tuple[Asked, ...]:
    """What is to be confirmed again, by start; of one organisation, or all that the actor may see.

    Raises NotAllowed("other_organisation").
    """
    chosen = organisation if acts_for_all(actor) else organisation or actor.organisation
    where = and_(_CONFIRMED, booked.c.start_at > now, _OPEN)
    if chosen is not None:
        require_acts_for(actor, chosen)
        where = and_(where, booked.c.organisation == chosen)
    with ctx.database.reading() as connection:
        found = [each.booking for each in store.find_bookings(connection, where)]
        due = [_due_at(connection, each) for each in found]
    return tuple(Asked(each, at) for each, at in zip(found, due, strict=True) if at)


def _due_at(connection: Connection, booking: Booking) -> datetime | None:
    query = select(table.c.due_at).where(_is_of(booking), table.c.confirmed_at.is_(None))
    return connection.execute(query).scalar_one_or_none()


def _is_of(booking: Booking) -> ColumnElement[bool]:
    return and_(table.c.booking == booking.id, table.c.start_at == moment_of(booking.start))


# -- the member ------------------------------------------------------------------------------


def reconfirm(
    ctx: Context, booking_id: str, now: datetime, actor: Member, *, terms: Terms = ANY
) -> Booking:
    """Confirm a booking again.

    Raises NotFound("booking"), Stale("version_changed"), IllegalTransition("not_to_reconfirm").
    """
    return take_step(ctx, booking_id, now, actor, terms=terms, name="reconfirm", change=_confirmed)


def _confirmed(write: Write, kept: KeptBooking) -> Booking:
    booking = kept.booking
    done = {"confirmed_at": write.now, "confirmed_by": name_of(write.actor)}
    mine = and_(_is_of(booking), table.c.confirmed_at.is_(None))
    is_open = booking.state is State.CONFIRMED
    if not is_open or not write.connection.execute(update(table).where(mine).values(done)).rowcount:
        raise IllegalTransition("not_to_reconfirm", booking=booking.id)
    write.tell("booking.reconfirmed", booking)
    return booking


# -- the job ---------------------------------------------------------------------------------


def ask(ctx: Context, now: datetime) -> int:
    """Ask for the bookings of series that begin soon, once for each start; returns how many.

    Not for those that were asked for after the days had begun: they were wanted just now.
    """
    days = timedelta(days=ctx.policy.reconfirm_days)
    if not days:
        return 0
    soon = booked.c.start_at.between(now + LEAST_TIME, now + days)
    where = and_(_CONFIRMED, soon, _OF_A_SERIES, ~exists().where(_SAME))
    with ctx.database.reading() as connection:
        found = [each.booking for each in store.find_bookings(connection, where)]
    wanted = [each for each in found if each.request.submitted_at <= moment_of(each.start) - days]
    return sum(_ask(ctx, each, now) for each in wanted)


def _ask(ctx: Context, booking: Booking, now: datetime) -> bool:
    """Ask for one; False where it has changed meanwhile."""

    def work(write: Write) -> bool:
        write.lock_organisation(booking.organisation)
        kept = store.find_booking(write.connection, booking.id).booking
        if kept.state is not State.CONFIRMED or kept.start != booking.start:
            return False
        start = moment_of(kept.start)
        until = timedelta(days=write.ctx.policy.reconfirm_until_days)
        due_at = max(start - until, now + LEAST_TIME)
        row = {"booking": kept.id, "start_at": start, "asked_at": now, "due_at": due_at}
        write.connection.execute(insert(table), row)
        write.tell("booking.to_reconfirm", kept, deadline=due_at.isoformat())
        return True

    return run(ctx, now, SYSTEM, work)


def give_up(ctx: Context, now: datetime) -> tuple[Booking, ...]:
    """Cancel what was not confirmed again in time, free of charge; returns these bookings.

    Each in its own transaction; one that cannot be cancelled is logged and stops no other.
    """
    late = exists().where(_SAME, table.c.confirmed_at.is_(None), table.c.due_at <= now)
    where = and_(_CONFIRMED, booked.c.start_at > now, late)
    with ctx.database.reading() as connection:
        due = [each.booking.id for each in store.find_bookings(connection, where)]
    given = (_given_up(ctx, each, now) for each in due)
    return tuple(booking for booking in given if booking is not None)


def _given_up(ctx: Context, booking_id: str, now: datetime) -> Booking | None:
    def work(write: Write) -> Booking | None:
        booking = store.find_booking(write.connection, booking_id).booking
        write.lock_organisation(booking.organisation)
        kept = store.find_booking(write.connection, booking_id)
        due_at = _due_at(write.connection, kept.booking)
        if kept.booking.state is not State.CONFIRMED or due_at is None or due_at > now:
            return None
        write.lock([claim.pool for claim in kept.booking.claims])
        return write.leave(kept, bookings.give_up(kept.booking), "booking.not_reconfirmed")

    try:
        return run(ctx, now, SYSTEM, work)
    except Exception:
        log.exception("not_given_up", booking=booking_id)
        return None
