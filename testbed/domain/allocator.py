"""The allocator: the one place where a request becomes a decision, live and in the simulation."""

from dataclasses import replace
from datetime import datetime

from testbed.domain import bitset
from testbed.domain.fit import Fit, free_starts, refused, remembered
from testbed.domain.grid import GRAINS_PER_DAY
from testbed.domain.ledger import Ledger
from testbed.domain.ranking import best
from testbed.domain.requests import (
    ClaimKind,
    Decision,
    Granted,
    Need,
    Offer,
    Offered,
    Reason,
    Refused,
    Request,
    Waitlisted,
)
from testbed.domain.rules import dated_reasons, permitted
from testbed.domain.search import POOLS, Search


def decide(request: Request, ledger: Ledger, now: datetime) -> Decision:
    """Grant the best offer within the wish, or say why not and what lies near.

    Pure and deterministic; takes nothing from the ledger.
    """
    best = offers(request, ledger, now, 1)
    if best:
        return Granted(best[0])
    near = near_misses(request, ledger, now)
    why = reasons(request, ledger, now)
    if is_ruled_out(request, ledger, now):
        return Refused(near, why)
    return Waitlisted(near, why) if request.wait else Offered(near, why)


def offers(request: Request, ledger: Ledger, now: datetime, limit: int) -> tuple[Offer, ...]:
    """The best offers within the wish, ranked by cost, start and resource ids.

    With `limit` over 1 each main resource and local day is named once.
    """
    return best(Search(request, ledger, now), limit)


def near_misses(request: Request, ledger: Ledger, now: datetime) -> tuple[Offer, ...]:
    """Ways outside the wish: more days around it, any city; as many as the policy lists."""
    policy = ledger.policy
    if not policy.near_misses:
        return ()
    start = request.start if request.way is None else request.way.start
    if not ledger.base <= start < ledger.end:
        return ()  # nothing is known there, and a wish far away would be searched grain by grain
    days = policy.near_miss_days * GRAINS_PER_DAY
    wider = replace(
        request,
        start=start,
        earliest=max(ledger.base, min(request.earliest, start - days)),
        latest=min(ledger.end, max(request.latest, start + days)),
        other_city=True,
        way=None,
    )
    return offers(wider, ledger, now, policy.near_misses)


def is_ruled_out(request: Request, ledger: Ledger, now: datetime) -> bool:
    """Whether the rules alone leave no way within the wish, however empty the pools."""
    search = Search(request, ledger, now, frozenset({POOLS}))
    return not any(search.starts(main, search.permitted(main))[0] for main in search.mains())


# -- reasons ---------------------------------------------------------------------------------


def reasons(request: Request, ledger: Ledger, now: datetime) -> tuple[Reason, ...]:
    """Everything that stands against the request within its wish, each reason once, sorted."""
    search = Search(request, ledger, now)
    mains = search.mains()
    if not mains:
        return (_nothing_matches(request.needs[0]),)
    found: set[Reason] = set()
    for main in mains:
        found |= _bundle_reasons(search, main)
    return tuple(sorted(found, key=_reason_order))


def _reason_order(reason: Reason) -> tuple[str, str, str]:
    return reason.code, reason.resource or "", repr(reason.fields)


def _nothing_matches(need: Need) -> Reason:
    fields: tuple[tuple[str, int | str], ...] = (("type", need.type.value),)
    if need.kinds:
        fields += (("kinds", ", ".join(need.kinds)),)
    return Reason("nothing_matches", need.resource, fields)


def _bundle_reasons(search: Search, main: Fit) -> set[Reason]:
    found = _fit_reasons(search, main, main)
    for number, fits in enumerate(search.extras(main), 1):
        if not fits:
            found.add(_nothing_matches(search.request.needs[number]))
        each = [_fit_reasons(search, fit, main) for fit in fits]
        if all(each):
            found |= set().union(*each)
    return found or {Reason("no_common_start", main.resource.id)}


def _fit_reasons(search: Search, fit: Fit, main: Fit) -> set[Reason]:
    found = set(fit.reasons)
    case = search.case(fit, main)
    found |= set(dated_reasons(case))
    starts = permitted(case)
    if starts and not starts & free_starts(search.ledger, fit, case.first, case.last):
        found |= _pool_reasons(search, fit, starts)
    return found


def _pool_reasons(search: Search, fit: Fit, starts: int) -> set[Reason]:
    """The pools that alone leave none of the permitted starts, or that it is all of them."""
    case = search.case(fit, fit)
    offset = case.first - search.ledger.base - fit.before
    length = case.last - case.first + fit.span
    found = set()
    for demand in fit.demands:
        taken = bitset.window(refused(search.ledger, demand), offset, length)
        if not starts & bitset.runs(taken ^ ((1 << length) - 1), fit.span):
            mask = bitset.interval(max(0, offset), offset + length)
            code = _pool_code(search.ledger, demand.pool, demand.kind, mask)
            found.add(Reason(code, demand.pool))
    return found or {Reason("no_common_start", fit.resource.id)}


def _pool_code(ledger: Ledger, pool: str, kind: ClaimKind, grains: int) -> str:
    """Why a pool has no room at these grains (bits from the ledger's base)."""
    if kind is ClaimKind.BLOCK:
        return "route_in_use"
    held = ledger.pools[pool]
    if held.blocked and held.blocked[0] & grains:
        return "pool_full_or_blocked"
    closed = held.closed and held.closed[0] & grains
    return "pool_full_or_closed" if closed else "pool_full"


# -- the binding constraint ------------------------------------------------------------------


def binding_constraint(request: Request, ledger: Ledger, now: datetime) -> str:
    """The constraint whose removal alone yields an offer, for a request that was refused one.

    The first of "lead", "quota", "hours", "pool:ID" in the order of ids, "fragmentation" (a day has
    grains enough on one main resource, but not in one run); "several" if no single one, and
    "nothing_bookable" where nothing that is bookable matches at all (simulation.md, "KPIs").
    """
    search = Search(request, ledger, now)
    if not any(not main.reasons for main in search.mains()):
        return "nothing_bookable"
    for group in ("lead", "quota", "hours"):
        if _yields(request, ledger, now, group):
            return group
    for pool in sorted(_pools_asked(search)):
        if _yields(request, ledger, now, pool):
            return f"pool:{pool}"
    return "fragmentation" if _fragmented(search) else "several"


def pools_asked(request: Request, ledger: Ledger) -> frozenset[str]:
    """Every pool that some way to serve the request takes; kept in the ledger's memo."""
    wish = request.needs, request.duration_min, request.city, request.other_city
    return remembered(ledger, ("pools asked", *wish), lambda: _pools_of_wish(request, ledger))


def _pools_of_wish(request: Request, ledger: Ledger) -> frozenset[str]:
    search = Search(replace(request, way=None), ledger, request.submitted_at)
    return frozenset(_pools_asked(search))


def _yields(request: Request, ledger: Ledger, now: datetime, without: str) -> bool:
    return bool(best(Search(request, ledger, now, frozenset({without})), 1))


def _pools_asked(search: Search) -> set[str]:
    pools: set[str] = set()
    for main in search.mains():
        for fits in ((main,), *search.extras(main)):
            pools |= {demand.pool for fit in fits for demand in fit.demands}
    return pools


def _fragmented(search: Search) -> bool:
    return any(_has_scattered_day(search, main) for main in search.mains() if not main.reasons)


def _has_scattered_day(search: Search, main: Fit) -> bool:
    ledger, resource = search.ledger, main.resource
    offset = search.first - ledger.base
    length = search.last - search.first + main.duration
    opened = ledger.open_grains(resource.calendar, resource.zone)
    free = bitset.window(opened, offset, length)
    for demand in main.demands:
        free &= ~bitset.window(refused(ledger, demand), offset, length)
    days = range(0, length, GRAINS_PER_DAY)
    return any(
        bitset.window(free, day, GRAINS_PER_DAY).bit_count() >= main.duration for day in days
    )
