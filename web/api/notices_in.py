"""What the API takes for notices and webhooks."""

from typing import Annotated, Literal

from pydantic import ConfigDict, Field, StringConstraints

from testbed.service.deliveries import DeliveryState
from testbed.service.notices import EVENTS
from testbed.service.public_address import URL
from web.schemas import Body, Paged

AnyTime = Literal["at_once", "daily", "never"]
Soon = Literal["at_once", "never"]
_EVENT = "|".join(sorted(each.replace(".", "[.]") for each in EVENTS))
Event = Annotated[str, StringConstraints(pattern=rf"^({_EVENT})$")]
Events = Annotated[list[Event], Field(max_length=len(EVENTS))]
Address = Annotated[str, StringConstraints(pattern=URL)]


class NoticesIn(Body):
    """How groups are to be told; what is not named stays as it is. Safety always comes at once."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"bookings": "daily", "planning": "never"}]}
    )

    bookings: AnyTime | None = None
    reminders: Soon | None = None
    waitlist: Soon | None = None
    approvals: AnyTime | None = None
    papers: AnyTime | None = None
    series: AnyTime | None = None
    together: AnyTime | None = None
    organisation: AnyTime | None = None
    planning: AnyTime | None = None


class WebhookIn(Body):
    """Where events are sent, and which; none named sends all of them."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"url": "https://hooks.example.com/testbed", "events": ["booking.confirmed"]}
            ]
        }
    )

    url: Address
    events: Events = Field(default=[], description="None named sends all of them")


class EventsIn(Body):
    """Which events a webhook hears of; none named sends all of them."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"events": ["booking.confirmed", "booking.moved"]}]}
    )

    events: Events


class DeliveriesWanted(Paged):
    """Which deliveries are listed."""

    state: DeliveryState | None = None
