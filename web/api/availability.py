"""Availability: the free hours and starts of a resource, or of whatever one need asks for."""

from datetime import timedelta

from flask import Response

from testbed.domain.catalogue import Route
from testbed.domain.grid import GRAIN_MINUTES, local_moment
from testbed.domain.requests import Need, NeedType, Request
from testbed.service import availability
from testbed.service.availability import Availability, FreeDay, Span
from testbed.service.tokens import Scope
from web.api.answers.days import (
    AvailabilityAnswer,
    FreeAnswer,
    FreeDayAnswer,
    SpanAnswer,
    StartsAnswer,
)
from web.api.bearer import caller
from web.api.endpoint import endpoint, noun, problems
from web.api.replying import reply
from web.api.showing import named, reason_answer
from web.deps import catalogue, context, now
from web.queries import AvailabilityWanted

blueprint = noun("availability", "Free hours and starts")


@blueprint.get("/availability", responses={200: AvailabilityAnswer, **problems(429)})
@endpoint(Scope.READ, "search")
def days(query: AvailabilityWanted) -> Response:
    """Show what is free, day by day, for a resource or for what one need asks."""
    last = query.day + timedelta(days=query.days - 1)
    found = availability.of_need(context(), _request(query), query.day, last, now())
    return reply(AvailabilityAnswer(items=[_answer(each) for each in found]))


def _request(query: AvailabilityWanted) -> Request:
    """The need as a request; its start is of no account."""
    return Request(
        id="",
        organisation=caller().organisation,
        submitted_at=now(),
        needs=(_need(query),),
        duration_min=query.minutes,
        start=0,
        earliest=0,
        latest=0,
        city=query.city,
        other_city=query.city is None,
    )


def _need(query: AvailabilityWanted) -> Need:
    return Need(
        type=_type(query),
        resource=query.resource,
        kinds=tuple(query.kind),
        units=query.units,
        vehicles=query.vehicles,
        mode=query.mode,
    )


def _type(query: AvailabilityWanted) -> NeedType:
    """The type asked for, or that of the named resource. Raises NotFound("resource")."""
    if query.resource is None:
        return query.type
    found = catalogue().resource(query.resource)
    return NeedType.ROUTE if isinstance(found, Route) else NeedType.FACILITY


def _answer(found: Availability) -> FreeAnswer:
    resource = found.resource
    return FreeAnswer(
        resource=resource.id,
        name=named(resource.name),
        city=resource.city,
        zone=resource.zone,
        minutes=found.duration * GRAIN_MINUTES,
        days=[_day(each, resource.zone) for each in found.days],
        reasons=[reason_answer(each) for each in found.reasons],
    )


def _day(free: FreeDay, zone: str) -> FreeDayAnswer:
    grains = sum(end - start for start, end in free.free)
    return FreeDayAnswer(
        day=free.day.isoformat(),
        free_minutes=grains * GRAIN_MINUTES,
        free=[_span(each, zone) for each in free.free],
        starts=[_starts(each, zone) for each in free.starts],
    )


def _span(span: Span, zone: str) -> SpanAnswer:
    return SpanAnswer(start=local_moment(span[0], zone), end=local_moment(span[1], zone))


def _starts(span: Span, zone: str) -> StartsAnswer:
    return StartsAnswer(first=local_moment(span[0], zone), last=local_moment(span[1] - 1, zone))
