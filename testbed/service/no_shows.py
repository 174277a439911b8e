"""Turning up, or not: check-in, and the release of what nobody came for."""

from datetime import datetime

import structlog

from testbed.domain import bookings
from testbed.domain.bookings import Booking
from testbed.domain.parties import Member
from testbed.persistence import store, visiting
from testbed.persistence.store import KeptBooking
from testbed.service import crew
from testbed.service.actors import SYSTEM, name_of
from testbed.service.bookings import take_step
from testbed.service.context import Context
from testbed.service.terms import ANY, Terms
from testbed.service.write import Write, run

log = structlog.get_logger()


def check_in(
    ctx: Context,
    booking_id: str,
    now: datetime,
    actor: Member,
    *,
    terms: Terms = ANY,
    papers_aside: str | None = None,
) -> Booking:
    """Note that the organisation has come; the booking keeps its place from then on.

    `papers_aside` is an operator's written reason for letting in who lacks papers or crew. Raises
    NotFound("booking"), HoldExpired, Stale("version_changed"), IllegalTransition:
    "check_in_too_early", "check_in_too_late", "crew_incomplete", or for a booking that is not
    confirmed; with `papers_aside` NotAllowed, InvalidRequest("override_without_reason").
    """

    def arrive(write: Write, kept: KeptBooking) -> Booking:
        arrived = bookings.check_in(kept.booking, ctx.grace_minutes, now)
        crew.require_complete(write, kept.booking, papers_aside)
        visiting.arrive(write.connection, arrived.id, now, name_of(write.actor))
        return write.change(kept, arrived, "booking.checked_in")

    return take_step(
        ctx,
        booking_id,
        now,
        actor,
        terms=terms,
        name="check-in",
        change=arrive,
        by_partners=True,
    )


def release_no_shows(ctx: Context, now: datetime) -> tuple[Booking, ...]:
    """End every booking whose grace is over and that nobody checked in; returns them.

    Each in its own transaction, with its claims cut at the end of its grace however late this runs;
    run twice it changes nothing. One that cannot be ended is logged and stops no other.
    """
    with ctx.database.reading() as connection:
        due = ctx.deadlines.all_missed(connection, now)
    ended = (_released(ctx, each, now) for each in due)
    return tuple(booking for booking in ended if booking is not None)


def _released(ctx: Context, booking_id: str, now: datetime) -> Booking | None:
    try:
        return _release(ctx, booking_id, now)
    except Exception:
        log.exception("no_show_not_released", booking=booking_id)
        return None


def _release(ctx: Context, booking_id: str, now: datetime) -> Booking | None:
    """The no-show, None where somebody checked it in, moved or cancelled it meanwhile."""

    def work(write: Write) -> Booking | None:
        kept = _locked(write, store.find_booking(write.connection, booking_id).booking)
        if not bookings.is_missed(kept.booking, ctx.grace_minutes, now):
            return None
        write.lock([claim.pool for claim in kept.booking.claims])
        return write.miss(kept)

    return run(ctx, now, SYSTEM, work)


def _locked(write: Write, booking: Booking) -> KeptBooking:
    """The booking as it stands once its organisation is locked."""
    write.lock_organisation(booking.organisation)
    return store.find_booking(write.connection, booking.id)
