"""Experiments from the queue, computed in a process of their own: never in one that serves.

What computes them is not known here: other packages add it as an entry point of the group
`testbed.experiments`, a function such as `Study`.
"""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import datetime
from importlib.metadata import entry_points
from types import FrameType
from typing import Any, Protocol

import structlog

from testbed import clock
from testbed.config import environment_of
from testbed.domain.errors import InvalidFile, Stale
from testbed.jobs.job import Surroundings
from testbed.service import experiments
from testbed.service.context import Context, random_id
from testbed.service.experiment_record import Experiment

GROUP = "testbed.experiments"
BEAT_SECONDS = 20.0
STOP_SECONDS = 10.0

Json = Mapping[str, Any]

log = structlog.get_logger()


class Report(Protocol):
    """Takes what is new of an experiment; answers whether to go on."""

    def __call__(self, new_rows: Mapping[int, Json], estimate: Json, total: int | None, /) -> bool:
        """`new_rows` by replication; `total` where the number of replications is known."""


class Study(Protocol):
    """Computes the experiment of a scenario's text and returns its result, None if it was stopped.

    `known` are the rows of an earlier attempt. Raises InvalidFile for a text with mistakes.
    """

    def __call__(
        self, scenario: str, known: Mapping[int, Json], report: Report, processes: int, /
    ) -> Json | None:
        """The result as a document."""


class Starter:
    """The job's side: a process for the queue, one at a time."""

    def __init__(self, command: tuple[str, ...] | None = None) -> None:
        self._command = command or (sys.executable, "-m", "testbed.jobs.command", "--experiments")
        self._process: subprocess.Popen[bytes] | None = None

    def sweep(self, around: Surroundings, now: datetime) -> str:
        """Take back what dead workers left, and start a process if anything waits."""
        back = experiments.reclaim(around.ctx, now)
        if self._process is not None and self._process.poll() is None:
            return f"running, {len(back)} taken back"
        waiting = experiments.waiting(around.ctx)
        if waiting:
            environment = {**os.environ, **environment_of(around.settings)}
            self._process = subprocess.Popen(  # noqa: S603 -- our own command
                self._command, env=environment, stdin=subprocess.DEVNULL
            )
        return f"waiting {waiting}, {len(back)} taken back"

    def close(self) -> None:
        """Tell the process to end; it puts its experiment back into the queue."""
        if self._process is None or self._process.poll() is not None:
            return
        self._process.terminate()
        try:
            self._process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


# -- in the process of the experiments -------------------------------------------------------


def run_all(around: Surroundings, study: Study | None = None) -> int:
    """Run experiments until none waits; returns how many were begun.

    A signal to end puts the current one back into the queue.
    """
    chosen = study or installed_study()
    worker = f"{os.getpid()}:{random_id()}"
    begun = 0
    with _ending_by_exception():
        while (found := experiments.claim(around.ctx, worker, clock.now())) is not None:
            begun += 1
            _run(around, found, worker, chosen)
    return begun


def installed_study() -> Study:
    """The one that an installed package provides. Raises LookupError where none does."""
    for each in entry_points(group=GROUP):
        loaded: Study = each.load()
        return loaded
    raise LookupError(GROUP)


def _run(around: Surroundings, found: Experiment, worker: str, study: Study) -> None:
    ctx, log_of = around.ctx, log.bind(experiment=found.id)
    log_of.info("experiment_begun", attempt=found.attempts)
    try:
        with _beating(ctx, found.id, worker):
            result = study(
                found.scenario,
                experiments.rows(ctx, found.id),
                _reporter(ctx, found.id, worker),
                around.settings.jobs.experiment_processes,
            )
        if result is None:
            experiments.stop(ctx, found.id, worker, clock.now())
        else:
            experiments.finish(ctx, found.id, worker, result, clock.now())
    except Stale:
        log_of.warning("experiment_lost")
    except InvalidFile as error:
        experiments.fail(ctx, found.id, worker, _mistakes(error), clock.now())
    except Exception as error:
        log_of.exception("experiment_failed")
        why = {"code": "study_failed", "fields": {"detail": type(error).__name__}}
        experiments.fail(ctx, found.id, worker, why, clock.now())
    except BaseException:
        with suppress(Stale):
            experiments.give_back(ctx, found.id, worker, clock.now())
        raise


def _mistakes(error: InvalidFile) -> Json:
    listed = [
        {
            "place": each.place,
            "code": each.code,
            "fields": {name: str(value) for name, value in each.fields.items()},
        }
        for each in error.mistakes
    ]
    return {"code": error.code, "fields": {"mistakes": len(listed)}, "mistakes": listed}


def _reporter(ctx: Context, experiment_id: str, worker: str) -> Report:
    def report(new_rows: Mapping[int, Json], estimate: Json, total: int | None, /) -> bool:
        return experiments.progress(
            ctx,
            experiment_id,
            worker,
            clock.now(),
            new_rows=new_rows,
            estimate=estimate,
            total=total,
        )

    return report


@contextmanager
def _beating(ctx: Context, experiment_id: str, worker: str) -> Iterator[None]:
    """Report life from a thread, however long one replication takes."""
    over = threading.Event()

    def beat() -> None:
        while not over.wait(BEAT_SECONDS):
            try:
                experiments.progress(ctx, experiment_id, worker, clock.now())
            except Exception:
                log.exception("experiment_beat_failed", experiment=experiment_id)

    thread = threading.Thread(target=beat, daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


@contextmanager
def _ending_by_exception() -> Iterator[None]:
    """Turn the signal to end into SystemExit, so that what runs can be put back."""

    def end(_: int, __: FrameType | None) -> None:
        raise SystemExit(0)

    before = signal.signal(signal.SIGTERM, end)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
