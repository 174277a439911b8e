"""Series in words: their pattern, their dates, and what a booking's page says of its series."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time

from babel.dates import get_day_names
from flask_babel import get_locale, lazy_gettext

from testbed.domain.bookings import Booking, State
from testbed.domain.grid import local_moment
from testbed.domain.series import Era, Frequency, Outcome, Plan, Rule
from testbed.service import series_reading
from testbed.service.series_reading import Dated, Shown
from web.deps import catalogue, context, me, now, test_kinds
from web.labels import KINDS, STATES, label
from web.languages import gettext, ngettext, text
from web.present import day_text

OUTCOMES = {
    Outcome.LEFT_OUT: lazy_gettext("left out"),
    Outcome.SKIPPED: lazy_gettext("skipped"),
    Outcome.HOLIDAY: lazy_gettext("public holiday"),
    Outcome.AWAITED: lazy_gettext("not yet bookable"),
    Outcome.BOOKED: lazy_gettext("fits"),
}
OUTCOME_SIGNS = {
    Outcome.LEFT_OUT: "✕",
    Outcome.SKIPPED: "–",
    Outcome.HOLIDAY: "–",
    Outcome.AWAITED: "…",
    Outcome.BOOKED: "✓",
}


def weekday_names() -> list[str]:
    """The weekdays from Monday on, short."""
    names = get_day_names("abbreviated", "stand-alone", get_locale())
    return [names[number] for number in range(7)]


def date_text(day: date) -> str:
    """A date with its weekday, e.g. `2026-12-08 (Tue)`."""
    return day_text(datetime.combine(day, time()))


# -- the pattern -----------------------------------------------------------------------------


def pattern_text(plan: Plan, days: Iterable[date]) -> str:
    """When a series takes place, in words."""
    return ", ".join(_pattern(plan, list(days)))


def _pattern(plan: Plan, days: list[date]) -> Iterator[str]:
    if plan.rule is None:
        yield ngettext("on %(num)d chosen date", "on %(num)d chosen dates", len(days))
    else:
        yield _rhythm(plan.rule, days)
    yield clock_text(plan.eras[0], plan.zone)
    if plan.rule is not None:
        yield _end(plan.rule)
    if plan.skip_holidays:
        yield gettext("not on public holidays")
    for era in plan.eras[1:]:
        changed = {"day": date_text(era.since), "time": clock_text(era, plan.zone)}
        yield gettext("from %(day)s on: %(time)s", **changed)


def clock_text(era: Era, zone_name: str) -> str:
    """The time of day of a series, e.g. `10:00 KST`."""
    begins = local_moment(era.wish.start, zone_name)
    return f"{era.at_min // 60:02}:{era.at_min % 60:02} {begins:%Z}"


def _rhythm(rule: Rule, days: list[date]) -> str:
    if rule.frequency is Frequency.DAILY:
        every = rule.interval
        return gettext("every %(n)d days", n=every) if every > 1 else gettext("every day")
    names = weekday_names()
    weekdays = rule.weekdays or tuple(sorted({each.weekday() for each in days}))
    on = ", ".join(names[each] for each in weekdays)
    every = rule.interval
    rhythm = gettext("every %(n)d weeks", n=every) if every > 1 else gettext("every week")
    return gettext("%(rhythm)s on %(days)s", rhythm=rhythm, days=on)


def _end(rule: Rule) -> str:
    if rule.until is not None:
        return gettext("until %(day)s", day=date_text(rule.until))
    return ngettext("%(num)d date", "%(num)d dates", rule.count or 0)


# -- a series --------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class SeriesView:
    """A series in a few words: `counts` says how its dates stand."""

    id: str
    name: str
    pattern: str
    counts: str
    organisation: str
    held: int


def series_view(shown: Shown) -> SeriesView:
    """A series, ready to print."""
    plan, dates = shown.kept.plan, shown.dates
    return SeriesView(
        id=shown.kept.id,
        name=name_of(shown),
        pattern=pattern_text(plan, (each.occurrence.day for each in dates)),
        counts=counts_text(dates),
        organisation=shown.kept.organisation,
        held=len(shown.of(State.HELD)),
    )


def name_of(shown: Shown) -> str:
    """The name its members gave it, else what it is for."""
    if shown.kept.name:
        return shown.kept.name
    wish = shown.kept.plan.eras[-1].wish
    kind, main = test_kinds().get(wish.test_kind or ""), wish.needs[0]
    if kind is not None:
        return text(kind.name)
    known = {each.id: each for each in catalogue().resources()}
    if main.resource in known:
        return text(known[main.resource].name)
    return label(KINDS, main.kinds[0]) if main.kinds else gettext("Series")


def counts_text(dates: Iterable[Dated]) -> str:
    """How many dates stand how, e.g. "4 confirmed, 1 left out"."""
    counted = Counter(_standing(each) for each in dates)
    return ", ".join(f"{number} {said}" for said, number in counted.items())


def _standing(each: Dated) -> str:
    if each.booking is not None and each.occurrence.outcome is Outcome.BOOKED:
        return label(STATES, each.booking.state.value)
    return str(OUTCOMES[each.occurrence.outcome])


def of_booking(booking: Booking) -> dict[str, object] | None:
    """What a booking's page says of the series that it is of."""
    shown = series_reading.of_booking(context(), booking.id, now(), me())
    if shown is None:
        return {"series": None, "booking": booking.id}
    days = [each.occurrence.day for each in shown.dates]
    own = next(each.occurrence.day for each in shown.dates if each.occurrence.booking == booking.id)
    return {
        "series": series_view(shown),
        "booking": booking.id,
        "day": own.isoformat(),
        "number": days.index(own) + 1,
        "count": len(days),
    }
