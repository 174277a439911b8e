"""Turning up, or not: the grace counts, never the moment at which a job runs."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select
from structlog.testing import capture_logs

from testbed.domain.bookings import Booking, State
from testbed.domain.catalogue import Mode
from testbed.domain.errors import IllegalTransition, NotFound
from testbed.domain.grid import moment_of
from testbed.domain.policy import Policy
from testbed.domain.requests import Request
from testbed.persistence.check import check
from testbed.persistence.engine import Database
from testbed.persistence.store import KeptBooking
from testbed.persistence.tables import audit
from testbed.persistence.tables import booking as booking_table
from testbed.service import bookings, listings, no_shows, requests
from testbed.service.actors import SYSTEM
from testbed.service.catalogue import import_documents
from testbed.service.context import Context, make_context
from testbed.service.listings import BookingsWanted
from testbed.service.write import Write
from tests.catalogues import NOW, at, documents, entry, facility, route, wish
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


def test_the_hours_of_a_no_show_still_count_and_its_place_is_free_before_any_job_runs(
    ctx: Context,
) -> None:
    booking = booked(ctx)
    rest = [replace(each, start=at(10.5)) for each in booking.claims if each.pool == "rt-a1"]
    full = rest * 3

    def seen(now: datetime) -> tuple[int, bool]:
        with (
            ctx.database.reading() as connection,
            ctx.calendar.at(connection, now, "org-a") as ledger,
        ):
            return ledger.use("org-a", booking.rule, booking.week), ledger.fits(full)

    assert seen(START + GRACE - SECOND) == (16, False)
    assert seen(START + GRACE) == (16, True)
    no_shows.release_no_shows(ctx, START + GRACE)
    assert seen(START + GRACE) == (16, True)


# -- without the job -------------------------------------------------------------------------


def at_short_notice(database: Database) -> Context:
    """A service that books on the day itself, in a process of its own."""
    changed = documents()
    for rule in changed["catalogue"]["rule"]:
        rule["min_lead_days"] = 0
    ctx = make_context(database, Policy(min_notice_hours=0))
    import_documents(ctx, changed, NOW, SYSTEM)
    return ctx


def alone(start: float, now: datetime, organisation: str = "org-b") -> Request:
    """A wish for two hours of the first track without anybody else on it."""
    needs = route("rt-a1", vehicles=1, mode=Mode.EXCLUSIVE)
    return wish(needs, start=at(start), organisation=organisation, now=now)


@pytest.mark.parametrize("whose", ["own", "another's"])
def test_the_rest_of_a_no_show_is_booked_though_the_job_is_late(
    database: Database, whose: str
) -> None:
    ctx = at_short_notice(database)
    missed = booked(ctx)
    other = at_short_notice(database) if whose == "another's" else ctx
    before, after = START + GRACE - SECOND, START + GRACE
    assert requests.submit(other, alone(12, before), before, SYSTEM).booking is None
    assert requests.submit(other, alone(12, after), after, SYSTEM).booking is not None
    kept = bookings.get(ctx, missed.id, START, SYSTEM)
    assert (kept.state, {claim.end for claim in kept.claims}) == (State.NO_SHOW, {at(10.5)})
    assert no_shows.release_no_shows(ctx, after) == ()
    assert check(database, after) == ()


def test_a_no_show_is_shown_and_listed_as_one_though_the_job_is_late(ctx: Context) -> None:
    booking = booked(ctx)

    def listed(state: State, now: datetime) -> list[str]:
        page = listings.bookings(ctx, BookingsWanted(states=frozenset({state})), now, SYSTEM)
        return [each.booking.id for each in page.items]

    before, after = START + GRACE - SECOND, START + GRACE
    assert (listed(State.CONFIRMED, before), listed(State.NO_SHOW, before)) == ([booking.id], [])
    assert (listed(State.CONFIRMED, after), listed(State.NO_SHOW, after)) == ([], [booking.id])
    assert bookings.get(ctx, booking.id, before, SYSTEM).state is State.CONFIRMED
    assert bookings.get(ctx, booking.id, after, SYSTEM).state is State.NO_SHOW


def test_who_checked_in_by_a_slower_clock_keeps_the_place_in_every_calendar(
    database: Database,
) -> None:
    ctx, other = at_short_notice(database), at_short_notice(database)
    booking = booked(ctx)
    after = START + GRACE
    assert requests.search(other, alone(12, after), after).offers
    no_shows.check_in(ctx, booking.id, after - SECOND, SYSTEM)
    assert not requests.search(other, alone(12, after), after).offers
    assert requests.submit(other, alone(12, after), after, SYSTEM).booking is None


def test_nobody_noted_who_ended_it_since_nobody_did(database: Database) -> None:
    ctx = at_short_notice(database)
    missed, member = booked(ctx), join(ctx, organisation="org-b")
    after = START + GRACE
    requests.submit(ctx, alone(12, after), after, member)
    with database.reading() as connection:
        query = select(audit.c.actor).where(audit.c.subject == missed.id)
        query = query.where(audit.c.action == "booking.no_show")
        assert connection.execute(query).scalars().all() == ["system"]


def test_where_visits_are_not_noted_nobody_is_a_no_show(database: Database) -> None:
    province(database)
    ctx = make_context(database, releases_no_shows=False)
    booking = booked(ctx)
    late = START + 3 * HOUR
    assert no_shows.release_no_shows(ctx, late) == ()
    assert bookings.get(ctx, booking.id, late, SYSTEM).state is State.CONFIRMED
    with pytest.raises(IllegalTransition, match="check_in_too_late"):
        no_shows.check_in(ctx, booking.id, START + 4 * HOUR, SYSTEM)
    assert no_shows.check_in(ctx, booking.id, late, SYSTEM).state is State.CHECKED_IN


# -- what is in the way of a sweep -----------------------------------------------------------


@pytest.mark.parametrize("days", [1, 22])
def test_a_no_show_is_ended_though_its_place_holds_less_by_now(ctx: Context, days: int) -> None:
    ids = {booked(ctx, each).id for each in ("org-a", "org-b", "org-c")}
    later = START + timedelta(days=days)
    smaller = documents()
    entry(smaller, "route", "rt-a1")["capacity"] = {
        "max_vehicles_shared": 1,
        "max_vehicles_exclusive": 1,
    }
    import_documents(ctx, smaller, later, SYSTEM)
    no_shows.release_no_shows(ctx, later)
    with ctx.database.reading() as connection:
        states = {row.id: row.state for row in connection.execute(select(booking_table))}
    assert states == dict.fromkeys(ids, "no_show")
    assert check(ctx.database, later) == ()
    asked = wish(route("rt-a1"), start=at(10) + (days + 6) * 96, now=later)
    assert requests.submit(ctx, asked, later, SYSTEM).booking is not None


def test_a_no_show_that_cannot_be_ended_is_logged_and_stops_no_other(
    ctx: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken, sound = booked(ctx).id, booked(ctx, "org-b").id
    miss = Write.miss

    def fails(write: Write, kept: KeptBooking) -> Booking:
        if kept.booking.id == broken:
            raise ValueError("spoilt")
        return miss(write, kept)

    monkeypatch.setattr(Write, "miss", fails)
    with capture_logs() as logged:
        ended = no_shows.release_no_shows(ctx, START + GRACE)
    assert [each.id for each in ended] == [sound]
    assert [(each["event"], each["booking"]) for each in logged] == [
        ("no_show_not_released", broken)
    ]
