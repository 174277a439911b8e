"""The strip of days: how many start hours each day around the wish has left."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from babel.dates import format_date
from flask_babel import get_locale

from testbed.domain.catalogue import Catalogue
from testbed.domain.grid import GRAINS_PER_HOUR, local_midnight
from testbed.service.availability import Availability
from web.languages import gettext, ngettext, text

DAYS = 14
# From this weekday on the wish's own week is the first one shown, else the week before it.
LATE_IN_WEEK = 3


@dataclass(frozen=True, slots=True)
class DayCell:
    """One day of the strip: `hours` are the clock hours in which a session may start.

    `height` is its share of the fullest day in percent.
    """

    day: date
    said: str
    number: str
    weekday: str
    holiday: str
    hours: int
    height: int
    wished: bool
    past: bool


def days_of_strip(day: date, today: date) -> tuple[date, date]:
    """The first and the last day of the two weeks shown round a wished day."""
    monday = day - timedelta(days=day.weekday())
    if day.weekday() < LATE_IN_WEEK:
        monday -= timedelta(days=7)
    monday = max(monday, today - timedelta(days=today.weekday()))
    return monday, monday + timedelta(days=DAYS - 1)


def strip(
    found: Iterable[Availability], first: date, wished: date, today: date, catalogue: Catalogue
) -> list[DayCell]:
    """A cell for each day from `first` on, over all the resources found."""
    hours = _hours_by_day(found)
    days = [first + timedelta(days=number) for number in range(DAYS)]
    most = max((len(hours.get(each, ())) for each in days), default=0)
    return [
        _cell(each, len(hours.get(each, ())), most, (wished, today), catalogue) for each in days
    ]


def _hours_by_day(found: Iterable[Availability]) -> Mapping[date, set[int]]:
    """The clock hours of each day in which a start is left on some resource."""
    hours: dict[date, set[int]] = {}
    for each in found:
        for free in each.days:
            midnight = local_midnight(free.day, each.resource.zone)
            known = hours.setdefault(free.day, set())
            for start, end in free.starts:
                known.update((grain - midnight) // GRAINS_PER_HOUR for grain in range(start, end))
    return hours


def _cell(
    day: date, hours: int, most: int, marked: tuple[date, date], catalogue: Catalogue
) -> DayCell:
    wished, today = marked
    holiday = catalogue.holidays.get(day)
    return DayCell(
        day=day,
        said=_said(day, hours),
        number=str(day.day),
        weekday=format_date(day, "EEE", locale=get_locale()),
        holiday=text(holiday) if holiday else "",
        hours=hours,
        height=round(100 * hours / most) if most else 0,
        wished=day == wished,
        past=day < today,
    )


def _said(day: date, hours: int) -> str:
    named = format_date(day, "yyyy-MM-dd (EEE)", locale=get_locale())
    some = ngettext("%(num)d start hour free", "%(num)d start hours free", hours)
    left = some if hours else gettext("no start left")
    return f"{named}: {left}"
