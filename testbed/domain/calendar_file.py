"""Calendars and public holidays: tables of a file into values."""

import re
from collections.abc import Collection, Mapping
from datetime import date

from testbed.domain.catalogue import Calendar, Name, Window
from testbed.domain.errors import Mistake
from testbed.domain.fields import Reader, name_of, provenance_of

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_CLOCK = re.compile(r"(\d{1,2}):([0-5]\d)", re.ASCII)
_DAY_MINUTES = 24 * 60


def read_calendars(
    tables: Mapping[str, Reader], sources: Collection[str] | None
) -> dict[str, Calendar]:
    """The calendars by id."""
    return {name: _calendar(name, table, sources) for name, table in tables.items()}


def _calendar(name: str, table: Reader, sources: Collection[str] | None) -> Calendar:
    calendar = Calendar(
        id=name,
        name=name_of(table),
        windows=tuple(_window(each) for each in table.tables("windows", None)),
        closed_on_public_holidays=table.flag("closed_on_public_holidays", default=False),
        provenance=provenance_of(table, sources),
    )
    table.finish()
    return calendar


def _window(table: Reader) -> Window:
    weekdays = _weekdays(table)
    start = _clock(table, "start", _DAY_MINUTES - 1)
    end = _clock(table, "end", 2 * _DAY_MINUTES)
    if start is not None and end is not None and end <= start:
        shown: dict[str, object] = {"start": table.raw("start"), "end": table.raw("end")}
        table.note(Mistake(table.at("end"), "empty_window", shown))
    table.finish()
    return Window(weekdays, start or 0, end or 0)


def _weekdays(table: Reader) -> frozenset[int]:
    """A weekday or a range of them, both ends included: "sat", "mon-fri"."""
    value = table.text("days")
    first, _, last = value.partition("-")
    if first in DAYS and (last or first) in DAYS:
        start, end = DAYS.index(first), DAYS.index(last or first)
        if start <= end and value != f"{first}-":
            return frozenset(range(start, end + 1))
    if value:
        table.note(Mistake(table.at("days"), "bad_days", {"value": value[:80]}))
    return frozenset()


def _clock(table: Reader, key: str, most: int) -> int | None:
    """Minutes after midnight of "HH:MM", at most `most`; None where a mistake was noted."""
    value = table.text(key)
    found = _CLOCK.fullmatch(value)
    if found:
        minutes = int(found[1]) * 60 + int(found[2])
        if minutes <= most:
            return minutes
    if value:
        latest = f"{most // 60:02d}:{most % 60:02d}"
        table.note(Mistake(table.at(key), "bad_time", {"value": value[:80], "latest": latest}))
    return None


def read_holidays(document: Reader) -> tuple[dict[date, Name], date | None]:
    """Public holidays by date, and the last date for which they are known.

    That is the last day of the last year listed; None where no holiday is listed at all.
    """
    document.raw("meta")
    found: dict[date, Name] = {}
    for table in document.tables("holiday"):
        name = name_of(table)
        day = table.day("date", required=True)
        table.finish()
        if day in found:
            table.note(Mistake(table.at("date"), "duplicate_value", {"value": str(day)}))
        elif day is not None:
            found[day] = name
    document.finish()
    return found, date(max(found).year, 12, 31) if found else None
