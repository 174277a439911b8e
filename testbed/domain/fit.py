"""Fits: a resource prepared for one need, with the pools it takes and its fixed costs."""

from collections.abc import Callable, Container, Iterable
from dataclasses import dataclass
from typing import Any, TypeVar, cast

from testbed.domain import bitset
from testbed.domain.catalogue import (
    Catalogue,
    Facility,
    Mode,
    Resource,
    Route,
    RuleProfile,
    meets,
    odd_of,
)
from testbed.domain.grid import grains_in
from testbed.domain.ledger import Ledger
from testbed.domain.requests import Claim, ClaimKind, Line, Need, NeedType, Reason
from testbed.domain.rules import STANDING_RULES, booked_grains, is_aside

MEMO_ENTRIES = 50_000
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Demand:
    """Units of one pool that a fit takes for the whole of its claim; a block takes one."""

    pool: str
    kind: ClaimKind
    units: int


@dataclass(frozen=True, slots=True)
class Fit:
    """One way to meet one need: a resource, the booked length, and what it takes around it.

    `before` and `after` are the grains of set-up, clean-up and the way of a mobile unit. The costs
    are those that do not depend on the start, in milli-points. `reasons` are the standing rules'
    noes; a fit with reasons is never offered.
    """

    need: Need
    resource: Resource
    profile: RuleProfile
    duration: int
    before: int
    after: int
    demands: tuple[Demand, ...]
    distance: int
    travel: int
    surplus: int
    reasons: tuple[Reason, ...]

    @property
    def fixed_cost(self) -> int:
        """The part of the cost that no start changes."""
        return self.distance + self.travel + self.surplus

    @property
    def span(self) -> int:
        """Length of the claims in grains."""
        return self.before + self.duration + self.after

    def line(self, start: int) -> Line:
        """The booking line for a need that starts at this grain."""
        need = self.need
        vehicles = need.vehicles if isinstance(self.resource, Route) else 0
        units = need.units if isinstance(self.resource, Facility) else 0
        end = start + self.duration
        return Line(self.resource.id, start, end, units, vehicles, need.mode)

    def claims(self, start: int) -> list[Claim]:
        """The claims for a need that starts at this grain."""
        first, end = start - self.before, start + self.duration + self.after
        return [Claim(each.pool, each.kind, each.units, first, end) for each in self.demands]


def matches(need: Need, resource: Resource) -> bool:
    """Whether the resource is of the kind, rule profile and ODD that the need asks for."""
    if (need.type is NeedType.ROUTE) != isinstance(resource, Route):
        return False
    if need.resource is not None and resource.id != need.resource:
        return False
    if need.kinds and resource.kind not in need.kinds:
        return False
    return (not need.rules or resource.rule in need.rules) and meets(resource, need.odd)


def matching(catalogue: Catalogue, need: Need) -> tuple[Resource, ...]:
    """Every resource that matches the need, bookable or not, in the order of the catalogue."""
    return tuple(each for each in catalogue.resources() if matches(need, each))


def remembered(ledger: Ledger, key: tuple[object, ...], make: Callable[[], _T]) -> _T:
    """What `make` gives, which the catalogue and the policy decide; kept in the ledger's memo.

    The memo starts afresh when it grows large.
    """
    known = ledger.memo.get(key)
    if known is None:
        if len(ledger.memo) >= MEMO_ENTRIES:
            ledger.memo.clear()
        known = ledger.memo[key] = make()
    return cast("_T", known)


def _matching(ledger: Ledger, need: Need) -> tuple[Resource, ...]:
    return remembered(ledger, (need,), lambda: matching(ledger.catalogue, need))


def main_fits(
    ledger: Ledger, need: Need, minutes: int, city: str | None, other_city: bool
) -> tuple[Fit, ...]:
    """The fits of a main need, cheapest first; kept in the ledger's memo.

    Without `other_city` only resources of `city` (and mobile ones, which come there) are named.
    """
    return remembered(
        ledger,
        (need, minutes, city, other_city),
        lambda: _main_fits(ledger, need, minutes, city, other_city),
    )


def _main_fits(
    ledger: Ledger, need: Need, minutes: int, city: str | None, other_city: bool
) -> tuple[Fit, ...]:
    catalogue = ledger.catalogue
    found = [
        each
        for each in _matching(ledger, need)
        if other_city or city is None or each.city == city or _mobile(each)
    ]
    lengths = {
        each.id: booked_grains(minutes, catalogue.rules[each.rule])
        if need.duration is None
        else need.duration
        for each in found
    }
    return _ranked([_fit(ledger, need, each, lengths[each.id], city) for each in found])


def extra_fits(ledger: Ledger, need: Need, main: Fit, city: str) -> tuple[Fit, ...]:
    """The fits of another need of the bundle whose main need is met in `city`, cheapest first.

    Fixed resources stand in the same city or within the policy's reach by road; a resource that is
    named by its id, and a mobile one, may come from anywhere.
    """
    duration = main.duration if need.duration is None else need.duration
    return remembered(
        ledger, (need, duration, city), lambda: _extra_fits(ledger, need, duration, city)
    )


def _extra_fits(ledger: Ledger, need: Need, duration: int, city: str) -> tuple[Fit, ...]:
    catalogue, reach = ledger.catalogue, ledger.policy.extra_reach_minutes
    found = [
        each
        for each in _matching(ledger, need)
        if need.resource or _mobile(each) or catalogue.drive_minutes(city, each.city) <= reach
    ]
    return _ranked([_fit(ledger, need, each, duration, city) for each in found])


def place(fit: Fit, city: str | None) -> str:
    """The city where the fit is used: a mobile main resource goes to the city that is wished."""
    return city if city is not None and _mobile(fit.resource) else fit.resource.city


def _mobile(resource: Resource) -> bool:
    return isinstance(resource, Facility) and resource.mobile


def _fit(ledger: Ledger, need: Need, resource: Resource, duration: int, city: str | None) -> Fit:
    catalogue, policy = ledger.catalogue, ledger.policy
    profile = catalogue.rules[resource.rule]
    minutes = catalogue.drive_minutes(city, resource.city) if city else 0
    way = grains_in(minutes) if _mobile(resource) else 0
    before, after = setup_and_cleanup(resource, profile)
    answers = (rule(ledger, need, resource, duration) for rule in STANDING_RULES)
    return Fit(
        need=need,
        resource=resource,
        profile=profile,
        duration=duration,
        before=before + way,
        after=after + way,
        demands=tuple(demands(catalogue, need, resource)),
        distance=0 if _mobile(resource) else minutes * policy.distance_per_minute,
        travel=minutes * policy.travel_per_minute if _mobile(resource) else 0,
        surplus=features(resource) * policy.surplus_per_feature,
        reasons=tuple(reason for reason in answers if reason),
    )


def setup_and_cleanup(resource: Resource, profile: RuleProfile) -> tuple[int, int]:
    """Grains of set-up and clean-up; a facility's own values replace the rule's."""
    own = resource if isinstance(resource, Facility) else profile
    return grains_in(own.setup_min), grains_in(own.cleanup_min)


def features(resource: Resource) -> int:
    """How many things a resource offers: each value of an ODD list, and each switch that is on."""
    return sum(
        len(value) if isinstance(value, frozenset) else value is True
        for value in odd_of(resource).values()
    )


def eased(fit: Fit, override: Container[str]) -> Fit:
    """The fit without the noes of standing rules that are set aside."""
    kept = tuple(each for each in fit.reasons if not is_aside(each.code, override))
    return fit if len(kept) == len(fit.reasons) else _with(fit, reasons=kept)


def _ranked(fits: list[Fit]) -> tuple[Fit, ...]:
    """The fits cheapest first, over-qualification counted from the plainest that may be offered."""
    plainest = min((fit.surplus for fit in fits if not fit.reasons), default=0)
    levelled = [_levelled(fit, plainest) for fit in fits]
    return tuple(sorted(levelled, key=lambda fit: (fit.fixed_cost, fit.resource.id)))


def _levelled(fit: Fit, plainest: int) -> Fit:
    return _with(fit, surplus=max(0, fit.surplus - plainest))


def _with(fit: Fit, **changed: Any) -> Fit:
    """The fit with other values; three times as fast as `dataclasses.replace`."""
    return Fit(**{name: getattr(fit, name) for name in Fit.__slots__} | changed)


def demands(catalogue: Catalogue, need: Need, resource: Resource) -> Iterable[Demand]:
    """The pools that meeting the need by this resource takes (domain.md, "Occupancy")."""
    if isinstance(resource, Facility):
        yield Demand(resource.id, ClaimKind.USE, _facility_units(need, resource))
        for route in resource.blocks_routes:
            yield Demand(route, ClaimKind.BLOCK, 1)
    else:
        yield from _route_demands(catalogue, need, resource)


def _facility_units(need: Need, facility: Facility) -> int:
    whole = facility.sharing == "shared" and need.mode is Mode.EXCLUSIVE
    return facility.units if whole else need.units


def _route_demands(catalogue: Catalogue, need: Need, route: Route) -> Iterable[Demand]:
    corridor = catalogue.corridors.get(route.corridor or "")
    if need.mode is Mode.WHOLE_SITE and corridor:
        yield Demand(corridor.id, ClaimKind.USE, corridor.max_vehicles)
        for each in corridor.routes:
            yield Demand(each, ClaimKind.USE, catalogue.routes[each].capacity)
        return
    shared = need.mode is Mode.SHARED
    yield Demand(route.id, ClaimKind.USE, need.vehicles if shared else route.capacity)
    if corridor:
        yield Demand(corridor.id, ClaimKind.USE, need.vehicles)


def free_starts(
    ledger: Ledger, fit: Fit, first: int, last: int, relaxed: frozenset[str] = frozenset()
) -> int:
    """The starts first..last at which every pool of the fit, taken alone, has room.

    Bits from `first`. Pools named in `relaxed` are taken for empty.
    """
    length = last - first + fit.span
    offset = first - fit.before - ledger.base
    taken = 0
    for demand in fit.demands:
        if demand.pool not in relaxed:
            taken |= bitset.window(refused(ledger, demand), offset, length)
    return bitset.runs(taken ^ ((1 << length) - 1), fit.span)


def refused(ledger: Ledger, demand: Demand) -> int:
    """The grains, from the ledger's base, at which the pool refuses the demand."""
    pool = ledger.pools[demand.pool]
    return pool.used[0] if demand.kind is ClaimKind.BLOCK else pool.refuses(demand.units)


def combined(catalogue: Catalogue, claims: Iterable[Claim]) -> tuple[Claim, ...]:
    """The claims of a bundle in canonical order.

    Where it blocks a route that it also uses, it takes the whole route instead, for as long as
    either lasts.
    """
    listed = list(claims)
    blocked = {each.pool for each in listed if each.kind is ClaimKind.BLOCK}
    both = blocked & {each.pool for each in listed if each.kind is ClaimKind.USE}
    kept = [each for each in listed if each.pool not in both]
    for pool in sorted(both):
        capacity = catalogue.routes[pool].capacity
        own = [(each.start, each.end) for each in listed if each.pool == pool]
        kept += [Claim(pool, ClaimKind.USE, capacity, *span) for span in _union(own)]
    return tuple(sorted(kept))


def _union(spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
    merged: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged
