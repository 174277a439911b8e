"""Figures for a monitoring system, in the text form of Prometheus.

Requests are counted in this process; what waits is read from the database when somebody asks, so
every process says the same of it.
"""

import hmac
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from time import perf_counter
from typing import cast

from flask import Flask, Response, g, request
from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from testbed.config import Settings
from testbed.jobs.table import all_jobs
from testbed.jobs.worker import LEASE
from testbed.service import health, job_runs, outbox
from testbed.service.context import Context
from web.security import is_loopback

EXTENSION = "testbed.metrics"
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)


@dataclass(frozen=True, slots=True)
class Meters:
    """What one application counts, and the registry in which all of it stands."""

    registry: CollectorRegistry
    requests: Counter
    seconds: Histogram


def measure(app: Flask, context: Context, settings: Settings, now: Callable[[], datetime]) -> None:
    """Count every request of the application, by endpoint and status, from now on."""
    registry = CollectorRegistry()
    registry.register(Waiting(context, settings, now))
    meters = Meters(
        registry,
        Counter(
            "testbed_requests",
            "Requests answered by this process.",
            ("endpoint", "method", "status"),
            registry=registry,
        ),
        Histogram(
            "testbed_request_seconds",
            "Seconds until an answer began.",
            ("endpoint",),
            buckets=BUCKETS,
            registry=registry,
        ),
    )
    app.extensions[EXTENSION] = meters
    app.before_request(_begin)
    app.after_request(lambda response: _end(meters, response))


def text(app: Flask) -> bytes:
    """All figures as they stand."""
    return generate_latest(cast("Meters", app.extensions[EXTENSION]).registry)


def may_read(token: str) -> bool:
    """Whether whoever asks may see the figures: by the token, or without one from this machine."""
    if not token:
        return is_loopback(request.remote_addr)
    given = request.headers.get("Authorization", "").removeprefix("Bearer ")
    return hmac.compare_digest(given.encode(), token.encode())


def _begin() -> None:
    g.begun = perf_counter()


def _end(meters: Meters, response: Response) -> Response:
    endpoint = request.endpoint or "none"
    # Visitors invent methods; each name would be a series that is kept for ever.
    method = request.method if request.method in METHODS else "other"
    meters.requests.labels(endpoint, method, str(response.status_code)).inc()
    if "begun" in g:
        meters.seconds.labels(endpoint).observe(perf_counter() - g.begun)
    return response


class Waiting(Collector):
    """What waits in the database, and how long jobs have been silent."""

    def __init__(self, context: Context, settings: Settings, now: Callable[[], datetime]) -> None:
        self._context = context
        self._now = now
        self._jobs = [job.name for job in all_jobs(settings)]
        self._lasts = timedelta(seconds=settings.jobs.lease_seconds)
        self._silence = timedelta(seconds=settings.health.worker_silent_seconds)

    def describe(self) -> list[Metric]:
        """Nothing: to register asks the database nothing."""
        return []

    def collect(self) -> Iterator[Metric]:
        """The figures at this moment; of a database that does not answer, only that."""
        now = self._now()
        ready = health.readiness(self._context, LEASE, self._lasts, self._silence, now)
        yield GaugeMetricFamily(
            "testbed_ready", "1 while everything needed answers.", float(ready.is_ready)
        )
        if ready.heartbeat_seconds is not None:
            yield GaugeMetricFamily(
                "testbed_worker_heartbeat_seconds",
                "Seconds since the worker that leads renewed its lease.",
                ready.heartbeat_seconds,
            )
        if ready.parts["schema"] == health.OK:
            yield from self._queues(now)
            yield self._silences(now)
        yield from self._calendar()

    def _queues(self, now: datetime) -> Iterator[Metric]:
        queues, mails = health.queues(self._context, now), outbox.state(self._context)
        counts = {"holds": queues.holds, "notes": queues.notes, "mails": mails.waiting}
        counts |= {"mails_failing": mails.failing, "mails_given_up": mails.given_up}
        counts |= {f"experiments_{each}": queues.experiments.get(each, 0) for each in EXPERIMENTS}
        yield _labelled("testbed_waiting", "How much waits, by queue.", "queue", counts)
        yield _labelled(
            "testbed_decisions_last_hour",
            "Requests decided within the last hour, by decision.",
            "status",
            {each: queues.decisions.get(each, 0) for each in DECISIONS},
        )

    def _silences(self, now: datetime) -> Metric:
        beats = job_runs.beats(self._context, self._jobs)
        ages = {beat.job: (now - beat.last_ok).total_seconds() for beat in beats if beat.last_ok}
        said = "Seconds since a job last went well; one that never did is left out."
        return _labelled("testbed_job_ok_seconds", said, "job", ages)

    def _calendar(self) -> Iterator[Metric]:
        work = self._context.calendar.work
        read = CounterMetricFamily(
            "testbed_calendar_reads",
            "How often this process brought its calendar up to date, by how.",
            labels=["how"],
        )
        read.add_metric(["anew"], work.loads)
        read.add_metric(["changes"], work.catch_ups)
        yield read
        yield CounterMetricFamily(
            "testbed_calendar_seconds", "Seconds that this took.", work.seconds
        )


EXPERIMENTS = ("queued", "running")
DECISIONS = ("granted", "offered", "waitlisted", "refused")


def _labelled(
    name: str, said: str, label: str, values: dict[str, int] | dict[str, float]
) -> Metric:
    family = GaugeMetricFamily(name, said, labels=[label])
    for word, value in values.items():
        family.add_metric([word], value)
    return family
