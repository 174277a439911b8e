"""Bookings as an agenda: one row each, under the day on which it begins."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby

from babel.dates import format_date
from flask_babel import get_locale

from testbed.domain.bookings import Booking
from testbed.domain.catalogue import Catalogue
from testbed.domain.grid import local_date, local_moment
from testbed.domain.parties import Organisation
from web.booked import name_of, place_of, zone_of
from web.booking_view import Hold, Visit, hold_of, visit_of
from web.languages import gettext, text
from web.present import DAY_PATTERN, times


@dataclass(frozen=True, slots=True)
class Row:
    """A booking in the agenda."""

    id: str
    day: date
    day_said: str
    time: str
    name: str
    place: str
    organisation: str
    state: str
    hold: Hold | None
    visit: Visit | None


@dataclass(frozen=True, slots=True)
class Day:
    """A day of the agenda; `near` says "today" or "tomorrow"."""

    said: str
    near: str
    rows: list[Row]


@dataclass(frozen=True, slots=True)
class Reading:
    """What an agenda is read against, at this moment."""

    catalogue: Catalogue
    organisations: Mapping[str, Organisation]
    grace_minutes: int | None
    now: datetime
    today: date


def days(bookings: Iterable[Booking], reading: Reading) -> list[Day]:
    """The bookings under their days, in the order in which they come."""
    return list(_days([row(each, reading) for each in bookings], reading.today))


def row(booking: Booking, reading: Reading) -> Row:
    """One booking as a row."""
    catalogue, main = reading.catalogue, booking.lines[0]
    zone = zone_of(booking, catalogue)
    owner = reading.organisations.get(booking.organisation)
    day = local_date(booking.start, zone)
    return Row(
        id=booking.id,
        day=day,
        day_said=day_words(day),
        time=f"{times(booking.start, booking.end, zone)} {local_moment(booking.start, zone):%Z}",
        name=name_of(main, catalogue),
        place=place_of(main, catalogue),
        organisation=text(owner.name) if owner else booking.organisation,
        state=booking.state.value,
        hold=hold_of(booking, zone, reading.now),
        visit=visit_of(booking, reading.grace_minutes, zone, reading.now),
    )


def day_words(day: date) -> str:
    """A date with its weekday."""
    return format_date(day, DAY_PATTERN, locale=get_locale())


def _days(rows: list[Row], today: date) -> Iterator[Day]:
    for day, of_day in groupby(rows, key=lambda each: each.day):
        yield Day(day_words(day), _near(day, today), list(of_day))


def _near(day: date, today: date) -> str:
    return {0: gettext("today"), 1: gettext("tomorrow")}.get((day - today).days, "")
