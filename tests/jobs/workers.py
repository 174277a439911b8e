"""A clock that is set by hand, and workers that live by it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from testbed.config import Settings
from testbed.jobs.job import Job, Surroundings
from testbed.jobs.worker import Worker
from testbed.service.context import Context
from tests.catalogues import NOW


@dataclass
class Clock:
    """Says what it is told to."""

    now: datetime = NOW

    def __call__(self) -> datetime:
        return self.now

    def later(self, **by: float) -> datetime:
        self.now += timedelta(**by)
        return self.now


@dataclass
class Ledger:
    """A job that writes down when it ran, and may break."""

    runs: list[datetime] = field(default_factory=list)
    breaks: bool = False

    def sweep(self, _: Surroundings, now: datetime) -> str:
        self.runs.append(now)
        if self.breaks:
            raise ValueError("broken")
        return f"run {len(self.runs)}"

    def job(self, **every: float) -> Job:
        return Job("written-down", timedelta(**(every or {"minutes": 1})), self.sweep, "Writes.")


def settings(folder: Path, **mail: object) -> Settings:
    """The default settings, with mails into a folder of the test."""
    return Settings(mail={"directory": folder / "mail", **mail})


def worker(
    ctx: Context, clock: Clock, jobs: Sequence[Job], name: str = "one", folder: Path = Path("var")
) -> Worker:
    """A worker that has looked at the lease once."""
    made = Worker(Surroundings(ctx, settings(folder)), jobs, clock, holder=name)
    made.lead()
    return made
