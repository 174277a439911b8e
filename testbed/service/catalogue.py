"""The catalogue: validate, import all or nothing, export."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from testbed.domain.catalogue import Catalogue
from testbed.domain.errors import InvalidFile, Mistake, NotFound
from testbed.domain.grid import floor_grain, moment_of
from testbed.domain.parties import Member
from testbed.persistence import catalogues
from testbed.persistence.catalogues import Content, Documents, Overfull
from testbed.service import closed_pools, standing, waitlist
from testbed.service.actors import name_of, require_operator
from testbed.service.context import Context
from testbed.service.write import Write, run


@dataclass(frozen=True, slots=True)
class Imported:
    """The version that is current after an import; `changed` is False where it was so before."""

    version: int
    digest: str
    changed: bool
    catalogue: Catalogue


def validate(documents: Documents, source: str = "catalogue") -> Content:
    """The content of catalogue documents. Raises InvalidFile with every mistake in its place."""
    return catalogues.parse(documents, source)


def import_documents(
    ctx: Context, documents: Documents, now: datetime, actor: Member, source: str = "catalogue"
) -> Imported:
    """Make documents the current catalogue, with their organisations and standing services.

    All or nothing. Raises InvalidFile with every mistake, among them every pool in which more is
    claimed than the new capacity holds and every rule profile by which bookings to come were made;
    NotAllowed where a booking is in the way of a standing service, or for a mere member.
    """
    require_operator(actor)
    content = validate(documents, source)
    digest = catalogues.digest(documents)

    def work(write: Write) -> Imported:
        catalogues.lock(write.connection)
        version = catalogues.current_version(write.connection)
        if version and digest == catalogues.digest_of(write.connection, version):
            return Imported(version, digest, False, content.catalogue)
        version = _write(write, content, documents, source)
        write.note("catalogue.imported", str(version), {"digest": digest, "source": source})
        return Imported(version, digest, True, content.catalogue)

    imported = run(ctx, now, actor, work)
    if imported.changed:
        waitlist.catch_up(ctx, now)  # there may be more room than before
    return imported


def _write(write: Write, content: Content, documents: Documents, source: str) -> int:
    connection, grain = write.connection, floor_grain(write.now)
    write.lock(catalogues.pools(connection))
    write.release_ended()
    found = standing.difference(write, content.catalogue, content.standing)
    standing.release_surplus(write, found)
    closed_pools.lift(write)
    _refuse_conflicts(write, content.catalogue, source)
    catalogues.write_organisations(connection, content.organisations)
    catalogues.write_pools(connection, content.catalogue, grain)
    write.claims.capacities_changed()
    version = catalogues.save(connection, documents, write.now, name_of(write.actor))
    standing.take_lacking(write, found)
    closed_pools.lay(write, content.catalogue.pools(), found.until)
    return version


def _refuse_conflicts(write: Write, catalogue: Catalogue, source: str) -> None:
    grain = floor_grain(write.now)
    mistakes = [
        *map(_overfull, catalogues.overfull(write.connection, catalogue, grain)),
        *_rules_gone(write, catalogue),
    ]
    if mistakes:
        raise InvalidFile(source, mistakes)


def _overfull(found: Overfull) -> Mistake:
    fields: dict[str, object] = {
        "used": found.used,
        "capacity": found.capacity,
        "since": moment_of(found.first).isoformat(),
        "owners": ", ".join(found.owners),
    }
    return Mistake(f"pool({found.pool})", "capacity_below_claims", fields)


def _rules_gone(write: Write, catalogue: Catalogue) -> Iterator[Mistake]:
    used = catalogues.rules_in_use(write.connection, write.now)
    for name in sorted(used - catalogue.rules.keys()):
        yield Mistake(f"catalogue.rule({name})", "rule_in_use", {"rule": name})


def export(ctx: Context) -> Documents:
    """The documents of the current version. Raises NotFound("catalogue")."""
    with ctx.database.reading() as connection:
        version = catalogues.current_version(connection)
        if version is None:
            raise NotFound("catalogue")
        return catalogues.documents(connection, version)


def is_empty(ctx: Context) -> bool:
    """Whether no catalogue has been imported yet."""
    with ctx.database.reading() as connection:
        return catalogues.current_version(connection) is None
