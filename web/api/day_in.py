"""What the API takes of the day: sessions, contacts, instructions, stops."""

import re
from datetime import datetime
from typing import Annotated

from pydantic import BeforeValidator, ConfigDict, Field, StringConstraints, WithJsonSchema
from pydantic.config import JsonDict
from pydantic_core import PydanticCustomError

from testbed.service.closures import LONGEST_MINUTES, LONGEST_REASON
from testbed.service.emergency import LONGEST_NAME, LONGEST_TEXT
from testbed.service.usage import LONGEST_TEXT as LONGEST_INCIDENT
from testbed.service.usage import MOST_METRES, MOST_TAKEOVERS
from web.schemas import DAY, OFFSET, WHOLE, Body, Day, Id, Paged, Parameters

MOMENT = rf"^({DAY})T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]{OFFSET}$"
# Begins with what can be seen; what cannot is left out.
SEEN = r"^[!-~가-힣][^\x00-\x1f\x7f]*$"
PHONE = r"^\+?[0-9][0-9 ()./-]{4,29}$"
TYPED = r"^[\n -~가-힣]*$"


def _read_moment(value: object) -> datetime:
    if isinstance(value, str) and re.fullmatch(MOMENT, value):
        return datetime.fromisoformat(value)
    raise PydanticCustomError("bad_moment", "{value} is no moment", {"value": value})


AnyMoment = Annotated[
    datetime,
    BeforeValidator(_read_moment),
    WithJsonSchema({"type": "string", "pattern": MOMENT, "example": "2026-12-08T10:07:00+09:00"}),
]
Kilometres = Annotated[float, Field(ge=0, le=MOST_METRES / 1000, allow_inf_nan=False)]

SESSION: JsonDict = {
    "resource": "fc-kcity-tunnel",
    "started_at": "2026-12-08T10:07:00+09:00",
    "ended_at": "2026-12-08T11:40:00+09:00",
    "km": 42.5,
    "takeovers": 3,
}


class SessionIn(Body):
    """A session of one vehicle; `vehicle` and `driver` are ids of papers."""

    model_config = ConfigDict(json_schema_extra={"example": SESSION})

    resource: Id = Field(description="A resource of the booking")
    started_at: AnyMoment
    ended_at: AnyMoment
    km: Kilometres
    takeovers: Annotated[int, Field(ge=0, le=MOST_TAKEOVERS), WHOLE]
    incident: Annotated[str, StringConstraints(max_length=LONGEST_INCIDENT, pattern=TYPED)] = Field(
        default="", description="What happened; empty where nothing did"
    )
    vehicle: Id | None = None
    driver: Id | None = None


class ContactIn(Body):
    """Whom to call while a booking runs."""

    model_config = ConfigDict(
        json_schema_extra={"example": {"name": "Kim Ji-woo", "phone": "+82 10-1234-5678"}}
    )

    name: Annotated[str, StringConstraints(min_length=1, max_length=LONGEST_NAME, pattern=SEEN)]
    phone: Annotated[str, StringConstraints(pattern=PHONE)]


class InstructionsIn(Body):
    """How one enters a site, in both languages; an empty text says nothing."""

    model_config = ConfigDict(
        json_schema_extra={"example": {"ko": "정문으로 들어오십시오.", "en": "Use the main gate."}}
    )

    ko: Annotated[str, StringConstraints(max_length=LONGEST_TEXT, pattern=TYPED)]
    en: Annotated[str, StringConstraints(max_length=LONGEST_TEXT, pattern=TYPED)]


class StopIn(Body):
    """What is closed at once, for how long (null: until it is reopened), and why."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {"target": "site-kcity", "minutes": 240, "reason": "Oil on the track"}
        }
    )

    target: Id = Field(description="A resource, corridor or site")
    minutes: Annotated[int, Field(ge=1, le=LONGEST_MINUTES), WHOLE] | None
    reason: Annotated[str, StringConstraints(min_length=1, max_length=LONGEST_REASON, pattern=SEEN)]


class GateWanted(Parameters):
    """A site on a local day."""

    site: Id
    day: Day


class UsageWanted(Paged):
    """Which records: those that began on the local days since..until, both included."""

    organisation: Id | None = Field(default=None, description="For those who act for all")
    since: Day | None = None
    until: Day | None = None


class ExportWanted(Parameters):
    """Which records stand in the signed document."""

    organisation: Id | None = Field(default=None, description="For those who act for all")
    since: Day | None = None
    until: Day | None = None
