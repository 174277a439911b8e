"""The worker: the clock of the sweeps, and the lease by which one process at a time runs them.

The scheduler only wakes it; what is due stands in the tables. A process that stands by looks at
nothing but the lease.
"""

import os
import socket
import threading
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

import structlog
from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler

from testbed import clock
from testbed.jobs.job import Job, Surroundings
from testbed.service import job_runs, leases
from testbed.service.context import random_id
from testbed.service.job_runs import Ending, Outcome
from testbed.service.leases import Lease

LEASE = "jobs"
# A lease is renewed so many times before it would run out.
RENEWALS = 3
LONGEST_NAP = timedelta(seconds=5)

log = structlog.get_logger()


class Worker:
    """One process's part in the jobs: it leads, or stands by until the leader falls silent."""

    def __init__(
        self,
        around: Surroundings,
        jobs: Sequence[Job],
        now: Callable[[], datetime] = clock.now,
        holder: str | None = None,
    ) -> None:
        self.around = around
        self.jobs = tuple(jobs)
        self.holder = holder or f"{socket.gethostname()}:{os.getpid()}:{random_id()}"
        self._now = now
        self._lasts = timedelta(seconds=around.settings.jobs.lease_seconds)
        self._lease: Lease | None = None
        self._seen: dict[str, tuple[int, int]] = {}
        self._clock: BackgroundScheduler | None = None
        self._stopping = threading.Event()

    @property
    def leads(self) -> bool:
        """Whether this process runs the jobs at this moment."""
        lease = self._lease
        return lease is not None and self._now() < lease.expires_at

    def start(self) -> None:
        """Begin in threads of this process; `stop` ends it."""
        # A thread for each job and one for the lease, so that a long sweep delays no other.
        threads = ThreadPoolExecutor(len(self.jobs) + 1)
        self._clock = BackgroundScheduler(
            timezone="UTC",
            executors={"default": threads},
            job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
        )
        self.lead()
        self._wake("lease", self._lasts / RENEWALS, self.lead)
        for job in self.jobs:
            self._wake(job.name, min(job.every, LONGEST_NAP), self._attempting(job))
        self._clock.start()

    def stop(self) -> None:
        """End after the sweeps that run; another process may lead at once."""
        self._stopping.set()
        if self._clock is not None:
            self._clock.shutdown(wait=True)
        for job in self.jobs:
            job.close()
        lease, self._lease = self._lease, None
        if lease is not None:
            leases.give_up(self.around.ctx, lease, self._now())

    def lead(self) -> bool:
        """Take or renew the lease; answers whether this process leads."""
        if self._stopping.is_set():
            return False
        before = self._lease
        try:
            self._lease = leases.acquire(
                self.around.ctx, LEASE, self.holder, self._now(), self._lasts
            )
        except Exception:
            # The database is away: the lease goes on until it runs out, and is then another's.
            log.exception("lease_not_renewed", holder=self.holder)
        if (before is None) != (self._lease is None):
            log.info("jobs_lead" if self._lease else "jobs_stand_by", holder=self.holder)
        return self.leads

    def attempt(self, job: Job) -> bool:
        """Run the job if this process leads and its tick is nobody's yet; answers whether it did.

        What the sweep raises is noted and logged: the next tick tries again.
        """
        now, lease = self._now(), self._lease
        if lease is None or now >= lease.expires_at:
            return False
        tick = job.tick(now)
        if self._seen.get(job.name) == (lease.epoch, tick):
            return False
        claimed = job_runs.claim(self.around.ctx, job.name, tick, lease, now)
        self._seen[job.name] = (lease.epoch, tick)
        if claimed:
            ending = self._sweep(job, now)
            job_runs.end(self.around.ctx, job.name, tick, lease, ending, now=self._now())
        return claimed

    def _sweep(self, job: Job, now: datetime) -> Ending:
        try:
            return Ending(Outcome.OK, job.sweep(self.around, now))
        except Exception as error:
            log.exception("job_failed", job=job.name)
            return Ending(Outcome.FAILED, f"{type(error).__name__}: {error}")

    def _attempting(self, job: Job) -> Callable[[], None]:
        """The attempt, for the scheduler: what goes wrong beside the sweep must not end it."""

        def attempt() -> None:
            if self._stopping.is_set():
                return
            try:
                self.attempt(job)
            except Exception:
                log.exception("job_not_noted", job=job.name)

        return attempt

    def _wake(self, name: str, every: timedelta, then: Callable[[], object]) -> None:
        if self._clock is None:
            return
        self._clock.add_job(
            then,
            "interval",
            seconds=every.total_seconds(),
            id=name,
            name=name,
            next_run_time=self._now(),
        )
