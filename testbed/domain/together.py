"""Whether the needs of one request can be met together at all, whatever the calendar holds.

A guard for those who take wishes from outside: where no combination of resources has room for every
need even in an empty calendar, the search would try each of them at every start in vain.
"""

from collections.abc import Sequence
from itertools import product

from testbed.domain.catalogue import Catalogue, Resource
from testbed.domain.fit import combined, demands, matching
from testbed.domain.grid import grains_in
from testbed.domain.ledger import Ledger
from testbed.domain.policy import Policy
from testbed.domain.requests import Claim, Need, Request

# In as many ways the needs beside the main one may be met: the search may have to try each of them.
MOST_WAYS = 256


def can_be_met_together(request: Request, catalogue: Catalogue) -> bool:
    """Whether some choice of resources has room for all needs at once in an empty calendar.

    Set-up, clean-up and rules are left out, so it never says no to what could be granted. A need
    that nothing can meet alone is no matter of togetherness: the allocator says so itself.
    """
    needs = request.needs
    duration = grains_in(request.duration_min)
    ledger = _empty(catalogue, needs, duration)
    choices = [
        [_claims(catalogue, need, each, duration) for each in matching(catalogue, need)]
        for need in needs
    ]
    alone = [[claims for claims in each if ledger.fits(claims)] for each in choices]
    if len(needs) == 1 or not all(alone):
        return True
    return any(
        ledger.fits(combined(catalogue, (claim for claims in chosen for claim in claims)))
        for chosen in product(*alone)
    )


def ways(request: Request, catalogue: Catalogue) -> int:
    """In how many ways the needs beside the main one could be met."""
    count = 1
    for need in request.needs[1:]:
        count *= len(matching(catalogue, need))
    return count


def _empty(catalogue: Catalogue, needs: Sequence[Need], duration: int) -> Ledger:
    """An empty calendar around the grain 0, wide enough for every need."""
    first = min(need.offset for need in needs)
    end = max(need.offset + (need.duration or duration) for need in needs)
    return Ledger(catalogue, Policy(), first, end)


def _claims(catalogue: Catalogue, need: Need, resource: Resource, duration: int) -> list[Claim]:
    """What the need takes of the resource when the main need starts at the grain 0."""
    end = need.offset + (need.duration or duration)
    return [
        Claim(each.pool, each.kind, each.units, need.offset, end)
        for each in demands(catalogue, need, resource)
    ]
