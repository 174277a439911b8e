"""The method sheet says what every figure and every key of a scenario means."""

import re
from pathlib import Path

import pytest

from sim.scenario import MEASURES
from testbed.domain.kpi import SESSION_KPIS, first_slots
from tests.sim.profiles import SCENARIOS

SHEET = (Path(__file__).parents[2] / "docs" / "simulation.md").read_text(encoding="utf-8")
FIGURES = [*(each.name for each in SESSION_KPIS), *first_slots([]), "utilisation", "occupancy"]
SECTIONS = ("by_test_kind", "by_organisation_type", "by_month", "by_resource", "by_corridor")
MORE = ("by_city", "by_kind", "by_hour", "refusals", "spillover", "linkage", "warmup_short")


@pytest.mark.parametrize("name", [*FIGURES, *SECTIONS, *MORE])
def test_every_figure_is_described(name):
    assert f"`{name}`" in SHEET


@pytest.mark.parametrize("name", MEASURES)
def test_every_measurement_is_described(name):
    assert f'"{name}"' in SHEET


def test_every_key_of_the_packaged_scenarios_is_described():
    for file in SCENARIOS.glob("*.toml"):
        text = file.read_text(encoding="utf-8")
        for key in re.findall(r"^(\w+) =", text.split("[[change]]")[0], re.MULTILINE):
            assert f"\n{key} = " in SHEET, (file.name, key)
