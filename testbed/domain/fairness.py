"""Fair share: how much of the valley an organisation and its type have had lately."""

from collections.abc import Iterable, Mapping
from datetime import date
from functools import lru_cache

from testbed.domain.grid import GRAINS_PER_HOUR
from testbed.domain.policy import Policy

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


def together(uses: Iterable[Mapping[int, int]]) -> dict[int, int]:
    """The sum of several organisations' use, by ISO week."""
    totals: dict[int, int] = {}
    for use in uses:
        for week, grains in use.items():
            totals[week] = totals.get(week, 0) + grains
    return totals


def burden(
    own: Mapping[int, int],
    type_use: Mapping[int, int],
    members_of_type: int,
    week: int,
    policy: Policy,
    *,
    rebooks: int = 0,
) -> int:
    """What ranks an organisation among those who wait, in milli-points: the lower is served first.

    Its own decayed hours and the mean of the organisations of its type (itself among them), each by
    its weight, and a fixed addition for every time more than the policy lets pass that it cancelled
    and booked again in the last 30 days (`rebooks`). `own` and `type_use` map ISO weeks to grains.
    """
    half_life = policy.fair_share_half_life_weeks
    hours = decayed_hours(own, week, half_life)
    of_type = decayed_hours(type_use, week, half_life) // max(1, members_of_type)
    over = max(0, rebooks - policy.rebooks_before_wait)
    return (
        hours * policy.fair_share_per_hour
        + of_type * policy.fair_share_type_per_hour
        + over * policy.rebook_points
    )
