"""The yardstick: the same decisions by an idiomatic SimPy program.

One process per request, calendars as sorted lists of bookings, loops over starts: what a competent
engineer writes first. It shares the catalogue, the requests and the cost weights with the product,
and none of its algebra. `tests/bench/test_yardstick.py` holds it to equal decisions; the benchmark
measures how much faster the product makes them.
"""

from bisect import bisect_left, bisect_right, insort
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import product

import simpy

from testbed.domain.catalogue import Catalogue, Facility, Mode, Resource
from testbed.domain.fit import features, matches
from testbed.domain.grid import ceil_grain, floor_grain, iso_week, local_date
from testbed.domain.hours import open_intervals
from testbed.domain.policy import Policy
from testbed.domain.requests import Claim, ClaimKind, Need, Request
from testbed.domain.rules import booked_grains

Answer = tuple[int, tuple[str, ...]] | None
MONTH = 31 * 96


@dataclass
class PoolDiary:
    """Bookings of one pool as a list sorted by start."""

    capacity: int
    entries: list[tuple[int, int, int, bool]] = field(default_factory=list)

    def overlapping(self, start: int, end: int) -> list[tuple[int, int, int, bool]]:
        first = bisect_left(self.entries, (start - MONTH,))
        last = bisect_left(self.entries, (end,))
        return [entry for entry in self.entries[first:last] if entry[1] > start]

    def accepts(self, start: int, end: int, units: int, *, block: bool) -> bool:
        others = self.overlapping(start, end)
        if block:
            return not any(not other[3] for other in others)
        if any(other[3] for other in others):
            return False
        peaks = [start, *(other[0] for other in others if other[0] > start)]
        return all(
            units + sum(o[2] for o in others if o[0] <= peak < o[1]) <= self.capacity
            for peak in peaks
        )

    def add(self, start: int, end: int, units: int, *, block: bool) -> None:
        insort(self.entries, (start, end, units, block))

    def remove(self, start: int, end: int, units: int, *, block: bool) -> None:
        self.entries.remove((start, end, units, block))


class Province:
    """The catalogue with its diaries, and the loop that looks for a place."""

    def __init__(self, catalogue: Catalogue, policy: Policy, first: int, last: int) -> None:
        self.catalogue = catalogue
        self.policy = policy
        self.until = last
        self.pools = {name: PoolDiary(units) for name, units in catalogue.pools().items()}
        self.hours: dict[str, list[tuple[int, int]]] = {}
        self.weekly: dict[tuple[str, str, int], int] = defaultdict(int)
        days = local_date(first, "Asia/Seoul") - timedelta(days=2), local_date(last, "Asia/Seoul")
        for each in catalogue.resources():
            calendar = catalogue.calendars[each.calendar]
            spans = sorted(open_intervals(calendar, catalogue.holidays, each.zone, *days))
            self.hours[each.id] = _joined(spans)

    def open_for(self, resource: Resource, start: int, end: int) -> bool:
        spans = self.hours[resource.id]
        place = bisect_right(spans, (start, 1 << 60)) - 1
        return place >= 0 and spans[place][1] >= end

    def is_night(self, start: int, end: int) -> bool:
        since_nine = (start - 12 * 4) % 96  # 21:00 in Seoul is 12:00 UTC
        return since_nine + (end - start) <= 9 * 4

    # -- one resource for one need -----------------------------------------------------------

    def standing_yes(self, need: Need, resource: Resource, length: int) -> bool:
        if not resource.bookable or length > self.policy.longest_booking_hours * 4:
            return False
        if isinstance(resource, Facility):
            longest = resource.max_hours_per_booking
            return need.units <= resource.units and (longest is None or length <= longest * 4)
        if need.mode not in resource.modes:
            return False
        shared = need.mode is Mode.SHARED
        most = resource.max_vehicles_shared if shared else resource.max_vehicles_exclusive
        corridor = self.catalogue.corridors.get(resource.corridor or "")
        return need.vehicles <= min(most, corridor.max_vehicles if corridor else most)

    def claims(
        self, need: Need, resource: Resource, start: int, length: int, city: str
    ) -> Iterator[Claim]:
        own = resource if isinstance(resource, Facility) else self.catalogue.rules[resource.rule]
        way = 0
        if isinstance(resource, Facility) and resource.mobile:
            way = -(-self.catalogue.drive_minutes(city, resource.city) // 15)
        first = start - -(-own.setup_min // 15) - way
        end = start + length + -(-own.cleanup_min // 15) + way
        if isinstance(resource, Facility):
            alone = resource.sharing == "shared" and need.mode is Mode.EXCLUSIVE
            units = resource.units if alone else need.units
            yield Claim(resource.id, ClaimKind.USE, units, first, end)
            for route in resource.blocks_routes:
                yield Claim(route, ClaimKind.BLOCK, 1, first, end)
            return
        units = need.vehicles if need.mode is Mode.SHARED else resource.capacity
        yield Claim(resource.id, ClaimKind.USE, units, first, end)
        if resource.corridor:
            yield Claim(resource.corridor, ClaimKind.USE, need.vehicles, first, end)

    def try_take(self, claims: list[Claim]) -> bool:
        taken: list[Claim] = []
        for claim in claims:
            pool, block = self.pools[claim.pool], claim.kind is ClaimKind.BLOCK
            if not pool.accepts(claim.start, claim.end, claim.units, block=block):
                self.give_back(taken)
                return False
            pool.add(claim.start, claim.end, claim.units, block=block)
            taken.append(claim)
        return True

    def give_back(self, claims: list[Claim]) -> None:
        for claim in claims:
            block = claim.kind is ClaimKind.BLOCK
            self.pools[claim.pool].remove(claim.start, claim.end, claim.units, block=block)

    # -- a whole request ---------------------------------------------------------------------

    def place(self, request: Request) -> Answer:
        best: tuple[int, int, tuple[str, ...], list[Claim]] | None = None
        mains = self.mains(request)
        reach = max(request.latest - request.start, request.start - request.earliest)
        for shift in range(reach + 1):
            cost = shift * self.policy.shift_per_grain
            if best and mains and cost + mains[0][0] > best[0]:
                break
            for start in {request.start - shift, request.start + shift}:
                if request.earliest <= start <= request.latest:
                    best = self.best_at(request, mains, start, cost, best)
        if best is None:
            return None
        self.book(request, best)
        return best[1], best[2]

    def mains(self, request: Request) -> list[tuple[int, Resource, int]]:
        need = request.needs[0]
        found = []
        for each in self.catalogue.resources():
            if request.city and not request.other_city and each.city != request.city:
                continue
            if not matches(need, each):
                continue
            length = booked_grains(request.duration_min, self.catalogue.rules[each.rule])
            if self.standing_yes(need, each, length):
                minutes = self.catalogue.drive_minutes(request.city or each.city, each.city)
                found.append((minutes * self.policy.distance_per_minute, each, length))
        return self.with_surplus(found)

    def with_surplus(
        self, found: list[tuple[int, Resource, int]]
    ) -> list[tuple[int, Resource, int]]:
        plainest = min((features(each) for _, each, _ in found), default=0)
        weight = self.policy.surplus_per_feature
        costed = [(c + (features(r) - plainest) * weight, r, n) for c, r, n in found]
        return sorted(costed, key=lambda each: (each[0], each[1].id))

    def best_at(
        self,
        request: Request,
        mains: list[tuple[int, Resource, int]],
        start: int,
        shift: int,
        best: tuple[int, int, tuple[str, ...], list[Claim]] | None,
    ) -> tuple[int, int, tuple[str, ...], list[Claim]] | None:
        for fixed, main, length in mains:
            if best and shift + fixed > best[0]:
                break
            if not self.main_permitted(request, main, start, length):
                continue
            found = self.bundle(request, main, start, length, shift + fixed)
            if found and (best is None or found[:3] < best[:3]):
                best = found
        return best

    def main_permitted(self, request: Request, main: Resource, start: int, length: int) -> bool:
        rule = self.catalogue.rules[main.rule]
        now = request.submitted_at
        soonest = ceil_grain(now + timedelta(days=rule.min_lead_days))
        soonest = max(soonest, ceil_grain(now + timedelta(hours=self.policy.min_notice_hours)))
        farthest = floor_grain(now + timedelta(days=rule.max_lead_days))
        if not soonest <= start <= farthest or start + length > self.until:
            return False
        if not self.open_for(main, start, start + length):
            return False
        if request.needs[0].night and not self.is_night(start, start + length):
            return False
        week = iso_week(start, main.zone)
        used = self.weekly[request.organisation, rule.id, week]
        return used + length <= rule.max_hours_per_org_week * 4

    def bundle(
        self, request: Request, main: Resource, start: int, length: int, cost: int
    ) -> tuple[int, int, tuple[str, ...], list[Claim]] | None:
        listed = [self.extras(need, main, start, length) for need in request.needs[1:]]
        choices = sorted(
            product(*listed),
            key=lambda chosen: (sum(c for c, _ in chosen), [r.id for _, r in chosen]),
        )
        for chosen in choices:
            resources = (main, *(each for _, each in chosen))
            claims = [
                claim
                for need, each in zip(request.needs, resources, strict=True)
                for claim in self.claims(need, each, start, length, main.city)
            ]
            if self.try_take(claims):
                self.give_back(claims)
                ids = tuple(each.id for each in resources)
                return cost + sum(extra for extra, _ in chosen), start, ids, claims
        return None

    def extras(
        self, need: Need, main: Resource, start: int, length: int
    ) -> list[tuple[int, Resource]]:
        found = []
        policy = self.policy
        for each in self.catalogue.facilities.values():
            if not matches(need, each) or not self.standing_yes(need, each, length):
                continue
            minutes = self.catalogue.drive_minutes(main.city, each.city)
            if not each.mobile and minutes > policy.extra_reach_minutes:
                continue
            weight = policy.travel_per_minute if each.mobile else policy.distance_per_minute
            found.append((minutes * weight, each, length))
        return [
            (cost, each)
            for cost, each, _ in self.with_surplus(found)
            if self.open_for(each, start, start + length)
        ]

    def book(self, request: Request, best: tuple[int, int, tuple[str, ...], list[Claim]]) -> None:
        _, start, ids, claims = best
        self.try_take(claims)
        main = self.catalogue.resource(ids[0])
        length = booked_grains(request.duration_min, self.catalogue.rules[main.rule])
        key = request.organisation, main.rule, iso_week(start, main.zone)
        self.weekly[key] += length


def _joined(spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
    joined: list[tuple[int, int]] = []
    for start, end in spans:
        if joined and start <= joined[-1][1]:
            joined[-1] = joined[-1][0], max(end, joined[-1][1])
        else:
            joined.append((start, end))
    return joined


def run(
    requests: list[Request], catalogue: Catalogue, policy: Policy, first: int, last: int
) -> dict[str, Answer]:
    """Answers by request id; requests in the order of their submission."""
    env = simpy.Environment()
    province = Province(catalogue, policy, first, last)
    answers: dict[str, Answer] = {}
    begin = requests[0].submitted_at

    def member(request: Request) -> Iterator[simpy.Event]:
        yield env.timeout((request.submitted_at - begin).total_seconds())
        answers[request.id] = province.place(request)

    for request in requests:
        env.process(member(request))
    env.run()
    return answers
