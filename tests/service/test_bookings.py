"""After the hold: confirm, move, cancel, look at and list, and holds that run out."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import func, select

from testbed.domain.bookings import Booking, State
from testbed.domain.catalogue import Mode
from testbed.domain.errors import (
    HoldExpired,
    IllegalTransition,
    InvalidRequest,
    NotAllowed,
    NotFound,
)
from testbed.domain.grid import moment_of
from testbed.domain.parties import Member, Role
from testbed.domain.requests import Granted
from testbed.persistence import tables
from testbed.persistence.check import check
from testbed.persistence.use import weekly_use
from testbed.service import bookings, emergency, requests
from testbed.service.actors import SYSTEM
from testbed.service.context import Context, make_context
from testbed.service.emergency import Contact
from tests.catalogues import NOW, at, facility, route, wish

MEMBER = Member(7, "org-a", "a@example.org", "A", Role.MEMBER)
RIVAL = Member(8, "org-b", "b@example.org", "B", Role.MANAGER)
ALONE = route("rt-s", mode=Mode.EXCLUSIVE)
EXPIRY = NOW + timedelta(minutes=30)
TICK = timedelta(microseconds=1)


def hold(ctx: Context, *needs: object, now: datetime = NOW, **wished: object) -> Booking:
    asked = wish(*needs, now=now, **wished)  # type: ignore[arg-type]
    booking = requests.submit(ctx, asked, now, SYSTEM).booking
    assert booking is not None
    return booking


def used(ctx: Context, organisation: str = "org-a") -> int:
    with ctx.database.reading() as connection:
        return sum(weekly_use(connection, organisation, NOW).values())


def is_free(ctx: Context, now: datetime = NOW) -> bool:
    return bool(requests.search(ctx, wish(ALONE, organisation="org-c", now=now), now).offers)


def test_a_hold_is_confirmed_until_just_before_it_runs_out(ctx: Context) -> None:
    booking = hold(ctx, ALONE)
    confirmed = bookings.confirm(ctx, booking.id, EXPIRY - TICK, MEMBER)
    assert confirmed.state is State.CONFIRMED
    assert bookings.get(ctx, booking.id, EXPIRY + timedelta(days=1), MEMBER) == confirmed
    assert not is_free(ctx, EXPIRY)


def test_at_its_expiry_a_hold_is_over_though_no_job_ran(ctx: Context) -> None:
    booking = hold(ctx, ALONE)
    assert not is_free(ctx, EXPIRY - TICK)
    assert is_free(ctx, EXPIRY)
    assert bookings.get(ctx, booking.id, EXPIRY, MEMBER).state is State.EXPIRED
    for step in (bookings.confirm, bookings.cancel):
        with pytest.raises(HoldExpired):
            step(ctx, booking.id, EXPIRY, MEMBER)


def test_a_hold_that_others_released_is_told_as_run_out(ctx: Context) -> None:
    booking = hold(ctx, ALONE)
    assert [each.id for each in bookings.release_expired(ctx, EXPIRY)] == [booking.id]
    assert bookings.release_expired(ctx, EXPIRY) == ()
    with pytest.raises(HoldExpired):
        bookings.confirm(ctx, booking.id, EXPIRY, MEMBER)
    assert check(ctx.database, EXPIRY) == ()


def test_the_place_of_an_expired_hold_is_taken_without_any_job(ctx: Context) -> None:
    expired = hold(ctx, ALONE)
    taken = hold(ctx, ALONE, now=EXPIRY, organisation="org-b")
    assert taken.claims == expired.claims
    assert bookings.get(ctx, expired.id, EXPIRY, SYSTEM).state is State.EXPIRED
    assert check(ctx.database, EXPIRY) == ()


def test_cancelling_frees_the_place_and_the_weekly_hours(ctx: Context) -> None:
    booking = hold(ctx, ALONE)
    bookings.confirm(ctx, booking.id, NOW, MEMBER)
    assert (used(ctx), is_free(ctx)) == (8, False)
    cancelled = bookings.cancel(ctx, booking.id, NOW, MEMBER)
    assert (cancelled.state, cancelled.late) == (State.CANCELLED, False)
    assert (used(ctx), is_free(ctx)) == (0, True)
    assert check(ctx.database, NOW) == ()


def test_a_late_cancellation_frees_the_place_but_not_the_hours(ctx: Context) -> None:
    booking = hold(ctx, ALONE)
    bookings.confirm(ctx, booking.id, NOW, MEMBER)
    limit = moment_of(booking.start) - timedelta(hours=48)
    late = bookings.cancel(ctx, booking.id, limit + TICK, MEMBER)
    assert late.late
    assert used(ctx) == 8


def test_a_cancellation_at_the_limit_is_not_late(ctx: Context) -> None:
    booking = hold(ctx, ALONE)
    bookings.confirm(ctx, booking.id, NOW, MEMBER)
    limit = moment_of(booking.start) - timedelta(hours=48)
    assert not bookings.cancel(ctx, booking.id, limit, MEMBER).late


def test_a_cancelled_booking_takes_no_further_step(ctx: Context) -> None:
    booking = hold(ctx)
    bookings.cancel(ctx, booking.id, NOW, MEMBER)
    for step in (bookings.confirm, bookings.cancel):
        with pytest.raises(IllegalTransition):
            step(ctx, booking.id, NOW, MEMBER)
    with pytest.raises(IllegalTransition):
        bookings.move(ctx, booking.id, wish(), NOW, MEMBER)


def test_a_booking_moves_over_its_own_place(ctx: Context) -> None:
    booking = hold(ctx, ALONE, hours=4)
    bookings.confirm(ctx, booking.id, NOW, MEMBER)
    moved = bookings.move(ctx, booking.id, wish(ALONE, start=at(11), hours=4), NOW, MEMBER)
    assert isinstance(moved.decision, Granted)
    assert (moved.booking.start, moved.booking.state) == (at(11), State.CONFIRMED)
    assert bookings.get(ctx, booking.id, NOW, MEMBER) == moved.booking
    assert used(ctx) == 16
    assert check(ctx.database, NOW) == ()


def test_a_move_that_does_not_fit_leaves_the_booking_as_it_was(ctx: Context) -> None:
    booking = hold(ctx, ALONE)
    other = hold(ctx, ALONE, start=at(13), organisation="org-b")
    moved = bookings.move(ctx, booking.id, wish(ALONE, start=at(14)), NOW, MEMBER)
    assert not isinstance(moved.decision, Granted)
    assert moved.booking == booking
    for each in (booking, other):
        assert bookings.get(ctx, each.id, NOW, SYSTEM) == each
    assert check(ctx.database, NOW) == ()


def test_a_move_counts_the_weekly_hours_without_its_own(ctx: Context) -> None:
    days = [at(9) + 96 * day for day in (0, 1, 3)]
    booked = [hold(ctx, start=start, hours=8) for start in days]
    friday = wish(start=at(9) + 96 * 4, hours=8)
    assert requests.submit(ctx, friday, NOW, MEMBER).booking is None
    moved = bookings.move(ctx, booked[0].id, friday, NOW, MEMBER)
    assert isinstance(moved.decision, Granted)


def test_a_moved_hold_keeps_its_expiry(ctx: Context) -> None:
    booking = hold(ctx, ALONE)
    later = NOW + timedelta(minutes=20)
    wished = wish(ALONE, start=at(14), now=later)
    moved = bookings.move(ctx, booking.id, wished, later, MEMBER).booking
    assert moved.expires_at == EXPIRY
    assert is_free(ctx, later)


def test_a_move_cannot_change_the_organisation(ctx: Context) -> None:
    booking = hold(ctx)
    with pytest.raises(InvalidRequest, match="booking_of_other_organisation"):
        bookings.move(ctx, booking.id, wish(organisation="org-b"), NOW, SYSTEM)


def test_a_booking_that_has_begun_does_not_move(ctx: Context) -> None:
    booking = hold(ctx, ALONE)
    bookings.confirm(ctx, booking.id, NOW, MEMBER)
    began = moment_of(booking.start)
    with pytest.raises(IllegalTransition, match="cannot_move"):
        bookings.move(ctx, booking.id, wish(ALONE, start=at(15), now=began), began, MEMBER)


def test_another_organisations_booking_does_not_exist(ctx: Context) -> None:
    booking = hold(ctx)
    for step in (bookings.get, bookings.confirm, bookings.cancel):
        with pytest.raises(NotFound):
            step(ctx, booking.id, NOW, RIVAL)
    with pytest.raises(NotFound):
        bookings.move(ctx, booking.id, wish(), NOW, RIVAL)
    assert bookings.get(ctx, booking.id, NOW, SYSTEM) == booking


def test_a_listing_shows_ones_own_and_to_operators_all(ctx: Context) -> None:
    mine, theirs = hold(ctx, start=at(12)), hold(ctx, organisation="org-b")
    assert [each.id for each in bookings.listing(ctx, NOW, MEMBER)] == [mine.id]
    assert [each.id for each in bookings.listing(ctx, NOW, MEMBER, "org-b")] == [mine.id]
    assert [each.id for each in bookings.listing(ctx, NOW, SYSTEM)] == [theirs.id, mine.id]
    assert [each.id for each in bookings.listing(ctx, NOW, SYSTEM, "org-a")] == [mine.id]


def test_two_processes_see_each_others_steps(ctx: Context) -> None:
    """Two contexts on one database have each their own calendar in memory."""
    other = make_context(ctx.database)
    booking = hold(ctx, ALONE)
    assert not is_free(other)
    bookings.cancel(other, booking.id, NOW, MEMBER)
    assert is_free(ctx)
    again = hold(other, ALONE, facility("fc-bays", units=3))
    moved = bookings.move(ctx, again.id, wish(facility("fc-open")), NOW, MEMBER)
    assert isinstance(moved.decision, Granted)
    assert is_free(other)


def test_a_hold_confirmed_elsewhere_does_not_lapse_in_a_calendar_in_memory(ctx: Context) -> None:
    other = make_context(ctx.database)
    booking = hold(ctx, ALONE)
    assert not is_free(other)
    bookings.confirm(ctx, booking.id, NOW, MEMBER)
    assert not is_free(other, EXPIRY)


def test_a_hold_that_lapsed_in_memory_is_not_given_back_twice(ctx: Context) -> None:
    other = make_context(ctx.database)
    hold(ctx, route("rt-a1", vehicles=2))
    late = wish(route("rt-a1", vehicles=3), now=EXPIRY, organisation="org-b")
    assert requests.search(other, late, EXPIRY).offers
    bookings.release_expired(ctx, EXPIRY)
    assert requests.search(other, late, EXPIRY).offers
    assert requests.submit(ctx, late, EXPIRY, SYSTEM).booking
    assert not requests.search(other, late, EXPIRY).offers


def test_nothing_half_done_is_left_by_an_error_in_the_middle(
    ctx: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("the power went out")

    monkeypatch.setattr("testbed.service.write.records.write_note", broken)
    with pytest.raises(RuntimeError):
        requests.submit(ctx, wish(ALONE), NOW, MEMBER)
    monkeypatch.undo()
    with ctx.database.reading() as connection:
        kept = [
            connection.execute(select(func.count()).select_from(each)).scalar()
            for each in (tables.request, tables.booking, tables.line)
        ]
    assert kept == [0, 0, 0]
    assert check(ctx.database, NOW) == ()
    assert replace(hold(ctx, ALONE), id="") is not None


def test_who_only_looks_changes_nothing_whatever_address_they_found(ctx: Context) -> None:
    mine = requests.submit(ctx, wish(), NOW, SYSTEM).booking
    assert mine
    observer = Member(9, "org-a", "o@example.org", "O", Role.OBSERVER)
    steps = (
        lambda: bookings.confirm(ctx, mine.id, NOW, observer),
        lambda: bookings.cancel(ctx, mine.id, NOW, observer),
        lambda: requests.submit(ctx, wish(start=at(14)), NOW, observer),
        lambda: emergency.save_contact(ctx, mine.id, Contact("O", "010-1234-5678"), NOW, observer),
    )
    for step in steps:
        with pytest.raises(NotAllowed, match="role_not_here"):
            step()
    assert bookings.get(ctx, mine.id, NOW, observer).state is State.HELD
