"""Fixtures that several suites share: a database of each kind, fresh for each test."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from testbed.persistence.engine import Database, open_database
from testbed.persistence.schema import upgrade
from testbed.service.actors import SYSTEM
from testbed.service.catalogue import import_documents
from testbed.service.context import Context, make_context
from tests.catalogues import NOW, documents
from tests.databases import fresh_postgres, postgres_server


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """The address of a PostgreSQL server for this session; a test that asks for it never skips."""
    with postgres_server() as address:
        yield address


@pytest.fixture(
    params=["sqlite", pytest.param("postgres", marks=[pytest.mark.postgres, pytest.mark.slow])]
)
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of an empty database of either kind."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'test.db'}"
        return
    with fresh_postgres(request.getfixturevalue("postgres")) as address:
        yield address


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """An open database with the schema of the code."""
    opened = open_database(database_url, synchronous="NORMAL")
    upgrade(opened)
    yield opened
    opened.close()


@pytest.fixture
def ctx(database: Database) -> Context:
    """A service on the small catalogue, imported at `catalogues.NOW`."""
    context = make_context(database)
    import_documents(context, documents(), NOW, SYSTEM)
    return context
