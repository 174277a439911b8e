"""The catalogue as the database keeps it: whole documents, one per version, and the pools' rows.

A version is never changed; the highest is the current one.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from hashlib import sha256
from typing import Any, TypeVar

from sqlalchemy import Connection, Table, func, insert, or_, select, text, update
from sqlalchemy.dialects import postgresql, sqlite

from testbed.domain.catalogue import Catalogue
from testbed.domain.catalogue_file import parse_catalogue, parse_organisations
from testbed.domain.demand import StandingService, TestKind
from testbed.domain.demand_file import parse_standing_services, parse_test_kinds
from testbed.domain.errors import InvalidFile, Mistake
from testbed.domain.parties import Organisation
from testbed.persistence import convert
from testbed.persistence.tables import (
    booking,
    catalogue_version,
    claim,
    horizon,
    occupancy,
    organisation,
    pool,
)

_INSERT: dict[str, Callable[[Table], sqlite.Insert | postgresql.Insert]] = {
    "sqlite": sqlite.insert,
    "postgresql": postgresql.insert,
}
Documents = Mapping[str, Any]
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Content:
    """What catalogue documents hold, read."""

    catalogue: Catalogue
    organisations: tuple[Organisation, ...]
    standing: tuple[StandingService, ...]
    test_kinds: tuple[TestKind, ...]


@dataclass(frozen=True, slots=True)
class Overfull:
    """A pool of which more is used at some grain to come than a new capacity would hold."""

    pool: str
    used: int
    capacity: int
    first: int
    owners: tuple[str, ...]


def digest(documents: Documents) -> str:
    """The fingerprint of catalogue documents (SHA-256 of their canonical text, hexadecimal)."""
    return sha256(convert.dump(documents).encode()).hexdigest()


def save(connection: Connection, documents: Documents, now: datetime, actor: str) -> int:
    """Keep documents as the newest version; returns its number."""
    row = {
        "imported_at": now,
        "imported_by": actor,
        "digest": digest(documents),
        "document": convert.dump(documents),
    }
    result = connection.execute(insert(catalogue_version).values(row))
    return int(result.inserted_primary_key[0])  # type: ignore[index] # an insert of one row has one


def current_version(connection: Connection) -> int | None:
    """The number of the newest version, None before the first."""
    return connection.execute(select(func.max(catalogue_version.c.id))).scalar()


def documents(connection: Connection, version: int) -> Documents:
    """The documents of a version."""
    query = select(catalogue_version.c.document).where(catalogue_version.c.id == version)
    loaded: Documents = convert.load(connection.execute(query).scalar_one())
    return loaded


def digest_of(connection: Connection, version: int) -> str:
    """The fingerprint of a version's documents."""
    query = select(catalogue_version.c.digest).where(catalogue_version.c.id == version)
    return str(connection.execute(query).scalar_one())


def versions(connection: Connection, limit: int) -> list[tuple[int, datetime, str, str]]:
    """Number, moment, importer and fingerprint of the newest versions, the newest first."""
    version = catalogue_version.c
    query = select(version.id, version.imported_at, version.imported_by, version.digest)
    rows = connection.execute(query.order_by(version.id.desc()).limit(limit))
    return [(row.id, row.imported_at, row.imported_by, row.digest) for row in rows]


def load(connection: Connection, version: int) -> Content:
    """The content of a version."""
    query = select(catalogue_version.c.document).where(catalogue_version.c.id == version)
    return _read_text(connection.execute(query).scalar_one())


@lru_cache(maxsize=2)
def _read_text(document: str) -> Content:
    """The content of a version's text: values that nobody changes, so readers may share them."""
    return parse(convert.load(document))


def parse(documents: Documents, source: str = "catalogue") -> Content:
    """The content of catalogue documents.

    Raises InvalidFile, naming `source`, with every mistake; those in the demand only once the
    catalogue that it names is sound.
    """
    catalogue = parse_catalogue(documents, source)
    demand = documents.get("demand", {})
    mistakes: list[Mistake] = []
    organisations = _read(mistakes, lambda: parse_organisations(documents, source))
    standing = _read(mistakes, lambda: parse_standing_services(demand, catalogue, source))
    test_kinds = _read(mistakes, lambda: parse_test_kinds(demand, catalogue, source))
    if mistakes:
        raise InvalidFile(source, mistakes)
    return Content(catalogue, organisations, standing, test_kinds)


def _read(mistakes: list[Mistake], parse_part: Callable[[], tuple[T, ...]]) -> tuple[T, ...]:
    """A part of the content; nothing of it, and its mistakes noted, where it is not sound."""
    try:
        return parse_part()
    except InvalidFile as error:
        mistakes.extend(error.mistakes)
        return ()


def lock(connection: Connection) -> None:
    """Keep other imports out until the transaction ends; on SQLite they are already."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("LOCK TABLE catalogue_version IN SHARE ROW EXCLUSIVE MODE"))


# -- pools -----------------------------------------------------------------------------------


def pools(connection: Connection) -> frozenset[str]:
    """The ids of all pools that ever were."""
    return frozenset(connection.execute(select(pool.c.id)).scalars())


def capacities(connection: Connection) -> dict[str, int]:
    """The capacity of every pool by id."""
    return dict(connection.execute(select(pool.c.id, pool.c.capacity)).all())


def overfull(connection: Connection, catalogue: Catalogue, grain: int) -> tuple[Overfull, ...]:
    """Every pool whose use at or after the grain is more than the catalogue's capacity.

    A pool that the catalogue no longer has is one of capacity 0.
    """
    used = occupancy.c.used + occupancy.c.closed
    counts = (occupancy.c.pool, func.max(used), func.max(occupancy.c.blocked))
    query = select(*counts).where(occupancy.c.grain >= grain).group_by(occupancy.c.pool)
    capacities = catalogue.pools()
    return tuple(
        _overfull(connection, name, most, capacities.get(name, 0), grain)
        for name, most, blocks in connection.execute(query.order_by(occupancy.c.pool))
        if most > capacities.get(name, 0) or (blocks and name not in capacities)
    )


def _overfull(connection: Connection, name: str, used: int, capacity: int, grain: int) -> Overfull:
    beyond = select(occupancy.c.grain).where(
        occupancy.c.pool == name,
        occupancy.c.grain >= grain,
        or_(occupancy.c.used + occupancy.c.closed > capacity, occupancy.c.blocked > capacity),
    )
    grains = connection.execute(beyond.order_by(occupancy.c.grain)).scalars().all()
    owner = func.coalesce(claim.c.booking, claim.c.standing)
    there = (
        select(owner)
        .distinct()
        .where(
            claim.c.pool == name,
            claim.c.released.is_(None),
            claim.c.start_grain <= grains[-1],
            claim.c.end_grain > grains[0],
        )
    )
    owners = connection.execute(there.order_by(owner)).scalars()
    return Overfull(name, used, capacity, grains[0], tuple(owners))


def rules_in_use(connection: Connection, now: datetime) -> frozenset[str]:
    """The rule profiles by which bookings to come were made."""
    query = (
        select(booking.c.rule)
        .distinct()
        .where(booking.c.end_at > now, booking.c.state.in_(("held", "pending", "confirmed")))
    )
    return frozenset(connection.execute(query).scalars())


def write_pools(connection: Connection, catalogue: Catalogue, grain: int) -> None:
    """Make the pools' rows, and their capacity from the grain on, those of the catalogue.

    A pool that the catalogue no longer has keeps its row, with capacity 0.
    """
    known = dict(connection.execute(select(pool.c.id, pool.c.capacity)).all())
    wanted = dict.fromkeys(known, 0) | catalogue.pools()
    changed = sorted(name for name, units in wanted.items() if known.get(name) != units)
    rows = [{"id": name, "capacity": wanted[name]} for name in changed]
    _upsert(connection, pool, "id", rows)
    # A decision made on the older catalogue finds its pools moved, and is made again.
    connection.execute(update(pool).values(revision=pool.c.revision + 1))
    for name in sorted(known.keys() & set(changed)):
        to_come = (occupancy.c.pool == name) & (occupancy.c.grain >= grain)
        connection.execute(update(occupancy).where(to_come).values(capacity=wanted[name]))


def write_organisations(connection: Connection, organisations: Iterable[Organisation]) -> None:
    """Add organisations, or bring those known by their ids up to date."""
    rows = [
        {
            "id": each.id,
            "name_en": each.name.en,
            "name_ko": each.name.ko,
            "type": each.type,
            "city": each.city,
            "sector": each.sector,
            "roles": convert.dump(list(each.roles)),
            "provenance": convert.dump(convert.provenance_to_json(each.provenance)),
        }
        for each in organisations
    ]
    _upsert(connection, organisation, "id", rows)


def _upsert(connection: Connection, table: Table, key: str, rows: list[dict[str, Any]]) -> None:
    if not rows:
        return
    statement = _INSERT[connection.dialect.name](table)
    rest = {name: statement.excluded[name] for name in rows[0] if name != key}
    connection.execute(statement.on_conflict_do_update(index_elements=[key], set_=rest), rows)


# -- the horizon -----------------------------------------------------------------------------


def standing_until(connection: Connection) -> int | None:
    """The grain up to which standing services are written, None before the first time."""
    return connection.execute(select(horizon.c.standing_until)).scalar()


def write_standing_until(connection: Connection, grain: int) -> None:
    """Note that standing services are written up to the grain."""
    _upsert(connection, horizon, "id", [{"id": 1, "standing_until": grain}])
