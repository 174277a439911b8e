"""Shortening gives back at once; extending is decided anew, at the same place."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from testbed.domain.bookings import State
from testbed.domain.errors import IllegalTransition, InvalidRequest, NotFound
from testbed.domain.grid import Slot, moment_of
from testbed.domain.parties import Member, Role
from testbed.domain.requests import Granted
from testbed.persistence.check import check
from testbed.service import bookings, handovers, lengths, no_shows, quota, requests
from testbed.service.actors import SYSTEM
from testbed.service.context import Context
from testbed.service.terms import Terms
from tests.catalogues import NOW, at, facility, route, wish

OF_A = Member(7, "org-a", "a@example.org", "A", Role.MEMBER)
OF_B = Member(8, "org-b", "b@example.org", "B", Role.MEMBER)
RUNNING = moment_of(at(11))


def booked(ctx: Context, *needs, **more) -> str:
    booking = requests.submit(
        ctx, wish(*(needs or (route("rt-s", vehicles=3),)), **more), NOW, SYSTEM
    )
    assert booking.booking
    return bookings.confirm(ctx, booking.booking.id, NOW, SYSTEM).id


def running(ctx: Context, **more) -> str:
    name = booked(ctx, **more)
    return no_shows.check_in(ctx, name, moment_of(at(10)), SYSTEM).id


def hours_used(ctx: Context, now: datetime = NOW) -> float:
    return sum(each.hours for each in quota.weekly(ctx, "org-a", now, OF_A))


def is_free(ctx: Context, start: float, hours: float, now: datetime = NOW) -> bool:
    asked = wish(route("rt-s", vehicles=3), start=at(start), hours=hours, organisation="org-b")
    decision = requests.submit(ctx, replace(asked, submitted_at=NOW), now, SYSTEM).decision
    return isinstance(decision, Granted)


def test_shortening_frees_the_end_at_once(ctx: Context) -> None:
    name = booked(ctx, hours=4)
    after = lengths.shorten(ctx, name, Slot(at(10), at(12)), NOW, OF_A)
    assert (after.start, after.end, after.state) == (at(10), at(12), State.CONFIRMED)
    assert is_free(ctx, 12, 2)
    assert bookings.get(ctx, name, NOW, OF_A) == after
    assert check(ctx.database, NOW) == ()


def test_giving_up_the_beginning_frees_it_at_once(ctx: Context) -> None:
    name = booked(ctx, hours=4)
    after = lengths.shorten(ctx, name, Slot(at(12), at(14)), NOW, OF_A)
    assert [(line.start, line.end) for line in after.lines] == [(at(12), at(14))]
    assert is_free(ctx, 10, 2)


def test_early_shortening_gives_the_hours_back_and_late_shortening_does_not(ctx: Context) -> None:
    name = booked(ctx, hours=6)
    lengths.shorten(ctx, name, Slot(at(10), at(15)), NOW, OF_A)
    assert hours_used(ctx) == 5
    late = moment_of(at(10)) - timedelta(hours=47)
    after = lengths.shorten(ctx, name, Slot(at(10), at(12)), late, OF_A)
    assert after.end == at(12)
    assert hours_used(ctx, late) == 5


def test_a_bundle_is_shortened_with_all_its_lines(ctx: Context) -> None:
    name = booked(ctx, route("rt-a1"), facility("fc-bays"), hours=4)
    after = lengths.shorten(ctx, name, Slot(at(10), at(12)), NOW, OF_A)
    assert {(line.start, line.end) for line in after.lines} == {(at(10), at(12))}
    bays = next(claim for claim in after.claims if claim.pool == "fc-bays")
    assert bays.end == at(12.25)  # clean-up follows the end


@pytest.mark.parametrize(
    ("slot", "code"),
    [
        (Slot(at(10), at(14)), "not_shorter"),
        (Slot(at(9), at(12)), "not_shorter"),
        (Slot(at(10), at(11)), "length_not_offered"),
        (Slot(at(10), at(12.25)), "length_not_offered"),
    ],
)
def test_only_a_part_that_the_rule_offers_is_kept(ctx: Context, slot: Slot, code: str) -> None:
    name = booked(ctx, hours=4)
    with pytest.raises(InvalidRequest, match=code):
        lengths.shorten(ctx, name, slot, NOW, OF_A)


def test_a_running_booking_gives_back_its_end_but_not_its_past(ctx: Context) -> None:
    name = running(ctx, hours=6)
    with pytest.raises(InvalidRequest, match="not_shorter"):
        lengths.shorten(ctx, name, Slot(at(10.5), at(16)), RUNNING, OF_A)
    after = lengths.shorten(ctx, name, Slot(at(10), at(12)), RUNNING, OF_A)
    assert (after.state, after.end) == (State.CHECKED_IN, at(12))


def test_a_booking_is_extended_into_what_is_free_but_not_past_others(ctx: Context) -> None:
    name = booked(ctx, hours=2)
    other = requests.submit(
        ctx, wish(route("rt-s"), start=at(14), organisation="org-b"), NOW, SYSTEM
    )
    assert isinstance(other.decision, Granted)
    longer = lengths.extend(ctx, name, at(14), NOW, OF_A)
    assert isinstance(longer.decision, Granted)
    refused = lengths.extend(ctx, name, at(15), NOW, OF_A)
    assert [each.code for each in refused.decision.reasons] == ["pool_full"]
    assert bookings.get(ctx, name, NOW, OF_A).end == at(14)
    assert hours_used(ctx) == 4


def test_a_running_booking_is_extended_though_its_start_is_past(ctx: Context) -> None:
    name = running(ctx, hours=2)
    longer = lengths.extend(ctx, name, at(13), RUNNING, OF_A)
    assert isinstance(longer.decision, Granted)
    assert (longer.booking.state, longer.booking.end) == (State.CHECKED_IN, at(13))
    assert check(ctx.database, NOW) == ()


def test_extending_asks_the_rules_that_are_not_about_the_start(ctx: Context) -> None:
    name = running(ctx, hours=2)
    refused = lengths.extend(ctx, name, at(19), RUNNING, OF_A)
    assert "closed_hours" in {each.code for each in refused.decision.reasons}


def test_the_same_key_extends_once(ctx: Context) -> None:
    name = booked(ctx)
    terms = Terms(key="once")
    first = lengths.extend(ctx, name, at(13), NOW, OF_A, terms=terms)
    again = lengths.extend(ctx, name, at(13), NOW, OF_A, terms=terms)
    assert first.request_id == again.request_id


def test_neither_a_hold_nor_what_is_over_nor_a_rivals_booking_changes_its_length(
    ctx: Context,
) -> None:
    hold = requests.submit(ctx, wish(hours=4), NOW, SYSTEM).booking
    assert hold
    with pytest.raises(IllegalTransition, match="cannot_change_length"):
        lengths.shorten(ctx, hold.id, Slot(at(10), at(12)), NOW, OF_A)
    name = running(ctx, hours=2)
    with pytest.raises(IllegalTransition, match="cannot_change_length"):
        lengths.extend(ctx, name, at(13), moment_of(at(12)), OF_A)
    with pytest.raises(NotFound):
        lengths.extend(ctx, name, at(13), NOW, OF_B)


def test_hours_given_up_late_and_taken_back_count_once(ctx: Context) -> None:
    name = booked(ctx, hours=4)
    late = moment_of(at(10)) - timedelta(hours=20)
    booking = bookings.get(ctx, name, late, SYSTEM)
    lengths.shorten(ctx, name, Slot(booking.start, booking.start + 8), late, SYSTEM)
    assert hours_used(ctx, late) == 4
    assert isinstance(lengths.extend(ctx, name, booking.end, late, SYSTEM).decision, Granted)
    assert hours_used(ctx, late) == 4


def test_what_was_shortened_late_is_not_handed_over(ctx: Context) -> None:
    name = booked(ctx, hours=4)
    late = moment_of(at(10)) - timedelta(hours=20)
    booking = bookings.get(ctx, name, late, SYSTEM)
    lengths.shorten(ctx, name, Slot(booking.start, booking.start + 8), late, SYSTEM)
    with pytest.raises(IllegalTransition, match="cannot_hand_over"):
        handovers.offer(ctx, name, "org-b", late, OF_A)
