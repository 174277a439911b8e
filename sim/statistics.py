"""Means over replications with Student-t intervals, and paired differences."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from scipy import stats

CONFIDENCE = 0.95


@dataclass(frozen=True, slots=True)
class Estimate:
    """A mean over replications; `half_width` of its interval is None below two values.

    `mean` is None where no replication has a value.
    """

    mean: float | None
    half_width: float | None
    n: int

    @property
    def low(self) -> float:
        """Lower end of the interval; minus infinity where it has no width yet."""
        return (
            -math.inf
            if self.mean is None or self.half_width is None
            else self.mean - self.half_width
        )

    @property
    def high(self) -> float:
        """Upper end of the interval; infinity where it has no width yet."""
        return (
            math.inf
            if self.mean is None or self.half_width is None
            else self.mean + self.half_width
        )


def estimate(values: Iterable[float | None], confidence: float = CONFIDENCE) -> Estimate:
    """Mean and half-width of the t-interval; a missing value (None, NaN) is left out."""
    known = np.array([value for value in values if value is not None and not math.isnan(value)])
    if known.size == 0:
        return Estimate(None, None, 0)
    mean = float(known.mean())
    if known.size == 1:
        return Estimate(mean, None, 1)
    spread = float(known.std(ddof=1)) / math.sqrt(known.size)
    quantile = float(stats.t.ppf((1 + confidence) / 2, known.size - 1))
    return Estimate(mean, quantile * spread, int(known.size))


def paired(
    option: Sequence[float | None], base: Sequence[float | None], comparisons: int = 1
) -> Estimate:
    """Difference option - base, replication by replication.

    The intervals of all `comparisons` hold together with 95 % (Bonferroni).
    Raises ValueError when the two do not have the same replications.
    """
    differences = [
        None if one is None or other is None else one - other
        for one, other in zip(option, base, strict=True)
    ]
    return estimate(differences, 1 - (1 - CONFIDENCE) / comparisons)
