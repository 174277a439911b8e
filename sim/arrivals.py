"""When requests are submitted: a Poisson process per organisation, on a clock of its own.

Every organisation has a clock that ticks once per expected request. Weights, levels and growth only
change how fast that clock runs: the k-th request of an organisation stays its k-th request, with
all its draws, in every scenario.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from sim.streams import Floats, Purpose, Streams
from testbed.domain.demand import HOURS, DemandProfile
from testbed.domain.grid import GRAIN_SECONDS, local_midnight

Seconds = NDArray[np.int64]


@dataclass(frozen=True)
class Clock:
    """Expected requests of an organisation that sends one a month, up to each of the `edges`.

    `edges` are seconds since 1970 UTC; between two edges the rate is constant.
    """

    edges: Floats
    expected: Floats

    @cached_property
    def total(self) -> float:
        """Expected requests over the whole span."""
        return float(self.expected[-1])

    def moments(self, streams: Streams, owner: str, rate: float) -> Seconds:
        """When an organisation with `rate` requests a month submits, in whole seconds."""
        ticks = _ticks(streams, owner, self.total * rate)
        if ticks.size == 0:
            return np.empty(0, dtype=np.int64)
        return np.interp(ticks / rate, self.expected, self.edges).astype(np.int64)


def _ticks(streams: Streams, owner: str, until: float) -> Floats:
    """Unit-rate arrivals in [0, until)."""
    size = int(until + 6 * np.sqrt(until)) + 12
    while True:
        ticks = np.cumsum(-np.log1p(-streams.row(Purpose.ARRIVAL, owner, size)))
        if ticks[-1] >= until:
            return ticks[ticks < until]
        size *= 2


def clock(
    profile: DemandProfile, first_day: date, days: int, yearly: Mapping[int, float] | None = None
) -> Clock:
    """The clock of the profile's month, weekday and hour weights over some local days.

    `yearly` multiplies the rate in the calendar years that it names.
    """
    hours = _hour_shares(profile)
    edges = [_second(first_day, profile.zone)]
    expected = [0.0]
    for offset in range(days):
        day = first_day + timedelta(days=offset)
        rate = _day_rate(profile, day) * (yearly or {}).get(day.year, 1.0)
        start, end = _second(day, profile.zone), _second(day + timedelta(days=1), profile.zone)
        for hour, share in enumerate(hours, 1):
            edges.append(start + (end - start) * hour / len(hours))
            expected.append(expected[-1] + rate * share)
    return Clock(np.asarray(edges, dtype=float), np.asarray(expected))


def _second(day: date, zone: str) -> float:
    return float(local_midnight(day, zone) * GRAIN_SECONDS)


def _hour_shares(profile: DemandProfile) -> tuple[float, ...]:
    weights = profile.submit_hour_weight
    if weights is None:
        return (1.0,)  # evenly over the day: one step is enough
    return tuple(weight * HOURS / sum(weights) / HOURS for weight in weights)


def _day_rate(profile: DemandProfile, day: date) -> float:
    """Requests expected on a day of an organisation that sends one a month."""
    weekdays = profile.submit_weekday_weight
    month = sum(weekdays[each.weekday()] for each in _month_of(day))
    return profile.month_weight[day.month - 1] * weekdays[day.weekday()] / month


def _month_of(day: date) -> list[date]:
    first = day.replace(day=1)
    following = (first + timedelta(days=31)).replace(day=1)
    return [first + timedelta(days=offset) for offset in range((following - first).days)]
