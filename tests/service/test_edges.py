"""The edges where booking systems break: ends of months and years, server zones, moves."""

import os
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from testbed.domain.bookings import Booking
from testbed.domain.grid import local_moment
from testbed.domain.requests import Granted, Request
from testbed.persistence.check import check
from testbed.persistence.engine import Database
from testbed.service import bookings, requests
from testbed.service.actors import SYSTEM
from testbed.service.catalogue import import_documents
from testbed.service.context import Context, make_context
from tests.catalogues import NOW, ZONE, at, documents, facility, route, wish
from tests.people import province

HALL = facility("fc-open")
EDGES = (date(2026, 4, 30), date(2026, 12, 31), date(2024, 2, 28), date(2024, 2, 29))


@pytest.fixture
def ctx(database: Database) -> Context:
    return province(database)


def booked(ctx: Context, request: Request) -> Booking:
    held = requests.submit(ctx, request, request.submitted_at, SYSTEM).booking
    assert held is not None
    return bookings.confirm(ctx, held.id, request.submitted_at, SYSTEM)


@pytest.mark.parametrize("day", EDGES, ids=str)
def test_a_booking_past_midnight_at_the_end_of_a_month_or_year_is_one_booking(
    database: Database, day: date
) -> None:
    now = datetime(day.year, day.month, day.day, tzinfo=UTC) - timedelta(days=7)
    ctx = make_context(database)
    import_documents(ctx, documents(), now, SYSTEM)
    booking = booked(ctx, wish(HALL, start=at(22, day), hours=4, now=now))
    first, last = (local_moment(each, ZONE) for each in (booking.start, booking.end))
    assert (first.date(), first.hour) == (day, 22)
    assert (last.date(), last.hour) == (day + timedelta(days=1), 2)
    beside = facility("fc-open", units=6)
    assert not isinstance(_decided(ctx, wish(beside, start=at(25, day), now=now)), Granted)
    assert isinstance(_decided(ctx, wish(beside, start=at(26, day), now=now)), Granted)
    assert check(database, now) == ()


def _decided(ctx: Context, request: Request) -> object:
    return requests.submit(ctx, request, request.submitted_at, SYSTEM).decision


# -- what is asked of a new booking is asked of a move -----------------------------------------


def test_a_move_keeps_its_distance_by_set_up_and_clean_up_like_a_new_booking(ctx: Context) -> None:
    """The rain tunnel is set up for half an hour before its slot."""
    rain = facility("fc-rain")
    booked(ctx, wish(rain, start=at(10), organisation="org-b"))
    mine = booked(ctx, wish(rain, start=at(15)))
    close = wish(rain, start=at(12) + 1)
    assert not isinstance(_decided(ctx, close), Granted)
    assert not isinstance(bookings.move(ctx, mine.id, close, NOW, SYSTEM).decision, Granted)
    apart = wish(rain, start=at(12) + 2)
    assert isinstance(bookings.move(ctx, mine.id, apart, NOW, SYSTEM).decision, Granted)


def test_a_move_into_a_week_whose_hours_are_used_up_is_refused(ctx: Context) -> None:
    """24 hours a week on the tracks."""
    track, following = route("rt-s"), 7 * 96
    for day in (0, 1, 3):
        booked(ctx, wish(track, start=at(9) + day * 96, hours=8))
    mine = booked(ctx, wish(track, start=at(9) + following, hours=2))
    back = wish(track, start=at(9) + 4 * 96, hours=2)
    moved = bookings.move(ctx, mine.id, back, NOW, SYSTEM)
    assert not isinstance(moved.decision, Granted)
    assert "weekly_hours" in {each.code for each in moved.decision.reasons}
    assert moved.booking.start == mine.start


def test_a_move_to_a_start_without_notice_is_refused(ctx: Context) -> None:
    mine = booked(ctx, wish(HALL))
    late = NOW + timedelta(days=13)
    soon = replace(wish(HALL, now=NOW), submitted_at=late - timedelta(days=2))
    start = at(9, (late + timedelta(hours=9)).date()) + 8
    moved = bookings.move(
        ctx, mine.id, replace(soon, start=start, earliest=start, latest=start), late, SYSTEM
    )
    assert not isinstance(moved.decision, Granted)
    assert "notice_too_short" in {each.code for each in moved.decision.reasons}


# -- where the server stands does not matter ---------------------------------------------------

SCRIPT = """
import sys, tempfile
from testbed.persistence import convert
from testbed.persistence.engine import open_database
from testbed.persistence.schema import upgrade
from testbed.service import requests
from testbed.service.actors import SYSTEM
from tests.catalogues import NOW, facility, route, wish
from tests.people import province
with tempfile.TemporaryDirectory() as folder:
    database = open_database(f"sqlite:///{folder}/z.db", "NORMAL")
    upgrade(database)
    ctx = province(database)
    for number, need in enumerate((route("rt-a1"), facility("fc-open"), facility("fc-rain"))):
        asked = wish(need, slack=200, name=f"r{number}")
        decision = requests.submit(ctx, asked, NOW, SYSTEM).decision
        print(convert.dump(convert.decision_to_json(decision)))
    ctx.close()
"""


@pytest.mark.slow
def test_a_server_in_utc_seoul_or_new_york_decides_alike() -> None:
    said = set()
    for zone in ("UTC", "Asia/Seoul", "America/New_York"):
        run = subprocess.run(
            [sys.executable, "-c", SCRIPT],
            env={**os.environ, "TZ": zone},
            capture_output=True,
            text=True,
            check=True,
        )
        assert run.stdout.count('"status":"granted"') == 3
        said.add(run.stdout)
    assert len(said) == 1
