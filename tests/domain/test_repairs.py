"""Repairs: each is granted when it is submitted, and no smaller change of its sort would be."""

from collections.abc import Iterator
from dataclasses import replace
from unittest.mock import patch

from hypothesis import assume, given, settings

from testbed.domain import allocator
from testbed.domain.allocator import decide, offers
from testbed.domain.catalogue import Mode, OddTerm
from testbed.domain.policy import Policy
from testbed.domain.repairs import MOST_SEARCHES, Candidate, Change, Repair, repairs
from testbed.domain.requests import Claim, ClaimKind, Granted, Need, NeedType, Request
from tests.domain.small import NOW, at
from tests.domain.test_allocator import FACILITY, ROUTE, TRACK_A, TUNNEL, ledger, wish
from tests.domain.test_allocator_against_brute_force import PLAIN, claims, ledger_of, wishes

NEAR = replace(PLAIN, near_miss_days=1)
TEN = "2026-03-02 10:00"


def full(pool: str, units: int, since: str = "2026-02-27 00:00", until: str = "2026-03-02 15:00"):
    return Claim(pool, ClaimKind.USE, units, at(since), at(until))


def sorts(found: tuple[Repair, ...]) -> list[tuple[str, ...]]:
    return [tuple(change.sort for change in each.changes) for each in found]


def change_of(found: tuple[Repair, ...], sort: str) -> dict[str, object]:
    return next(
        dict(change.fields) for each in found for change in each.changes if change.sort == sort
    )


# -- every sort has its day ------------------------------------------------------------------


def test_a_later_start_is_named_by_how_much_later_it_is() -> None:
    book = ledger()
    book.take([full("rt-a", 2)])
    found = repairs(wish(TEN), book, NOW)
    assert sorts(found) == [("other_place",), ("later",), ("wait",)]
    # the place is cleaned until 15:00 and set up for a quarter of an hour
    assert change_of(found, "later") == {"minutes": 315}
    assert found[1].request.latest == at("2026-03-02 15:15")


def test_fewer_hours_are_named_where_the_day_is_too_short_for_more() -> None:
    found = repairs(wish(TEN, minutes=9 * 60), ledger(), NOW)
    assert sorts(found) == [("shorter",)]
    assert change_of(found, "shorter") == {"minutes": 7 * 60, "asked": 9 * 60}


def test_shared_use_is_named_where_the_whole_site_is_not_free() -> None:
    book = ledger(policy=Policy(near_miss_days=0))
    book.take([full("rt-b", 1)])
    whole = replace(TRACK_A, mode=Mode.WHOLE_SITE)
    found = repairs(wish(TEN, whole), book, NOW)
    assert sorts(found)[0] == ("other_use",)
    assert {"exclusive", "shared"} == {
        str(dict(each.changes[0].fields)["mode"]) for each in found if each.offer
    }


def test_fewer_vehicles_are_named_where_some_of_the_room_is_taken() -> None:
    book = ledger(policy=Policy(near_miss_days=0))
    book.take([full("rt-a", 1)])
    found = repairs(wish(TEN, replace(TRACK_A, vehicles=2)), book, NOW)
    assert change_of(found, "fewer") == {"count": 1, "asked": 2, "counted": "vehicles"}


def test_another_place_of_its_kind_and_another_city_are_named() -> None:
    book = ledger(policy=Policy(near_miss_days=0))
    book.take([full("fc-bay-east", 1)])
    bay = Need(FACILITY, resource="fc-bay-east")
    found = repairs(wish(TEN, bay, city="east"), book, NOW)
    assert change_of(found, "other_place") == {"resource": "fc-bay-east"}
    near = replace(bay, resource=None, kinds=("bay",))
    found = repairs(wish(TEN, near, city="east", other_city=False), book, NOW)
    assert sorts(found)[0] == ("other_cities",)
    assert found[0].request.other_city


def test_an_item_or_a_demand_is_given_up_where_it_stands_in_the_way() -> None:
    book = ledger(policy=Policy(near_miss_days=0))
    book.take([full("fc-tunnel", 2)])
    found = repairs(wish(TEN, TRACK_A, TUNNEL), book, NOW)
    assert change_of(found, "without_item") == {"item": 1, "named": "tunnel"}
    denied = Need(ROUTE, resource="rt-a", odd=(OddTerm("gnss", "is", "denied"),))
    found = repairs(wish(TEN, denied), book, NOW)
    assert change_of(found, "without_demand") == {"attribute": "gnss"}
    of_a_test = repairs(wish(TEN, denied, test_kind="rain"), book, NOW)
    assert "without_demand" not in {sort for each in sorts(of_a_test) for sort in each}


def test_another_offer_of_the_same_wish_is_the_least_change_where_the_named_one_has_gone() -> None:
    book = ledger()
    asked = wish(TEN, flex=8)
    offer = offers(asked, book, NOW, 1)[0]
    book.take([full("rt-a", 2, until="2026-03-02 11:00")])
    found = repairs(replace(asked, way=offer.way), book, NOW)
    assert sorts(found) == [("other_offer",)]
    assert found[0].price == 5 * 100  # an hour and the set-up later than wished


def test_who_waits_already_is_not_told_to_and_nobody_where_the_rules_say_no() -> None:
    book = ledger(policy=Policy(near_miss_days=0))
    book.take([full("rt-a", 2)])
    assert sorts(repairs(wish(TEN), book, NOW)) == [("other_place",), ("wait",)]
    assert sorts(repairs(wish(TEN, wait=True), book, NOW)) == [("other_place",)]
    assert ("wait",) not in sorts(repairs(wish("2026-03-04 10:00"), book, NOW))


def test_two_changes_are_named_where_none_helps_alone() -> None:
    book = ledger()
    book.take([full("rt-a", 1, until="2026-04-20 00:00")])
    both = wish("2026-03-04 10:00", replace(TRACK_A, vehicles=2))
    found = [each for each in repairs(both, book, NOW) if each.offer]
    assert {("fewer", "earlier")} <= {*sorts(tuple(found))}
    assert all(len(each.changes) == 2 for each in found)


def test_a_change_that_the_caller_knows_of_is_tried_as_well() -> None:
    book = ledger(policy=Policy(near_miss_days=0))
    book.take([full("rt-a", 2)])
    asked = wish(TEN)
    other = replace(asked, needs=(Need(FACILITY, resource="fc-lot"),))
    found = repairs(asked, book, NOW, [Candidate(other, Change("to a lot", (), 1))])
    assert sorts(found)[0] == ("to a lot",)


def test_no_more_searches_are_made_than_are_promised() -> None:
    book = ledger(policy=Policy(near_miss_days=0))
    book.take([full("rt-a", 2, until="2026-04-20 00:00")])
    terms = tuple(OddTerm(f"x{number}", "is", True) for number in range(20))
    asked = wish(TEN, replace(TRACK_A, odd=terms, vehicles=900), minutes=14 * 24 * 60)
    with patch.object(allocator, "offers", wraps=allocator.offers) as searched:
        repairs(asked, book, NOW)
    assert searched.call_count <= MOST_SEARCHES


# -- against all single changes, tried one by one --------------------------------------------


@settings(max_examples=25, deadline=None)
@given(claims(), wishes())
def test_every_repair_is_granted_as_it_stands_by_the_offer_that_it_names(
    taken: list[Claim], request: Request
) -> None:
    book = ledger_of(taken, NEAR)
    assume(not offers(request, book, NOW, 1))
    found = repairs(request, book, NOW)
    priced = [each.price for each in found if each.offer]
    assert priced == sorted(priced)
    for each in found:
        decision = decide(each.request, book, NOW)
        assert isinstance(decision, Granted) == (each.offer is not None)
        if isinstance(decision, Granted) and each.offer is not None:
            assert decision.offer.way == each.offer.way


@settings(max_examples=25, deadline=None)
@given(claims(), wishes())
def test_no_smaller_change_of_a_sort_would_be_granted(taken: list[Claim], request: Request) -> None:
    book = ledger_of(taken, NEAR)
    assume(not offers(request, book, NOW, 1))
    alone = [each for each in repairs(request, book, NOW) if each.offer and len(each.changes) == 1]
    known = {each.changes[0].sort: dict(each.changes[0].fields) for each in alone}

    def granted(changed: Request) -> bool:
        return bool(offers(changed, book, NOW, 1))

    if alone:
        longest = next((m for m, each in shorter(request) if granted(each)), None)
        assert known.get("shorter", {}).get("minutes") == longest
        most = next((n for n, each in fewer(request) if granted(each)), None)
        assert known.get("fewer", {}).get("count") == most
        at_all = [each for each in alone if each.changes[0].sort in ("earlier", "later")]
        least = [o.cost.total for o in offers_of_every_start(request, book)]
        assert [each.price for each in at_all] == sorted(least)[:1]


def shorter(request: Request) -> Iterator[tuple[int, Request]]:
    for minutes in range(request.duration_min - 1, 0, -1):
        if minutes % 15 == 0:
            yield minutes, replace(request, duration_min=minutes)


def fewer(request: Request) -> Iterator[tuple[int, Request]]:
    main = request.needs[0]
    name = "vehicles" if main.type is NeedType.ROUTE else "units"
    for count in range(getattr(main, name) - 1, 0, -1):
        less = replace(main, **{name: count})
        yield count, replace(request, needs=(less, *request.needs[1:]))


def offers_of_every_start(request: Request, book):
    for start in range(max(book.base, request.start - 96), min(book.end, request.start + 96) + 1):
        alone = replace(
            request, earliest=min(start, request.start), latest=max(start, request.start)
        )
        yield from offers(alone, book, NOW, 1)
