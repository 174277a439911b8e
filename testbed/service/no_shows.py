"""Turning up, or not: check-in, and the release of what nobody came for."""

from datetime import datetime, timedelta

from sqlalchemy import Connection, select

from testbed.domain import bookings
from testbed.domain.bookings import Booking, State
from testbed.domain.parties import Member
from testbed.persistence import store
from testbed.persistence.store import KeptBooking
from testbed.persistence.tables import booking as table
from testbed.service.actors import SYSTEM, require_sees
from testbed.service.context import Context
from testbed.service.write import Write, run


def check_in(ctx: Context, booking_id: str, now: datetime, actor: Member) -> Booking:
    """Note that the organisation has come; the booking keeps its place from then on.

    Raises NotFound("booking"), IllegalTransition: "check_in_too_early", "check_in_too_late", or
    for a booking that is not confirmed.
    """

    def work(write: Write) -> Booking:
        kept = store.find_booking(write.connection, booking_id)
        require_sees(actor, kept.booking.organisation, booking_id)
        kept = _locked(write, kept.booking)
        arrived = bookings.check_in(kept.booking, ctx.policy.no_show_grace_minutes, now)
        return write.change(kept, arrived, "booking.checked_in")

    return run(ctx, now, actor, work)


def release_no_shows(ctx: Context, now: datetime) -> tuple[Booking, ...]:
    """End every booking whose grace is over and that nobody checked in; returns them.

    Each in its own transaction, with its claims cut at the end of its grace however late this runs;
    run twice it changes nothing.
    """
    with ctx.database.reading() as connection:
        due = _due(connection, now, ctx.policy.no_show_grace_minutes)
    ended = (_release(ctx, booking, now) for booking in due)
    return tuple(booking for booking in ended if booking is not None)


def _due(connection: Connection, now: datetime, grace_minutes: int) -> list[Booking]:
    latest = now - timedelta(minutes=grace_minutes)
    late = (table.c.state == State.CONFIRMED.value) & (table.c.start_at <= latest)
    names = connection.execute(select(table.c.id).where(late).order_by(table.c.start_at)).scalars()
    return [store.find_booking(connection, name).booking for name in names]


def _release(ctx: Context, seen: Booking, now: datetime) -> Booking | None:
    """The no-show, None where somebody checked it in, moved or cancelled it meanwhile."""
    grace = ctx.policy.no_show_grace_minutes

    def work(write: Write) -> Booking | None:
        kept = _locked(write, seen)
        if not bookings.is_missed(kept.booking, grace, now):
            return None
        write.lock([claim.pool for claim in kept.booking.claims])
        write.release_expired()
        return write.replace(kept, bookings.miss(kept.booking, grace), "booking.no_show")

    return run(ctx, now, SYSTEM, work)


def _locked(write: Write, booking: Booking) -> KeptBooking:
    """The booking as it stands once its organisation is locked."""
    write.lock_organisation(booking.organisation)
    return store.find_booking(write.connection, booking.id)
