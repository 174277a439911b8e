"""Opening hours: a calendar over dates, as intervals of grains."""

from collections.abc import Container, Iterator
from datetime import date, datetime, time, timedelta

from testbed.domain import grid
from testbed.domain.catalogue import Calendar, Window

# A window may reach 48 hours past the midnight before it.
LONGEST_WINDOW_DAYS = 2


def open_intervals(
    calendar: Calendar, holidays: Container[date], zone: str, first_day: date, last_day: date
) -> Iterator[tuple[int, int]]:
    """Open intervals [start, end) in grains of the windows that start on these dates.

    `last_day` is included. A window past midnight belongs to the date on which it starts, so it may
    reach past `last_day`, and a holiday takes out what starts on it. Grains lie wholly inside the
    window. Order is by date, then by window; intervals of two windows may touch or overlap.
    """
    for offset in range((last_day - first_day).days + 1):
        day = first_day + timedelta(days=offset)
        if calendar.closed_on_public_holidays and day in holidays:
            continue
        for window in calendar.windows:
            if day.weekday() in window.weekdays:
                yield from _occurrence(window, zone, day)


def closed_intervals(
    calendar: Calendar, holidays: Container[date], zone: str, first_day: date, last_day: date
) -> Iterator[tuple[int, int]]:
    """What the open intervals leave of these local days, in order; `last_day` is included."""
    begin = grid.local_midnight(first_day, zone)
    end = grid.local_midnight(last_day + timedelta(days=1), zone)
    reach = first_day - timedelta(days=LONGEST_WINDOW_DAYS)
    for opens, closes in sorted(open_intervals(calendar, holidays, zone, reach, last_day)):
        if begin < min(opens, end):
            yield begin, min(opens, end)
        begin = max(begin, closes)
    if begin < end:
        yield begin, end


def _occurrence(window: Window, zone: str, day: date) -> Iterator[tuple[int, int]]:
    start = grid.ceil_grain(_wall_moment(day, window.start_min, zone))
    end = grid.floor_grain(_wall_moment(day, window.end_min, zone))
    if start < end:  # a window shorter than its grain, or swallowed by a change of the clock
        yield start, end


def _wall_moment(day: date, minutes: int, zone: str) -> datetime:
    # Added before the zone is attached: hours are what the clock on the wall shows, not elapsed
    # time, so a window from 09:00 starts at 09:00 also on the day of a change to summer time.
    wall = datetime.combine(day, time()) + timedelta(minutes=minutes)
    return wall.replace(tzinfo=grid.zone(zone))
