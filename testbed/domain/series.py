"""Series: when one wish repeats, what an edit of it touches, and what became of each date.

A date is named by the day that the rule gives it, whatever is done with it later: so exceptions
survive every edit. Rules are expanded into days elsewhere; here days become slots.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from enum import StrEnum

from testbed.domain.bookings import Booking, State
from testbed.domain.errors import InvalidRequest, NotFound
from testbed.domain.grid import GRAIN_MINUTES, ceil_grain, local_moment, moment_of, zone
from testbed.domain.requests import Decision, Granted, Need, Request

MOST_DATES = 60
MOST_INTERVAL = 52
MOST_SHIFT_DAYS = 28
MINUTES_PER_DAY = 24 * 60
WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
# Reasons that only say that it is too early to ask; where no calendar is known yet there are no
# opening hours either, so that these say nothing there.
TOO_EARLY = frozenset({"lead_too_long", "beyond_horizon"})
UNKNOWN_THERE = frozenset({"closed_hours", "not_at_night", "no_common_start"})


class Frequency(StrEnum):
    """By what a rule counts."""

    DAILY = "DAILY"
    WEEKLY = "WEEKLY"


@dataclass(frozen=True, slots=True)
class Rule:
    """A recurrence rule (RFC 5545): every `interval` days or weeks, on `weekdays` (0 is Monday).

    It ends after `count` dates or with the day `until`: exactly one of the two is given.
    """

    frequency: Frequency = Frequency.WEEKLY
    interval: int = 1
    weekdays: tuple[int, ...] = ()
    count: int | None = None
    until: date | None = None

    def __post_init__(self) -> None:
        if not 1 <= self.interval <= MOST_INTERVAL:
            raise InvalidRequest("bad_recurrence", part=f"INTERVAL={self.interval}")
        if (self.count is None) == (self.until is None):
            raise InvalidRequest("endless_recurrence")
        if self.count is not None and not 1 <= self.count <= MOST_DATES:
            raise InvalidRequest("too_many_dates", most=MOST_DATES)

    @property
    def text(self) -> str:
        """The rule as RFC 5545 writes it."""
        parts = [f"FREQ={self.frequency.value}"]
        if self.interval > 1:
            parts.append(f"INTERVAL={self.interval}")
        if self.weekdays:
            parts.append("BYDAY=" + ",".join(WEEKDAYS[each] for each in self.weekdays))
        parts.append(f"COUNT={self.count}" if self.count else f"UNTIL={self.until:%Y%m%d}")
        return ";".join(parts)


def rule_of(text: str) -> Rule:
    """The rule of a text such as `FREQ=WEEKLY;INTERVAL=2;BYDAY=TU,TH;UNTIL=20261231`.

    Raises InvalidRequest: "bad_recurrence" with the part that cannot be read,
    "endless_recurrence", "too_many_dates".
    """
    parts: dict[str, str] = {}
    for part in text.strip().upper().removeprefix("RRULE:").split(";"):
        name, _, value = part.partition("=")
        if name in parts or name not in _READ:
            raise InvalidRequest("bad_recurrence", part=part[:40])
        parts[name] = value
    read = {_FIELDS[name]: _read(name, value) for name, value in parts.items()}
    if "frequency" not in read:
        raise InvalidRequest("bad_recurrence", part=text[:40])
    return Rule(**read)  # type: ignore[arg-type] # each field is read by its own reader


def _read(name: str, value: str) -> object:
    try:
        return _READ[name](value)
    except (ValueError, KeyError):
        raise InvalidRequest("bad_recurrence", part=f"{name}={value}"[:40]) from None


def _weekdays(value: str) -> tuple[int, ...]:
    return tuple(sorted({WEEKDAYS.index(each) for each in value.split(",")}))


def _until(value: str) -> date:
    return datetime.strptime(value[:8], "%Y%m%d").date()  # noqa: DTZ007 -- a day, not a moment


def _whole(value: str) -> int:
    if not (value.isascii() and value.isdecimal() and len(value) <= 4):
        raise ValueError(value)
    return int(value)


_READ = {
    "FREQ": Frequency,
    "INTERVAL": _whole,
    "BYDAY": _weekdays,
    "COUNT": _whole,
    "UNTIL": _until,
}
_FIELDS = {
    "FREQ": "frequency",
    "INTERVAL": "interval",
    "BYDAY": "weekdays",
    "COUNT": "count",
    "UNTIL": "until",
}


# -- what repeats ----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Era:
    """What the dates from the day `since` on ask for, until the next era.

    `wish` says all but the time, its window counted from its start; `at_min` is the start in
    minutes after local midnight, `shift_days` how far it lies from the day of the rule.
    """

    since: date
    at_min: int
    wish: Request
    shift_days: int = 0


@dataclass(frozen=True, slots=True)
class Plan:
    """One wish that repeats by a rule or on a list of days, on the wall clock of `zone`.

    `rule` is None for a list of days. The days are kept with what became of each.
    """

    zone: str
    eras: tuple[Era, ...]
    rule: Rule | None = None
    skip_holidays: bool = False
    all_or_nothing: bool = False

    def era(self, day: date) -> Era:
        """What holds for the day."""
        return max((each for each in self.eras if each.since <= day), key=_since)

    def held_on(self, day: date) -> date:
        """The local date on which that date of the rule is held."""
        return day + timedelta(days=self.era(day).shift_days)

    def start(self, day: date) -> int:
        """The grain at which that date is to start: the same wall time all the year round."""
        midnight = datetime.combine(self.held_on(day), time(), tzinfo=zone(self.zone))
        # Wall-clock arithmetic: a day with a changed clock keeps its hours.
        return ceil_grain(midnight + timedelta(minutes=self.era(day).at_min))

    def request(self, day: date, now: datetime, series: str | None) -> Request:
        """The wish for that date, still without an id."""
        wish, start = self.era(day).wish, self.start(day)
        return replace(
            wish,
            id="",
            submitted_at=now,
            start=start,
            earliest=start - (wish.start - wish.earliest),
            latest=start + (wish.latest - wish.start),
            way=None,
            series=series,
        )


def _since(era: Era) -> date:
    return era.since


def plan_of(
    wish: Request,
    zone_name: str,
    rule: Rule | None,
    *,
    skip_holidays: bool = False,
    all_or_nothing: bool = False,
) -> Plan:
    """The plan that repeats a wish at its own time of day."""
    begins = local_moment(wish.start, zone_name)
    era = Era(date.min, begins.hour * 60 + begins.minute, wish)
    return Plan(zone_name, (era,), rule, skip_holidays, all_or_nothing)


# -- edits -----------------------------------------------------------------------------------


class Scope(StrEnum):
    """How much of a series a change concerns."""

    THIS = "this"
    FOLLOWING = "following"
    ALL = "all"


@dataclass(frozen=True, slots=True)
class Extent:
    """The dates that a change concerns, as seen from one of them."""

    scope: Scope
    day: date


@dataclass(frozen=True, slots=True)
class Change:
    """What is to be otherwise: what is None stays.

    `at_min` is the new start in minutes after midnight, `days` moves by so many days, `minutes` is
    the new length, `resource` the one place for the main need ("" for any), `needs` replace all.
    """

    at_min: int | None = None
    days: int = 0
    minutes: int | None = None
    resource: str | None = None
    needs: tuple[Need, ...] | None = None

    def __post_init__(self) -> None:
        at_min, most = self.at_min, MOST_SHIFT_DAYS
        if at_min is not None and (at_min % GRAIN_MINUTES or not 0 <= at_min < MINUTES_PER_DAY):
            raise InvalidRequest("off_grain", value=at_min, minutes=GRAIN_MINUTES)
        if abs(self.days) > most:
            raise InvalidRequest("shifted_too_far", days=self.days, most=most)

    @property
    def is_empty(self) -> bool:
        """Whether everything stays."""
        return self == Change()


def changed(era: Era, change: Change) -> Era:
    """The era with the change."""
    wish = era.wish
    if change.needs is not None:
        wish = replace(wish, needs=change.needs, test_kind=None)
    if change.resource is not None:
        main = replace(wish.needs[0], resource=change.resource or None)
        wish = replace(wish, needs=(main, *wish.needs[1:]), other_city=True)
    if change.minutes is not None:
        wish = replace(wish, duration_min=change.minutes)
    at_min = era.at_min if change.at_min is None else change.at_min
    return replace(era, at_min=at_min, shift_days=era.shift_days + change.days, wish=wish)


def edited(plan: Plan, since: date, change: Change) -> Plan:
    """The plan with the change for all dates from the day on."""
    before = [each for each in plan.eras if each.since < since]
    after = [each for each in plan.eras if each.since > since]
    begins = replace(plan.era(since), since=since)
    return replace(plan, eras=(*before, *(changed(each, change) for each in (begins, *after))))


# -- what became of each date ----------------------------------------------------------------


class Outcome(StrEnum):
    """What became of a date: `awaited` lies beyond the horizon and is asked for later."""

    BOOKED = "booked"
    LEFT_OUT = "left_out"
    SKIPPED = "skipped"
    HOLIDAY = "holiday"
    AWAITED = "awaited"


@dataclass(frozen=True, slots=True)
class Occurrence:
    """One date of a series; `request` was decided last, `booking` was granted.

    `apart` marks one that was changed by itself: edits of the series leave it alone.
    """

    day: date
    outcome: Outcome
    start: int
    request: str | None = None
    booking: str | None = None
    apart: bool = False


def stands_apart(occurrence: Occurrence, booking: Booking | None) -> bool:
    """Whether it was changed by itself: a move by itself leaves another request behind."""
    moved = booking is not None and booking.request.id != occurrence.request
    return occurrence.apart or moved


def may_change(occurrence: Occurrence, booking: Booking | None, now: datetime) -> bool:
    """Whether it has neither begun nor ended."""
    if booking is not None:
        movable = (State.HELD, State.PENDING, State.CONFIRMED)
        return booking.state in movable and now < moment_of(booking.start)
    return now < moment_of(occurrence.start)


def find(occurrences: Iterable[Occurrence], day: date) -> Occurrence:
    """The occurrence of that day. Raises NotFound("occurrence")."""
    found = next((each for each in occurrences if each.day == day), None)
    if found is None:
        raise NotFound("occurrence", day=day.isoformat())
    return found


def within(occurrences: Iterable[Occurrence], extent: Extent) -> tuple[Occurrence, ...]:
    """The occurrences that an extent names. Raises NotFound("occurrence")."""
    listed = tuple(occurrences)
    seen_from = find(listed, extent.day)
    if extent.scope is Scope.THIS:
        return (seen_from,)
    if extent.scope is Scope.ALL:
        return listed
    return tuple(each for each in listed if each.day >= extent.day)


def touched(
    occurrences: Sequence[tuple[Occurrence, Booking | None]], extent: Extent, now: datetime
) -> tuple[Occurrence, ...]:
    """The occurrences that an edit changes: no late one, and an exception only by itself.

    Raises NotFound("occurrence").
    """
    named = set(within((each for each, _ in occurrences), extent))
    return tuple(
        each
        for each, booking in occurrences
        if each in named
        and may_change(each, booking, now)
        and (extent.scope is Scope.THIS or not stands_apart(each, booking))
    )


def is_ahead(decision: Decision) -> bool:
    """Whether a no only says that it is too early: some place has nothing else against it."""
    if isinstance(decision, Granted):
        return False
    against: dict[str | None, set[str]] = {}
    for reason in decision.reasons:
        against.setdefault(reason.resource, set()).add(reason.code)
    return any(_says_too_early(codes) for codes in against.values())


def _says_too_early(codes: set[str]) -> bool:
    if "beyond_horizon" in codes:
        codes = codes - UNKNOWN_THERE
    return codes <= TOO_EARLY


def outcome_of(decision: Decision) -> Outcome:
    """What a decision makes of a date."""
    if isinstance(decision, Granted):
        return Outcome.BOOKED
    return Outcome.AWAITED if is_ahead(decision) else Outcome.LEFT_OUT
