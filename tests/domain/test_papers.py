"""Papers: who may drive when, against a slow walk over the days."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from testbed.domain import papers, spans
from testbed.domain.allocator import decide, offers
from testbed.domain.grid import GRAINS_PER_DAY, local_date
from testbed.domain.ledger import Ledger
from testbed.domain.papers import Fleet, Paper, PaperKind, Vehicle, VehicleType
from testbed.domain.policy import Policy
from testbed.domain.requests import Granted, Need, NeedType, Refused, Request, Way
from tests.domain import small
from tests.domain.small import BASE, MONDAY, NOW, ZONE, at

DETAILS = {"safety_briefing_valid_days": 10}
RULE = small.rule(
    "road",
    permit_temporary_operation=True,
    insurance_required=True,
    safety_driver="per-vehicle-type",
    details=DETAILS,
    slot_min=60,
    slot_step_min=15,
)
ROUTE = small.route("rt-road", rule="road", kind="public-road", calendar="always")
LAST = MONDAY + timedelta(days=30)


def paper(kind: PaperKind, start: date = MONDAY, end: date = LAST, **fields: object) -> Paper:
    return Paper(f"{kind}-{start}-{end}-{fields}", kind, start, end, **fields)  # type: ignore[arg-type]


def fleet(*changed: Paper, without: PaperKind | None = None) -> Fleet:
    """One vehicle and one driver with all papers, but for what is changed."""
    kinds = {each.kind for each in changed} | {without}
    whole = (
        paper(PaperKind.PERMIT, vehicle="v1", covers=(papers.PUBLIC_ROADS,)),
        paper(PaperKind.INSURANCE),
        paper(PaperKind.TRAINING, driver="d1"),
        paper(PaperKind.BRIEFING, driver="d1", site="site-east"),
    )
    kept = tuple(each for each in whole if each.kind not in kinds)
    return Fleet((Vehicle("v1", VehicleType.A, "Ioniq 1"),), ("d1",), (*kept, *changed))


def demand(vehicles: int = 1) -> papers.Demand:
    found = papers.demand_of(ROUTE, RULE, vehicles)
    assert found is not None
    return found


def eligible(own: Fleet, start: int, hours: int = 2) -> bool:
    return not papers.missing(own, demand(), start, start, hours * 4)


def codes(own: Fleet, start: int, vehicles: int = 1) -> list[str]:
    return [each.code for each in papers.missing(own, demand(vehicles), start, start, 8)]


def test_a_fleet_with_all_papers_is_eligible():
    assert eligible(fleet(), at("2026-03-03 10:00"))


@pytest.mark.parametrize(
    "kind", [PaperKind(each) for each in PaperKind if each != "transport_permit"]
)
def test_each_missing_paper_is_named(kind: PaperKind):
    assert codes(fleet(without=kind), at("2026-03-03 10:00")) == [f"{kind}_missing"]


def test_a_permit_that_ends_in_the_middle_of_the_booking_is_refused_with_its_last_day():
    short = fleet(paper(PaperKind.PERMIT, end=date(2026, 3, 3), vehicle="v1", covers=("rt-road",)))
    assert eligible(short, at("2026-03-03 22:00"))
    assert not eligible(short, at("2026-03-03 23:00"))
    (said,) = papers.missing(short, demand(), at("2026-03-03 23:00"), at("2026-03-03 23:00"), 8)
    assert (said.code, said.vehicles, said.until) == ("permit_ends", "Ioniq 1", date(2026, 3, 3))


def test_a_paper_and_the_one_that_follows_it_cover_midnight_together():
    renewed = fleet(
        paper(PaperKind.INSURANCE, end=date(2026, 3, 3)),
        paper(PaperKind.INSURANCE, start=date(2026, 3, 4)),
    )
    assert eligible(renewed, at("2026-03-03 23:00"))


@pytest.mark.parametrize(
    ("covers", "holds"),
    [(("rt-road",), True), (("east",), True), ((papers.PUBLIC_ROADS,), True), (("west",), False)],
)
def test_a_permit_covers_routes_cities_or_all_public_roads(covers, holds):
    own = fleet(paper(PaperKind.PERMIT, vehicle="v1", covers=covers))
    assert eligible(own, at("2026-03-03 10:00")) is holds


def test_a_closed_track_is_no_public_road():
    own = paper(PaperKind.PERMIT, vehicle="v1", covers=(papers.PUBLIC_ROADS,))
    assert not papers.holds_at(own, small.route("rt-track"))


def test_a_briefing_counts_as_long_as_the_place_lets_it():
    assert eligible(fleet(), at("2026-03-11 10:00"))
    assert codes(fleet(), at("2026-03-12 10:00")) == ["briefing_ends"]


def test_papers_of_different_vehicles_do_not_add_up():
    own = replace(
        fleet(paper(PaperKind.INSURANCE, vehicle="v2")),
        vehicles=(Vehicle("v1", VehicleType.A), Vehicle("v2", VehicleType.A)),
    )
    assert codes(own, at("2026-03-03 10:00")) == ["papers_not_together"]


def test_as_many_vehicles_as_asked_are_eligible():
    assert codes(fleet(), at("2026-03-03 10:00"), vehicles=2) == ["vehicle_missing"]
    second = replace(fleet(), vehicles=(*fleet().vehicles, Vehicle("v2", VehicleType.B, "Second")))
    (said,) = papers.missing(second, demand(2), at("2026-03-03 10:00"), at("2026-03-03 10:00"), 8)
    assert (said.code, said.vehicles) == ("permit_missing", "Second")


def test_unmanned_vehicles_alone_need_nobody_trained_but_somebody_briefed():
    own = replace(fleet(without=PaperKind.TRAINING), vehicles=(Vehicle("v1", VehicleType.C),))
    assert eligible(own, at("2026-03-03 10:00"))
    unbriefed = replace(own, papers=tuple(p for p in own.papers if p.kind != "briefing"))
    assert not eligible(Fleet(unbriefed.vehicles, (), unbriefed.papers), at("2026-03-03 10:00"))


def test_what_an_operator_sets_aside_is_not_demanded():
    bare = papers.demand_of(ROUTE, RULE, 1, ("permit_ends", "training_missing"))
    assert bare is not None
    assert bare.of_vehicles == (PaperKind.INSURANCE,)
    assert bare.of_drivers == (PaperKind.BRIEFING,)
    assert papers.demand_of(ROUTE, RULE, 1, (papers.NOT_TOGETHER,)) is None


def test_a_rule_that_asks_for_nothing_demands_nothing():
    assert papers.demand_of(ROUTE, small.rule("support"), 1) is None


# -- against a slow walk over the days ---------------------------------------------------------

SOME_DAYS = st.integers(-1, 5)


@st.composite
def some_papers(draw: st.DrawFn) -> Fleet:
    vehicles = tuple(
        Vehicle(f"v{number}", draw(st.sampled_from(VehicleType)))
        for number in range(draw(st.integers(0, 3)))
    )
    drivers = tuple(f"d{number}" for number in range(draw(st.integers(0, 2))))
    owners = [each.id for each in vehicles]
    found = []
    for kind in (*PaperKind, *PaperKind):
        first = draw(SOME_DAYS)
        spanned = MONDAY + timedelta(first), MONDAY + timedelta(draw(st.integers(first, 6)))
        of_driver = kind in papers.OF_DRIVERS
        if of_driver and drivers:
            site = draw(st.sampled_from(["site-east", "site-west"]))
            found.append(paper(kind, *spanned, driver=draw(st.sampled_from(drivers)), site=site))
        elif not of_driver:
            owner = draw(st.sampled_from([None, *owners]))
            covers = draw(st.sampled_from([("rt-road",), ("west",)]))
            found.append(paper(kind, *spanned, vehicle=owner, covers=covers))
    return Fleet(vehicles, drivers, tuple(found))


def slowly(own: Fleet, asked: papers.Demand, start: int, duration: int) -> bool:
    """Day by day: who has every paper on every local day that the slot meets."""
    days = {local_date(grain, ZONE) for grain in range(start, start + duration)}

    def has(who: str, kind: PaperKind) -> bool:
        return all(any(counts(each, who, kind, day) for each in own.papers) for day in days)

    def counts(each: Paper, who: str, kind: PaperKind, day: date) -> bool:
        owner = each.driver == who if kind in papers.OF_DRIVERS else each.vehicle in (None, who)
        young = kind is not PaperKind.BRIEFING or day < each.valid_from + timedelta(days=10)
        return (
            each.kind is kind
            and owner
            and papers.holds_at(each, ROUTE)
            and each.valid_from <= day <= each.valid_until
            and young
        )

    able = [v for v in own.vehicles if all(has(v.id, kind) for kind in asked.of_vehicles)]
    crew = any(all(has(d, kind) for kind in asked.of_drivers) for d in own.drivers)
    briefed = any(has(d, PaperKind.BRIEFING) for d in own.drivers)
    unmanned = [v for v in able if v.type is VehicleType.C]
    manned = len(able) >= asked.vehicles and crew
    return manned or (len(unmanned) >= asked.vehicles and briefed)


@given(some_papers(), st.integers(1, 2), st.integers(0, 5 * GRAINS_PER_DAY), st.integers(1, 130))
def test_the_rule_equals_a_slow_walk_over_the_days(own, vehicles, offset, duration):
    start = BASE + offset
    asked = demand(vehicles)
    found = papers.missing(own, asked, start, start, duration)
    assert (found == ()) is slowly(own, asked, start, duration)


# -- as a rule of the allocator ----------------------------------------------------------------


def ledger(own: Fleet, *, eligibility: bool = True) -> Ledger:
    valley = small.catalogue([ROUTE], [small.facility("fc-desk")])
    known = replace(valley, rules={**valley.rules, "road": RULE})
    made = Ledger(known, Policy(eligibility=eligibility), BASE, BASE + 40 * GRAINS_PER_DAY)
    made.replace_fleet("org", own)
    return made


def wish(start: int, latest: int, **fields: object) -> Request:
    need = Need(NeedType.ROUTE, resource="rt-road")
    return Request("r", "org", NOW, (need,), 120, start, start, latest, **fields)  # type: ignore[arg-type]


def test_the_allocator_offers_only_starts_that_the_papers_cover():
    own = fleet(paper(PaperKind.PERMIT, start=date(2026, 3, 5), vehicle="v1", covers=("east",)))
    asked = wish(at("2026-03-03 10:00"), at("2026-03-06 10:00"))
    decision = decide(asked, ledger(own), NOW)
    assert isinstance(decision, Granted)
    assert decision.offer.start == at("2026-03-05 00:00")


def test_without_papers_the_request_is_refused_with_every_reason_and_who_may_permit_it():
    bare = Fleet(fleet().vehicles, fleet().drivers, ())
    asked = wish(at("2026-03-03 10:00"), at("2026-03-03 12:00"))
    decision = decide(asked, ledger(bare), NOW)
    assert isinstance(decision, Refused)
    found = {(each.code, each.override) for each in decision.reasons}
    kinds = ("permit", "insurance", "training", "briefing")
    assert found == {(f"{kind}_missing", "operator") for kind in kinds}


def test_an_operator_may_set_a_missing_paper_aside():
    own = fleet(without=PaperKind.INSURANCE)
    start = at("2026-03-03 10:00")
    way = Way(start, ("rt-road",))
    assert not offers(wish(start, start, way=way), ledger(own), NOW, 1)
    assert offers(wish(start, start, way=way, override=("insurance_missing",)), ledger(own), NOW, 1)


def test_without_eligibility_nobody_asks_for_papers():
    asked = wish(at("2026-03-03 10:00"), at("2026-03-03 12:00"))
    assert isinstance(decide(asked, ledger(Fleet(), eligibility=False), NOW), Granted)


@given(st.lists(st.lists(st.tuples(st.integers(0, 20), st.integers(1, 6))), max_size=4))
def test_at_least_counts_sets_grain_by_grain(lists):
    sets = [spans.union((start, start + length) for start, length in each) for each in lists]
    for count in (1, 2, 3):
        found = spans.at_least(sets, count)
        for grain in range(28):
            inside = sum(spans.meets(each, grain, grain) for each in sets)
            assert spans.meets(found, grain, grain) is (inside >= count)
