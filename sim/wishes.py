"""When the sessions of a request are wished, and how far their starts may lie from it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TypeVar

from sim.choices import LeadBounds
from testbed.domain.demand import OrganisationType, Spacing
from testbed.domain.grid import (
    GRAINS_PER_DAY,
    GRAINS_PER_HOUR,
    ceil_grain,
    floor_grain,
    grains_in,
    local_date,
    local_midnight,
)
from testbed.domain.requests import Request

WEEKDAY_REACH = 3
SATURDAY = 5
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Fate:
    """What will become of a session if it is granted.

    `moment` in (0, 1) is where in the time that is open to it a cancellation comes. `patience` is
    how many days it waits where it does not fit, infinity as long as its window lasts.
    """

    cancels: bool
    late: bool
    moment: float
    no_show: bool
    patience: float = 0.0


@dataclass(frozen=True, slots=True)
class Wish:
    """One session as it is submitted, and what the request itself does not say."""

    request: Request
    organisation_type: str
    clipped: bool
    fate: Fate


@dataclass(frozen=True, slots=True)
class Start:
    """A wished start: a local day (proleptic ordinal) and grains after its midnight."""

    day: int
    offset: int
    zone: str

    @property
    def grain(self) -> int:
        """The grain of the start."""
        return midnight(self.day, self.zone) + self.offset

    def on(self, day: int) -> "Start":
        """The same time of another day."""
        return Start(day, self.offset, self.zone)


def midnight(day: int, zone: str) -> int:
    """The grain at which the local day of that ordinal begins."""
    return local_midnight(date.fromordinal(day), zone)


def pick(weights: Sequence[float], number: float, entries: Sequence[T]) -> T:
    """The entry on which a number in (0, 1) falls, by relative weights."""
    left = number * sum(weights)
    for weight, entry in zip(weights, entries, strict=True):
        left -= weight
        if left < 0:
            return entry
    return entries[-1]


def weekday(day: int) -> int:
    """0 for Monday to 6."""
    return (day - 1) % 7


def weighted_start(
    wished: datetime, hour: int, number: float, weekdays: Sequence[float], zone: str
) -> Start:
    """The start at `hour` of a day within three of the wished one, by the weekdays' weights."""
    middle = local_date(floor_grain(wished), zone).toordinal()
    days = range(middle - WEEKDAY_REACH, middle + WEEKDAY_REACH + 1)
    day = pick([weekdays[weekday(each)] for each in days], number, days)
    return Start(day, hour * GRAINS_PER_HOUR, zone)


def exact_start(wished: datetime, zone: str) -> Start:
    """The next grain from the wished moment on."""
    grain = ceil_grain(wished)
    day = local_date(grain, zone).toordinal()
    return Start(day, grain - midnight(day, zone), zone)


def spaced(first: Start, spacing: Spacing, numbers: Sequence[float]) -> Iterator[Start]:
    """The starts of a series: the first, then one for every number in (0, 1) but the last."""
    day = first.day
    for number in numbers:
        yield first.on(day)
        day += _gap(day, spacing, number)


def _gap(day: int, spacing: Spacing, number: float) -> int:
    if not spacing.weekdays:
        return spacing.least + int(number * (spacing.most - spacing.least + 1))
    gap = 1
    while weekday(day + gap) >= SATURDAY:
        gap += 1
    return gap


def clipped(start: Start, submitted: datetime, bounds: LeadBounds) -> Start:
    """The start, moved by whole days into the lead bounds, or as near as a day allows."""
    soonest = ceil_grain(submitted + timedelta(days=bounds.least))
    farthest = floor_grain(submitted + timedelta(days=bounds.most))
    grain = start.grain
    if grain < soonest:
        return start.on(start.day - (grain - soonest) // GRAINS_PER_DAY)
    if grain > farthest:
        return start.on(start.day - -(-(grain - farthest) // GRAINS_PER_DAY))
    return start


def reach(start: Start, organisation: OrganisationType) -> tuple[int, int]:
    """Earliest and latest start that serve (grains, both included)."""
    days = organisation.flex_days
    if organisation.flex_minutes is not None:
        grains = days * GRAINS_PER_DAY + grains_in(organisation.flex_minutes)
        return start.grain - grains, start.grain + grains
    opens = midnight(start.day - days, start.zone)
    return opens, midnight(start.day + days + 1, start.zone) - 1
