"""Requests and what the allocator answers: needs, offers, claims, decisions and reasons."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from testbed.domain.catalogue import Mode, OddTerm
from testbed.domain.errors import InvalidRequest


class NeedType(StrEnum):
    """Whether a need is met by a route or by a facility."""

    ROUTE = "route"
    FACILITY = "facility"


@dataclass(frozen=True, slots=True)
class Need:
    """What one item of a request asks for: an exact `resource`, or any that fits the rest.

    `kinds` (any of) are kinds of routes or facilities, `rules` (any of) rule profiles, `odd` all
    hold. `units` counts facility units, `vehicles` route vehicles. `offset` is in grains from the
    start of the main need; `duration` in grains, None inherits the main need's.
    `night` asks for a slot inside 21:00-06:00 local time.
    """

    type: NeedType
    resource: str | None = None
    kinds: tuple[str, ...] = ()
    odd: tuple[OddTerm, ...] = ()
    rules: tuple[str, ...] = ()
    night: bool = False
    units: int = 1
    vehicles: int = 1
    mode: Mode = Mode.SHARED
    offset: int = 0
    duration: int | None = None

    def __post_init__(self) -> None:
        if min(self.units, self.vehicles) < 1:
            raise InvalidRequest("too_few_units", units=self.units, vehicles=self.vehicles)
        if self.duration is not None and self.duration < 1:
            raise InvalidRequest("empty_slot", duration=self.duration)


@dataclass(frozen=True, slots=True)
class Way:
    """One exact way to serve a request: a start grain and a resource id for each need."""

    start: int
    resources: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Request:
    """Needs, duration, window and preferences of one organisation; occupies nothing.

    The first need is the main one. `start` is the wished start grain; a start in
    `earliest`..`latest` (grains, both included) serves. `way` names one offer: then only that one
    is judged. `wait` asks to wait when nothing fits, with `partial` also for
    a part of the wish (`waitlist.lesser`). `override` names rules by their codes that an
    operator sets aside, `apart` organisations beside whom nothing is to be shared, `partners`
    organisations that take part and answer for their own vehicles; each in the order of ids.
    """

    id: str
    organisation: str
    submitted_at: datetime
    needs: tuple[Need, ...]
    duration_min: int
    start: int
    earliest: int
    latest: int
    city: str | None = None
    other_city: bool = True
    wait: bool = False
    way: Way | None = None
    test_kind: str | None = None
    series: str | None = None
    partial: bool = False
    override: tuple[str, ...] = ()
    apart: tuple[str, ...] = ()
    partners: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.submitted_at.tzinfo is None:
            raise InvalidRequest("naive_time", value=self.submitted_at.isoformat())
        if not self.needs:
            raise InvalidRequest("no_needs")
        if self.duration_min < 1:
            raise InvalidRequest("empty_slot", duration_min=self.duration_min)
        if not self.earliest <= self.start <= self.latest:
            raise InvalidRequest("start_outside_window", start=self.start)
        if self.way is not None and len(self.way.resources) != len(self.needs):
            raise InvalidRequest("way_does_not_fit", resources=len(self.way.resources))


class ClaimKind(StrEnum):
    """Use takes units, a block keeps a pool free of use, closed takes capacity away."""

    USE = "use"
    BLOCK = "block"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True, order=True)
class Claim:
    """Units of one pool over [start, end) in grains; a block has one unit."""

    pool: str
    kind: ClaimKind
    units: int
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Line:
    """What one need was given: a resource over the booked slot [start, end) in grains."""

    resource: str
    start: int
    end: int
    units: int
    vehicles: int
    mode: Mode


@dataclass(frozen=True, slots=True)
class Cost:
    """Cost of an offer by component, integers in milli-points (docs/adr/0003)."""

    shift: int = 0
    distance: int = 0
    travel: int = 0
    surplus: int = 0
    fragmentation: int = 0
    fair_share: int = 0

    @property
    def total(self) -> int:
        """The figure by which offers are ranked."""
        return (
            self.shift
            + self.distance
            + self.travel
            + self.surplus
            + self.fragmentation
            + self.fair_share
        )


@dataclass(frozen=True, slots=True)
class Offer:
    """A start, a resource per need, the claims this takes and its cost.

    [start, end) is the main need's booked slot in grains; `rule` its rule profile, `week` the ISO
    week (`grid.week_of`) whose weekly hours it uses.
    """

    start: int
    end: int
    rule: str
    week: int
    lines: tuple[Line, ...]
    claims: tuple[Claim, ...]
    cost: Cost

    @property
    def way(self) -> Way:
        """What names this offer in a request."""
        return Way(self.start, tuple(line.resource for line in self.lines))


@dataclass(frozen=True, slots=True, order=True)
class Reason:
    """Why a rule says no: a code, the resource or pool it is about, and explaining fields.

    `override` is the role that may overrule it, None for nobody.
    """

    code: str
    resource: str | None = None
    fields: tuple[tuple[str, int | str], ...] = ()
    override: str | None = None


@dataclass(frozen=True, slots=True)
class Granted:
    """The best offer within the wish; its claims are to be taken."""

    offer: Offer
    status: str = "granted"


@dataclass(frozen=True, slots=True)
class Offered:
    """Nothing fits inside the wish; near misses are listed, nothing is taken."""

    near: tuple[Offer, ...]
    reasons: tuple[Reason, ...]
    status: str = "offered"


@dataclass(frozen=True, slots=True)
class Waitlisted:
    """Nothing fits inside the wish, and the request asked to wait."""

    near: tuple[Offer, ...]
    reasons: tuple[Reason, ...]
    status: str = "waitlisted"


@dataclass(frozen=True, slots=True)
class Refused:
    """A rule says no to every way inside the wish; `near` lists ways just outside it."""

    near: tuple[Offer, ...]
    reasons: tuple[Reason, ...]
    status: str = "refused"


Decision = Granted | Offered | Waitlisted | Refused
