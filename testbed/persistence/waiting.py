"""Rows of the waitlist, to and from the values of the domain."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    bindparam,
    insert,
    literal_column,
    select,
    union_all,
)
from sqlalchemy import update as change

from testbed.domain.errors import NotFound, Stale
from testbed.domain.grid import moment_of
from testbed.domain.waitlist import Entry, Passed, Waiting
from testbed.persistence import convert
from testbed.persistence.tables import request as requests
from testbed.persistence.waitlist_tables import waitlist as table


def add(connection: Connection, entry: Entry) -> None:
    """Put a request on the waitlist; the request itself is kept already."""
    row = {"request": entry.id, "organisation": entry.request.organisation, **_columns(entry)}
    connection.execute(insert(table), {**row, "latest_at": moment_of(entry.request.latest)})


def update(connection: Connection, before: Entry, after: Entry) -> None:
    """Keep an entry's next state. Raises Stale("entry_changed") where it changed meanwhile."""
    mine = (table.c.request == before.id) & (table.c.state == before.state.value)
    if connection.execute(change(table).where(mine).values(_columns(after))).rowcount != 1:
        raise Stale("entry_changed", request=before.id)


def _columns(entry: Entry) -> dict[str, object]:
    passed = sorted((each.resource, each.day) for each in entry.passed)
    return {
        "state": entry.state.value,
        "booking": entry.booking,
        "passed": convert.dump(passed),
        "unanswered": entry.unanswered,
    }


def find(connection: Connection, request_id: str) -> Entry:
    """The entry of a request. Raises NotFound("waitlist")."""
    found = entries(connection, table.c.request == request_id)
    if not found:
        raise NotFound("waitlist", request=request_id)
    return found[0]


def of_booking(connection: Connection, booking_id: str) -> Entry | None:
    """The entry to which the booking is offered now, if any."""
    offered = (table.c.booking == booking_id) & (table.c.state == Waiting.OFFERED.value)
    return next(iter(entries(connection, offered)), None)


def anybody(connection: Connection, now: datetime) -> bool:
    """Whether anybody waits at this moment, or may again: whose offer has run out waits on."""
    return connection.execute(_ANYBODY, {"now": now}).first() is not None


def waiting(connection: Connection, now: datetime) -> list[Entry]:
    """Everybody who waits at this moment, by request id."""
    return entries(connection, _STILL & (table.c.latest_at >= now))


def over(connection: Connection, now: datetime) -> list[Entry]:
    """Those whose window has ended, and nobody has written it down yet."""
    return entries(connection, _STILL & (table.c.latest_at < now))


def entries(connection: Connection, where: ColumnElement[bool]) -> list[Entry]:
    """The entries that a condition on the waitlist selects, by request id."""
    query = select(table, requests.c.document).join(requests, requests.c.id == table.c.request)
    rows = connection.execute(query.where(where).order_by(table.c.request)).all()
    return [_entry(row) for row in rows]


def _entry(row: Row[*tuple[Any, ...]]) -> Entry:
    passed: Sequence[tuple[str, int]] = convert.load(row.passed)
    return Entry(
        request=convert.request_from_json(convert.load(row.document)),
        state=Waiting(row.state),
        booking=row.booking,
        passed=frozenset(Passed(resource, day) for resource, day in passed),
        unanswered=row.unanswered,
    )


# Literal, so that the partial indexes serve.
_STILL = table.c.state == literal_column("'waiting'")
_OFFERED = table.c.state == literal_column("'offered'")
_ANYBODY = union_all(
    *(
        select(table.c.request).where(state, table.c.latest_at >= bindparam("now"))
        for state in (_STILL, _OFFERED)
    )
).limit(1)
