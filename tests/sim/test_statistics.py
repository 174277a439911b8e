import math

import numpy as np
import pytest
from scipy import stats

from sim.statistics import Estimate, estimate, paired


def test_the_interval_is_the_textbook_t_interval():
    values = [0.91, 0.93, 0.90, 0.94]
    expected = stats.t.interval(0.95, 3, loc=np.mean(values), scale=stats.sem(values))
    found = estimate(values)
    assert found.low == pytest.approx(expected[0])
    assert found.high == pytest.approx(expected[1])


def test_one_value_has_a_mean_and_no_half_width():
    assert estimate([0.5]) == Estimate(0.5, None, 1)
    assert estimate([0.5]).high == math.inf


def test_missing_values_are_left_out_and_counted_out():
    assert estimate([None, float("nan"), 0.5, 0.5]) == Estimate(0.5, 0.0, 2)
    assert estimate([None]) == Estimate(None, None, 0)


def test_pairing_removes_what_both_have_in_common():
    base = [10.0, 20.0, 30.0]
    found = paired([11.0, 21.0, 31.0], base)
    assert (found.mean, found.half_width) == (1.0, 0.0)


def test_pairs_of_different_replications_are_refused():
    with pytest.raises(ValueError, match="longer"):
        paired([1.0], [1.0, 2.0])


def test_bonferroni_widens_the_interval_of_each_of_several_comparisons():
    option, base = [1.0, 3.0, 2.0], [0.0, 1.0, 1.0]
    alone, among_ten = paired(option, base), paired(option, base, comparisons=10)
    ratio = stats.t.ppf(1 - 0.025 / 10, 2) / stats.t.ppf(0.975, 2)
    assert among_ten.half_width == pytest.approx(alone.half_width * ratio)


@pytest.mark.slow
def test_the_interval_covers_the_true_mean_as_often_as_it_says():
    drawn = np.random.default_rng(3).exponential(1.0, (4000, 20))
    covered = sum(found.low <= 1 <= found.high for found in map(estimate, drawn)) / 4000
    assert 0.90 < covered < 0.96
