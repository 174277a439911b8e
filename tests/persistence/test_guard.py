"""The guard: whatever writes, the schema refuses more than a pool holds."""

from collections import Counter

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import insert, select, text
from sqlalchemy.exc import IntegrityError

from testbed.domain.errors import Stale
from testbed.domain.requests import Claim, ClaimKind
from testbed.persistence import tables
from testbed.persistence.claims import ClaimWriter, KeptClaim, Owner, standing_claims_after
from testbed.persistence.engine import Database, open_database
from testbed.persistence.schema import upgrade

SERVICE = Owner(standing="st")
USE, BLOCK = ClaimKind.USE, ClaimKind.BLOCK


@pytest.fixture
def pools(database: Database) -> Database:
    """Two pools: one of 3 units, one of 1."""
    with database.writing() as connection:
        rows = [{"id": "a", "capacity": 3}, {"id": "b", "capacity": 1}]
        connection.execute(insert(tables.pool), rows)
    return database


def take(database: Database, *claims: Claim) -> None:
    with database.writing() as connection:
        ClaimWriter(connection).take((SERVICE, claim) for claim in claims)


def kept(database: Database) -> list[KeptClaim]:
    with database.reading() as connection:
        return standing_claims_after(connection, 0)


def counts(database: Database, pool: str) -> dict[int, tuple[int, int]]:
    table = tables.occupancy
    query = select(table.c.grain, table.c.used, table.c.blocked).where(table.c.pool == pool)
    with database.reading() as connection:
        return {grain: (used, blocked) for grain, used, blocked in connection.execute(query)}


def test_use_is_counted_per_grain(pools: Database) -> None:
    take(pools, Claim("a", USE, 2, 10, 12), Claim("a", USE, 1, 11, 13))
    assert counts(pools, "a") == {10: (2, 0), 11: (3, 0), 12: (1, 0)}


def test_more_than_the_capacity_is_refused_and_nothing_of_it_is_kept(pools: Database) -> None:
    take(pools, Claim("a", USE, 2, 10, 12))
    before = counts(pools, "a"), kept(pools)
    with pytest.raises(Stale, match="pool_full") as caught:
        take(pools, Claim("b", USE, 1, 10, 12), Claim("a", USE, 2, 11, 13))
    assert caught.value.fields == {"pool": "a"}
    assert (counts(pools, "a"), kept(pools)) == before
    assert counts(pools, "b") == {}


def test_claims_that_touch_do_not_meet(pools: Database) -> None:
    take(pools, Claim("b", USE, 1, 10, 12))
    take(pools, Claim("b", USE, 1, 12, 14), Claim("b", USE, 1, 8, 10))
    assert set(counts(pools, "b")) == set(range(8, 14))


@pytest.mark.parametrize("first", [USE, BLOCK])
def test_a_block_and_a_use_exclude_each_other(pools: Database, first: ClaimKind) -> None:
    second = BLOCK if first is USE else USE
    take(pools, Claim("a", first, 1, 10, 12))
    with pytest.raises(Stale):
        take(pools, Claim("a", second, 1, 11, 13))
    take(pools, Claim("a", second, 1, 12, 13))


def test_any_number_of_blocks_may_lie_over_one_another(pools: Database) -> None:
    for _ in range(4):
        take(pools, Claim("b", BLOCK, 1, 10, 12))
    assert counts(pools, "b") == {10: (0, 4), 11: (0, 4)}


def test_a_claim_larger_than_the_pool_is_refused(pools: Database) -> None:
    with pytest.raises(Stale, match="pool_full"):
        take(pools, Claim("b", USE, 2, 10, 12))


def test_released_claims_leave_room_and_stay_as_history(pools: Database) -> None:
    take(pools, Claim("b", USE, 1, 10, 12))
    with pools.writing() as connection:
        ClaimWriter(connection).release(standing_claims_after(connection, 0))
    assert kept(pools) == []
    take(pools, Claim("b", USE, 1, 10, 12))
    with pools.reading() as connection:
        columns = (tables.claim.c.taken, tables.claim.c.released)
        rows = connection.execute(select(*columns).order_by(tables.claim.c.id)).all()
    assert [tuple(row) for row in rows] == [(1, 2), (3, None)]


def test_a_pools_revision_grows_once_per_transaction(pools: Database) -> None:
    with pools.writing() as connection:
        writer = ClaimWriter(connection)
        writer.take([(SERVICE, Claim("a", USE, 1, 10, 12))])
        writer.take([(SERVICE, Claim("a", USE, 1, 20, 22))])
        writer.release(standing_claims_after(connection, 0))
    with pools.reading() as connection:
        found = connection.execute(select(tables.pool.c.id, tables.pool.c.revision)).all()
    assert dict(map(tuple, found)) == {"a": 1, "b": 0}


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO occupancy VALUES ('b', 50, 2, 0, 0, 1)",
        "INSERT INTO occupancy VALUES ('b', 50, 1, 1, 0, 1)",
        "INSERT INTO occupancy VALUES ('b', 50, 1, 0, 1, 1)",
        "INSERT INTO occupancy VALUES ('b', 50, -1, 0, 0, 1)",
        "INSERT INTO occupancy VALUES ('nowhere', 50, 0, 0, 0, 1)",
        "UPDATE occupancy SET used = used + 1",
        "UPDATE occupancy SET capacity = 0",
        "UPDATE occupancy SET closed = 1",
    ],
)
def test_no_other_way_of_writing_gets_past_it(pools: Database, statement: str) -> None:
    take(pools, Claim("b", USE, 1, 10, 12))
    with pytest.raises(IntegrityError), pools.writing() as connection:
        connection.execute(text(statement))


claims = st.builds(
    lambda pool, kind, units, start, length: Claim(
        pool, kind, 1 if kind is BLOCK else units, start, start + length
    ),
    st.sampled_from("ab"),
    st.sampled_from([USE, USE, USE, BLOCK]),
    st.integers(1, 3),
    st.integers(0, 8),
    st.integers(1, 5),
)


@pytest.mark.slow
@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(steps=st.lists(st.tuples(st.booleans(), st.lists(claims, min_size=1, max_size=3))))
def test_it_agrees_with_counting_by_hand(
    steps: list[tuple[bool, list[Claim]]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    database = open_database(f"sqlite:///{tmp_path_factory.mktemp('guard') / 'a.db'}", "NORMAL")
    upgrade(database)
    with database.writing() as connection:
        rows = [{"id": "a", "capacity": 3}, {"id": "b", "capacity": 1}]
        connection.execute(insert(tables.pool), rows)
    held: list[Claim] = []
    for releases, wanted in steps:
        if releases and held:
            with database.writing() as connection:
                ClaimWriter(connection).release(standing_claims_after(connection, 0)[:1])
            held = sorted(each.claim for each in kept(database))
            continue
        try:
            take(database, *wanted)
        except Stale:
            assert not _fit(held + wanted)
        else:
            held += wanted
            assert _fit(held)
    assert sorted(each.claim for each in kept(database)) == sorted(held)
    database.close()


def _fit(held: list[Claim]) -> bool:
    used: Counter[tuple[str, int]] = Counter()
    blocked: Counter[tuple[str, int]] = Counter()
    for claim in held:
        for grain in range(claim.start, claim.end):
            (used if claim.kind is USE else blocked)[claim.pool, grain] += claim.units
    capacity = {"a": 3, "b": 1}
    full = any(units > capacity[pool] for (pool, _), units in used.items())
    return not full and not used.keys() & blocked.keys()
