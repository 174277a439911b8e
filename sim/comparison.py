"""Options against a base, replication by replication, with the same draws on both sides."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from sim.experiment import Experiment, figure
from sim.rows import KPIS
from sim.scenario import MODEL_VERSION, Scenario
from sim.statistics import Estimate, estimate, paired
from testbed.domain.errors import InvalidRequest

DAYS_PER_YEAR = 365
MOST_OPTIONS = 10
# What is compared: name in the result, key figure, and whether it is a total over the days run.
_MEASURES = (
    ("sessions_per_year", "granted_sessions", True),
    ("hours_per_year", "granted_hours", True),
    ("acceptance", "acceptance", False),
    ("acceptance_hours", "acceptance_hours", False),
)
UNITS = {
    "sessions_per_year": "sessions a year",
    "hours_per_year": "wished hours a year",
    "acceptance": "share of sessions",
    "acceptance_hours": "share of hours",
    "hours_per_mkrw": "wished hours per million won",
}


@dataclass(frozen=True, slots=True)
class Gain:
    """What an option adds to the base: paired differences by name.

    `cost` is million KRW a year, None where the option names none; 0 is free.
    """

    name: str
    differences: dict[str, Estimate]
    cost: float | None


def check_comparable(base: Scenario, options: Sequence[Scenario]) -> None:
    """Only scenarios with the same days, demand and draws can be paired.

    Raises InvalidRequest: "not_comparable" with the scenario and the key, "too_many_options".
    """
    if len(options) > MOST_OPTIONS:
        raise InvalidRequest("too_many_options", options=len(options), most=MOST_OPTIONS)
    for option in options:
        for key in ("seed", "start", "days", "warmup_days", "demand_digest", "level"):
            if getattr(option, key) != getattr(base, key):
                raise InvalidRequest("not_comparable", scenario=option.name, key=key)


def gain(option: Experiment, base: Experiment, comparisons: int) -> Gain:
    """The paired differences; all `comparisons` intervals of a measure hold together with 95 %."""
    found = {
        name: paired(_scaled(option, key, total), _scaled(base, key, total), comparisons)
        for name, key, total in _MEASURES
    }
    cost = option.scenario.cost.per_year if option.scenario.cost else None
    if cost:
        found["hours_per_mkrw"] = _divided(found["hours_per_year"], cost)
    return Gain(option.scenario.name, found, cost)


def behind_best(options: Sequence[Experiment]) -> dict[str, Estimate]:
    """How many wished hours a year each option lacks of the one that grants most.

    The best itself is left out. The best is chosen by these very figures, so the intervals of all
    pairs of options hold together with 95 %.
    """
    hours = {each.scenario.name: _scaled(each, "granted_hours", True) for each in options}
    best = max(hours, key=lambda name: (estimate(hours[name]).mean or 0.0, name), default=None)
    if best is None:
        return {}
    pairs = max(1, math.comb(len(hours), 2))
    return {
        name: paired(values, hours[best], pairs) for name, values in hours.items() if name != best
    }


def _scaled(experiment: Experiment, key: str, total: bool) -> list[float | None]:
    factor = DAYS_PER_YEAR / experiment.scenario.days if total else 1.0
    values = experiment.values((KPIS, key))
    return [None if value is None else value * factor for value in values]


def _divided(found: Estimate, cost: float) -> Estimate:
    mean = None if found.mean is None else found.mean / cost
    half_width = None if found.half_width is None else found.half_width / cost
    return Estimate(mean, half_width, found.n)


def told_apart(found: Estimate) -> bool:
    """Whether the interval leaves no doubt about the sign of the difference."""
    return found.low > 0 or found.high < 0


def comparison_of(base: Experiment, gains: Sequence[Gain]) -> dict[str, object]:
    """The comparison as a document."""
    return {
        "base": base.scenario.name,
        "base_digest": base.scenario.digest,
        "seed": base.scenario.seed,
        "model_version": MODEL_VERSION,
        "replications": len(base.rows),
        "comparisons": len(gains),
        "options": {each.name: _option(each) for each in gains},
    }


def _option(each: Gain) -> dict[str, object]:
    found: dict[str, object] = {
        name: difference_of(difference, UNITS[name])
        for name, difference in each.differences.items()
    }
    return found | {"cost_mkrw_year": each.cost}


def difference_of(found: Estimate, unit: str) -> dict[str, object]:
    """A paired difference as a document."""
    return figure(found, unit) | {"told_apart": told_apart(found)}
