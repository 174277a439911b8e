"""Statements: fees stay those of the day of booking, months are local, a closed one is kept."""

from datetime import UTC, date, datetime, timedelta

import pytest

from testbed.domain.bookings import Booking, State
from testbed.domain.catalogue import Mode
from testbed.domain.errors import InvalidRequest, NotAllowed
from testbed.domain.parties import Role
from testbed.domain.requests import Granted
from testbed.persistence.engine import Database
from testbed.service import bookings, catalogue, requests, statements
from testbed.service.actors import SYSTEM
from testbed.service.context import Context, make_context
from tests.catalogues import NOW, at, documents, entry, route, wish
from tests.people import join

MARCH, APRIL = date(2026, 3, 1), date(2026, 4, 1)
ALONE = route("rt-s", mode=Mode.EXCLUSIVE)
LATER = NOW + timedelta(days=1)
IN_APRIL = datetime(2026, 4, 2, tzinfo=UTC)


def priced(won: int, factor: float = 1.0) -> dict[str, object]:
    """The catalogue in which the route costs that much an hour."""
    of = documents()
    fee = {"per_hour_shared": won, "per_hour_exclusive": won, "sme_factor": factor}
    entry(of, "route", "rt-s")["fee"] = fee
    return dict(of)


@pytest.fixture
def ctx(database: Database) -> Context:
    """A province whose route costs 1,000 won an hour."""
    made = make_context(database)
    catalogue.import_documents(made, priced(1000), NOW, SYSTEM)
    return made


def booked(ctx: Context, hours: float = 2, now: datetime = NOW, **wished: object) -> Booking:
    asked = wish(ALONE, hours=hours, now=now, **wished)  # type: ignore[arg-type]
    held = requests.submit(ctx, asked, now, SYSTEM).booking
    assert held is not None
    return bookings.confirm(ctx, held.id, now, SYSTEM)


def krw(ctx: Context, month: date = MARCH, now: datetime = LATER) -> int:
    return statements.of_month(ctx, "org-a", month, now, SYSTEM).statement.krw


def test_a_dearer_catalogue_changes_no_booking_that_stands(ctx: Context) -> None:
    booked(ctx)
    catalogue.import_documents(ctx, priced(5000), LATER, SYSTEM)
    assert krw(ctx) == 2000
    booked(ctx, start=at(13), now=LATER + timedelta(hours=1))
    assert krw(ctx) == 2000 + 2 * 5000


def test_what_is_moved_is_charged_by_the_fees_of_its_move(ctx: Context) -> None:
    booking = booked(ctx)
    catalogue.import_documents(ctx, priced(5000), LATER, SYSTEM)
    then = LATER + timedelta(hours=1)
    bookings.cancel(ctx, booked(ctx, start=at(15), now=then).id, then, SYSTEM)
    asked = wish(ALONE, start=at(13), now=then)
    moved = bookings.move(ctx, booking.id, asked, then, SYSTEM)
    assert isinstance(moved.decision, Granted)
    assert krw(ctx, now=then) == 2 * 5000


def test_a_step_that_books_nothing_anew_changes_no_fee(ctx: Context) -> None:
    held = requests.submit(ctx, wish(ALONE), NOW, SYSTEM).booking
    assert held is not None
    soon = NOW + timedelta(minutes=5)
    catalogue.import_documents(ctx, priced(5000), soon, SYSTEM)
    bookings.confirm(ctx, held.id, soon, SYSTEM)
    assert krw(ctx, now=soon) == 2000


def test_the_type_of_organisation_brings_its_factor(ctx: Context) -> None:
    catalogue.import_documents(ctx, priced(1000, factor=0.5), LATER, SYSTEM)
    booked(ctx, now=LATER)
    assert krw(ctx) == 1000


def test_a_late_cancellation_and_a_no_show_are_charged_and_an_early_one_is_not(
    ctx: Context,
) -> None:
    early, late, missed = (booked(ctx, start=at(hour)) for hour in (9, 11, 13))
    bookings.cancel(ctx, early.id, LATER, SYSTEM)
    start = datetime(2026, 3, 16, 1, 0, tzinfo=UTC)
    bookings.cancel(ctx, late.id, start - timedelta(hours=1), SYSTEM)
    shown = statements.of_month(ctx, "org-a", MARCH, start + timedelta(hours=6), SYSTEM)
    found = {each.booking: (each.state, each.krw) for each in shown.statement.entries}
    assert found == {late.id: (State.CANCELLED, 2000), missed.id: (State.NO_SHOW, 2000)}


def test_a_booking_belongs_to_the_month_of_its_start_in_seoul(ctx: Context) -> None:
    booked(ctx, start=at(15, date(2026, 3, 31)))
    booked(ctx, start=at(9, APRIL))
    assert (krw(ctx, MARCH), krw(ctx, APRIL)) == (2000, 2000)
    months = statements.months(ctx, "org-a", LATER, SYSTEM)
    assert [each.first for each in months] == [APRIL, MARCH]


def test_a_month_is_provisional_until_it_is_over_in_seoul(ctx: Context) -> None:
    booked(ctx)
    ends = datetime(2026, 3, 31, 15, 0, tzinfo=UTC)
    before, after = (
        statements.of_month(ctx, "org-a", MARCH, moment, SYSTEM).statement.is_provisional
        for moment in (ends - timedelta(seconds=1), ends)
    )
    assert (before, after) == (True, False)


def test_a_closed_month_is_kept_as_it_is(ctx: Context) -> None:
    booking = booked(ctx)
    with pytest.raises(InvalidRequest, match="month_not_over"):
        statements.close(ctx, "org-a", MARCH, LATER, SYSTEM)
    closed = statements.close(ctx, "org-a", MARCH, IN_APRIL, SYSTEM)
    again = statements.close(ctx, "org-a", MARCH, IN_APRIL + timedelta(days=1), SYSTEM)
    shown = statements.of_month(ctx, "org-a", MARCH, IN_APRIL, SYSTEM)
    assert closed == again == shown
    assert shown.closing is not None
    assert [each.booking for each in shown.statement.entries] == [booking.id]


def test_no_member_reads_anothers_statement_and_only_operators_close(ctx: Context) -> None:
    manager = join(ctx, Role.MANAGER)
    with pytest.raises(NotAllowed, match="other_organisation"):
        statements.of_month(ctx, "org-b", MARCH, NOW, manager)
    with pytest.raises(NotAllowed, match="other_organisation"):
        statements.months(ctx, "org-b", NOW, manager)
    with pytest.raises(NotAllowed, match="operators_only"):
        statements.close(ctx, "org-a", MARCH, IN_APRIL, manager)


def test_who_only_looks_reads_no_statement(ctx: Context) -> None:
    observer = join(ctx, Role.OBSERVER)
    with pytest.raises(NotAllowed, match="role_not_here"):
        statements.of_month(ctx, "org-a", MARCH, NOW, observer)
    with pytest.raises(NotAllowed, match="role_not_here"):
        statements.months(ctx, "org-a", NOW, observer)


@pytest.mark.parametrize("month", [date(1999, 1, 1), date(2099, 1, 1), date(2026, 3, 2)])
def test_a_day_that_begins_no_month_of_ours_is_refused(ctx: Context, month: date) -> None:
    with pytest.raises(InvalidRequest, match="bad_month"):
        statements.of_month(ctx, "org-a", month, NOW, SYSTEM)
