"""Events on their way to webhooks: written beside the mails, tried until they arrive.

At least once: an event comes a second time where a process ends between sending and noting it, with
the same id. An endpoint that takes nothing for about two days is switched off, and told of.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, delete, func, select, update

from testbed.persistence import convert
from testbed.persistence.conflicts import insert_missing
from testbed.persistence.notice_tables import webhook
from testbed.persistence.notice_tables import webhook_delivery as table
from testbed.service import events
from testbed.service.actors import SYSTEM
from testbed.service.context import Context
from testbed.service.readers import Told
from testbed.service.write import Write, run

FIRST_DELAY = timedelta(minutes=1)
LONGEST_DELAY = timedelta(hours=6)
# About two days at these delays.
MOST_ATTEMPTS = 16
MOST_OF_ONE = 20
MOST_ENDPOINTS = 100
LONGEST_ERROR = 300
KEPT_FOR = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Due:
    """A delivery whose next attempt is due, and the secrets that sign it."""

    id: str
    webhook: str
    url: str
    kind: str
    body: str
    attempts: int
    secrets: tuple[str, ...]


def write(connection: Connection, note: Told, now: datetime) -> int:
    """Write the deliveries of a note; returns how many."""
    standing = select(webhook).where(webhook.c.disabled_at.is_(None))
    hooks = connection.execute(standing.order_by(webhook.c.id)).all()
    rows = [
        _row(f"msg_{hook.id}_{note.id:012d}", hook.id, note.kind, events.body_of(note), now)
        | {"note": note.id}
        for hook in hooks
        if _hears(hook.organisation, convert.load(hook.events), note)
    ]
    insert_missing(connection, table, rows)
    return len(rows)


def write_test(write: Write, name: str, webhook_id: str) -> str:
    """Write a test event for one webhook; returns the id of its delivery."""
    body = events.body_of_test(webhook_id, write.now)
    row = _row(f"msg_{name}", webhook_id, events.TEST, body, write.now)
    insert_missing(write.connection, table, [row])
    return f"msg_{name}"


def _row(name: str, webhook_id: str, kind: str, body: str, now: datetime) -> dict[str, object]:
    return {
        "id": name,
        "webhook": webhook_id,
        "note": None,
        "kind": kind,
        "body": body,
        "created_at": now,
        "attempts": 0,
        "next_attempt_at": now,
    }


def _hears(organisation: str | None, wanted: Sequence[str], note: Told) -> bool:
    """One's own events only; the operators' webhooks hear of everybody's."""
    is_own = organisation is None or organisation in events.organisations_of(note)
    return is_own and (not wanted or note.kind in wanted)


# -- sending ---------------------------------------------------------------------------------


def due(ctx: Context, now: datetime) -> tuple[tuple[Due, ...], ...]:
    """What is due, an endpoint at a time, the oldest first and not too much of one."""
    waiting = (
        select(table.c.webhook)
        .join(webhook, webhook.c.id == table.c.webhook)
        .where(webhook.c.disabled_at.is_(None), table.c.next_attempt_at <= now)
        .group_by(table.c.webhook)
        .order_by(func.min(table.c.next_attempt_at))
        .limit(MOST_ENDPOINTS)
    )
    with ctx.database.reading() as connection:
        ids = connection.execute(waiting).scalars().all()
        return tuple(tuple(_due_of(connection, each, now)) for each in ids)


def _due_of(connection: Connection, webhook_id: str, now: datetime) -> Iterator[Due]:
    hook = connection.execute(select(webhook).where(webhook.c.id == webhook_id)).one()
    mine = (table.c.webhook == webhook_id) & (table.c.next_attempt_at <= now)
    query = select(table).where(mine).order_by(table.c.created_at, table.c.id)
    signed_by: tuple[str, ...] = (hook.secret,)
    if hook.previous_secret is not None and now < hook.previous_until:
        signed_by += (hook.previous_secret,)
    for row in connection.execute(query.limit(MOST_OF_ONE)):
        yield Due(row.id, webhook_id, hook.url, row.kind, row.body, row.attempts, signed_by)


def begin(ctx: Context, found: Due, now: datetime) -> bool:
    """Take the next attempt of a delivery; False where another process has taken it.

    The attempt after it is due after a delay that doubles each time, whatever comes of this one.
    """
    mine = (table.c.id == found.id) & (table.c.attempts == found.attempts)
    again = now + min(FIRST_DELAY * 2**found.attempts, LONGEST_DELAY)
    taken = {"attempts": found.attempts + 1, "next_attempt_at": again}
    with ctx.database.writing() as connection:
        waiting = mine & table.c.next_attempt_at.is_not(None)
        return connection.execute(update(table).where(waiting).values(taken)).rowcount == 1


def arrived(ctx: Context, found: Due, status: int, now: datetime) -> None:
    """Note that an endpoint has taken an event."""
    done = {"next_attempt_at": None, "delivered_at": now, "status": status, "last_error": None}
    with ctx.database.writing() as connection:
        connection.execute(update(table).where(table.c.id == found.id).values(done))


def failed(
    ctx: Context, found: Due, status: int | None, error: str, now: datetime, *, gone: bool = False
) -> bool:
    """Note why an attempt failed; answers whether the endpoint is off by now.

    That is after too many attempts, or at once where the endpoint says that it is `gone`.
    """
    why = {"status": status, "last_error": error[:LONGEST_ERROR]}

    def work(write: Write) -> bool:
        is_over = gone or found.attempts + 1 >= MOST_ATTEMPTS
        ended = {"next_attempt_at": None, "given_up_at": now} if is_over else {}
        mine = update(table).where(table.c.id == found.id)
        write.connection.execute(mine.values({**why, **ended}))
        if is_over:
            _switch_off(write, found.webhook, error[:LONGEST_ERROR])
        return is_over

    return run(ctx, now, SYSTEM, work)


def _switch_off(write: Write, webhook_id: str, error: str) -> None:
    standing = (webhook.c.id == webhook_id) & webhook.c.disabled_at.is_(None)
    off = {"disabled_at": write.now, "disabled_why": error}
    if write.connection.execute(update(webhook).where(standing).values(off)).rowcount:
        hook = write.connection.execute(select(webhook).where(webhook.c.id == webhook_id)).one()
        about = {"organisation": hook.organisation} if hook.organisation else {}
        note = {**about, "url": hook.url, "error": error}
        write.note("webhook.disabled", webhook_id, note)


def forget(ctx: Context, now: datetime) -> int:
    """Delete deliveries that ended long ago; returns how many."""
    ended = table.c.next_attempt_at.is_(None) & (table.c.created_at < now - KEPT_FOR)
    with ctx.database.writing() as connection:
        return connection.execute(delete(table).where(ended)).rowcount


# -- looking ---------------------------------------------------------------------------------


class DeliveryState(StrEnum):
    """What became of a delivery so far."""

    WAITING = "waiting"
    RETRYING = "retrying"
    DELIVERED = "delivered"
    GIVEN_UP = "given_up"


@dataclass(frozen=True, slots=True)
class Delivery:
    """An event and what became of it; `status` is what the endpoint answered last."""

    id: str
    webhook: str
    kind: str
    body: str
    created_at: datetime
    attempts: int
    next_attempt_at: datetime | None
    delivered_at: datetime | None
    given_up_at: datetime | None
    status: int | None
    error: str | None

    @property
    def state(self) -> DeliveryState:
        """Where it stands."""
        if self.delivered_at is not None:
            return DeliveryState.DELIVERED
        if self.given_up_at is not None:
            return DeliveryState.GIVEN_UP
        return DeliveryState.RETRYING if self.attempts else DeliveryState.WAITING


def listing(
    connection: Connection,
    webhook_id: str,
    before: tuple[datetime, str] | None,
    limit: int,
    state: DeliveryState | None = None,
) -> tuple[Delivery, ...]:
    """Deliveries of one webhook, the newest first; those before a mark."""
    query = select(table).where(table.c.webhook == webhook_id)
    if state is not None:
        query = query.where(_IN_STATE[state])
    if before is not None:
        at, name = before
        same = (table.c.created_at == at) & (table.c.id < name)
        query = query.where((table.c.created_at < at) | same)
    ordered = query.order_by(table.c.created_at.desc(), table.c.id.desc())
    return tuple(_read(row) for row in connection.execute(ordered.limit(limit)))


def dead(ctx: Context, limit: int = 50) -> tuple[tuple[str, Delivery], ...]:
    """The deliveries that failed and have not arrived since, with their addresses; newest first."""
    failing = table.c.delivered_at.is_(None) & table.c.last_error.is_not(None)
    query = select(table, webhook.c.url).join(webhook, webhook.c.id == table.c.webhook)
    newest = query.where(failing).order_by(table.c.created_at.desc(), table.c.id.desc())
    with ctx.database.reading() as connection:
        return tuple((row.url, _read(row)) for row in connection.execute(newest.limit(limit)))


_IN_STATE: Mapping[DeliveryState, ColumnElement[bool]] = {
    DeliveryState.DELIVERED: table.c.delivered_at.is_not(None),
    DeliveryState.GIVEN_UP: table.c.given_up_at.is_not(None),
    DeliveryState.WAITING: table.c.next_attempt_at.is_not(None) & (table.c.attempts == 0),
    DeliveryState.RETRYING: table.c.next_attempt_at.is_not(None) & (table.c.attempts > 0),
}


def _read(row: Row[*tuple[Any, ...]]) -> Delivery:
    return Delivery(
        row.id,
        row.webhook,
        row.kind,
        row.body,
        row.created_at,
        row.attempts,
        row.next_attempt_at,
        row.delivered_at,
        row.given_up_at,
        row.status,
        row.last_error,
    )
