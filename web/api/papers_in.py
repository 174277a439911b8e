"""What the API takes of vehicles, drivers, papers and crews."""

from typing import Annotated

from pydantic import ConfigDict, Field, StringConstraints

from testbed.domain.papers import PaperKind, VehicleType
from testbed.service.kept_papers import PaperState
from web.schemas import WHOLE, Body, Day, Id, Paged, Switch

# A line of letters that people write: no control characters, and not blank alone.
SAID = r"^[0-9A-Za-z\uac00-\ud7a3][ -~\uac00-\ud7a3]*$"
BASE64 = r"^[A-Za-z0-9+/]*={0,2}$"
MOST_BASE64 = 7_600_000
MOST_NAMED = 40

Line = Annotated[str, StringConstraints(min_length=1, max_length=80, pattern=SAID)]
Type = Annotated[VehicleType, Field(strict=False)]
Kind = Annotated[PaperKind, Field(strict=False)]
Version = Annotated[
    int,
    Field(ge=0, le=1_000_000, description="The version that was seen; 0 for whichever"),
    WHOLE,
]


class VehicleIn(Body):
    """A vehicle; `type` is that of its temporary operation permit, the level that of SAE J3016."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {"name": "Test car 1", "plate": "12가3456", "type": "A", "sae_level": 4}
        }
    )

    name: Line
    plate: Annotated[str, StringConstraints(min_length=1, max_length=20, pattern=SAID)]
    type: Type
    sae_level: Annotated[int, Field(ge=0, le=5), WHOLE]


class DriverIn(Body):
    """A driver."""

    model_config = ConfigDict(
        json_schema_extra={"example": {"name": "Kim Nari", "contact": "031-000-0000"}}
    )

    name: Line
    contact: Annotated[str, StringConstraints(max_length=120, pattern=rf"^$|{SAID}")] = ""


class PaperIn(Body):
    """A paper: what its kind does not have is left out.

    A permit is of a vehicle and names places, a limited-transport permit too, but may be of the
    whole organisation as an insurance may; training and briefing are of a driver, a briefing also
    of a site; without `valid_until` it counts as long as the site's rule says.
    """

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "kind": "insurance",
                "number": "24-001",
                "valid_from": "2026-01-01",
                "valid_until": "2026-12-31",
            }
        }
    )

    kind: Kind
    vehicle: Id | None = None
    driver: Id | None = None
    site: Id | None = None
    covers: list[Id] = Field(default_factory=list, max_length=40)
    number: Annotated[str, StringConstraints(max_length=80, pattern=rf"^$|{SAID}")] = ""
    valid_from: Day
    valid_until: Day | None = None


class PaperChangeIn(PaperIn):
    """A paper as it is to be; the kind stays."""

    version: Version = 0


class AcceptIn(Body):
    """The version that was looked at."""

    model_config = ConfigDict(json_schema_extra={"example": {"version": 1}})

    version: Version = 0


class RejectIn(AcceptIn):
    """Why it is rejected, and the version that was looked at."""

    model_config = ConfigDict(
        json_schema_extra={"example": {"version": 1, "reason": "The second page is missing."}}
    )

    reason: Annotated[str, StringConstraints(min_length=1, max_length=500, pattern=SAID)]


class DocumentIn(Body):
    """A file in base64: PDF, PNG or JPEG, known by its first bytes."""

    model_config = ConfigDict(
        json_schema_extra={"example": {"name": "insurance.pdf", "content": "JVBERi0xLjQ="}}
    )

    name: Line
    content: Annotated[str, StringConstraints(max_length=MOST_BASE64, pattern=BASE64)]


class CrewIn(Body):
    """Everybody who is named, instead of those before."""

    model_config = ConfigDict(
        json_schema_extra={"example": {"vehicles": ["v7k2m9x4q1ra"], "drivers": ["d7k2m9x4q1ra"]}}
    )

    vehicles: list[Id] = Field(default_factory=list, max_length=MOST_NAMED)
    drivers: list[Id] = Field(default_factory=list, max_length=MOST_NAMED)


class LetInIn(Body):
    """Why a booking may start without papers or crew."""

    model_config = ConfigDict(
        json_schema_extra={"example": {"reason": "The papers were seen at the gate."}}
    )

    reason: Annotated[str, StringConstraints(min_length=1, max_length=500, pattern=SAID)]


class FleetWanted(Paged):
    """Whose are listed; retired ones only when asked for."""

    organisation: Id | None = Field(default=None, description="For those who act for all")
    retired: Switch = False


class PapersAsked(Paged):
    """Which papers are listed: `ends_by` takes those whose last day is not after it."""

    organisation: Id | None = Field(default=None, description="For those who act for all")
    kind: PaperKind | None = None
    state: list[PaperState] = Field(
        default_factory=list, max_length=len(PaperState), description="Any of these"
    )
    ends_by: Day | None = None


class LapsingAsked(Paged):
    """Whose bookings are looked at."""

    organisation: Id | None = Field(default=None, description="For those who act for all")
