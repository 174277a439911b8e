"""Series: rules as text, days as slots, and what an edit touches, for any sequence of edits."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from dateutil.rrule import rrulestr
from hypothesis import given, settings
from hypothesis import strategies as st

from testbed.domain.bookings import State, hold, step
from testbed.domain.errors import InvalidRequest, NotFound
from testbed.domain.grid import grain_of, moment_of
from testbed.domain.requests import Cost, Granted, Offer, Offered, Reason
from testbed.domain.series import (
    Change,
    Extent,
    Frequency,
    Occurrence,
    Outcome,
    Rule,
    Scope,
    edited,
    outcome_of,
    plan_of,
    rule_of,
    touched,
)
from testbed.service.recurrence import days_of
from tests.catalogues import MONDAY, NOW, ZONE, at, wish

BERLIN = "Europe/Berlin"

days = st.dates(date(2026, 1, 1), date(2027, 12, 31))
rules = st.builds(
    Rule,
    frequency=st.sampled_from(Frequency),
    interval=st.integers(1, 6),
    weekdays=st.lists(st.integers(0, 6), max_size=3, unique=True).map(
        lambda each: tuple(sorted(each))
    ),
    count=st.integers(1, 20),
)


# -- rules -----------------------------------------------------------------------------------


@given(rules)
def test_a_rule_is_read_as_it_is_written(rule):
    assert rule_of(rule.text) == rule


@given(rules, days)
def test_the_days_are_those_that_dateutil_finds_in_another_zone(rule, first):
    berlin = datetime.combine(first, time(9, 30), tzinfo=ZoneInfo(BERLIN))
    expected = [each.date() for each in rrulestr(rule.text, dtstart=berlin)]
    assert list(days_of(rule, first)) == expected


@given(rules, days, st.integers(0, 95))
def test_every_date_keeps_the_wall_time_of_the_place_in_a_zone_with_summer_time(rule, first, grain):
    at_min = 15 * grain
    midnight = datetime.combine(first, time(), tzinfo=ZoneInfo(BERLIN))
    begins = midnight + timedelta(minutes=at_min)
    plan = plan_of(wish(start=grain_of(begins.astimezone(UTC))), BERLIN, rule)
    assumed = begins.astimezone(UTC).astimezone(ZoneInfo(BERLIN))
    for day in days_of(rule, first):
        expected = datetime.combine(day, assumed.time(), tzinfo=ZoneInfo(BERLIN))
        assert moment_of(plan.start(day)) == expected.astimezone(UTC)


def test_a_series_keeps_seoul_wall_time_for_a_member_in_a_zone_with_summer_time():
    asked = datetime(2026, 3, 25, 2, 0, tzinfo=ZoneInfo(BERLIN))  # 10:00 in Seoul
    plan = plan_of(wish(start=grain_of(asked)), ZONE, rule_of("FREQ=WEEKLY;COUNT=2"))
    starts = [moment_of(plan.start(day)) for day in (date(2026, 3, 25), date(2026, 4, 1))]
    assert [f"{each.astimezone(ZoneInfo(ZONE)):%H:%M}" for each in starts] == ["10:00", "10:00"]
    assert [f"{each.astimezone(ZoneInfo(BERLIN)):%H:%M}" for each in starts] == ["02:00", "03:00"]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("FREQ=YEARLY;COUNT=2", "bad_recurrence"),
        ("FREQ=WEEKLY;BYDAY=XX;COUNT=2", "bad_recurrence"),
        ("FREQ=WEEKLY;FREQ=DAILY;COUNT=2", "bad_recurrence"),
        ("COUNT=2", "bad_recurrence"),
        ("FREQ=WEEKLY;INTERVAL=0;COUNT=2", "bad_recurrence"),
        ("FREQ=WEEKLY", "endless_recurrence"),
        ("FREQ=WEEKLY;COUNT=2;UNTIL=20261231", "endless_recurrence"),
        ("FREQ=DAILY;COUNT=61", "too_many_dates"),
    ],
)
def test_a_rule_that_cannot_serve_is_named(text, code):
    with pytest.raises(InvalidRequest, match=code):
        rule_of(text)


def test_a_rule_has_dates_but_not_too_many():
    with pytest.raises(InvalidRequest, match="no_dates"):
        days_of(rule_of("FREQ=DAILY;UNTIL=20260101"), date(2026, 2, 1))
    with pytest.raises(InvalidRequest, match="too_many_dates"):
        days_of(rule_of("FREQ=DAILY;UNTIL=20261231"), date(2026, 2, 1))


# -- edits -----------------------------------------------------------------------------------

PLAN = plan_of(wish(), ZONE, rule_of("FREQ=DAILY;COUNT=8"))
EIGHT = days_of(PLAN.rule, MONDAY)


def booked(occurrence: Occurrence, start: int, request: str | None = None):
    """A booking at that start, made by the series unless another request is named."""
    offer = Offer(start, start + 8, "rule-track", 202612, (), (), Cost())
    asked = replace(wish(), id=request or occurrence.request)
    return hold(f"b{occurrence.day}", asked, offer, NOW + timedelta(minutes=30))


def calendar():
    """The eight dates, all booked by the series."""
    made = [Occurrence(day, Outcome.BOOKED, PLAN.start(day), f"r{day}", f"b{day}") for day in EIGHT]
    return [(each, booked(each, each.start)) for each in made]


edits = st.tuples(
    st.sampled_from(Scope),
    st.integers(0, 7),
    st.builds(
        Change,
        at_min=st.none() | st.integers(0, 95).map(lambda each: each * 15),
        days=st.integers(-2, 2),
        minutes=st.none() | st.integers(4, 12).map(lambda each: each * 15),
    ),
)


def applied(pairs, plan, scope, day, change):
    """The dates and the plan after an edit that every date could follow."""
    chosen = touched(pairs, Extent(scope, day), NOW)
    since = day if scope is not Scope.ALL else (chosen[0].day if chosen else day)
    target = edited(plan, since, change)
    after = []
    for each, booking in pairs:
        if each in chosen and booking is not None:
            apart = each.apart or scope is Scope.THIS
            moved = replace(each, start=target.start(each.day), apart=apart)
            after.append((moved, booked(moved, moved.start)))
        else:
            after.append((each, booking))
    return after, plan if scope is Scope.THIS else target


@settings(max_examples=50)
@given(st.lists(edits, max_size=6), st.sets(st.integers(0, 7), max_size=4))
def test_exceptions_survive_any_sequence_of_edits(steps, exceptions):
    pairs, plan = calendar(), PLAN
    for number in exceptions:  # moved by themselves, past the series
        each, booking = pairs[number]
        pairs[number] = (each, booked(each, booking.start + 1, "elsewhere"))
    kept = {EIGHT[number]: pairs[number][1] for number in exceptions}
    alone = set()
    for scope, number, change in steps:
        alone |= {EIGHT[number]} if scope is Scope.THIS else set()
        pairs, plan = applied(pairs, plan, scope, EIGHT[number], change)
    for each, booking in pairs:
        if each.day in kept and each.day not in alone:
            assert booking == kept[each.day]
        elif each.day not in alone:
            assert booking.start == plan.start(each.day)


def test_dates_that_have_begun_or_are_over_are_never_touched():
    pairs = calendar()
    begun = moment_of(pairs[2][1].start)
    found = touched(pairs, Extent(Scope.ALL, MONDAY), begun)
    assert [each.day for each in found] == list(EIGHT[3:])


def test_a_cancelled_date_is_not_edited():
    pairs = calendar()
    each, booking = pairs[1]
    pairs[1] = (each, step(booking, State.CANCELLED))
    found = touched(pairs, Extent(Scope.FOLLOWING, EIGHT[0]), NOW)
    assert each not in found


def test_a_day_that_is_no_date_of_the_series_is_named():
    with pytest.raises(NotFound, match="occurrence"):
        touched(calendar(), Extent(Scope.THIS, date(2026, 1, 1)), NOW)


# -- outcomes --------------------------------------------------------------------------------


def no(*reasons: tuple[str, str]):
    return Offered((), tuple(Reason(code, resource) for code, resource in reasons))


@pytest.mark.parametrize(
    ("decision", "outcome"),
    [
        (Granted(Offer(at(10), at(12), "rule-track", 202612, (), (), Cost())), Outcome.BOOKED),
        (no(("lead_too_long", "a")), Outcome.AWAITED),
        (no(("pool_full", "a"), ("lead_too_long", "b")), Outcome.AWAITED),
        (no(("lead_too_long", "a"), ("closed_hours", "a")), Outcome.LEFT_OUT),
        (no(("beyond_horizon", "a"), ("closed_hours", "a")), Outcome.AWAITED),
        (no(("beyond_horizon", "a"), ("too_many", "a")), Outcome.LEFT_OUT),
        (no(("pool_full", "a")), Outcome.LEFT_OUT),
    ],
)
def test_a_date_waits_only_where_it_is_nothing_but_too_early(decision, outcome):
    assert outcome_of(decision) is outcome
