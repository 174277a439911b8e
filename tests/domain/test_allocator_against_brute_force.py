"""The allocator finds what an exhaustive search finds: the same best offers, never another."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from testbed.domain.allocator import decide, offers
from testbed.domain.catalogue import Mode, OddTerm
from testbed.domain.errors import Stale
from testbed.domain.grid import local_date
from testbed.domain.ledger import Ledger
from testbed.domain.policy import Policy
from testbed.domain.requests import Claim, ClaimKind, Granted, Need, NeedType, Request
from tests.domain.brute import Brute
from tests.domain.small import BASE, NOW, ZONE, valley

DAYS = 4
END = BASE + DAYS * 96
VALLEY = valley()
POOLS = VALLEY.pools()
PLAIN = Policy(fragmentation_per_gap=0, fair_share_per_hour=0, near_misses=0)


@st.composite
def claims(draw: st.DrawFn) -> list[Claim]:
    """Claims that fit beside one another, of every kind."""
    ledger = Ledger(VALLEY, PLAIN, BASE, END)
    taken: list[Claim] = []
    for _ in range(draw(st.integers(0, 7))):
        pool = draw(st.sampled_from(sorted(POOLS)))
        kind = draw(st.sampled_from([ClaimKind.USE, ClaimKind.USE, *ClaimKind]))
        units = 1 if kind is ClaimKind.BLOCK else draw(st.integers(1, POOLS[pool]))
        start = BASE + draw(st.integers(0, DAYS * 24 - 1)) * 4 + draw(st.integers(0, 3))
        claim = Claim(pool, kind, units, start, start + draw(st.integers(1, 16)))
        try:
            ledger.take([claim])
        except Stale:
            continue
        taken.append(claim)
    return taken


def mains() -> st.SearchStrategy[Need]:
    routes = st.builds(
        Need,
        type=st.just(NeedType.ROUTE),
        resource=st.sampled_from([None, None, None, "rt-a", "rt-b"]),
        odd=st.sampled_from([(), (), (), (OddTerm("gnss", "is", "denied"),)]),
        mode=st.sampled_from([*[Mode.SHARED] * 4, Mode.EXCLUSIVE, Mode.WHOLE_SITE]),
        vehicles=st.sampled_from([1, 1, 1, 2, 3]),
        night=st.sampled_from([*[False] * 9, True]),
    )
    places = st.builds(
        Need,
        type=st.just(NeedType.FACILITY),
        kinds=st.sampled_from([("tunnel",), ("tunnel",), ("lot",), ("bay",), ("kit",)]),
        mode=st.sampled_from([Mode.SHARED, Mode.SHARED, Mode.EXCLUSIVE]),
        units=st.sampled_from([1, 1, 1, 2]),
    )
    return routes | places


def extras() -> st.SearchStrategy[Need]:
    places = st.builds(
        Need,
        type=st.just(NeedType.FACILITY),
        kinds=st.sampled_from([("tunnel",), ("bay",), ("bay", "lot"), ("kit",)]),
        resource=st.sampled_from([*[None] * 6, "fc-bay-south"]),
        units=st.sampled_from([1, 1, 1, 2]),
        offset=st.integers(-4, 4),
        duration=st.sampled_from([None, None, 2, 9]),
    )
    return places | st.builds(
        Need,
        type=st.just(NeedType.ROUTE),
        resource=st.sampled_from(["rt-a", "rt-b"]),
        vehicles=st.sampled_from([1, 1, 2]),
        offset=st.integers(-2, 2),
    )


@st.composite
def wishes(draw: st.DrawFn) -> Request:
    hour = draw(st.sampled_from([9, 10, 11, 13, 14, 15, 18, 22]))
    start = BASE + (draw(st.sampled_from([0, 0, 1, 1, 2])) * 24 + hour) * 4
    return Request(
        id="rq",
        organisation="org",
        submitted_at=NOW,
        needs=(draw(mains()), *draw(st.lists(extras(), max_size=2))),
        duration_min=draw(st.sampled_from([15, 60, 60, 100, 180, 240])),
        start=start,
        earliest=max(BASE, start - draw(st.integers(0, 50))),
        latest=start + draw(st.integers(0, 50)),
        city=draw(st.sampled_from([None, None, "east", "west", "south"])),
        other_city=draw(st.sampled_from([True, True, True, False])),
    )


def ledger_of(taken: list[Claim], policy: Policy = PLAIN) -> Ledger:
    ledger = Ledger(VALLEY, policy, BASE, END)
    ledger.take(taken)
    return ledger


@settings(max_examples=400, deadline=None)
@given(claims(), wishes())
def test_the_best_offer_is_the_one_an_exhaustive_search_finds(
    taken: list[Claim], request: Request
) -> None:
    expected = Brute(VALLEY, PLAIN, taken, END).choices(request, NOW)
    found = offers(request, ledger_of(taken), NOW, 1)
    told = [(each.cost.total, each.start, each.way.resources) for each in found]
    assert told == expected[:1]


@pytest.mark.slow
@settings(max_examples=150, deadline=None)
@given(claims(), wishes(), st.integers(2, 8))
def test_a_list_of_offers_is_the_best_of_every_resource_and_day(
    taken: list[Claim], request: Request, limit: int
) -> None:
    best: dict[tuple[str, object], tuple[int, int, tuple[str, ...]]] = {}
    for choice in Brute(VALLEY, PLAIN, taken, END).choices(request, NOW):
        best.setdefault((choice[2][0], local_date(choice[1], ZONE)), choice)
    found = offers(request, ledger_of(taken), NOW, limit)
    told = [(each.cost.total, each.start, each.way.resources) for each in found]
    assert told == sorted(best.values())[:limit]


@settings(max_examples=150, deadline=None)
@given(claims(), wishes())
def test_an_offer_can_be_taken_and_given_back_and_names_itself(
    taken: list[Claim], request: Request
) -> None:
    ledger = ledger_of(taken, Policy())
    decision = decide(request, ledger, NOW)
    if not isinstance(decision, Granted):
        assert decision.reasons
        return
    offer = decision.offer
    named = decide(replace(request, way=offer.way), ledger, NOW)
    assert isinstance(named, Granted)
    assert named.offer == offer
    before = {key: (pool.used[:], pool.blocked[:]) for key, pool in ledger.pools.items()}
    ledger.take(offer.claims)
    ledger.give_back(offer.claims)
    assert {key: (pool.used, pool.blocked) for key, pool in ledger.pools.items()} == before


@pytest.mark.slow
@settings(max_examples=150, deadline=None)
@given(claims(), wishes())
def test_ranking_by_gaps_finds_the_cheapest_of_all_starts_judged_one_by_one(
    taken: list[Claim], request: Request
) -> None:
    policy = replace(PLAIN, fragmentation_per_gap=150)
    ledger = ledger_of(taken, policy)
    each_start = [
        offer
        for start in range(request.earliest, request.latest + 1)
        for offer in offers(
            replace(request, earliest=min(start, request.start), latest=max(start, request.start)),
            ledger,
            NOW,
            50,
        )
    ]
    found = offers(request, ledger, NOW, 1)
    cheapest = sorted((o.cost.total, o.start, o.way.resources) for o in each_start)
    assert [(o.cost.total, o.start, o.way.resources) for o in found] == cheapest[:1]
