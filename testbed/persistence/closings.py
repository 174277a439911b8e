"""Rows of closures, and of the bookings that they displaced or ended."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, and_, delete, insert, or_, select, update

from testbed.domain.bookings import Booking, State
from testbed.domain.closures import Closure, Kind
from testbed.domain.errors import NotFound
from testbed.domain.grid import GRAINS_PER_DAY, floor_grain
from testbed.domain.requests import Claim
from testbed.persistence import convert
from testbed.persistence.rules_tables import reconfirmation
from testbed.persistence.tables import booking as bookings
from testbed.persistence.tables import closure as table
from testbed.persistence.visit_tables import displacement as displacements

# How long what is over still matters to claims that began before it ended.
LOOKED_BACK_DAYS = 16


@dataclass(frozen=True, slots=True)
class Displacement:
    """A booking that a closure struck: its state and claims before it."""

    closure: str
    booking: str
    before: State
    claims: tuple[Claim, ...]
    restored_at: datetime | None


def add(connection: Connection, closure: Closure) -> None:
    """Keep a new closure; its claims are taken apart from it."""
    row = {
        "id": closure.id,
        "kind": closure.kind.value,
        "target": closure.target,
        "pools": convert.dump(list(closure.pools)),
        "start_grain": closure.start,
        "end_grain": closure.end,
        "reason": closure.reason,
        "created_at": closure.created_at,
        "created_by": closure.created_by,
    }
    connection.execute(insert(table), row)


def end(connection: Connection, closure: str, now: datetime, actor: str) -> None:
    """Note that a closure was ended before its time."""
    mine = update(table).where(table.c.id == closure)
    connection.execute(mine.values(ended_at=now, ended_by=actor))


def find(connection: Connection, closure: str) -> Closure:
    """The closure of that id. Raises NotFound("closure")."""
    row = connection.execute(select(table).where(table.c.id == closure)).one_or_none()
    if row is None:
        raise NotFound("closure", id=closure)
    return _closure(row)


def in_force(connection: Connection, now: datetime) -> list[Closure]:
    """The closures that are neither ended nor over, the oldest first."""
    open_ended = or_(table.c.end_grain.is_(None), table.c.end_grain > floor_grain(now))
    return _found(connection, and_(table.c.ended_at.is_(None), open_ended))


def lately(connection: Connection, now: datetime) -> list[Closure]:
    """The closures in force, and those that ended so lately that claims of today met them."""
    since = floor_grain(now) - LOOKED_BACK_DAYS * GRAINS_PER_DAY
    not_over = or_(table.c.end_grain.is_(None), table.c.end_grain > since)
    kept = or_(
        table.c.ended_at.is_(None), table.c.ended_at > now - timedelta(days=LOOKED_BACK_DAYS)
    )
    return _found(connection, and_(not_over, kept))


def newest(
    connection: Connection, before: tuple[datetime, str] | None, limit: int
) -> list[Closure]:
    """Closures by age, the newest first, after the one that was made then with that id."""
    query = select(table).order_by(table.c.created_at.desc(), table.c.id.desc())
    if before is not None:
        at, name = before
        same = and_(table.c.created_at == at, table.c.id < name)
        query = query.where(or_(table.c.created_at < at, same))
    return [_closure(row) for row in connection.execute(query.limit(limit))]


def _found(connection: Connection, where: ColumnElement[bool]) -> list[Closure]:
    query = select(table).where(where).order_by(table.c.created_at, table.c.id)
    return [_closure(row) for row in connection.execute(query)]


def _closure(row: Row[*tuple[Any, ...]]) -> Closure:
    return Closure(
        id=row.id,
        kind=Kind(row.kind),
        target=row.target,
        pools=tuple(convert.load(row.pools)),
        start=row.start_grain,
        end=row.end_grain,
        reason=row.reason,
        created_at=row.created_at,
        created_by=row.created_by,
        ended_at=row.ended_at,
        ended_by=row.ended_by,
    )


# -- displacements ---------------------------------------------------------------------------


def displace(connection: Connection, closure: str, booking: Booking) -> None:
    """Note what a booking was and had before a closure struck it."""
    row = {
        "closure": closure,
        "booking": booking.id,
        "before": booking.state.value,
        "claims": convert.dump([convert.claim_to_json(each) for each in booking.claims]),
    }
    connection.execute(insert(displacements), row)


def restore(connection: Connection, closure: str, booking: str, now: datetime) -> None:
    """Note that a booking has its place again.

    While it was displaced nobody could confirm it again: that is asked anew.
    """
    mine = (displacements.c.closure == closure) & (displacements.c.booking == booking)
    connection.execute(update(displacements).where(mine).values(restored_at=now))
    missing = (reconfirmation.c.booking == booking) & reconfirmation.c.confirmed_at.is_(None)
    connection.execute(delete(reconfirmation).where(missing))


def struck_by(connection: Connection, closure: str) -> list[Displacement]:
    """What a closure struck, by booking."""
    query = select(displacements).where(displacements.c.closure == closure)
    rows = connection.execute(query.order_by(displacements.c.booking))
    return [_displacement(row) for row in rows]


def last_of(connection: Connection, booking: str) -> Displacement | None:
    """What struck the booking last, if anything did and it has not been restored."""
    query = (
        select(displacements)
        .join(table, table.c.id == displacements.c.closure)
        .where(displacements.c.booking == booking, displacements.c.restored_at.is_(None))
        .order_by(table.c.created_at.desc())
    )
    row = connection.execute(query.limit(1)).one_or_none()
    return None if row is None else _displacement(row)


def lock_bookings(connection: Connection, names: Collection[str]) -> None:
    """Let nobody change these bookings until the transaction ends."""
    query = select(bookings.c.id).where(bookings.c.id.in_(names)).order_by(bookings.c.id)
    connection.execute(query.with_for_update(key_share=True)).all()


def _displacement(row: Row[*tuple[Any, ...]]) -> Displacement:
    return Displacement(
        closure=row.closure,
        booking=row.booking,
        before=State(row.before),
        claims=tuple(convert.claim_from_json(each) for each in convert.load(row.claims)),
        restored_at=row.restored_at,
    )
