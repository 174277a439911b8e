"""Experiments: replications of a scenario, their estimates, and the result as a document."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from sim.distributions import draw
from sim.engines import Engine
from sim.rows import KPIS, Path, Row
from sim.scenario import MODEL_VERSION, Precision, Scenario
from sim.statistics import Estimate, estimate
from testbed.domain.kpi import SESSION_KPIS

FEWEST = 3
LOOK_AHEAD = 5
LEAD_LEVEL = 0.95
# In these sections a name that a replication lacks means none of it; elsewhere it means unknown.
COUNTED = frozenset({"refusals", "spillover", "linkage"})

Watch = Callable[[Sequence[Row]], None]
WatchTogether = Callable[[Sequence[Sequence[Row]], int], None]


@dataclass(frozen=True)
class Experiment:
    """The rows of a scenario's replications, in their order."""

    scenario: Scenario
    rows: tuple[Row, ...]

    def values(self, path: Path) -> list[float | None]:
        """One figure of every replication."""
        missing = 0.0 if path[0] in COUNTED else None
        return [row.get(path, missing) for row in self.rows]

    def estimates(self, sections: Collection[str] = ()) -> dict[Path, Estimate]:
        """Every figure that any replication has, by sorted path; of these sections if any."""
        every = {path for row in self.rows for path in row}
        paths = sorted(path for path in every if not sections or path[0] in sections)
        return {path: estimate(self.values(path)) for path in paths}


def run(scenario: Scenario, engine: Engine, watch: Watch = lambda _: None) -> Experiment:
    """Replicate as often as the scenario says, or until it is precise.

    `watch` sees the rows so far after each replication.
    """
    [done] = run_together([scenario], engine, lambda known, _: watch(known[0]))
    return done


def run_together(
    scenarios: Sequence[Scenario], engine: Engine, watch: WatchTogether = lambda _, __: None
) -> tuple[Experiment, ...]:
    """Replicate scenarios in rounds: all of them as often as the first says, so that they pair.

    With a precision they go on until every one of them is precise. `watch` sees the rows so far of
    all, and the number of the scenario that has got one more.
    """
    rows: list[list[Row]] = [[] for _ in scenarios]
    enough = 0
    for rounds in _chunks(scenarios[0]):
        _replicate(scenarios, rounds, engine, rows, watch)
        enough = _all_enough(scenarios, rows)
        if enough:
            break
    kept = enough or len(rows[0])
    return tuple(
        Experiment(scenario, tuple(each[:kept]))
        for scenario, each in zip(scenarios, rows, strict=True)
    )


def _chunks(scenario: Scenario) -> Iterator[range]:
    """Which replications to queue at once.

    With a precision these are steps of equal size, so that the number of workers cannot change
    where it ends.
    """
    precision = scenario.precision
    if precision is None:
        yield range(scenario.replications)
        return
    step = FEWEST + LOOK_AHEAD
    for first in range(0, precision.most, step):
        yield range(first, min(first + step, precision.most))


def _replicate(
    scenarios: Sequence[Scenario],
    rounds: range,
    engine: Engine,
    rows: list[list[Row]],
    watch: WatchTogether,
) -> None:
    """Append a row of each scenario and round; all are queued before the first is awaited."""
    waiting = [
        (number, engine.rows(scenario, [each]))
        for each in rounds
        for number, scenario in enumerate(scenarios)
    ]
    for number, source in waiting:
        rows[number].extend(source)
        watch(rows, number)


def _all_enough(scenarios: Sequence[Scenario], rows: Sequence[Sequence[Row]]) -> int:
    """How many rounds are enough for every scenario; 0: not yet, or they are a fixed number."""
    counts = [
        each.precision and _enough(known, each.precision)
        for each, known in zip(scenarios, rows, strict=True)
    ]
    return max((each or 0 for each in counts), default=0) if all(counts) else 0


def _enough(rows: Sequence[Row], precision: Precision) -> int | None:
    """How many rows are enough: precise once, and still so for a few replications more."""
    run_length = 0
    for count in range(FEWEST, len(rows) + 1):
        run_length = run_length + 1 if is_precise(rows[:count], precision) else 0
        if run_length > LOOK_AHEAD:
            return count
    return None


def is_precise(rows: Sequence[Row], precision: Precision) -> bool:
    """Whether every figure asked for has at most its half-width."""
    return all(
        (found := estimate(row.get((KPIS, name)) for row in rows).half_width) is not None
        and found <= asked
        for name, asked in precision.half_widths.items()
    )


# -- the result ------------------------------------------------------------------------------

_UNITS: Mapping[str, str] = {
    **{each.name: each.unit for each in SESSION_KPIS},
    "utilisation": "share of open unit-grains",
    "occupancy": "share of open unit-grains",
    "first_slot_days_p50": "days",
    "first_slot_days_p90": "days",
    "third_slot_days_p50": "days",
    "third_slot_days_p90": "days",
}
_SECTION_UNITS: Mapping[str, str] = {
    "refusals": "share of sessions",
    "spillover": "sessions",
    "linkage": "hours",
}


def unit_of(path: Path) -> str:
    """The unit of the figure at that path."""
    return _SECTION_UNITS.get(path[0]) or _UNITS[path[-1]]


def result_of(experiment: Experiment) -> dict[str, object]:
    """The result as a document: every figure with mean, half-width, n and unit; no time stamps."""
    scenario = experiment.scenario
    return {
        "scenario": dict(scenario.document),
        "scenario_digest": scenario.digest,
        "catalogue_digest": scenario.catalogue_digest,
        "demand_digest": scenario.demand_digest,
        "seed": scenario.seed,
        "model_version": MODEL_VERSION,
        "replications": len(experiment.rows),
        "horizon": {
            "start": scenario.start.isoformat(),
            "days": scenario.days,
            "warmup_days": scenario.warmup_days,
        },
        "precision": _precision(experiment),
        "warnings": warnings(scenario),
        **figures_of(experiment),
    }


def figures_of(experiment: Experiment, sections: Collection[str] = ()) -> dict[str, object]:
    """The figures of some sections of the result, of all where none is named."""
    result: dict[str, object] = {}
    for path, found in experiment.estimates(sections).items():
        _put(result, path, figure(found, unit_of(path)))
    return result


def figure(found: Estimate, unit: str) -> dict[str, object]:
    """An estimate as a document."""
    return {"mean": found.mean, "half_width": found.half_width, "n": found.n, "unit": unit}


def _put(result: dict[str, object], path: Path, value: object) -> None:
    place = result
    for name in path[:-1]:
        inner = place.setdefault(name, {})
        if not isinstance(inner, dict):
            raise TypeError(path)
        place = inner
    place[path[-1]] = value


def _precision(experiment: Experiment) -> dict[str, object] | None:
    asked = experiment.scenario.precision
    if asked is None:
        return None
    reached = is_precise(experiment.rows, asked)
    return {"asked": dict(asked.half_widths), "most": asked.most, "reached": reached}


def warnings(scenario: Scenario) -> list[str]:
    """Codes of what makes the figures of a scenario doubtful."""
    return ["warmup_short"] if scenario.warmup_days < lead_days(scenario) else []


def lead_days(scenario: Scenario) -> float:
    """The 95th percentile of the drawn lead times of all requests, in days.

    Before so many days have been simulated, the calendar is emptier than it will be.
    """
    levels = (np.arange(1000) + 0.5) / 1000
    types = [each for each in scenario.demand.organisation_types.values() if each.count]
    if not types:
        return 0.0
    leads = np.concatenate([draw(each.lead, levels) for each in types])
    weights = np.repeat([each.count * each.requests_per_org_month for each in types], len(levels))
    order = np.argsort(leads, kind="stable")
    reached = np.cumsum(weights[order]) >= LEAD_LEVEL * weights.sum()
    return float(leads[order][reached.argmax()])
