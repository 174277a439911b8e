"""What changed since a moment: the audit rows after a number, and the pools' revisions."""

from collections.abc import Mapping

from sqlalchemy import Connection, bindparam, func, select

from testbed.persistence.tables import audit, pool

# What the schedule is made of; who was let in or what was simulated changes nothing of it.
ABOUT_BOOKINGS = "booking."
ABOUT_PLACES = ("catalogue.imported", "standing.written")


def latest(connection: Connection) -> int:
    """The number of the last audit row; 0 before the first."""
    return int(connection.execute(_LATEST).scalar() or 0)


def count_after(connection: Connection, number: int) -> int:
    """How many audit rows have a number after that one."""
    return int(connection.execute(_COUNT, {"number": number}).scalar() or 0)


def notes_after(connection: Connection, number: int) -> list[tuple[int, str, str]]:
    """The audit rows after that number, by number: number, action and document."""
    rows = connection.execute(_AFTER, {"number": number})
    return [(row.id, row.action, row.document) for row in rows]


def revisions(connection: Connection) -> Mapping[str, int]:
    """The revision of every pool by id."""
    return dict(connection.execute(_REVISIONS).all())


_LATEST = select(func.max(audit.c.id))
_COUNT = select(func.count()).where(audit.c.id > bindparam("number"))
_AFTER = (
    select(audit.c.id, audit.c.action, audit.c.document)
    .where(audit.c.id > bindparam("number"))
    .order_by(audit.c.id)
)
_REVISIONS = select(pool.c.id, pool.c.revision)
