"""Lists page by page, on both databases."""

from datetime import timedelta

import pytest

from testbed.domain.bookings import State
from testbed.domain.errors import NotAllowed, NotFound
from testbed.domain.grid import moment_of
from testbed.domain.parties import Member, Role
from testbed.service import bookings, listings, requests
from testbed.service.actors import SYSTEM
from testbed.service.context import Context
from testbed.service.listings import BookingsWanted, Sought
from tests.catalogues import NOW, at, route, wish

OF_A = Member(7, "org-a", "a@example.org", "A", Role.MEMBER)
OF_B = Member(8, "org-b", "b@example.org", "B", Role.MEMBER)
ALL = BookingsWanted()
HOURS = (9, 11, 13, 15)


def book(ctx: Context, hour: float, organisation: str = "org-a", minute: int = 0) -> str:
    now = NOW + timedelta(minutes=minute)
    asked = wish(route("rt-s"), start=at(hour), organisation=organisation, now=now)
    held = requests.submit(ctx, asked, now, SYSTEM).booking
    assert held is not None
    return held.id


def walked(ctx: Context, wanted: BookingsWanted, actor: Member, limit: int) -> list[list[str]]:
    found, after = [], None
    while True:
        page = listings.bookings(ctx, wanted, NOW, actor, after=after, limit=limit)
        found.append([each.booking.id for each in page.items])
        after = page.next
        if after is None:
            return found


def test_every_booking_is_on_one_page_in_the_order_of_the_starts(ctx: Context) -> None:
    made = [book(ctx, hour) for hour in reversed(HOURS)][::-1]
    assert walked(ctx, ALL, OF_A, 3) == [made[:3], made[3:]]
    assert walked(ctx, ALL, OF_A, 4) == [made]
    assert walked(ctx, ALL, OF_A, 1) == [[each] for each in made]


def test_bookings_of_one_start_are_told_apart_by_their_ids(ctx: Context) -> None:
    made = sorted(book(ctx, 10, organisation) for organisation in ("org-a", "org-b", "org-c"))
    assert walked(ctx, ALL, SYSTEM, 2) == [made[:2], made[2:]]


def test_what_comes_before_a_page_does_not_shift_it(ctx: Context) -> None:
    made = [book(ctx, hour) for hour in HOURS[1:]]
    first = listings.bookings(ctx, ALL, NOW, OF_A, limit=2)
    book(ctx, HOURS[0])
    rest = listings.bookings(ctx, ALL, NOW, OF_A, after=first.next, limit=2)
    assert [each.booking.id for each in rest.items] == made[2:]


def test_a_member_lists_the_own_organisation_alone(ctx: Context) -> None:
    mine, theirs = book(ctx, 9), book(ctx, 9, "org-b")
    assert walked(ctx, ALL, OF_A, 9) == [[mine]]
    assert walked(ctx, ALL, OF_B, 9) == [[theirs]]
    assert walked(ctx, BookingsWanted("org-b"), SYSTEM, 9) == [[theirs]]
    with pytest.raises(NotAllowed):
        listings.bookings(ctx, BookingsWanted("org-b"), NOW, OF_A)


def test_a_hold_that_ran_out_counts_as_expired_before_anybody_released_it(ctx: Context) -> None:
    held, kept = book(ctx, 9), book(ctx, 11)
    bookings.confirm(ctx, kept, NOW, OF_A)
    later = NOW + timedelta(minutes=30)

    def in_state(*states: State) -> list[str]:
        wanted = BookingsWanted(states=frozenset(states))
        page = listings.bookings(ctx, wanted, later, OF_A)
        assert {each.booking.state for each in page.items} <= set(states)
        return [each.booking.id for each in page.items]

    assert in_state(State.HELD) == []
    assert in_state(State.EXPIRED) == [held]
    assert in_state(State.CONFIRMED) == [kept]
    assert in_state(State.EXPIRED, State.CONFIRMED) == [held, kept]


def test_the_span_of_a_list_is_half_open(ctx: Context) -> None:
    book(ctx, 9)
    middle = book(ctx, 11)
    book(ctx, 13)
    span = BookingsWanted(since=moment_of(at(11)), until=moment_of(at(13)))
    assert walked(ctx, span, OF_A, 9) == [[middle]]


def test_the_latest_come_first_where_that_is_asked_for(ctx: Context) -> None:
    made = [book(ctx, hour) for hour in HOURS][::-1]
    wanted = BookingsWanted(latest_first=True)
    assert walked(ctx, wanted, OF_A, 3) == [made[:3], made[3:]]
    assert walked(ctx, wanted, OF_A, 1) == [[each] for each in made]


def test_what_is_over_by_a_moment_has_ended_then(ctx: Context) -> None:
    first, _ = book(ctx, 9), book(ctx, 11)
    assert walked(ctx, BookingsWanted(over_by=moment_of(at(11))), OF_A, 9) == [[first]]


def test_a_word_finds_by_number_organisation_or_place(ctx: Context) -> None:
    mine, theirs = book(ctx, 9), book(ctx, 11, "org-b")

    def found(*, booking: str = "", organisation: str = "", resource: str = "") -> list[str]:
        sought = Sought(booking, frozenset({organisation}), frozenset({resource}))
        return walked(ctx, BookingsWanted(sought=sought), SYSTEM, 9)[0]

    assert found(booking=mine) == [mine]
    assert found(organisation="org-b") == [theirs]
    assert found(resource="rt-s") == [mine, theirs]
    assert found(booking="nothing") == []


def test_bookings_of_several_places_are_those_of_any(ctx: Context) -> None:
    mine = book(ctx, 9)
    assert walked(ctx, BookingsWanted(resources=frozenset({"rt-s", "rt-a1"})), OF_A, 9) == [[mine]]
    assert walked(ctx, BookingsWanted(resources=frozenset()), OF_A, 9) == [[]]


def test_requests_come_newest_first_with_the_booking_that_stands_there(ctx: Context) -> None:
    made = [book(ctx, hour, minute=number) for number, hour in enumerate(HOURS)]
    first = listings.requests(ctx, OF_A, limit=3)
    rest = listings.requests(ctx, OF_A, after=first.next, limit=3)
    assert [each.booking for each in (*first.items, *rest.items)] == made[::-1]
    assert rest.next is None
    assert listings.requests(ctx, OF_B).items == ()


def test_a_request_shows_what_was_decided_and_to_its_own_organisation_alone(ctx: Context) -> None:
    given = requests.submit(ctx, wish(route("rt-s")), NOW, OF_A)
    kept = listings.one_request(ctx, given.request_id, OF_A)
    assert given.booking is not None
    assert (kept.decision, kept.booking) == (given.decision, given.booking.id)
    for name, actor in ((given.request_id, OF_B), ("nosuch", OF_A)):
        with pytest.raises(NotFound):
            listings.one_request(ctx, name, actor)
