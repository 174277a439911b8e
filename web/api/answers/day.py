"""Documents of the day: visits, the gate, records of use, closures."""

from typing import Any, Literal

from pydantic import Field

from testbed.domain.bookings import State
from testbed.domain.visits import Ending
from web.api.answers.common import Answer, Moment, Named, Next


class VisitAnswer(Answer):
    """When they came and left; `ending` says how it ended."""

    booking: str
    arrived_at: Moment | None
    left_at: Moment | None
    ending: Ending | None
    overruns: bool = Field(description="Whether they are still there past their end")
    kept_waiting: bool = Field(description="Whether the one before them is")


class ContactAnswer(Answer):
    """Whom to call while a booking runs."""

    name: str
    phone: str


class GateEntry(Answer):
    """One booking at the gate."""

    booking: str
    organisation: str
    state: State
    start: Moment
    end: Moment
    resources: list[str]
    people: list[str]
    plates: list[str]
    contact: ContactAnswer | None
    arrived_at: Moment | None
    left_at: Moment | None


class GateAnswer(Answer):
    """Everybody who is expected on a site on a day or is there, by start."""

    site: str
    day: str
    instructions: Named | None
    items: list[GateEntry]


class UsageAnswer(Answer):
    """A session as it is kept; plate and driver as the papers have them."""

    id: str
    booking: str
    organisation: str
    resource: str
    started_at: Moment
    ended_at: Moment
    km: float
    takeovers: int
    incident: str
    vehicle: str | None
    plate: str
    driver: str | None
    driver_name: str
    entered_at: Moment


class UsagePage(Answer):
    """A page of records, by start."""

    items: list[UsageAnswer]
    next: Next


class SignatureAnswer(Answer):
    """The signature over the canonical text of all the rest."""

    algorithm: Literal["HMAC-SHA256"]
    value: str


class SignedUsage(Answer):
    """Records of use, signed by this installation; `testbed usage verify` checks the file."""

    format: str
    written_at: str
    organisation: str | None
    since: str | None
    until: str | None
    records: list[dict[str, Any]]
    signature: SignatureAnswer


class ClosureAnswer(Answer):
    """A closure; `end` is null for one that lasts until it is reopened."""

    id: str
    kind: Literal["stop"]
    target: str
    pools: list[str]
    start: Moment
    end: Moment | None
    reason: str
    created_at: Moment
    ended_at: Moment | None


class ClosurePage(Answer):
    """A page of closures, the newest first."""

    items: list[ClosureAnswer]
    next: Next


class StoppedAnswer(Answer):
    """A closure, and the ids of the bookings that it ended and displaced."""

    closure: ClosureAnswer
    ended: list[str]
    displaced: list[str]


class ReopenedAnswer(Answer):
    """A closure, the bookings that have their place again, and those displaced still."""

    closure: ClosureAnswer
    restored: list[str]
    displaced: list[str]
