"""The versions of the catalogue: which one stands."""

from testbed.domain.errors import NotFound
from testbed.persistence import catalogues
from testbed.service.context import Context


def digest(ctx: Context) -> str:
    """The fingerprint of the current version. Raises NotFound("catalogue")."""
    with ctx.database.reading() as connection:
        version = catalogues.current_version(connection)
        if version is None:
            raise NotFound("catalogue")
        return catalogues.digest_of(connection, version)
