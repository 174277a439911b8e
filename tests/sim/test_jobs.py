"""Experiments from the queue, seen from the simulation."""

import json

import pytest

from sim import jobs
from sim.engines import Serial
from sim.experiment import result_of, run
from sim.scenario_file import read_scenario
from testbed.domain.errors import InvalidFile

SCENARIO = """
[scenario]
name = "two weeks"
seed = 1
start = 2026-03-02
days = 7
warmup_days = 1
replications = 3
[base]
level = 0.1
"""


class Desk:
    """Takes reports; says stop after so many."""

    def __init__(self, stop_after: int = 100) -> None:
        self.rows: dict[int, object] = {}
        self.totals: set[int | None] = set()
        self._stop_after = stop_after

    def __call__(self, new_rows, _, total):
        self.rows |= new_rows
        self.totals.add(total)
        return len(self.rows) < self._stop_after


@pytest.fixture(scope="module")
def finished():
    desk = Desk()
    return desk, jobs.study(SCENARIO, {}, desk, 1)


def test_the_result_is_the_one_of_the_command_line(finished, tmp_path):
    file = tmp_path / "s.toml"
    file.write_text(SCENARIO)
    expected = result_of(run(read_scenario(file), Serial()))
    assert json.dumps(finished[1], sort_keys=True) == json.dumps(expected, sort_keys=True)


def test_every_row_is_reported(finished):
    desk, _ = finished
    assert sorted(desk.rows) == [0, 1, 2]
    assert desk.totals == {3}


@pytest.mark.slow
def test_what_is_known_is_not_computed_again_and_changes_nothing(finished, monkeypatch):
    desk, result = finished
    known = json.loads(json.dumps({0: desk.rows[0], 2: desk.rows[2]}))
    computed = []
    rows = Serial.rows

    def counted(self, scenario, replications):
        computed.extend(replications)
        return rows(self, scenario, replications)

    monkeypatch.setattr(Serial, "rows", counted)
    again = jobs.study(SCENARIO, {int(key): row for key, row in known.items()}, Desk(), 1)
    assert computed == [1]
    assert json.dumps(again, sort_keys=True) == json.dumps(result, sort_keys=True)


def test_it_stops_when_it_is_told_to():
    desk = Desk(stop_after=1)
    assert jobs.study(SCENARIO, {}, desk, 1) is None
    assert sorted(desk.rows) == [0]


@pytest.mark.parametrize("key", ["catalogue", "demand"])
@pytest.mark.parametrize("value", ["/etc/hosts", "other.toml", "../secret"])
def test_a_scenario_from_the_queue_reads_no_file_of_the_machine(key, value):
    text = SCENARIO.replace("[base]", f'[base]\n{key} = "{value}"')
    with pytest.raises(InvalidFile) as caught:
        jobs.study(text, {}, Desk(), 1)
    assert [each.code for each in caught.value.mistakes] == ["not_packaged"]


@pytest.mark.parametrize("text", ["[scenario", "base = 1", "[scenario]\nname = 1", ""])
def test_a_text_that_is_no_scenario_names_its_mistakes(text):
    with pytest.raises(InvalidFile) as caught:
        jobs.study(text, {}, Desk(), 1)
    assert caught.value.mistakes
