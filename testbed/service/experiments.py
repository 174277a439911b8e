"""Experiments in the queue: the door through which the simulation takes work and gives results.

A worker claims one, reports after each replication, and ends it. Whoever stays silent for too long
is taken for dead: the experiment goes back into the queue with the rows that it has.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, insert, null, or_, select, update

from testbed.domain.errors import IllegalTransition, InvalidRequest, NotAllowed, NotFound, Stale
from testbed.domain.parties import Member, Role
from testbed.persistence import convert
from testbed.persistence.conflicts import insert_missing
from testbed.persistence.job_tables import experiment as table
from testbed.persistence.job_tables import experiment_row as rows_table
from testbed.service.actors import SYSTEM
from testbed.service.context import Context
from testbed.service.experiment_record import OPEN, Experiment, Status, experiment_of
from testbed.service.write import Write, run

SILENT_FOR = timedelta(minutes=2)
MOST_ATTEMPTS = 3
LONGEST_SCENARIO = 256 * 1024
LONGEST_NAME = 200
MOST_OPEN = 10
PLANS = frozenset({Role.PLANNER, Role.ADMINISTRATOR})
READS = PLANS | {Role.OPERATOR, Role.OBSERVER}


# -- for planners ----------------------------------------------------------------------------


def queue(
    ctx: Context,
    name: str,
    scenario: str,
    now: datetime,
    owner: Member,
    *,
    total: int | None = None,
) -> Experiment:
    """Put a scenario (its TOML text) into the queue.

    Raises NotAllowed("planners_only"), InvalidRequest: "bad_scenario_text", "bad_name",
    "too_many_experiments".
    """
    _require(owner, PLANS)
    called = _checked_name(name)
    if not 0 < len(scenario) <= LONGEST_SCENARIO or "\0" in scenario:
        raise InvalidRequest("bad_scenario_text", longest=LONGEST_SCENARIO)
    row = {
        "id": ctx.new_id(),
        "owner": owner.id,
        "name": called,
        "scenario": scenario,
        "status": Status.QUEUED.value,
        "done": 0,
        "total": total,
        "attempts": 0,
        "created_at": now,
    }

    def work(write: Write) -> Experiment:
        write.lock_organisation(owner.organisation)
        mine = (table.c.owner == owner.id) & table.c.status.in_(OPEN)
        if len(write.connection.execute(select(table.c.id).where(mine)).all()) >= MOST_OPEN:
            raise InvalidRequest("too_many_experiments", most=MOST_OPEN)
        made = write.connection.execute(insert(table).values(row).returning(table)).one()
        write.note("experiment.queued", made.id, {"owner": owner.id, "name": called})
        return experiment_of(made)

    return run(ctx, now, owner, work)


def keep(
    ctx: Context,
    name: str,
    result: convert.Json,
    now: datetime,
    owner: Member,
    *,
    estimate: convert.Json | None = None,
) -> Experiment:
    """Keep a result that was computed elsewhere, as an experiment that is done.

    `estimate` is the part of it that lists show. Whoever calls has checked the document.
    Raises NotAllowed("planners_only"), InvalidRequest: "bad_name".
    """
    _require(owner, PLANS)
    row = {
        "id": ctx.new_id(),
        "owner": owner.id,
        "name": _checked_name(name),
        "scenario": "",
        "status": Status.DONE.value,
        "done": 0,
        "estimate": estimate and convert.dump(estimate),
        "result": convert.dump(result),
        "attempts": 0,
        "created_at": now,
        "finished_at": now,
    }

    def work(write: Write) -> Experiment:
        made = write.connection.execute(insert(table).values(row).returning(table)).one()
        write.note("experiment.kept", made.id, {"owner": owner.id, "name": made.name})
        return experiment_of(made)

    return run(ctx, now, owner, work)


def get(ctx: Context, experiment_id: str, reader: Member) -> Experiment:
    """One experiment. Raises NotAllowed("planners_only"), NotFound("experiment")."""
    _require(reader, READS)
    with ctx.database.reading() as connection:
        return experiment_of(_row(connection, experiment_id))


def listing(
    ctx: Context, reader: Member, *, after: str | None = None, limit: int = 100
) -> tuple[Experiment, ...]:
    """Experiments without their results, the newest first; `after` names the last one seen.

    Raises NotAllowed("planners_only"), NotFound("experiment") for an unknown `after`.
    """
    _require(reader, READS)
    with ctx.database.reading() as connection:
        query = _LISTED.order_by(table.c.created_at.desc(), table.c.id.desc()).limit(limit)
        if after is not None:
            query = query.where(_older_than(_row(connection, after)))
        return tuple(experiment_of(row) for row in connection.execute(query))


# A result can be long: a list does not read them.
_LISTED = select(*(each for each in table.c if each.name != "result"), null().label("result"))


def rows(ctx: Context, experiment_id: str) -> Mapping[int, convert.Json]:
    """The rows so far by replication, in their order."""
    query = select(rows_table).where(rows_table.c.experiment == experiment_id)
    with ctx.database.reading() as connection:
        found = connection.execute(query.order_by(rows_table.c.replication))
        return {row.replication: convert.load(row.row) for row in found}


def cancel(ctx: Context, experiment_id: str, now: datetime, actor: Member) -> Experiment:
    """Cancel an experiment: at once while it waits; one that runs ends after its replication.

    Raises NotAllowed("planners_only"), NotFound("experiment"), IllegalTransition
    ("experiment_over") for one that has ended.
    """
    _require(actor, PLANS)

    def work(write: Write) -> Experiment:
        before = _row(write.connection, experiment_id, lock=True)
        if before.status not in OPEN:
            raise IllegalTransition("experiment_over", id=experiment_id, status=before.status)
        ended: dict[str, object] = {"cancel_asked_at": now}
        if before.status == Status.QUEUED:
            ended = _end(Status.CANCELLED, now)
        write.note("experiment.cancel_asked", experiment_id, {"owner": before.owner})
        return _changed(write, table.c.id == experiment_id, ended)

    return run(ctx, now, actor, work)


# -- for workers -----------------------------------------------------------------------------


def claim(ctx: Context, worker: str, now: datetime) -> Experiment | None:
    """Take the oldest experiment that waits, None if none does.

    Of several workers that ask at once each gets another one.
    """
    oldest = select(table.c.id).where(table.c.status == Status.QUEUED.value)
    first = oldest.order_by(table.c.created_at, table.c.id).limit(1)
    with ctx.database.writing() as connection:
        found = connection.execute(first.with_for_update(skip_locked=True)).scalar_one_or_none()
        if found is None:
            return None
        begun = {
            "status": Status.RUNNING.value,
            "worker": worker,
            "heartbeat_at": now,
            "started_at": now,
            "attempts": table.c.attempts + 1,
        }
        taken = update(table).where(table.c.id == found).values(begun).returning(table)
        return experiment_of(connection.execute(taken).one())


def progress(
    ctx: Context,
    experiment_id: str,
    worker: str,
    now: datetime,
    *,
    new_rows: Mapping[int, convert.Json] | None = None,
    estimate: convert.Json | None = None,
    total: int | None = None,
) -> bool:
    """Report life, and what is new; answers whether to go on (False: somebody cancelled).

    Raises Stale("experiment_lost") where it is no longer this worker's.
    """
    with ctx.database.writing() as connection:
        mine = _row(connection, experiment_id, lock=True)
        _require_mine(mine, worker)
        listed = [
            {"experiment": experiment_id, "replication": number, "row": convert.dump(row)}
            for number, row in (new_rows or {}).items()
        ]
        insert_missing(connection, rows_table, listed)
        known = select(rows_table.c.replication).where(rows_table.c.experiment == experiment_id)
        values: dict[str, object] = {
            "heartbeat_at": now,
            "done": len(connection.execute(known).all()),
        }
        if estimate is not None:
            values["estimate"] = convert.dump(estimate)
        if total is not None:
            values["total"] = total
        connection.execute(update(table).where(table.c.id == experiment_id).values(values))
    return mine.cancel_asked_at is None


def finish(
    ctx: Context, experiment_id: str, worker: str, result: convert.Json, now: datetime
) -> Experiment:
    """End an experiment with its result. Raises Stale("experiment_lost")."""
    values = {**_end(Status.DONE, now), "result": convert.dump(result)}
    return _close(ctx, experiment_id, worker, values, now)


def fail(
    ctx: Context, experiment_id: str, worker: str, error: convert.Json, now: datetime
) -> Experiment:
    """End an experiment that cannot be run, saying why (a code, and its fields or mistakes).

    Raises Stale("experiment_lost").
    """
    values = {**_end(Status.FAILED, now), "error": convert.dump(error)}
    return _close(ctx, experiment_id, worker, values, now)


def give_back(ctx: Context, experiment_id: str, worker: str, now: datetime) -> Experiment:
    """Put an experiment back into the queue, as a worker does that is told to end.

    Raises Stale("experiment_lost").
    """
    values = {**_QUEUED_AGAIN, "attempts": table.c.attempts - 1}
    return _close(ctx, experiment_id, worker, values, now)


def stop(ctx: Context, experiment_id: str, worker: str, now: datetime) -> Experiment:
    """End an experiment that was cancelled while it ran. Raises Stale("experiment_lost")."""
    return _close(ctx, experiment_id, worker, _end(Status.CANCELLED, now), now)


def reclaim(ctx: Context, now: datetime) -> tuple[Experiment, ...]:
    """Put experiments whose worker fell silent back into the queue; returns them.

    One that was asked to end is cancelled; one that was begun too often has failed.
    """

    def work(write: Write) -> tuple[Experiment, ...]:
        silent = (table.c.status == Status.RUNNING.value) & (
            table.c.heartbeat_at <= now - SILENT_FOR
        )
        query = select(table).where(silent).order_by(table.c.id).with_for_update()
        lost = write.connection.execute(query).all()
        return tuple(_taken_back(write, row) for row in lost)

    return run(ctx, now, SYSTEM, work)


def waiting(ctx: Context) -> int:
    """How many experiments wait for a worker."""
    query = select(table.c.id).where(table.c.status == Status.QUEUED.value)
    with ctx.database.reading() as connection:
        return len(connection.execute(query).all())


def _taken_back(write: Write, row: Row[*tuple[Any, ...]]) -> Experiment:
    if row.cancel_asked_at is not None:
        values = _end(Status.CANCELLED, write.now)
    elif row.attempts >= MOST_ATTEMPTS:
        lost = convert.dump({"code": "worker_lost"})
        values = {**_end(Status.FAILED, write.now), "error": lost}
    else:
        values = dict(_QUEUED_AGAIN)
    taken = _changed(write, table.c.id == row.id, values)
    write.note(f"experiment.{taken.status}", row.id, {"owner": row.owner, "name": row.name})
    return taken


_QUEUED_AGAIN: Mapping[str, object] = {
    "status": Status.QUEUED.value,
    "worker": None,
    "heartbeat_at": None,
}


def _close(
    ctx: Context, experiment_id: str, worker: str, values: dict[str, object], now: datetime
) -> Experiment:
    def work(write: Write) -> Experiment:
        _require_mine(_row(write.connection, experiment_id, lock=True), worker)
        ended = _changed(write, table.c.id == experiment_id, values)
        about = {"owner": ended.owner, "name": ended.name}
        write.note(f"experiment.{ended.status}", experiment_id, about)
        return ended

    return run(ctx, now, SYSTEM, work)


def _end(status: Status, now: datetime) -> dict[str, object]:
    return {"status": status.value, "finished_at": now, "worker": None}


def _changed(write: Write, which: ColumnElement[bool], values: dict[str, object]) -> Experiment:
    changed = update(table).where(which).values(values).returning(table)
    return experiment_of(write.connection.execute(changed).one())


def _require(actor: Member, roles: frozenset[Role]) -> None:
    if actor.role not in roles:
        raise NotAllowed("planners_only", role=actor.role.value)


def _require_mine(row: Row[*tuple[Any, ...]], worker: str) -> None:
    if row.status != Status.RUNNING or row.worker != worker:
        raise Stale("experiment_lost", id=row.id)


def _row(
    connection: Connection, experiment_id: str, *, lock: bool = False
) -> Row[*tuple[Any, ...]]:
    mine = select(table).where(table.c.id == experiment_id)
    row = connection.execute(mine.with_for_update() if lock else mine).one_or_none()
    if row is None:
        raise NotFound("experiment", id=experiment_id)
    return row


def _older_than(seen: Row[*tuple[Any, ...]]) -> ColumnElement[bool]:
    same = (table.c.created_at == seen.created_at) & (table.c.id < seen.id)
    return or_(table.c.created_at < seen.created_at, same)


def _checked_name(name: str) -> str:
    called = name.strip()
    if not 0 < len(called) <= LONGEST_NAME or not called.isprintable():
        raise InvalidRequest("bad_name", longest=LONGEST_NAME)
    return called
