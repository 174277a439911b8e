"""Experiments: computed beside what serves, resumed where they were, never twice at once."""

import signal
import sys
import time
from collections.abc import Callable, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from testbed import clock
from testbed.config import Settings
from testbed.domain.errors import InvalidFile, Mistake
from testbed.domain.parties import Member, Role
from testbed.jobs import studies
from testbed.jobs.job import Surroundings
from testbed.jobs.studies import Report, Starter, run_all
from testbed.persistence.engine import Database
from testbed.service import experiments
from testbed.service.context import Context
from testbed.service.experiment_record import Experiment, Status
from tests.people import join, province

Json = Mapping[str, Any]


@pytest.fixture
def ctx(database: Database) -> Context:
    return province(database)


@pytest.fixture
def planner(ctx: Context) -> Member:
    return join(ctx, Role.PLANNER)


@pytest.fixture
def around(ctx: Context, tmp_path: Path) -> Surroundings:
    url = ctx.database.engine.url.render_as_string(hide_password=False)
    return Surroundings(ctx, Settings(database={"url": url}, mail={"directory": tmp_path}))


def queued(ctx: Context, planner: Member, scenario: str = "x = 1") -> Experiment:
    return experiments.queue(ctx, "Double demand", scenario, clock.now(), planner)


def counting(scenario: str, known: Mapping[int, Json], report: Report, _: int) -> Json | None:
    """A study of three rows."""
    for number in range(3):
        if number not in known and not report({number: {"n": number}}, {"n": number}, 3):
            return None
    return {"scenario": scenario, "known": sorted(known)}


def test_everything_that_waits_is_run_in_its_order(
    ctx: Context, planner: Member, around: Surroundings
) -> None:
    ids = [queued(ctx, planner, f"x = {number}").id for number in range(3)]
    assert run_all(around, counting) == 3
    ended = [experiments.get(ctx, each, planner) for each in ids]
    assert [each.status for each in ended] == [Status.DONE] * 3
    assert [each.result and each.result["scenario"] for each in ended] == [
        "x = 0",
        "x = 1",
        "x = 2",
    ]
    assert (ended[0].done, ended[0].total, ended[0].estimate) == (3, 3, {"n": 2})


def test_an_experiment_goes_on_where_a_dead_worker_left_it(
    ctx: Context, planner: Member, around: Surroundings
) -> None:
    made = queued(ctx, planner)
    experiments.claim(ctx, "dead", clock.now())
    experiments.progress(ctx, made.id, "dead", clock.now(), new_rows={0: {"n": 0}})
    assert run_all(around, counting) == 0
    experiments.reclaim(ctx, clock.now() + experiments.SILENT_FOR)
    assert run_all(around, counting) == 1
    ended = experiments.get(ctx, made.id, planner)
    assert ended.result == {"scenario": "x = 1", "known": [0]}


def test_a_cancelled_experiment_ends_after_its_row(
    ctx: Context, planner: Member, around: Surroundings
) -> None:
    made = queued(ctx, planner)

    def cancelled(scenario: str, known: Mapping[int, Json], report: Report, n: int) -> Json | None:
        experiments.cancel(ctx, made.id, clock.now(), planner)
        return counting(scenario, known, report, n)

    run_all(around, cancelled)
    ended = experiments.get(ctx, made.id, planner)
    assert (ended.status, ended.done, ended.result) == (Status.CANCELLED, 1, None)


def test_the_mistakes_of_a_scenario_come_back_with_their_places(
    ctx: Context, planner: Member, around: Surroundings
) -> None:
    made = queued(ctx, planner)

    def mistaken(*_: object) -> Json:
        raise InvalidFile("s.toml", [Mistake("s.toml: base", "unknown_key", {"key": "level"})])

    run_all(around, mistaken)
    ended = experiments.get(ctx, made.id, planner)
    assert ended.status is Status.FAILED
    assert ended.error is not None
    assert ended.error["mistakes"] == [
        {"place": "s.toml: base", "code": "unknown_key", "fields": {"key": "level"}}
    ]


def test_a_study_that_breaks_fails_alone(
    ctx: Context, planner: Member, around: Surroundings
) -> None:
    first, second = queued(ctx, planner, "broken"), queued(ctx, planner)

    def breaks(scenario: str, known: Mapping[int, Json], report: Report, n: int) -> Json | None:
        if scenario == "broken":
            raise ZeroDivisionError
        return counting(scenario, known, report, n)

    assert run_all(around, breaks) == 2
    assert experiments.get(ctx, first.id, planner).error == {
        "code": "study_failed",
        "fields": {"detail": "ZeroDivisionError"},
    }
    assert experiments.get(ctx, second.id, planner).status is Status.DONE


def test_a_signal_to_end_puts_the_experiment_back(
    ctx: Context, planner: Member, around: Surroundings
) -> None:
    made = queued(ctx, planner)

    def told_to_end(*_: object) -> Json:
        signal.raise_signal(signal.SIGTERM)
        return {}

    before = signal.getsignal(signal.SIGTERM)
    with pytest.raises(SystemExit):
        run_all(around, told_to_end)
    back = experiments.get(ctx, made.id, planner)
    assert (back.status, back.attempts) == (Status.QUEUED, 0)
    assert signal.getsignal(signal.SIGTERM) == before


def test_a_long_replication_does_not_look_dead(
    ctx: Context, planner: Member, around: Surroundings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(studies, "BEAT_SECONDS", 0.02)
    queued(ctx, planner)
    silent = experiments.SILENT_FOR - timedelta(seconds=0.3)

    def slow(*_: object) -> Json:
        time.sleep(0.6)
        assert experiments.reclaim(ctx, clock.now() + silent) == ()
        return {}

    assert run_all(around, slow) == 1
    [ended] = experiments.listing(ctx, planner)
    assert ended.status is Status.DONE


# -- the process beside ----------------------------------------------------------------------


def until(holds: Callable[[], bool], seconds: float = 60) -> bool:
    deadline = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.1)
    return True


def test_a_process_is_started_only_while_something_waits_and_one_at_a_time(
    ctx: Context, planner: Member, around: Surroundings
) -> None:
    starter = Starter((sys.executable, "-c", "import time; time.sleep(60)"))
    assert starter.sweep(around, clock.now()) == "waiting 0, 0 taken back"
    assert starter._process is None
    queued(ctx, planner)
    starter.sweep(around, clock.now())
    first = starter._process
    assert first is not None
    assert starter.sweep(around, clock.now()) == "running, 0 taken back"
    assert starter._process is first
    starter.close()
    assert first.poll() == -signal.SIGTERM
    starter.close()


SCENARIO = """
[scenario]
name = "two weeks"
seed = 1
start = 2026-03-02
days = 14
warmup_days = 1
replications = 2
[base]
level = 0.2
"""


@pytest.mark.slow
def test_a_scenario_from_the_queue_becomes_a_result_in_another_process(
    ctx: Context, planner: Member, around: Surroundings
) -> None:
    made = queued(ctx, planner, SCENARIO)
    starter = Starter()
    starter.sweep(around, clock.now())
    assert starter._process is not None
    assert starter._process.wait(120) == 0
    ended = experiments.get(ctx, made.id, planner)
    assert ended.status is Status.DONE
    assert ended.result is not None
    assert ended.result["replications"] == 2
    assert ended.result["kpis"]["acceptance"]["n"] == 2
    assert ended.estimate is not None
    assert ended.estimate["kpis"]["acceptance"] == ended.result["kpis"]["acceptance"]


@pytest.mark.slow
def test_a_process_that_is_told_to_end_gives_its_experiment_back(
    ctx: Context, planner: Member, around: Surroundings
) -> None:
    made = queued(ctx, planner, SCENARIO.replace("= 2\n[", "= 5000\n["))
    starter = Starter()
    starter.sweep(around, clock.now())
    assert until(lambda: experiments.get(ctx, made.id, planner).done > 0)
    starter.close()
    back = experiments.get(ctx, made.id, planner)
    assert (back.status, back.attempts) == (Status.QUEUED, 0)
    assert back.done > 0
