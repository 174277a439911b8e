"""Years of past bookings, written in bulk: what a long-running service carries behind it.

They are over, so nothing decides on them; no occupancy rows are written for them, as after the
archive job. They are there so that no query may scan them.
"""

import random
from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import Connection, func, insert, select

from testbed.domain.grid import GRAINS_PER_DAY, floor_grain, moment_of
from testbed.persistence import tables
from testbed.service.context import Context

YEARS = 5
BATCH = 20_000
Rows = dict[str, list[dict[str, object]]]


def write(ctx: Context, count: int, organisations: list[str], now: datetime) -> None:
    """Write so many completed bookings, spread over the years before now."""
    rng = random.Random(20260105)
    routes = sorted(ctx.catalogue().routes)
    today = floor_grain(now)
    with ctx.database.writing() as connection:
        first = connection.execute(select(func.max(tables.claim.c.id))).scalar() or 0
        for begin in range(0, count, BATCH):
            numbers = range(begin, min(count, begin + BATCH))
            insert_rows(connection, list(_bookings(rng, numbers, routes, organisations, today)))
        assert connection.execute(select(func.max(tables.claim.c.id))).scalar() >= first + count


def _bookings(
    rng: random.Random, numbers: range, routes: list[str], names: list[str], today: int
) -> Iterator[tuple[int, str, str, int, int]]:
    for number in numbers:
        start = today - rng.randrange(2 * GRAINS_PER_DAY, YEARS * 365 * GRAINS_PER_DAY)
        yield number, rng.choice(routes), rng.choice(names), start, start + rng.randrange(4, 24)


def insert_rows(connection: Connection, made: list[tuple[int, str, str, int, int]]) -> None:
    """Write completed bookings: number, resource, organisation, first grain and end."""
    rows: Rows = {"request": [], "booking": [], "line": [], "claim": []}
    for number, route, organisation, start, end in made:
        key = f"past-{number}"
        moment = moment_of(start)
        rows["request"].append(
            {
                "id": key,
                "organisation": organisation,
                "actor": "past",
                "submitted_at": moment,
                "status": "granted",
                "document": "{}",
                "decision": "{}",
            }
        )
        rows["booking"].append(
            {
                "id": key,
                "request": key,
                "organisation": organisation,
                "state": "completed",
                "start_at": moment,
                "end_at": moment_of(end),
                "rule": "rule-closed-track",
                "week": 202001,
                "counted": end - start,
                "late": False,
                "version": 3,
            }
        )
        rows["line"].append(
            {
                "booking": key,
                "position": 0,
                "resource": route,
                "start_grain": start,
                "end_grain": end,
                "units": 0,
                "vehicles": 1,
                "mode": "shared",
            }
        )
        rows["claim"].append(
            {
                "booking": key,
                "position": 0,
                "pool": route,
                "kind": "use",
                "units": 1,
                "start_grain": start,
                "end_grain": end,
                "taken": 0,
            }
        )
    for name in rows:
        connection.execute(insert(tables.metadata.tables[name]), rows[name])
