"""Real workers in real processes: two run, the one that leads is killed."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import select

from testbed import clock
from testbed.config import Settings, environment_of
from testbed.jobs.worker import LEASE
from testbed.persistence.engine import Database
from testbed.persistence.job_tables import job_run, mail
from testbed.service import leases, outbox
from testbed.service.context import Context, make_context
from testbed.service.outbox import Mail

pytestmark = pytest.mark.slow
MAILS = 60


@contextmanager
def worker(settings: Settings, folder: Path) -> Iterator[subprocess.Popen[str]]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("TESTBED_")}
    process = subprocess.Popen(
        [sys.executable, "-m", "testbed.jobs.command"],
        cwd=folder,
        env=kept | environment_of(settings),
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    try:
        yield process
    finally:
        if process.poll() is None:
            process.terminate()
            process.wait(120)
        if process.stdout is not None:
            process.stdout.close()


def said(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


def until(holds: Callable[[], bool], seconds: float = 60) -> bool:
    deadline = time.monotonic() + seconds
    while not holds() and time.monotonic() < deadline:
        time.sleep(0.1)
    return holds()


@pytest.fixture
def ctx(database: Database) -> Context:
    return make_context(database)


@pytest.fixture
def settings(ctx: Context, tmp_path: Path) -> Settings:
    url = ctx.database.engine.url.render_as_string(hide_password=False)
    return Settings(
        database={"url": url},
        mail={"directory": tmp_path / "mail"},
        jobs={"lease_seconds": 3, "mail_seconds": 1, "expire_seconds": 1},
    )


def queue(ctx: Context, first: int, end: int) -> None:
    for number in range(first, end):
        mail_of = Mail(
            f"key {number}", "registration_rejected", f"m{number}@example.org", "ko",
            {"name": "x", "reason": "y"},
        )  # fmt: skip
        with ctx.database.writing() as connection:
            outbox.queue(connection, mail_of, clock.now())


def unsent(ctx: Context) -> int:
    with ctx.database.reading() as connection:
        rows = connection.execute(select(mail.c.id).where(mail.c.sent_at.is_(None))).all()
    return len(rows)


def leader(ctx: Context) -> str:
    lease = leases.current(ctx, LEASE)
    return "" if lease is None or lease.expires_at <= clock.now() else lease.holder


def test_the_work_of_a_killed_leader_goes_on_and_no_mail_is_lost(
    ctx: Context, settings: Settings, tmp_path: Path
) -> None:
    with worker(settings, tmp_path) as first:
        assert said(first) == "Leading."
        with worker(settings, tmp_path) as second:
            assert said(second) == "Standing by: another worker leads."
            feeding = threading.Thread(target=queue, args=(ctx, 0, MAILS))
            feeding.start()
            assert until(lambda: any((tmp_path / "mail").glob("*.eml")))
            first.send_signal(signal.SIGKILL)
            first.wait(10)
            feeding.join()
            queue(ctx, MAILS, MAILS + 5)
            assert until(lambda: f":{second.pid}:" in leader(ctx))
            # The one that was in the hands of the killed one waits for its next attempt.
            assert until(lambda: unsent(ctx) <= 1)
    files = sorted((tmp_path / "mail").glob("*.eml"))
    state = outbox.state(ctx)
    assert len(files) + state.waiting >= MAILS + 5
    assert state.given_up == 0
    receivers = Counter(
        line for file in files for line in file.read_text().splitlines() if line.startswith("To: ")
    )
    assert set(receivers.values()) == {1}


def test_two_workers_run_every_tick_once(ctx: Context, settings: Settings, tmp_path: Path) -> None:
    with worker(settings, tmp_path) as first, worker(settings, tmp_path) as second:
        told = {said(first), said(second)}
        assert told == {"Leading.", "Standing by: another worker leads."}
        time.sleep(5)
    with ctx.database.reading() as connection:
        runs = connection.execute(select(job_run).where(job_run.c.job == "expire-holds")).all()
    assert len({run.holder for run in runs}) == 1
    assert 4 <= len(runs) <= 15
    assert {run.outcome for run in runs} == {"ok"}


def test_a_worker_that_is_told_to_end_hands_over_at_once(
    ctx: Context, settings: Settings, tmp_path: Path
) -> None:
    patient = settings.model_copy(
        update={"jobs": settings.jobs.model_copy(update={"lease_seconds": 6})}
    )
    with worker(patient, tmp_path) as first:
        assert said(first) == "Leading."
        with worker(patient, tmp_path) as second:
            said(second)
            first.terminate()
            assert first.wait(20) == 0
            begun = time.monotonic()
            assert until(lambda: f":{second.pid}:" in leader(ctx), 5)
            assert time.monotonic() - begun < 4
