"""What became of a booking, and what a reader may know of who did it."""

from datetime import timedelta

import pytest

from testbed.domain.errors import NotFound
from testbed.domain.grid import moment_of
from testbed.domain.parties import Member, Role
from testbed.persistence.engine import Database
from testbed.service import bookings, history, outbox, reminders, requests
from testbed.service.context import Context
from testbed.service.history import Event, Person
from tests.catalogues import NOW, at, route, wish
from tests.people import join, province

LATER = NOW + timedelta(minutes=5)


@pytest.fixture
def ctx(database: Database) -> Context:
    return province(database)


def held(ctx: Context, member: Member) -> str:
    booking = requests.submit(ctx, wish(route("rt-s")), NOW, member).booking
    assert booking is not None
    return booking.id


def said(events: tuple[Event, ...]) -> list[tuple[str, Person | None]]:
    return [(each.action, each.who) for each in events]


def test_own_people_are_named_and_of_operators_the_role_alone(ctx: Context) -> None:
    member = join(ctx, name="mina")
    operator = join(ctx, Role.OPERATOR, "org-op", name="otto")
    booking = held(ctx, member)
    bookings.confirm(ctx, booking, LATER, operator)
    first = ("booking.held", Person(Role.MEMBER, "Mina"))
    mine = said(history.of_booking(ctx, booking, member))
    assert mine == [first, ("booking.confirmed", Person(Role.OPERATOR))]
    theirs = said(history.of_booking(ctx, booking, operator))
    assert theirs == [first, ("booking.confirmed", Person(Role.OPERATOR, "Otto"))]


def test_a_move_says_where_it_stood_then(ctx: Context) -> None:
    member = join(ctx)
    booking = held(ctx, member)
    asked = wish(route("rt-a2"), start=at(13))
    bookings.move(ctx, booking, asked, LATER, member)
    before, after = history.of_booking(ctx, booking, member)
    assert (before.resource, before.start, before.end) == ("rt-s", at(10), at(12))
    assert (after.action, after.resource, after.start) == ("booking.moved", "rt-a2", at(13))


def test_what_time_ended_nobody_did(ctx: Context) -> None:
    member = join(ctx)
    booking = held(ctx, member)
    expired = NOW + timedelta(hours=1)
    rival = join(ctx, organisation="org-b")
    requests.submit(ctx, wish(now=expired, organisation="org-b"), expired, rival)
    assert said(history.of_booking(ctx, booking, member))[-1] == ("booking.expired", None)


def test_a_reminder_that_was_mailed_is_part_of_it(ctx: Context) -> None:
    member = join(ctx)
    booking = held(ctx, member)
    bookings.confirm(ctx, booking, LATER, member)
    soon = moment_of(at(10)) - timedelta(hours=3)
    reminders.remind(ctx, soon, timedelta(hours=24))
    assert len(history.of_booking(ctx, booking, member)) == 2
    for mail in outbox.due(ctx, soon):
        outbox.sent(ctx, mail, soon)
    reminded = history.of_booking(ctx, booking, member)[-1]
    assert (reminded.at, reminded.action, reminded.start) == (soon, "booking.reminded", at(10))


def test_a_rival_learns_nothing(ctx: Context) -> None:
    booking = held(ctx, join(ctx))
    with pytest.raises(NotFound):
        history.of_booking(ctx, booking, join(ctx, organisation="org-b"))
