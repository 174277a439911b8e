"""The guard: occupancy per pool and grain, counted in the transaction that writes the claims.

The table's CHECK refuses more than a pool holds, whatever path the write came by. Callers hold the
lock of the pools they count in, so two transactions never wait for each other's grains.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager

from sqlalchemy import Connection, Insert, Update, bindparam, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import IntegrityError

from testbed.domain.errors import Stale
from testbed.domain.requests import Claim, ClaimKind
from testbed.persistence.tables import occupancy

REFUSAL = "ck_occupancy_within_capacity"
_COLUMN = {ClaimKind.USE: "used", ClaimKind.BLOCK: "blocked", ClaimKind.CLOSED: "closed"}
_NOTHING = {"used": 0, "blocked": 0, "closed": 0}

Row = dict[str, int | str]


def count_in(
    connection: Connection, claims: Iterable[Claim], capacities: Mapping[str, int]
) -> None:
    """Count claims into the occupancy.

    Raises Stale("pool_full") with the pool that refuses; the transaction is then spoilt and must be
    rolled back. `capacities` by pool id are those of the pool table.
    """
    upsert = _UPSERT[connection.dialect.name]
    for pool, rows in sorted(_rows(claims, capacities).items()):
        with _refusal_as_stale(pool):
            connection.execute(upsert, rows)


def count_out(connection: Connection, claims: Iterable[Claim]) -> None:
    """Count claims out of the occupancy."""
    for claim in sorted(claims):
        span = {"in_pool": claim.pool, "first": claim.start, "end": claim.end}
        connection.execute(_SUBTRACT[claim.kind], {**span, "units": claim.units})


def _rows(claims: Iterable[Claim], capacities: Mapping[str, int]) -> dict[str, list[Row]]:
    """The rows to add by pool, one per grain, in the order of the grains."""
    sums: dict[str, dict[int, dict[str, int]]] = {}
    for claim in claims:
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


_UPSERT = {"sqlite": _upsert(sqlite.insert), "postgresql": _upsert(postgresql.insert)}
_SUBTRACT = {kind: _subtract(kind) for kind in ClaimKind}
