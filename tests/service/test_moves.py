"""Moving one line of a booking, as a drag does: asked first, then done."""

import pytest

from testbed.domain.errors import InvalidRequest, NotFound
from testbed.domain.parties import Member, Role
from testbed.domain.requests import Granted
from testbed.service import bookings, moves, requests
from testbed.service.actors import SYSTEM
from testbed.service.context import Context
from testbed.service.moves import Shift
from tests.catalogues import NOW, at, facility, route, wish

RIVAL = Member(9, "org-b", "b@example.org", "B", Role.MEMBER)


def held(ctx: Context, *needs, **more) -> str:
    booking = requests.submit(ctx, wish(*needs, **more), NOW, SYSTEM).booking
    assert booking
    return booking.id


def lines(ctx: Context, number: str) -> list[tuple[str, int]]:
    booking = bookings.get(ctx, number, NOW, SYSTEM)
    return [(line.resource, line.start) for line in booking.lines]


def test_a_preview_answers_yes_and_moves_nothing(ctx):
    number = held(ctx, route("rt-a1"))
    found = moves.preview(ctx, number, Shift("rt-a1", at(10), "rt-a2", at(14)), NOW, SYSTEM)
    assert found.offers[0].way.resources == ("rt-a2",)
    assert found.offers[0].start == at(14)
    assert lines(ctx, number) == [("rt-a1", at(10))]


def test_a_preview_names_every_reason_against_it(ctx):
    number = held(ctx, route("rt-a1"))
    found = moves.preview(ctx, number, Shift("rt-a1", at(10), "rt-a1", at(23)), NOW, SYSTEM)
    assert found.offers == ()
    assert "closed_hours" in {reason.code for reason in found.reasons}


def test_a_booking_may_move_by_less_than_its_own_length(ctx):
    number = held(ctx, route("rt-s"))
    moved = moves.move(ctx, number, Shift("rt-s", at(10), "rt-s", at(11)), NOW, SYSTEM)
    assert isinstance(moved.decision, Granted)
    assert lines(ctx, number) == [("rt-s", at(11))]


def test_a_bundle_moves_as_a_whole_by_any_of_its_lines(ctx):
    number = held(ctx, route("rt-a1"), facility("fc-bays", offset=-2))
    moves.move(ctx, number, Shift("fc-bays", at(9.5), "fc-bays", at(13.5)), NOW, SYSTEM)
    assert lines(ctx, number) == [("rt-a1", at(14)), ("fc-bays", at(13.5))]


def test_a_move_back_is_the_undo(ctx):
    number = held(ctx, route("rt-a1"))
    moves.move(ctx, number, Shift("rt-a1", at(10), "rt-a2", at(14)), NOW, SYSTEM)
    moves.move(ctx, number, Shift("rt-a2", at(14), "rt-a1", at(10)), NOW, SYSTEM)
    assert lines(ctx, number) == [("rt-a1", at(10))]


def test_a_line_that_has_moved_meanwhile_is_not_moved_again(ctx):
    number = held(ctx, route("rt-a1"))
    shift = Shift("rt-a1", at(10), "rt-a1", at(14))
    moves.move(ctx, number, shift, NOW, SYSTEM)
    with pytest.raises(InvalidRequest, match="no_such_line"):
        moves.move(ctx, number, shift, NOW, SYSTEM)


def test_a_rival_finds_nothing_to_move(ctx):
    number = held(ctx, route("rt-a1"))
    shift = Shift("rt-a1", at(10), "rt-a1", at(14))
    for step in (moves.preview, moves.move):
        with pytest.raises(NotFound, match="booking"):
            step(ctx, number, shift, NOW, RIVAL)
