"""The demand profile: who asks for what, how often, when and how patiently; and what may change.

Only the values: `demand_file` reads them, the simulation draws from them. Weights are relative:
they need not sum to 1 or average 1.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from testbed.domain.catalogue import ILLUSTRATIVE, Mode, Name, OddTerm, Provenance
from testbed.domain.requests import Need, NeedType

MONTHS = 12
WEEKDAYS = 7
HOURS = 24

# The parameters that each law needs. `weights` of "empirical" are relative.
PARAMETERS: Mapping[str, tuple[str, ...]] = {
    "fixed": ("value",),
    "uniform": ("low", "high"),
    "exponential": ("mean",),
    "lognormal": ("median", "sigma"),
    "gamma": ("mean", "shape"),
    "weibull": ("scale", "shape"),
    "geometric": ("mean",),
    "empirical": ("values", "weights"),
}


@dataclass(frozen=True, slots=True)
class Distribution:
    """The law of a duration, lead time or count; its unit stands where it is used.

    `name` and `parameters` are those of PARAMETERS; "geometric" counts from 1. A drawn value is cut
    to `min` and `max`, then rounded to a multiple of `round_to`.
    """

    name: str
    parameters: Mapping[str, float | tuple[float, ...]]
    min: float | None = None
    max: float | None = None
    round_to: float | None = None


def fixed(value: float) -> Distribution:
    """The law of a quantity that never varies."""
    return Distribution("fixed", {"value": value})


@dataclass(frozen=True, slots=True)
class Requirement:
    """What serves a test: resources of any of these kinds and rules that meet every ODD term.

    No kinds, or no rules, means any. `night` asks for a slot inside 21:00-06:00.
    """

    type: NeedType
    kinds: tuple[str, ...] = ()
    odd: tuple[OddTerm, ...] = ()
    rules: tuple[str, ...] = ()
    night: bool = False


@dataclass(frozen=True, slots=True)
class ExtraNeed:
    """A facility that a share of the requests of a test kind asks for beside the main resource."""

    kinds: tuple[str, ...]
    units: int = 1
    probability: float = 1.0


@dataclass(frozen=True, slots=True)
class Spacing:
    """Days between the sessions of a request.

    The next working weekday where `weekdays`, else `least` to `most` days apart, uniformly.
    """

    weekdays: bool = False
    least: int = 1
    most: int = 3


@dataclass(frozen=True, slots=True)
class TestKind:
    """A kind of test: what a session needs, how long it takes, how many come in one request.

    `duration` is in minutes. `vehicles_weights` are weights of 1, 2, 3 … vehicles, and
    `exclusive_share` the share of requests that want the resource alone.
    """

    id: str
    name: Name
    main: Requirement
    duration: Distribution
    extras: tuple[ExtraNeed, ...] = ()
    vehicles_weights: tuple[float, ...] = (1.0,)
    exclusive_share: float = 0.0
    sessions: Distribution = field(default_factory=lambda: fixed(1))
    spacing: Spacing = Spacing()
    provenance: Provenance = ILLUSTRATIVE

    __test__ = False  # the name begins as pytest's own classes do: say that this is none of them


def need_of(kind: TestKind, vehicles: int = 1, mode: Mode = Mode.SHARED) -> Need:
    """The main need of one session.

    A facility gives one unit however many vehicles come.
    """
    main = kind.main
    return Need(
        type=main.type,
        kinds=main.kinds,
        odd=main.odd,
        rules=main.rules,
        night=main.night,
        vehicles=vehicles,
        mode=mode,
    )


def extra_need_of(extra: ExtraNeed) -> Need:
    """The need of an extra: at the same time and for as long as the test."""
    return Need(type=NeedType.FACILITY, kinds=extra.kinds, units=extra.units)


@dataclass(frozen=True, slots=True)
class OrganisationType:
    """Organisations that behave alike.

    Rates are per organisation and month; `lead` (days between request and wish) and `patience`
    (days on the waitlist; None never gives up) are drawn for each request. Of the sessions that do
    not fit, `waits_share` wait. A session may start up
    to `flex_days` before or after its wish and, where `flex_minutes` is given, that much earlier or
    later in the day; None means any time of day. `wanted_start` is "weights" or "lead": the wish is
    drawn from the weekday and hour weights, or lies exactly one lead after the request.
    """

    id: str
    name: Name
    count: int
    requests_per_org_month: float
    lead: Distribution
    test_kind_mix: Mapping[str, float]
    cancel_rate: float = 0.0
    no_show_rate: float = 0.0
    late_cancel_share: float = 0.0
    flex_days: int = 0
    flex_minutes: int | None = None
    accepts_other_site_share: float = 1.0
    priority_class: int = 1
    patience: Distribution | None = None
    waits_share: float = 0.0
    wanted_start: str = "weights"
    provenance: Provenance = ILLUSTRATIVE


def waiting_profile(profile: "DemandProfile", share: float) -> "DemandProfile":
    """The profile with this share of waiting sessions for every type of organisation."""
    types = {
        name: replace(each, waits_share=share) for name, each in profile.organisation_types.items()
    }
    return replace(profile, organisation_types=types)


@dataclass(frozen=True, slots=True)
class StandingService:
    """A public service that runs its vehicles on a route whenever its calendar is open."""

    id: str
    name: Name
    route: str
    vehicles: int
    calendar: str
    provenance: Provenance = ILLUSTRATIVE


@dataclass(frozen=True, slots=True)
class CapacityOption:
    """A change of the catalogue that a planner may test, and its costs in million KRW."""

    id: str
    name: Name
    change: Mapping[str, object]
    capex_mkrw: float = 0.0
    opex_mkrw_year: float = 0.0
    provenance: Provenance = ILLUSTRATIVE


@dataclass(frozen=True, slots=True)
class Disruption:
    """What goes wrong; units stand in the names, 0 switches a part off."""

    overrun_probability: float = 0.0
    overrun_min_mean: float = 0.0
    early_end_probability: float = 0.0
    early_end_share_of_slot: float = 0.0
    vehicle_fault_probability: float = 0.0
    facility_mtbf_hours: float = 0.0
    facility_mttr_hours: float = 0.0
    route_closure_per_route_year: float = 0.0
    route_closure_days_mean: float = 0.0
    reschedule_share_after_weather: float = 0.0
    provenance: Provenance = ILLUSTRATIVE


@dataclass(frozen=True, slots=True)
class Weather:
    """Days with precipitation by month (January first), and how they stop open-air sessions."""

    precipitation_days: tuple[float, ...] = (0.0,) * MONTHS
    stop_share_of_precipitation_days: tuple[float, ...] = (0.0,) * MONTHS
    stop_hours_mean: float = 0.0
    station: str = ""
    provenance: Provenance = ILLUSTRATIVE


@dataclass(frozen=True, slots=True)
class GrowthScenario:
    """How demand changes over the years: growth of each year, and one factor from the first on.

    `applies_to` names types of organisations, or "all".
    """

    id: str
    name: Name
    yearly_growth: float = 0.0
    level_factor: float = 1.0
    applies_to: tuple[str, ...] = ("all",)
    provenance: Provenance = ILLUSTRATIVE


@dataclass(frozen=True, slots=True)
class Anchor:
    """A figure on record by which the realism of the profile can be judged."""

    id: str
    name: Name
    value: float
    unit_note: str = ""
    provenance: Provenance = ILLUSTRATIVE


def _even(count: int) -> tuple[float, ...]:
    return (1.0,) * count


@dataclass(frozen=True)
class DemandProfile:
    """Everything that a simulation asks of the demand side.

    Weights by month begin with January, by weekday with Monday, by hour with 0; what a file leaves
    out is neutral. `city_weight` is empty where no city is preferred, `submit_hour_weight` is None
    where requests come evenly over the day. `wanted_start` is the profile's own; each type of
    organisation carries the one that holds for it.
    """

    test_kinds: Mapping[str, TestKind]
    organisation_types: Mapping[str, OrganisationType]
    base_year: int | None = None
    zone: str = "Asia/Seoul"
    wanted_start: str = "weights"
    city_weight: Mapping[str, float] = field(default_factory=dict)
    month_weight: tuple[float, ...] = _even(MONTHS)
    submit_weekday_weight: tuple[float, ...] = _even(WEEKDAYS)
    wanted_weekday_weight: tuple[float, ...] = _even(WEEKDAYS)
    wanted_start_hour_weight: tuple[float, ...] = _even(HOURS)
    submit_hour_weight: tuple[float, ...] | None = None
    standing_services: tuple[StandingService, ...] = ()
    capacity_options: Mapping[str, CapacityOption] = field(default_factory=dict)
    disruption: Disruption = Disruption()
    weather: Weather = Weather()
    growth_scenarios: Mapping[str, GrowthScenario] = field(default_factory=dict)
    anchors: tuple[Anchor, ...] = ()
