"""Bookings after the hold: confirm, move, cancel, look at, list, and let holds run out."""

from dataclasses import dataclass, replace
from datetime import datetime

from testbed.domain import bookings
from testbed.domain.bookings import Booking, State
from testbed.domain.errors import HoldExpired, InvalidRequest
from testbed.domain.parties import Member
from testbed.domain.requests import Decision, Granted, Request
from testbed.persistence import store
from testbed.persistence.store import KeptBooking
from testbed.persistence.tables import booking as table
from testbed.service.actors import SYSTEM, acts_for_all, name_of, require_sees
from testbed.service.context import Context
from testbed.service.write import Write, run


@dataclass(frozen=True, slots=True)
class Moved:
    """The answer to a wish to move; `booking` stands at its new place where it was granted."""

    request_id: str
    decision: Decision
    booking: Booking


def get(ctx: Context, booking_id: str, now: datetime, actor: Member) -> Booking:
    """One booking; a hold that ran out shows as expired. Raises NotFound("booking")."""
    with ctx.database.reading() as connection:
        kept = store.find_booking(connection, booking_id)
    require_sees(actor, kept.booking.organisation, booking_id)
    return _as_of(kept.booking, now)


def listing(
    ctx: Context, now: datetime, actor: Member, organisation: str | None = None
) -> tuple[Booking, ...]:
    """Bookings by start: of one organisation; without one, all that the actor may see."""
    chosen = organisation if acts_for_all(actor) else actor.organisation
    where = table.c.organisation == chosen if chosen is not None else table.c.id.is_not(None)
    with ctx.database.reading() as connection:
        found = store.find_bookings(connection, where)
    return tuple(_as_of(kept.booking, now) for kept in found)


def confirm(ctx: Context, booking_id: str, now: datetime, actor: Member) -> Booking:
    """Confirm a hold. Raises NotFound, HoldExpired, IllegalTransition."""

    def work(write: Write) -> Booking:
        kept = _to_change(write, booking_id)
        confirmed = bookings.confirm(kept.booking, now)
        write.lock(())
        write.release_expired()
        return write.change(kept, confirmed, "booking.confirmed")

    return run(ctx, now, actor, work)


def cancel(ctx: Context, booking_id: str, now: datetime, actor: Member) -> Booking:
    """Cancel a booking and release its claims. Raises NotFound, HoldExpired, IllegalTransition."""

    def work(write: Write) -> Booking:
        kept = _to_change(write, booking_id)
        rules = write.ctx.calendar.content(write.connection).catalogue.rules
        cancelled = bookings.cancel(kept.booking, rules[kept.booking.rule], now)
        write.lock([claim.pool for claim in kept.booking.claims])
        write.release_expired()
        return write.leave(kept, cancelled, "booking.cancelled")

    return run(ctx, now, actor, work)


def move(ctx: Context, booking_id: str, request: Request, now: datetime, actor: Member) -> Moved:
    """Decide a new wish for a booking without its own claims in the way, and move it if granted.

    It keeps its state and, while held, its `expires_at`; otherwise it stays as it was. Raises
    NotFound, HoldExpired, IllegalTransition, InvalidRequest("other_organisation"), Stale.
    """
    named = request if request.id else replace(request, id=ctx.new_id())

    def work(write: Write) -> Moved:
        kept = _to_change(write, booking_id)
        leaving = bookings.movable(kept.booking, now)
        if request.organisation != leaving.organisation:
            raise InvalidRequest("booking_of_other_organisation", booking=booking_id)
        decision = write.decide(named, leaving)
        store.save_request(write.connection, named, decision, name_of(actor))
        if not isinstance(decision, Granted):
            return Moved(named.id, decision, leaving)
        moved = bookings.placed(replace(leaving, request=named), decision.offer)
        return Moved(named.id, decision, write.replace(kept, moved, "booking.moved"))

    return run(ctx, now, actor, work)


def release_expired(ctx: Context, now: datetime) -> tuple[Booking, ...]:
    """Expire every hold that has run out; a job's step, harmless when run late or twice."""

    def work(write: Write) -> tuple[Booking, ...]:
        write.lock(())
        return write.release_expired()

    return run(ctx, now, SYSTEM, work)


def _to_change(write: Write, booking_id: str) -> KeptBooking:
    """The booking with its organisation locked, if the actor may change it."""
    kept = store.find_booking(write.connection, booking_id)
    require_sees(write.actor, kept.booking.organisation, booking_id)
    write.lock_organisation(kept.booking.organisation)
    if not write.ctx.database.is_sqlite:  # it may have changed while we waited for the lock
        kept = store.find_booking(write.connection, booking_id)
    if kept.booking.state is State.EXPIRED:
        raise HoldExpired("hold_expired", booking=booking_id)
    return kept


def _as_of(booking: Booking, now: datetime) -> Booking:
    return bookings.expire(booking) if booking.is_expired(now) else booking
