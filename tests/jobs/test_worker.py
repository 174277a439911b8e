"""The worker: one leads, no tick is run twice, none is lost for good."""

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from testbed.config import Settings
from testbed.domain.grid import EPOCH
from testbed.jobs import table
from testbed.jobs.job import Job, Surroundings
from testbed.jobs.worker import LEASE, Worker
from testbed.persistence.engine import Database
from testbed.service import job_runs, leases
from testbed.service.context import Context
from testbed.service.job_runs import Outcome
from tests.catalogues import NOW
from tests.jobs.workers import Clock, Ledger, worker
from tests.people import province


@pytest.fixture
def ctx(database: Database) -> Context:
    return province(database)


@pytest.fixture
def clock() -> Clock:
    return Clock()


def test_of_two_workers_one_leads(ctx: Context, clock: Clock) -> None:
    first, second = worker(ctx, clock, [], "one"), worker(ctx, clock, [], "two")
    assert (first.leads, second.leads) == (True, False)


def test_of_many_that_start_together_one_leads(ctx: Context, clock: Clock) -> None:
    with ThreadPoolExecutor(8) as threads:
        leading = list(threads.map(lambda n: worker(ctx, clock, [], f"w{n}").leads, range(8)))
    assert sum(leading) == 1


def test_a_leader_that_renews_keeps_the_lead_and_its_epoch(ctx: Context, clock: Clock) -> None:
    first, second = worker(ctx, clock, [], "one"), worker(ctx, clock, [], "two")
    for _ in range(10):
        clock.later(seconds=10)
        assert first.lead()
        assert not second.lead()
    lease = leases.current(ctx, LEASE)
    assert lease is not None
    assert (lease.holder, lease.epoch) == ("one", 1)


def test_the_lead_is_taken_over_to_the_second_when_the_leader_falls_silent(
    ctx: Context, clock: Clock
) -> None:
    first, second = worker(ctx, clock, [], "one"), worker(ctx, clock, [], "two")
    clock.later(seconds=29)
    assert not second.lead()
    clock.later(seconds=1)
    assert not first.leads
    assert second.lead()
    assert not first.lead()
    lease = leases.current(ctx, LEASE)
    assert lease is not None
    assert (lease.holder, lease.epoch) == ("two", 2)


def test_a_leader_that_ends_is_followed_at_once(ctx: Context, clock: Clock) -> None:
    first, second = worker(ctx, clock, [], "one"), worker(ctx, clock, [], "two")
    first.stop()
    assert not first.leads
    assert second.lead()


def test_a_tick_is_run_once_however_often_it_is_tried(ctx: Context, clock: Clock) -> None:
    ledger = Ledger()
    job = ledger.job(minutes=1)
    first = worker(ctx, clock, [job], "one")
    second = worker(ctx, clock, [job], "two")
    for _ in range(3):
        first.attempt(job)
        second.attempt(job)
    assert ledger.runs == [NOW]
    clock.later(minutes=1)
    first.lead()
    assert first.attempt(job)
    assert len(ledger.runs) == 2


def test_a_leader_does_not_run_again_what_the_one_before_ran(ctx: Context, clock: Clock) -> None:
    ledger = Ledger()
    job = ledger.job(hours=1)
    first = worker(ctx, clock, [job], "one")
    assert first.attempt(job)
    clock.later(minutes=5)
    second = worker(ctx, clock, [job], "two")
    assert second.leads
    assert not second.attempt(job)
    assert len(ledger.runs) == 1


def test_a_run_that_its_worker_did_not_survive_is_run_by_the_next_leader(
    ctx: Context, clock: Clock
) -> None:
    ledger = Ledger()
    job = ledger.job(days=1)
    first = worker(ctx, clock, [job], "one")
    lease = leases.current(ctx, LEASE)
    assert lease is not None
    assert first.leads
    assert job_runs.claim(ctx, job.name, job.tick(clock()), lease, clock())  # and then it is killed
    clock.later(minutes=1)
    second = worker(ctx, clock, [job], "two")
    assert second.attempt(job)
    [beat] = job_runs.beats(ctx, [job.name])
    assert beat.last is not None
    assert (beat.last.holder, beat.last.outcome) == ("two", Outcome.OK)


def test_a_worker_that_wakes_after_its_lease_runs_nothing(ctx: Context, clock: Clock) -> None:
    ledger = Ledger()
    job = ledger.job()
    first = worker(ctx, clock, [job], "one")
    clock.later(minutes=10)
    assert worker(ctx, clock, [job], "two").leads
    assert not first.attempt(job)
    assert ledger.runs == []


def test_a_worker_whose_clock_lags_cannot_claim_under_a_lost_lease(
    ctx: Context, clock: Clock
) -> None:
    ledger, lagging = Ledger(), Clock()
    job = ledger.job()
    first = worker(ctx, lagging, [job], "one")
    clock.later(minutes=10)
    assert worker(ctx, clock, [job], "two").leads
    assert first.leads  # as far as it knows
    assert not first.attempt(job)
    assert ledger.runs == []


def test_missed_ticks_are_not_made_up_for_one_by_one(ctx: Context, clock: Clock) -> None:
    ledger = Ledger()
    job = ledger.job()
    only = worker(ctx, clock, [job])
    only.attempt(job)
    clock.later(hours=3)
    only.lead()
    only.attempt(job)
    only.attempt(job)
    assert ledger.runs == [NOW, NOW + timedelta(hours=3)]


def test_a_job_that_breaks_is_noted_and_tried_at_the_next_tick(ctx: Context, clock: Clock) -> None:
    ledger = Ledger(breaks=True)
    job = ledger.job()
    only = worker(ctx, clock, [job])
    assert only.attempt(job)
    [beat] = job_runs.beats(ctx, [job.name])
    assert beat.last is not None
    assert (beat.last.outcome, beat.last.note, beat.last_ok) == (
        Outcome.FAILED,
        "ValueError: broken",
        None,
    )
    ledger.breaks = False
    later = clock.later(minutes=1)
    only.lead()
    assert only.attempt(job)
    [beat] = job_runs.beats(ctx, [job.name])
    assert beat.last_ok == later


def test_every_run_leaves_a_heartbeat(ctx: Context, clock: Clock) -> None:
    job = Ledger().job()
    [before] = job_runs.beats(ctx, [job.name])
    assert (before.last, before.last_ok) == (None, None)
    worker(ctx, clock, [job]).attempt(job)
    [after] = job_runs.beats(ctx, [job.name])
    assert after.last is not None
    assert (after.last.holder, after.last.note, after.last.finished_at) == ("one", "run 1", NOW)


def test_old_runs_are_forgotten(ctx: Context, clock: Clock) -> None:
    job = Ledger().job()
    worker(ctx, clock, [job]).attempt(job)
    assert job_runs.forget(ctx, NOW + job_runs.KEPT_FOR) == 0
    assert job_runs.forget(ctx, NOW + job_runs.KEPT_FOR + timedelta(seconds=1)) == 1


def test_a_tick_counts_whole_periods() -> None:
    job = Ledger().job(minutes=10)
    moments = [EPOCH + timedelta(minutes=each) for each in (0, 9.99, 10, 25)]
    assert [job.tick(each) for each in moments] == [0, 0, 1, 2]


# -- the table -------------------------------------------------------------------------------


def test_every_job_of_the_table_can_run_twice_on_an_untouched_province(
    ctx: Context, clock: Clock, tmp_path: object
) -> None:
    jobs = table.all_jobs(Settings())
    only = worker(ctx, clock, jobs, folder=tmp_path)  # type: ignore[arg-type] # a path
    for _ in range(2):
        for job in jobs:
            assert only.attempt(job)
        clock.later(days=1)
        only.lead()
    beats = job_runs.beats(ctx, [job.name for job in jobs])
    assert {beat.job: beat.last and beat.last.outcome for beat in beats} == {
        job.name: Outcome.OK for job in jobs
    }


def test_every_job_says_what_it_is_for_under_a_name_of_its_own() -> None:
    jobs = table.all_jobs(Settings())
    assert len({job.name for job in jobs}) == len(jobs)
    assert all(job.sentence.endswith(".") for job in jobs)


def test_two_jobs_of_one_name_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    class Added:
        def load(self) -> Job:
            return Job("mails", timedelta(1), lambda *_: "", "Again.")

    monkeypatch.setattr(table, "entry_points", lambda group: [Added()])  # noqa: ARG005
    with pytest.raises(ValueError, match="mails"):
        table.all_jobs(Settings())


def test_another_package_adds_its_jobs(monkeypatch: pytest.MonkeyPatch) -> None:
    class One:
        def load(self) -> Job:
            return Job("nightly", timedelta(1), lambda *_: "", "Adds up.")

    class Several:
        def load(self) -> object:
            return lambda _: (Job("weekly", timedelta(7), lambda *_: "", "Adds up."),)

    monkeypatch.setattr(table, "entry_points", lambda group: [One(), Several()])  # noqa: ARG005
    assert {"nightly", "weekly"} < {job.name for job in table.all_jobs(Settings())}


# -- the clock that wakes it -----------------------------------------------------------------


def test_a_started_worker_runs_its_jobs_and_stops(ctx: Context) -> None:
    ledger = Ledger()
    settings = Settings(jobs={"lease_seconds": 3})
    running = Worker(Surroundings(ctx, settings), [ledger.job(seconds=0.2)])
    running.start()
    try:
        deadline = time.monotonic() + 10
        while len(ledger.runs) < 3 and time.monotonic() < deadline:
            time.sleep(0.05)
    finally:
        running.stop()
    done = len(ledger.runs)
    assert done >= 3
    assert len({Ledger().job(seconds=0.2).tick(each) for each in ledger.runs}) == done
    time.sleep(0.5)
    assert len(ledger.runs) == done
    lease = leases.current(ctx, LEASE)
    assert lease is not None
    assert not running.leads
