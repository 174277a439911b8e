"""Handing over: offered to one organisation, taken over if the rules permit it to that one."""

from datetime import timedelta

import pytest

from testbed.domain.bookings import State
from testbed.domain.errors import IllegalTransition, InvalidRequest, NotFound
from testbed.domain.grid import moment_of
from testbed.domain.parties import Member, Role
from testbed.domain.requests import Granted
from testbed.persistence.check import check
from testbed.service import bookings, handovers, history, quota, requests, series_reading
from testbed.service.actors import SYSTEM
from testbed.service.context import Context
from tests.catalogues import NOW, at, route, wish
from tests.service.test_series import outcomes, start

OF_A = Member(7, "org-a", "a@example.org", "A", Role.MEMBER)
OF_B = Member(8, "org-b", "b@example.org", "B", Role.MEMBER)
OF_C = Member(9, "org-c", "c@example.org", "C", Role.MEMBER)
# Later than the lead that a request of this moment would have to keep.
LATE = moment_of(at(10)) - timedelta(hours=13)


def booked(ctx: Context, organisation: str = "org-a", **more) -> str:
    asked = wish(route("rt-s"), organisation=organisation, **more)
    booking = requests.submit(ctx, asked, NOW, SYSTEM).booking
    assert booking
    return bookings.confirm(ctx, booking.id, NOW, SYSTEM).id


def hours(ctx: Context, member: Member) -> float:
    return sum(each.hours for each in quota.weekly(ctx, member.organisation, NOW, member))


def test_an_accepted_booking_is_the_receivers_with_its_hours(ctx: Context) -> None:
    name = booked(ctx)
    offered = handovers.offer(ctx, name, "org-b", LATE, OF_A)
    taken = handovers.accept(ctx, offered.id, LATE, OF_B)
    assert isinstance(taken.decision, Granted)
    after = bookings.get(ctx, name, LATE, OF_B)
    assert (after.organisation, after.state, after.start) == ("org-b", State.CONFIRMED, at(10))
    assert (hours(ctx, OF_A), hours(ctx, OF_B)) == (0, 2)
    assert check(ctx.database, LATE) == ()


def test_the_giver_keeps_the_entry_and_sees_the_booking_no_more(ctx: Context) -> None:
    name = booked(ctx)
    handovers.accept(ctx, handovers.offer(ctx, name, "org-b", NOW, OF_A).id, NOW, OF_B)
    with pytest.raises(NotFound):
        bookings.get(ctx, name, NOW, OF_A)
    with pytest.raises(NotFound):
        history.of_booking(ctx, name, OF_A)
    (entry,) = handovers.listing(ctx, NOW, OF_A).items
    assert (entry.state, entry.receiver, entry.start) == ("accepted", "org-b", at(10))


def test_the_receiver_reads_no_history_of_the_giver(ctx: Context) -> None:
    name = booked(ctx)
    handovers.accept(ctx, handovers.offer(ctx, name, "org-b", NOW, OF_A).id, NOW, OF_B)
    assert [each.action for each in history.of_booking(ctx, name, OF_B)] == ["booking.handed_over"]
    assert history.of_booking(ctx, name, SYSTEM)[0].action == "booking.held"


def test_the_receivers_own_hours_are_asked(ctx: Context) -> None:
    for day in range(4):
        booked(ctx, "org-b", start=at(9) + day % 2 * 96 + 96 * 3 * (day // 2), hours=6)
    name = booked(ctx, hours=2)
    offered = handovers.offer(ctx, name, "org-b", NOW, OF_A)
    taken = handovers.accept(ctx, offered.id, NOW, OF_B)
    assert [each.code for each in taken.decision.reasons] == ["weekly_hours"]
    assert bookings.get(ctx, name, NOW, OF_A).organisation == "org-a"
    assert taken.handover.state == "offered"


def test_the_receiver_sees_the_offer_and_nobody_else_does(ctx: Context) -> None:
    offered = handovers.offer(ctx, booked(ctx), "org-b", NOW, OF_A)
    assert handovers.one(ctx, offered.id, NOW, OF_B) == offered
    with pytest.raises(NotFound):
        bookings.get(ctx, offered.booking, NOW, OF_B)
    for step in (handovers.one, handovers.accept, handovers.decline, handovers.withdraw):
        with pytest.raises(NotFound):
            step(ctx, offered.id, NOW, OF_C)
    with pytest.raises(NotFound):
        handovers.accept(ctx, offered.id, NOW, OF_A)


def test_an_offer_is_answered_once_and_before_its_deadline(ctx: Context) -> None:
    name = booked(ctx)
    first = handovers.offer(ctx, name, "org-b", NOW, OF_A)
    with pytest.raises(IllegalTransition, match="handed_over_already"):
        handovers.offer(ctx, name, "org-c", NOW, OF_A)
    with pytest.raises(IllegalTransition, match="handover_closed"):
        handovers.accept(ctx, first.id, first.expires_at, OF_B)
    second = handovers.offer(ctx, name, "org-c", first.expires_at, OF_A)
    assert handovers.decline(ctx, second.id, first.expires_at, OF_C).state == "declined"
    with pytest.raises(IllegalTransition, match="handover_closed"):
        handovers.accept(ctx, second.id, first.expires_at, OF_C)


def test_a_withdrawn_or_cancelled_booking_goes_to_nobody(ctx: Context) -> None:
    name = booked(ctx)
    first = handovers.offer(ctx, name, "org-b", NOW, OF_A)
    handovers.withdraw(ctx, first.id, NOW, OF_A)
    with pytest.raises(IllegalTransition, match="handover_closed"):
        handovers.accept(ctx, first.id, NOW, OF_B)
    second = handovers.offer(ctx, name, "org-b", NOW, OF_A)
    bookings.cancel(ctx, name, NOW, OF_A)
    with pytest.raises(IllegalTransition, match="cannot_hand_over"):
        handovers.accept(ctx, second.id, NOW, OF_B)


def test_a_moved_booking_is_not_what_was_offered(ctx: Context) -> None:
    name = booked(ctx)
    offered = handovers.offer(ctx, name, "org-b", NOW, OF_A)
    bookings.move(ctx, name, wish(route("rt-s"), start=at(13)), NOW, OF_A)
    with pytest.raises(IllegalTransition, match="handover_closed"):
        handovers.accept(ctx, offered.id, NOW, OF_B)


def test_only_the_holder_offers_and_to_another(ctx: Context) -> None:
    name = booked(ctx)
    with pytest.raises(NotFound):
        handovers.offer(ctx, name, "org-b", NOW, OF_B)
    with pytest.raises(InvalidRequest, match="already_yours"):
        handovers.offer(ctx, name, "org-a", NOW, OF_A)
    with pytest.raises(NotFound):
        handovers.offer(ctx, name, "nobody", NOW, OF_A)


def test_the_list_is_read_page_by_page_the_newest_first(ctx: Context) -> None:
    made = [
        handovers.offer(
            ctx, booked(ctx, start=at(9 + 2 * each)), "org-b", NOW + timedelta(hours=each), OF_A
        ).id
        for each in range(3)
    ]
    first = handovers.listing(ctx, NOW, OF_B, limit=2)
    rest = handovers.listing(ctx, NOW, OF_B, limit=2, after=first.next)
    assert [each.id for each in (*first.items, *rest.items)] == made[::-1]
    assert rest.next is None


def test_a_date_that_was_handed_over_is_none_of_its_series_any_more(ctx: Context) -> None:
    number = start(ctx, rule="FREQ=DAILY;COUNT=2")
    first = series_reading.get(ctx, number, NOW, SYSTEM).dates[0].booking
    assert first
    bookings.confirm(ctx, first.id, NOW, SYSTEM)
    handovers.accept(ctx, handovers.offer(ctx, first.id, "org-b", NOW, OF_A).id, NOW, OF_B)
    assert outcomes(ctx, number) == ["skipped", "booked"]
    assert bookings.get(ctx, first.id, NOW, OF_B).request.series is None
