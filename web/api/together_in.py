"""What the API takes of lengths, partners, hand-overs and sharing wishes."""

from typing import Annotated

from pydantic import ConfigDict, Field

from testbed.service.partners import MOST_PARTNERS
from testbed.service.wishes import MOST_RIVALS
from web.schemas import WHOLE, Body, Id, Start

MOST_VEHICLES = 100


class ShortenIn(Body):
    """The part of the slot that is kept; what is left out stays as it is."""

    model_config = ConfigDict(json_schema_extra={"example": {"end": "2026-12-08T12:00:00+09:00"}})

    start: Start | None = Field(default=None, description="Give up the time before")
    end: Start | None = Field(default=None, description="Give up the time after")


class ExtendIn(Body):
    """Until when the places are kept."""

    model_config = ConfigDict(json_schema_extra={"example": {"end": "2026-12-08T16:00:00+09:00"}})

    end: Start


class ShareIn(Body):
    """How many of the vehicles a partner brings."""

    organisation: Id
    vehicles: Annotated[int, Field(ge=0, le=MOST_VEHICLES), WHOLE]


class SharesIn(Body):
    """The vehicles of the partners; the rest are the leading organisation's."""

    model_config = ConfigDict(
        json_schema_extra={"example": {"shares": [{"organisation": "demo-gaon", "vehicles": 1}]}}
    )

    shares: Annotated[list[ShareIn], Field(min_length=1, max_length=MOST_PARTNERS)]


class ReceiverIn(Body):
    """To whom a booking is offered."""

    model_config = ConfigDict(json_schema_extra={"example": {"organisation": "demo-gaon"}})

    organisation: Id


class SharingIn(Body):
    """The sharing wishes of an organisation, all of them."""

    model_config = ConfigDict(json_schema_extra={"example": {"apart": [], "shows_name": False}})

    apart: Annotated[list[Id], Field(max_length=MOST_RIVALS)] = Field(
        default=[], description="Organisations beside whom no route or corridor is shared"
    )
    shows_name: bool = Field(
        default=False, description="Whether those who share a route, and do likewise, see the name"
    )
