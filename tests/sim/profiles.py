"""Small scenarios for the tests of the simulation: the packaged valley, over few days."""

from dataclasses import replace
from functools import cache
from pathlib import Path

import sim
from sim.scenario import Scenario
from sim.scenario_file import read_scenario

SCENARIOS = Path(sim.__file__).parent / "scenarios"


@cache
def packaged(name: str = "base") -> Scenario:
    return read_scenario(SCENARIOS / f"{name}.toml")


def short(name: str = "base", days: int = 14, **changes: object) -> Scenario:
    """A packaged scenario over so few days that it runs in a moment."""
    digest = f"{name} {days} {sorted(changes)} {list(changes.values())}"
    plain: dict[str, object] = {"days": days, "warmup_days": 7, "replications": 2, "digest": digest}
    return replace(packaged(name), **(plain | changes))
