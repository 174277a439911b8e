"""What is free agrees with what can be booked."""

from datetime import date, timedelta

import pytest

from testbed.domain.catalogue import Mode
from testbed.domain.grid import GRAINS_PER_DAY, local_date
from testbed.domain.requests import Need, NeedType, Request
from testbed.service import availability, requests
from testbed.service.actors import SYSTEM
from testbed.service.availability import Availability, Span
from testbed.service.context import Context
from tests.catalogues import HOLIDAY, MONDAY, NOW, ZONE, at, facility, route, wish

WEEK = MONDAY + timedelta(days=6)
SUNDAY = MONDAY + timedelta(days=6)


def of(ctx: Context, asked: Request, last: date = WEEK) -> dict[str, Availability]:
    found = availability.of_need(ctx, asked, MONDAY, last, NOW)
    return {each.resource.id: each for each in found}


def grains(spans: tuple[Span, ...]) -> set[int]:
    return {grain for start, end in spans for grain in range(start, end)}


@pytest.mark.parametrize(
    "need",
    [
        route("rt-s", 2),
        route("rt-s", 1, Mode.EXCLUSIVE),
        facility("fc-bays", 2),
        facility("fc-rain"),
    ],
    ids=["shared", "exclusive", "pooled", "with set-up"],
)
def test_every_start_that_is_listed_can_be_searched_and_no_other(ctx: Context, need: Need) -> None:
    for hour, taken in ((10, route("rt-s", 2)), (13, facility("fc-bays", 2)), (11, route("rt-a2"))):
        requests.submit(ctx, wish(taken, start=at(hour)), NOW, SYSTEM)
    (found,) = of(ctx, wish(need), MONDAY).values()
    (day,) = found.days
    served = {
        grain
        for grain in range(at(0), at(0) + GRAINS_PER_DAY)
        if requests.search(ctx, wish(need, start=grain), NOW, 1).offers
    }
    assert grains(day.starts) == served
    covered = {grain + step for grain in served for step in range(found.duration)}
    assert grains(day.free) == covered


def test_days_are_local_and_closed_days_are_empty(ctx: Context) -> None:
    found = of(ctx, wish(route("rt-s")))["rt-s"]
    assert [each.day for each in found.days] == [MONDAY + timedelta(days=n) for n in range(7)]
    assert {each.day for each in found.days if not each.free} == {
        HOLIDAY,
        SUNDAY,
        SUNDAY - timedelta(days=1),
    }
    for each in found.days:
        assert {local_date(grain, ZONE) for grain in grains(each.free)} <= {each.day}


def test_a_booking_past_midnight_covers_both_days(ctx: Context) -> None:
    hall = wish(facility("fc-open"), hours=30)
    found = of(ctx, hall, MONDAY)["fc-open"]
    (day,) = found.days
    assert day.free == ((at(0), at(24)),)


def test_what_never_serves_says_why_and_has_no_days(ctx: Context) -> None:
    found = of(ctx, wish(route("rt-s", 9)))["rt-s"]
    assert found.days == ()
    assert [each.code for each in found.reasons] == ["too_many"]


def test_a_need_without_a_name_lists_every_resource_that_matches(ctx: Context) -> None:
    assert set(of(ctx, wish(Need(NeedType.ROUTE)))) == {"rt-a1", "rt-a2", "rt-s", "rt-bus"}


def test_a_booking_on_the_move_is_not_in_its_own_way(ctx: Context) -> None:
    whole = facility("fc-rain")
    taken = requests.submit(ctx, wish(whole), NOW, SYSTEM).booking
    assert taken is not None
    found = availability.of_need(ctx, wish(whole), MONDAY, MONDAY, NOW, moving=taken.id)
    assert at(10) in grains(found[0].days[0].starts)
    assert at(10) not in grains(of(ctx, wish(whole), MONDAY)["fc-rain"].days[0].starts)


def test_a_day_shows_its_opening_hours_and_where_there_is_no_room(ctx: Context) -> None:
    requests.submit(ctx, wish(route("rt-s", 2)), NOW, SYSTEM)
    known = ctx.catalogue().resource("rt-s")
    alone = wish(route("rt-s", 1, Mode.EXCLUSIVE))
    (day,) = availability.day_uses(ctx, alone, [(known, MONDAY)], NOW)
    assert (day.first, day.end) == (at(0), at(24))
    assert day.busy == ((at(10), at(12)),)
    assert grains(day.busy) < grains(day.opened)
    (beside,) = availability.day_uses(ctx, wish(route("rt-s", 1)), [(known, MONDAY)], NOW)
    assert not beside.busy


def test_a_closed_day_has_no_hours(ctx: Context) -> None:
    known = ctx.catalogue().resource("rt-s")
    (day,) = availability.day_uses(ctx, wish(route("rt-s")), [(known, HOLIDAY)], NOW)
    assert (day.opened, day.busy) == ((), ())


def test_the_first_offer_is_that_of_the_search(ctx: Context) -> None:
    asked = wish(route("rt-s"), slack=8)
    assert availability.first_offer(ctx, asked, NOW) == requests.search(ctx, asked, NOW).offers[0]
    assert availability.first_offer(ctx, wish(route("rt-s", 9)), NOW) is None
