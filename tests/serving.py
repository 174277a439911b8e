"""The product as a person starts it: `testbed serve --demo` in a process of its own."""

import os
import re
import signal
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

ACCOUNT = re.compile(r"^\s+([a-z]+)\s+(\S+@demo\.test)\s+(\S+)", re.MULTILINE)


@dataclass(frozen=True)
class Served:
    """A running server: its address, its demonstration accounts by role, and its folder."""

    address: str
    accounts: dict[str, tuple[str, str]]
    folder: Path
    process: subprocess.Popen[str]

    @property
    def database(self) -> Path:
        return self.folder / "var" / "testbed.db"

    def booking(self, organisation: str = "demo-narae") -> str:
        """The first booking of that organisation."""
        query = "SELECT id FROM booking WHERE organisation = ? ORDER BY start_at, id"
        return self.value(query, organisation)

    def value(self, query: str, *given: str) -> str:
        """The first value that the query finds in the database."""
        return self.values(query, *given)[0]

    def values(self, query: str, *given: str) -> list[str]:
        """The first column of what the query finds in the database."""
        with closing(sqlite3.connect(self.database)) as connection:
            return [str(row[0]) for row in connection.execute(query, given)]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def start(folder: Path, port: int, *more: str) -> subprocess.Popen[str]:
    """Start the server in a folder of its own, with nothing of the caller's settings."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("TESTBED_")}
    command = [str(Path(sys.executable).with_name("testbed")), "serve", "--demo", "--port"]
    return subprocess.Popen(
        [*command, str(port), *more],
        cwd=folder,
        env=kept,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@contextmanager
def serving(folder: Path, *more: str) -> Iterator[Served]:
    """A server that has printed its address, until the block ends; `more` are its options."""
    port = free_port()
    process = start(folder, port, *more)
    try:
        printed = "".join(iter(lambda: _line(process), "Stop with Ctrl+C.\n"))
        accounts = {role: (email, word) for role, email, word in ACCOUNT.findall(printed)}
        yield Served(f"http://127.0.0.1:{port}", accounts, folder, process)
    finally:
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=20)


def _line(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    line = process.stdout.readline()
    if not line:
        assert process.stderr is not None
        raise AssertionError(f"the server ended: {process.stderr.read()}")
    return line
