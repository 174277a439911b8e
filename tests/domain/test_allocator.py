"""Decisions: what is granted, what is refused, and every reason why."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from testbed.domain.allocator import binding_constraint, decide, offers
from testbed.domain.bundle import MOST_TRIES
from testbed.domain.catalogue import Catalogue, Mode
from testbed.domain.errors import InvalidRequest
from testbed.domain.fees import booking_fee_krw
from testbed.domain.grid import moment_of
from testbed.domain.ledger import Ledger
from testbed.domain.policy import Policy
from testbed.domain.ranking import best
from testbed.domain.requests import (
    Claim,
    ClaimKind,
    Granted,
    Need,
    NeedType,
    Offered,
    Refused,
    Request,
    Waitlisted,
    Way,
)
from testbed.domain.search import Search
from tests.domain.small import BASE, HOLIDAY, NOW, at, catalogue, facility, route, valley

END = BASE + 60 * 96
ROUTE, FACILITY = NeedType.ROUTE, NeedType.FACILITY
TRACK_A = Need(ROUTE, resource="rt-a")
TUNNEL = Need(FACILITY, kinds=("tunnel",))


def ledger(of: Catalogue | None = None, policy: Policy | None = None) -> Ledger:
    return Ledger(of or valley(), policy or Policy(), BASE, END)


def wish(start: str, *needs: Need, minutes: int = 60, flex: int = 0, **fields: Any) -> Request:
    grain = at(start)
    plain: dict[str, Any] = {
        "id": "rq-1",
        "organisation": "org",
        "submitted_at": NOW,
        "needs": needs or (TRACK_A,),
        "duration_min": minutes,
        "start": grain,
        "earliest": grain - flex,
        "latest": grain + flex,
    }
    return Request(**(plain | fields))


def codes(request: Request, book: Ledger, now: datetime = NOW) -> set[str]:
    decision = decide(request, book, now)
    assert not isinstance(decision, Granted)
    return {reason.code for reason in decision.reasons}


def granted(request: Request, book: Ledger, now: datetime = NOW) -> Granted:
    decision = decide(request, book, now)
    assert isinstance(decision, Granted), decision
    return decision


# -- occupancy -------------------------------------------------------------------------------


def test_two_rain_tunnels_serve_two_organisations_in_the_same_hour_and_a_third_waits() -> None:
    book = ledger()
    for organisation in ("first", "second"):
        request = wish("2026-03-02 10:00", TUNNEL, organisation=organisation)
        book.take(granted(request, book).offer.claims)
    third = wish("2026-03-02 10:00", TUNNEL, organisation="third")
    assert codes(third, book) == {"pool_full"}
    assert isinstance(decide(replace(third, wait=True), book, NOW), Waitlisted)


def test_the_route_that_a_tunnel_blocks_is_not_to_be_had_until_both_tunnels_are_free() -> None:
    book = ledger()
    first = granted(wish("2026-03-02 10:00", TUNNEL), book).offer
    book.take(first.claims)
    second = granted(wish("2026-03-02 11:00", TUNNEL), book).offer
    book.take(second.claims)
    crossing = wish("2026-03-02 10:00", Need(ROUTE, resource="rt-b"), flex=40)
    starts_at_or_after = granted(crossing, book).offer.start
    clear = second.end + 1 + 1  # the tunnel's clean-up, then the track's own set-up
    assert starts_at_or_after == clear


def test_a_booking_of_the_tunnel_and_the_route_it_blocks_takes_the_whole_route_instead() -> None:
    book = ledger()
    both = wish("2026-03-02 10:00", Need(ROUTE, resource="rt-b"), TUNNEL)
    claims = [c for c in granted(both, book).offer.claims if c.pool == "rt-b"]
    assert {(c.kind, c.units) for c in claims} == {(ClaimKind.USE, 1)}
    book.take([Claim("rt-b", ClaimKind.BLOCK, 1, at("2026-03-02 10:00"), at("2026-03-02 10:15"))])
    assert isinstance(decide(both, book, NOW), Offered)


def test_shared_vehicles_fill_a_route_and_the_corridor_counts_them_over_its_routes() -> None:
    book = ledger()
    for vehicles, name in ((2, "rt-a"), (1, "rt-b")):
        need = Need(ROUTE, resource=name, vehicles=vehicles)
        book.take(granted(wish("2026-03-02 10:00", need), book).offer.claims)
    assert codes(wish("2026-03-02 10:00", Need(ROUTE, resource="rt-a")), book) == {"pool_full"}


def test_exclusive_use_takes_the_whole_route_but_only_its_vehicles_of_the_corridor() -> None:
    need = Need(ROUTE, resource="rt-a", mode=Mode.EXCLUSIVE, vehicles=1)
    claims = granted(wish("2026-03-02 10:00", need), ledger()).offer.claims
    assert {(c.pool, c.units) for c in claims} == {("cor", 1), ("rt-a", 2)}


def test_a_whole_site_takes_all_of_the_corridor_and_of_every_route() -> None:
    need = Need(ROUTE, resource="rt-a", mode=Mode.WHOLE_SITE, vehicles=3)
    offer = granted(wish("2026-03-02 10:00", need), ledger()).offer
    assert {(c.pool, c.units) for c in offer.claims} == {("cor", 3), ("rt-a", 2), ("rt-b", 1)}
    assert booking_fee_krw(offer.lines, "oem", valley()) == 2 * 3000


def test_setup_and_clean_up_lengthen_the_claim_but_not_the_slot_and_may_lie_outside_hours() -> None:
    offer = granted(wish("2026-03-02 09:00", TRACK_A), ledger()).offer
    assert (offer.start, offer.end) == (at("2026-03-02 09:00"), at("2026-03-02 10:00"))
    assert {(c.start, c.end) for c in offer.claims} == {
        (at("2026-03-02 08:45"), at("2026-03-02 10:15"))
    }


def test_setup_meets_other_claims() -> None:
    book = ledger()
    book.take(
        granted(wish("2026-03-02 09:00", Need(FACILITY, resource="fc-bay-east")), book).offer.claims
    )
    touching = wish("2026-03-02 10:00", Need(FACILITY, resource="fc-bay-east"))
    assert codes(touching, book) == {"pool_full"}
    half_an_hour_later = replace(touching, start=touching.start + 2, latest=touching.latest + 2)
    granted(replace(half_an_hour_later, earliest=touching.start + 2), book)


def test_a_mobile_unit_is_occupied_for_the_way_there_and_back() -> None:
    bundle = wish("2026-03-02 11:00", TRACK_A, Need(FACILITY, kinds=("kit",)))
    claim = next(c for c in granted(bundle, ledger()).offer.claims if c.pool == "fc-kit")
    assert moment_of(claim.end) - moment_of(claim.start) == timedelta(minutes=60 + 30 + 2 * 60)


def test_an_exclusive_wish_for_a_shared_facility_takes_all_of_its_units() -> None:
    shared = wish("2026-03-02 10:00", Need(FACILITY, kinds=("lot",)))
    alone = wish("2026-03-02 10:00", Need(FACILITY, kinds=("lot",), mode=Mode.EXCLUSIVE))
    assert [c.units for c in granted(shared, ledger()).offer.claims] == [1]
    assert [c.units for c in granted(alone, ledger()).offer.claims] == [2]


def test_an_extra_with_an_offset_starts_that_much_before_the_main_need() -> None:
    garage = Need(FACILITY, resource="fc-bay-east", offset=-2, duration=2)
    offer = granted(wish("2026-03-02 10:00", TRACK_A, garage), ledger()).offer
    assert (offer.lines[1].start, offer.lines[1].end) == (
        at("2026-03-02 09:30"),
        at("2026-03-02 10:00"),
    )


def test_a_fixed_extra_stands_within_reach_by_road_and_the_nearest_first() -> None:
    book = ledger()
    bundle = wish("2026-03-02 10:00", TRACK_A, Need(FACILITY, kinds=("bay",)))
    assert granted(bundle, book).offer.way.resources == ("rt-a", "fc-bay-east")
    book.take([Claim("fc-bay-east", ClaimKind.USE, 1, BASE, BASE + 96)])
    assert granted(bundle, book).offer.way.resources == ("rt-a", "fc-bay-west")
    book.take([Claim("fc-bay-west", ClaimKind.USE, 2, BASE, BASE + 96)])
    assert not isinstance(decide(bundle, book, NOW), Granted), "the bay in the south is too far"


# -- rules -----------------------------------------------------------------------------------


def test_a_wish_is_rounded_up_to_the_shortest_booking_and_then_by_steps() -> None:
    book = ledger()
    for minutes, booked in ((15, 4), (60, 4), (61, 6), (90, 6), (100, 8)):
        offer = granted(wish("2026-03-02 10:00", minutes=minutes), book).offer
        assert offer.end - offer.start == booked


@pytest.mark.parametrize(
    ("start", "code"),
    [
        ("2026-03-02 08:45", "closed_hours"),
        ("2026-03-02 16:15", "closed_hours"),
        (f"{HOLIDAY} 10:00", "closed_hours"),
        ("2026-02-19 10:00", "past"),
        ("2026-02-20 15:00", "lead_too_short"),
        ("2026-04-22 10:00", "lead_too_long"),
        ("2026-05-02 10:00", "beyond_horizon"),
    ],
)
def test_a_dated_rule_that_says_no_gives_its_reason(start: str, code: str) -> None:
    decision = decide(wish(start), ledger(), NOW)
    assert isinstance(decision, Refused)
    assert code in {reason.code for reason in decision.reasons}


def test_lead_is_counted_in_exact_days_from_the_submission_to_the_second() -> None:
    start = at("2026-03-03 10:00")
    exactly = moment_of(start) - timedelta(days=1)
    request = wish("2026-03-03 10:00", submitted_at=exactly)
    granted(request, ledger(), exactly)
    later = replace(request, submitted_at=exactly + timedelta(seconds=1))
    assert codes(later, ledger(), exactly) == {"lead_too_short"}


def test_a_request_that_waited_may_take_a_slot_tomorrow_but_not_within_the_notice() -> None:
    request = wish("2026-03-03 10:00")
    start = moment_of(request.start)
    granted(request, ledger(), start - timedelta(hours=12))
    assert codes(request, ledger(), start - timedelta(hours=11)) == {"notice_too_short"}


def test_weekly_hours_count_per_organisation_rule_and_iso_week() -> None:
    book = ledger()
    book.add_use("org", "track", 202610, 39 * 4)
    granted(wish("2026-03-06 10:00"), book)
    book.add_use("org", "track", 202610, 1)
    assert codes(wish("2026-03-06 10:00"), book) == {"weekly_hours"}
    granted(wish("2026-03-06 10:00", organisation="other"), book)
    granted(wish("2026-03-09 10:00"), book)


def test_extras_ask_for_no_weekly_hours_and_no_lead() -> None:
    book = ledger()
    book.add_use("org", "support", 202610, 1000)
    offer = granted(wish("2026-03-03 10:00", TRACK_A, Need(FACILITY, kinds=("bay",))), book).offer
    assert offer.way.resources == ("rt-a", "fc-bay-east")


def test_night_needs_the_whole_slot_between_21_and_6() -> None:
    night = Need(ROUTE, resource="rt-west", night=True)
    granted(wish("2026-03-02 21:00", night), ledger())
    assert codes(wish("2026-03-02 20:45", night), ledger()) == {"not_at_night"}


def test_a_resource_serves_only_within_its_dates() -> None:
    book = ledger(
        catalogue([route("rt-a", valid_from=date(2026, 3, 5), valid_until=date(2026, 3, 5))], [])
    )
    assert codes(wish("2026-03-03 10:00"), book) == {"not_valid_then"}
    granted(wish("2026-03-05 16:00"), book)
    assert codes(wish("2026-03-06 09:00"), book) == {"not_valid_then"}


def test_every_rule_runs_and_all_reasons_come_back() -> None:
    book = ledger(catalogue([route("rt-a", bookable=False, status="planned")], []))
    need = Need(ROUTE, resource="rt-a", vehicles=9)
    assert codes(wish(f"{HOLIDAY} 03:00", need), book) == {
        "not_bookable",
        "too_many",
        "closed_hours",
    }


def test_a_mode_that_is_not_offered_is_refused() -> None:
    book = ledger(catalogue([route("rt-a", modes=frozenset({Mode.SHARED}))], []))
    for mode in (Mode.EXCLUSIVE, Mode.WHOLE_SITE):
        need = Need(ROUTE, resource="rt-a", mode=mode)
        assert codes(wish("2026-03-02 10:00", need), book) == {"mode_not_offered"}


def test_a_facility_has_a_longest_booking() -> None:
    lot = Need(FACILITY, kinds=("lot",))
    granted(wish("2026-03-02 10:00", lot, minutes=180), ledger())
    assert codes(wish("2026-03-02 10:00", lot, minutes=181), ledger()) == {"booking_too_long"}


def test_a_kind_that_nobody_has_says_so() -> None:
    decision = decide(wish("2026-03-02 10:00", Need(FACILITY, kinds=("wind",))), ledger(), NOW)
    assert isinstance(decision, Refused)
    assert [reason.code for reason in decision.reasons] == ["nothing_matches"]


def test_who_may_override_stands_beside_the_reason() -> None:
    decision = decide(wish("2026-03-02 08:00"), ledger(), NOW)
    assert isinstance(decision, Refused)
    assert {(reason.code, reason.override) for reason in decision.reasons} == {
        ("closed_hours", "operator")
    }


# -- offers ----------------------------------------------------------------------------------


def test_near_misses_are_listed_beside_a_refusal_and_can_be_booked_as_named() -> None:
    book = ledger()
    closed = wish("2026-03-02 08:00")
    decision = decide(closed, book, NOW)
    assert isinstance(decision, Refused)
    assert decision.near[0].start == at("2026-03-02 09:00")
    near = decision.near[0]
    named = replace(closed, way=Way(near.start, near.way.resources))
    assert granted(named, book).offer == near


def test_a_named_way_is_judged_alone() -> None:
    book = ledger()
    request = wish("2026-03-02 10:00", Need(ROUTE, kinds=("closed-track",)), flex=20)
    named = replace(request, way=Way(at("2026-03-02 11:00"), ("rt-b",)))
    assert granted(named, book).offer.way == named.way
    book.take([Claim("rt-b", ClaimKind.USE, 1, BASE, BASE + 96)])
    assert codes(named, book) == {"pool_full"}


def test_a_wish_for_one_city_only_stays_there() -> None:
    need = Need(ROUTE, kinds=("closed-track",))
    request = wish("2026-03-02 18:00", need, city="east", flex=4)
    assert granted(request, ledger()).offer.way.resources == ("rt-west",)
    assert isinstance(decide(replace(request, other_city=False), ledger(), NOW), Refused)


def test_every_component_of_the_cost_is_told() -> None:
    policy = Policy(shift_per_grain=100, distance_per_minute=20, travel_per_minute=5)
    book = ledger(policy=policy)
    book.add_use("org", "road", 202608, 40)
    need = Need(ROUTE, resource="rt-west")
    kit = Need(FACILITY, kinds=("kit",))
    request = wish("2026-03-02 13:00", need, kit, city="east", flex=8)
    cost = granted(request, book).offer.cost
    assert cost.shift == 4 * 100
    assert cost.distance == 30 * 20
    assert cost.travel == 50 * 5
    assert cost.fair_share == 10
    assert cost.total == cost.shift + cost.distance + cost.travel + cost.fair_share


def test_a_plainer_route_is_offered_before_a_richer_one() -> None:
    rich = route("rt-a", odd={"v2x": frozenset({"spat", "wave"}), "hd_map": True})
    book = ledger(catalogue([rich, route("rt-z", odd={})], []))
    offer = granted(wish("2026-03-02 10:00", Need(ROUTE, kinds=("closed-track",))), book).offer
    assert offer.way.resources == ("rt-z",)
    richer = granted(wish("2026-03-02 10:00", TRACK_A), book).offer
    assert richer.cost.surplus == 0, "nothing plainer met the need"
    listed = offers(wish("2026-03-02 10:00", Need(ROUTE, kinds=("closed-track",))), book, NOW, 2)
    assert [each.cost.surplus for each in listed] == [0, 30]


def test_a_start_that_leaves_no_useless_gap_wins_over_one_a_little_nearer() -> None:
    book = ledger(
        catalogue([route("rt-a")], []), Policy(shift_per_grain=100, fragmentation_per_gap=500)
    )
    book.take([Claim("rt-a", ClaimKind.USE, 2, at("2026-03-02 12:00"), at("2026-03-02 14:00"))])
    offer = granted(wish("2026-03-02 10:30", flex=4), book).offer
    assert offer.claims[0].end == at("2026-03-02 12:00")
    assert offer.cost.fragmentation == 0


# -- the binding constraint ------------------------------------------------------------------


def refusal(request: Request, book: Ledger) -> str:
    assert not offers(request, book, request.submitted_at, 1)
    return binding_constraint(request, book, request.submitted_at)


def test_the_binding_constraint_is_the_one_whose_removal_yields_an_offer() -> None:
    book = ledger()
    late = moment_of(at("2026-03-02 15:00"))
    assert refusal(wish("2026-03-03 10:00", submitted_at=late), book) == "lead"
    assert refusal(wish("2026-03-02 08:00"), book) == "hours"
    book.add_use("org", "track", 202610, 160)
    assert refusal(wish("2026-03-02 10:00"), book) == "quota"
    book.take([Claim("cor", ClaimKind.USE, 3, BASE, BASE + 96)])
    assert refusal(wish("2026-03-02 10:00", organisation="other"), book) == "pool:cor"
    assert refusal(wish("2026-03-02 10:00"), book) == "several"


def test_scattered_free_grains_are_named_fragmentation() -> None:
    book = ledger(catalogue([route("rt-a", corridor=None)], [facility("fc-x")]))
    for hour in (9, 11, 13, 15):
        start = at(f"2026-03-02 {hour:02}:00")
        book.take([Claim("rt-a", ClaimKind.USE, 2, start, start + 4)])
    book.take([Claim("fc-x", ClaimKind.USE, 1, BASE, BASE + 96)])
    bundle = wish("2026-03-02 09:00", TRACK_A, Need(FACILITY, resource="fc-x"), minutes=120)
    window = replace(bundle, latest=at("2026-03-02 16:00"))
    assert refusal(window, book) == "fragmentation"


# -- misuse ----------------------------------------------------------------------------------


def test_a_naive_time_is_refused() -> None:
    with pytest.raises(InvalidRequest, match="naive_time"):
        wish("2026-03-02 10:00", submitted_at=datetime(2026, 2, 20))  # noqa: DTZ001 - the point


def test_a_start_outside_its_own_window_is_refused() -> None:
    with pytest.raises(InvalidRequest, match="start_outside_window"):
        wish("2026-03-02 10:00", earliest=at("2026-03-02 11:00"))


def test_asking_for_nothing_is_refused() -> None:
    with pytest.raises(InvalidRequest, match="no_needs"):
        wish("2026-03-02 10:00", needs=())
    with pytest.raises(InvalidRequest, match="too_few_units"):
        Need(FACILITY, units=0)


def test_deciding_takes_nothing_and_gives_the_same_answer_twice() -> None:
    book = ledger()
    request = wish("2026-03-02 10:00", Need(ROUTE, kinds=("closed-track",)), flex=30)
    first = decide(request, book, NOW)
    assert decide(request, book, NOW) == first
    assert not any(bits for pool in book.pools.values() for bits in pool.used)
    assert NOW.tzinfo is UTC


def test_the_start_that_was_wished_wins_where_it_is_free_whatever_gap_it_leaves() -> None:
    book = ledger(catalogue([route("rt-a")], []))
    book.take([Claim("rt-a", ClaimKind.USE, 2, at("2026-03-02 12:00"), at("2026-03-02 14:00"))])
    offer = granted(wish("2026-03-02 10:30", flex=8), book).offer
    assert offer.start == at("2026-03-02 10:30")
    assert offer.cost.fragmentation > 0


def test_a_block_elsewhere_in_the_calendar_does_not_colour_the_reason() -> None:
    book = ledger()
    book.take([Claim("rt-b", ClaimKind.BLOCK, 1, at("2026-04-02 10:00"), at("2026-04-02 12:00"))])
    book.take([Claim("rt-b", ClaimKind.USE, 1, BASE, BASE + 96)])
    need = Need(ROUTE, resource="rt-b")
    assert codes(wish("2026-03-02 10:00", need), book) == {"pool_full"}
    assert codes(wish("2026-04-02 10:00", need), book) == {"pool_full_or_blocked"}


def test_a_bundle_of_more_than_there_is_ends_after_a_bounded_number_of_tries() -> None:
    bays = [facility(f"fc-{number}", kind="bay") for number in range(8)]
    book = ledger(catalogue([route("rt-a")], bays))
    book.take([Claim(f"fc-{number}", ClaimKind.USE, 1, BASE, END) for number in range(4)])
    bay = Need(FACILITY, kinds=("bay",))
    five = wish("2026-03-12 10:00", TRACK_A, *[bay] * 5, flex=10 * 96)
    search = Search(five, book, NOW)
    assert best(search, 1) == ()
    assert 0 <= search.tries.left < MOST_TRIES
    four = replace(five, needs=five.needs[:-1])
    assert granted(four, book).offer.way.resources == ("rt-a", "fc-4", "fc-5", "fc-6", "fc-7")


def test_a_way_far_outside_the_calendar_is_refused_at_once_and_nothing_is_listed_near() -> None:
    request = wish("2026-03-02 10:00")
    for start in (0, BASE - 1, END, 10**12):
        decision = decide(replace(request, way=Way(start, ("rt-a",))), ledger(), NOW)
        assert isinstance(decision, Refused)
        assert decision.near == ()
