"""The versions of the catalogue: which one stands, which there were, what another would change."""

from dataclasses import dataclass
from datetime import datetime

from testbed.domain.catalogue_difference import Difference, differences
from testbed.domain.errors import NotFound
from testbed.persistence import catalogues
from testbed.persistence.catalogues import Documents
from testbed.service.context import Context


@dataclass(frozen=True, slots=True)
class Version:
    """One import: its number, when, and by whom as records name people ("member:7")."""

    number: int
    at: datetime
    by: str
    digest: str


def digest(ctx: Context) -> str:
    """The fingerprint of the current version. Raises NotFound("catalogue")."""
    with ctx.database.reading() as connection:
        version = catalogues.current_version(connection)
        if version is None:
            raise NotFound("catalogue")
        return catalogues.digest_of(connection, version)


def versions(ctx: Context, limit: int) -> tuple[Version, ...]:
    """The newest versions, the current one first."""
    with ctx.database.reading() as connection:
        return tuple(Version(*row) for row in catalogues.versions(connection, limit))


def preview(ctx: Context, documents: Documents, source: str = "catalogue") -> list[Difference]:
    """What an import of the documents would change.

    Raises InvalidFile with every mistake in them; what stands against them in the calendar is told
    by the import itself.
    """
    return differences(ctx.catalogue(), catalogues.parse(documents, source).catalogue)
