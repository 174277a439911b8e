"""Scenarios so simple that theory knows the answer, to hold the whole model against it.

Each runs through the same demand, allocator and key figures as any other scenario; only its
catalogue and its demand are made here.
"""

from calendar import monthrange
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cache

from sim.engines import Engine
from sim.experiment import run
from sim.rows import KPIS, Path
from sim.scenario import Scenario
from sim.statistics import Estimate, estimate
from testbed.domain.catalogue import (
    Calendar,
    Catalogue,
    City,
    Mode,
    Name,
    Route,
    RuleProfile,
    Site,
    Window,
)
from testbed.domain.demand import (
    HOURS,
    DemandProfile,
    Distribution,
    OrganisationType,
    Requirement,
    TestKind,
    fixed,
)
from testbed.domain.requests import NeedType

ZONE = "Asia/Seoul"
DAY_MIN = 24 * 60
LEAD_DAYS = 7
ORGANISATIONS = 20
# A day of 18 places for bookings of four of them; a place is an hour.
PLACES = 18
LENGTH = 4
HOUR_MIN = 60
ENOUGH_PER_DAY = 120.0
SATURATED_DAYS = 100
MEAN_MIN = 360.0
GRAIN_MIN = 15
YEAR = 2026
DAYS = 300


# -- what theory says ------------------------------------------------------------------------


def erlang_b(servers: int, load: float) -> float:
    """The share of requests lost by `servers` servers under an offered load in erlangs."""
    lost = 1.0
    for count in range(1, servers + 1):
        lost = load * lost / (count + load * lost)
    return lost


def kaufman_roberts(capacity: int, loads: Sequence[float], units: Sequence[int]) -> list[float]:
    """The share lost of each class, whose requests take that many units, under its load."""
    states = [1.0]
    for used in range(1, capacity + 1):
        reached = zip(loads, units, strict=True)
        states.append(
            sum(load * unit * states[used - unit] for load, unit in reached if unit <= used) / used
        )
    return [sum(states[capacity - unit + 1 :]) / sum(states) for unit in units]


@cache
def adsorbed(places: int, length: int) -> float:
    """Bookings of `length` places that fit on average when they come at random until none does."""
    if places < length:
        return 0.0
    left = places - length
    halves = (adsorbed(gap, length) + adsorbed(left - gap, length) for gap in range(left + 1))
    return 1 + sum(halves) / (left + 1)


# -- the scenarios ---------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Oracle:
    """A scenario, and what theory says of some of its figures, by their path."""

    scenario: Scenario
    theory: Mapping[Path, float]

    def measured(self, engine: Engine) -> dict[Path, Estimate]:
        """What the model says of the same figures."""
        done = run(self.scenario, engine)
        return {path: estimate(done.values(path)) for path in self.theory}


def _accepts(number: int) -> Path:
    return "by_test_kind", f"class-{number}", "acceptance"


def loss_system(
    capacity: int, loads: Sequence[float], units: Sequence[int], duration: Distribution, mean: float
) -> Scenario:
    """A road for `capacity` vehicles, open day and night; a class of requests per load.

    Every request starts one constant lead after its submission, on the next grain, or not at all.
    `mean` is the mean of `duration` in minutes.
    """
    kinds = [
        replace(_kind(f"class-{number}", duration), vehicles_weights=_exactly(unit))
        for number, unit in enumerate(units, 1)
    ]
    # Of two requests the later start is rounded up beyond the earlier end by half a grain on
    # average: what keeps others out is that much shorter than what is booked.
    per_day = sum(loads) * DAY_MIN / (mean - GRAIN_MIN / 2)
    profile = _profile(kinds, loads, per_day)
    named = f"loss {capacity} {tuple(loads)} {tuple(units)} {duration}"
    return _scenario(named, _catalogue(capacity, Window(frozenset(range(7)), 0, DAY_MIN)), profile)


def saturated_day(requests_per_day: float) -> Scenario:
    """A road for one, open for 18 hours a day, asked for at random until nothing more fits."""
    window = Window(frozenset(range(7)), 0, PLACES * HOUR_MIN)
    starts = PLACES - LENGTH + 1
    plain = _profile([_kind("crowd", fixed(LENGTH * HOUR_MIN))], (1.0,), requests_per_day)
    askers = {
        name: replace(each, wanted_start="weights")
        for name, each in plain.organisation_types.items()
    }
    profile = replace(
        plain,
        organisation_types=askers,
        wanted_start_hour_weight=tuple(float(hour < starts) for hour in range(HOURS)),
    )
    return _scenario(f"saturated {requests_per_day}", _catalogue(1, window), profile)


def erlang(servers: int, load: float, duration: Distribution, mean: float) -> Oracle:
    """One class of requests on `servers` places; the law of the duration must not matter."""
    scenario = loss_system(servers, (load,), (1,), duration, mean)
    return Oracle(scenario, {_accepts(1): 1 - erlang_b(servers, load)})


def several_units(capacity: int, loads: Sequence[float], units: Sequence[int]) -> Oracle:
    """Classes of requests that take several units at once."""
    scenario = loss_system(capacity, loads, units, exponential(MEAN_MIN), MEAN_MIN)
    lost = kaufman_roberts(capacity, loads, units)
    return Oracle(scenario, {_accepts(number): 1 - each for number, each in enumerate(lost, 1)})


def oracles() -> dict[str, Oracle]:
    """Every oracle by name, with the figures that textbooks print."""
    return {
        "Erlang B, 5 places, load 3": erlang(5, 3, exponential(MEAN_MIN), MEAN_MIN),
        "Erlang B, 10 places, load 8": erlang(10, 8, exponential(MEAN_MIN), MEAN_MIN),
        "Kaufman-Roberts, 10 places": several_units(10, (4, 2), (1, 2)),
        "Adsorption, 18 places by 4": adsorption(ENOUGH_PER_DAY),
    }


def adsorption(requests_per_day: float) -> Oracle:
    """Days filled at random, and the bookings that they hold together."""
    scenario = replace(saturated_day(requests_per_day), days=SATURATED_DAYS, replications=8)
    return Oracle(scenario, {(KPIS, "granted_sessions"): adsorbed(PLACES, LENGTH) * SATURATED_DAYS})


def exponential(mean: float) -> Distribution:
    """An exponential duration in whole grains."""
    return Distribution("exponential", {"mean": mean}, min=GRAIN_MIN, round_to=GRAIN_MIN)


# -- their catalogue and demand --------------------------------------------------------------


def _catalogue(capacity: int, window: Window) -> Catalogue:
    name = Name("oracle", "oracle")
    city = City("oracle", name, "oracle", 0.0, 0.0)
    site = Site("oracle", city.id, name, "track", "oracle", 0.0, 0.0, ZONE)
    calendar = Calendar("oracle", name, (window,), closed_on_public_holidays=False)
    rule = RuleProfile(
        id="oracle",
        name=name,
        slot_min=GRAIN_MIN,
        slot_step_min=GRAIN_MIN,
        min_lead_days=2,
        max_lead_days=LEAD_DAYS + 5,
        max_hours_per_org_week=1_000_000,
    )
    route = Route(
        id="oracle-road",
        city=city.id,
        site=site.id,
        zone=ZONE,
        name=name,
        kind="oracle",
        calendar=calendar.id,
        rule=rule.id,
        modes=frozenset({Mode.SHARED}),
        odd={},
        max_vehicles_shared=capacity,
        max_vehicles_exclusive=capacity,
    )
    return Catalogue(
        cities={city.id: city},
        sites={site.id: site},
        calendars={calendar.id: calendar},
        rules={rule.id: rule},
        corridors={},
        routes={route.id: route},
        facilities={},
    )


def _kind(name: str, duration: Distribution) -> TestKind:
    return TestKind(name, Name(name, name), Requirement(NeedType.ROUTE), duration)


def _exactly(vehicles: int) -> tuple[float, ...]:
    return (*(0.0 for _ in range(vehicles - 1)), 1.0)


def _profile(kinds: Sequence[TestKind], mix: Sequence[float], per_day: float) -> DemandProfile:
    name = Name("asker", "asker")
    asker = OrganisationType(
        id="asker",
        name=name,
        count=ORGANISATIONS,
        requests_per_org_month=per_day * 30 / ORGANISATIONS,
        lead=fixed(LEAD_DAYS),
        test_kind_mix={kind.id: share for kind, share in zip(kinds, mix, strict=True)},
        flex_minutes=0,
        wanted_start="lead",
    )
    return DemandProfile(
        test_kinds={kind.id: kind for kind in kinds},
        organisation_types={asker.id: asker},
        zone=ZONE,
        month_weight=_even_days(),
    )


def _even_days() -> tuple[float, ...]:
    """Weights that make the rate of every day of the year equal, though months differ in length."""
    return tuple(monthrange(YEAR, month)[1] / 30 for month in range(1, 13))


def _scenario(name: str, catalogue: Catalogue, profile: DemandProfile) -> Scenario:
    return Scenario(
        name=name,
        seed=1,
        start=date(YEAR, 1, 15),
        days=DAYS,
        warmup_days=14,
        catalogue=catalogue,
        base_catalogue=catalogue,
        demand=profile,
        digest=name,
        measure=frozenset(),
        replications=20,
    )
