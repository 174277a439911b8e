"""Turning up, or not: the grace counts, never the moment at which a job runs."""

from dataclasses import replace
from datetime import timedelta

import pytest

from testbed.domain.bookings import Booking, State
from testbed.domain.errors import IllegalTransition, NotFound
from testbed.domain.grid import moment_of
from testbed.persistence.check import check
from testbed.persistence.engine import Database
from testbed.service import bookings, no_shows, requests
from testbed.service.actors import SYSTEM
from testbed.service.context import Context
from tests.catalogues import NOW, at, facility, route, wish
from tests.people import join, province

GRACE = timedelta(minutes=30)
SECOND = timedelta(seconds=1)
HOUR = timedelta(hours=1)


@pytest.fixture
def ctx(database: Database) -> Context:
    return province(database)


def booked(ctx: Context, organisation: str = "org-a") -> Booking:
    """A confirmed booking of the first track and a bay from 10:00 to 14:00 on the Monday."""
    wanted = wish(route("rt-a1"), facility("fc-bays"), hours=4, organisation=organisation)
    held = requests.submit(ctx, wanted, NOW, SYSTEM).booking
    assert held is not None
    return bookings.confirm(ctx, held.id, NOW, SYSTEM)


START = moment_of(at(10))


@pytest.mark.parametrize("late", [timedelta(0), SECOND, HOUR, timedelta(days=3)])
def test_a_no_show_ends_at_the_end_of_its_grace_however_late_the_job_runs(
    ctx: Context, late: timedelta
) -> None:
    booking = booked(ctx)
    [missed] = no_shows.release_no_shows(ctx, START + GRACE + late)
    assert missed.state is State.NO_SHOW
    assert {claim.end for claim in missed.claims} == {at(10.5)}
    kept = bookings.get(ctx, booking.id, START + GRACE + late, SYSTEM)
    assert sorted(kept.claims) == sorted(missed.claims)
    assert check(ctx.database, START + GRACE + late) == ()


def test_one_second_before_the_grace_ends_nothing_is_released(ctx: Context) -> None:
    booking = booked(ctx)
    assert no_shows.release_no_shows(ctx, START + GRACE - SECOND) == ()
    assert bookings.get(ctx, booking.id, START, SYSTEM) == booking


def test_check_in_is_possible_until_one_second_before_the_grace_ends(ctx: Context) -> None:
    booking = booked(ctx)
    with pytest.raises(IllegalTransition, match="check_in_too_late"):
        no_shows.check_in(ctx, booking.id, START + GRACE, SYSTEM)
    arrived = no_shows.check_in(ctx, booking.id, START + GRACE - SECOND, SYSTEM)
    assert arrived.state is State.CHECKED_IN
    assert no_shows.release_no_shows(ctx, START + GRACE + HOUR) == ()
    assert check(ctx.database, START) == ()


def test_check_in_opens_an_hour_before_the_start(ctx: Context) -> None:
    booking = booked(ctx)
    with pytest.raises(IllegalTransition, match="check_in_too_early"):
        no_shows.check_in(ctx, booking.id, START - HOUR - SECOND, SYSTEM)
    assert no_shows.check_in(ctx, booking.id, START - HOUR, SYSTEM).state is State.CHECKED_IN


def test_only_the_booking_organisation_and_operators_check_in(ctx: Context) -> None:
    booking = booked(ctx)
    with pytest.raises(NotFound):
        no_shows.check_in(ctx, booking.id, START, join(ctx, organisation="org-b"))
    assert no_shows.check_in(ctx, booking.id, START, join(ctx)).id == booking.id


def test_a_hold_and_a_cancelled_booking_are_no_no_shows(ctx: Context) -> None:
    gone = booked(ctx)
    bookings.cancel(ctx, gone.id, NOW, SYSTEM)
    requests.submit(ctx, wish(route("rt-s")), NOW, SYSTEM)
    assert no_shows.release_no_shows(ctx, START + HOUR) == ()
    with pytest.raises(IllegalTransition, match="illegal_transition"):
        no_shows.check_in(ctx, gone.id, START, SYSTEM)


def test_a_sweep_that_runs_twice_changes_nothing_more(ctx: Context) -> None:
    booking = booked(ctx)
    assert len(no_shows.release_no_shows(ctx, START + GRACE)) == 1
    assert no_shows.release_no_shows(ctx, START + HOUR) == ()
    assert bookings.get(ctx, booking.id, START + HOUR, SYSTEM).state is State.NO_SHOW


def test_many_days_of_missed_sweeps_are_made_up_for_at_once(ctx: Context) -> None:
    ids = {booked(ctx, each).id for each in ("org-a", "org-b", "org-c")}
    missed = no_shows.release_no_shows(ctx, START + timedelta(days=30))
    assert {each.id for each in missed} == ids
    assert check(ctx.database, START + timedelta(days=30)) == ()


def test_the_hours_of_a_no_show_still_count_and_its_place_is_free(ctx: Context) -> None:
    booking = booked(ctx)
    rest = [replace(each, start=at(10.5)) for each in booking.claims if each.pool == "rt-a1"]
    full = rest * 3

    def seen() -> tuple[int, bool]:
        with (
            ctx.database.reading() as connection,
            ctx.calendar.at(connection, NOW, "org-a") as ledger,
        ):
            return ledger.use("org-a", booking.rule, booking.week), ledger.fits(full)

    assert seen() == (16, False)
    no_shows.release_no_shows(ctx, START + GRACE)
    assert seen() == (16, True)
