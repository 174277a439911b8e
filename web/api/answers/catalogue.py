"""Documents of the catalogue: routes and facilities."""

from typing import Annotated, Literal

from pydantic import Field, RootModel

from testbed.domain.catalogue import Mode
from web.api.answers.common import Answer, Named, Next, Value


class ProvenanceAnswer(Answer):
    """Where the figures come from: which fields are on record, and by which sources."""

    kind: str
    recorded: list[str]
    sources: list[str]
    note: str


class RuleAnswer(Answer):
    """The rule profile that governs bookings of this resource as the main need."""

    id: str
    name: Named
    slot_min: int
    slot_step_min: int
    min_lead_days: int
    max_lead_days: int
    max_hours_per_org_week: int
    setup_min: int
    cleanup_min: int
    free_cancel_until_hours: int
    late_cancel_counts_as_use: bool
    approvals: list[str] = Field(description="The parties that have to approve a booking")
    approval_days: int
    approval_silence: str = Field(description="accepted or rejected")


class HoursAnswer(Answer):
    """A window of opening hours: minutes after local midnight; `end_min` may pass 1440."""

    weekdays: list[int] = Field(description="0 is Monday")
    start_min: int
    end_min: int


class OpeningAnswer(Answer):
    """The calendar of a resource."""

    id: str
    name: Named
    windows: list[HoursAnswer]
    closed_on_public_holidays: bool


class FeeAnswer(Answer):
    """Fees in whole KRW per booked hour, and the factors on them by type of organisation."""

    per_hour_shared: int
    per_hour_exclusive: int
    factors: dict[str, float]
    basis: str


class AnyResource(Answer):
    """What routes and facilities have in common."""

    id: str
    name: Named
    kind: str
    city: str
    site: str
    site_name: Named
    zone: str = Field(description="IANA time zone")
    status: str
    bookable: bool
    rule: RuleAnswer
    opening: OpeningAnswer
    fee: FeeAnswer
    valid_from: str | None
    valid_until: str | None
    provenance: ProvenanceAnswer


class RouteAnswer(AnyResource):
    """A route; capacity counts vehicles at once."""

    type: Literal["route"] = "route"
    modes: list[Mode]
    odd: dict[str, Value]
    max_vehicles_shared: int
    max_vehicles_exclusive: int
    corridor: str | None


class FacilityAnswer(AnyResource):
    """A facility with countable units."""

    type: Literal["facility"] = "facility"
    units: int
    unit_name: str
    sharing: str
    setup_min: int
    cleanup_min: int
    max_hours_per_booking: int | None
    mobile: bool
    blocks_routes: list[str]
    provides: list[str]


class ResourceAnswer(RootModel[RouteAnswer | FacilityAnswer]):
    """A route or a facility, told apart by its type."""

    root: Annotated[RouteAnswer | FacilityAnswer, Field(discriminator="type")]


class ResourcePage(Answer):
    """A page of resources, in the order of the catalogue."""

    items: list[ResourceAnswer]
    next: Next
