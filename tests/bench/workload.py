"""The packaged valley and its demand, as the benchmarks use them."""

from dataclasses import replace
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path

from sim.scenario_file import read_scenario
from sim.setting import Setting, setting_of
from sim.streams import Streams
from testbed.domain.grid import GRAINS_PER_DAY, ceil_grain
from testbed.domain.policy import Policy
from testbed.domain.requests import Request

BASE = Path("sim/scenarios/base.toml")


@cache
def setting(days: int, measure: frozenset[str] = frozenset()) -> Setting:
    """The base scenario over so many days, without warm-up."""
    scenario = read_scenario(BASE)
    # A scenario is known by its digest: another length needs another one.
    digest = f"bench-{days}-{'-'.join(sorted(measure))}"
    cut = replace(scenario, days=days, warmup_days=0, measure=measure, digest=digest)
    return setting_of(cut)


@cache
def requests(days: int, replication: int = 0) -> tuple[Request, ...]:
    """The requests of so many days in the order of their submission."""
    made = setting(days)
    return tuple(wish.request for wish in made.wishes(Streams(made.seed, replication)))


def moved(request: Request, to: datetime, organisation: str, number: int) -> Request:
    """The request as somebody else's, submitted at another moment."""
    shift = ceil_grain(to) - ceil_grain(request.submitted_at)
    return replace(
        request,
        id=f"bench-{number}",
        organisation=organisation,
        submitted_at=to,
        start=request.start + shift,
        earliest=request.earliest + shift,
        latest=request.latest + shift,
        series=None,
    )


def two_weeks(request: Request) -> Request:
    """The request with a window of 14 days and any city."""
    half = 7 * GRAINS_PER_DAY
    return replace(
        request,
        earliest=request.start - half,
        latest=request.start + half,
        other_city=True,
    )


def plain(policy: Policy) -> Policy:
    """The policy without what the yardstick does not know: gaps and fair share."""
    return replace(policy, fragmentation_per_gap=0, fair_share_per_hour=0, near_misses=0)


def days_after(moment: datetime, days: float) -> datetime:
    """The moment so many days later."""
    return moment + timedelta(days=days)
