"""A slow and obvious allocator: every start, every choice of resources, every grain counted.

Written from the design alone, on dictionaries and loops, so that it shares no algebra, no fits and
no search with the product.
"""

from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import product

from testbed.domain.catalogue import Catalogue, Facility, Mode, Resource, Route
from testbed.domain.grid import local_date, local_moment, moment_of
from testbed.domain.policy import Policy
from testbed.domain.requests import Claim, ClaimKind, Need, NeedType, Request

Choice = tuple[int, int, tuple[str, ...]]


class Brute:
    def __init__(
        self, catalogue: Catalogue, policy: Policy, claims: list[Claim], bookable_until: int
    ) -> None:
        self.catalogue = catalogue
        self.policy = policy
        self.bookable_until = bookable_until
        self.used: Counter[tuple[str, int]] = Counter()
        self.blocked: Counter[tuple[str, int]] = Counter()
        self.closed: Counter[tuple[str, int]] = Counter()
        for claim in claims:
            self.count(claim, 1)

    def count(self, claim: Claim, sign: int) -> None:
        counts = {
            ClaimKind.USE: self.used,
            ClaimKind.BLOCK: self.blocked,
            ClaimKind.CLOSED: self.closed,
        }[claim.kind]
        for grain in range(claim.start, claim.end):
            counts[claim.pool, grain] += sign * claim.units

    def legal(self) -> bool:
        capacities = self.catalogue.pools()
        for pool, grain in set(self.used) | set(self.blocked):
            used, blocked = self.used[pool, grain], self.blocked[pool, grain]
            closed = min(capacities[pool], self.closed[pool, grain])
            if used + closed > capacities[pool] or (used and blocked):
                return False
        return True

    def takes(self, claims: list[Claim]) -> bool:
        for claim in claims:
            self.count(claim, 1)
        legal = self.legal()
        for claim in claims:
            self.count(claim, -1)
        self.used += Counter()
        self.blocked += Counter()
        return legal

    # -- the rules, by hand ------------------------------------------------------------------

    def open_at(self, resource: Resource, grain: int) -> bool:
        hours = self.catalogue.calendars[resource.calendar]
        local = local_moment(grain, resource.zone)
        for back in (0, 1):
            day = local.date() - timedelta(days=back)
            if hours.closed_on_public_holidays and day in self.catalogue.holidays:
                continue
            minute = local.hour * 60 + local.minute + back * 1440
            for window in hours.windows:
                on_day = day.weekday() in window.weekdays
                if on_day and window.start_min <= minute < window.end_min:
                    return True
        return False

    def is_night(self, resource: Resource, grain: int) -> bool:
        hour = local_moment(grain, resource.zone).hour
        return hour >= 21 or hour < 6

    def booked(self, request: Request, need: Need, main: Resource) -> int:
        if need.duration is not None:
            return need.duration
        if request.needs[0].duration is not None:
            return request.needs[0].duration
        rule = self.catalogue.rules[main.rule]
        minutes = rule.slot_min
        while minutes < request.duration_min:
            minutes += rule.slot_step_min
        return -(-minutes // 15)

    def suits(self, need: Need, resource: Resource) -> bool:
        if (need.type is NeedType.ROUTE) != isinstance(resource, Route):
            return False
        if need.resource not in (None, resource.id) or not resource.bookable:
            return False
        if need.kinds and resource.kind not in need.kinds:
            return False
        offered = resource.odd if isinstance(resource, Route) else {}
        if any(offered.get(term.attribute) != term.value for term in need.odd):
            return False
        if isinstance(resource, Facility):
            return need.mode is not Mode.WHOLE_SITE and need.units <= resource.units
        return self.route_suits(need, resource)

    def route_suits(self, need: Need, route: Route) -> bool:
        corridor = self.catalogue.corridors.get(route.corridor or "")
        if need.mode is Mode.WHOLE_SITE:
            allowed = corridor is not None and corridor.whole_site_exclusive
            return allowed and need.vehicles <= corridor.max_vehicles  # type: ignore[union-attr]
        if need.mode not in route.modes:
            return False
        shared = need.mode is Mode.SHARED
        most = route.max_vehicles_shared if shared else route.max_vehicles_exclusive
        return need.vehicles <= min(most, corridor.max_vehicles if corridor else most)

    def permitted(
        self,
        *,
        request: Request,
        now: datetime,
        need: Need,
        resource: Resource,
        main: Resource,
        start: int,
    ) -> bool:
        length = self.booked(request, need, main)
        slot = range(start, start + length)
        longest = self.policy.longest_booking_hours
        if isinstance(resource, Facility) and resource.max_hours_per_booking:
            longest = min(longest, resource.max_hours_per_booking)
        if length > longest * 4 or slot.stop > self.bookable_until or moment_of(start) < now:
            return False
        if need.night and not all(self.is_night(resource, grain) for grain in slot):
            return False
        days = {local_date(slot.start, resource.zone), local_date(slot.stop - 1, resource.zone)}
        if resource.valid_from and min(days) < resource.valid_from:
            return False
        if resource.valid_until and max(days) > resource.valid_until:
            return False
        return all(self.open_at(resource, grain) for grain in slot)

    def main_permitted(self, request: Request, now: datetime, main: Resource, start: int) -> bool:
        rule = self.catalogue.rules[main.rule]
        lead = moment_of(start) - request.submitted_at
        if not timedelta(days=rule.min_lead_days) <= lead <= timedelta(days=rule.max_lead_days):
            return False
        return moment_of(start) - now >= timedelta(hours=self.policy.min_notice_hours)

    # -- claims and cost, by hand ------------------------------------------------------------

    def way(self, resource: Resource, city: str) -> int:
        mobile = isinstance(resource, Facility) and resource.mobile
        return -(-self.catalogue.drive_minutes(city, resource.city) // 15) if mobile else 0

    def margins(self, resource: Resource, city: str) -> tuple[int, int]:
        own = resource if isinstance(resource, Facility) else self.catalogue.rules[resource.rule]
        way = self.way(resource, city)
        return -(-own.setup_min // 15) + way, -(-own.cleanup_min // 15) + way

    def claims(
        self, request: Request, chosen: tuple[Resource, ...], city: str, start: int
    ) -> list[Claim]:
        found: list[Claim] = []
        for need, resource in zip(request.needs, chosen, strict=True):
            before, after = self.margins(resource, city)
            first = start + need.offset - before
            end = start + need.offset + self.booked(request, need, chosen[0]) + after
            found += self.pool_claims(need, resource, first, end)
        return self.without_own_blocks(found)

    def pool_claims(self, need: Need, resource: Resource, first: int, end: int) -> Iterator[Claim]:
        if isinstance(resource, Facility):
            whole = resource.sharing == "shared" and need.mode is Mode.EXCLUSIVE
            units = resource.units if whole else need.units
            yield Claim(resource.id, ClaimKind.USE, units, first, end)
            for blocked in resource.blocks_routes:
                yield Claim(blocked, ClaimKind.BLOCK, 1, first, end)
            return
        corridor = self.catalogue.corridors.get(resource.corridor or "")
        if need.mode is Mode.WHOLE_SITE and corridor:
            yield Claim(corridor.id, ClaimKind.USE, corridor.max_vehicles, first, end)
            for each in corridor.routes:
                yield Claim(each, ClaimKind.USE, self.catalogue.routes[each].capacity, first, end)
            return
        units = need.vehicles if need.mode is Mode.SHARED else resource.capacity
        yield Claim(resource.id, ClaimKind.USE, units, first, end)
        if corridor:
            yield Claim(corridor.id, ClaimKind.USE, need.vehicles, first, end)

    def without_own_blocks(self, claims: list[Claim]) -> list[Claim]:
        blocked = {claim.pool for claim in claims if claim.kind is ClaimKind.BLOCK}
        both = blocked & {claim.pool for claim in claims if claim.kind is ClaimKind.USE}
        rest = [claim for claim in claims if claim.pool not in both]
        for pool in both:
            grains = {g for c in claims if c.pool == pool for g in range(c.start, c.end)}
            capacity = self.catalogue.pools()[pool]
            rest += [Claim(pool, ClaimKind.USE, capacity, g, g + 1) for g in grains]
        return rest

    def features(self, resource: Resource) -> int:
        offered = resource.odd.values() if isinstance(resource, Route) else [resource.provides]
        return sum(len(v) if isinstance(v, frozenset) else int(v is True) for v in offered)

    def near_enough(self, need: Need, resource: Resource, city: str) -> bool:
        mobile = isinstance(resource, Facility) and resource.mobile
        reach = self.policy.extra_reach_minutes
        named = need.resource is not None
        return named or mobile or self.catalogue.drive_minutes(city, resource.city) <= reach

    def candidates(self, request: Request) -> list[list[Resource]]:
        everything = self.catalogue.resources()
        listed = [[r for r in everything if self.suits(need, r)] for need in request.needs]
        if request.city is not None and not request.other_city:
            listed[0] = [
                r
                for r in listed[0]
                if r.city == request.city or (isinstance(r, Facility) and r.mobile)
            ]
        return listed

    def allowed_at(
        self, request: Request, now: datetime, chosen: tuple[Resource, ...], start: int
    ) -> bool:
        return self.main_permitted(request, now, chosen[0], start) and all(
            self.permitted(
                request=request,
                now=now,
                need=need,
                resource=each,
                main=chosen[0],
                start=start + need.offset,
            )
            for need, each in zip(request.needs, chosen, strict=True)
        )

    def choices(self, request: Request, now: datetime) -> list[Choice]:
        """Every way that works: (cost without gaps and fair share, start, resource ids)."""
        listed = self.candidates(request)
        found = []
        for chosen in product(*listed):
            main = chosen[0]
            mobile = isinstance(main, Facility) and main.mobile
            city = request.city if mobile and request.city else main.city
            pairs = list(zip(request.needs[1:], chosen[1:], strict=True))
            if not all(self.near_enough(need, each, city) for need, each in pairs):
                continue
            fixed = self.fixed_cost(request, chosen, city, listed)
            for start in range(request.earliest, request.latest + 1):
                if not self.allowed_at(request, now, chosen, start):
                    continue
                if self.takes(self.claims(request, chosen, city, start)):
                    shift = abs(start - request.start) * self.policy.shift_per_grain
                    found.append((fixed + shift, start, tuple(each.id for each in chosen)))
        return sorted(found)

    def fixed_cost(
        self,
        request: Request,
        chosen: tuple[Resource, ...],
        city: str,
        listed: list[list[Resource]],
    ) -> int:
        policy, total = self.policy, 0
        for number, each in enumerate(chosen):
            origin = city if number else (request.city or each.city)
            minutes = self.catalogue.drive_minutes(origin, each.city)
            mobile = isinstance(each, Facility) and each.mobile
            total += minutes * (policy.travel_per_minute if mobile else policy.distance_per_minute)
            near = [
                r
                for r in listed[number]
                if not number or self.near_enough(request.needs[number], r, city)
            ]
            fitting = [r for r in near if self.length_allowed(request, number, r, chosen[0])]
            plainest = min((self.features(r) for r in fitting), default=0)
            total += max(0, self.features(each) - plainest) * policy.surplus_per_feature
        return total

    def length_allowed(self, request: Request, number: int, each: Resource, main: Resource) -> bool:
        length = self.booked(request, request.needs[number], each if not number else main)
        longest = self.policy.longest_booking_hours
        if isinstance(each, Facility) and each.max_hours_per_booking:
            longest = min(longest, each.max_hours_per_booking)
        return length <= longest * 4
