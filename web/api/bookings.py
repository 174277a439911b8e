"""Bookings: list and look, confirm, cancel, move."""

from collections.abc import Callable
from datetime import date, datetime, timedelta

from flask import Response

from testbed.domain.bookings import Booking
from testbed.domain.grid import local_midnight, moment_of
from testbed.domain.requests import Granted
from testbed.service import bookings as service
from testbed.service import listings, no_shows, reconfirmations
from testbed.service.listings import BookingsWanted as Wanted
from testbed.service.tokens import Scope
from web.api.answers.booking import BookingAnswer, BookingPage, MovedAnswer
from web.api.bearer import caller
from web.api.endpoint import CHANGES, endpoint, noun, problems
from web.api.mending import repairs_of
from web.api.paging import cursor_at, mark_at
from web.api.replying import changed_booking, fresh_booking, reply, terms_of
from web.api.showing import booking_answer, decision_answer, fee_krw
from web.api.wishes import request_of
from web.deps import DEFAULT_ZONE, context, now, read_tariffs
from web.queries import BookingsWanted
from web.schemas import Careful, Conditional, MoveIn, Named

STEPS = {**CHANGES, **problems(412)}

blueprint = noun("bookings", "Places held, confirmed and used")


@blueprint.get("/bookings", responses={200: BookingPage})
@endpoint(Scope.READ)
def listing(query: BookingsWanted) -> Response:
    """List bookings by start."""
    page = listings.bookings(
        context(),
        _wanted(query),
        now(),
        caller(),
        after=mark_at(query.cursor),
        limit=query.limit,
    )
    read_tariffs([each.booking for each in page.items])
    items = [booking_answer(each.booking, each.version) for each in page.items]
    return reply(BookingPage(items=items, next=cursor_at(page.next)))


def _wanted(query: BookingsWanted) -> Wanted:
    following = None if query.until is None else query.until + timedelta(days=1)
    return Wanted(
        organisation=query.organisation,
        states=frozenset(query.state) or None,
        resource=query.resource,
        since=_midnight(query.since),
        until=_midnight(following),
    )


def _midnight(day: date | None) -> datetime | None:
    return None if day is None else moment_of(local_midnight(day, DEFAULT_ZONE))


@blueprint.get("/bookings/<id>", responses={200: BookingAnswer, 304: None})
@endpoint(Scope.READ)
def one(path: Named, header: Conditional) -> Response:
    """Show one booking as it stands now."""
    kept = service.get_kept(context(), path.id, now(), caller())
    return fresh_booking(kept.booking, kept.version, header)


@blueprint.post("/bookings/<id>/confirm", responses={200: BookingAnswer, **STEPS})
@endpoint(Scope.BOOK, "submit")
def confirm(path: Named, header: Careful) -> Response:
    """Make a hold a booking."""
    return _step(service.confirm, path, header)


@blueprint.post("/bookings/<id>/check-in", responses={200: BookingAnswer, **STEPS})
@endpoint(Scope.BOOK, "submit")
def check_in(path: Named, header: Careful) -> Response:
    """Note that the organisation has come: from an hour before the start until its grace ends."""
    return _step(no_shows.check_in, path, header)


@blueprint.post("/bookings/<id>/cancel", responses={200: BookingAnswer, **STEPS})
@endpoint(Scope.BOOK, "submit")
def cancel(path: Named, header: Careful) -> Response:
    """Give the place back."""
    return _step(service.cancel, path, header)


@blueprint.post("/bookings/<id>/reconfirm", responses={200: BookingAnswer, **STEPS})
@endpoint(Scope.BOOK, "submit")
def reconfirm(path: Named, header: Careful) -> Response:
    """Confirm a booking of a series again; what is not by its deadline is cancelled for free."""
    return _step(reconfirmations.reconfirm, path, header)


def _step(step: Callable[..., Booking], path: Named, header: Careful) -> Response:
    step(context(), path.id, now(), caller(), terms=terms_of(header))
    kept = service.get_kept(context(), path.id, now(), caller())
    return changed_booking(kept.booking, kept.version)


@blueprint.post("/bookings/<id>/move", responses={200: MovedAnswer, **STEPS})
@endpoint(Scope.BOOK, "submit")
def move(path: Named, body: MoveIn, header: Careful) -> Response:
    """Decide a new wish for a booking; where it is granted, the booking stands there."""
    ctx, actor = context(), caller()
    before = service.get(ctx, path.id, now(), actor)
    owner, fee = before.organisation, fee_krw(before)
    asked = request_of(body, owner)
    terms, why = terms_of(header), body.override_reason
    moved = service.move(ctx, path.id, asked, now(), actor, terms=terms, why=why)
    kept = service.get_kept(ctx, path.id, now(), actor)
    return reply(
        MovedAnswer(
            request=moved.request_id,
            decision=decision_answer(moved.decision, owner),
            booking=booking_answer(kept.booking, kept.version),
            fee_change_krw=_change(fee, fee_krw(kept.booking)),
            repairs=[]
            if isinstance(moved.decision, Granted)
            else repairs_of(asked, moving=path.id),
        )
    )


def _change(before: int | None, after: int | None) -> int | None:
    return None if before is None or after is None else after - before
