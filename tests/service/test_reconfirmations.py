"""Bookings of series are confirmed again, or free what they do not need."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import func, select

from testbed.domain.bookings import State
from testbed.domain.errors import IllegalTransition, NotFound
from testbed.domain.grid import moment_of
from testbed.domain.parties import Member, Role
from testbed.domain.policy import Policy
from testbed.persistence.check import check
from testbed.persistence.tables import outbox
from testbed.service import bookings, reconfirmations, requests, series, waitlist
from testbed.service.actors import SYSTEM
from testbed.service.context import Context
from tests.catalogues import NOW, at, route, wish
from tests.service.test_series import asked

MEMBER = Member(7, "org-a", "a@example.org", "A", Role.MEMBER)
RIVAL = Member(9, "org-b", "b@example.org", "B", Role.MEMBER)
START = moment_of(at(10))
OPENS = START - timedelta(days=7)
DUE = START - timedelta(days=2)


@pytest.fixture
def first(ctx: Context) -> str:
    """The first booking of a confirmed series of four."""
    made = series.submit(ctx, asked(route("rt-a1", 3)), NOW, MEMBER)
    assert made.series
    series.confirm(ctx, made.series, NOW, MEMBER)
    return bookings.listing(ctx, NOW, MEMBER)[0].id


def state(ctx: Context, booking_id: str, now: datetime) -> State:
    return bookings.get(ctx, booking_id, now, SYSTEM).state


def notes(ctx: Context, kind: str) -> int:
    with ctx.database.reading() as connection:
        query = select(func.count()).select_from(outbox).where(outbox.c.kind == kind)
        return int(connection.execute(query).scalar_one())


def test_a_booking_of_a_series_is_asked_for_once_when_its_days_begin(
    ctx: Context, first: str
) -> None:
    assert reconfirmations.ask(ctx, OPENS - timedelta(minutes=1)) == 0
    assert reconfirmations.ask(ctx, OPENS) == 1
    assert reconfirmations.ask(ctx, OPENS) == 0
    assert notes(ctx, "booking.to_reconfirm") == 1
    [waits] = reconfirmations.listing(ctx, OPENS, MEMBER)
    assert (waits.booking.id, waits.due_at) == (first, DUE)
    assert reconfirmations.listing(ctx, OPENS, RIVAL) == ()


def test_what_is_confirmed_again_stays(ctx: Context, first: str) -> None:
    reconfirmations.ask(ctx, OPENS)
    assert reconfirmations.reconfirm(ctx, first, DUE, MEMBER).state is State.CONFIRMED
    assert reconfirmations.give_up(ctx, DUE) == ()
    assert reconfirmations.listing(ctx, DUE, MEMBER) == ()
    with pytest.raises(IllegalTransition, match="not_to_reconfirm"):
        reconfirmations.reconfirm(ctx, first, DUE, MEMBER)
    with pytest.raises(NotFound):
        reconfirmations.reconfirm(ctx, first, DUE, RIVAL)


def test_what_is_not_is_cancelled_free_of_charge_and_goes_to_those_who_wait(
    ctx: Context, first: str
) -> None:
    reconfirmations.ask(ctx, OPENS)
    waits = replace(wish(route("rt-a1", 3)), organisation="org-b", wait=True, submitted_at=OPENS)
    waiting = requests.submit(ctx, waits, OPENS, RIVAL)
    assert reconfirmations.give_up(ctx, DUE - timedelta(seconds=1)) == ()
    [given] = reconfirmations.give_up(ctx, DUE)
    assert (given.id, given.state, given.late, given.counts) == (
        first,
        State.CANCELLED,
        False,
        False,
    )
    assert reconfirmations.give_up(ctx, DUE) == ()
    assert notes(ctx, "booking.not_reconfirmed") == 1
    entry = waitlist.one(ctx, waiting.request_id, DUE, RIVAL).entry
    assert entry.booking is not None
    assert state(ctx, entry.booking, DUE) is State.HELD
    assert check(ctx.database, DUE) == ()


def test_a_job_that_stood_still_leaves_a_day_to_answer(ctx: Context, first: str) -> None:
    late = START - timedelta(days=1, hours=12)
    assert reconfirmations.ask(ctx, late) == 2, "the next day's as well"
    assert reconfirmations.give_up(ctx, late + timedelta(hours=23)) == ()
    given = reconfirmations.give_up(ctx, late + timedelta(days=1))
    assert first in {each.id for each in given}


def test_nothing_is_asked_of_what_was_booked_late_alone_or_begins_tomorrow(
    ctx: Context, first: str
) -> None:
    bookings.cancel(ctx, first, NOW, MEMBER)
    alone = requests.submit(ctx, wish(route("rt-a1")), NOW, MEMBER).booking
    assert alone is not None
    bookings.confirm(ctx, alone.id, NOW, MEMBER)
    after = OPENS + timedelta(hours=1)
    made = series.submit(ctx, asked(route("rt-s"), rule="FREQ=DAILY;COUNT=1"), after, MEMBER)
    assert made.series
    series.confirm(ctx, made.series, after, MEMBER)
    asked_now = [reconfirmations.ask(ctx, START - timedelta(days=days)) for days in (6, 1)]
    assert asked_now == [1, 0], "the second date of the first series alone"


def test_a_booking_that_moves_is_asked_for_again_and_none_where_it_is_switched_off(
    ctx: Context, first: str
) -> None:
    never = replace(ctx, policy=Policy(reconfirm_days=0))
    assert reconfirmations.ask(never, OPENS) == 0
    reconfirmations.ask(ctx, OPENS)
    reconfirmations.reconfirm(ctx, first, OPENS, MEMBER)
    later = at(14)
    moved = wish(route("rt-a1", 3), start=later, now=NOW, name="moved")
    bookings.move(ctx, first, moved, OPENS, MEMBER)
    assert reconfirmations.ask(ctx, OPENS + timedelta(hours=5)) == 1
