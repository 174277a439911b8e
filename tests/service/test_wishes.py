"""Kept apart: nothing is shared with a rival, whoever wished it; named only by consent."""

from dataclasses import replace

import pytest

from testbed.domain.catalogue import Mode
from testbed.domain.errors import InvalidRequest, NotAllowed, NotFound
from testbed.domain.parties import Member, Role
from testbed.domain.requests import Granted
from testbed.service import beside, bookings, requests, wishes
from testbed.service.actors import SYSTEM
from testbed.service.context import Context
from testbed.service.wishes import Wishes
from tests.catalogues import NOW, at, facility, route, wish

MANAGES_A = Member(6, "org-a", "m@example.org", "M", Role.MANAGER)
OF_A = Member(7, "org-a", "a@example.org", "A", Role.MEMBER)
OF_B = Member(8, "org-b", "b@example.org", "B", Role.MEMBER)
MANAGES_B = Member(5, "org-b", "n@example.org", "N", Role.MANAGER)


def apart(ctx: Context, *names: str, shows_name: bool = False) -> Wishes:
    return wishes.save(ctx, "org-a", Wishes(names, shows_name), NOW, MANAGES_A)


def codes(ctx: Context, *needs, **more) -> list[str]:
    decision = requests.submit(ctx, wish(*needs, **more), NOW, SYSTEM).decision
    if isinstance(decision, Granted):
        return []
    return sorted({each.code for each in decision.reasons})


@pytest.mark.parametrize(("first", "second"), [("org-a", "org-b"), ("org-b", "org-a")])
def test_two_that_are_apart_share_neither_a_route_nor_its_corridor(
    ctx: Context, first: str, second: str
) -> None:
    apart(ctx, "org-b")
    assert codes(ctx, route("rt-a1"), organisation=first) == []
    for name in ("rt-a1", "rt-a2"):
        assert codes(ctx, route(name), organisation=second) == ["shared_with_other"]
        assert codes(ctx, route(name), organisation="org-c") == []
    assert codes(ctx, route("rt-s"), organisation=second) == []
    assert codes(ctx, route("rt-a1"), organisation=second, start=at(12)) == []


def test_without_a_wish_they_share(ctx: Context) -> None:
    apart(ctx, "org-b")
    apart(ctx)
    assert codes(ctx, route("rt-a1"), organisation="org-a") == []
    assert codes(ctx, route("rt-a1"), organisation="org-b") == []


def test_facilities_are_no_roads(ctx: Context) -> None:
    apart(ctx, "org-b")
    assert codes(ctx, facility("fc-open"), organisation="org-a") == []
    assert codes(ctx, facility("fc-open"), organisation="org-b") == []


def test_the_reason_names_nobody(ctx: Context) -> None:
    apart(ctx, "org-b")
    assert codes(ctx, route("rt-a1"), organisation="org-a") == []
    refused = requests.submit(ctx, wish(organisation="org-b"), NOW, OF_B).decision
    (reason,) = refused.reasons
    assert reason.fields == ()
    assert "org-a" not in repr(refused)


def test_one_request_may_name_others_too(ctx: Context) -> None:
    assert codes(ctx, route("rt-a1"), organisation="org-c") == []
    asked = replace(wish(route("rt-a1")), apart=("org-c",))
    found = requests.search(ctx, asked, NOW)
    assert not found.offers
    assert [each.code for each in found.reasons] == ["shared_with_other"]


def test_what_is_given_back_keeps_nobody_away(ctx: Context) -> None:
    apart(ctx, "org-b")
    held = requests.submit(ctx, wish(route("rt-a1")), NOW, OF_A).booking
    assert held
    bookings.cancel(ctx, held.id, NOW, OF_A)
    assert codes(ctx, route("rt-a1"), organisation="org-b") == []


def test_a_partners_rival_is_kept_away_as_well(ctx: Context) -> None:
    apart(ctx, "org-b")
    joint = replace(wish(route("rt-a1"), organisation="org-c"), partners=("org-a",))
    assert requests.submit(ctx, joint, NOW, SYSTEM).booking
    assert codes(ctx, route("rt-a1"), organisation="org-b") == ["shared_with_other"]


def test_lists_are_the_managers_own(ctx: Context) -> None:
    saved = apart(ctx, "org-c", "org-b", "org-b", shows_name=True)
    assert saved == Wishes(("org-b", "org-c"), shows_name=True)
    assert wishes.of_organisation(ctx, "org-a", MANAGES_A) == saved
    for who in (OF_A, MANAGES_B):
        with pytest.raises(NotAllowed):
            wishes.of_organisation(ctx, "org-a", who)
    with pytest.raises(InvalidRequest, match="apart_from_oneself"):
        apart(ctx, "org-a")
    with pytest.raises(NotFound):
        apart(ctx, "nobody")


def test_others_are_counted_and_named_only_where_both_allow_it(ctx: Context) -> None:
    mine = requests.submit(ctx, wish(route("rt-a1")), NOW, OF_A).booking
    requests.submit(ctx, wish(route("rt-a2", vehicles=2), organisation="org-b"), NOW, SYSTEM)
    assert mine
    assert beside.of_booking(ctx, mine, NOW, OF_A) == beside.Beside(2, ())
    wishes.save(ctx, "org-b", Wishes(shows_name=True), NOW, MANAGES_B)
    assert beside.of_booking(ctx, mine, NOW, OF_A).organisations == ()
    apart(ctx, shows_name=True)
    assert beside.of_booking(ctx, mine, NOW, OF_A) == beside.Beside(2, ("org-b",))


def test_nobody_is_beside_who_has_the_route_alone(ctx: Context) -> None:
    mine = requests.submit(ctx, wish(route("rt-s", mode=Mode.EXCLUSIVE)), NOW, OF_A).booking
    assert mine
    assert beside.of_booking(ctx, mine, NOW, OF_A) == beside.Beside()
