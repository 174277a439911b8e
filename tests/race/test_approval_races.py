"""Approvals answered by sixteen processes at once leave one truth, on both databases."""

from collections.abc import Iterable
from concurrent.futures import ProcessPoolExecutor

import pytest

from testbed.domain.approvals import Answer
from testbed.domain.bookings import Booking, State
from testbed.domain.parties import Member, Role
from testbed.persistence.check import check
from testbed.persistence.engine import Database
from testbed.service import approvals, bookings, requests
from testbed.service.actors import SYSTEM
from testbed.service.context import Context
from tests.catalogues import NOW, facility, route, wish
from tests.people import join
from tests.race.contenders import (
    CONTENDERS,
    Step,
    Task,
    counted,
    kept,
    overfull,
    race,
    replayed,
)
from tests.service.test_approvals import opened

pytestmark = pytest.mark.slow

HALF = CONTENDERS // 2
LATE = {"IllegalTransition:not_pending", "IllegalTransition:approval_answered"}


@pytest.fixture
def ctx(database: Database) -> Context:
    return opened(database, "rejected")


@pytest.fixture
def oh(ctx: Context) -> Member:
    return join(ctx, Role.OPERATOR, "org-province", "oh")


def _pending(ctx: Context) -> Booking:
    asked = wish(route("rt-a1", vehicles=3), facility("fc-bays"), hours=4)
    held = requests.submit(ctx, asked, NOW, SYSTEM).booking
    assert held is not None
    return bookings.confirm(ctx, held.id, NOW, SYSTEM)


def _answers(booking: Booking, oh: Member, said: Answer, party: str, count: int) -> list[Step]:
    return [Step(said.value, NOW, oh, booking=booking.id, key=party)] * count


def _truth(ctx: Context, url: str, booking: Booking) -> Booking:
    assert overfull(url) == []
    assert check(ctx.database, NOW) == ()
    assert replayed(url) == kept(url)
    return bookings.get(ctx, booking.id, NOW, SYSTEM)


def _race(processes: ProcessPoolExecutor, url: str, steps: Iterable[Step]) -> dict[str, int]:
    return dict(counted(race(processes, [Task(url, step) for step in steps])))


def test_two_parties_that_accept_at_once_confirm_it_once(
    ctx: Context, database_url: str, processes: ProcessPoolExecutor, oh: Member
) -> None:
    booking = _pending(ctx)
    yes = Answer.ACCEPTED
    both = (_answers(booking, oh, yes, each, HALF) for each in ("operator", "city"))
    found = _race(processes, database_url, [step for steps in both for step in steps])
    assert (found.pop("pending"), found.pop("confirmed")) == (1, 1)
    assert set(found) <= LATE
    assert _truth(ctx, database_url, booking).state is State.CONFIRMED


@pytest.mark.parametrize("other", ["rejected", "cancelled"])
def test_who_accepts_while_it_is_rejected_or_cancelled_agrees_with_the_calendar(
    ctx: Context, database_url: str, processes: ProcessPoolExecutor, oh: Member, other: str
) -> None:
    booking = _pending(ctx)
    yes = _answers(booking, oh, Answer.ACCEPTED, "operator", 5)
    yes += _answers(booking, oh, Answer.ACCEPTED, "city", 5)
    against = Step("cancel", NOW, SYSTEM, booking=booking.id)
    if other == "rejected":
        [against] = _answers(booking, oh, Answer.REJECTED, "city", 1)
    found = _race(processes, database_url, [*yes, *[against] * (CONTENDERS - len(yes))])
    truth = _truth(ctx, database_url, booking)
    asked, _ = approvals.of_booking(ctx, truth, NOW, oh)
    said = [each.answer for each in asked]
    assert set(found) <= LATE | {
        "pending",
        "confirmed",
        other,
        "IllegalTransition:illegal_transition",
    }
    assert (truth.state is State.REJECTED) == (Answer.REJECTED in said)
    assert found.get(other, 0) == (truth.state.value == other)
