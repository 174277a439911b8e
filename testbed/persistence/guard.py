"""The guard: occupancy per pool and grain, counted in the transaction that writes the claims.

The table's CHECK refuses more than a pool holds, whatever path the write came by. Callers hold the
lock of the pools they count in, so two transactions never wait for each other's grains.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import pairwise

from sqlalchemy import Connection, Insert, Update, bindparam, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import IntegrityError

from testbed.domain.errors import Stale
from testbed.domain.requests import Claim, ClaimKind
from testbed.persistence.tables import occupancy

REFUSAL = "ck_occupancy_within_capacity"
_COLUMN = {ClaimKind.USE: "used", ClaimKind.BLOCK: "blocked"}
_NOTHING = {"used": 0, "blocked": 0, "closed": 0}

Row = dict[str, int | str]


def count_in(
    connection: Connection, claims: Iterable[Claim], capacities: Mapping[str, int]
) -> None:
    """Count claims into the occupancy; what closures close is counted by `count_closed`.

    Raises Stale("pool_full") with the pool that refuses; the transaction is then spoilt and must be
    rolled back. `capacities` by pool id are those of the pool table.
    """
    upsert = _UPSERT[connection.dialect.name]
    for pool, rows in sorted(_rows(claims, capacities).items()):
        with _refusal_as_stale(pool):
            connection.execute(upsert, rows)


def count_out(connection: Connection, claims: Iterable[Claim]) -> None:
    """Count claims out of the occupancy, but for those of closures."""
    for claim in sorted(each for each in claims if each.kind in _COLUMN):
        span = {"in_pool": claim.pool, "first": claim.start, "end": claim.end}
        connection.execute(_SUBTRACT[claim.kind], {**span, "units": claim.units})


def _rows(claims: Iterable[Claim], capacities: Mapping[str, int]) -> dict[str, list[Row]]:
    """The rows to add by pool, one per grain, in the order of the grains."""
    sums: dict[str, dict[int, dict[str, int]]] = {}
    for claim in (each for each in claims if each.kind in _COLUMN):
        grains = sums.setdefault(claim.pool, {})
        column = _COLUMN[claim.kind]
        for grain in range(claim.start, claim.end):
            grains.setdefault(grain, dict(_NOTHING))[column] += claim.units
    return {
        pool: [
            {"pool": pool, "grain": grain, "capacity": capacities[pool], **counts}
            for grain, counts in sorted(grains.items())
        ]
        for pool, grains in sums.items()
    }


def fits(connection: Connection, claims: Iterable[Claim], capacities: Mapping[str, int]) -> bool:
    """Whether claims could be counted in; their pools must be locked for it to stay so."""
    return all(
        _has_room(connection, pool, rows, capacities[pool])
        for pool, rows in _rows(claims, capacities).items()
    )


def _has_room(connection: Connection, pool: str, rows: Sequence[Row], capacity: int) -> bool:
    wanted = {int(row["grain"]): row for row in rows}
    query = select(occupancy).where(
        occupancy.c.pool == pool, occupancy.c.grain.between(min(wanted), max(wanted))
    )
    kept = {row.grain: row for row in connection.execute(query)}
    for grain, row in wanted.items():
        there = kept.get(grain)
        used = int(row["used"]) + (there.used if there else 0)
        blocked = int(row["blocked"]) + (there.blocked if there else 0)
        if used + (there.closed if there else 0) > capacity or (used and blocked):
            return False
    return True


def count_closed(
    connection: Connection,
    pool: str,
    span: tuple[int, int],
    closed: Sequence[Claim],
    capacity: int,
) -> None:
    """Count anew what is closed in a pool over a span: the sum of the closures, at most all of it.

    `closed` are all claims of closures that stand in the pool. Raises Stale("pool_full") where a
    use stands in what is to be closed; the transaction is then spoilt.
    """
    to_open: list[Row] = []
    to_close: list[Row] = []
    for start, end, units in _pieces(span, closed, capacity):
        if units:
            to_close += [
                {"pool": pool, "grain": grain, "capacity": capacity, **_NOTHING, "closed": units}
                for grain in range(start, end)
            ]
        else:
            to_open.append({"in_pool": pool, "first": start, "end": end})
    if to_open:
        connection.execute(_OPEN, to_open)
    if to_close:
        with _refusal_as_stale(pool):
            connection.execute(_CLOSE[connection.dialect.name], to_close)


def _pieces(
    span: tuple[int, int], closed: Sequence[Claim], capacity: int
) -> Iterator[tuple[int, int, int]]:
    """The span in pieces of one count each: start, end, units closed."""
    ends = {each for claim in closed for each in (claim.start, claim.end)}
    edges = sorted({*span, *(each for each in ends if span[0] < each < span[1])})
    for start, end in pairwise(edges):
        units = sum(each.units for each in closed if each.start <= start < each.end)
        yield start, end, min(capacity, units)


@contextmanager
def _refusal_as_stale(pool: str) -> Iterator[None]:
    try:
        yield
    except IntegrityError as error:
        if REFUSAL in str(error.orig):
            raise Stale("pool_full", pool=pool) from error
        raise


def _upsert(insert: Callable[..., sqlite.Insert | postgresql.Insert]) -> Insert:
    statement = insert(occupancy)
    counts = {name: occupancy.c[name] + statement.excluded[name] for name in _NOTHING}
    return statement.on_conflict_do_update(index_elements=["pool", "grain"], set_=counts)


def _subtract(kind: ClaimKind) -> Update:
    column = _COLUMN[kind]
    return (
        update(occupancy)
        .where(
            occupancy.c.pool == bindparam("in_pool"),
            occupancy.c.grain >= bindparam("first"),
            occupancy.c.grain < bindparam("end"),
        )
        .values({column: occupancy.c[column] - bindparam("units")})
    )


def _close(insert: Callable[..., sqlite.Insert | postgresql.Insert]) -> Insert:
    statement = insert(occupancy)
    closed = {"closed": statement.excluded.closed}
    return statement.on_conflict_do_update(index_elements=["pool", "grain"], set_=closed)


_OPEN = (
    update(occupancy)
    .where(
        occupancy.c.pool == bindparam("in_pool"),
        occupancy.c.grain >= bindparam("first"),
        occupancy.c.grain < bindparam("end"),
    )
    .values(closed=0)
)
_CLOSE = {"sqlite": _close(sqlite.insert), "postgresql": _close(postgresql.insert)}
_UPSERT = {"sqlite": _upsert(sqlite.insert), "postgresql": _upsert(postgresql.insert)}
_SUBTRACT = {kind: _subtract(kind) for kind in _COLUMN}
