"""Speed of the service in one process on SQLite: search beside other people's bookings, submit."""

import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from testbed.domain.catalogue import ILLUSTRATIVE, Name
from testbed.domain.parties import Member, Organisation, Role
from testbed.files import read_catalogue
from testbed.persistence.engine import open_database
from testbed.persistence.schema import upgrade
from testbed.service import bookings, catalogue, members
from testbed.service.actors import SYSTEM
from testbed.service.context import Context, make_context
from testbed.service.requests import Submitted, search, submit
from tests.bench import past, workload
from tests.bench.measure import Figure, fsync_ms, percentile

BEGIN = datetime(2026, 3, 2, tzinfo=UTC)
ORGANISATIONS = 97
AHEAD = 400
SEARCHES = 200
SUBMITS = 500


@dataclass
class Desk:
    """A service with the packaged catalogue and members of many organisations."""

    ctx: Context
    actors: list[Member]
    path: Path
    now: datetime = BEGIN
    count: int = 0
    waits: list[float] = field(default_factory=list)

    def submit_next(self, days_of_demand: int = 365) -> Submitted:
        """Let the next request of the demand be submitted, and confirm it where it is granted."""
        asked = workload.requests(days_of_demand)
        request = asked[self.count % len(asked)]
        actor = self.actors[self.count % len(self.actors)]
        self.count += 1
        named = workload.moved(request, self.now, actor.organisation, self.count)
        began = time.perf_counter()
        answer = submit(self.ctx, named, self.now, actor)
        self.waits.append((time.perf_counter() - began) * 1e3)
        if answer.booking is not None:
            bookings.confirm(self.ctx, answer.booking.id, self.now, actor)
        return answer


@contextmanager
def desk() -> Iterator[Desk]:
    """A fresh service on a file of SQLite with `synchronous=FULL`."""
    with tempfile.TemporaryDirectory(dir=".") as folder:
        path = Path(folder) / "bench.db"
        database = open_database(f"sqlite:///{path}", "FULL")
        upgrade(database)
        ctx = make_context(database)
        catalogue.import_documents(ctx, read_catalogue("packaged:gyeonggi"), BEGIN, SYSTEM)
        yield Desk(ctx, [_member(ctx, number) for number in range(ORGANISATIONS)], path)
        ctx.close()


def _member(ctx: Context, number: int) -> Member:
    key = f"bench-{number}"
    organisation = Organisation(key, Name(key, key), "startup_sme", provenance=ILLUSTRATIVE)
    members.add_organisation(ctx, organisation, BEGIN, SYSTEM)
    return Member(number + 1, key, f"{key}@example.org", key, Role.MEMBER)


def fill(desk: Desk, past_bookings: int) -> None:
    """Years of past bookings, and a season of requests decided by the service."""
    past.write(desk.ctx, past_bookings, [actor.organisation for actor in desk.actors], BEGIN)
    for _ in range(AHEAD):
        desk.submit_next()


def figures(past_bookings: int) -> Iterator[Figure]:
    """The rows of search and submit."""
    yield Figure("fsync of 4 KiB on this disk, median", f"{fsync_ms():.2f} ms", "")
    with desk() as made:
        fill(made, past_bookings)
        yield from _searches(made, past_bookings)
        yield from _submits(made)


def _searches(made: Desk, past_bookings: int) -> Iterator[Figure]:
    """Between two searches somebody books, so that some pools are cold each time."""
    asked = workload.requests(365)
    one = [each for each in asked if len(each.needs) == 1][:SEARCHES]
    bundle = [each for each in asked if len(each.needs) >= 3][:SEARCHES]
    beside = f"{past_bookings:,} past bookings and {AHEAD:,} requests ahead"
    for name, requests, bar in (("one need", one, 2), ("three needs or more", bundle, 10)):
        waits = [_timed(lambda r=each: _search(made, r), made) for each in requests]
        p95 = percentile(waits, 0.95)
        what = f"search, 14 days, all cities, {name}; {beside}: p50, p95"
        figure = f"{percentile(waits, 0.5):.2f} ms, {p95:.2f} ms"
        yield Figure(what, figure, f"p95 ≤ {bar} ms", p95 <= bar)


def _search(made: Desk, request: object) -> None:
    named = workload.moved(request, made.now, made.actors[0].organisation, 0)  # type: ignore[arg-type]
    search(made.ctx, workload.two_weeks(named), made.now)


def _timed(work: Callable[[], None], made: Desk) -> float:
    made.submit_next()
    began = time.perf_counter()
    work()
    return (time.perf_counter() - began) * 1e3


def _submits(made: Desk) -> Iterator[Figure]:
    made.waits.clear()
    granted = sum(made.submit_next().booking is not None for _ in range(SUBMITS))
    p95, rate = percentile(made.waits, 0.95), 1e3 * len(made.waits) / sum(made.waits)
    what = f"submit with rules, guard, outbox, audit; one process, {granted} of {SUBMITS} granted"
    yield Figure(f"{what}: rate", f"{rate:.0f} per second", "≥ 250", rate >= 250)
    yield Figure(
        "the same: p50, p95",
        f"{percentile(made.waits, 0.5):.2f} ms, {p95:.2f} ms",
        "p95 ≤ 8 ms",
        p95 <= 8,
    )
