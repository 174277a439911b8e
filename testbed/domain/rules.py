"""The booking rules: one function each, listed, and every one of them runs.

A standing rule looks at a need and a resource alone and answers a Reason or None. A dated rule
answers the set of starts that it permits, as bits from the case's first start; where that is empty,
its code is the reason.
"""

from collections.abc import Callable, Container
from dataclasses import dataclass
from datetime import date, timedelta

from testbed.domain import bitset, papers
from testbed.domain.catalogue import Facility, Mode, Resource, Route, RuleProfile
from testbed.domain.grid import (
    GRAINS_PER_DAY,
    GRAINS_PER_HOUR,
    grains_in,
    local_midnight,
)
from testbed.domain.ledger import NIGHT, Ledger
from testbed.domain.parties import Role
from testbed.domain.requests import Need, Reason, Request
from testbed.domain.sharing import own_share


@dataclass(slots=True)
class Case:
    """One need on one resource, for the starts `first`..`last` (grains, both included).

    `profile` is the main resource's rule profile, `duration` the booked length in grains. `main`
    tells the main need, for which alone lead, notice and weekly hours are asked. `now` is the first
    grain that starts at or after this moment, `submitted` the last one at or before the submission
    and the first one at or after it (a day and an hour are whole grains, so leads stay exact).
    """

    request: Request
    need: Need
    resource: Resource
    profile: RuleProfile
    duration: int
    main: bool
    ledger: Ledger
    now: int
    submitted: tuple[int, int]
    first: int
    last: int
    everything: int

    def between(self, earliest: int, latest: int) -> int:
        """The starts from `earliest` to `latest` (grains, both included)."""
        if earliest <= self.first and latest >= self.last:
            return self.everything
        low = max(earliest, self.first) - self.first
        return bitset.interval(low, min(latest, self.last) - self.first + 1)


def bookable(_: Ledger, __: Need, resource: Resource, ___: int) -> Reason | None:
    """The resource is open to booking."""
    if resource.bookable:
        return None
    return Reason("not_bookable", resource.id, (("status", resource.status),))


def mode_offered(ledger: Ledger, need: Need, resource: Resource, _: int) -> Reason | None:
    """The resource offers the use asked for: shared, exclusive, or the whole site."""
    if isinstance(resource, Facility):
        offered = need.mode is not Mode.WHOLE_SITE
    elif need.mode is Mode.WHOLE_SITE:
        corridor = ledger.catalogue.corridors.get(resource.corridor or "")
        offered = corridor is not None and corridor.whole_site_exclusive
    else:
        offered = need.mode in resource.modes
    return None if offered else Reason("mode_not_offered", resource.id, (("mode", need.mode),))


def within_capacity(ledger: Ledger, need: Need, resource: Resource, _: int) -> Reason | None:
    """The resource holds as many vehicles or units as asked, even when it is empty."""
    if isinstance(resource, Facility):
        most, asked = resource.units, need.units
    else:
        most, asked = most_vehicles(ledger, need.mode, resource), need.vehicles
    if asked <= most:
        return None
    return Reason("too_many", resource.id, (("asked", asked), ("most", most)))


def most_vehicles(ledger: Ledger, mode: Mode, route: Route) -> int:
    """Vehicles that one booking may bring to the route in this mode."""
    corridor = ledger.catalogue.corridors.get(route.corridor or "")
    limit = corridor.max_vehicles if corridor else route.capacity
    if mode is Mode.WHOLE_SITE:
        return limit
    own = route.max_vehicles_shared if mode is Mode.SHARED else route.max_vehicles_exclusive
    return min(own, limit) if corridor else own


def not_too_long(ledger: Ledger, _: Need, resource: Resource, duration: int) -> Reason | None:
    """The booked length stays within the facility's and the service's longest booking."""
    most = ledger.policy.longest_booking_hours
    if isinstance(resource, Facility) and resource.max_hours_per_booking is not None:
        most = min(most, resource.max_hours_per_booking)
    if duration <= most * GRAINS_PER_HOUR:
        return None
    hours = duration / GRAINS_PER_HOUR
    fields = (("hours", f"{hours:g}"), ("most", most))
    code = "booking_too_long"
    return Reason(code, resource.id, fields, STANDING_OVERRIDES[code])


StandingRule = Callable[[Ledger, Need, Resource, int], Reason | None]
STANDING_RULES: tuple[StandingRule, ...] = (bookable, mode_offered, within_capacity, not_too_long)
STANDING_OVERRIDES = {"booking_too_long": Role.OPERATOR}


def not_past(case: Case) -> int:
    """A slot starts at or after this moment."""
    return case.between(case.now, case.last)


def lead_long_enough(case: Case) -> int:
    """The start is at least the rule's shortest lead after the request, in exact 24-hour days."""
    soonest = case.submitted[1] + case.profile.min_lead_days * GRAINS_PER_DAY
    return case.between(soonest, case.last)


def lead_short_enough(case: Case) -> int:
    """The start is at most the rule's longest lead after the request."""
    farthest = case.submitted[0] + case.profile.max_lead_days * GRAINS_PER_DAY
    return case.between(case.first, farthest)


def notice_given(case: Case) -> int:
    """The start leaves the operators their notice, however long the request has waited."""
    notice = case.ledger.policy.min_notice_hours * GRAINS_PER_HOUR
    return case.between(case.now + notice, case.last)


def within_horizon(case: Case) -> int:
    """The slot ends where standing services are already written."""
    return case.between(case.first, case.ledger.bookable_until - case.duration)


def valid_then(case: Case) -> int:
    """The slot lies inside the dates for which the resource is valid, both included."""
    resource = case.resource
    if resource.valid_from is None and resource.valid_until is None:
        return case.everything
    earliest = _midnight(resource.valid_from, resource.zone, case.first)
    until = resource.valid_until
    following = until + timedelta(days=1) if until else None
    closes = _midnight(following, resource.zone, case.last + case.duration)
    return case.between(earliest, closes - case.duration)


def _midnight(day: date | None, zone: str, otherwise: int) -> int:
    return otherwise if day is None else local_midnight(day, zone)


def in_open_hours(case: Case) -> int:
    """The booked slot (not set-up and clean-up) lies in the opening hours."""
    resource = case.resource
    return _within(case, case.ledger.open_starts(resource.calendar, resource.zone, case.duration))


def at_night(case: Case) -> int:
    """The slot lies between 21:00 and 06:00 where the need asks for night."""
    if not case.need.night:
        return case.everything
    return _within(case, case.ledger.open_starts(NIGHT, case.resource.zone, case.duration))


def _within(case: Case, starts: int) -> int:
    return bitset.window(starts, case.first - case.ledger.base, case.last - case.first + 1)


def within_weekly_hours(case: Case) -> int:
    """The organisation's hours under this rule profile stay within the limit of the ISO week."""
    limit = case.profile.max_hours_per_org_week * GRAINS_PER_HOUR - case.duration
    permitted = case.everything
    for week, start, end in case.ledger.weeks(case.resource.zone):
        if start > case.last:
            break
        if end > case.first:
            used = case.ledger.use(case.request.organisation, case.profile.id, week)
            if used > limit:
                permitted &= ~case.between(start, end - 1)
    return permitted


def within_open_hours(case: Case) -> int:
    """The organisation's bookings to come, this one among them, stay within the policy's hours."""
    limit = case.ledger.policy.max_open_hours * GRAINS_PER_HOUR
    if not limit:
        return case.everything
    ahead = case.ledger.ahead(case.request.organisation, case.now)
    return case.everything if ahead + case.duration <= limit else 0


def apart_from(case: Case) -> int:
    """No rival of the request uses the route or its corridor meanwhile, set-up and all."""
    route = case.resource
    if not isinstance(route, Route):
        return case.everything
    shared = case.ledger.rivals_at(case.request, _shared_pools(case.need, route, case.ledger))
    if not shared:
        return case.everything
    own = case.ledger.catalogue.rules[route.rule]
    before, after = grains_in(own.setup_min), grains_in(own.cleanup_min)
    span = before + case.duration + after
    length = case.last - case.first + span
    taken = bitset.window(shared, case.first - before - case.ledger.base, length)
    return bitset.runs(taken ^ ((1 << length) - 1), span)


def _shared_pools(need: Need, route: Route, ledger: Ledger) -> tuple[str, ...]:
    """The pools that others may use at the same time: the route, its corridor, the whole site."""
    corridor = ledger.catalogue.corridors.get(route.corridor or "")
    if corridor is None:
        return (route.id,)
    routes = corridor.routes if need.mode is Mode.WHOLE_SITE else (route.id,)
    return (corridor.id, *routes)


def with_papers(case: Case) -> int:
    """The organisation has vehicles, a driver and their papers for the whole slot."""
    demand = papers_demanded(case)
    if demand is None:
        return case.everything
    permitted = 0
    fleet = case.ledger.fleet(case.request.organisation)
    for start, end in papers.eligible_starts(fleet, demand, case.duration):
        if start <= case.last and case.first < end:
            permitted |= case.between(start, end - 1)
    return permitted


def papers_demanded(case: Case) -> papers.Demand | None:
    """What papers the case asks for, None where it asks for none: see `papers.demand_of`."""
    resource, ledger = case.resource, case.ledger
    if not ledger.policy.eligibility or not papers.is_judged(resource, main=case.main):
        return None
    vehicles = own_share(case.request, papers.vehicles_asked(resource, case.need.vehicles))
    profile = ledger.catalogue.rules[resource.rule]
    return papers.demand_of(resource, profile, vehicles, case.request.override)


def _papers_missing(case: Case) -> list[Reason]:
    """A reason for each paper that is missing at every start."""
    demand, name = papers_demanded(case), case.request.organisation
    if demand is None:
        return []
    span = case.first, case.last, case.duration
    found = papers.missing(case.ledger.fleet(name), demand, *span)
    return [Reason(each.code, case.resource.id, each.fields, Role.OPERATOR) for each in found]


@dataclass(frozen=True, slots=True)
class DatedRule:
    """A rule over starts: its reason code, who may override it, and the KPI group of the loss.

    `main` marks the rules that are asked for the main need alone. `explain` gives reasons more
    exact than the code; a code of theirs that is set aside is the rule's own matter.
    """

    code: str
    permits: Callable[[Case], int]
    override: Role | None
    group: str
    main: bool = False
    explain: Callable[[Case], list[Reason]] | None = None


DATED_RULES = (
    DatedRule("past", not_past, None, "past"),
    DatedRule("lead_too_short", lead_long_enough, Role.OPERATOR, "lead", main=True),
    DatedRule("lead_too_long", lead_short_enough, Role.OPERATOR, "lead", main=True),
    DatedRule("notice_too_short", notice_given, Role.OPERATOR, "lead", main=True),
    DatedRule("beyond_horizon", within_horizon, None, "lead"),
    DatedRule("not_valid_then", valid_then, Role.ADMINISTRATOR, "hours"),
    DatedRule("closed_hours", in_open_hours, Role.OPERATOR, "hours"),
    DatedRule("not_at_night", at_night, Role.OPERATOR, "hours"),
    DatedRule("shared_with_other", apart_from, None, "sharing"),
    DatedRule("weekly_hours", within_weekly_hours, Role.OPERATOR, "quota", main=True),
    DatedRule("open_hours", within_open_hours, Role.OPERATOR, "quota", main=True),
    DatedRule(papers.NOT_TOGETHER, with_papers, Role.OPERATOR, "papers", explain=_papers_missing),
)
RULES = (*STANDING_RULES, *DATED_RULES)
_EXTRA_RULES = tuple(rule for rule in DATED_RULES if not rule.main)
# Who may set a rule aside, by its code; what is not named here nobody may.
OVERRIDES: dict[str, Role] = STANDING_OVERRIDES | {
    rule.code: rule.override for rule in DATED_RULES if rule.override
}
OVERRIDES |= dict.fromkeys(papers.CODES, Role.OPERATOR)


def dated_rules(case: Case) -> tuple[DatedRule, ...]:
    """The dated rules that are asked for this case: all but those that an operator set aside."""
    rules = DATED_RULES if case.main else _EXTRA_RULES
    aside = case.request.override
    return tuple(each for each in rules if not is_aside(each.code, aside)) if aside else rules


def is_aside(code: str, override: Container[str]) -> bool:
    """Whether the rule of that code is set aside; a rule that nobody may override never is."""
    return code in override and code in OVERRIDES


def permitted(case: Case, relaxed: frozenset[str] = frozenset()) -> int:
    """The starts that every dated rule permits, but for those of the groups in `relaxed`."""
    starts = case.everything
    for rule in dated_rules(case):
        if not relaxed or rule.group not in relaxed:
            starts &= rule.permits(case)
            if not starts:
                break
    return starts


def dated_reasons(case: Case) -> list[Reason]:
    """A reason for every dated rule that permits none of the starts, and one if only together.

    The code "no_common_start" says that each rule permits some start, but no start suits them all.
    """
    noes = [rule for rule in dated_rules(case) if not rule.permits(case)]
    reasons = [reason for rule in noes for reason in _said_by(rule, case)]
    if not reasons and not permitted(case):
        reasons.append(Reason("no_common_start", case.resource.id))
    return reasons


def _said_by(rule: DatedRule, case: Case) -> list[Reason]:
    if rule.explain is not None:
        return rule.explain(case)
    return [Reason(rule.code, case.resource.id, _fields(rule, case), rule.override)]


def _fields(rule: DatedRule, case: Case) -> tuple[tuple[str, int | str], ...]:
    profile, policy = case.profile, case.ledger.policy
    ahead = case.ledger.ahead(case.request.organisation, case.now) / GRAINS_PER_HOUR
    shown: dict[str, tuple[tuple[str, int | str], ...]] = {
        "lead_too_short": (("days", profile.min_lead_days),),
        "lead_too_long": (("days", profile.max_lead_days),),
        "notice_too_short": (("hours", policy.min_notice_hours),),
        "weekly_hours": (("hours", profile.max_hours_per_org_week),),
        "open_hours": (("hours", f"{ahead:g}"), ("most", policy.max_open_hours)),
    }
    return shown.get(rule.code, ())


def booked_grains(minutes: int, profile: RuleProfile) -> int:
    """The booked length in grains: the shortest booking, then up by whole steps of the rule."""
    over = max(0, minutes - profile.slot_min)
    steps = -(-over // profile.slot_step_min) if over else 0
    booked = profile.slot_min + steps * profile.slot_step_min
    return -(-booked * GRAINS_PER_HOUR // 60)
