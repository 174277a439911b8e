"""Needs that can never be met together are told from those that can."""

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from testbed.domain import allocator
from testbed.domain.catalogue import Mode
from testbed.domain.catalogue_file import parse_catalogue
from testbed.domain.grid import GRAINS_PER_DAY, floor_grain
from testbed.domain.ledger import Ledger
from testbed.domain.policy import Policy
from testbed.domain.requests import Need, NeedType
from testbed.domain.together import can_be_met_together, ways
from tests.catalogues import NOW, documents, facility, route, wish

CATALOGUE = parse_catalogue(documents(), "small")
HALL = Need(NeedType.FACILITY, kinds=("hall",), units=4)


def test_units_of_one_pool_are_added_up():
    bays = (facility("fc-bays", 2), facility("fc-bays", 1))
    assert can_be_met_together(wish(route("rt-s"), *bays), CATALOGUE)
    assert not can_be_met_together(wish(route("rt-s"), *bays, facility("fc-bays")), CATALOGUE)


def test_needs_at_other_times_do_not_meet():
    after = facility("fc-bays", 3, offset=8)
    asked = wish(route("rt-s"), facility("fc-bays", 3), after)
    assert can_be_met_together(asked, CATALOGUE)
    assert not can_be_met_together(replace(asked, duration_min=135), CATALOGUE)


def test_a_booking_may_use_the_route_that_it_blocks_but_not_twice_its_corridor():
    rain = facility("fc-rain")
    assert can_be_met_together(wish(route("rt-a2", 2), rain), CATALOGUE)
    others = (route("rt-a1", 3), route("rt-a2", 2))
    assert not can_be_met_together(wish(*others, rain), CATALOGUE)


def test_routes_of_one_corridor_share_its_vehicles():
    both = (route("rt-a1", 3), route("rt-a2", 1))
    assert can_be_met_together(wish(*both), CATALOGUE)
    assert not can_be_met_together(wish(*both, route("rt-a2", 1)), CATALOGUE)


def test_what_nothing_can_meet_alone_is_left_to_the_allocator():
    assert can_be_met_together(wish(route("rt-s"), facility("fc-bays", 9)), CATALOGUE)
    assert can_be_met_together(wish(Need(NeedType.ROUTE, kinds=("moon",)), HALL), CATALOGUE)


def test_ways_are_counted_over_the_other_needs():
    anything = Need(NeedType.FACILITY)
    assert ways(wish(route("rt-s")), CATALOGUE) == 1
    assert ways(wish(route("rt-s"), anything, anything), CATALOGUE) == 16


NEEDS = st.one_of(
    st.builds(
        route,
        st.sampled_from([None, "rt-a1", "rt-a2", "rt-s"]),
        st.integers(1, 4),
        st.sampled_from(Mode),
    ),
    st.builds(
        facility,
        st.sampled_from(["fc-rain", "fc-bays", "fc-van", "fc-open"]),
        st.integers(1, 4),
        st.integers(-8, 8),
    ),
)


@settings(max_examples=150, deadline=None)
@given(st.lists(NEEDS, min_size=1, max_size=4))
def test_what_can_be_granted_in_an_empty_calendar_is_never_ruled_out(needs):
    main, *others = needs
    asked = wish(replace(main, offset=0), *others, slack=2 * GRAINS_PER_DAY)
    now = floor_grain(NOW)
    ledger = Ledger(CATALOGUE, Policy(), now, now + 40 * GRAINS_PER_DAY)
    if allocator.offers(asked, ledger, NOW, 1):
        assert can_be_met_together(asked, CATALOGUE)
