"""What one area does to what another keeps: closures, series, waitlist, hand-overs, partners."""

import copy
from dataclasses import replace
from datetime import date, timedelta

import pytest

from testbed.domain.bookings import Booking, State
from testbed.domain.catalogue import Mode
from testbed.domain.grid import moment_of
from testbed.domain.parties import Member, Role
from testbed.domain.requests import Granted, Need
from testbed.domain.series import Extent, Scope
from testbed.domain.waitlist import Waiting
from testbed.persistence.check import check
from testbed.persistence.engine import Database
from testbed.service import (
    bookings,
    closures,
    handovers,
    partners,
    reconfirmations,
    requests,
    series,
    series_edits,
    series_horizon,
    waitlist,
)
from testbed.service.actors import SYSTEM
from testbed.service.catalogue import import_documents
from testbed.service.closures import Order
from testbed.service.context import Context, make_context
from tests.catalogues import NOW, at, documents, entry, route, wish
from tests.service.test_approvals import opened
from tests.service.test_series import MONDAY, asked
from tests.service.test_wishes import apart

OF_A = Member(7, "org-a", "a@example.org", "A", Role.MEMBER)
OF_B = Member(8, "org-b", "b@example.org", "B", Role.MEMBER)
HOUR = timedelta(hours=1)
ALONE = route("rt-s", mode=Mode.EXCLUSIVE)
UNTIL_REOPENED = Order("rt-s", None, "oil on the track")


def booked(ctx: Context, *needs: Need, start: int | None = None) -> Booking:
    held = requests.submit(ctx, wish(*needs, start=start or at(10)), NOW, SYSTEM).booking
    assert held
    return bookings.confirm(ctx, held.id, NOW, SYSTEM)


def offered(ctx: Context, *beside: str) -> tuple[str, Booking]:
    """A request of org-b that waited, with what is offered to it."""
    place = booked(ctx, ALONE)
    asked_for = wish(ALONE, organisation="org-b")
    waits = replace(asked_for, wait=True, partners=beside)
    name = requests.submit(ctx, waits, NOW, SYSTEM).request_id
    bookings.cancel(ctx, place.id, NOW, SYSTEM)
    held = waitlist.one(ctx, name, NOW, SYSTEM).entry.booking
    assert held
    return name, bookings.get(ctx, held, NOW, SYSTEM)


def first_of_a_series(ctx: Context) -> Booking:
    """The first booking of a confirmed series, which has been asked to be confirmed again."""
    made = series.submit(ctx, asked(ALONE), NOW, OF_A)
    assert made.series
    series.confirm(ctx, made.series, NOW, OF_A)
    first = bookings.listing(ctx, NOW, OF_A)[0]
    reconfirmations.ask(ctx, moment_of(first.start) - timedelta(days=7))
    return first


# -- closures --------------------------------------------------------------------------------


def test_giving_up_what_a_closure_displaced_costs_nothing(ctx: Context) -> None:
    booking = booked(ctx, ALONE)
    late = moment_of(booking.start) - HOUR
    closures.stop(ctx, UNTIL_REOPENED, late, SYSTEM)
    given_up = bookings.cancel(ctx, booking.id, late, SYSTEM)
    assert (given_up.state, given_up.late, given_up.counted) == (State.CANCELLED, False, 0)


def test_an_offer_that_a_closure_took_away_is_made_again_on_reopening(ctx: Context) -> None:
    name, _ = offered(ctx)
    struck = closures.stop(ctx, UNTIL_REOPENED, NOW, SYSTEM)
    assert waitlist.one(ctx, name, NOW, SYSTEM).entry.state is Waiting.WAITING
    closures.reopen(ctx, struck.closure.id, NOW + HOUR, SYSTEM)
    assert waitlist.one(ctx, name, NOW + HOUR, SYSTEM).entry.state is Waiting.OFFERED
    assert check(ctx.database, NOW + HOUR) == ()


def test_what_silence_had_confirmed_comes_back_though_nobody_had_written_it(
    database: Database,
) -> None:
    ctx = opened(database, "accepted")
    pending = booked(ctx, ALONE, start=at(10, date(2026, 3, 25)))
    assert pending.state is State.PENDING
    assert pending.expires_at
    later = pending.expires_at + HOUR
    struck = closures.stop(ctx, UNTIL_REOPENED, later, SYSTEM)
    assert [each.id for each in struck.displaced] == [pending.id]
    back = closures.reopen(ctx, struck.closure.id, later, SYSTEM)
    assert [each.id for each in back.restored] == [pending.id]


def test_what_comes_back_after_its_deadline_is_asked_for_anew(ctx: Context) -> None:
    first = first_of_a_series(ctx)
    start = moment_of(first.start)
    struck = closures.stop(ctx, UNTIL_REOPENED, start - timedelta(days=6), SYSTEM)
    back = start - timedelta(days=2) + HOUR
    closures.reopen(ctx, struck.closure.id, back, SYSTEM)
    assert reconfirmations.give_up(ctx, back) == ()
    reconfirmations.ask(ctx, back)
    again = next(each for each in reconfirmations.listing(ctx, back, OF_A) if each.booking == first)
    assert again.due_at >= back + timedelta(days=1)


# -- hand-overs ------------------------------------------------------------------------------


def test_who_took_a_date_of_a_series_over_is_not_asked_to_confirm_it_again(ctx: Context) -> None:
    first = first_of_a_series(ctx)
    due = moment_of(first.start) - timedelta(days=2)
    given = handovers.offer(ctx, first.id, "org-b", due - HOUR, OF_A)
    assert isinstance(handovers.accept(ctx, given.id, due - HOUR, OF_B).decision, Granted)
    assert reconfirmations.give_up(ctx, due) == ()
    assert bookings.get(ctx, first.id, due, OF_B).state is State.CONFIRMED


def test_a_booking_may_go_to_somebody_beside_whom_its_giver_shares_nothing(ctx: Context) -> None:
    apart(ctx, "org-b")
    given = handovers.offer(ctx, booked(ctx, route("rt-a1")).id, "org-b", NOW, OF_A)
    assert isinstance(handovers.accept(ctx, given.id, NOW, OF_B).decision, Granted)


# -- partners --------------------------------------------------------------------------------


def test_an_offer_for_several_is_kept_until_partners_may_have_answered(ctx: Context) -> None:
    _, held = offered(ctx, "org-c")
    assert held.expires_at == NOW + timedelta(hours=24)


def test_a_joint_series_goes_on_with_dates_that_wait_for_their_partners(ctx: Context) -> None:
    wanted = asked(route("rt-a1", 3), rule="FREQ=WEEKLY;BYDAY=MO;COUNT=5")
    era = wanted.plan.eras[0]
    joint = replace(era, wish=replace(era.wish, partners=("org-b",)))
    wanted = replace(wanted, plan=replace(wanted.plan, eras=(joint,)))
    made = series.submit(ctx, wanted, NOW, OF_A)
    assert made.series
    for each in bookings.listing(ctx, NOW, OF_A):
        partners.accept(ctx, each.id, NOW, OF_B)
    series.confirm(ctx, made.series, NOW, OF_A)
    later = NOW + timedelta(days=7)
    assert series_horizon.materialise(ctx, later) > 0
    assert State.HELD in {each.state for each in bookings.listing(ctx, later, OF_A)}


# -- the write path --------------------------------------------------------------------------


def test_who_moves_a_booking_does_not_wait(ctx: Context) -> None:
    booked(ctx, ALONE, start=at(14))
    mine = booked(ctx, ALONE)
    there = replace(wish(ALONE, start=at(14)), wait=True)
    assert bookings.move(ctx, mine.id, there, NOW, SYSTEM).decision.status == "offered"


@pytest.mark.slow
def test_a_series_that_stands_in_many_places_is_cancelled_at_once(database: Database) -> None:
    known = documents()
    track = entry(known, "route", "rt-s")
    tracks = next(each["route"] for each in known.values() if track in each.get("route", ()))
    tracks += [{**copy.deepcopy(track), "id": f"rt-z{number}"} for number in range(12)]
    ctx = make_context(database)
    import_documents(ctx, known, NOW, SYSTEM)
    made = series.submit(ctx, asked(ALONE, rule="FREQ=DAILY;COUNT=14"), NOW, SYSTEM)
    assert made.series
    dates = bookings.listing(ctx, NOW, SYSTEM, "org-a")
    for number, each in enumerate(dates):
        needs = (route(f"rt-z{number}", mode=Mode.EXCLUSIVE),)
        there = wish(*needs, start=each.start)
        assert isinstance(bookings.move(ctx, each.id, there, NOW, SYSTEM).decision, Granted)
    done = series_edits.cancel(ctx, made.series, Extent(Scope.ALL, MONDAY), NOW, SYSTEM)
    assert len(done.days) >= len(dates) > 8
    assert check(ctx.database, NOW) == ()
