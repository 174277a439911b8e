"""Documents of booking: wishes, offers, decisions, bookings."""

from typing import Literal

from pydantic import Field

from testbed.domain.bookings import State
from testbed.domain.catalogue import Mode
from testbed.domain.parties import Role
from testbed.domain.requests import NeedType
from web.api.answers.common import Answer, Details, Moment, Named, Next, Value


class TermAnswer(Answer):
    """A demand on an ODD attribute."""

    attribute: str
    test: str
    value: Value


class NeedAnswer(Answer):
    """A need as it was asked; the main one has no offset and inherits the length."""

    type: NeedType
    resource: str | None
    kinds: list[str]
    odd: list[TermAnswer]
    rules: list[str]
    night: bool
    units: int
    vehicles: int
    mode: Mode
    offset_minutes: int
    minutes: int | None


class WishAnswer(Answer):
    """A wish as it was asked; starts from `earliest` to `latest` serve."""

    start: Moment
    minutes: int
    earliest: Moment
    latest: Moment
    needs: list[NeedAnswer]
    city: str | None
    other_city: bool
    wait: bool
    offer: str | None
    test_kind: str | None
    override: list[str] = Field(description="Rules that an operator set aside")


class LineAnswer(Answer):
    """What one need is given: a resource over a slot, set-up and clean-up not included.

    `kind`, `site` and `city` are null for a resource that the catalogue no longer has.
    """

    resource: str
    name: Named
    kind: str | None
    site: str | None
    city: str | None
    start: Moment
    end: Moment
    units: int
    vehicles: int
    mode: Mode


class CostAnswer(Answer):
    """Cost by component in milli-points; offers are ranked by the total."""

    shift: int
    distance: int
    travel: int
    surplus: int
    fragmentation: int
    fair_share: int
    total: int


class ChargeAnswer(Answer):
    """The fee of one line: hours × krw_per_hour × factor, halves up to the next won.

    `krw_per_hour` is for all that the line takes, `factor` that of the type of organisation.
    """

    resource: str
    hours: float
    krw_per_hour: int
    factor: float
    krw: int
    illustrative: bool = Field(description="Whether a figure behind it is not on record")
    basis: str = Field(description="The catalogue's own remark on its fees, in English")


class OfferAnswer(Answer):
    """A way to serve the wish; `offer` names it in a request."""

    offer: str
    start: Moment
    end: Moment
    zone: str
    rule: str
    lines: list[LineAnswer]
    cost: CostAnswer
    fee_krw: int | None = Field(description="null where the catalogue no longer has a resource")
    fee_illustrative: bool = Field(description="Whether a figure behind the fee is not on record")
    charges: list[ChargeAnswer]


class ReasonAnswer(Answer):
    """Why a rule says no; `override` is the role that may overrule it."""

    code: str
    resource: str | None
    fields: Details
    override: Role | None
    detail: str


class ChangeAnswer(Answer):
    """One change of a wish."""

    sort: str
    fields: Details
    detail: str


class RepairAnswer(Answer):
    """A changed wish that finds something, and what it finds first; to wait finds nothing yet."""

    detail: str
    changes: list[ChangeAnswer]
    price: int = Field(description="What it costs and loses, in milli-points; the least come first")
    offer: OfferAnswer | None
    request: Details = Field(description="Body that POST /requests (or the move) takes")


class FoundAnswer(Answer):
    """Offers within the wish, best first; without any, the reasons, repairs and ways near it."""

    offers: list[OfferAnswer]
    near: list[OfferAnswer]
    reasons: list[ReasonAnswer]
    repairs: list[RepairAnswer]


class DecisionAnswer(Answer):
    """What the allocator decided; a no is an answer and no error."""

    status: Literal["granted", "offered", "waitlisted", "refused"]
    detail: str
    offer: OfferAnswer | None
    near: list[OfferAnswer]
    reasons: list[ReasonAnswer]


class BookingAnswer(Answer):
    """A booking; `steps` are those that are open to it now."""

    id: str
    version: int
    organisation: str
    state: State
    start: Moment
    end: Moment
    zone: str
    rule: str
    lines: list[LineAnswer]
    fee_krw: int | None = Field(
        description="By the fees in force when what is booked was last decided; null if not known"
    )
    fee_illustrative: bool
    charges: list[ChargeAnswer]
    expires_at: Moment | None = Field(description="Until when a hold keeps its place")
    reconfirm_by: Moment | None = Field(
        description="Until when a booking of a series is to be confirmed again"
    )
    late: bool = Field(description="Whether a late cancellation still counts as use")
    request: str
    test_kind: str | None
    steps: list[Literal["confirm", "check-in", "check-out", "cancel", "move"]]


class RequestAnswer(Answer):
    """A request and what was decided; `booking` stands where it asked, if any does."""

    id: str
    organisation: str
    submitted_at: Moment
    wish: WishAnswer
    decision: DecisionAnswer
    booking: str | None


class SubmittedAnswer(Answer):
    """The answer to a request; `booking` is the hold, where it was granted."""

    id: str
    decision: DecisionAnswer
    booking: BookingAnswer | None
    repairs: list[RepairAnswer] = Field(description="What would be granted, where this is not")


class MovedAnswer(Answer):
    """The answer to a wish to move; the booking stands at its new place where it was granted."""

    request: str
    decision: DecisionAnswer
    booking: BookingAnswer
    fee_change_krw: int | None = Field(
        description="What the move adds to the fee, below 0 takes off; null if not known"
    )
    repairs: list[RepairAnswer] = Field(description="What would be granted, where this is not")


class BookingPage(Answer):
    """A page of bookings, by start."""

    items: list[BookingAnswer]
    next: Next


class RequestPage(Answer):
    """A page of requests, the newest first."""

    items: list[RequestAnswer]
    next: Next


class KindOfTest(Answer):
    """A kind of test: its main need, and the facilities that often go with it."""

    id: str
    name: Named
    need: NeedAnswer
    extras: list[NeedAnswer]


class KindsOfTest(Answer):
    """Every kind of test."""

    items: list[KindOfTest]
