"""A served process beside people who listen: does a request wait longer with 50 live clients?

One server, requests in turn with nobody and with everybody listening, so that both see the same
machine. A week of 2,000 bookings lies behind it for the timeline's data.
"""

import gzip
import http.client
import json
import random
import re
import socket
import statistics
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlencode

from testbed.config import Database, Settings
from testbed.domain.grid import GRAINS_PER_DAY, floor_grain
from testbed.domain.parties import Member, Role
from testbed.domain.policy import Policy
from testbed.service import members, tokens
from testbed.service.actors import SYSTEM
from testbed.service.context import Context, open_context
from tests.bench import past
from tests.bench.measure import Figure, percentile
from tests.serving import Served, serving

CLIENTS = 50
PER_PERSON = 8
ROUNDS = 5
# Until the server has noticed that the listeners have left.
SETTLE_SECONDS = 2.5
READS = 12
SUBMITS = 6
WEEK_BOOKINGS = 2000
WEEKS_AGO = 4
PASSWORD = "correct horse battery"
# What a slowed-down service would show, beyond what one machine's noise does.
MOST_RATIO = 1.5
UNLIMITED = """\
[limits]
search = "9999 per second"
submit = "9999 per second"
[policy]
eligibility = false  # these organisations have no papers
"""
DATA_MS = 60


@dataclass
class Waits:
    """Milliseconds of each kind of request."""

    page: list[float] = field(default_factory=list)
    submit: list[float] = field(default_factory=list)


@dataclass
class Client:
    """One keep-alive connection that is signed in, or carries a token."""

    connection: http.client.HTTPConnection
    headers: dict[str, str]

    def ask(self, method: str, path: str, body: str | None = None, kind: str = "") -> bytes:
        sent = self.headers | ({"Content-Type": kind} if kind else {})
        self.connection.request(method, path, body, sent)
        answer = self.connection.getresponse()
        said = answer.read()
        if answer.status >= 400:
            raise AssertionError(f"{method} {path}: {answer.status} {said[:300]!r}")
        for cookie in answer.headers.get_all("Set-Cookie") or ():
            self.headers["Cookie"] = cookie.split(";")[0]
        return said


@dataclass
class Bench:
    """A served process, somebody who reads, somebody who books, and those who could listen."""

    served: Served
    context: Context
    operator: Client
    booker: Client
    tokens: list[str]
    asked: int = 0

    def read(self) -> None:
        self.operator.ask("GET", "/schedule")

    def book(self) -> None:
        """Ask for a slot; each time another hour, so that some are granted and some refused."""
        self.asked += 1
        ahead = timedelta(days=8 + self.asked % 20, hours=self.asked % 7)
        start = (datetime.now(UTC) + ahead).replace(minute=0, second=0, microsecond=0)
        wish = {
            "need": {"test_kind": "adverse_weather"},
            "minutes": 60,
            "start": start.isoformat(),
        }
        self.booker.ask("POST", "/api/v1/requests", json.dumps(wish), "application/json")


@contextmanager
def bench() -> Iterator[Bench]:
    """A fresh service without limits, with a member per eight listeners."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "config.toml").write_text(UNLIMITED)
        with serving(folder) as served, ExitStack() as open_things:
            url = f"sqlite:///{served.database}"
            context = open_context(Settings(database=Database(url=url), policy=Policy()))
            open_things.callback(context.close)
            people = [_token(context, number) for number in range(-(-CLIENTS // PER_PERSON))]
            lines = [open_things.enter_context(closing(_connect(served))) for _ in range(2)]
            booker = Client(lines[0], {"Authorization": f"Bearer {people[0]}"})
            yield Bench(served, context, _signed_in(served, lines[1]), booker, people)


def _connect(served: Served) -> http.client.HTTPConnection:
    host, port = served.address.removeprefix("http://").split(":")
    return http.client.HTTPConnection(host, int(port), timeout=30)


def _token(context: Context, number: int) -> str:
    email = f"bench-{number}@example.org"
    now = datetime.now(UTC)
    person = Member(0, "demo-narae", email, "Bench", Role.MEMBER)
    owner = members.add(context, person, PASSWORD, now, SYSTEM)
    return tokens.create(context, owner, "bench", sorted(tokens.SCOPES_OF[owner.role]), now).text


def _signed_in(served: Served, line: http.client.HTTPConnection) -> Client:
    client = Client(line, {})
    email, password = served.accounts["operator"]
    page = client.ask("GET", "/sign-in").decode()
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)
    assert token
    typed = urlencode({"email": email, "password": password, "csrf_token": token[1]})
    client.ask("POST", "/sign-in", typed, "application/x-www-form-urlencoded")
    return client


# -- listeners -------------------------------------------------------------------------------


@contextmanager
def listening(served: Served, people: list[str], count: int) -> Iterator[Callable[[], int]]:
    """So many connections that listen and read what comes; asks how many events came together."""
    host, port = served.address.removeprefix("http://").split(":")
    heard = [0] * count
    with ExitStack() as sockets:
        for number in range(count):
            line = sockets.enter_context(socket.create_connection((host, int(port)), timeout=30))
            token = people[number // PER_PERSON]
            line.sendall(
                f"GET /api/v1/events HTTP/1.1\r\nHost: {host}:{port}\r\n"
                f"Authorization: Bearer {token}\r\n\r\n".encode()
            )
            _await_ready(line)
            drain = threading.Thread(target=_drain, args=(line, heard, number), daemon=True)
            drain.start()
            # Before the socket closes, its reader is woken by the end of the stream.
            sockets.callback(drain.join, 5)
            sockets.callback(line.shutdown, socket.SHUT_RDWR)
        yield lambda: sum(heard)


def _await_ready(line: socket.socket) -> None:
    said = b""
    while b"event: ready" not in said:
        part = line.recv(4096)
        said += part
        assert part, f"the line was closed: {said!r}"
        assert b" 503 " not in said, "no place is left to listen"


def _drain(line: socket.socket, heard: list[int], number: int) -> None:
    line.settimeout(None)
    while part := _received(line):
        heard[number] += part.count(b"event: changed")


def _received(line: socket.socket) -> bytes:
    try:
        return line.recv(65536)
    except OSError:
        return b""


# -- measuring -------------------------------------------------------------------------------


def measure(made: Bench, rounds: int = ROUNDS, clients: int = CLIENTS) -> tuple[Waits, Waits, int]:
    """Waits with nobody and with everybody listening, round by round, and the events heard."""
    alone, beside, heard = Waits(), Waits(), 0
    _round(made, Waits())  # the first answers load the catalogue and the templates
    for _ in range(rounds):
        _round(made, alone)
        with listening(made.served, made.tokens, clients) as events:
            _round(made, beside)
            deadline = time.monotonic() + 5
            while not events() and time.monotonic() < deadline:
                time.sleep(0.05)
            heard += events()
        time.sleep(SETTLE_SECONDS)
    return alone, beside, heard


def _round(made: Bench, waits: Waits) -> None:
    for _ in range(READS):
        waits.page.append(_ms(made.read))
    for _ in range(SUBMITS):
        waits.submit.append(_ms(made.book))


def _ms(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return (time.perf_counter() - began) * 1e3


def figures() -> Iterator[Figure]:
    """The rows of live clients and of the timeline's data."""
    with bench() as made:
        yield from _week(made)
        alone, beside, heard = measure(made)
        for what, one, many in (
            ("GET /schedule", alone.page, beside.page),
            ("POST /api/v1/requests", alone.submit, beside.submit),
        ):
            ratio = statistics.median(many) / statistics.median(one)
            yield Figure(
                f"{what} over HTTP with 0 and with {CLIENTS} live clients: p50, p95",
                f"{_two(one)}; {_two(many)}",
                f"median ratio ≤ {MOST_RATIO} (here {ratio:.2f})",
                ratio <= MOST_RATIO,
            )
        yield Figure(f"live events heard by {CLIENTS} clients meanwhile", f"{heard:,}", "")


def _two(waits: list[float]) -> str:
    return f"{percentile(waits, 0.5):.1f} ms, {percentile(waits, 0.95):.1f} ms"


def _week(made: Bench) -> Iterator[Figure]:
    """The timeline's data of a full week."""
    monday, places = _fill(made.context)
    path = f"/schedule/data?day={monday}&days=7"
    made.operator.headers["Accept-Encoding"] = "gzip"
    said = gzip.decompress(made.operator.ask("GET", path))
    told = json.loads(said)
    uses = sum(use["state"] == "completed" for use in told["uses"])
    assert uses == WEEK_BOOKINGS, uses
    waits = [_ms(lambda: made.operator.ask("GET", path)) for _ in range(20)]
    del made.operator.headers["Accept-Encoding"]
    yield Figure(
        f"timeline data of a week, {places} places, {uses:,} bookings, over HTTP: p50, p95",
        f"{_two(waits)}; {len(said) / 1e3:.0f} kB",
        f"p50 ≤ {DATA_MS} ms",
        percentile(waits, 0.5) <= DATA_MS,
    )


def _fill(context: Context) -> tuple[str, int]:
    """Write a past week of bookings over all places; its Monday, and how many places."""
    rng = random.Random(20261122)
    places = [each.id for each in context.catalogue().resources()]
    owners = sorted(each for each in members.all_organisations(context) if each.startswith("demo-"))
    today = datetime.now(UTC).date()
    monday = today - timedelta(days=today.weekday(), weeks=WEEKS_AGO)
    first = floor_grain(datetime.combine(monday, datetime.min.time(), tzinfo=UTC))
    made = []
    for number in range(WEEK_BOOKINGS):
        start = first + rng.randrange(6) * GRAINS_PER_DAY + rng.randrange(32)
        place = places[number % len(places)]
        made.append((number, place, rng.choice(owners), start, start + rng.randrange(4, 16)))
    with context.database.writing() as connection:
        past.insert_rows(connection, made)
    return monday.isoformat(), len(places)


if __name__ == "__main__":
    for each in figures():
        print(" | ".join(each.cells()))  # noqa: T201 -- a program for people
