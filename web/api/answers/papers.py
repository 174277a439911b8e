"""Documents of vehicles, drivers, papers and crews."""

from datetime import date

from testbed.domain.papers import PaperKind, VehicleType
from testbed.service.kept_papers import PaperState
from web.api.answers.booking import ReasonAnswer
from web.api.answers.common import Answer, Moment, Next


class VehicleAnswer(Answer):
    """A vehicle; a retired one can no longer be named."""

    id: str
    organisation: str
    name: str
    plate: str
    type: VehicleType
    sae_level: int
    retired: bool


class VehiclePage(Answer):
    """A page of vehicles by id."""

    items: list[VehicleAnswer]
    next: Next


class DriverAnswer(Answer):
    """A driver; a retired one can no longer be named."""

    id: str
    organisation: str
    name: str
    contact: str
    retired: bool


class DriverPage(Answer):
    """A page of drivers by id."""

    items: list[DriverAnswer]
    next: Next


class PaperAnswer(Answer):
    """A paper: only an accepted one counts, from its first to its last local day, both included.

    `covers` are ids of routes, facilities and cities, or "public-roads"; `why` is the reason of a
    rejection; `document` is the name of the file behind it.
    """

    id: str
    organisation: str
    kind: PaperKind
    vehicle: str | None
    driver: str | None
    site: str | None
    covers: list[str]
    number: str
    valid_from: date
    valid_until: date
    state: PaperState
    why: str
    document: str | None
    version: int


class PaperPage(Answer):
    """A page of papers in the order in which they were entered."""

    items: list[PaperAnswer]
    next: Next


class LapsingAnswer(Answer):
    """A booking to come that lacks papers, and the reasons."""

    booking: str
    organisation: str
    start: Moment
    missing: list[ReasonAnswer]


class LapsingPage(Answer):
    """A page of bookings that lack papers, by start."""

    items: list[LapsingAnswer]
    next: Next


class CrewAnswer(Answer):
    """Who is named on a booking, until when that may change, and what is missing by its code."""

    booking: str
    vehicles: list[str]
    drivers: list[str]
    vehicles_asked: int
    driver_asked: bool
    closes: Moment
    missing: list[str]
    reasons: list[ReasonAnswer]
