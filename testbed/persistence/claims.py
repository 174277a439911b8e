"""Claims and the pools they stand in: locking pools, taking claims, releasing them."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, bindparam, insert, select, update

from testbed.domain.requests import Claim, ClaimKind
from testbed.persistence import guard
from testbed.persistence.tables import claim as table
from testbed.persistence.tables import pool


@dataclass(frozen=True, slots=True)
class Owner:
    """Who keeps a claim: one booking, one standing service, or one closure."""

    booking: str | None = None
    standing: str | None = None
    closure: str | None = None


@dataclass(frozen=True, slots=True)
class KeptClaim:
    """A claim as the database keeps it.

    It stands from the pool's revision `taken` on, until before the revision `released` if any.
    """

    id: int
    owner: Owner
    claim: Claim
    taken: int
    released: int | None = None

    def stands_at(self, revision: int) -> bool:
        """Whether it stands when the pool is at that revision."""
        return self.taken <= revision and (self.released is None or self.released > revision)


class ClaimWriter:
    """Takes and releases claims in one write transaction.

    Each pool's revision grows once per transaction, however many of its claims change.
    """

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._revisions: dict[str, int] = {}
        self._capacities: dict[str, int] = {}

    @property
    def has_changed(self) -> bool:
        """Whether claims were taken or released."""
        return bool(self._revisions)

    def capacities_changed(self) -> None:
        """Count from now on in what the pools hold by now."""
        known = select(pool.c.id, pool.c.capacity).where(pool.c.id.in_(self._capacities))
        self._capacities = dict(self._connection.execute(known).all())

    def take(self, owned: Iterable[tuple[Owner, Claim]]) -> None:
        """Take claims under the guard. Raises Stale("pool_full") with the pool that refuses."""
        listed = list(owned)
        if not listed:
            return
        self._touch({claim.pool for _, claim in listed})
        guard.count_in(self._connection, (claim for _, claim in listed), self._capacities)
        rows = [self._row(position, owner, claim) for position, (owner, claim) in enumerate(listed)]
        self._connection.execute(_TAKE, rows)
        self._recount_closed([claim for _, claim in listed])

    def _row(self, position: int, owner: Owner, claim: Claim) -> dict[str, object]:
        return {
            "booking": owner.booking,
            "standing": owner.standing,
            "closure": owner.closure,
            "position": position,
            "pool": claim.pool,
            "kind": claim.kind.value,
            "units": claim.units,
            "start_grain": claim.start,
            "end_grain": claim.end,
            "taken": self._revisions[claim.pool],
        }

    def release(self, kept: Collection[KeptClaim]) -> None:
        """Release claims that stand."""
        if not kept:
            return
        self._touch({each.claim.pool for each in kept})
        guard.count_out(self._connection, (each.claim for each in kept))
        self._mark_released(kept)
        self._recount_closed([each.claim for each in kept])

    def shorten(self, owner: Owner, kept: Collection[KeptClaim], end: int) -> None:
        """End the owner's claims at a grain, or release those that begin there or later.

        What lies before it stays counted as it is: it is the past, and the pool may hold less by
        now than it did then.
        """
        self._touch({each.claim.pool for each in kept})
        claims = [each.claim for each in kept]
        rest = [replace(each, start=max(each.start, end)) for each in claims if each.end > end]
        guard.count_out(self._connection, rest)
        self._mark_released(kept)
        left = [replace(each, end=min(each.end, end)) for each in claims if each.start < end]
        rows = [self._row(position, owner, claim) for position, claim in enumerate(left)]
        if rows:
            self._connection.execute(_TAKE, rows)
        self._recount_closed(rest)

    def _recount_closed(self, claims: Collection[Claim]) -> None:
        """Count what is closed where claims of closures came or went.

        Closures may lie over one another, so that there is no adding to what is closed.
        """
        spans = [each for each in claims if each.kind is ClaimKind.CLOSED and each.start < each.end]
        for name in sorted({each.pool for each in spans}):
            mine = [each for each in spans if each.pool == name]
            span = min(each.start for each in mine), max(each.end for each in mine)
            closed = [kept.claim for kept in closed_claims(self._connection, name)]
            guard.count_closed(self._connection, name, span, closed, self._capacities[name])

    def _mark_released(self, kept: Collection[KeptClaim]) -> None:
        rows = [
            {"claim_id": each.id, "revision": self._revisions[each.claim.pool]} for each in kept
        ]
        if rows:
            self._connection.execute(_RELEASE, rows)

    def _touch(self, pools: set[str]) -> None:
        fresh = sorted(pools - self._revisions.keys())
        if not fresh:
            return
        for name, revision, capacity in self._connection.execute(_GROW, {"names": fresh}):
            self._revisions[name] = revision
            self._capacities[name] = capacity


_GROW = (
    update(pool)
    .where(pool.c.id.in_(bindparam("names", expanding=True)))
    .values(revision=pool.c.revision + 1)
    .returning(pool.c.id, pool.c.revision, pool.c.capacity)
)
_KINDS = {kind.value: kind for kind in ClaimKind}
_TAKE = insert(table)
_RELEASE = (
    update(table).where(table.c.id == bindparam("claim_id")).values(released=bindparam("revision"))
)


def lock_pools(connection: Connection, pools: Collection[str]) -> Mapping[str, int]:
    """Lock pools until the transaction ends, in the order of their ids; their revisions by id.

    SQLite's write lock covers them all already; there the query only reads.
    """
    chosen = select(pool.c.id, pool.c.revision).where(pool.c.id.in_(pools)).order_by(pool.c.id)
    rows = connection.execute(chosen.with_for_update(key_share=True))
    return dict(rows.all())


def standing_claims_after(connection: Connection, grain: int) -> list[KeptClaim]:
    """The claims of standing services that stand and end after the grain."""
    mine = table.c.standing.is_not(None) & table.c.released.is_(None)
    return _kept(connection, mine & (table.c.end_grain > grain))


def closed_claims(connection: Connection, pool_id: str) -> list[KeptClaim]:
    """The claims of closures that stand in a pool."""
    mine = table.c.closure.is_not(None) & table.c.released.is_(None)
    return _kept(connection, mine & (table.c.pool == pool_id))


def claims_of_closure(connection: Connection, closure: str) -> list[KeptClaim]:
    """The claims of one closure that stand."""
    mine = table.c.closure.is_not(None) & table.c.released.is_(None)
    return _kept(connection, mine & (table.c.closure == closure))


def users_of(connection: Connection, pools: Collection[str], grain: int) -> list[str]:
    """The bookings that stand with a use in one of the pools and whose claim ends after a grain."""
    there = table.c.pool.in_(pools) & table.c.released.is_(None) & (table.c.end_grain > grain)
    query = select(table.c.booking).distinct()
    uses = query.where(there, table.c.booking.is_not(None), table.c.kind == ClaimKind.USE.value)
    return list(connection.execute(uses.order_by(table.c.booking)).scalars())


def claims_of(connection: Connection, bookings: Collection[str]) -> list[KeptClaim]:
    """The claims of these bookings that stand, by booking and position."""
    return _kept(connection, table.c.booking.in_(bookings) & table.c.released.is_(None))


def _kept(connection: Connection, where: ColumnElement[bool]) -> list[KeptClaim]:
    query = select(table).where(where).order_by(table.c.booking, table.c.position)
    return [kept_claim(row) for row in connection.execute(query)]


def kept_claim(row: Row[*tuple[Any, ...]]) -> KeptClaim:
    """The claim of a row of the claim table."""
    claim = Claim(row.pool, _KINDS[row.kind], row.units, row.start_grain, row.end_grain)
    owner = Owner(row.booking, row.standing, row.closure)
    return KeptClaim(row.id, owner, claim, row.taken, row.released)
