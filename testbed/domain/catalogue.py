"""What can be booked: cities, sites, routes, facilities, corridors, calendars and rule profiles."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from testbed.domain.errors import NotFound

OddValue = int | float | bool | str | frozenset[str]


class Mode(StrEnum):
    """How a need uses a resource: beside others, alone, or the whole site of a corridor."""

    SHARED = "shared"
    EXCLUSIVE = "exclusive"
    WHOLE_SITE = "whole_site"


@dataclass(frozen=True, slots=True)
class Name:
    """A name in both languages of the product."""

    en: str
    ko: str


@dataclass(frozen=True, slots=True)
class Provenance:
    """Where an entry's figures come from.

    `kind` is "public-record" (the fields in `recorded` are on record, every other number is
    illustrative) or "illustrative" (all of it is invented for the product).
    """

    kind: str
    recorded: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    note: str = ""

    def is_recorded(self, name: str) -> bool:
        """Whether this field of the entry is on record."""
        return self.kind == "public-record" and name in self.recorded


ILLUSTRATIVE = Provenance("illustrative")


@dataclass(frozen=True, slots=True)
class Source:
    """A publication from which figures were taken; `day` is when it appeared, as written there."""

    id: str
    title: str
    url: str = ""
    day: str = ""


@dataclass(frozen=True, slots=True)
class Window:
    """Opening hours on some weekdays: [start_min, end_min) after local midnight.

    `weekdays` holds 0 (Monday) to 6; `end_min` may pass 1440, the window then belongs to the day on
    which it starts.
    """

    weekdays: frozenset[int]
    start_min: int
    end_min: int


@dataclass(frozen=True, slots=True)
class Calendar:
    """Opening hours of routes and facilities."""

    id: str
    name: Name
    windows: tuple[Window, ...]
    closed_on_public_holidays: bool
    provenance: Provenance = ILLUSTRATIVE


@dataclass(frozen=True, slots=True)
class RuleProfile:
    """Booking rules that routes and facilities share; units stand in the field names."""

    id: str
    name: Name
    slot_min: int
    slot_step_min: int
    min_lead_days: int
    max_lead_days: int
    max_hours_per_org_week: int
    setup_min: int = 0
    cleanup_min: int = 0
    free_cancel_until_hours: int = 0
    late_cancel_counts_as_use: bool = False
    permit_temporary_operation: bool = False
    permit_limited_transport: bool = False
    insurance_required: bool = False
    safety_driver: str = "none"
    approvals: tuple[str, ...] = ()
    approval_days: int = 0
    approval_silence: str = "rejected"
    details: Mapping[str, object] = field(default_factory=dict, compare=False)
    provenance: Provenance = ILLUSTRATIVE


@dataclass(frozen=True, slots=True)
class Corridor:
    """Road space used by several routes; its vehicles are counted over all of them."""

    id: str
    name: Name
    max_vehicles: int
    routes: tuple[str, ...]
    whole_site_exclusive: bool = False
    provenance: Provenance = ILLUSTRATIVE


@dataclass(frozen=True, slots=True)
class City:
    """A municipality; `lon`, `lat` are of its city hall, approximate (WGS 84).

    `role` says in a few words what it stands for in the valley.
    """

    id: str
    name: Name
    cluster: str
    lon: float
    lat: float
    provenance: Provenance = ILLUSTRATIVE
    role: Name | None = None


@dataclass(frozen=True, slots=True)
class Site:
    """One operated place in a city; `zone` is its IANA time zone."""

    id: str
    city: str
    name: Name
    kind: str
    operator: str
    lon: float
    lat: float
    zone: str
    status: str = "operating"
    access: str = ""
    provenance: Provenance = ILLUSTRATIVE


@dataclass(frozen=True, slots=True)
class Fee:
    """Fees in whole KRW per booked hour, and the factors on them by type of organisation."""

    per_hour_shared: int = 0
    per_hour_exclusive: int = 0
    factors: Mapping[str, float] = field(default_factory=dict)
    basis: str = ""


@dataclass(frozen=True, slots=True)
class Route:
    """A drivable path; capacity counts vehicles at once."""

    id: str
    city: str
    site: str
    zone: str
    name: Name
    kind: str
    calendar: str
    rule: str
    modes: frozenset[Mode]
    odd: Mapping[str, OddValue]
    max_vehicles_shared: int
    max_vehicles_exclusive: int
    corridor: str | None = None
    bookable: bool = True
    status: str = "operating"
    fee: Fee = field(default_factory=Fee)
    valid_from: date | None = None
    valid_until: date | None = None
    details: Mapping[str, object] = field(default_factory=dict, compare=False)
    provenance: Provenance = ILLUSTRATIVE

    @property
    def capacity(self) -> int:
        """Units of the route's pool: vehicles at once, or 1 where it is never shared."""
        return max(1, self.max_vehicles_shared)


@dataclass(frozen=True, slots=True)
class Facility:
    """A fixed or mobile place or kit with countable units.

    `sharing` is "exclusive" and "pooled" (each unit is private) or "shared" (units beside others,
    all of them when asked exclusively).
    """

    id: str
    city: str
    site: str
    zone: str
    name: Name
    kind: str
    calendar: str
    rule: str
    units: int
    sharing: str
    setup_min: int
    cleanup_min: int
    max_hours_per_booking: int | None = None
    mobile: bool = False
    blocks_routes: tuple[str, ...] = ()
    provides: frozenset[str] = frozenset()
    fee: Fee = field(default_factory=Fee)
    unit_name: str = "unit"
    bookable: bool = True
    status: str = "operating"
    valid_from: date | None = None
    valid_until: date | None = None
    details: Mapping[str, object] = field(default_factory=dict, compare=False)
    provenance: Provenance = ILLUSTRATIVE

    @property
    def capacity(self) -> int:
        """Units of the facility's pool."""
        return self.units


Resource = Route | Facility


@dataclass(frozen=True, slots=True)
class OddAttribute:
    """An attribute of the operational design domain (ISO 34503 vocabulary) and its values."""

    id: str
    type: str
    name: Name
    group: str = ""
    unit: str = ""
    values: tuple[str, ...] = ()


@dataclass(frozen=True)
class Catalogue:
    """Everything bookable, with the calendars, rules and distances that booking needs.

    `distances` maps ordered city pairs to minutes of driving; `holidays` maps dates to names, and
    `holidays_until` is the last date for which they are known.
    """

    cities: Mapping[str, City]
    sites: Mapping[str, Site]
    calendars: Mapping[str, Calendar]
    rules: Mapping[str, RuleProfile]
    corridors: Mapping[str, Corridor]
    routes: Mapping[str, Route]
    facilities: Mapping[str, Facility]
    odd_attributes: Mapping[str, OddAttribute] = field(default_factory=dict)
    distances: Mapping[tuple[str, str], int] = field(default_factory=dict)
    holidays: Mapping[date, Name] = field(default_factory=dict)
    holidays_until: date | None = None
    sources: Mapping[str, Source] = field(default_factory=dict)

    def resource(self, resource_id: str) -> Resource:
        """The route or facility of that id. Raises NotFound("resource")."""
        found = self.routes.get(resource_id) or self.facilities.get(resource_id)
        if found is None:
            raise NotFound("resource", id=resource_id)
        return found

    def resources(self) -> tuple[Resource, ...]:
        """All routes, then all facilities, in the order of the file."""
        return (*self.routes.values(), *self.facilities.values())

    def pools(self) -> dict[str, int]:
        """Capacity of every pool by id: each route, facility and corridor owns the one it names."""
        capacities = {each.id: each.capacity for each in self.resources()}
        return capacities | {each.id: each.max_vehicles for each in self.corridors.values()}

    def drive_minutes(self, city: str, other: str) -> int:
        """Minutes of driving between two cities; 0 within one.

        Raises NotFound("distance") for a pair that the catalogue does not know.
        """
        if city == other:
            return 0
        minutes = self.distances.get((city, other), self.distances.get((other, city)))
        if minutes is None:
            raise NotFound("distance", city=city, other=other)
        return minutes


@dataclass(frozen=True, slots=True)
class OddTerm:
    """One demand on an ODD attribute of a route (or on `provides` of a facility).

    `test`: "any" and "all" compare lists, "min" and "max" numbers, "is" a single value.
    """

    attribute: str
    test: str
    value: OddValue

    def met_by(self, offered: OddValue | None) -> bool:
        """Whether a resource that offers this value meets the term; a missing value never does."""
        return offered is not None and _TESTS[self.test](offered, self.value)


def _as_set(value: OddValue) -> frozenset[str]:
    return value if isinstance(value, frozenset) else frozenset((str(value),))


def _number(value: OddValue) -> float:
    return float(value) if isinstance(value, int | float) else float("nan")


_TESTS: dict[str, Callable[[OddValue, OddValue], bool]] = {
    "any": lambda offered, wanted: bool(_as_set(offered) & _as_set(wanted)),
    "all": lambda offered, wanted: _as_set(wanted) <= _as_set(offered),
    "min": lambda offered, wanted: _number(offered) >= _number(wanted),
    "max": lambda offered, wanted: _number(offered) <= _number(wanted),
    "is": lambda offered, wanted: offered == wanted,
}


def odd_of(resource: Resource) -> Mapping[str, OddValue]:
    """The ODD attributes a resource offers; a facility offers what it `provides`."""
    return resource.odd if isinstance(resource, Route) else {"provides": resource.provides}


def meets(resource: Resource, terms: Iterable[OddTerm]) -> bool:
    """Whether a resource meets every term."""
    offered = odd_of(resource)
    return all(term.met_by(offered.get(term.attribute)) for term in terms)
