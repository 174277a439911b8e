"""What was cancelled lately and what was booked since, as pairs are made of it."""

from collections import Counter
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, and_, exists, literal_column, select

from testbed.domain import rebooking
from testbed.domain.rebooking import WINDOW_DAYS, Pair, Placed
from testbed.persistence.tables import audit, booking, line, request

# Literal, so that the partial index serves.
_CANCELLED = booking.c.state == literal_column("'cancelled'")
_COLUMNS = (
    booking.c.id,
    booking.c.organisation,
    line.c.resource,
    line.c.start_grain,
    line.c.end_grain,
)
_MAIN = and_(line.c.booking == booking.c.id, line.c.position == 0)


def pairs(
    connection: Connection, now: datetime, days: int, organisation: str | None = None
) -> list[Pair]:
    """The pairs whose cancellation lies in the last 30 days, the latest first.

    Of one organisation, or of all. A hold that was given back is no cancellation.
    """
    since = now - timedelta(days=WINDOW_DAYS)
    mine = booking.c.organisation == organisation if organisation else literal_column("1") == 1
    cancelled = _cancelled(connection, since, mine)
    names = {each.organisation for each in cancelled}
    return rebooking.pairs(cancelled, _made(connection, since, names), days) if names else []


def counts(connection: Connection, now: datetime, days: int) -> dict[str, int]:
    """How often each organisation cancelled and booked again in the last 30 days."""
    return dict(Counter(each.cancelled.organisation for each in pairs(connection, now, days)))


def _cancelled(connection: Connection, since: datetime, mine: ColumnElement[bool]) -> list[Placed]:
    """What was cancelled since then after it had been confirmed; it cannot have begun before."""
    confirmed = audit.alias("confirmed")
    was_confirmed = exists().where(
        confirmed.c.subject == booking.c.id, confirmed.c.action == "booking.confirmed"
    )
    query = (
        select(*_COLUMNS, audit.c.at)
        .join(line, _MAIN)
        .join(audit, and_(audit.c.subject == booking.c.id, audit.c.action == "booking.cancelled"))
        .where(_CANCELLED, booking.c.start_at >= since, audit.c.at >= since, mine, was_confirmed)
    )
    return [_placed(row) for row in connection.execute(query)]


def _made(connection: Connection, since: datetime, organisations: set[str]) -> list[Placed]:
    query = (
        select(*_COLUMNS, request.c.submitted_at.label("at"))
        .join(line, _MAIN)
        .join(request, request.c.id == booking.c.request)
        .where(booking.c.organisation.in_(organisations), booking.c.start_at >= since)
        .where(request.c.submitted_at >= since)
    )
    return [_placed(row) for row in connection.execute(query)]


def _placed(row: Row[*tuple[Any, ...]]) -> Placed:
    return Placed(row.id, row.organisation, row.resource, row.start_grain, row.end_grain, row.at)
