"""The schedule of a day: what each reader sees."""

from datetime import timedelta

from testbed.domain.catalogue import Mode
from testbed.domain.grid import moment_of
from testbed.domain.parties import Member, Role
from testbed.service import bookings, requests, schedule
from testbed.service.actors import SYSTEM
from testbed.service.context import Context
from testbed.service.schedule import Row
from tests.catalogues import MONDAY, NOW, at, facility, route, wish

MEMBER = Member(7, "org-a", "a@example.org", "A", Role.MEMBER)


def shown(row: Row) -> tuple[str, int, int, str]:
    return row.resource, row.start, row.end, row.state


def test_a_day_lists_lines_and_standing_services_in_the_order_of_the_catalogue(
    ctx: Context,
) -> None:
    held = wish(route("rt-a1"), facility("fc-bays", units=2, offset=-2))
    booking = requests.submit(ctx, held, NOW, SYSTEM).booking
    assert booking
    bookings.confirm(ctx, booking.id, NOW, SYSTEM)
    requests.submit(ctx, wish(route("rt-s", mode=Mode.EXCLUSIVE)), NOW, SYSTEM)
    rows = schedule.day(ctx, MONDAY, NOW, SYSTEM)
    assert [shown(row) for row in rows] == [
        ("rt-a1", at(10), at(12), "confirmed"),
        ("rt-bus", at(10), at(12), "standing"),
        ("fc-bays", at(9.5), at(11.5), "confirmed"),
        ("rt-s", at(10), at(12), "held"),
    ]
    assert rows[0].organisation == "org-a"
    assert rows[1].service is not None
    assert rows[1].service.en == "Bus"
    assert rows[3].city_name.en == "Suwon"


def test_others_are_only_busy(ctx: Context) -> None:
    requests.submit(ctx, wish(organisation="org-b"), NOW, SYSTEM)
    requests.submit(ctx, wish(start=at(14)), NOW, SYSTEM)
    theirs, mine = (
        row for row in schedule.day(ctx, MONDAY, NOW, MEMBER) if row.resource == "rt-a1"
    )
    assert (theirs.state, theirs.booking, theirs.organisation) == ("busy", None, None)
    assert (mine.state, mine.organisation) == ("held", "org-a")


def test_a_city_shows_its_own_rows(ctx: Context) -> None:
    requests.submit(ctx, wish(route("rt-s")), NOW, SYSTEM)
    assert [row.resource for row in schedule.day(ctx, MONDAY, NOW, SYSTEM, "suwon")] == ["rt-s"]


def test_what_ran_out_or_was_cancelled_is_not_shown(ctx: Context) -> None:
    first = requests.submit(ctx, wish(route("rt-s")), NOW, SYSTEM).booking
    requests.submit(ctx, wish(route("rt-s"), organisation="org-b"), NOW, SYSTEM)
    assert first
    bookings.cancel(ctx, first.id, NOW, SYSTEM)
    assert len(schedule.day(ctx, MONDAY, NOW, SYSTEM, "suwon")) == 1
    late = NOW + timedelta(minutes=30)
    assert schedule.day(ctx, MONDAY, late, SYSTEM, "suwon") == ()


def test_a_booking_past_midnight_is_shown_on_both_days(ctx: Context) -> None:
    asked = wish(facility("fc-open"), start=at(22), hours=4)
    assert requests.submit(ctx, asked, NOW, SYSTEM).booking
    days = [MONDAY + timedelta(days=number) for number in (-1, 0, 1, 2)]
    found = [
        [row.resource for row in schedule.day(ctx, day, NOW, SYSTEM)].count("fc-open")
        for day in days
    ]
    assert found == [0, 1, 1, 0]


def test_the_day_tells_set_up_and_clean_up_to_those_who_see_the_booking(ctx: Context) -> None:
    assert requests.submit(ctx, wish(facility("fc-rain")), NOW, SYSTEM).booking
    (row,) = (each for each in schedule.day(ctx, MONDAY, NOW, SYSTEM) if each.resource == "fc-rain")
    content = ctx.catalogue().facilities["fc-rain"]
    assert (row.before * 15, row.after * 15) == (content.setup_min, content.cleanup_min)
    assert row.before > 0


def test_a_busy_row_tells_nothing_but_place_and_slot(ctx: Context) -> None:
    asked = wish(facility("fc-rain"), organisation="org-b")
    assert requests.submit(ctx, asked, NOW, SYSTEM).booking
    (row,) = (each for each in schedule.day(ctx, MONDAY, NOW, MEMBER) if each.resource == "fc-rain")
    assert (row.start, row.end, row.state) == (at(10), at(12), "busy")
    hidden = (row.units, row.vehicles, row.mode, row.booking, row.organisation, row.service)
    assert hidden == (None,) * 6
    assert (row.before, row.after) == (0, 0)


def test_several_days_hold_what_each_of_them_holds(ctx: Context) -> None:
    requests.submit(ctx, wish(route("rt-s")), NOW, SYSTEM)
    requests.submit(ctx, wish(route("rt-s"), start=at(10) + 96), NOW, SYSTEM)
    week = schedule.days(ctx, MONDAY, MONDAY + timedelta(days=6), NOW, SYSTEM, city="suwon")
    assert [(row.start, row.end) for row in week] == [(at(10), at(12)), (at(10) + 96, at(12) + 96)]


def test_a_no_show_is_one_at_the_end_of_its_grace_though_no_job_ran(ctx: Context) -> None:
    held = requests.submit(ctx, wish(route("rt-s")), NOW, SYSTEM).booking
    assert held is not None
    bookings.confirm(ctx, held.id, NOW, SYSTEM)
    end = moment_of(at(10)) + timedelta(minutes=30)
    for now, state in ((end - timedelta(seconds=1), "confirmed"), (end, "no_show")):
        rows = schedule.day(ctx, MONDAY, now, SYSTEM)
        assert [row.state for row in rows if row.booking == held.id] == [state]
