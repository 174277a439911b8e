"""What lists and calendars of the API are asked for."""

from pydantic import Field

from testbed.domain.bookings import State
from testbed.domain.catalogue import Mode
from testbed.domain.requests import NeedType
from web.schemas import (
    MOST_TERMS,
    Day,
    DayCount,
    Id,
    MinutesAsked,
    Paged,
    Parameters,
    Switch,
    UnitsAsked,
)


class ResourcesWanted(Paged):
    """Which resources are listed."""

    type: NeedType | None = None
    city: Id | None = None
    kind: Id | None = None
    bookable: Switch | None = None


class BookingsWanted(Paged):
    """Which bookings are listed: those that meet the local days since..until, both included."""

    organisation: Id | None = Field(default=None, description="For those who act for all")
    state: list[State] = Field(default=[], max_length=len(State), description="Any of these")
    resource: Id | None = None
    since: Day | None = None
    until: Day | None = None


class RequestsWanted(Paged):
    """Which requests are listed."""

    organisation: Id | None = Field(default=None, description="For those who act for all")


class AvailabilityWanted(Parameters):
    """A resource, or what one need asks for, on local days from a day on."""

    day: Day
    days: DayCount = 7
    minutes: MinutesAsked = 60
    type: NeedType = NeedType.ROUTE
    resource: Id | None = Field(default=None, description="Then the type is the resource's own")
    kind: list[Id] = Field(default=[], max_length=MOST_TERMS, description="Any of these")
    city: Id | None = None
    vehicles: UnitsAsked = 1
    units: UnitsAsked = 1
    mode: Mode = Mode.SHARED


class DayWanted(Parameters):
    """The local day of a schedule."""

    day: Day
    city: Id | None = None
