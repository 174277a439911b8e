"""Distributions by name, drawn by turning one uniform number into one value.

Inverting the distribution spends exactly one number a draw and keeps the order of draws: a larger
uniform number never gives a smaller value, which is what common random numbers need.
"""

from collections.abc import Callable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray
from scipy import special

from sim.streams import Floats
from testbed.domain.demand import Distribution

Indices = NDArray[np.intp]
Parameters = Mapping[str, float | tuple[float, ...]]
Quantile = Callable[[Parameters, Floats], Floats]


def draw(distribution: Distribution, uniforms: Floats) -> Floats:
    """One value for each uniform number: drawn, cut to `min` and `max`, then rounded."""
    values = _QUANTILES[distribution.name](distribution.parameters, uniforms)
    if distribution.min is not None or distribution.max is not None:
        values = np.clip(values, distribution.min, distribution.max)
    if distribution.round_to:
        values = np.floor(values / distribution.round_to + 0.5) * distribution.round_to
    return values


def choose(
    weights: Sequence[float], uniforms: Floats
) -> np.ndarray[tuple[int, ...], np.dtype[np.intp]]:
    """The index of one entry for each uniform number, in proportion to the weights."""
    edges = np.cumsum(np.asarray(weights, dtype=float))
    found: Indices = np.searchsorted(edges, uniforms * edges[-1], side="right")
    return np.minimum(found, len(edges) - 1)


def _number(parameters: Parameters, name: str) -> float:
    value = parameters[name]
    if isinstance(value, tuple):
        raise TypeError(name)
    return float(value)


def _fixed(parameters: Parameters, uniforms: Floats) -> Floats:
    return np.full_like(uniforms, _number(parameters, "value"))


def _uniform(parameters: Parameters, uniforms: Floats) -> Floats:
    low, high = _number(parameters, "low"), _number(parameters, "high")
    return low + (high - low) * uniforms


def _exponential(parameters: Parameters, uniforms: Floats) -> Floats:
    return -_number(parameters, "mean") * np.log1p(-uniforms)


def _lognormal(parameters: Parameters, uniforms: Floats) -> Floats:
    deviation = _number(parameters, "sigma") * special.ndtri(uniforms)
    return np.asarray(_number(parameters, "median") * np.exp(deviation))


def _gamma(parameters: Parameters, uniforms: Floats) -> Floats:
    shape = _number(parameters, "shape")
    scale = _number(parameters, "mean") / shape
    return np.asarray(scale * special.gammaincinv(shape, uniforms))


def _weibull(parameters: Parameters, uniforms: Floats) -> Floats:
    power = 1 / _number(parameters, "shape")
    return np.asarray(_number(parameters, "scale") * (-np.log1p(-uniforms)) ** power)


def _geometric(parameters: Parameters, uniforms: Floats) -> Floats:
    mean = _number(parameters, "mean")
    if mean == 1:
        return np.ones_like(uniforms)
    trials: Floats = np.ceil(np.log1p(-uniforms) / np.log1p(-1 / mean))
    return np.maximum(1, trials)


def _empirical(parameters: Parameters, uniforms: Floats) -> Floats:
    values, weights = parameters["values"], parameters["weights"]
    if not isinstance(values, tuple) or not isinstance(weights, tuple):
        raise TypeError("empirical")
    return np.asarray(values, dtype=float)[choose(weights, uniforms)]


_QUANTILES: dict[str, Quantile] = {
    "fixed": _fixed,
    "uniform": _uniform,
    "exponential": _exponential,
    "lognormal": _lognormal,
    "gamma": _gamma,
    "weibull": _weibull,
    "geometric": _geometric,
    "empirical": _empirical,
}
