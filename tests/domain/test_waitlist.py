"""The waitlist in memory: who comes first, what is offered, and what becomes of an offer."""

from dataclasses import replace
from datetime import timedelta

import pytest

from testbed.domain import waitlist
from testbed.domain.bookings import State
from testbed.domain.catalogue import Mode
from testbed.domain.catalogue_file import parse_catalogue
from testbed.domain.diary import Diary
from testbed.domain.errors import IllegalTransition
from testbed.domain.grid import GRAINS_PER_DAY, floor_grain, moment_of
from testbed.domain.ledger import Ledger
from testbed.domain.policy import Policy
from testbed.domain.requests import Granted, Request, Waitlisted
from testbed.domain.waitlist import Entry, Waiting
from tests.catalogues import NOW, at, documents, facility, route, wish

ALONE = route("rt-s", mode=Mode.EXCLUSIVE)
HOUR = timedelta(hours=1)


def a_diary(policy: Policy | None = None) -> Diary:
    base = floor_grain(NOW) // GRAINS_PER_DAY * GRAINS_PER_DAY
    catalogue = parse_catalogue(documents())
    return Diary(Ledger(catalogue, policy or Policy(), base, base + 60 * GRAINS_PER_DAY))


def taken(diary: Diary, organisation: str = "org-c", **asked: object) -> str:
    """A confirmed booking of the only exclusive route."""
    request = wish(ALONE, organisation=organisation, name=f"taken-{len(diary.bookings)}", **asked)  # type: ignore[arg-type]
    assert isinstance(diary.submit(request, NOW, request.id), Granted)
    diary.confirm(request.id, NOW)
    return request.id


def waits(diary: Diary, name: str, organisation: str = "org-a", **asked: object) -> Request:
    now = asked.get("now", NOW)
    request = replace(
        wish(ALONE, organisation=organisation, name=name, **asked),  # type: ignore[arg-type]
        wait=True,
    )
    assert isinstance(diary.submit(request, now, name), Waitlisted)  # type: ignore[arg-type]
    return request


def offer_of(diary: Diary, name: str) -> str:
    entry = diary.entries[name]
    assert entry.state is Waiting.OFFERED
    assert entry.booking is not None
    return entry.booking


def test_a_cancelled_place_is_held_at_once_for_whoever_waits() -> None:
    diary = a_diary()
    place = taken(diary)
    waits(diary, "one")
    diary.cancel(place, NOW + HOUR)
    booking = diary.booking(offer_of(diary, "one"))
    assert (booking.state, booking.organisation) == (State.HELD, "org-a")
    assert booking.expires_at == NOW + HOUR + timedelta(minutes=Policy().offer_minutes)


def test_nobody_overtakes_in_the_moment_in_which_a_place_comes_free() -> None:
    diary = a_diary()
    place = taken(diary)
    waits(diary, "one")
    diary.cancel(place, NOW + HOUR)
    late = wish(ALONE, organisation="org-b", name="late", now=NOW + HOUR)
    assert not isinstance(diary.submit(late, NOW + HOUR, "late"), Granted)


def test_at_equal_use_the_one_that_waited_longer_is_served_first() -> None:
    diary = a_diary()
    place = taken(diary)
    waits(diary, "later", "org-a", now=NOW + 2 * HOUR)
    waits(diary, "earlier", "org-b")
    diary.cancel(place, NOW + 3 * HOUR)
    assert diary.entries["later"].state is Waiting.WAITING
    assert offer_of(diary, "earlier")


def test_who_used_less_lately_is_served_before_who_waited_a_little_longer() -> None:
    diary = a_diary()
    for day in (1, 3, 4):
        taken(diary, "org-b", start=at(9) + day * GRAINS_PER_DAY, hours=4)
    place = taken(diary)
    waits(diary, "heavy", "org-b")
    waits(diary, "light", "org-a", now=NOW + HOUR)
    diary.cancel(place, NOW + 2 * HOUR)
    assert diary.entries["heavy"].state is Waiting.WAITING
    assert offer_of(diary, "light")


def test_a_declined_offer_goes_on_and_does_not_come_back_to_who_declined_it() -> None:
    diary = a_diary()
    place = taken(diary)
    waits(diary, "first", "org-a")
    waits(diary, "second", "org-b", now=NOW + HOUR)
    diary.cancel(place, NOW + 2 * HOUR)
    diary.cancel(offer_of(diary, "first"), NOW + 3 * HOUR)
    assert diary.entries["first"].state is Waiting.WAITING
    second = offer_of(diary, "second")
    diary.cancel(second, NOW + 4 * HOUR)
    assert {each.state for each in diary.entries.values()} == {Waiting.WAITING}


def test_an_offer_that_runs_out_goes_on_to_the_next_at_its_end() -> None:
    diary = a_diary()
    place = taken(diary)
    waits(diary, "silent", "org-a")
    waits(diary, "next", "org-b", now=NOW + HOUR)
    diary.cancel(place, NOW + HOUR)
    diary.settle(NOW + 3 * HOUR)
    assert diary.entries["silent"].state is Waiting.WAITING
    assert diary.entries["silent"].unanswered == 1
    assert offer_of(diary, "next")


def test_who_never_answers_leaves_the_list() -> None:
    diary = a_diary(Policy(unanswered_offers=1))
    place = taken(diary)
    waits(diary, "silent")
    diary.cancel(place, NOW)
    diary.settle(NOW + 2 * HOUR)
    assert diary.entries["silent"].state is Waiting.UNANSWERED


def test_an_accepted_offer_is_a_booking_and_ends_the_waiting() -> None:
    diary = a_diary()
    place = taken(diary)
    waits(diary, "one")
    diary.cancel(place, NOW)
    booking = diary.confirm(offer_of(diary, "one"), NOW + HOUR)
    assert booking.state is State.CONFIRMED
    assert diary.entries["one"].state is Waiting.SERVED


def test_a_no_show_frees_the_rest_of_the_slot_for_whoever_can_still_use_it() -> None:
    diary = a_diary(Policy(min_notice_hours=0))
    place = taken(diary, hours=6)
    start = diary.booking(place).start
    waits(diary, "one", start=start + 8)
    diary.no_show(place, moment_of(start + 2))
    assert diary.booking(offer_of(diary, "one")).start == start + 8


def test_a_part_of_the_wish_is_offered_only_to_who_agreed_to_it() -> None:
    diary = a_diary()
    bays = facility("fc-bays", units=2)
    first = wish(bays, organisation="org-c", name="first")
    second = wish(facility("fc-bays"), organisation="org-c", name="second")
    for each in (first, second):
        assert isinstance(diary.submit(each, NOW, each.id), Granted)
        diary.confirm(each.id, NOW)
    whole = replace(wish(bays, name="whole"), wait=True)
    part = replace(wish(bays, organisation="org-b", name="part", now=NOW + HOUR), wait=True)
    assert isinstance(diary.submit(whole, NOW), Waitlisted)
    assert isinstance(diary.submit(replace(part, partial=True), NOW + HOUR), Waitlisted)
    diary.cancel("second", NOW + 2 * HOUR)
    assert diary.entries["whole"].state is Waiting.WAITING
    assert diary.booking(offer_of(diary, "part")).lines[0].units == 1


def test_lesser_wishes_give_up_other_items_first_and_then_units_one_by_one() -> None:
    asked = wish(route("rt-a1", vehicles=3), facility("fc-bays"), facility("fc-van"))
    found = [(len(each.needs), each.needs[0].vehicles) for each in waitlist.lesser(asked)]
    assert found == [(2, 3), (1, 3), (1, 2), (1, 1)]


def test_only_who_waits_can_be_taken_off_the_list() -> None:
    entry = Entry(wish(name="one"))
    assert waitlist.withdrawn(entry).state is Waiting.WITHDRAWN
    with pytest.raises(IllegalTransition):
        waitlist.withdrawn(waitlist.offered(entry, "b1"))


def test_waiting_ends_with_the_window() -> None:
    entry = Entry(wish(name="one"))
    last = moment_of(entry.request.latest)
    assert entry.waits(last)
    assert not entry.waits(last + timedelta(microseconds=1))
    assert waitlist.lapsed(entry, last + timedelta(minutes=15)).state is Waiting.LAPSED
    assert waitlist.lapsed(entry, last).state is Waiting.WAITING
