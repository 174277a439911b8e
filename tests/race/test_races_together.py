"""Rivals on one route, and a hand-over against a cancellation, by sixteen processes at once."""

from concurrent.futures import ProcessPoolExecutor

import pytest

from testbed.domain.bookings import State
from testbed.domain.parties import Member, Role
from testbed.persistence.check import check
from testbed.service import bookings, handovers, requests, wishes
from testbed.service.actors import SYSTEM
from testbed.service.context import Context
from testbed.service.wishes import Wishes
from tests.catalogues import NOW, route, wish
from tests.race.contenders import CONTENDERS, Step, Task, counted, kept, race, replayed

pytestmark = pytest.mark.slow

OF_A = Member(7, "org-a", "a@example.org", "A", Role.MEMBER)
OF_B = Member(8, "org-b", "b@example.org", "B", Role.MEMBER)


def test_of_two_rivals_at_once_whoever_is_second_is_refused(
    ctx: Context, database_url: str, processes: ProcessPoolExecutor
) -> None:
    wishes.save(ctx, "org-a", Wishes(("org-b",)), NOW, SYSTEM)
    asked = [
        wish(route(("rt-a1", "rt-a2")[each // 2 % 2]), organisation=("org-a", "org-b")[each % 2])
        for each in range(CONTENDERS)
    ]
    steps = [Step("submit", NOW, SYSTEM, each) for each in asked]
    outcomes = race(processes, [Task(database_url, step) for step in steps])
    seen = counted(outcomes)
    # The corridor of both routes holds four vehicles; all of them are of one of the two.
    assert seen["granted"] == 4
    assert seen["refused"] + seen["offered"] == CONTENDERS - 4
    assert len({each.organisation for each in bookings.listing(ctx, NOW, SYSTEM)}) == 1
    assert check(ctx.database, NOW) == ()


def test_a_booking_is_either_taken_over_or_cancelled(
    ctx: Context, database_url: str, processes: ProcessPoolExecutor
) -> None:
    held = requests.submit(ctx, wish(route("rt-s")), NOW, OF_A).booking
    assert held
    name = bookings.confirm(ctx, held.id, NOW, OF_A).id
    offered = handovers.offer(ctx, name, "org-b", NOW, OF_A)
    sides = [
        Step("cancel", NOW, OF_A, booking=name),
        Step("take over", NOW, OF_B, booking=offered.id),
    ]
    tasks = [Task(database_url, sides[each % 2]) for each in range(CONTENDERS)]
    seen = counted(race(processes, tasks))
    after = bookings.get(ctx, name, NOW, SYSTEM)
    if after.organisation == "org-b":
        assert after.state is State.CONFIRMED
        assert (seen["accepted"], seen["cancelled"]) == (1, 0)
        assert seen["NotFound:booking"] == CONTENDERS // 2
    else:
        assert after.state is State.CANCELLED
        assert (seen["accepted"], seen["cancelled"]) == (0, 1)
        assert seen["IllegalTransition:cannot_hand_over"] == CONTENDERS // 2
    assert replayed(database_url) == kept(database_url)
    assert check(ctx.database, NOW) == ()
