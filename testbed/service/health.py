"""Whether the service can work: database, schema, worker; and how much waits for somebody."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Connection, func, select
from sqlalchemy.exc import SQLAlchemyError

from testbed.persistence import schema
from testbed.persistence.job_tables import experiment
from testbed.persistence.job_tables import lease as leases
from testbed.persistence.tables import booking, outbox, request
from testbed.service.context import Context

OK = "ok"
RECENT = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Readiness:
    """What stands in the way of working, by part: "ok", or the word for what is wrong.

    `heartbeat_seconds` is how long the worker that leads has been silent, None without any.
    """

    parts: Mapping[str, str]
    heartbeat_seconds: float | None

    @property
    def is_ready(self) -> bool:
        """Whether nothing does."""
        return set(self.parts.values()) == {OK}


@dataclass(frozen=True, slots=True)
class Schema:
    """The revision of the database, and the one that the program knows; and which database."""

    database: str
    kept: str
    known: str


@dataclass(frozen=True, slots=True)
class Queues:
    """How much waits: holds for their confirmation, notes for their mails, studies for a process.

    `decisions` counts the requests decided within `RECENT` by their status.
    """

    holds: int
    notes: int
    experiments: Mapping[str, int]
    decisions: Mapping[str, int]


def readiness(
    ctx: Context, lease: str, lasts: timedelta, silence: timedelta, now: datetime
) -> Readiness:
    """Whether the database answers, has every migration, and a worker leads.

    A worker renews the lease of that name, which `lasts`; it may be silent for `silence`.
    """
    try:
        kept = schema_of(ctx)
        with ctx.database.reading() as connection:
            beat = _heartbeat(connection, lease, lasts)
    except SQLAlchemyError:
        return Readiness({"database": "no_answer", "schema": "unknown", "worker": "unknown"}, None)
    age = None if beat is None else max(0.0, (now - beat).total_seconds())
    parts = {
        "database": OK,
        "schema": OK if kept.kept == kept.known else "migrations_missing",
        "worker": _worker(age, silence),
    }
    return Readiness(parts, age)


def schema_of(ctx: Context) -> Schema:
    """The revisions of the schema."""
    kept = schema.kept_version(ctx.database) or ""
    return Schema(ctx.database.engine.dialect.name, kept, schema.known_version())


def queues(ctx: Context, now: datetime) -> Queues:
    """How much waits at this moment."""
    held = (booking.c.state == "held") & (booking.c.expires_at > now)
    with ctx.database.reading() as connection:
        return Queues(
            holds=_count(connection, held),
            notes=_count(connection, outbox.c.delivered_at.is_(None)),
            experiments=_by(
                connection, experiment.c.status, experiment.c.status.in_(("queued", "running"))
            ),
            decisions=_by(connection, request.c.status, request.c.submitted_at > now - RECENT),
        )


def _worker(age: float | None, silence: timedelta) -> str:
    if age is None:
        return "none"
    return OK if age <= silence.total_seconds() else "silent"


def _heartbeat(connection: Connection, lease: str, lasts: timedelta) -> datetime | None:
    """When the lease was last renewed."""
    query = select(leases.c.expires_at).where(leases.c.name == lease)
    expires_at = connection.execute(query).scalar_one_or_none()
    return None if expires_at is None else expires_at - lasts


def _count(connection: Connection, which: ColumnElement[bool]) -> int:
    return int(connection.execute(select(func.count()).where(which)).scalar_one())


def _by(
    connection: Connection, column: ColumnElement[str], which: ColumnElement[bool]
) -> dict[str, int]:
    query = select(column, func.count()).where(which).group_by(column)
    return {word: int(count) for word, count in connection.execute(query).all()}
