"""`db check`: the occupancy counted again from the claims, and claims held against bookings."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, exists, select

from testbed.domain.bookings import OCCUPYING, WITH_CLAIMS
from testbed.domain.grid import floor_grain
from testbed.domain.requests import ClaimKind
from testbed.persistence.engine import Database
from testbed.persistence.tables import booking, claim, closure, occupancy, pool

KINDS = tuple(ClaimKind)

Counts = tuple[int, int, int]


@dataclass(frozen=True, slots=True, order=True)
class Finding:
    """One thing that does not agree: a code, the place, and what is kept against what should be."""

    code: str
    place: str
    kept: str = ""
    expected: str = ""


def check(database: Database, now: datetime) -> tuple[Finding, ...]:
    """Everything in the database that contradicts itself, sorted; empty for a sound one.

    Capacities are compared from now on: the past keeps those of its time.
    """
    with database.reading() as connection:
        found = [
            *_occupancy_findings(connection),
            *_capacity_findings(connection, floor_grain(now)),
            *_booking_findings(connection),
            *_closure_findings(connection, floor_grain(now)),
            *_pool_findings(connection),
        ]
    return tuple(sorted(found))


def _occupancy_findings(connection: Connection) -> Iterator[Finding]:
    expected = _counted(connection)
    columns = (occupancy.c.used, occupancy.c.blocked, occupancy.c.closed)
    for name, grain, capacity, *counts in connection.execute(
        select(occupancy.c.pool, occupancy.c.grain, occupancy.c.capacity, *columns)
    ):
        used, blocked, closed = (expected.pop((name, grain, kind), 0) for kind in KINDS)
        # Closures may lie over one another: no more is closed than there is.
        wanted = (used, blocked, min(capacity, closed))
        if tuple(counts) != wanted:
            yield Finding("occupancy_differs", f"{name}@{grain}", str(counts), str(list(wanted)))
    for (name, grain, kind), units in expected.items():
        yield Finding("occupancy_missing", f"{name}@{grain}", "", f"{units} {kind.value}")


def _counted(connection: Connection) -> Counter[tuple[str, int, ClaimKind]]:
    """Units by pool, grain and kind, of the claims that stand."""
    counted: Counter[tuple[str, int, ClaimKind]] = Counter()
    standing = select(claim).where(claim.c.released.is_(None))
    for row in connection.execute(standing):
        kind = ClaimKind(row.kind)
        for grain in range(row.start_grain, row.end_grain):
            counted[row.pool, grain, kind] += row.units
    return counted


def _capacity_findings(connection: Connection, grain: int) -> Iterator[Finding]:
    """Rows to come whose capacity is not the pool's."""
    query = (
        select(occupancy.c.pool, occupancy.c.grain, occupancy.c.capacity, pool.c.capacity)
        .join(pool, pool.c.id == occupancy.c.pool)
        .where(occupancy.c.grain >= grain, occupancy.c.capacity != pool.c.capacity)
    )
    for name, at, kept, expected in connection.execute(query):
        yield Finding("capacity_differs", f"{name}@{at}", str(kept), str(expected))


def _booking_findings(connection: Connection) -> Iterator[Finding]:
    """Bookings that occupy without claims, and claims of bookings that do not occupy."""
    stands = exists().where(claim.c.booking == booking.c.id, claim.c.released.is_(None))
    occupies = booking.c.state.in_([state.value for state in OCCUPYING])
    keeps = booking.c.state.in_([state.value for state in WITH_CLAIMS])
    for code, where in (
        ("booking_without_claims", occupies & ~stands),
        ("claims_of_dead_booking", ~keeps & stands),
    ):
        for name, state in connection.execute(select(booking.c.id, booking.c.state).where(where)):
            yield Finding(code, name, state)


def _closure_findings(connection: Connection, grain: int) -> Iterator[Finding]:
    """Closures in force that close nothing, and claims of closures that have been ended."""
    stands = exists().where(claim.c.closure == closure.c.id, claim.c.released.is_(None))
    still = stands.where(claim.c.end_grain > grain + 1)
    in_force = closure.c.ended_at.is_(None) & (
        closure.c.end_grain.is_(None) | (closure.c.end_grain > grain)
    )
    for code, where in (
        ("closure_without_claims", in_force & ~stands),
        ("claims_of_ended_closure", closure.c.ended_at.is_not(None) & still),
    ):
        for name in connection.execute(select(closure.c.id).where(where)).scalars():
            yield Finding(code, name)


def _pool_findings(connection: Connection) -> Iterator[Finding]:
    """Claims that say they were taken or released at a revision that their pool has not reached."""
    ahead = (claim.c.taken > pool.c.revision) | (claim.c.released > pool.c.revision)
    query = select(claim.c.id, claim.c.pool).join(pool, pool.c.id == claim.c.pool).where(ahead)
    for name, at in connection.execute(query):
        yield Finding("claim_ahead_of_pool", f"{at}#{name}")
