"""An application on the packaged catalogue, at a fixed moment, with two members and an operator."""

import shutil
from collections import defaultdict
from collections.abc import Callable, Iterator
from copy import copy
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from jinja2 import FileSystemBytecodeCache

from testbed.config import Database, Security, Settings
from testbed.domain.parties import Member, Role
from testbed.persistence.calendar import CachedCalendar
from testbed.service import members
from testbed.service.actors import SYSTEM
from testbed.service.context import Context, open_context
from tests.web.reading import token_of
from web import example_papers, limits, live
from web.app import create_app
from web.cli import prepare
from web.deps import EXTENSION, Doors

NOW = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)  # a Monday, 10:00 in Seoul
PASSWORD = "correct horse battery"
PEOPLE = (
    Member(0, "demo-narae", "nari@example.org", "Nari", Role.MEMBER),
    Member(0, "demo-gaon", "gaon@example.org", "Gaon", Role.MEMBER),
    Member(0, "org-gyeonggi", "oh@example.org", "Oh", Role.OPERATOR),
)


@dataclass
class Clock:
    """A clock that stands until a test moves it."""

    moment: datetime = field(default=NOW)

    def __call__(self) -> datetime:
        return self.moment


def settings_in(folder: Path) -> Settings:
    """Settings that keep everything in the folder."""
    return Settings(
        database=Database(url=f"sqlite:///{folder / 'testbed.db'}", synchronous="NORMAL"),
        security=Security(secret_file=folder / "secret.key"),
    )


@pytest.fixture(scope="session")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a filled database, made once; tests work on copies."""
    folder = tmp_path_factory.mktemp("prepared")
    settings = settings_in(folder)
    context = open_context(settings, migrate=True)
    prepare(context, settings, NOW)
    example_papers.show(context, NOW)
    for person in PEOPLE:
        members.add(context, person, PASSWORD, NOW, SYSTEM)
    with context.database.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    context.close()
    return folder


@pytest.fixture
def settings(prepared: Path, tmp_path: Path) -> Settings:
    shutil.copyfile(prepared / "testbed.db", tmp_path / "testbed.db")
    return settings_in(tmp_path)


@pytest.fixture(scope="session")
def read_once(prepared: Path) -> Iterator[CachedCalendar]:
    """The calendar of the prepared database, read: reading it is most of a small test."""
    opened = open_context(settings_in(prepared))
    with opened.database.reading() as connection, opened.calendar.at(connection, NOW):
        pass
    yield opened.calendar
    opened.close()


@pytest.fixture
def context(settings: Settings, read_once: CachedCalendar) -> Iterator[Context]:
    """A context on a copy of the database, whose calendar begins as that of the prepared one.

    It stands by the same stamp, so whatever a test changes is caught up with as always.
    """
    opened = open_context(settings)
    known = read_once._loaded
    assert known is not None
    opened.calendar._content = read_once._content
    opened.calendar._loaded = replace(
        known, ledger=known.ledger.copy(), revisions=dict(known.revisions), lapsed={}
    )
    yield opened
    opened.close()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture(scope="session")
def compiled(tmp_path_factory: pytest.TempPathFactory) -> FileSystemBytecodeCache:
    """Templates compiled once for all applications of a run."""
    return FileSystemBytecodeCache(str(tmp_path_factory.mktemp("templates")))


@pytest.fixture(scope="session")
def pattern(prepared: Path, compiled: FileSystemBytecodeCache) -> Iterator[Flask]:
    """An application that never answers: compiling its addresses is most of a small test."""
    settings = settings_in(prepared)
    context = open_context(settings)
    made = create_app(settings, context, Clock())
    made.jinja_env.bytecode_cache = compiled
    made.testing = True
    yield made
    context.close()


@pytest.fixture
def app(pattern: Flask, settings: Settings, context: Context, clock: Clock) -> Flask:
    """The application of one test: its own database, time, limits, listeners and configuration."""
    made = copy(pattern)
    made.config = copy(pattern.config)
    made.extensions = {**pattern.extensions, EXTENSION: Doors(context, clock, False, settings)}
    hooks = {name: list(called) for name, called in pattern.before_request_funcs.items()}
    made.before_request_funcs = defaultdict(list, hooks)
    limits.count(made, settings.limits)
    live.attach(made, context, settings.server)
    return made


@pytest.fixture
def fresh_app(
    settings: Settings, context: Context, clock: Clock, compiled: FileSystemBytecodeCache
) -> Flask:
    """An application that shares nothing: for tests of what is counted or added."""
    made = create_app(settings, context, clock)
    made.jinja_env.bytecode_cache = compiled
    made.testing = True
    return made


SignIn = Callable[..., FlaskClient]


@pytest.fixture
def sign_in(app: Flask) -> SignIn:
    """A browser in which that person has signed in, in English unless told otherwise."""

    def sign(email: str, language: str = "en") -> FlaskClient:
        browser = app.test_client()
        browser.environ_base["HTTP_ACCEPT_LANGUAGE"] = language
        form = browser.get("/sign-in").text
        typed = {"email": email, "password": PASSWORD, "csrf_token": token_of(form)}
        answer = browser.post("/sign-in", data=typed)
        assert answer.status_code == 302, answer.text
        return browser

    return sign


@pytest.fixture
def nari(sign_in: SignIn) -> FlaskClient:
    return sign_in("nari@example.org")


@pytest.fixture
def gaon(sign_in: SignIn) -> FlaskClient:
    return sign_in("gaon@example.org")


@pytest.fixture
def operator(sign_in: SignIn) -> FlaskClient:
    return sign_in("oh@example.org")
