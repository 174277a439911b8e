"""Searching, and submitting a request: the one way to a booking."""

from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection

from testbed.domain import allocator, bookings, sharing
from testbed.domain.bookings import Booking
from testbed.domain.parties import Member
from testbed.domain.requests import Decision, Granted, Offer, Reason, Request, Waitlisted
from testbed.persistence import convert, store
from testbed.persistence.apart import keep_apart
from testbed.service import on_behalf, overrides, partners
from testbed.service.actors import name_of, require_acts_for, require_books
from testbed.service.bookings import as_of
from testbed.service.context import Context
from testbed.service.leaving import without
from testbed.service.offering import join
from testbed.service.terms import lasting, named, once
from testbed.service.write import Write, run


@dataclass(frozen=True, slots=True)
class Found:
    """What a search finds: offers within the wish, or the reasons and ways near it."""

    offers: tuple[Offer, ...]
    near: tuple[Offer, ...] = ()
    reasons: tuple[Reason, ...] = ()


@dataclass(frozen=True, slots=True)
class Submitted:
    """The answer to a request; `booking` is the hold, where it was granted."""

    request_id: str
    decision: Decision
    booking: Booking | None


def search(
    ctx: Context, request: Request, now: datetime, limit: int = 10, moving: str | None = None
) -> Found:
    """The best offers for a request, or why there is none and what lies near; keeps nothing.

    `moving` is the id of a booking whose own claims are not in the way. Raises NotFound("booking").
    """
    with (
        ctx.database.reading() as connection,
        ctx.calendar.at(connection, now, request.organisation) as ledger,
        without(ledger, standing_booking(ctx, connection, moving, now)),
    ):
        keep_apart(connection, ledger, [request], ctx.deadlines, now)
        found = allocator.offers(request, ledger, now, limit)
        if found:
            return Found(found)
        near = allocator.near_misses(request, ledger, now)
        return Found((), near, allocator.reasons(request, ledger, now))


def standing_booking(
    ctx: Context, connection: Connection, booking_id: str | None, now: datetime
) -> Booking | None:
    """The booking, if its claims stand in the calendar at this moment.

    Raises NotFound("booking").
    """
    if booking_id is None:
        return None
    booking = as_of(ctx, store.find_booking(connection, booking_id).booking, now)
    return booking if booking.occupies else None


def submit(
    ctx: Context,
    request: Request,
    now: datetime,
    actor: Member,
    key: str | None = None,
    *,
    why: str = "",
    for_member: int | None = None,
) -> Submitted:
    """Decide a request and keep it; a granted one becomes a hold.

    `for_member` is the member of the organisation for whom an operator asks, and who is told.

    An empty request id gets a new one. `why` is the written reason of an operator who sets rules
    aside (`Request.override`). The same `key` of the same actor with the same request
    (whatever its id and moment of submission) gets the answer given before. Raises NotAllowed for
    another organisation, InvalidRequest("idempotency_key_reused"), Stale("lost_race"), and what
    `overrides.checked` does.
    """
    require_acts_for(actor, request.organisation)
    require_books(actor)
    why = overrides.checked(actor, request, why)
    wish = request if request.id else replace(request, id=ctx.new_id())
    asked = {**lasting(request), **_said(why=why, for_member=for_member)}
    own = None if key is None else named(actor, key, asked)

    def work(write: Write) -> Submitted:
        write.lock_organisation(request.organisation)
        return once(
            write,
            own,
            lambda: _decide(write, wish, why, for_member),
            _answer,
            lambda stored: _answered(write, stored),
        )

    return run(ctx, now, actor, work)


def _said(**said: str | int | None) -> convert.Json:
    """What was said beside the wish."""
    return {name: value for name, value in said.items() if value}


def _decide(write: Write, request: Request, why: str, for_member: int | None) -> Submitted:
    on_behalf.require_one_of_theirs(write, request, for_member)
    partners.checked(write.connection, request)
    given = decide_kept(write, request, why)
    on_behalf.note(write, request, for_member)
    return given


def decide_kept(write: Write, request: Request, why: str = "") -> Submitted:
    """Decide a request whose organisation is locked and keep it; a granted one is held."""
    return keep_decided(write, request, write.decide(request), why)


def keep_decided(write: Write, request: Request, decision: Decision, why: str = "") -> Submitted:
    """Keep a request with what has just been decided; a granted one is held."""
    store.save_request(write.connection, request, decision, name_of(write.actor))
    booking = None
    if isinstance(decision, Granted):
        minutes = write.ctx.policy.hold_minutes
        expires_at = sharing.kept_until(request, minutes, decision.offer.start, write.now)
        held = bookings.hold(write.ctx.new_id(), request, decision.offer, expires_at)
        booking = write.enter(held)
    else:
        write.note(f"request.{decision.status}", request.id, {"organisation": request.organisation})
    if isinstance(decision, Waitlisted):
        join(write, request)
    overrides.note(write, request, why, booking)
    return Submitted(request.id, decision, booking)


def _answer(given: Submitted) -> convert.Json:
    booking = given.booking
    if booking is None or booking.expires_at is None:
        return {"request": given.request_id}
    expires_at = booking.expires_at.isoformat()
    return {"request": given.request_id, "booking": booking.id, "expires_at": expires_at}


def _answered(write: Write, stored: convert.Json) -> Submitted:
    """The answer as it was given, whatever became of the booking since."""
    request, decision = store.decided(write.connection, stored["request"])
    booking = None
    if isinstance(decision, Granted):
        expires_at = datetime.fromisoformat(stored["expires_at"])
        booking = bookings.hold(stored["booking"], request, decision.offer, expires_at)
    return Submitted(request.id, decision, booking)
