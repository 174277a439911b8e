"""Fair share: where an organisation stands, and who cancels and books again."""

from flask import Response
from pydantic import Field

from testbed.domain.grid import local_moment
from testbed.domain.rebooking import Pair, Placed
from testbed.service import fairness as service
from testbed.service.fairness import Standing
from testbed.service.tokens import Scope
from web.api.answers.common import Answer, Moment, Next
from web.api.bearer import caller
from web.api.endpoint import endpoint, noun
from web.api.paging import cursor_of, parts_of
from web.api.replying import reply
from web.api.showing import utc, zone_of
from web.deps import context, now
from web.schemas import Id, Paged, Parameters

blueprint = noun("fairness", "Who is served first where several wait, and why")


class StandingAnswer(Answer):
    """What ranks an organisation: the least burden is served first."""

    organisation: str
    place: int = Field(description="From 1; equal burdens share a place")
    of: int = Field(description="Number of organisations")
    burden: int = Field(description="Milli-points")
    hours: int = Field(description="Own decayed hours")
    type_hours: int = Field(description="Mean decayed hours of the organisations of its type")
    alike: int = Field(description="Number of organisations of its type")
    rebooks: int = Field(description="Times cancelled and booked again in the last 30 days")


class StandingPage(Answer):
    """Every organisation, the first to be served first."""

    items: list[StandingAnswer]
    next: Next


class PlacedAnswer(Answer):
    """A booking on its main resource; `at` is when it was cancelled or asked for."""

    booking: str
    resource: str
    start: Moment
    end: Moment
    at: Moment


class PairAnswer(Answer):
    """A cancelled booking, and the one that took its place anew."""

    organisation: str
    cancelled: PlacedAnswer
    again: PlacedAnswer


class PairPage(Answer):
    """Who cancelled and booked again, the latest first."""

    items: list[PairAnswer]
    next: Next


class WhoseFairness(Parameters):
    """Whose standing."""

    organisation: Id | None = Field(default=None, description="For those who act for all")


class PairsWanted(Paged):
    """Which pairs are listed."""

    organisation: Id | None = Field(default=None, description="One's own, or any for operators")


@blueprint.get("/fairness", responses={200: StandingAnswer})
@endpoint(Scope.READ)
def one(query: WhoseFairness) -> Response:
    """Show where an organisation stands; of the others it tells how many there are."""
    organisation = query.organisation or caller().organisation
    return reply(_standing(service.own(context(), organisation, now(), caller())))


@blueprint.get("/fairness/standings", responses={200: StandingPage})
@endpoint(Scope.OPERATE)
def standings(query: Paged) -> Response:
    """List where every organisation stands."""
    found = service.everybody(context(), now(), caller())
    after = parts_of(query.cursor, 1)[0] if query.cursor else None
    rest = _after([each.organisation for each in found], after)
    items = found[rest : rest + query.limit]
    more = cursor_of(items[-1].organisation) if rest + query.limit < len(found) else None
    return reply(StandingPage(items=[_standing(each) for each in items], next=more))


@blueprint.get("/fairness/rebookings", responses={200: PairPage})
@endpoint(Scope.READ)
def rebookings(query: PairsWanted) -> Response:
    """List who cancelled a place and booked it again over an overlapping slot."""
    found = service.rebookings(context(), now(), caller(), query.organisation)
    after = parts_of(query.cursor, 1)[0] if query.cursor else None
    rest = _after([each.cancelled.booking for each in found], after)
    items = found[rest : rest + query.limit]
    more = cursor_of(items[-1].cancelled.booking) if rest + query.limit < len(found) else None
    return reply(PairPage(items=[_pair(each) for each in items], next=more))


def _after(names: list[str], name: str | None) -> int:
    """Where the page after that name begins: at the beginning where it has gone."""
    return names.index(name) + 1 if name in names else 0


def _standing(standing: Standing) -> StandingAnswer:
    names = StandingAnswer.model_fields
    return StandingAnswer(**{name: getattr(standing, name) for name in names})


def _pair(pair: Pair) -> PairAnswer:
    return PairAnswer(
        organisation=pair.cancelled.organisation,
        cancelled=_placed(pair.cancelled),
        again=_placed(pair.again),
    )


def _placed(placed: Placed) -> PlacedAnswer:
    zone = zone_of(placed.resource)
    return PlacedAnswer(
        booking=placed.booking,
        resource=placed.resource,
        start=local_moment(placed.start, zone),
        end=local_moment(placed.end, zone),
        at=utc(placed.at),
    )
