"""The waitlist: who waits, where and why, and the answers to what is held."""

from typing import Literal

from flask import Response
from pydantic import Field

from testbed.domain.grid import moment_of
from testbed.domain.waitlist import Rank
from testbed.service import bookings, offered
from testbed.service import waitlist as service
from testbed.service.terms import Terms
from testbed.service.tokens import Scope
from testbed.service.waitlist import Place
from web.api.answers.booking import BookingAnswer, WishAnswer
from web.api.answers.common import Answer, Moment, Next
from web.api.bearer import caller
from web.api.endpoint import CHANGES, endpoint, noun
from web.api.paging import cursor_of, parts_of
from web.api.replying import changed_booking, reply
from web.api.showing import utc
from web.api.wishes import wish_answer
from web.deps import context, now
from web.schemas import Id, Named, Once, Paged

WaitingState = Literal["waiting", "offered", "served", "withdrawn", "lapsed", "unanswered"]

blueprint = noun("waitlist", "Requests that wait, and what is held for them")


class FiguresAnswer(Answer):
    """The points behind a place, in milli-points: the least `total` is served first."""

    burden: int = Field(description="What the organisation has used lately")
    waited: int = Field(description="Credit for the time that the request has waited")
    total: int


class PlaceAnswer(Answer):
    """Where a request stands. Of those ahead only their points are told."""

    id: str = Field(description="The id of the request")
    organisation: str
    state: WaitingState
    wish: WishAnswer
    partial: bool = Field(description="Whether a part of the wish serves as well")
    until: Moment = Field(description="The last start that serves")
    position: int = Field(description="From 1; 0 for a request that does not wait")
    of: int = Field(description="How many ask for one of the same places")
    own: FiguresAnswer | None
    ahead: list[FiguresAnswer]
    booking: str | None = Field(description="What is held for it now, or was last")
    passed: int = Field(description="Offers that were not taken")


class PlacePage(Answer):
    """Those who hold an offer, then those who wait, the first in rank first."""

    items: list[PlaceAnswer]
    next: Next


class PlacesWanted(Paged):
    """Which requests are listed."""

    organisation: Id | None = Field(default=None, description="For those who act for all")


@blueprint.get("/waitlist", responses={200: PlacePage})
@endpoint(Scope.READ)
def listing(query: PlacesWanted) -> Response:
    """List who waits; to join it, send a request with `wait`."""
    places = service.listing(context(), now(), caller(), query.organisation)
    names = [each.entry.id for each in places]
    first = 0
    if query.cursor is not None:
        [last] = parts_of(query.cursor, 1)
        # Who was last on the page before may be served by now: then it begins anew.
        first = names.index(last) + 1 if last in names else 0
    page = places[first : first + query.limit]
    more = first + query.limit < len(places)
    items = [_place(each) for each in page]
    return reply(PlacePage(items=items, next=cursor_of(page[-1].entry.id) if more else None))


@blueprint.get("/waitlist/<id>", responses={200: PlaceAnswer})
@endpoint(Scope.READ)
def one(path: Named) -> Response:
    """Show where a request stands."""
    return reply(_place(service.one(context(), path.id, now(), caller())))


@blueprint.post("/waitlist/<id>/withdraw", responses={200: PlaceAnswer, **CHANGES})
@endpoint(Scope.BOOK, "submit")
def withdraw(path: Named, header: Once) -> Response:
    """Take a request off the waitlist."""
    terms = Terms(key=header.idempotency_key)
    service.withdraw(context(), path.id, now(), caller(), terms=terms)
    return reply(_place(service.one(context(), path.id, now(), caller())))


@blueprint.post("/waitlist/<id>/accept", responses={200: BookingAnswer, **CHANGES})
@endpoint(Scope.BOOK, "submit")
def accept(path: Named, header: Once) -> Response:
    """Take what is held for a request: it becomes a booking."""
    terms = Terms(key=header.idempotency_key)
    return _answered(offered.accept(context(), path.id, now(), caller(), terms=terms).id)


@blueprint.post("/waitlist/<id>/decline", responses={200: BookingAnswer, **CHANGES})
@endpoint(Scope.BOOK, "submit")
def decline(path: Named, header: Once) -> Response:
    """Give back what is held; the next in rank gets it, and the request waits on."""
    terms = Terms(key=header.idempotency_key)
    return _answered(offered.decline(context(), path.id, now(), caller(), terms=terms).id)


def _answered(booking: str) -> Response:
    kept = bookings.get_kept(context(), booking, now(), caller())
    return changed_booking(kept.booking, kept.version)


def _place(place: Place) -> PlaceAnswer:
    entry = place.entry
    return PlaceAnswer(
        id=entry.id,
        organisation=entry.request.organisation,
        state=entry.state.value,
        wish=wish_answer(entry.request),
        partial=entry.request.partial,
        until=utc(moment_of(entry.request.latest)),
        position=place.position,
        of=place.rivals + 1 if place.position else 0,
        own=_figures(place.rank) if place.rank else None,
        ahead=[_figures(each) for each in place.ahead],
        booking=entry.booking,
        passed=len(entry.passed),
    )


def _figures(rank: Rank) -> FiguresAnswer:
    return FiguresAnswer(burden=rank.burden, waited=rank.waited, total=rank.total)
