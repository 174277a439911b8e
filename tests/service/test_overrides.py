"""Rules set aside: by whom, for what reason, and what is kept of it."""

from dataclasses import replace

import pytest
from sqlalchemy import select

from testbed.domain.errors import DomainError, InvalidRequest, NotAllowed
from testbed.domain.parties import Member, Role
from testbed.domain.requests import Granted, Refused
from testbed.persistence import convert
from testbed.persistence.check import check
from testbed.persistence.tables import audit
from testbed.service import bookings, history, moves, overrides, requests
from testbed.service.actors import SYSTEM
from testbed.service.context import Context
from testbed.service.moves import Shift
from tests.catalogues import NOW, at, route, wish

MEMBER = Member(7, "org-a", "a@example.org", "A", Role.MEMBER)
OPERATOR = Member(8, "org-op", "o@example.org", "O", Role.OPERATOR)
EVENING = wish(route("rt-a1"), start=at(20), hours=2)
ASIDE = replace(EVENING, override=("closed_hours",))
WHY = "Press day"


def notes(ctx: Context, action: str) -> list[convert.Json]:
    with ctx.database.reading() as connection:
        query = select(audit.c.document).where(audit.c.action == action)
        return [convert.load(each) for each in connection.execute(query).scalars()]


def test_a_rule_that_is_set_aside_is_kept_with_its_reason_and_the_booking_s_claims(
    ctx: Context,
) -> None:
    assert isinstance(requests.submit(ctx, EVENING, NOW, OPERATOR).decision, Refused)
    answer = requests.submit(ctx, ASIDE, NOW, OPERATOR, why=f"  {WHY} ")
    assert isinstance(answer.decision, Granted)
    assert answer.booking is not None
    [note] = notes(ctx, overrides.OVERRIDDEN)
    assert (note["rules"], note["reason"]) == (["closed_hours"], WHY)
    assert len(note["claims"]) == len(answer.booking.claims)
    last = history.of_booking(ctx, answer.booking.id, MEMBER)[-1]
    assert (last.rules, last.reason) == (("closed_hours",), WHY)
    assert last.who is None or last.who.name is None
    assert check(ctx.database, NOW) == ()


def test_what_is_refused_all_the_same_is_kept_with_its_reason_too(ctx: Context) -> None:
    late = replace(ASIDE, override=("weekly_hours",))
    assert isinstance(requests.submit(ctx, late, NOW, OPERATOR, why=WHY).decision, Refused)
    assert [note["reason"] for note in notes(ctx, "request.overridden")] == [WHY]


@pytest.mark.parametrize(
    ("actor", "codes", "why", "error"),
    [
        (MEMBER, ("closed_hours",), WHY, NotAllowed("operators_only")),
        (OPERATOR, ("not_valid_then",), WHY, NotAllowed("override_above_role")),
        (OPERATOR, ("past",), WHY, InvalidRequest("not_overridable")),
        (OPERATOR, ("pool_full",), WHY, InvalidRequest("not_overridable")),
        (OPERATOR, ("closed_hours",), " \t", NotAllowed("override_without_reason")),
        (OPERATOR, ("closed_hours",), "x" * 501, NotAllowed("override_without_reason")),
        (OPERATOR, ("closed_hours",), "a\0b", NotAllowed("override_without_reason")),
    ],
)
def test_others_codes_and_reasons_are_refused_and_leave_nothing_behind(
    ctx: Context, actor: Member, codes: tuple[str, ...], why: str, error: DomainError
) -> None:
    with pytest.raises(type(error)) as refused:
        requests.submit(ctx, replace(EVENING, override=codes), NOW, actor, why=why)
    assert refused.value.code == error.code
    assert notes(ctx, "request.overridden") == []


def test_a_move_demands_the_same(ctx: Context) -> None:
    booking = requests.submit(ctx, wish(route("rt-a1")), NOW, MEMBER).booking
    assert booking is not None
    with pytest.raises(NotAllowed):
        bookings.move(ctx, booking.id, ASIDE, NOW, MEMBER, why=WHY)
    with pytest.raises(NotAllowed):
        bookings.move(ctx, booking.id, ASIDE, NOW, OPERATOR)
    moved = bookings.move(ctx, booking.id, ASIDE, NOW, OPERATOR, why=WHY)
    assert isinstance(moved.decision, Granted)
    assert [note["reason"] for note in notes(ctx, overrides.OVERRIDDEN)] == [WHY]


def test_what_was_set_aside_once_is_not_set_aside_when_the_booking_moves_by_a_drag(
    ctx: Context,
) -> None:
    booking = requests.submit(ctx, ASIDE, NOW, OPERATOR, why=WHY).booking
    assert booking is not None
    back = Shift("rt-a1", booking.start, "rt-a1", at(10))
    assert isinstance(moves.move(ctx, booking.id, back, NOW, MEMBER).decision, Granted)
    again = Shift("rt-a1", at(10), "rt-a1", booking.start)
    assert isinstance(moves.move(ctx, booking.id, again, NOW, MEMBER).decision, Refused)


def test_a_key_that_comes_with_another_reason_is_refused(ctx: Context) -> None:
    first = requests.submit(ctx, ASIDE, NOW, OPERATOR, "once", why=WHY)
    assert requests.submit(ctx, ASIDE, NOW, OPERATOR, "once", why=WHY) == first
    with pytest.raises(InvalidRequest):
        requests.submit(ctx, ASIDE, NOW, OPERATOR, "once", why="Another")


def test_no_hours_to_come_are_booked_beyond_the_limit_by_anybody_but_an_operator(
    ctx: Context,
) -> None:
    most = replace(ctx.policy, max_open_hours=3)
    strict = replace(ctx, policy=most)
    strict.calendar._policy = most
    strict.calendar.forget()
    asked = wish(route("rt-a1"), start=at(9), hours=2)
    later = replace(asked, start=at(13), earliest=at(13), latest=at(13))
    first = requests.submit(strict, asked, NOW, MEMBER).booking
    assert first is not None
    refused = requests.submit(strict, later, NOW, MEMBER).decision
    assert isinstance(refused, Refused)
    assert [reason.code for reason in refused.reasons] == ["open_hours"]
    moved = bookings.move(strict, first.id, later, NOW, MEMBER)
    assert isinstance(moved.decision, Granted), "its own hours are not in its way"
    aside = replace(asked, override=("open_hours",))
    assert requests.submit(strict, aside, NOW, OPERATOR, why=WHY).booking is not None
    bookings.cancel(strict, first.id, NOW, SYSTEM)
