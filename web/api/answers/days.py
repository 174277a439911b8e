"""Documents of days: what is free, and what is on."""

from pydantic import Field

from testbed.domain.catalogue import Mode
from web.api.answers.booking import ReasonAnswer
from web.api.answers.common import Answer, Moment, Named


class SpanAnswer(Answer):
    """A half-open span of time."""

    start: Moment
    end: Moment


class StartsAnswer(Answer):
    """Starts that serve: every quarter of an hour from `first` to `last`."""

    first: Moment
    last: Moment


class FreeDayAnswer(Answer):
    """A local day: what bookings of the asked length could cover, and where they may begin."""

    day: str
    free_minutes: int
    free: list[SpanAnswer]
    starts: list[StartsAnswer]


class FreeAnswer(Answer):
    """A resource that matches; `minutes` is the length that would be booked."""

    resource: str
    name: Named
    city: str
    zone: str
    minutes: int
    days: list[FreeDayAnswer]
    reasons: list[ReasonAnswer] = Field(description="Why it never serves; then there are no days")


class AvailabilityAnswer(Answer):
    """What is free, resource by resource, under all rules of booking."""

    items: list[FreeAnswer]


class UseAnswer(Answer):
    """One use of a resource; of another organisation only that it is busy."""

    resource: str
    name: Named
    kind: str
    site: str
    city: str
    zone: str
    start: Moment
    end: Moment
    state: str = Field(description="A booking's state, or `standing`, or `busy`")
    units: int | None
    vehicles: int | None
    mode: Mode | None
    booking: str | None
    organisation: str | None
    service: Named | None


class ScheduleAnswer(Answer):
    """The schedule of a local day."""

    day: str
    items: list[UseAnswer]
