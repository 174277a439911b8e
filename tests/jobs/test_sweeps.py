"""The sweeps by the worker: late, after a pause of days, by another leader."""

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

from testbed.config import Settings
from testbed.domain.bookings import State
from testbed.domain.requests import Granted
from testbed.jobs.job import Job, Surroundings
from testbed.jobs.table import own_jobs
from testbed.jobs.worker import Worker
from testbed.persistence.check import check
from testbed.persistence.engine import Database
from testbed.persistence.job_tables import mail
from testbed.persistence.tables import audit
from testbed.service import bookings, requests
from testbed.service.actors import SYSTEM
from testbed.service.context import Context
from testbed.service.standing import last_bookable_day
from tests.catalogues import NOW, route, wish
from tests.jobs.workers import Clock
from tests.people import join, province

START = NOW + timedelta(days=14, hours=1)  # the Monday at 10:00 in Seoul


@pytest.fixture
def ctx(database: Database) -> Context:
    return province(database)


@pytest.fixture
def clock() -> Clock:
    return Clock()


def swept(ctx: Context, clock: Clock, folder: Path, holder: str = "one") -> None:
    """One worker comes, runs every job that is due, and is gone without a word."""
    settings = Settings(mail={"directory": folder})
    jobs: tuple[Job, ...] = own_jobs(settings)
    worker = Worker(Surroundings(ctx, settings), jobs, clock, holder)
    assert worker.lead()
    for job in jobs:
        worker.attempt(job)


def noted(ctx: Context, action: str) -> int:
    query = select(func.count()).where(audit.c.action == action)
    with ctx.database.reading() as connection:
        return connection.execute(query).scalar_one()


def test_a_pause_of_weeks_loses_nothing_and_the_second_worker_finds_nothing_to_do(
    ctx: Context, clock: Clock, tmp_path: Path
) -> None:
    member = join(ctx)
    held = [requests.submit(ctx, wish(route("rt-a1")), NOW, member).booking for _ in range(2)]
    confirmed = requests.submit(ctx, wish(route("rt-s")), NOW, member).booking
    assert confirmed is not None
    bookings.confirm(ctx, confirmed.id, NOW, member)
    clock.later(days=20)
    swept(ctx, clock, tmp_path)
    states = {each.id: each.state for each in bookings.listing(ctx, clock(), SYSTEM)}
    assert states == {
        **{each.id: State.EXPIRED for each in held if each is not None},
        confirmed.id: State.NO_SHOW,
    }
    before = noted(ctx, "booking.expired"), noted(ctx, "booking.no_show")
    clock.later(minutes=5)
    swept(ctx, clock, tmp_path, "two")
    assert (noted(ctx, "booking.expired"), noted(ctx, "booking.no_show")) == before == (2, 1)
    assert check(ctx.database, clock()) == ()


def test_after_a_pause_the_calendar_opens_again_as_far_as_it_should(
    ctx: Context, clock: Clock, tmp_path: Path
) -> None:
    clock.later(days=40)
    far = wish(route("rt-s"), start=wish().start + 28 * 96 + 30 * 96, now=clock())
    assert not isinstance(requests.submit(ctx, far, clock(), SYSTEM).decision, Granted)
    swept(ctx, clock, tmp_path)
    with ctx.database.reading() as connection, ctx.calendar.at(connection, clock()) as ledger:
        until = ledger.bookable_until
    expected = last_bookable_day(ctx.catalogue(), ctx.policy, clock()) - NOW.date()
    assert abs((until - wish().start) // 96 + 14 - expected.days) <= 1


def test_a_reminder_is_written_by_whoever_leads_when_its_day_comes_and_once(
    ctx: Context, clock: Clock, tmp_path: Path
) -> None:
    member = join(ctx)
    held = requests.submit(ctx, wish(), NOW, member).booking
    assert held is not None
    bookings.confirm(ctx, held.id, NOW, member)
    for hours in (25, 23.9, 23, 1):
        clock.now = START - timedelta(hours=hours)
        swept(ctx, clock, tmp_path, f"worker {hours}")
    with ctx.database.reading() as connection:
        sent = select(mail.c.sent_at).where(mail.c.kind == "reminder")
        assert connection.execute(sent).scalars().all() == [START - timedelta(hours=23.9)]


def test_old_mails_and_resets_are_deleted(ctx: Context, clock: Clock, tmp_path: Path) -> None:
    member = join(ctx)
    held = requests.submit(ctx, wish(), NOW, member).booking
    assert held is not None
    bookings.cancel(ctx, held.id, NOW, member)
    swept(ctx, clock, tmp_path)
    clock.later(days=91)
    swept(ctx, clock, tmp_path)
    with ctx.database.reading() as connection:
        assert connection.execute(select(func.count(mail.c.id))).scalar_one() == 0
