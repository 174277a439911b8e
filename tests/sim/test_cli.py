import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from sim.cli import sim

SCENARIO = """
[scenario]
name = "trial"
seed = 1
start = 2026-03-02
days = 7
warmup_days = 7
replications = 2
measure = []
"""


@pytest.fixture
def scenario(tmp_path: Path) -> Path:
    file = tmp_path / "trial.toml"
    file.write_text(SCENARIO, encoding="utf-8")
    return file


def invoke(*words: object):
    return CliRunner().invoke(sim, [str(word) for word in words])


def test_a_run_writes_its_result_and_shows_tables_with_intervals(scenario, tmp_path):
    done = invoke("run", scenario, "--out", tmp_path / "out", "--engine", "serial")
    assert done.exit_code == 0, done.output
    assert "acceptance" in done.output
    assert "±" in done.output
    result = json.loads((tmp_path / "out" / "result.json").read_text())
    assert result["replications"] == 2
    assert list(result) == sorted(result)
    times = json.loads((tmp_path / "out" / "run.json").read_text())
    assert times["engine"] == "serial"
    assert not {"started_at", "seconds"} & result.keys()


def test_json_on_the_terminal_is_the_result_alone(scenario, tmp_path):
    out = tmp_path / "out"
    done = invoke("run", scenario, "--out", out, "--workers", 1, "--replications", 1, "--json")
    assert json.loads(done.stdout) == json.loads((out / "result.json").read_text())
    assert json.loads(done.stdout)["kpis"]["acceptance"]["half_width"] is None


def test_a_short_warm_up_is_said(scenario, tmp_path):
    done = invoke("run", scenario, "--out", tmp_path / "out", "--workers", 1)
    assert "warm-up is shorter" in done.stderr


def test_a_typo_is_one_line_with_its_place_and_leaves_nothing_behind(scenario, tmp_path):
    scenario.write_text(SCENARIO.replace("warmup_days", "warm_up_days"), encoding="utf-8")
    done = invoke("run", scenario, "--out", tmp_path / "out")
    assert done.exit_code == 1
    assert "trial.toml.scenario.warm_up_days" in done.output
    assert "Traceback" not in done.output
    assert not (tmp_path / "out").exists()


def test_a_scenario_that_is_not_there_is_said(tmp_path):
    done = invoke("run", tmp_path / "nothing.toml", "--out", tmp_path / "out")
    assert done.exit_code == 1
    assert "nothing.toml" in done.output


@pytest.mark.slow
def test_a_comparison_pairs_options_with_their_base(scenario, tmp_path):
    option = tmp_path / "more.toml"
    change = '[[change]]\nfacility = "fc-kcity-weather"\nunits_add = 1\n'
    option.write_text(SCENARIO.replace('"trial"', '"more"') + change, encoding="utf-8")
    out = tmp_path / "out"
    done = invoke("compare", scenario, option, "--out", out, "--workers", 1)
    assert done.exit_code == 0, done.output
    found = json.loads((out / "comparison.json").read_text())
    assert found["options"]["more"]["hours_per_year"]["mean"] >= 0
    assert found["options"]["more"]["cost_mkrw_year"] == 710
    assert (out / "base" / "result.json").exists()
    assert (out / "more" / "result.json").exists()


def test_options_with_other_days_are_refused_before_anything_runs(scenario, tmp_path):
    option = tmp_path / "longer.toml"
    option.write_text(SCENARIO.replace("days = 7", "days = 8", 1), encoding="utf-8")
    done = invoke("compare", scenario, option, "--out", tmp_path / "out")
    assert done.exit_code == 1
    assert "nothing to pair" in done.output
    assert not (tmp_path / "out").exists()


@pytest.mark.slow
def test_the_workers_of_the_command_line_change_no_byte(scenario, tmp_path):
    results = []
    for workers in (1, 2):
        out = tmp_path / str(workers)
        assert invoke("run", scenario, "--out", out, "--workers", workers).exit_code == 0
        results.append((out / "result.json").read_bytes())
    assert results[0] == results[1]
