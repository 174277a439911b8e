"""Runs of jobs: each tick of a job is claimed by one row, which is its heartbeat afterwards."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, Row, delete, func, select, update

from testbed.persistence.conflicts import insert_into
from testbed.persistence.job_tables import job_run as table
from testbed.persistence.job_tables import lease as leases
from testbed.service.context import Context
from testbed.service.leases import Lease

KEPT_FOR = timedelta(days=14)
LONGEST_NOTE = 500


class Outcome(StrEnum):
    """What became of a run."""

    RUNNING = "running"
    OK = "ok"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Run:
    """One run of a job; `tick` counts whole periods of the job since 1970."""

    job: str
    tick: int
    holder: str
    started_at: datetime
    finished_at: datetime | None
    outcome: Outcome
    note: str


@dataclass(frozen=True, slots=True)
class Beat:
    """How a job is doing: its last run, and when it last went well."""

    job: str
    last: Run | None
    last_ok: datetime | None


def claim(ctx: Context, job: str, tick: int, lease: Lease, now: datetime) -> bool:
    """Take the tick of a job; False where it was run, is being run, or the lease is lost.

    A tick that an earlier leadership began and never ended is taken over.
    """
    begun = {
        "epoch": lease.epoch,
        "holder": lease.holder,
        "started_at": now,
        "outcome": Outcome.RUNNING.value,
        "note": "",
    }
    left = (table.c.outcome == Outcome.RUNNING.value) & (table.c.epoch < lease.epoch)
    with ctx.database.writing() as connection:
        if not _leads(connection, lease, now):
            return False
        row = insert_into(connection, table).values(job=job, tick=tick, **begun)
        taken = row.on_conflict_do_update(
            index_elements=["job", "tick"], set_=begun, where=left
        ).returning(table.c.tick)
        return connection.execute(taken).one_or_none() is not None


@dataclass(frozen=True, slots=True)
class Ending:
    """What became of a run, and what to tell of it."""

    outcome: Outcome
    note: str = ""


def end(ctx: Context, job: str, tick: int, lease: Lease, ending: Ending, *, now: datetime) -> None:
    """Note what became of a run that this leadership claimed."""
    mine = (table.c.job == job) & (table.c.tick == tick) & (table.c.epoch == lease.epoch)
    values = {
        "finished_at": now,
        "outcome": ending.outcome.value,
        "note": ending.note[:LONGEST_NOTE],
    }
    with ctx.database.writing() as connection:
        connection.execute(update(table).where(mine).values(values))


def beats(ctx: Context, jobs: Iterable[str]) -> tuple[Beat, ...]:
    """How each of the jobs is doing, in the order they are named."""
    with ctx.database.reading() as connection:
        return tuple(_beat(connection, job) for job in jobs)


def forget(ctx: Context, now: datetime) -> int:
    """Delete runs that ended long ago; returns how many."""
    old = delete(table).where(table.c.started_at < now - KEPT_FOR)
    with ctx.database.writing() as connection:
        return connection.execute(old).rowcount


def _leads(connection: Connection, lease: Lease, now: datetime) -> bool:
    mine = (leases.c.name == lease.name) & (leases.c.epoch == lease.epoch)
    query = select(leases.c.holder).where(mine, leases.c.expires_at > now)
    return connection.execute(query.with_for_update(read=True)).scalar_one_or_none() == lease.holder


def _beat(connection: Connection, job: str) -> Beat:
    mine = select(table).where(table.c.job == job).order_by(table.c.tick.desc()).limit(1)
    row = connection.execute(mine).one_or_none()
    good = (table.c.job == job) & (table.c.outcome == Outcome.OK.value)
    last_ok = connection.execute(select(func.max(table.c.finished_at)).where(good)).scalar()
    return Beat(job, None if row is None else _run(row), last_ok)


def _run(row: Row[*tuple[Any, ...]]) -> Run:
    return Run(
        row.job,
        row.tick,
        row.holder,
        row.started_at,
        row.finished_at,
        Outcome(row.outcome),
        row.note,
    )
