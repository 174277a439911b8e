"""Whether the service works: for machines that watch it, and for administrators."""

import platform
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from importlib.metadata import version

from flask import Blueprint, Response, abort, current_app, render_template
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext
from prometheus_client import CONTENT_TYPE_LATEST

import testbed
from testbed.config import Settings
from testbed.domain.grid import EPOCH
from testbed.jobs.job import Job
from testbed.jobs.table import all_jobs
from testbed.jobs.worker import LEASE
from testbed.service import deliveries, health, job_runs, outbox
from testbed.service.deliveries import Delivery
from testbed.service.health import Readiness
from testbed.service.job_runs import Beat, Outcome, Run
from testbed.service.outbox import StuckMail
from web import metrics
from web.deps import DEFAULT_ZONE, context, doors, now
from web.labels import label, span
from web.languages import gettext
from web.present import moment_text

PARTS = {
    "database": lazy_gettext("Database"),
    "schema": lazy_gettext("Schema of the database"),
    "worker": lazy_gettext("Worker of the jobs"),
}
STATES = {
    "ok": lazy_gettext("works"),
    "current": lazy_gettext("up to date"),
    "no_answer": lazy_gettext("does not answer"),
    "unknown": lazy_gettext("not known"),
    "migrations_missing": lazy_gettext("migrations are missing"),
    "none": lazy_gettext("none has ever run"),
    "silent": lazy_gettext("has fallen silent"),
}
JOBS = {
    "expire-holds": lazy_gettext("Releases holds that ran out"),
    "no-shows": lazy_gettext("Releases bookings that nobody turned up for"),
    "standing-services": lazy_gettext("Writes standing services ahead"),
    "reminders": lazy_gettext("Writes a mail before a booking begins"),
    "mails": lazy_gettext("Sends the mails that are due"),
    "digests": lazy_gettext("Writes the daily digests"),
    "webhooks": lazy_gettext("Sends events to webhooks"),
    "experiments": lazy_gettext("Starts a process for the studies that wait"),
    "tidy": lazy_gettext("Deletes old records"),
}
OUTCOMES = {
    "ok": lazy_gettext("went well"),
    "failed": lazy_gettext("failed"),
    "running": lazy_gettext("running"),
    "": lazy_gettext("has not run yet"),
}
# What jobs count, as their notes say it.
NOTES = {
    "expired": lazy_gettext("expired"),
    "released": lazy_gettext("released"),
    "taken": lazy_gettext("taken"),
    "reminded": lazy_gettext("reminded"),
    "deleted": lazy_gettext("deleted"),
    "sent": lazy_gettext("sent"),
    "written": lazy_gettext("written"),
    "failed": lazy_gettext("failed"),
    "waiting": lazy_gettext("waiting"),
    "running": lazy_gettext("running"),
    "taken back": lazy_gettext("taken back"),
    "no catalogue yet": lazy_gettext("no catalogue yet"),
}
WORDS = re.compile("[a-z]+(?: [a-z]+)*")
OUTCOME_SIGNS = {"ok": "✓", "failed": "✕", "running": "▶", "": "–"}
LIBRARIES = ("flask", "sqlalchemy", "waitress")

blueprint = Blueprint("health", __name__)


@dataclass(frozen=True, slots=True)
class PartRow:
    """One thing that the service needs."""

    said: str
    is_ok: bool
    state: str


@dataclass(frozen=True, slots=True)
class JobRow:
    """A job and its last run; `outcome` is the code, beside what it says."""

    name: str
    purpose: str
    outcome: str
    sign: str
    said: str
    ran: str
    note: str
    last_ok: str
    due: str
    is_late: bool


@dataclass(frozen=True, slots=True)
class MailRow:
    """A mail or an event that does not get away."""

    kind: str
    recipient: str
    attempts: int
    next_attempt: str
    error: str


@blueprint.get("/readyz")
def readyz() -> ResponseReturnValue:
    """Whether requests should be sent here; 503 with the part that is in the way."""
    found = readiness()
    answer = {"status": "ready" if found.is_ready else "not_ready", **found.parts}
    return answer, 200 if found.is_ready else 503


@blueprint.get("/metrics")
def figures() -> ResponseReturnValue:
    """Figures for a monitoring system: with the token of the settings, else from here alone."""
    if not metrics.may_read(_settings().health.metrics_token.get_secret_value()):
        abort(403)
    return Response(metrics.text(current_app), content_type=CONTENT_TYPE_LATEST)


@blueprint.get("/admin/health")
def index() -> ResponseReturnValue:
    """Jobs, mails, database and versions."""
    ctx = context()
    return render_template(
        "admin/health.html",
        parts=list(_parts(readiness())),
        jobs=job_rows(),
        mails=outbox.state(ctx),
        stuck=[_mail_row(each) for each in outbox.stuck(ctx)],
        undelivered=[_delivery_row(url, each) for url, each in deliveries.dead(ctx)],
        schema=health.schema_of(ctx),
        versions=_versions(),
        carried_to=_settings().mail.host or "",
    )


def readiness() -> Readiness:
    """Whether the service can work at this moment."""
    settings = _settings()
    lasts = timedelta(seconds=settings.jobs.lease_seconds)
    silence = timedelta(seconds=settings.health.worker_silent_seconds)
    return health.readiness(context(), LEASE, lasts, silence, now())


def job_rows() -> list[JobRow]:
    """Every job with its last run, in the order of the table of jobs."""
    jobs = all_jobs(_settings())
    beats = job_runs.beats(context(), [job.name for job in jobs])
    return [_job_row(job, beat, now()) for job, beat in zip(jobs, beats, strict=True)]


def _settings() -> Settings:
    return doors().settings


def _parts(found: Readiness) -> Iterator[PartRow]:
    for part, state in found.parts.items():
        is_current = part == "schema" and state == health.OK
        said = label(STATES, "current" if is_current else state)
        if part == "worker" and found.heartbeat_seconds is not None:
            ago = gettext("%(count)d s ago", count=round(found.heartbeat_seconds))
            said = gettext("%(state)s; last sign of life %(ago)s", state=said, ago=ago)
        yield PartRow(label(PARTS, part), state == health.OK, said)


def _job_row(job: Job, beat: Beat, moment: datetime) -> JobRow:
    outcome = beat.last.outcome.value if beat.last else ""
    due = EPOCH + (job.tick(beat.last.started_at if beat.last else moment) + 1) * job.every
    return JobRow(
        name=job.name,
        purpose=str(JOBS.get(job.name, job.sentence)),
        outcome=outcome,
        sign=OUTCOME_SIGNS[outcome],
        said=str(OUTCOMES[outcome]),
        ran=_ago(beat.last.started_at, moment) if beat.last else "",
        note=_note(beat.last) if beat.last else "",
        last_ok=_ago(beat.last_ok, moment) if beat.last_ok else "",
        due=_due(due, moment),
        is_late=moment - due > max(2 * job.every, timedelta(minutes=1)),
    )


def _note(last: Run) -> str:
    """What the run says of itself, in the reader's words; an error stays as it was."""
    if last.outcome is not Outcome.OK:
        return last.note
    return WORDS.sub(lambda found: str(NOTES.get(found[0], found[0])), last.note)


def _ago(then: datetime, moment: datetime) -> str:
    seconds = max(0, round((moment - then).total_seconds()))
    if seconds < 90:
        return gettext("%(count)d s ago", count=seconds)
    return gettext("%(span)s ago", span=span(seconds // 60))


def _due(due: datetime, moment: datetime) -> str:
    seconds = round((due - moment).total_seconds())
    if seconds <= 0:
        return gettext("now")
    if seconds < 90:
        return gettext("in %(count)d s", count=seconds)
    return gettext("in %(span)s", span=span(seconds // 60))


def _mail_row(mail: StuckMail) -> MailRow:
    following = mail.next_attempt_at
    return MailRow(
        kind=mail.kind,
        recipient=mail.recipient,
        attempts=mail.attempts,
        next_attempt=moment_text(following, DEFAULT_ZONE) if following else gettext("given up"),
        error=mail.error,
    )


def _delivery_row(url: str, delivery: Delivery) -> MailRow:
    following = delivery.next_attempt_at
    return MailRow(
        kind=delivery.kind,
        recipient=url,
        attempts=delivery.attempts,
        next_attempt=moment_text(following, DEFAULT_ZONE) if following else gettext("given up"),
        error=delivery.error or "",
    )


def _versions() -> Mapping[str, str]:
    own = {"testbed": testbed.__version__, "Python": platform.python_version()}
    return own | {name: version(name) for name in LIBRARIES}
