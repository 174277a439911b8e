"""What an organisation owes: which states are charged, by which figures, and their sums."""

from dataclasses import replace
from datetime import date

import pytest

from testbed.domain.bookings import Booking, State
from testbed.domain.catalogue import Mode
from testbed.domain.grid import GRAINS_PER_HOUR
from testbed.domain.requests import Line
from testbed.domain.statements import (
    CHARGED,
    UNKNOWN,
    Statement,
    entries_of,
    following,
    is_charged,
    month_of,
)
from tests.catalogues import at, wish
from tests.domain.small import valley

START = at(10)


def booked(state: State = State.CONFIRMED, *, late: bool = False, hours: float = 2) -> Booking:
    end = START + round(hours * GRAINS_PER_HOUR)
    line = Line("rt-a", START, end, 1, 1, Mode.SHARED)
    return Booking("b", wish(), state, START, end, "track", 0, (line,), (), late=late)


def test_every_state_says_how_it_is_charged() -> None:
    assert set(CHARGED) == set(State)


@pytest.mark.parametrize(
    "state", [State.CONFIRMED, State.CHECKED_IN, State.COMPLETED, State.NO_SHOW]
)
def test_booked_time_is_paid_for_used_or_not(state: State) -> None:
    (entry,) = entries_of(booked(state), "oem", valley())
    assert (entry.hours, entry.krw) == (2, round(2 * entry.rate))
    assert entry.krw > 0


def test_only_a_late_cancellation_costs_what_the_booking_would_have() -> None:
    assert entries_of(booked(State.CANCELLED), "oem", valley()) == ()
    (late,) = entries_of(booked(State.CANCELLED, late=True), "oem", valley())
    (used,) = entries_of(booked(State.COMPLETED), "oem", valley())
    assert late.krw == used.krw > 0


@pytest.mark.parametrize("state", [State.HELD, State.PENDING, State.DISPLACED])
def test_what_waits_or_was_taken_away_is_listed_for_nothing(state: State) -> None:
    (entry,) = entries_of(booked(state), "oem", valley())
    assert entry.krw == 0
    assert not is_charged(booked(state))


@pytest.mark.parametrize("state", [State.EXPIRED, State.REJECTED])
def test_what_never_came_about_is_not_listed(state: State) -> None:
    assert entries_of(booked(state), "oem", valley()) == ()


def test_a_place_that_no_catalogue_knows_is_listed_for_nothing() -> None:
    gone = replace(booked(), lines=(replace(booked().lines[0], resource="rt-gone"),))
    (entry,) = entries_of(gone, "oem", valley())
    assert (entry.kind, entry.name.en, entry.krw) == (UNKNOWN, "rt-gone", 0)
    assert month_of(gone, valley()) == month_of(booked(), valley())


def test_sums_by_kind_and_state_come_to_the_whole() -> None:
    entries = (
        *entries_of(booked(State.COMPLETED), "oem", valley()),
        *entries_of(booked(State.NO_SHOW, hours=1), "oem", valley()),
        *entries_of(booked(State.HELD), "oem", valley()),
    )
    statement = Statement("org-a", date(2026, 12, 1), is_provisional=False, entries=entries)
    assert sum(each.krw for each in statement.by_kind()) == statement.krw > 0
    assert [(each.key, each.hours) for each in statement.by_state()] == [
        ("completed", 2),
        ("no_show", 1),
        ("held", 2),
    ]


def test_a_statement_is_on_record_only_where_every_charged_figure_is() -> None:
    paid = entries_of(booked(State.COMPLETED), "oem", valley())[0]
    free = replace(paid, krw=0, is_recorded=False)
    first = date(2026, 12, 1)
    assert Statement("a", first, False, (replace(paid, is_recorded=True), free)).is_recorded
    assert not Statement("a", first, False, (replace(paid, is_recorded=False),)).is_recorded


def test_the_month_is_that_of_the_start_where_the_place_stands() -> None:
    # Half past midnight of 1 December in Seoul is still November in UTC.
    early = at(0.5, date(2026, 12, 1))
    assert month_of(replace(booked(), start=early), valley()) == date(2026, 12, 1)
    assert month_of(replace(booked(), start=early - 3), valley()) == date(2026, 11, 1)


def test_december_is_followed_by_january() -> None:
    assert following(date(2026, 12, 1)) == date(2027, 1, 1)
    assert following(date(2026, 1, 1)) == date(2026, 2, 1)
