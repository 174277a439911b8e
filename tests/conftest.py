"""Fixtures that several suites share: a database of each kind, fresh for each test."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from argon2 import PasswordHasher

from testbed.persistence.engine import Database, open_database
from testbed.persistence.schema import upgrade
from testbed.service import passwords
from testbed.service.actors import SYSTEM
from testbed.service.catalogue import import_documents
from testbed.service.context import Context, make_context
from tests.catalogues import NOW, documents
from tests.databases import fresh_postgres, postgres_server

GOLDEN = Path(__file__).parent / "golden"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--rewrite-golden",
        action="store_true",
        help="Write the golden files anew, to be looked at.",
    )


@pytest.fixture
def golden(request: pytest.FixtureRequest) -> Callable[[str, str], None]:
    """Demands that a text is what the golden file of that name holds, byte for byte."""

    def same(name: str, text: str) -> None:
        file = GOLDEN / name
        if request.config.getoption("--rewrite-golden"):
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(text.encode())
        assert file.is_file(), f"no golden file {name}: run with --rewrite-golden and look at it"
        assert text.encode() == file.read_bytes()

    return same


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


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file with the schema of the code, migrated once; tests work on copies."""
    path = tmp_path_factory.mktemp("migrated") / "test.db"
    opened = open_database(f"sqlite:///{path}", synchronous="NORMAL")
    upgrade(opened)
    with opened.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    opened.close()
    return path


@pytest.fixture
def database(database_url: str, request: pytest.FixtureRequest) -> Iterator[Database]:
    """An open database with the schema of the code."""
    if database_url.startswith("sqlite"):
        migrated = request.getfixturevalue("migrated")
        shutil.copyfile(migrated, database_url.removeprefix("sqlite:///"))
    opened = open_database(database_url, synchronous="NORMAL")
    if not opened.is_sqlite:
        upgrade(opened)
    yield opened
    opened.close()


@pytest.fixture(scope="session", autouse=True)
def quick_hashes() -> Iterator[None]:
    """Passwords are hashed at the least cost: what is tested is not how long that takes."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(passwords, "_HASHER", PasswordHasher(1, 8, 1))
        passwords.nobody.cache_clear()
        yield


@pytest.fixture
def ctx(database: Database) -> Context:
    """A service on the small catalogue, imported at `catalogues.NOW`."""
    context = make_context(database)
    import_documents(context, documents(), NOW, SYSTEM)
    return context
