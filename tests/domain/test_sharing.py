"""Kept apart, against a check grain by grain; shares, deadlines and what a hand-over leaves."""

from dataclasses import replace
from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from testbed.domain import allocator, sharing
from testbed.domain.catalogue_file import parse_catalogue
from testbed.domain.grid import GRAINS_PER_DAY, moment_of
from testbed.domain.ledger import Ledger
from testbed.domain.policy import Policy
from testbed.domain.requests import Claim, ClaimKind, Request
from testbed.domain.sharing import Use
from tests.catalogues import NOW, at, documents, route, wish

CATALOGUE = parse_catalogue(documents())
FIRST, LAST = at(9), at(16)
# The pools that a booking of a route shares with others.
ROADS = {"rt-a1": {"rt-a1", "cor-a"}, "rt-a2": {"rt-a2", "cor-a"}, "rt-s": {"rt-s"}}
PEOPLE = ("org-a", "org-b", "org-c")


@st.composite
def uses(draw: st.DrawFn) -> Use:
    start = draw(st.integers(at(8), at(18)))
    pool = draw(st.sampled_from(("rt-a1", "rt-a2", "rt-s", "cor-a", "fc-open")))
    return Use(draw(st.sampled_from(PEOPLE)), pool, start, start + draw(st.integers(1, 12)))


wishes = st.dictionaries(
    st.sampled_from(PEOPLE), st.frozensets(st.sampled_from(PEOPLE), max_size=2), max_size=3
)


def is_apart(one: str, other: str, wanted: dict[str, frozenset[str]]) -> bool:
    return other in wanted.get(one, ()) or one in wanted.get(other, ())


@settings(max_examples=30, deadline=None)
@given(st.lists(uses(), max_size=6), wishes, st.sampled_from(sorted(ROADS)), st.booleans())
def test_the_starts_that_are_kept_apart_are_those_of_a_slow_check(
    found: list[Use], wanted: dict[str, frozenset[str]], road: str, by_request: bool
) -> None:
    ledger = Ledger(CATALOGUE, Policy(), FIRST - GRAINS_PER_DAY, LAST + GRAINS_PER_DAY)
    ledger.keep_apart(wanted, found)
    asked = wish(route(road), hours=2)
    if by_request:
        asked = replace(asked, apart=("org-c",))
    for start in range(FIRST, LAST):
        exactly = replace(asked, start=start, earliest=start, latest=start)
        granted = bool(allocator.offers(exactly, ledger, NOW, 1))
        assert granted == (not _meets_a_rival(exactly, found, wanted, road)), start


def _meets_a_rival(
    asked: Request, found: list[Use], wanted: dict[str, frozenset[str]], road: str
) -> bool:
    return any(
        use.organisation != "org-a"
        and (is_apart("org-a", use.organisation, wanted) or use.organisation in asked.apart)
        and use.pool in ROADS[road]
        and use.start < asked.start + 8
        and use.end > asked.start
        for use in found
    )


def test_a_block_shares_nothing() -> None:
    block = Claim("rt-a2", ClaimKind.BLOCK, 1, 0, 4)
    assert list(sharing.uses_of(wish(), [block])) == []


def test_vehicles_are_shared_evenly_and_the_first_takes_what_is_over() -> None:
    assert sharing.shares(5, ("org-a", "org-b", "org-c")) == {"org-a": 2, "org-b": 2, "org-c": 1}
    assert sharing.shares(1, ("org-a", "org-b")) == {"org-a": 1, "org-b": 0}


def test_a_joint_hold_lasts_a_day_but_never_past_its_start() -> None:
    joint = replace(wish(), partners=("org-b",))
    far, near = at(10), at(10) - 96 * 13
    assert sharing.kept_until(wish(), 30, far, NOW) == NOW + timedelta(minutes=30)
    assert sharing.kept_until(joint, 30, far, NOW) == NOW + timedelta(hours=24)
    assert sharing.kept_until(joint, 30, near, NOW) <= max(
        moment_of(near), NOW + timedelta(minutes=30)
    )
