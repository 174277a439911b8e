"""Calendars over dates: opening hours as intervals of grains."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from testbed.domain.catalogue import Calendar, Name, Window
from testbed.domain.grid import floor_grain, local_moment
from testbed.domain.hours import closed_intervals, open_intervals

SEOUL = "Asia/Seoul"
ALL_DAYS = frozenset(range(7))


def calendar(*windows, holidays_off=True):
    return Calendar("cal", Name("hours", "hours"), windows, holidays_off)


def local(intervals, zone=SEOUL):
    return [
        tuple(f"{local_moment(grain, zone):%m-%d %H:%M}" for grain in interval)
        for interval in intervals
    ]


def opened(calendar, first, last, holidays=(), zone=SEOUL):
    return local(open_intervals(calendar, holidays, zone, first, last), zone)


def test_each_weekday_of_a_window_opens_once_and_the_last_day_counts():
    weekdays = calendar(Window(frozenset(range(5)), 9 * 60, 18 * 60))
    found = opened(weekdays, date(2026, 3, 6), date(2026, 3, 9))
    assert found == [("03-06 09:00", "03-06 18:00"), ("03-09 09:00", "03-09 18:00")]


def test_a_window_past_midnight_belongs_to_the_date_on_which_it_starts():
    night = calendar(Window(frozenset({3}), 22 * 60, 26 * 60))
    assert opened(night, date(2026, 12, 31), date(2026, 12, 31)) == [("12-31 22:00", "01-01 02:00")]
    assert opened(night, date(2027, 1, 1), date(2027, 1, 1)) == []


def test_a_holiday_takes_out_what_starts_on_it_and_leaves_the_night_before():
    night = calendar(Window(ALL_DAYS, 22 * 60, 26 * 60))
    found = opened(night, date(2026, 2, 28), date(2026, 3, 2), holidays={date(2026, 3, 1)})
    assert found == [("02-28 22:00", "03-01 02:00"), ("03-02 22:00", "03-03 02:00")]


def test_a_calendar_that_knows_no_holidays_opens_on_them():
    always = calendar(Window(ALL_DAYS, 0, 24 * 60), holidays_off=False)
    found = opened(always, date(2026, 3, 1), date(2026, 3, 1), holidays={date(2026, 3, 1)})
    assert found == [("03-01 00:00", "03-02 00:00")]


def test_windows_of_a_leap_day_are_open():
    weekdays = calendar(Window(frozenset({1}), 0, 15))
    assert opened(weekdays, date(2028, 2, 28), date(2028, 3, 1)) == [("02-29 00:00", "02-29 00:15")]


def test_grains_lie_wholly_inside_the_window():
    uneven = calendar(Window(ALL_DAYS, 9 * 60 + 10, 10 * 60 + 5))
    day = date(2026, 3, 6)
    assert opened(uneven, day, day) == [("03-06 09:15", "03-06 10:00")]


@pytest.mark.parametrize("window", [(9 * 60 + 1, 9 * 60 + 29), (9 * 60 + 5, 9 * 60 + 10)])
def test_a_window_without_a_whole_grain_never_opens(window):
    day = date(2026, 3, 6)
    assert opened(calendar(Window(ALL_DAYS, *window)), day, day) == []


def test_hours_are_those_on_the_clock_on_the_day_of_a_change_to_summer_time():
    zone = "America/New_York"
    long_night = calendar(Window(frozenset({5}), 22 * 60, 28 * 60))
    ((start, end),) = open_intervals(long_night, (), zone, date(2026, 3, 7), date(2026, 3, 7))
    assert local([(start, end)], zone) == [("03-07 22:00", "03-08 04:00")]
    assert end - start == 5 * 4  # one of the six hours is skipped


def test_a_day_in_another_zone_starts_with_its_own_midnight():
    day = date(2026, 7, 1)
    ((start, _),) = open_intervals(calendar(Window(ALL_DAYS, 0, 60)), (), "Europe/Berlin", day, day)
    assert start == floor_grain(datetime(2026, 7, 1, tzinfo=ZoneInfo("Europe/Berlin")))


def test_no_date_gives_no_interval():
    always = calendar(Window(ALL_DAYS, 0, 24 * 60))
    day = date(2026, 3, 6)
    assert opened(always, day, day - timedelta(days=1)) == []


def closed(calendar, first, last, holidays=()):
    return local(closed_intervals(calendar, holidays, SEOUL, first, last))


def test_what_is_not_open_is_closed():
    weekdays = calendar(
        Window(frozenset(range(5)), 10 * 60, 12 * 60), Window(frozenset(range(5)), 13 * 60, 17 * 60)
    )
    assert closed(weekdays, date(2026, 3, 6), date(2026, 3, 6)) == [
        ("03-06 00:00", "03-06 10:00"),
        ("03-06 12:00", "03-06 13:00"),
        ("03-06 17:00", "03-07 00:00"),
    ]
    assert closed(weekdays, date(2026, 3, 7), date(2026, 3, 8)) == [("03-07 00:00", "03-09 00:00")]


def test_a_window_of_the_night_before_opens_the_morning():
    night = calendar(Window(frozenset({3}), 22 * 60, 26 * 60))
    assert closed(night, date(2027, 1, 1), date(2027, 1, 1)) == [("01-01 02:00", "01-02 00:00")]


def test_all_hours_leave_nothing_closed():
    always = calendar(Window(ALL_DAYS, 0, 24 * 60), holidays_off=False)
    assert closed(always, date(2026, 3, 6), date(2026, 3, 8)) == []


def test_a_holiday_is_closed_all_day():
    weekdays = calendar(Window(frozenset(range(5)), 9 * 60, 18 * 60))
    holiday = date(2026, 3, 2)
    assert closed(weekdays, holiday, holiday, {holiday}) == [("03-02 00:00", "03-03 00:00")]
