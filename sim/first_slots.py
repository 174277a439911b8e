"""How soon a newcomer would be served: the first free slot, and the third after two are taken."""

import math
from datetime import datetime

import numpy as np

from sim.distributions import draw
from testbed.domain.demand import DemandProfile, TestKind, need_of
from testbed.domain.fit import combined
from testbed.domain.grid import GRAINS_PER_DAY, ceil_grain, floor_grain
from testbed.domain.kpi import FirstSlot
from testbed.domain.ledger import Ledger
from testbed.domain.requests import Claim, Request
from testbed.domain.search import Search

NEWCOMER = "newcomer"
THIRD = 3
# Most kinds have a slot within days: a narrow look first spares the whole horizon.
LOOKS_DAYS = (14, 60)


def sample(profile: DemandProfile, ledger: Ledger, now: datetime) -> list[FirstSlot]:
    """Days to the first slots of every test kind: median duration, one vehicle, shared.

    The newcomer has used nothing of any weekly quota. The ledger is left as it was.
    """
    return [_sample(kind, ledger, now) for kind in profile.test_kinds.values()]


def _sample(kind: TestKind, ledger: Ledger, now: datetime) -> FirstSlot:
    taken: list[Claim] = []
    days: list[float] = []
    while len(days) < THIRD:
        found = _first(kind, ledger, now)
        if found is None:
            days += [math.inf] * (THIRD - len(days))
        else:
            start, claims = found
            ledger.take(claims)
            taken += claims
            days.append((start - floor_grain(now)) / GRAINS_PER_DAY)
    ledger.give_back(taken)
    return FirstSlot(kind.id, days[0], days[-1])


def _first(kind: TestKind, ledger: Ledger, now: datetime) -> tuple[int, tuple[Claim, ...]] | None:
    soonest, horizon = ceil_grain(now), ledger.bookable_until
    for latest in (*(soonest + days * GRAINS_PER_DAY for days in LOOKS_DAYS), horizon):
        found = _first_within(kind, ledger, now, soonest, min(latest, horizon))
        if found is not None:
            return found
    return None


def _first_within(
    kind: TestKind, ledger: Ledger, now: datetime, soonest: int, latest: int
) -> tuple[int, tuple[Claim, ...]] | None:
    request = Request(
        id=NEWCOMER,
        organisation=NEWCOMER,
        submitted_at=now,
        needs=(need_of(kind),),
        duration_min=median_minutes(kind),
        start=soonest,
        earliest=soonest,
        latest=latest,
    )
    search = Search(request, ledger, now)
    found = []
    for main in search.mains():
        starts, _ = search.starts(main, search.permitted(main))
        if starts:
            start = search.first + (starts & -starts).bit_length() - 1
            found.append((start, main.resource.id, main))
    if not found:
        return None
    start, _, main = min(found, key=lambda each: each[:2])
    return start, combined(ledger.catalogue, main.claims(start))


def median_minutes(kind: TestKind) -> int:
    """The median duration of the kind's sessions."""
    return int(draw(kind.duration, np.array([0.5]))[0])
