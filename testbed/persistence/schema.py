"""The schema's version: bring a database up to date, or refuse one that is newer than the code."""

from functools import cache
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text

from testbed.domain.errors import InvalidRequest
from testbed.persistence.engine import Database

MIGRATIONS = Path(__file__).parent / "migrations"
MIGRATION_LOCK = 7_302_605  # any number of ours: PostgreSQL's advisory locks are named by numbers


def upgrade(database: Database) -> str:
    """Run the migrations that are missing; returns the schema version reached.

    Raises InvalidRequest("schema_newer") where a newer version of the product has been here.
    """
    with database.writing() as connection:
        if not database.is_sqlite:
            connection.execute(text("SELECT pg_advisory_xact_lock(:n)"), {"n": MIGRATION_LOCK})
        _refuse_newer(connection)
        config = _config()
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
        return str(_version(connection))


def require_current(database: Database) -> None:
    """Refuse a database whose schema is not the code's.

    Raises InvalidRequest: "schema_newer" or "schema_older".
    """
    with database.reading() as connection:
        _refuse_newer(connection)
        version = _version(connection)
        if version != known_version():
            raise InvalidRequest("schema_older", version=version or "empty")


def kept_version(database: Database) -> str | None:
    """The schema version of the database, None of an empty one."""
    with database.reading() as connection:
        return _version(connection)


@cache
def known_version() -> str:
    """The schema version of the code."""
    return str(_scripts().get_current_head())


def _version(connection: Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()


def _refuse_newer(connection: Connection) -> None:
    version = _version(connection)
    if version is not None and version not in _known_versions():
        raise InvalidRequest("schema_newer", version=version, known=max(_known_versions()))


@cache
def _known_versions() -> frozenset[str]:
    return frozenset(script.revision for script in _scripts().walk_revisions())


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config


def _scripts() -> ScriptDirectory:
    return ScriptDirectory.from_config(_config())
