"""Closing at once: nothing is left inside, everybody is told, and what fits comes back."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from testbed.domain.bookings import Booking, State
from testbed.domain.catalogue import Mode
from testbed.domain.errors import IllegalTransition, InvalidRequest, NotAllowed, NotFound
from testbed.domain.grid import moment_of
from testbed.domain.parties import Role
from testbed.domain.requests import Need
from testbed.persistence.check import check
from testbed.persistence.engine import Database
from testbed.persistence.tables import claim, outbox
from testbed.service import bookings, closures, no_shows, requests
from testbed.service.actors import SYSTEM
from testbed.service.catalogue import import_documents
from testbed.service.closures import Order
from testbed.service.context import Context, make_context
from testbed.service.standing import materialise
from testbed.service.terms import Terms
from tests.catalogues import NOW, at, documents, entry, facility, route, wish
from tests.people import join, province

HOUR = timedelta(hours=1)
START = moment_of(at(10))
STOPPED = START + timedelta(minutes=7)


@pytest.fixture
def ctx(database: Database) -> Context:
    return province(database)


def booked(ctx: Context, *needs: Need, start: float = 10, organisation: str = "org-a") -> Booking:
    wanted = wish(*needs, start=at(start), hours=2, organisation=organisation)
    held = requests.submit(ctx, wanted, NOW, SYSTEM).booking
    assert held is not None
    return bookings.confirm(ctx, held.id, NOW, SYSTEM)


def stop(ctx: Context, target: str = "rt-a1", minutes: int | None = 120) -> closures.Struck:
    return closures.stop(ctx, Order(target, minutes, "oil on the track"), STOPPED, SYSTEM)


def seen(ctx: Context, booking: Booking) -> State:
    return bookings.get(ctx, booking.id, STOPPED, SYSTEM).state


def test_what_runs_ends_what_comes_is_displaced_and_the_rest_stays(ctx: Context) -> None:
    running = booked(ctx, route("rt-a1"), facility("fc-bays"))
    not_there = booked(ctx, route("rt-a1"), organisation="org-b")
    inside = booked(ctx, route("rt-a1"), start=12)
    elsewhere = booked(ctx, route("rt-s"))
    after = booked(ctx, route("rt-a1"), start=14)
    no_shows.check_in(ctx, running.id, START, SYSTEM)
    struck = stop(ctx)
    assert [each.id for each in struck.ended] == [running.id]
    assert {each.id for each in struck.displaced} == {not_there.id, inside.id}
    states = [seen(ctx, each) for each in (running, not_there, inside, elsewhere, after)]
    assert states == ["completed", "displaced", "displaced", "confirmed", "confirmed"]
    kept = bookings.get(ctx, running.id, STOPPED, SYSTEM)
    assert {each.end for each in kept.claims} == {at(10.25)}
    assert check(ctx.database, STOPPED) == ()


def test_nobody_books_inside_and_everybody_beside(ctx: Context) -> None:
    stop(ctx, minutes=None)
    far = moment_of(at(9) + 96 * 30)
    inside = wish(route("rt-a1"), start=at(9) + 96 * 35, now=far)
    assert requests.submit(ctx, inside, far, SYSTEM).booking is None
    assert requests.submit(ctx, replace(inside, needs=(route("rt-s"),)), far, SYSTEM).booking


def test_a_closure_without_an_end_reaches_as_far_as_the_horizon_grows(ctx: Context) -> None:
    stop(ctx, minutes=None)
    later = STOPPED + timedelta(days=9)
    until = materialise(ctx, later).until
    with ctx.database.reading() as connection:
        mine = claim.c.closure.is_not(None) & claim.c.released.is_(None)
        assert max(connection.execute(select(claim.c.end_grain).where(mine)).scalars()) == until
    assert check(ctx.database, later) == ()


def test_who_has_overrun_is_on_it_too(ctx: Context) -> None:
    overrunning = booked(ctx, route("rt-a1"))
    no_shows.check_in(ctx, overrunning.id, START, SYSTEM)
    late = START + 3 * HOUR
    struck = closures.stop(ctx, Order("rt-a1", 60, "fire"), late, SYSTEM)
    assert [each.id for each in struck.ended] == [overrunning.id]


def test_everybody_on_it_is_told_why(ctx: Context) -> None:
    running, inside = booked(ctx, route("rt-a1")), booked(ctx, route("rt-a1"), start=12)
    no_shows.check_in(ctx, running.id, START, SYSTEM)
    closure = stop(ctx).closure
    with ctx.database.reading() as connection:
        told = {
            (row.kind, row.subject, json.loads(row.document).get("reason"))
            for row in connection.execute(select(outbox))
        }
    said = "oil on the track"
    assert {
        ("booking.stopped", running.id, said),
        ("booking.displaced", inside.id, said),
        ("closure.stopped", closure.id, said),
    } <= told


@pytest.mark.parametrize(
    ("target", "pool"), [("rt-a1", "rt-a1"), ("cor-a", "rt-a2"), ("site-a", "fc-open")]
)
def test_a_corridor_brings_its_routes_and_a_site_all_that_stands_there(
    ctx: Context, target: str, pool: str
) -> None:
    closure = stop(ctx, target).closure
    assert pool in closure.pools
    assert check(ctx.database, STOPPED) == ()


def test_standing_services_leave_what_is_shut_and_come_back(ctx: Context) -> None:
    def kept() -> set[tuple[str, int, int]]:
        mine = claim.c.standing.is_not(None) & claim.c.released.is_(None)
        with ctx.database.reading() as connection:
            rows = connection.execute(select(claim).where(mine))
            return {(each.pool, each.start_grain, each.end_grain) for each in rows}

    before = {each for each in kept() if each[2] > at(10)}
    closure = stop(ctx, "rt-bus", 24 * 60).closure
    assert before - kept()
    shut = [each for each in kept() if each[0] == "rt-bus" and each[1] < closure.end]
    assert all(each[2] <= closure.start for each in shut)
    materialise(ctx, STOPPED + HOUR)
    closures.reopen(ctx, closure.id, STOPPED + HOUR, SYSTEM)
    assert {each for each in before if each[1] >= at(12)} <= kept()
    assert check(ctx.database, STOPPED + HOUR) == ()


def test_closures_over_one_another_keep_shut_until_the_last_is_over(ctx: Context) -> None:
    first, second = stop(ctx).closure, stop(ctx, "site-a").closure
    assert check(ctx.database, STOPPED) == ()
    asked = wish(route("rt-a1"), start=at(11), now=STOPPED - timedelta(days=5))
    closures.reopen(ctx, first.id, STOPPED, SYSTEM)
    assert not requests.search(ctx, asked, STOPPED).offers
    closures.reopen(ctx, second.id, STOPPED, SYSTEM)
    assert check(ctx.database, STOPPED) == ()
    with pytest.raises(IllegalTransition, match="closure_over"):
        closures.reopen(ctx, second.id, STOPPED, SYSTEM)


def test_what_was_confirmed_and_still_fits_comes_back_and_the_rest_is_listed(ctx: Context) -> None:
    alone = route("rt-s", mode=Mode.EXCLUSIVE)
    begun, inside = booked(ctx, alone), booked(ctx, alone, start=14)
    held = requests.submit(ctx, wish(facility("fc-rain"), start=at(16)), NOW, SYSTEM).booking
    assert held is not None
    closure = stop(ctx, "rt-s", 12 * 60).closure
    done = closures.reopen(ctx, closure.id, STOPPED + HOUR, SYSTEM)
    assert [each.id for each in done.restored] == [inside.id]
    assert [each.id for each in done.left] == [begun.id]
    kept = bookings.get(ctx, inside.id, STOPPED, SYSTEM)
    assert (kept.state, sorted(kept.claims)) == (State.CONFIRMED, sorted(inside.claims))
    listed = closures.displaced(ctx, STOPPED + HOUR, SYSTEM)
    assert [each.id for each in listed] == [begun.id]
    assert check(ctx.database, STOPPED + HOUR) == ()


def test_a_larger_capacity_is_shut_as_well(ctx: Context) -> None:
    stop(ctx)
    larger = documents()
    entry(larger, "route", "rt-a1")["capacity"]["max_vehicles_shared"] = 4
    import_documents(ctx, larger, STOPPED, SYSTEM)
    assert check(ctx.database, STOPPED) == ()
    with ctx.database.reading() as connection:
        mine = claim.c.closure.is_not(None) & claim.c.released.is_(None)
        assert 4 in connection.execute(select(claim.c.units).where(mine)).scalars().all()


def test_another_process_catches_up_with_a_stop(database: Database, ctx: Context) -> None:
    other = make_context(database)
    asked = wish(route("rt-a1"), start=at(11))
    assert requests.search(other, asked, NOW).offers
    stop(ctx)
    assert not requests.search(other, asked, NOW).offers


def test_the_same_key_stops_once(ctx: Context) -> None:
    operator = join(ctx, Role.OPERATOR)
    order, terms = Order("rt-a1", 60, "fire"), Terms(key="k1")
    first = closures.stop(ctx, order, STOPPED, operator, terms=terms)
    again = closures.stop(ctx, order, STOPPED, operator, terms=terms)
    assert again.closure == first.closure
    assert len(closures.in_force(ctx, STOPPED)) == 1


def test_only_operators_stop_what_exists_with_a_reason(ctx: Context) -> None:
    with pytest.raises(NotAllowed):
        closures.stop(ctx, Order("rt-a1", 60, "fire"), STOPPED, join(ctx))
    with pytest.raises(NotFound, match="closable"):
        stop(ctx, "nothing")
    with pytest.raises(InvalidRequest, match="bad_reason"):
        closures.stop(ctx, Order("rt-a1", 60, " "), STOPPED, SYSTEM)
