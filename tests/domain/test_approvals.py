"""Approvals: who is asked, until when, and that any order of answers gives one outcome."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import permutations, product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from testbed.domain.approvals import (
    Answer,
    Approval,
    Party,
    answered,
    asked,
    deadline,
    decided,
    organisations_of,
    outcome,
    questions,
)
from testbed.domain.bookings import Booking, State, as_time_leaves
from testbed.domain.catalogue import Name, RuleProfile, Site
from testbed.domain.errors import IllegalTransition, InvalidRequest
from testbed.domain.grid import moment_of
from testbed.domain.parties import Organisation
from tests.catalogues import NOW, at, wish

YES, NO = Answer.ACCEPTED, Answer.REJECTED
NOTICE = 12
RULE = RuleProfile(
    "rule-zone", Name("Zone", "지구"), 60, 60, 1, 180, 80,
    approvals=("operator", "city"), approval_days=5,
)  # fmt: skip
SITE = Site("s", "ansan", Name("S", "에스"), "pilot-zone", "org-op", 126.8, 37.3, "Asia/Seoul")


def held(start: int | None = None) -> Booking:
    start = at(10) if start is None else start
    return Booking("b", wish(), State.HELD, start, start + 8, "rule-zone", 0, (), ())


def party(name: str, sector: str, city: str | None) -> Organisation:
    return Organisation(name, Name(name, name), "", city, sector)


@pytest.mark.parametrize(
    ("answers", "state"),
    [
        ((None, None), State.PENDING),
        ((YES, None), State.PENDING),
        ((YES, YES), State.CONFIRMED),
        ((NO, None), State.REJECTED),
        ((YES, NO), State.REJECTED),
        ((NO, NO), State.REJECTED),
        ((YES, YES, None), State.PENDING),
        ((YES, None, NO), State.REJECTED),
        ((YES, YES, YES), State.CONFIRMED),
    ],
)
def test_all_have_to_accept_and_one_no_decides(
    answers: tuple[Answer | None, ...], state: State
) -> None:
    assert {outcome(each) for each in permutations(answers)} == {state}


def _answered_in(order: tuple[int, ...], given_answers: tuple[Answer | None, ...]) -> State:
    """What becomes of a booking whose parties answer in that order, until it is decided."""
    rule = replace(RULE, approvals=tuple(Party)[: len(given_answers)])
    booking = asked(held(), rule, NOTICE, NOW)
    parties = dict.fromkeys(map(Party, rule.approvals))
    rows = list(questions(booking, parties, 1, NOW))
    for number in order:
        answer = given_answers[number]
        if answer is not None:
            rows[number] = answered(rows[number], answer, "said", 1, NOW, stands_in=False)
            booking = decided(booking, rows, NOW)
            if booking.state is not State.PENDING:
                break
    return booking.state


@pytest.mark.parametrize("answers", list(product((YES, NO, None), repeat=3)))
def test_any_order_of_answers_gives_one_outcome(answers: tuple[Answer | None, ...]) -> None:
    found = {_answered_in(order, answers) for order in permutations(range(3))}
    assert found == {outcome(answers)}


@given(
    days=st.integers(0, 60),
    ahead=st.integers(1, 24 * 90),
    notice=st.integers(0, 24 * 7),
    left=st.integers(1, 60),
)
def test_the_deadline_lies_after_the_hold_and_before_the_start(
    days: int, ahead: int, notice: int, left: int
) -> None:
    start = at(10, datetime(2026, 3, 2, tzinfo=UTC).date()) + 4 * ahead
    booking = replace(held(start), expires_at=NOW + timedelta(minutes=left))
    until = deadline(booking, replace(RULE, approval_days=days), notice, NOW)
    assert booking.expires_at is not None
    assert until >= booking.expires_at
    assert until <= max(moment_of(start), booking.expires_at)


def test_the_deadline_is_the_days_of_the_rule_or_the_notice_before_the_start() -> None:
    far, near = held(at(10) + 96 * 20), held()
    assert deadline(far, RULE, NOTICE, NOW) == NOW + timedelta(days=5)
    soon = moment_of(near.start) - timedelta(days=2)
    assert deadline(near, RULE, NOTICE, soon) == moment_of(near.start) - timedelta(hours=NOTICE)
    late = moment_of(near.start) - timedelta(hours=3)
    assert deadline(near, RULE, NOTICE, late) == moment_of(near.start)


@pytest.mark.parametrize(
    ("silence", "state"), [("rejected", State.REJECTED), ("accepted", State.CONFIRMED)]
)
def test_silence_counts_from_the_deadline_on(silence: str, state: State) -> None:
    booking = asked(held(), replace(RULE, approval_silence=silence), NOTICE, NOW)
    assert booking.expires_at is not None
    before = booking.expires_at - timedelta(seconds=1)
    assert as_time_leaves(booking, before) is booking
    assert as_time_leaves(booking, booking.expires_at).state is state
    with pytest.raises(IllegalTransition, match="approval_over"):
        decided(booking, (), booking.expires_at)


def test_a_party_answers_once_and_says_why_not() -> None:
    one = Approval("b", 1, Party.CITY, None, NOW, NOW)
    with pytest.raises(InvalidRequest, match="approval_reason_needed"):
        answered(one, NO, "  ", 1, NOW, stands_in=False)
    with pytest.raises(InvalidRequest, match="approval_text_too_long"):
        answered(one, YES, "x" * 1001, 1, NOW, stands_in=False)
    done = answered(one, YES, " slowly ", 1, NOW, stands_in=True)
    assert (done.text, done.stands_in) == ("slowly", True)
    with pytest.raises(IllegalTransition, match="approval_answered"):
        answered(done, NO, "why", 2, NOW, stands_in=False)


def test_parties_are_found_by_the_place_and_missing_ones_are_nobody() -> None:
    rule = replace(RULE, approvals=tuple(Party))
    known = [
        party("org-op", "research", "suwon"),
        party("org-ansan", "local-government", "ansan"),
        party("org-suwon", "local-government", "suwon"),
        party("org-gyeonggi", "local-government", None),
    ]
    assert organisations_of(rule, SITE, known) == {
        Party.OPERATOR: "org-op",
        Party.CITY: "org-ansan",
        Party.ROAD_AUTHORITY: None,
    }
