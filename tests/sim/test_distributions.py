import numpy as np
import pytest
from scipy import stats

from sim.distributions import choose, draw
from sim.streams import Purpose, Streams
from testbed.domain.demand import Distribution, fixed

UNIFORMS = Streams(5, 0).row(Purpose.DURATION, "moments", 200_000)

LAWS = [
    (Distribution("uniform", {"low": 2.0, "high": 6.0}), stats.uniform(2.0, 4.0)),
    (Distribution("exponential", {"mean": 3.0}), stats.expon(scale=3.0)),
    (Distribution("lognormal", {"median": 240.0, "sigma": 0.35}), stats.lognorm(0.35, scale=240)),
    (Distribution("gamma", {"mean": 6.0, "shape": 2.0}), stats.gamma(2.0, scale=3.0)),
    (Distribution("weibull", {"scale": 4.0, "shape": 1.5}), stats.weibull_min(1.5, scale=4.0)),
    (Distribution("geometric", {"mean": 8.0}), stats.geom(1 / 8)),
]


@pytest.mark.parametrize(("law", "known"), LAWS, ids=[law.name for law, _ in LAWS])
def test_draws_have_the_moments_of_their_law(law, known):
    values = draw(law, UNIFORMS)
    assert values.mean() == pytest.approx(known.mean(), rel=0.01)
    assert values.std() == pytest.approx(known.std(), rel=0.02, abs=1e-9)


def test_an_empirical_law_gives_its_values_in_proportion_to_their_weights():
    law = Distribution("empirical", {"values": (1.0, 5.0), "weights": (3.0, 1.0)})
    values = draw(law, UNIFORMS)
    assert set(values) == {1.0, 5.0}
    assert (values == 1.0).mean() == pytest.approx(0.75, abs=0.005)


def test_a_larger_number_never_gives_a_smaller_value():
    for law, _ in LAWS:
        assert (np.diff(draw(law, np.sort(UNIFORMS[:1000]))) >= 0).all(), law.name


def test_values_are_cut_first_and_rounded_then():
    law = Distribution("exponential", {"mean": 100.0}, min=40, max=100, round_to=30)
    assert set(draw(law, UNIFORMS[:1000])) == {30, 60, 90}


def test_a_geometric_law_of_mean_one_is_always_one():
    assert set(draw(Distribution("geometric", {"mean": 1.0}), UNIFORMS[:100])) == {1.0}


def test_an_entry_without_weight_is_never_chosen():
    assert set(choose((0.0, 1.0, 0.0, 1.0), UNIFORMS)) == {1, 3}


def test_draws_are_finite_at_the_ends_of_the_stream():
    ends = np.array([2.0**-54, 1 - 2.0**-53])
    for law, _ in LAWS:
        assert np.isfinite(draw(law, ends)).all(), law.name
    assert draw(fixed(3), ends).tolist() == [3, 3]
