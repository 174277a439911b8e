"""Opening a database: SQLite or PostgreSQL, with transactions that begin as this product needs."""

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, OperationalError

from testbed.domain.errors import InvalidRequest, Stale

BUSY_SECONDS = 30
SYNCHRONOUS = ("FULL", "NORMAL")
POOLED_CONNECTIONS = 16
MOST_CONNECTIONS = 128


@dataclass(frozen=True)
class Database:
    """An open database and the lock that orders this process's writers in front of it.

    SQLite has one writer at a time; waiting for a lock of the process is fair and quick, waiting
    for the file is neither. PostgreSQL needs no such lock.
    """

    engine: Engine
    write_lock: AbstractContextManager[object]

    @property
    def is_sqlite(self) -> bool:
        """Whether one write lock covers the whole database."""
        return self.engine.dialect.name == "sqlite"

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A transaction that reads one snapshot of the database and writes nothing."""
        with self.engine.connect() as connection:
            if not self.is_sqlite:
                connection.execution_options(isolation_level="REPEATABLE READ")
            with connection.begin():
                yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """A transaction that writes: all of it is kept, or after any exception nothing.

        Raises Stale("database_busy") where the database stayed locked for too long.
        """
        try:
            with self.write_lock, self.engine.connect() as connection:
                connection.execution_options(writes=True)
                with connection.begin():
                    yield connection
        except OperationalError as error:
            if _is_lock_trouble(error):
                raise Stale("database_busy") from error
            raise

    def close(self) -> None:
        """Close the pooled connections."""
        self.engine.dispose()


def open_database(url: str, synchronous: str = "FULL") -> Database:
    """Open the database of this address; a SQLite file's folder is made where it is missing.

    `synchronous` is SQLite's: "NORMAL" commits about twice as fast and may lose the last commits at
    a power cut. Raises InvalidRequest for an address or a value that is none of ours.
    """
    address = _address(url)
    if address.get_backend_name() == "sqlite":
        return _open_sqlite(address, synchronous)
    engine = create_engine(
        address, pool_size=POOLED_CONNECTIONS, max_overflow=MOST_CONNECTIONS, pool_pre_ping=True
    )
    return Database(engine, nullcontext())


def _address(url: str) -> URL:
    try:
        address = make_url(url)
    except ArgumentError:
        raise InvalidRequest("bad_database_url", url=url) from None
    drivers = ("sqlite", "sqlite+pysqlite", "postgresql+psycopg")
    in_memory = address.get_backend_name() == "sqlite" and address.database in (
        None,
        "",
        ":memory:",
    )
    if address.drivername not in drivers or in_memory:
        shown = address.render_as_string(hide_password=True)
        raise InvalidRequest("bad_database_url", url=shown)
    return address


def _open_sqlite(address: URL, synchronous: str) -> Database:
    if synchronous not in SYNCHRONOUS:
        raise InvalidRequest("bad_synchronous", value=synchronous)
    Path(str(address.database)).parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(
        address,
        pool_size=POOLED_CONNECTIONS,
        max_overflow=MOST_CONNECTIONS,
        connect_args={"timeout": BUSY_SECONDS},
    )

    @event.listens_for(engine, "connect")
    def prepare(connection: sqlite3.Connection, _: object) -> None:
        # The driver would begin late and deferred, so that two readers turned writers collide.
        connection.isolation_level = None
        for pragma in ("journal_mode=WAL", f"synchronous={synchronous}", "foreign_keys=ON"):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        writes = connection.get_execution_options().get("writes", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return Database(engine, threading.Lock())


def _is_lock_trouble(error: OperationalError) -> bool:
    if isinstance(error.orig, sqlite3.OperationalError):
        return error.orig.sqlite_errorcode in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)
    # PostgreSQL's serialisation failures, deadlocks and lock timeouts
    return getattr(error.orig, "sqlstate", None) in ("40001", "40P01", "55P03")
