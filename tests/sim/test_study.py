"""Studies: demand levels and options beside a scenario, replicated together."""

import json

import pytest

from sim.comparison import gain
from sim.engines import Processes, Serial
from sim.experiment import result_of, run, run_together
from sim.scenario import Precision
from sim.study import Study, document_of_study, known_so_far, read_study, run_study
from testbed.domain.errors import InvalidFile
from tests.sim.profiles import short

SCENARIO = """
[scenario]
name = "trial"
seed = 1
start = 2026-03-02
days = 7
warmup_days = 1
replications = 2
[base]
level = 0.2
"""
STUDY = """
[study]
levels = [0.4, 0.2]
options = ["op-drivers", "op-weather-2"]
"""


@pytest.fixture
def study_of(tmp_path):
    def read(text: str) -> Study:
        file = tmp_path / "trial.toml"
        file.write_text(text, encoding="utf-8")
        return read_study(file)

    return read


@pytest.fixture(scope="module")
def read(tmp_path_factory):
    file = tmp_path_factory.mktemp("study") / "trial.toml"
    file.write_text(SCENARIO + STUDY, encoding="utf-8")
    return read_study(file)


@pytest.fixture(scope="module")
def done(read):
    return run_study(read, Serial())


def as_bytes(document) -> bytes:
    return json.dumps(document, sort_keys=True, allow_nan=False).encode()


@pytest.mark.slow
def test_a_file_without_the_table_is_the_study_of_its_scenario(study_of):
    plain = study_of(SCENARIO)
    assert plain.scenarios == (plain.main,)
    alone = document_of_study(run_study(plain, Serial()))
    assert as_bytes(alone) == as_bytes(result_of(run(plain.main, Serial())))


def test_levels_come_in_order_and_the_scenarios_own_is_run_once(read):
    assert [each.level for each in read.levels] == [0.2, 0.4]
    assert read.levels[0] == read.main
    assert len(read.scenarios) == 4


def test_an_option_changes_the_catalogue_and_brings_its_cost(read):
    drivers, tunnel = read.options
    assert drivers.catalogue.facilities["fc-pool-driver"].units == 4 + (
        read.main.catalogue.facilities["fc-pool-driver"].units
    )
    assert drivers.cost.per_year == 240
    assert tunnel.name == "op-weather-2"


@pytest.mark.slow
def test_every_level_has_its_acceptance_and_every_option_its_paired_gain(done):
    document = document_of_study(done)["study"]
    assert [each["level"] for each in document["levels"]] == [0.2, 0.4]
    assert all(each["kpis"]["acceptance"]["n"] == 2 for each in document["levels"])
    assert document["levels"][0]["by_resource"] == result_of(done.main)["by_resource"]
    options = document["comparison"]["options"]
    assert list(options) == ["op-drivers", "op-weather-2"]
    alone = gain(run(done.study.options[0], Serial()), done.main, comparisons=2)
    expected = alone.differences["hours_per_year"]
    assert options["op-drivers"]["hours_per_year"]["mean"] == expected.mean
    assert options["op-drivers"]["hours_per_year"]["half_width"] == expected.half_width


@pytest.mark.slow
def test_options_are_paired_with_the_best_of_them(done):
    comparison = document_of_study(done)["study"]["comparison"]
    gains = {name: each["hours_per_year"]["mean"] for name, each in comparison["options"].items()}
    [(other, found)] = comparison["behind_best"].items()
    best = max(gains, key=lambda name: (gains[name], name))
    assert other != best
    assert found["mean"] == pytest.approx(gains[other] - gains[best])


def test_the_scenarios_own_part_is_the_result_of_the_scenario_alone(done, read):
    alone = result_of(run(read.main, Serial()))
    together = document_of_study(done)
    assert as_bytes({key: together[key] for key in alone}) == as_bytes(alone)


@pytest.mark.slow
def test_workers_change_no_byte_of_a_study(done, read):
    with Processes(2) as two:
        assert as_bytes(document_of_study(run_study(read, two))) == as_bytes(
            document_of_study(done)
        )


@pytest.mark.slow
def test_what_is_known_is_shown_after_every_row_in_rounds(read):
    seen = []
    run_study(read, Serial(), lambda known, number: seen.append((number, known_so_far(known))))
    assert [number for number, _ in seen] == [0, 1, 2, 3, 0, 1, 2, 3]
    first, last = seen[0][1], seen[-1][1]
    assert first["kpis"]["acceptance"]["half_width"] is None
    assert "kpis" not in first["study"]["levels"][1]
    assert last["study"]["comparison"]["options"]["op-drivers"]["hours_per_year"]["n"] == 2


class Canned:
    """An engine that knows the acceptance of every replication, by level."""

    def __init__(self, values):
        self._values = values

    def rows(self, scenario, replications):
        values = self._values[scenario.level]
        return iter([{("kpis", "acceptance"): values[each]} for each in replications])


def test_all_go_on_until_the_last_one_is_precise():
    quiet, noisy = [0.9] * 40, [0.5, 0.9, *[0.7] * 38]
    asked = Precision({"acceptance": 0.05}, 40)
    scenarios = [short(level=level, precision=asked) for level in (1.0, 2.0)]
    calm, wild = run_together(scenarios, Canned({1.0: quiet, 2.0: noisy}))
    alone = run(scenarios[0], Canned({1.0: quiet}))
    assert len(alone.rows) == 8
    assert len(calm.rows) == len(wild.rows) > 8


@pytest.mark.parametrize(
    ("table", "code", "place"),
    [
        ("levels = [1, 1]", "duplicate_value", "trial.toml.study.levels"),
        ("levels = [21]", "out_of_range", "trial.toml.study.levels[0]"),
        ("levels = [1,2,3,4,5,6,7,8,9]", "out_of_range", "trial.toml.study.levels"),
        ('options = ["op-nothing"]', "unknown_reference", "trial.toml.study.options[0]"),
        ("level = [2]", "unknown_key", "trial.toml.study.level"),
    ],
)
def test_a_mistake_of_the_table_is_reported_with_its_place(study_of, table, code, place):
    with pytest.raises(InvalidFile) as caught:
        study_of(f"{SCENARIO}[study]\n{table}\n")
    assert [(each.code, each.place) for each in caught.value.mistakes] == [(code, place)]
