"""Bookings after the hold: confirm, move, cancel, look at, list, and let holds run out."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from testbed.domain import bookings
from testbed.domain.bookings import Booking, State
from testbed.domain.errors import HoldExpired, IllegalTransition, InvalidRequest, Stale
from testbed.domain.parties import Member
from testbed.domain.requests import Decision, Granted, Request
from testbed.persistence import convert, partners, store
from testbed.persistence.store import KeptBooking
from testbed.persistence.tables import booking as table
from testbed.service import asking, overrides
from testbed.service.actors import (
    SYSTEM,
    acts_for_all,
    name_of,
    require_books,
    require_leads,
    require_sees_booking,
)
from testbed.service.context import Context
from testbed.service.terms import ANY, Terms, lasting, named, once
from testbed.service.write import Write, run


@dataclass(frozen=True, slots=True)
class Moved:
    """The answer to a wish to move; `booking` stands at its new place where it was granted."""

    request_id: str
    decision: Decision
    booking: Booking


def get(ctx: Context, booking_id: str, now: datetime, actor: Member) -> Booking:
    """One booking as it is at this moment: see `as_of`. Raises NotFound("booking")."""
    return get_kept(ctx, booking_id, now, actor).booking


def get_kept(ctx: Context, booking_id: str, now: datetime, actor: Member) -> KeptBooking:
    """One booking as `get` shows it, with its version. Raises NotFound("booking")."""
    with ctx.database.reading() as connection:
        kept = store.find_booking(connection, booking_id)
    require_sees_booking(actor, kept.booking)
    return replace(kept, booking=as_of(ctx, kept.booking, now))


def listing(
    ctx: Context, now: datetime, actor: Member, organisation: str | None = None
) -> tuple[Booking, ...]:
    """Bookings by start: of one organisation; without one, all that the actor may see."""
    chosen = organisation if acts_for_all(actor) else actor.organisation
    where = partners.involves(chosen) if chosen is not None else table.c.id.is_not(None)
    with ctx.database.reading() as connection:
        found = store.find_bookings(connection, where)
    return tuple(as_of(ctx, kept.booking, now) for kept in found)


def confirm(
    ctx: Context, booking_id: str, now: datetime, actor: Member, *, terms: Terms = ANY
) -> Booking:
    """Confirm a hold: see `confirm_kept`. Raises NotFound, Stale("version_changed")."""
    return take_step(ctx, booking_id, now, actor, terms=terms, name="confirm", change=confirm_kept)


def confirm_kept(write: Write, kept: KeptBooking) -> Booking:
    """Confirm a hold whose organisation is locked; it is pending where its rule asks parties.

    Raises HoldExpired, and IllegalTransition, also "partners_missing" while one has not answered.
    """
    after = asking.confirmed(write, kept.booking)
    _require_all_accepted(write, kept.booking)
    write.lock(())
    write.release_ended()
    return asking.change(write, kept, after)


def _require_all_accepted(write: Write, booking: Booking) -> None:
    missing = partners.unanswered(write.connection, booking)
    if missing:
        named = ", ".join(missing)
        raise IllegalTransition("partners_missing", booking=booking.id, organisations=named)


def cancel(
    ctx: Context, booking_id: str, now: datetime, actor: Member, *, terms: Terms = ANY
) -> Booking:
    """Cancel a booking and release its claims.

    Raises NotFound, HoldExpired, IllegalTransition, Stale("version_changed").
    """
    return take_step(ctx, booking_id, now, actor, terms=terms, name="cancel", change=cancel_kept)


def cancel_kept(write: Write, kept: KeptBooking) -> Booking:
    """Cancel a booking whose organisation is locked. Raises HoldExpired, IllegalTransition."""
    # Before the rule is looked up: only bookings to come keep theirs in the catalogue.
    bookings.require_cancellable(kept.booking, write.now)
    rules = write.ctx.calendar.content(write.connection).catalogue.rules
    after = bookings.cancel(kept.booking, rules[kept.booking.rule], write.now)
    write.lock([claim.pool for claim in kept.booking.claims])
    write.release_ended()
    return write.leave(kept, after, "booking.cancelled")


def take_step(
    ctx: Context,
    booking_id: str,
    now: datetime,
    actor: Member,
    *,
    terms: Terms,
    name: str,
    change: Callable[[Write, KeptBooking], Booking],
    by_partners: bool = False,
) -> Booking:
    """Take a booking one step further; the same key again answers the booking as it stands.

    Only its organisation may, or any that takes part where it is a step `by_partners`.
    """
    asked = {name: booking_id}
    key = None if terms.key is None else named(actor, terms.key, asked)

    def work(write: Write) -> Booking:
        kept = locked(write, booking_id, by_partners=by_partners)
        return once(
            write,
            key,
            lambda: change(write, to_change(kept, terms)),
            lambda _: asked,
            lambda _: as_of(ctx, kept.booking, now),
        )

    return run(ctx, now, actor, work)


def move(
    ctx: Context,
    booking_id: str,
    request: Request,
    now: datetime,
    actor: Member,
    *,
    terms: Terms = ANY,
    why: str = "",
) -> Moved:
    """Decide a new wish for a booking without its own claims in the way, and move it if granted.

    It keeps its state and, while held, its `expires_at`; otherwise it stays as it was. `why` is the
    written reason of an operator who sets rules aside. The same key again answers the decision of
    then, and the booking as it stands. Raises NotFound, HoldExpired, IllegalTransition,
    InvalidRequest("booking_of_other_organisation"), Stale, and what `overrides.checked` does.
    """
    wish = request if request.id else replace(request, id=ctx.new_id())
    why = overrides.checked(actor, request, why)
    asked = {"move": booking_id, **lasting(request), **({"why": why} if why else {})}
    key = None if terms.key is None else named(actor, terms.key, asked)

    def work(write: Write) -> Moved:
        kept = locked(write, booking_id)
        return once(
            write,
            key,
            lambda: move_kept(write, to_change(kept, terms), wish, why),
            lambda moved: {"request": moved.request_id},
            lambda stored: moved_before(write, stored, as_of(ctx, kept.booking, now)),
        )

    return run(ctx, now, actor, work)


def move_kept(write: Write, kept: KeptBooking, request: Request, why: str = "") -> Moved:
    """Decide a new wish for a booking whose organisation is locked, and place it if granted.

    Raises HoldExpired, IllegalTransition, InvalidRequest("booking_of_other_organisation").
    """
    leaving = bookings.movable(kept.booking, write.now)
    if request.organisation != leaving.organisation:
        raise InvalidRequest("booking_of_other_organisation", booking=leaving.id)
    # Who takes part, and who is kept apart, stays as it was agreed; who has a place does not wait.
    before = leaving.request
    request = replace(request, partners=before.partners, apart=before.apart, wait=False)
    decision = write.decide(request, leaving)
    store.save_request(write.connection, request, decision, name_of(write.actor))
    if not isinstance(decision, Granted):
        overrides.note(write, request, why, None)
        return Moved(request.id, decision, leaving)
    placed = bookings.placed(replace(leaving, request=request), decision.offer)
    moved = write.replace(kept, asking.moved(write, leaving, placed), "booking.moved")
    asking.ask_again(write, leaving, moved)
    overrides.note(write, request, why, moved)
    return Moved(request.id, decision, moved)


def moved_before(write: Write, stored: convert.Json, booking: Booking) -> Moved:
    """The answer given before to the same key."""
    _, decision = store.decided(write.connection, stored["request"])
    return Moved(stored["request"], decision, booking)


def release_expired(ctx: Context, now: datetime) -> tuple[Booking, ...]:
    """Expire every hold that has run out; a job's step, harmless when run late or twice."""

    def work(write: Write) -> tuple[Booking, ...]:
        write.lock(())
        return write.release_ended()

    return run(ctx, now, SYSTEM, work, settles=True)


def locked(write: Write, booking_id: str, *, by_partners: bool = False) -> KeptBooking:
    """The booking with its organisation locked, if the actor may change it.

    Raises NotFound("booking"), NotAllowed: "lead_organisation_only", "role_not_here";
    Stale("booking_changed") where it went to another organisation while we waited.
    """
    kept = store.find_booking(write.connection, booking_id)
    require = require_sees_booking if by_partners else require_leads
    require(write.actor, kept.booking)
    require_books(write.actor)
    write.lock_organisation(kept.booking.organisation)
    if write.ctx.database.is_sqlite:
        return write.settled(kept)
    again = store.find_booking(write.connection, booking_id)
    if again.booking.organisation != kept.booking.organisation:
        raise Stale("booking_changed", booking=booking_id)
    require(write.actor, again.booking)
    return write.settled(again)


def to_change(kept: KeptBooking, terms: Terms) -> KeptBooking:
    """The booking, if the terms admit it and its hold has not been released."""
    terms.admit(kept)
    if kept.booking.state is State.EXPIRED:
        raise HoldExpired("hold_expired", booking=kept.booking.id)
    return kept


def as_of(ctx: Context, booking: Booking, now: datetime) -> Booking:
    """The booking as it is at this moment, whatever is written: run out, or missed."""
    booking = bookings.as_time_leaves(booking, now)
    if bookings.is_missed(booking, ctx.grace_minutes, now):
        return bookings.miss(booking, ctx.policy.no_show_grace_minutes)
    return booking
