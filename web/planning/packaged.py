"""The packaged scenarios and the options of their demand profile, read once per process."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import sim
from sim.scenario import Scenario
from sim.scenario_file import read_scenario
from testbed.domain.catalogue import Name
from testbed.domain.demand import CapacityOption

BASE = "base"
_FOLDER = Path(sim.__file__).parent / "scenarios"


@dataclass(frozen=True, slots=True)
class Packaged:
    """A packaged scenario; `option` is the capacity option that it tests, None for the base."""

    id: str
    scenario: Scenario
    option: CapacityOption | None


@cache
def packaged() -> Mapping[str, Packaged]:
    """The packaged scenarios by name, the base first."""
    base = read_scenario(_FOLDER / f"{BASE}.toml")
    found = {BASE: Packaged(BASE, base, None)}
    for name, option in base.demand.capacity_options.items():
        found[name] = Packaged(name, read_scenario(_FOLDER / f"{name}.toml"), option)
    return found


def options() -> Mapping[str, CapacityOption]:
    """The capacity options of the packaged demand profile by id."""
    return packaged()[BASE].scenario.demand.capacity_options


def option_name(option: str) -> Name | None:
    """The name of a capacity option, None for one that is not packaged."""
    found = options().get(option)
    return found.name if found else None
