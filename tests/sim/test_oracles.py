"""The whole model against exact theory; each interval has a cap, so a wide one cannot pass."""

import pytest

from sim.engines import Serial
from sim.oracles import (
    adsorbed,
    adsorption,
    erlang,
    erlang_b,
    exponential,
    kaufman_roberts,
    several_units,
)
from testbed.domain.demand import Distribution, fixed

MEAN = 360.0
LAWS = {
    "fixed": fixed(MEAN),
    "exponential": exponential(MEAN),
    "uniform": Distribution("uniform", {"low": 0.0, "high": 720.0}, min=15, round_to=15),
}


def test_the_formulas_give_the_published_figures():
    assert erlang_b(5, 3) == pytest.approx(0.110054, abs=1e-6)
    assert erlang_b(10, 8) == pytest.approx(0.121661, abs=1e-6)
    assert kaufman_roberts(10, (4, 2), (1, 2)) == pytest.approx([0.110944, 0.242454], abs=1e-6)
    assert adsorbed(18, 4) == pytest.approx(3.42129, abs=1e-5)


@pytest.mark.slow
@pytest.mark.parametrize("law", LAWS)
def test_five_places_lose_what_erlang_says_whatever_the_duration(law):
    assert_agrees(erlang(5, 3, LAWS[law], MEAN), cap=0.005)


@pytest.mark.slow
def test_ten_places_lose_what_erlang_says():
    assert_agrees(erlang(10, 8, LAWS["exponential"], MEAN), cap=0.005)


@pytest.mark.slow
def test_requests_of_several_units_lose_what_kaufman_and_roberts_say():
    assert_agrees(several_units(10, (4, 2), (1, 2)), cap=0.006)


def assert_agrees(oracle, cap):
    for path, found in oracle.measured(Serial()).items():
        assert found.half_width <= cap, path
        assert found.low <= oracle.theory[path] <= found.high, path


@pytest.mark.slow
def test_a_day_asked_for_at_random_holds_what_adsorption_says():
    assert_agrees(adsorption(120.0), cap=0.03 * 100)  # over 100 days


def test_an_empty_road_accepts_everybody():
    oracle = erlang(5, 0.001, fixed(MEAN), MEAN)
    (found,) = oracle.measured(Serial()).values()
    assert found.mean == 1
