"""The waitlist on the database: offers in the releasing transaction, jobs that only catch up."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from testbed.domain.bookings import Booking, State
from testbed.domain.catalogue import Mode
from testbed.domain.errors import IllegalTransition, NotFound
from testbed.domain.grid import moment_of
from testbed.domain.parties import Role
from testbed.domain.requests import Granted, Request, Waitlisted
from testbed.domain.waitlist import Waiting
from testbed.persistence.check import check
from testbed.persistence.engine import Database
from testbed.persistence.tables import audit
from testbed.service import bookings, no_shows, requests, waitlist
from testbed.service.actors import SYSTEM
from testbed.service.context import Context
from testbed.service.terms import Terms
from tests.catalogues import NOW, facility, route, wish
from tests.people import join, province

ALONE = route("rt-s", mode=Mode.EXCLUSIVE)
HOUR = timedelta(hours=1)


@pytest.fixture
def ctx(database: Database) -> Context:
    return province(database)


def taken(ctx: Context) -> Booking:
    """A confirmed booking of the only exclusive route."""
    held = requests.submit(ctx, wish(ALONE, organisation="org-c"), NOW, SYSTEM).booking
    assert held is not None
    return bookings.confirm(ctx, held.id, NOW, SYSTEM)


def waits(
    ctx: Context, organisation: str = "org-a", now: datetime = NOW, need: object = ALONE
) -> Request:
    asked = replace(wish(need, organisation=organisation, now=now), wait=True)  # type: ignore[arg-type]
    answer = requests.submit(ctx, asked, now, SYSTEM)
    assert isinstance(answer.decision, Waitlisted)
    return replace(asked, id=answer.request_id)


def offer_of(ctx: Context, request: Request, now: datetime) -> Booking:
    entry = waitlist.one(ctx, request.id, now, SYSTEM).entry
    assert (entry.state, entry.booking is None) == (Waiting.OFFERED, False)
    return bookings.get(ctx, str(entry.booking), now, SYSTEM)


def test_what_is_cancelled_is_held_for_who_waits_in_the_same_transaction(ctx: Context) -> None:
    place, asked = taken(ctx), waits(ctx)
    bookings.cancel(ctx, place.id, NOW + HOUR, SYSTEM)
    booking = offer_of(ctx, asked, NOW + HOUR)
    assert (booking.state, booking.organisation) == (State.HELD, "org-a")
    with ctx.database.reading() as connection:
        told = connection.execute(select(audit.c.action).order_by(audit.c.id.desc()).limit(2))
        assert list(told.scalars()) == ["booking.offered", "booking.cancelled"]
    assert check(ctx.database, NOW + HOUR) == ()


def test_a_hold_that_ran_out_is_offered_before_a_newcomer_is_decided(ctx: Context) -> None:
    held = requests.submit(ctx, wish(ALONE, organisation="org-c"), NOW, SYSTEM).booking
    assert held is not None
    asked = waits(ctx)
    late = NOW + timedelta(minutes=30)
    newcomer = wish(ALONE, organisation="org-b", now=late)
    assert requests.submit(ctx, newcomer, late, SYSTEM).booking is None
    assert offer_of(ctx, asked, late).expires_at == late + timedelta(minutes=120)


def test_an_offer_not_taken_goes_on_when_its_time_is_over_however_late_the_job(
    ctx: Context,
) -> None:
    place, first = taken(ctx), waits(ctx)
    second = waits(ctx, "org-b", NOW + HOUR)
    bookings.cancel(ctx, place.id, NOW + HOUR, SYSTEM)
    late = NOW + 30 * HOUR
    bookings.release_expired(ctx, late)
    assert waitlist.one(ctx, first.id, late, SYSTEM).entry.state is Waiting.WAITING
    assert offer_of(ctx, second, late).organisation == "org-b"
    assert check(ctx.database, late) == ()


def test_accepting_is_confirming_and_declining_is_cancelling(ctx: Context) -> None:
    place, first = taken(ctx), waits(ctx)
    second = waits(ctx, "org-b", NOW + HOUR)
    bookings.cancel(ctx, place.id, NOW + HOUR, SYSTEM)
    bookings.cancel(ctx, offer_of(ctx, first, NOW + HOUR).id, NOW + 2 * HOUR, SYSTEM)
    bookings.confirm(ctx, offer_of(ctx, second, NOW + 2 * HOUR).id, NOW + 3 * HOUR, SYSTEM)
    assert waitlist.one(ctx, first.id, NOW + 3 * HOUR, SYSTEM).entry.state is Waiting.WAITING
    assert waitlist.one(ctx, second.id, NOW + 3 * HOUR, SYSTEM).entry.state is Waiting.SERVED


def test_an_offer_that_was_moved_first_ends_the_waiting_all_the_same(ctx: Context) -> None:
    place, asked = taken(ctx), waits(ctx)
    bookings.cancel(ctx, place.id, NOW, SYSTEM)
    offer = offer_of(ctx, asked, NOW)
    later = wish(ALONE, start=offer.start + 4)
    assert isinstance(bookings.move(ctx, offer.id, later, NOW, SYSTEM).decision, Granted)
    bookings.confirm(ctx, offer.id, NOW, SYSTEM)
    assert waitlist.one(ctx, asked.id, NOW, SYSTEM).entry.state is Waiting.SERVED


def test_a_no_show_is_offered_as_of_the_end_of_its_grace(ctx: Context) -> None:
    place = taken(ctx)
    later = wish(ALONE, start=place.start + 4, organisation="org-b")
    asked = replace(later, earliest=place.start, latest=place.start + 6)
    answer = requests.submit(
        ctx, replace(asked, wait=True, override=("notice_too_short",)), NOW, SYSTEM, why="a test"
    )
    assert isinstance(answer.decision, Waitlisted)
    missed = moment_of(place.start + 2)
    no_shows.release_no_shows(ctx, missed)
    entry = waitlist.one(ctx, answer.request_id, missed, SYSTEM).entry
    assert entry.state is Waiting.OFFERED


def test_the_position_is_among_those_who_ask_for_the_same_places(ctx: Context) -> None:
    taken(ctx)
    waits(ctx)
    second = waits(ctx, "org-b", NOW + HOUR)
    place = waitlist.one(ctx, second.id, NOW + HOUR, SYSTEM)
    assert (place.position, place.rivals) == (2, 1)
    assert [each.entry.request.organisation for each in place.ahead] == ["org-a"]


def test_an_organisation_sees_its_own_entries_alone(ctx: Context) -> None:
    taken(ctx)
    asked = waits(ctx)
    rival = join(ctx, Role.MEMBER, "org-b")
    assert waitlist.listing(ctx, NOW, rival) == ()
    with pytest.raises(NotFound):
        waitlist.one(ctx, asked.id, NOW, rival)
    with pytest.raises(NotFound):
        waitlist.withdraw(ctx, asked.id, NOW, rival)
    assert len(waitlist.listing(ctx, NOW, join(ctx))) == 1


def test_withdrawing_twice_with_one_key_answers_alike_and_without_it_is_refused(
    ctx: Context,
) -> None:
    taken(ctx)
    asked = waits(ctx)
    for _ in range(2):
        waitlist.withdraw(ctx, asked.id, NOW, SYSTEM, terms=Terms(key="k1"))
    assert waitlist.one(ctx, asked.id, NOW, SYSTEM).entry.state is Waiting.WITHDRAWN
    with pytest.raises(IllegalTransition):
        waitlist.withdraw(ctx, asked.id, NOW, SYSTEM)


def test_catching_up_ends_what_waited_too_long_once(ctx: Context) -> None:
    taken(ctx)
    asked = waits(ctx)
    over = moment_of(asked.latest) + timedelta(days=1)
    assert waitlist.catch_up(ctx, over) == 1
    assert waitlist.catch_up(ctx, over) == 0
    assert waitlist.one(ctx, asked.id, over, SYSTEM).entry.state is Waiting.LAPSED


def test_an_offer_that_has_run_out_goes_on_before_a_newcomer_though_nobody_else_waits(
    ctx: Context,
) -> None:
    place, asked = taken(ctx), waits(ctx)
    bookings.cancel(ctx, place.id, NOW, SYSTEM)
    assert offer_of(ctx, asked, NOW)
    late = NOW + timedelta(hours=2)
    newcomer = wish(ALONE, organisation="org-b", now=late)
    requests.submit(ctx, newcomer, late, SYSTEM)
    with ctx.database.reading() as connection:
        told = connection.execute(select(audit.c.action).order_by(audit.c.id.desc()).limit(3))
        assert list(told.scalars()) == ["booking.held", "booking.expired", "waitlist.waiting"]


def test_a_part_that_fits_is_offered_the_moment_one_joins(ctx: Context) -> None:
    taken_bays = wish(facility("fc-bays", units=2), organisation="org-c")
    held = requests.submit(ctx, taken_bays, NOW, SYSTEM).booking
    assert held is not None
    asked = replace(wish(facility("fc-bays", units=2)), wait=True, partial=True)
    answer = requests.submit(ctx, asked, NOW, SYSTEM)
    assert isinstance(answer.decision, Waitlisted)
    offer = offer_of(ctx, replace(asked, id=answer.request_id), NOW)
    assert offer.lines[0].units == 1
