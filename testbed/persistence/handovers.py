"""Rows of hand-overs, and what of a booking does not go with it to another organisation."""

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, delete, insert, select, update

from testbed.domain.errors import NotFound, Stale
from testbed.domain.series import Outcome
from testbed.domain.sharing import Handover
from testbed.persistence.paper_tables import crew_driver, crew_vehicle
from testbed.persistence.rules_tables import reconfirmation
from testbed.persistence.series_tables import occurrence
from testbed.persistence.together_tables import handover as table
from testbed.persistence.visit_tables import emergency_contact

# People and vehicles are the giver's own: the receiver names its own. Nor was the receiver asked to
# confirm again, since no series of its own holds the booking.
STAYS = (crew_driver, crew_vehicle, emergency_contact, reconfirmation)


def add(connection: Connection, made: Handover, actor: str) -> None:
    """Keep a new offer."""
    row = {
        "id": made.id,
        "booking": made.booking,
        "giver": made.giver,
        "receiver": made.receiver,
        "resource": made.resource,
        "start_grain": made.start,
        "end_grain": made.end,
        "offered_at": made.offered_at,
        "offered_by": actor,
        "expires_at": made.expires_at,
        "state": made.state,
    }
    connection.execute(insert(table), row)


def find(connection: Connection, handover_id: str) -> Handover:
    """The hand-over of that id. Raises NotFound("handover")."""
    found = listed(connection, table.c.id == handover_id)
    if not found:
        raise NotFound("handover", id=handover_id)
    return found[0]


def open_of(connection: Connection, booking_id: str) -> Handover | None:
    """The offer of a booking that nobody has answered yet, run out or not."""
    is_open = (table.c.booking == booking_id) & (table.c.state == "offered")
    return next(iter(listed(connection, is_open)), None)


def listed(
    connection: Connection, where: ColumnElement[bool], limit: int | None = None
) -> list[Handover]:
    """The hand-overs that a condition selects, the newest first."""
    query = select(table).where(where).order_by(table.c.offered_at.desc(), table.c.id.desc())
    query = query.limit(limit)
    return [_handover(row) for row in connection.execute(query)]


def _handover(row: Row[*tuple[Any, ...]]) -> Handover:
    return Handover(
        id=row.id,
        booking=row.booking,
        giver=row.giver,
        receiver=row.receiver,
        resource=row.resource,
        start=row.start_grain,
        end=row.end_grain,
        offered_at=row.offered_at,
        expires_at=row.expires_at,
        state=row.state,
    )


def answer(connection: Connection, made: Handover, state: str, now: datetime, actor: str) -> None:
    """Note what became of an open offer. Raises Stale("booking_changed") where it is not open."""
    mine = (table.c.id == made.id) & (table.c.state == "offered")
    values = {"state": state, "answered_at": now, "answered_by": actor}
    if connection.execute(update(table).where(mine).values(values)).rowcount != 1:
        raise Stale("booking_changed", booking=made.booking)


def leave_behind(connection: Connection, booking_id: str) -> None:
    """Forget whom and what the giver had named for the booking; its series goes on without it."""
    for each in STAYS:
        connection.execute(delete(each).where(each.c.booking == booking_id))
    mine = occurrence.c.booking == booking_id
    gone = {"booking": None, "outcome": Outcome.SKIPPED.value}
    connection.execute(update(occurrence).where(mine).values(gone))
