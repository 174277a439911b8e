"""The schedule of a day: who is where and when; others' bookings only as busy."""

from flask import Response

from testbed.domain.errors import NotFound
from testbed.domain.grid import local_moment
from testbed.service import schedule as service
from testbed.service.schedule import Row
from testbed.service.tokens import Scope
from web.api.answers.days import ScheduleAnswer, UseAnswer
from web.api.bearer import caller
from web.api.endpoint import endpoint, noun
from web.api.replying import reply
from web.api.showing import named
from web.deps import catalogue, context, now
from web.queries import DayWanted

blueprint = noun("schedule", "The uses of a day")


@blueprint.get("/schedule", responses={200: ScheduleAnswer})
@endpoint(Scope.READ)
def day(query: DayWanted) -> Response:
    """Show everything that meets a local day, by city and site."""
    if query.city is not None and query.city not in catalogue().cities:
        raise NotFound("city", id=query.city)
    rows = service.day(context(), query.day, now(), caller(), query.city)
    return reply(ScheduleAnswer(day=query.day.isoformat(), items=[_answer(row) for row in rows]))


def _answer(row: Row) -> UseAnswer:
    return UseAnswer(
        resource=row.resource,
        name=named(row.name),
        kind=row.kind,
        site=row.site,
        city=row.city,
        zone=row.zone,
        start=local_moment(row.start, row.zone),
        end=local_moment(row.end, row.zone),
        state=row.state,
        units=row.units,
        vehicles=row.vehicles,
        mode=row.mode,
        booking=row.booking,
        organisation=row.organisation,
        service=named(row.service) if row.service else None,
    )
