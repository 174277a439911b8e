"""Opening hours as a week, and the public holidays that take days out of it."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from testbed.domain.catalogue import Calendar, Catalogue, Window
from web.languages import text
from web.place_words import WEEKDAYS
from web.present import day_text

AHEAD = timedelta(days=120)
DAY_MINUTES = 24 * 60


@dataclass(frozen=True, slots=True)
class Week:
    """The hours of each weekday, Monday first, and the holidays to come; empty hours are closed."""

    days: list[tuple[str, str]]
    recorded: bool
    keeps_holidays: bool
    holidays: list[str]


def week_of(calendar: Calendar, catalogue: Catalogue, today: date) -> Week:
    """The week of a calendar as it is read from this day on."""
    closing = calendar.closed_on_public_holidays
    return Week(
        days=[(str(name), _hours(calendar, number)) for number, name in enumerate(WEEKDAYS)],
        recorded=calendar.provenance.is_recorded("windows"),
        keeps_holidays=closing,
        holidays=_holidays(calendar, catalogue, today) if closing else [],
    )


def _hours(calendar: Calendar, weekday: int) -> str:
    windows = [each for each in calendar.windows if weekday in each.weekdays]
    return ", ".join(_span(each) for each in sorted(windows, key=lambda each: each.start_min))


def _span(window: Window) -> str:
    """A window as a clock shows it; 02:00 of the next day is "26:00" as timetables have it."""
    return f"{_clock(window.start_min)}–{_clock(window.end_min)}"


def _clock(minutes: int) -> str:
    return f"{minutes // 60:02d}:{minutes % 60:02d}"


def passes_midnight(calendar: Calendar) -> bool:
    """Whether any window ends after 24:00."""
    return any(each.end_min > DAY_MINUTES for each in calendar.windows)


def _holidays(calendar: Calendar, catalogue: Catalogue, today: date) -> list[str]:
    """The holidays of the next months that fall on a day with hours."""
    open_days = frozenset().union(*(each.weekdays for each in calendar.windows))
    return [
        f"{day_text(datetime.combine(day, time()))} {text(name)}"
        for day, name in sorted(catalogue.holidays.items())
        if today <= day <= today + AHEAD and day.weekday() in open_days
    ]
