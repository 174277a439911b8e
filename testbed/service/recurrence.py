"""The days of a recurrence rule, by python-dateutil: calendar arithmetic is its matter."""

from collections.abc import Iterable
from datetime import date, datetime, time
from itertools import islice

from dateutil import rrule

from testbed.domain.catalogue import Catalogue
from testbed.domain.errors import InvalidRequest
from testbed.domain.series import MOST_DATES, Frequency, Occurrence, Outcome, Plan, Rule

_FREQUENCIES = {Frequency.DAILY: rrule.DAILY, Frequency.WEEKLY: rrule.WEEKLY}


def days_of(rule: Rule, first: date) -> tuple[date, ...]:
    """The days of the rule from `first` on, in order.

    Raises InvalidRequest: "no_dates" where there is none, "too_many_dates".
    """
    found = rrule.rrule(
        _FREQUENCIES[rule.frequency],
        dtstart=datetime.combine(first, time()),
        interval=rule.interval,
        wkst=rrule.MO,
        byweekday=rule.weekdays or None,
        count=rule.count,
        until=None if rule.until is None else datetime.combine(rule.until, time()),
    )
    return _bounded(each.date() for each in found)


def listed(days: Iterable[date]) -> tuple[date, ...]:
    """A list of days in order, each once. Raises what `days_of` does."""
    return _bounded(sorted(set(days)))


def _bounded(days: Iterable[date]) -> tuple[date, ...]:
    found = tuple(islice(days, MOST_DATES + 1))
    if not found:
        raise InvalidRequest("no_dates")
    if len(found) > MOST_DATES:
        raise InvalidRequest("too_many_dates", most=MOST_DATES)
    return found


def fresh(plan: Plan, day: date, catalogue: Catalogue) -> Occurrence:
    """A new date of the plan, not asked for yet; one on a public holiday is left out by choice."""
    start = plan.start(day)
    rests = plan.skip_holidays and plan.held_on(day) in catalogue.holidays
    return Occurrence(day, Outcome.HOLIDAY if rests else Outcome.AWAITED, start)
