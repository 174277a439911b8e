"""Papers: what vehicles and drivers must be able to show for the whole of a slot, whenever asked.

Everything here is about the days of the slot and never about today. A paper is valid from its first
to its last local day, both included; two papers that follow one another cover what lies across.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum

from testbed.domain.catalogue import Facility, Resource, Route, RuleProfile
from testbed.domain.grid import local_date, local_midnight
from testbed.domain.spans import EVER, Span, Spans, at_least, both, meets, starts_in, union


class PaperKind(StrEnum):
    """What a paper says. The first three are of vehicles, the others of drivers."""

    PERMIT = "permit"
    TRANSPORT_PERMIT = "transport_permit"
    INSURANCE = "insurance"
    TRAINING = "training"
    BRIEFING = "briefing"


OF_VEHICLES = (PaperKind.PERMIT, PaperKind.TRANSPORT_PERMIT, PaperKind.INSURANCE)
OF_DRIVERS = (PaperKind.TRAINING, PaperKind.BRIEFING)
# Kinds that say where they hold.
OF_PLACES = frozenset({PaperKind.PERMIT, PaperKind.TRANSPORT_PERMIT})


class VehicleType(StrEnum):
    """The types of the permit: A with a driver's seat, B without one, C unmanned."""

    A = "A"
    B = "B"
    C = "C"


# What a permit covers beside ids of routes, facilities and cities: every route on a public road.
PUBLIC_ROADS = "public-roads"
_PUBLIC_ROAD = "public-road"

NOT_TOGETHER = "papers_not_together"
VEHICLE_MISSING = "vehicle_missing"
DRIVER_MISSING = "driver_missing"
_MISSING = {
    PaperKind.PERMIT: "permit_missing",
    PaperKind.TRANSPORT_PERMIT: "transport_permit_missing",
    PaperKind.INSURANCE: "insurance_missing",
    PaperKind.TRAINING: "training_missing",
    PaperKind.BRIEFING: "briefing_missing",
}
# There is one, but it ends before the slot does.
_ENDS = {
    PaperKind.PERMIT: "permit_ends",
    PaperKind.TRANSPORT_PERMIT: "transport_permit_ends",
    PaperKind.INSURANCE: "insurance_ends",
    PaperKind.TRAINING: "training_ends",
    PaperKind.BRIEFING: "briefing_ends",
}
# Each code, and the kind of paper that it is about.
CODES: dict[str, PaperKind | None] = {
    VEHICLE_MISSING: None,
    DRIVER_MISSING: None,
    NOT_TOGETHER: None,
    **{code: kind for codes in (_MISSING, _ENDS) for kind, code in codes.items()},
}


@dataclass(frozen=True, slots=True)
class Vehicle:
    """A vehicle that eligibility is about; `name` is what its organisation calls it."""

    id: str
    type: VehicleType
    name: str = ""


@dataclass(frozen=True, slots=True)
class Paper:
    """One accepted paper.

    Of a vehicle, or without one of the whole organisation; of a driver; a briefing also of a site.
    `covers` are ids of routes, facilities or cities, or PUBLIC_ROADS, where the kind is of places.
    """

    id: str
    kind: PaperKind
    valid_from: date
    valid_until: date
    vehicle: str | None = None
    driver: str | None = None
    site: str | None = None
    covers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Fleet:
    """The vehicles, drivers (ids) and accepted papers of one organisation.

    `memo` keeps what was worked out of them; a change of papers or catalogue makes another fleet.
    """

    vehicles: tuple[Vehicle, ...] = ()
    drivers: tuple[str, ...] = ()
    papers: tuple[Paper, ...] = ()
    memo: dict[tuple[object, ...], Spans] = field(default_factory=dict, compare=False, repr=False)

    def only(self, vehicles: Collection[str], drivers: Collection[str]) -> "Fleet":
        """The fleet reduced to those named; an empty choice leaves all."""
        return Fleet(
            tuple(each for each in self.vehicles if not vehicles or each.id in vehicles),
            tuple(each for each in self.drivers if not drivers or each in drivers),
            self.papers,
        )


NO_FLEET = Fleet()


@dataclass(frozen=True, slots=True)
class Crew:
    """The vehicles and drivers named on a booking, by id and in the order of ids."""

    vehicles: tuple[str, ...] = ()
    drivers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Demand:
    """What one line of a booking demands of an organisation's papers.

    `vehicles` of them with every paper in `of_vehicles`, and where `of_drivers` names any, one
    driver with all of those. `by_type`: who brings unmanned vehicles alone needs nobody trained.
    `briefing_days` is how long the place lets a briefing count, None as long as it says.
    """

    resource: Resource
    vehicles: int
    of_vehicles: tuple[PaperKind, ...]
    of_drivers: tuple[PaperKind, ...]
    by_type: bool
    briefing_days: int | None


@dataclass(frozen=True, slots=True)
class Missing:
    """One thing missing: its code, the vehicles by name, and when what there is ends."""

    code: str
    vehicles: str = ""
    until: date | None = None
    asked: int = 0
    have: int = 0

    @property
    def fields(self) -> tuple[tuple[str, int | str], ...]:
        """What fills the sentence of the code."""
        if self.code == VEHICLE_MISSING:
            return (("asked", self.asked), ("have", self.have))
        until = (("until", self.until.isoformat()),) if self.until else ()
        return (("vehicles", self.vehicles), *until) if self.vehicles else until


def demand_of(
    resource: Resource, profile: RuleProfile, vehicles: int, aside: Collection[str] = ()
) -> Demand | None:
    """What the rule profile demands of whoever uses the resource, None where it demands nothing.

    `aside` are codes that an operator set aside.
    """
    waived = {CODES[code] for code in aside if code in CODES} - {None}
    days = profile.details.get("safety_briefing_valid_days")
    asked = {
        PaperKind.PERMIT: profile.permit_temporary_operation,
        PaperKind.TRANSPORT_PERMIT: profile.permit_limited_transport,
        PaperKind.INSURANCE: profile.insurance_required,
        PaperKind.TRAINING: profile.safety_driver != "none",
        PaperKind.BRIEFING: days is not None,
    }
    kinds = {kind for kind, is_asked in asked.items() if is_asked}
    if not kinds or NOT_TOGETHER in aside:
        return None
    kinds -= waived
    return Demand(
        resource,
        0 if VEHICLE_MISSING in aside else vehicles,
        tuple(kind for kind in OF_VEHICLES if kind in kinds),
        () if DRIVER_MISSING in aside else tuple(kind for kind in OF_DRIVERS if kind in kinds),
        by_type=profile.safety_driver in ("per-vehicle-type", "required-type-A-B"),
        briefing_days=int(days) if isinstance(days, int) else None,
    )


def vehicles_asked(resource: Resource, vehicles: int) -> int:
    """How many vehicles are to be eligible: those of a route, one that comes to a facility."""
    return vehicles if isinstance(resource, Route) else 1


def is_judged(resource: Resource, *, main: bool) -> bool:
    """Whether a need is judged by papers: the main one, and every route beside it."""
    return main or not isinstance(resource, Facility)


# -- who may, when -----------------------------------------------------------------------------


def eligible_starts(fleet: Fleet, demand: Demand, duration: int) -> Spans:
    """The starts at which the fleet has every vehicle, driver and paper for the whole slot."""
    asked = demand.vehicles, demand.of_vehicles, demand.of_drivers
    key = demand.resource.id, duration, *asked
    known = fleet.memo.get(key)
    if known is None:
        known = fleet.memo[key] = _eligible(fleet, demand, duration)
    return known


def _eligible(fleet: Fleet, demand: Demand, duration: int) -> Spans:
    everybody = [each.id for each in fleet.vehicles]
    found = _together(fleet, demand, everybody, demand.of_drivers, duration)
    if not demand.by_type or PaperKind.TRAINING not in demand.of_drivers or not demand.vehicles:
        return found
    unmanned = [each.id for each in fleet.vehicles if each.type is VehicleType.C]
    others = tuple(kind for kind in demand.of_drivers if kind is not PaperKind.TRAINING)
    return union((*found, *_together(fleet, demand, unmanned, others, duration)))


def _together(
    fleet: Fleet,
    demand: Demand,
    vehicles: Iterable[str],
    of_drivers: tuple[PaperKind, ...],
    duration: int,
) -> Spans:
    """The starts at which enough of these vehicles and a driver have all their papers."""
    able = [_starts(fleet, demand, demand.of_vehicles, each, duration) for each in vehicles]
    enough = at_least(able, demand.vehicles)
    if not of_drivers or not enough:
        return enough
    crews = (_starts(fleet, demand, of_drivers, each, duration) for each in fleet.drivers)
    return both(enough, union(span for spans in crews for span in spans))


def _starts(
    fleet: Fleet, demand: Demand, kinds: Iterable[PaperKind], who: str, duration: int
) -> Spans:
    """The starts at which a vehicle or driver has papers of all the kinds for the whole slot."""
    held = EVER
    for kind in kinds:
        held = both(held, _held(fleet, demand, kind, who))
    return starts_in(held, duration)


def _held(fleet: Fleet, demand: Demand, kind: PaperKind, who: str) -> Spans:
    """When the vehicle or driver has a paper of the kind; worked out once for all such places."""
    resource = demand.resource
    place: tuple[object, ...] = ()
    if kind in OF_PLACES:
        place = (resource.id,)
    elif kind is PaperKind.BRIEFING:
        place = resource.site, demand.briefing_days
    key = kind, who, resource.zone, *place
    known = fleet.memo.get(key)
    if known is None:
        spans = (_span(each, demand) for each in _of(fleet, demand, kind, who))
        known = fleet.memo[key] = union(spans)
    return known


def _of(fleet: Fleet, demand: Demand, kind: PaperKind, who: str) -> list[Paper]:
    """The papers of that kind that say something of the vehicle or driver at that place."""
    return [
        each
        for each in fleet.papers
        if each.kind is kind and _is_of(each, who) and holds_at(each, demand.resource)
    ]


def _is_of(paper: Paper, who: str) -> bool:
    if paper.kind in OF_DRIVERS:
        return paper.driver == who
    return paper.vehicle is None or paper.vehicle == who


def holds_at(paper: Paper, resource: Resource) -> bool:
    """Whether the paper says anything of that route or facility."""
    if paper.kind is PaperKind.BRIEFING:
        return paper.site == resource.site
    if paper.kind not in OF_PLACES:
        return True
    if PUBLIC_ROADS in paper.covers and resource.kind == _PUBLIC_ROAD:
        return True
    return resource.id in paper.covers or resource.city in paper.covers


def _span(paper: Paper, demand: Demand) -> Span:
    """The grains at which the paper is valid, on the local days of the place."""
    zone = demand.resource.zone
    following = _last_day(paper, demand) + timedelta(days=1)
    return local_midnight(paper.valid_from, zone), local_midnight(following, zone)


def _last_day(paper: Paper, demand: Demand) -> date:
    if paper.kind is not PaperKind.BRIEFING or demand.briefing_days is None:
        return paper.valid_until
    return min(paper.valid_until, paper.valid_from + timedelta(days=demand.briefing_days - 1))


# -- what is missing ---------------------------------------------------------------------------


def missing(
    fleet: Fleet, demand: Demand, first: int, last: int, duration: int
) -> tuple[Missing, ...]:
    """What stands against every start first..last (grains, both included); empty if none does.

    All that is missing is named at once. Where each thing is there, but never together, the code
    is "papers_not_together".
    """
    if meets(eligible_starts(fleet, demand, duration), first, last):
        return ()
    found = [*_of_vehicles(fleet, demand, first, last, duration)]
    found += _of_drivers(fleet, demand, first, last, duration)
    return tuple(found) or (Missing(NOT_TOGETHER),)


def _of_vehicles(
    fleet: Fleet, demand: Demand, first: int, last: int, duration: int
) -> Iterable[Missing]:
    asked, known = demand.vehicles, len(fleet.vehicles)
    if known < asked:
        yield Missing(VEHICLE_MISSING, asked=asked, have=known)
    for kind in demand.of_vehicles:
        without = [
            each
            for each in fleet.vehicles
            if not meets(_starts(fleet, demand, (kind,), each.id, duration), first, last)
        ]
        if known - len(without) < min(asked, known):
            yield _said(fleet, demand, kind, without, last + duration)


def _of_drivers(
    fleet: Fleet, demand: Demand, first: int, last: int, duration: int
) -> Iterable[Missing]:
    if not demand.of_drivers:
        return
    if not fleet.drivers:
        yield Missing(DRIVER_MISSING)
    for kind in demand.of_drivers if fleet.drivers else ():
        crews = (_starts(fleet, demand, (kind,), each, duration) for each in fleet.drivers)
        if not any(meets(spans, first, last) for spans in crews):
            yield _said(fleet, demand, kind, (), last + duration)


def _said(
    fleet: Fleet, demand: Demand, kind: PaperKind, vehicles: Iterable[Vehicle], end: int
) -> Missing:
    """A missing paper, or the latest of those that end before the slot does."""
    named = list(vehicles)
    owners = [each.id for each in named] or list(fleet.drivers)
    last_day = local_date(end - 1, demand.resource.zone)
    ended = [
        _last_day(each, demand)
        for who in owners
        for each in _of(fleet, demand, kind, who)
        if _last_day(each, demand) < last_day
    ]
    names = ", ".join(sorted(each.name or each.id for each in named))
    if ended:
        return Missing(_ENDS[kind], names, max(ended))
    return Missing(_MISSING[kind], names)


def is_superseded(paper: Paper, others: Iterable[Paper]) -> bool:
    """Whether a later paper of the same kind and owner goes on where this one ends."""
    following = paper.valid_until + timedelta(days=1)
    return any(
        each.id != paper.id
        and (each.kind, each.vehicle, each.driver, each.site)
        == (paper.kind, paper.vehicle, paper.driver, paper.site)
        and set(paper.covers) <= set(each.covers)
        and each.valid_from <= following
        and each.valid_until > paper.valid_until
        for each in others
    )
