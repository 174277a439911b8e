"""Decayed use: how much of the valley an organisation has had lately."""

from collections.abc import Mapping
from datetime import date
from functools import lru_cache

from testbed.domain.grid import GRAINS_PER_HOUR

REMEMBERED_WEEKS = 26


@lru_cache(maxsize=4096)
def week_index(week: int) -> int:
    """Consecutive number of an ISO week given as `grid.week_of` writes it."""
    return date.fromisocalendar(week // 100, week % 100, 1).toordinal() // 7


def decayed_hours(use_by_week: Mapping[int, int], week: int, half_life_weeks: int) -> int:
    """Hours used up to and after `week`, halved for every full half-life that has passed.

    `use_by_week` maps ISO weeks to grains. Weeks to come count in full, weeks more than 26 back not
    at all; integers throughout, so that every machine gives the same figure.
    """
    now = week_index(week)
    total = 0
    for used_in, grains in use_by_week.items():
        age = max(0, now - week_index(used_in))
        if age <= REMEMBERED_WEEKS:
            total += grains >> (age // half_life_weeks)
    return total // GRAINS_PER_HOUR
