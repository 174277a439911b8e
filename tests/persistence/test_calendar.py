"""The calendar in memory is what the database holds, however it was brought up to date."""

from datetime import datetime, timedelta
from itertools import count

import pytest

from testbed.domain.requests import ClaimKind
from testbed.persistence.engine import Database
from testbed.service import requests, standing
from testbed.service.actors import SYSTEM
from testbed.service.catalogue import import_documents
from testbed.service.context import Context, make_context
from tests.catalogues import NOW, documents, wish
from tests.parity.stream import in_service, steps

Levels = dict[str, tuple[list[int], ...]]


def levels(ctx: Context, now: datetime) -> Levels:
    """The counts of every pool as this context's calendar has them now."""
    with ctx.database.reading() as connection, ctx.calendar.at(connection, now) as ledger:
        return {
            name: tuple(list(pool.levels(kind)) for kind in ClaimKind)
            for name, pool in ledger.pools.items()
        }


@pytest.fixture
def numbered(database: Database) -> Context:
    numbers = count(1)
    ctx = make_context(database, new_id=lambda: f"b{next(numbers)}")
    import_documents(ctx, documents(), NOW, SYSTEM)
    return ctx


@pytest.mark.slow
@pytest.mark.parametrize("seed", [11, 12])
def test_catching_up_reads_the_same_as_reading_anew(numbered: Context, seed: int) -> None:
    watcher = make_context(numbered.database)
    apply = in_service(numbered)
    changed = set()
    for number, step in enumerate(steps(seed, 250)):
        apply(step)
        if number % 3 == 0:
            anew = levels(make_context(numbered.database), step.now)
            assert levels(watcher, step.now) == anew, number
            assert levels(numbered, step.now) == anew, number
            changed.add(str(anew))
    assert len(changed) > 20


def test_a_calendar_is_read_once_and_then_only_what_changed(
    ctx: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    levels(ctx, NOW)
    loads: list[object] = []
    monkeypatch.setattr(type(ctx.calendar), "_load", lambda *given: loads.append(given))
    assert requests.submit(ctx, wish(), NOW, SYSTEM).booking
    assert requests.search(ctx, wish(), NOW).offers
    assert loads == []


def test_a_new_day_and_a_longer_horizon_are_read(ctx: Context) -> None:
    before = levels(ctx, NOW)
    tomorrow = NOW + timedelta(days=1)
    standing.materialise(ctx, tomorrow)
    after = levels(ctx, tomorrow)
    assert after != before
    assert after == levels(make_context(ctx.database), tomorrow)


def test_asking_for_an_earlier_moment_is_answered_for_that_moment(ctx: Context) -> None:
    before = levels(ctx, NOW)
    levels(ctx, NOW + timedelta(days=3))
    assert levels(ctx, NOW) == before


def test_an_error_inside_leaves_the_calendar_usable(ctx: Context) -> None:
    before = levels(ctx, NOW)
    with (
        pytest.raises(ZeroDivisionError),
        ctx.database.reading() as connection,
        ctx.calendar.at(connection, NOW),
    ):
        raise ZeroDivisionError
    assert levels(ctx, NOW) == before
