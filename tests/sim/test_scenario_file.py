from dataclasses import replace
from pathlib import Path

import pytest

from sim.scenario import Precision
from sim.scenario_file import read_scenario
from sim.sentences import sentence
from testbed.domain.errors import InvalidFile
from tests.sim.profiles import SCENARIOS, packaged

GOOD = """
[scenario]
name = "trial"
seed = 1
start = 2026-01-05
days = 30
[base]
"""


def read(tmp_path: Path, text: str):
    file = tmp_path / "trial.toml"
    file.write_text(text, encoding="utf-8")
    return read_scenario(file)


def mistakes_of(tmp_path: Path, text: str) -> dict[str, str]:
    """Codes by place."""
    with pytest.raises(InvalidFile) as caught:
        read(tmp_path, text)
    assert all(sentence(each.code, each.fields) for each in caught.value.mistakes)
    return {each.place: each.code for each in caught.value.mistakes}


def test_what_a_scenario_leaves_out_has_its_default(tmp_path):
    found = read(tmp_path, GOOD)
    assert (found.level, found.standing, found.replications) == (1.0, True, 20)
    assert found.warmup_days == 90
    assert found.policy.near_misses == 0
    assert found.catalogue == found.base_catalogue


def test_every_mistake_is_named_at_once_with_its_place(tmp_path):
    text = """
    [scenario]
    name = "broken"
    sead = 1
    start = "soon"
    days = 0
    measure = ["everything"]
    [base]
    level = -1
    disruptions = true
    [policy]
    shift_per_grane = 3
    [[change]]
    facility = "fc-kcity-weather"
    units_ad = 1
    [[change]]
    route = "rt-nowhere"
    bookable = true
    [[change]]
    growth = "moon"
    [weather]
    """
    found = mistakes_of(tmp_path, text)
    assert found == {
        "trial.toml.scenario.sead": "unknown_key",
        "trial.toml.scenario.seed": "missing_key",
        "trial.toml.scenario.start": "bad_date",
        "trial.toml.scenario.days": "out_of_range",
        "trial.toml.scenario.measure[0]": "unknown_value",
        "trial.toml.base.level": "out_of_range",
        "trial.toml.base.disruptions": "not_modelled",
        "trial.toml.policy.shift_per_grane": "unknown_key",
        "trial.toml.change[0].units_ad": "unknown_key",
        "trial.toml.change[1].route": "unknown_reference",
        "trial.toml.change[2].growth": "unknown_reference",
        "trial.toml.weather": "unknown_key",
    }


def test_a_run_past_the_last_year_of_known_holidays_is_refused(tmp_path):
    for year in (
        GOOD.replace("days = 30", "days = 3000"),
        GOOD.replace("start = 2026-01-05", "start = 9999-12-31"),
    ):
        found = mistakes_of(tmp_path, year)
        assert found == {"trial.toml.scenario.days": "holidays_unknown"}


def test_the_live_calendar_is_refused_until_it_is_modelled(tmp_path):
    found = mistakes_of(tmp_path, GOOD + 'catalogue = "live"')
    assert found == {"trial.toml.base.catalogue": "not_modelled"}


def test_replications_and_precision_exclude_each_other(tmp_path):
    both = GOOD.replace("days = 30", "days = 30\nreplications = 3\nprecision = { gini = 0.1 }")
    assert mistakes_of(tmp_path, both) == {"trial.toml.scenario.precision": "several_targets"}


def test_a_precision_names_key_figures_and_a_limit(tmp_path):
    asked = "precision = { acceptance_hours = 0.005, max_replications = 50 }"
    found = read(tmp_path, GOOD.replace("days = 30", f"days = 30\n{asked}"))
    assert found.precision == Precision({"acceptance_hours": 0.005}, 50)


def test_a_missing_or_broken_file_is_a_mistake_and_not_a_traceback(tmp_path):
    with pytest.raises(InvalidFile):
        read_scenario(tmp_path / "nothing.toml")
    assert list(mistakes_of(tmp_path, "[scenario").values()) == ["bad_syntax"]


def test_mistakes_of_the_files_it_names_are_reported_too(tmp_path):
    (tmp_path / "wrong.toml").write_text('[[org_type]]\nid = "x"\n', encoding="utf-8")
    found = mistakes_of(tmp_path, GOOD + 'demand = "wrong.toml"')
    assert "missing_key" in found.values()


def test_paths_are_relative_to_the_file_and_stand_in_the_document_as_written(tmp_path):
    data = Path(SCENARIOS).parents[1] / "testbed" / "data" / "gyeonggi"
    folder = tmp_path / "mine"
    folder.mkdir()
    for file in data.iterdir():
        (folder / file.name).write_bytes(file.read_bytes())
    found = read(tmp_path, GOOD + 'catalogue = "mine/catalogue.toml"\ndemand = "mine/demand.toml"')
    assert found.document["base"]["catalogue"] == "mine/catalogue.toml"
    assert found.catalogue == packaged().catalogue


def test_the_policy_table_overrides_single_weights(tmp_path):
    found = read(tmp_path, GOOD + "[policy]\nmin_notice_hours = 48")
    assert found.policy == replace(packaged().policy, min_notice_hours=48)


def test_growth_is_a_change_of_the_demand(tmp_path):
    found = read(tmp_path, GOOD + '[[change]]\ngrowth = "high"')
    assert found.growth.yearly_growth == 0.45


def test_the_digest_covers_what_changes_figures_and_nothing_else(tmp_path):
    plain = read(tmp_path, GOOD)
    assert read(tmp_path, GOOD.replace('"trial"', '"other"')).digest == plain.digest
    assert read(tmp_path, GOOD.replace("days = 30", "days = 30\nreplications = 5")) == plain
    assert read(tmp_path, GOOD.replace("seed = 1", "seed = 2")).digest != plain.digest
    assert read(tmp_path, GOOD + "level = 2.0").digest != plain.digest


def test_there_is_a_scenario_with_the_cost_of_every_capacity_option():
    for option in packaged().demand.capacity_options.values():
        found = packaged(option.id)
        assert found.catalogue != found.base_catalogue
        assert found.document["change"] == [dict(option.change)]
        assert found.cost.capex_mkrw == option.capex_mkrw
        assert (found.seed, found.start, found.days) == (
            packaged().seed,
            packaged().start,
            packaged().days,
        )
