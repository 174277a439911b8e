"""Offers in rising order of cost, best first: only what can win is opened.

Everything lies in one heap under a lower bound of its cost. A main fit enters with its fixed cost,
then with the shift to the nearest start that the rules permit; when that comes up its candidate
starts are worked out and enter one by one, nearest to the wish first; then with the gaps they
leave; then as verified offers, whose bound is exact. An offer that comes up is therefore the
cheapest of all that is left.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from enum import IntEnum
from heapq import heappop, heappush

from testbed.domain import bitset
from testbed.domain.fit import Fit
from testbed.domain.grid import local_date, local_midnight
from testbed.domain.requests import Offer
from testbed.domain.search import Extra, Search


class Stage(IntEnum):
    """How much is known of an entry; at equal bounds the vaguer one is looked at first."""

    MAIN = 0
    PERMITTED = 1
    START = 2
    GAPS = 3
    OFFER = 4


@dataclass(slots=True)
class Opened:
    """A main fit whose candidate starts are known; `bound` is its cost without any shift."""

    main: Fit
    bound: int
    starts: int = 0
    extras: list[list[Extra]] = field(default_factory=list)


Entry = tuple[int, Stage, int, tuple[str, ...], int, int]


class Ranking:
    """The offers of one search, drawn in rising order of cost, start and resource ids."""

    def __init__(self, search: Search) -> None:
        self.search = search
        self.policy = search.ledger.policy
        mains = (main for main in search.mains() if not main.reasons)
        self.mains = [Opened(main, main.fixed_cost + search.fair_share) for main in mains]
        self._offers: dict[tuple[int, int], Offer] = {}
        self._heap: list[Entry] = []
        for number, opened in enumerate(self.mains):
            self._push(opened.bound, Stage.MAIN, 0, number)

    def offers(self) -> Iterator[tuple[Opened, Offer]]:
        """Each start of each main fit by its cheapest verified offer, in rank order."""
        while self._heap:
            bound, stage, start, _, number, gaps = heappop(self._heap)
            opened = self.mains[number]
            if stage is Stage.OFFER:
                yield opened, self._offers.pop((number, start))
            elif stage is Stage.MAIN:
                self._permit(opened, number)
            elif stage is Stage.PERMITTED:
                self._open(opened, number)
            elif stage is Stage.START:
                self._look_at_gaps(opened, number, start, bound)
            else:
                self._verify(opened, number, start, gaps)

    def drop_day(self, opened: Opened, start: int) -> None:
        """Bring up no more starts of this main fit on the local day of `start`."""
        zone, first = opened.main.resource.zone, self.search.first
        day = local_date(start, zone)
        begins, ends = local_midnight(day, zone), local_midnight(day + timedelta(days=1), zone)
        opened.starts &= ~bitset.interval(max(0, begins - first), ends - first)

    def _push(self, bound: int, stage: Stage, start: int, number: int, gaps: int = 0) -> None:
        heappush(self._heap, (bound, stage, start, (), number, gaps))

    def _permit(self, opened: Opened, number: int) -> None:
        opened.starts = self.search.permitted(opened.main)
        if opened.starts:
            bound = opened.bound + self.search.shift_cost(self._nearest(opened))
            self._push(bound, Stage.PERMITTED, 0, number)

    def _nearest(self, opened: Opened) -> int:
        search = self.search
        return search.first + bitset.nearest(opened.starts, search.request.start - search.first)

    def _open(self, opened: Opened, number: int) -> None:
        opened.starts, opened.extras = self.search.starts(opened.main, opened.starts)
        if opened.starts:
            opened.bound += sum(_cheapest(found) for found in opened.extras)
            self._push_next_start(opened, number)

    def _push_next_start(self, opened: Opened, number: int) -> None:
        if opened.starts:
            start = self._nearest(opened)
            opened.starts ^= 1 << (start - self.search.first)
            bound = opened.bound + self.search.shift_cost(start)
            self._push(bound, Stage.START, start, number)

    def _look_at_gaps(self, opened: Opened, number: int, start: int, bound: int) -> None:
        self._push_next_start(opened, number)
        gaps = self.search.short_gaps(start, opened.main)
        if gaps:
            bound += gaps * self.policy.fragmentation_per_gap
            self._push(bound, Stage.GAPS, start, number, gaps)
        else:
            self._verify(opened, number, start, 0)

    def _verify(self, opened: Opened, number: int, start: int, gaps: int) -> None:
        offer = self.search.offer_at(opened.main, opened.extras, start, gaps)
        if offer is not None:
            self._offers[number, start] = offer
            ids = tuple(line.resource for line in offer.lines)
            heappush(self._heap, (offer.cost.total, Stage.OFFER, start, ids, number, gaps))


def _cheapest(found: list[Extra]) -> int:
    return min(each.fit.fixed_cost for each in found if each.starts)


def best(search: Search, limit: int) -> tuple[Offer, ...]:
    """The `limit` cheapest offers, ranked by cost, start and resource ids.

    The first is the best of all; the others are the best of their main resource and local day, so
    that a list shows real choices and not quarter hours of one.
    """
    ranking = Ranking(search)
    kept: dict[tuple[str, object], Offer] = {}
    for opened, offer in ranking.offers():
        resource = opened.main.resource
        key = resource.id, local_date(offer.start, resource.zone)
        if key not in kept:
            kept[key] = offer
            if len(kept) == limit:
                break
            ranking.drop_day(opened, offer.start)
    return tuple(kept.values())
