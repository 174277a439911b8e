"""Steps on the terms of a client: on what it has seen, and once however often it sends them."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from testbed.domain.bookings import State
from testbed.domain.errors import IllegalTransition, InvalidRequest, Stale
from testbed.domain.parties import Member, Role
from testbed.domain.requests import Granted
from testbed.persistence.check import check
from testbed.service import bookings, requests, terms
from testbed.service.context import Context
from testbed.service.terms import Terms
from tests.catalogues import NOW, at, route, wish

OF_A = Member(7, "org-a", "a@example.org", "A", Role.MEMBER)
ELSEWHERE = wish(route("rt-s"), start=at(14))
STEPS: dict[str, Callable[..., object]] = {
    "confirm": bookings.confirm,
    "cancel": bookings.cancel,
    "move": lambda ctx, name, now, actor, terms: bookings.move(
        ctx, name, ELSEWHERE, now, actor, terms=terms
    ),
}


@pytest.fixture
def held(ctx: Context) -> str:
    booking = requests.submit(ctx, wish(route("rt-s")), NOW, OF_A).booking
    assert booking is not None
    return booking.id


@pytest.mark.parametrize("step", STEPS)
def test_a_step_on_another_version_changes_nothing(ctx: Context, held: str, step: str) -> None:
    before = bookings.get_kept(ctx, held, NOW, OF_A)
    for versions in (frozenset({before.version + 1}), frozenset[int]()):
        with pytest.raises(Stale, match="version_changed"):
            STEPS[step](ctx, held, NOW, OF_A, terms=Terms(versions))
    assert bookings.get_kept(ctx, held, NOW, OF_A) == before


@pytest.mark.parametrize("step", STEPS)
def test_a_step_on_the_version_that_stands_is_taken(ctx: Context, held: str, step: str) -> None:
    version = bookings.get_kept(ctx, held, NOW, OF_A).version
    STEPS[step](ctx, held, NOW, OF_A, terms=Terms(frozenset({version, 99})))
    assert bookings.get_kept(ctx, held, NOW, OF_A).version == version + 1


@pytest.mark.parametrize("step", STEPS)
def test_a_step_is_taken_once_under_its_key(ctx: Context, held: str, step: str) -> None:
    terms = Terms(key="once")
    STEPS[step](ctx, held, NOW, OF_A, terms=terms)
    kept = bookings.get_kept(ctx, held, NOW, OF_A)
    again = STEPS[step](ctx, held, NOW, OF_A, terms=terms)
    assert kept.booking in {again, getattr(again, "booking", None)}
    assert bookings.get_kept(ctx, held, NOW, OF_A) == kept
    assert check(ctx.database, NOW) == ()


def test_the_key_of_one_step_serves_no_other(ctx: Context, held: str) -> None:
    bookings.confirm(ctx, held, NOW, OF_A, terms=Terms(key="once"))
    with pytest.raises(InvalidRequest, match="idempotency_key_reused"):
        bookings.cancel(ctx, held, NOW, OF_A, terms=Terms(key="once"))
    assert bookings.get(ctx, held, NOW, OF_A).state is State.CONFIRMED


def test_a_step_that_failed_may_be_tried_again_under_its_key(ctx: Context, held: str) -> None:
    bookings.cancel(ctx, held, NOW, OF_A)
    for _ in range(2):
        with pytest.raises(IllegalTransition):
            bookings.confirm(ctx, held, NOW, OF_A, terms=Terms(key="again"))


def test_a_move_repeated_after_others_answers_the_decision_of_then(ctx: Context, held: str) -> None:
    terms = Terms(key="move")
    first = bookings.move(ctx, held, ELSEWHERE, NOW, OF_A, terms=terms)
    assert isinstance(first.decision, Granted)
    bookings.cancel(ctx, held, NOW, OF_A)
    again = bookings.move(ctx, held, ELSEWHERE, NOW, OF_A, terms=terms)
    assert (again.request_id, again.decision) == (first.request_id, first.decision)
    assert again.booking.state is State.CANCELLED


def test_answers_to_keys_are_forgotten_once_no_client_tries_again(ctx: Context, held: str) -> None:
    bookings.confirm(ctx, held, NOW, OF_A, terms=Terms(key="once"))
    assert terms.forget(ctx, NOW + terms.KEPT_FOR) == 0
    assert bookings.confirm(ctx, held, NOW, OF_A, terms=Terms(key="once")).id == held
    assert terms.forget(ctx, NOW + terms.KEPT_FOR + timedelta(seconds=1)) == 1
    with pytest.raises(IllegalTransition):
        bookings.confirm(ctx, held, NOW, OF_A, terms=Terms(key="once"))
