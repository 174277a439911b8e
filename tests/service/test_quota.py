"""What counts against the weekly hours, from the step that counts to the page that shows it."""

from datetime import timedelta

import pytest

from testbed.domain.catalogue_file import parse_catalogue
from testbed.domain.diary import Diary
from testbed.domain.grid import GRAINS_PER_HOUR, floor_grain, moment_of
from testbed.domain.ledger import Ledger
from testbed.domain.parties import Member, Role
from testbed.domain.policy import Policy
from testbed.domain.requests import Refused
from testbed.service import bookings, quota, requests
from testbed.service.actors import SYSTEM
from testbed.service.context import Context
from testbed.service.no_shows import release_no_shows
from tests.catalogues import MONDAY, NOW, at, documents, route, wish

MEMBER = Member(7, "org-a", "a@example.org", "A", Role.MEMBER)
ASKED = wish(route("rt-a1"), start=at(10), hours=2)
START = moment_of(ASKED.start)
EARLY, LATE = START - timedelta(hours=48), START - timedelta(hours=47)
MISSED = START + timedelta(minutes=30)


def hours(ctx: Context, booking_id: str, how: str) -> float:
    """What the page of weekly hours says once the booking has ended so."""
    moment = {"early": EARLY, "late": LATE, "no-show": MISSED}[how]
    if how == "no-show":
        assert [each.id for each in release_no_shows(ctx, moment)] == [booking_id]
    else:
        bookings.cancel(ctx, booking_id, moment, MEMBER)
    return sum(use.hours for use in quota.weekly(ctx, "org-a", moment, MEMBER))


def hours_in_memory(how: str) -> float:
    """The same in the diary that the simulation keeps."""
    catalogue = parse_catalogue(documents())
    base = floor_grain(NOW)
    diary = Diary(Ledger(catalogue, Policy(), base, base + 60 * 96))
    diary.submit(ASKED, NOW, "b1")
    diary.confirm("b1", NOW)
    if how == "no-show":
        booking = diary.no_show("b1", MISSED)
    else:
        booking = diary.cancel("b1", {"early": EARLY, "late": LATE}[how])
    return diary.ledger.use("org-a", booking.rule, booking.week) / GRAINS_PER_HOUR


@pytest.mark.parametrize(("how", "counted"), [("early", 0), ("late", 2), ("no-show", 2)])
def test_a_late_cancellation_and_a_no_show_keep_their_hours_and_an_early_one_frees_them(
    ctx: Context, how: str, counted: float
) -> None:
    held = requests.submit(ctx, ASKED, NOW, MEMBER).booking
    assert held is not None
    bookings.confirm(ctx, held.id, NOW, MEMBER)
    assert hours(ctx, held.id, how) == hours_in_memory(how) == counted


def test_hours_that_count_after_a_late_cancellation_are_in_the_way_of_the_next_booking(
    ctx: Context,
) -> None:
    days = [MONDAY, MONDAY + timedelta(days=1)]
    for day in days:
        asked = wish(route("rt-a1"), start=at(9, day), hours=9)
        held = requests.submit(ctx, asked, NOW, MEMBER).booking
        assert held is not None
        bookings.confirm(ctx, held.id, NOW, MEMBER)
        assert bookings.cancel(ctx, held.id, START - timedelta(hours=2), SYSTEM).counts
    left = quota.weekly(ctx, "org-a", LATE, MEMBER)
    assert [(use.hours, use.most) for use in left] == [(18, 24)]
    thursday = wish(route("rt-a1"), start=at(9, MONDAY + timedelta(days=3)), hours=9, now=LATE)
    decision = requests.submit(ctx, thursday, LATE, MEMBER).decision
    assert isinstance(decision, Refused)
    assert [reason.code for reason in decision.reasons] == ["weekly_hours"]
