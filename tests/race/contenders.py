"""Real processes that act at the same moment on one database, and an independent recount."""

import json
import multiprocessing
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from threading import Barrier

from sqlalchemy import create_engine, text

from testbed.domain.approvals import Answer, Party
from testbed.domain.errors import DomainError
from testbed.domain.ledger import Ledger
from testbed.domain.parties import Member
from testbed.domain.requests import Request
from testbed.domain.series import plan_of, rule_of
from testbed.persistence.calendar import CachedCalendar
from testbed.persistence.due import Deadlines
from testbed.persistence.engine import open_database
from testbed.service import approvals, bookings, closures, handovers, requests, series
from testbed.service.approvals import Given
from testbed.service.closures import Order
from testbed.service.context import Context, make_context
from tests.catalogues import ZONE

CONTENDERS = 16
PATIENCE_SECONDS = 120

_barrier: Barrier


@dataclass(frozen=True)
class Step:
    """What one contender does: submit a request, or do something with a booking.

    An answer to an approval names its party by `key`.
    """

    verb: str
    now: datetime
    actor: Member
    request: Request | None = None
    booking: str = ""
    key: str | None = None


@dataclass(frozen=True)
class Outcome:
    """What came of it: the decision's status or the booking's state, or the error's code."""

    status: str
    booking: str = ""
    error: str = ""


@dataclass(frozen=True)
class Task:
    """A step on a database; `blind` acts on what the calendar was before the race."""

    url: str
    step: Step
    blind: bool = False


def race(pool: ProcessPoolExecutor, tasks: Sequence[Task]) -> list[Outcome]:
    """Every contender's outcome; all start at once."""
    assert len(tasks) == CONTENDERS
    return list(pool.map(_contend, tasks, timeout=PATIENCE_SECONDS))


@contextmanager
def contenders() -> Iterator[ProcessPoolExecutor]:
    """As many fresh processes as there are contenders."""
    spawn = multiprocessing.get_context("spawn")
    gate = spawn.Barrier(CONTENDERS)
    with ProcessPoolExecutor(CONTENDERS, spawn, _remember, (gate,)) as pool:
        yield pool


def _remember(gate: Barrier) -> None:
    global _barrier  # noqa: PLW0603 -- what the initialiser of a pool of processes is for
    _barrier = gate


def _contend(task: Task) -> Outcome:
    database = open_database(task.url, synchronous="NORMAL")
    ctx = make_context(database)
    try:
        with database.reading() as connection, ctx.calendar.at(connection, task.step.now) as ledger:
            if task.blind:
                ctx = replace(ctx, calendar=Blind(ledger))
        _barrier.wait(PATIENCE_SECONDS)
        return _done(ctx, task.step)
    except DomainError as error:
        return Outcome("", error=f"{type(error).__name__}:{error.code}")
    except Exception as error:  # noqa: BLE001 -- told to the test, which fails on it
        return Outcome("", error=f"UNEXPECTED {error!r}"[:500])
    finally:
        ctx.close()


class Blind(CachedCalendar):
    """A calendar that never looks at the database again."""

    def __init__(self, ledger: Ledger) -> None:
        super().__init__(ledger.policy, Deadlines(None, ledger.policy.longest_booking_hours))
        self._ledger = ledger

    def _up_to_date(self, *_: object) -> Ledger:
        return self._ledger


def _submitted(ctx: Context, step: Step) -> Outcome:
    assert step.request is not None
    answer = requests.submit(ctx, step.request, step.now, step.actor, key=step.key)
    return Outcome(answer.decision.status, answer.booking.id if answer.booking else "")


def _repeated(ctx: Context, step: Step) -> Outcome:
    """The request as a series of two days."""
    assert step.request is not None
    plan = plan_of(step.request, ZONE, rule_of("FREQ=DAILY;COUNT=2"))
    wanted = series.wanted(step.request.organisation, plan)
    started = series.submit(ctx, wanted, step.now, step.actor, step.key)
    return Outcome("repeated", started.series or "")


def _done(ctx: Context, step: Step) -> Outcome:
    if step.verb in ("submit", "repeat"):
        return _repeated(ctx, step) if step.verb == "repeat" else _submitted(ctx, step)
    if step.verb == "move":
        assert step.request is not None
        moved = bookings.move(ctx, step.booking, step.request, step.now, step.actor)
        return Outcome(moved.decision.status, moved.booking.id)
    if step.verb == "stop":
        struck = closures.stop(ctx, Order(step.booking, None, "drill"), step.now, step.actor)
        return Outcome("stopped", struck.closure.id)
    if step.verb == "take over":
        taken = handovers.accept(ctx, step.booking, step.now, step.actor)
        return Outcome(taken.handover.state, taken.handover.booking)
    if step.verb in list(Answer):
        given = Given(Party(step.key), Answer(step.verb), "said")
        answered = approvals.answer(ctx, step.booking, given, step.now, step.actor)
        return Outcome(answered.state.value, answered.id)
    act = {"confirm": bookings.confirm, "cancel": bookings.cancel}[step.verb]
    booking = act(ctx, step.booking, step.now, step.actor)
    return Outcome(booking.state.value, booking.id)


def counted(outcomes: Sequence[Outcome]) -> Counter[str]:
    """How many contenders came to each end."""
    return Counter(outcome.error or outcome.status for outcome in outcomes)


# Nothing of the product's code: claims to grains, grains to sums, sums against capacity.
OVERFULL = """
WITH RECURSIVE grain_of (pool, kind, units, grain, last) AS (
    SELECT pool, kind, units, start_grain, end_grain - 1 FROM claim WHERE released IS NULL
    UNION ALL
    SELECT pool, kind, units, grain + 1, last FROM grain_of WHERE grain < last
), summed AS (
    SELECT pool, grain,
           SUM(CASE WHEN kind = 'use' THEN units ELSE 0 END) AS used,
           SUM(CASE WHEN kind = 'block' THEN units ELSE 0 END) AS blocked,
           SUM(CASE WHEN kind = 'closed' THEN units ELSE 0 END) AS closed
    FROM grain_of GROUP BY pool, grain
)
SELECT summed.pool, grain, used, blocked, capacity
FROM summed JOIN pool ON pool.id = summed.pool
WHERE used + CASE WHEN closed > capacity THEN capacity ELSE closed END > capacity
   OR (used > 0 AND blocked > 0)
ORDER BY summed.pool, grain
"""


def overfull(url: str) -> list[tuple[object, ...]]:
    """Grains at which claims take more than the pool holds, counted by the database alone."""
    engine = create_engine(url)
    with engine.connect() as connection:
        rows = [tuple(row) for row in connection.execute(text(OVERFULL))]
    engine.dispose()
    return rows


def replayed(url: str) -> list[tuple[object, ...]]:
    """The claims that bookings have, rebuilt from the audit rows alone."""
    engine = create_engine(url)
    query = "SELECT subject, document FROM audit WHERE action LIKE 'booking.%' ORDER BY id"
    with engine.connect() as connection:
        rows = [tuple(row) for row in connection.execute(text(query))]
    engine.dispose()
    last = {subject: json.loads(document)["claims"] for subject, document in rows}
    return sorted((name, *claim) for name, claims in last.items() for claim in claims)


def kept(url: str) -> list[tuple[object, ...]]:
    """The claims that bookings have, as the database keeps them."""
    engine = create_engine(url)
    columns = "booking, pool, kind, units, start_grain, end_grain"
    query = f"SELECT {columns} FROM claim WHERE released IS NULL AND booking IS NOT NULL"
    with engine.connect() as connection:
        rows = sorted(tuple(row) for row in connection.execute(text(query)))
    engine.dispose()
    return rows
