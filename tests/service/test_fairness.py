"""Where an organisation stands in fair share, and who cancels and books again."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from testbed.domain.bookings import Booking
from testbed.domain.errors import NotAllowed
from testbed.domain.parties import Member, Role
from testbed.domain.policy import Policy
from testbed.domain.requests import Request
from testbed.service import bookings, fairness, requests
from testbed.service.actors import SYSTEM
from testbed.service.context import Context
from testbed.service.no_shows import release_no_shows
from tests.catalogues import NOW, at, route, wish

MEMBER = Member(7, "org-a", "a@example.org", "A", Role.MEMBER)
ASKED = wish(route("rt-a1"), start=at(10), hours=4)


def booked(ctx: Context, asked: Request = ASKED, now: datetime = NOW) -> Booking:
    held = requests.submit(ctx, replace(asked, submitted_at=now), now, SYSTEM).booking
    assert held is not None
    return bookings.confirm(ctx, held.id, now, SYSTEM)


def test_who_used_less_stands_before_and_sees_of_others_only_how_many_there_are(
    ctx: Context,
) -> None:
    booked(ctx)
    booked(ctx, replace(ASKED, organisation="org-c", duration_min=60))
    mine = fairness.own(ctx, "org-a", NOW, MEMBER)
    assert (mine.hours, mine.type_hours, mine.place, mine.of) == (4, 1, 2, 2)
    assert mine.burden == 4 * ctx.policy.fair_share_per_hour + ctx.policy.fair_share_type_per_hour
    other = fairness.own(ctx, "org-b", NOW, SYSTEM)
    assert (other.hours, other.place, other.of) == (0, 1, 3)
    with pytest.raises(NotAllowed):
        fairness.own(ctx, "org-b", NOW, MEMBER)


def test_operators_see_everybody_by_name_and_members_do_not(ctx: Context) -> None:
    booked(ctx)
    booked(ctx, replace(ASKED, organisation="org-c", duration_min=60))
    found = fairness.everybody(ctx, NOW, SYSTEM)
    assert [(each.organisation, each.place) for each in found] == [("org-c", 1), ("org-a", 2)]
    with pytest.raises(NotAllowed):
        fairness.everybody(ctx, NOW, MEMBER)


def test_a_late_cancellation_and_a_no_show_count_as_use_and_an_early_one_does_not(
    ctx: Context,
) -> None:
    early, late, missed = (
        booked(ctx, replace(ASKED, start=start, earliest=start, latest=start))
        for start in (at(9), at(13), at(10))
    )
    bookings.cancel(ctx, early.id, NOW, SYSTEM)
    shortly = NOW + timedelta(days=13)
    assert bookings.cancel(ctx, late.id, shortly, SYSTEM).late
    after = NOW + timedelta(days=15)
    assert [each.id for each in release_no_shows(ctx, after)] == [missed.id]
    assert fairness.own(ctx, "org-a", after, SYSTEM).hours == 8


def test_cancelling_and_booking_the_same_place_again_is_listed(ctx: Context) -> None:
    gone = booked(ctx)
    bookings.cancel(ctx, gone.id, NOW + timedelta(hours=1), SYSTEM)
    again = booked(ctx, replace(ASKED, duration_min=60), NOW + timedelta(days=1))
    [pair] = fairness.rebookings(ctx, NOW + timedelta(days=2), MEMBER)
    assert (pair.cancelled.booking, pair.again.booking) == (gone.id, again.id)
    assert pair.cancelled.at == NOW + timedelta(hours=1)
    other = replace(MEMBER, organisation="org-b")
    assert fairness.rebookings(ctx, NOW + timedelta(days=2), other) == ()
    with pytest.raises(NotAllowed):
        fairness.rebookings(ctx, NOW, other, "org-a")
    assert len(fairness.rebookings(ctx, NOW + timedelta(days=2), SYSTEM)) == 1


def test_a_hold_that_is_given_back_is_no_cancellation(ctx: Context) -> None:
    held = requests.submit(ctx, ASKED, NOW, SYSTEM).booking
    assert held is not None
    bookings.cancel(ctx, held.id, NOW, SYSTEM)
    booked(ctx)
    assert fairness.rebookings(ctx, NOW, SYSTEM) == ()


def test_booking_again_more_often_than_is_let_pass_adds_points(ctx: Context) -> None:
    strict = replace(ctx, policy=Policy(rebooks_before_wait=0))
    before = fairness.own(strict, "org-a", NOW, SYSTEM).burden
    bookings.cancel(strict, booked(strict).id, NOW, SYSTEM)
    later = NOW + timedelta(minutes=1)
    bookings.cancel(strict, booked(strict, now=later).id, later, SYSTEM)
    after = fairness.own(strict, "org-a", later, SYSTEM)
    assert (after.rebooks, after.hours) == (1, 0)
    assert after.burden - before == strict.policy.rebook_points
