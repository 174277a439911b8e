"""Measuring: repeated runs, medians, and rows of a table."""

import os
import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

RUNS = 5


@dataclass(frozen=True)
class Figure:
    """One row of the table: what was measured, the figure, the bar it is held against."""

    what: str
    figure: str
    bar: str
    holds: bool | None = None

    def cells(self) -> tuple[str, str, str, str]:
        told = {None: "", True: "yes", False: "no"}[self.holds]
        return self.what, self.figure, self.bar, told


def cpu_seconds(work: Callable[[], object]) -> float:
    """CPU seconds of this process that the work takes."""
    began = time.process_time()
    work()
    return time.process_time() - began


def median_of(work: Callable[[], object], runs: int = RUNS) -> float:
    """The median CPU seconds of so many runs."""
    return statistics.median(cpu_seconds(work) for _ in range(runs))


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest value that at least this share of the values does not exceed."""
    ranked = sorted(values)
    return ranked[min(len(ranked) - 1, int(len(ranked) * share))]


def fsync_ms(runs: int = 50) -> float:
    """The median milliseconds that the disk takes to keep 4 KiB for good."""
    times = []
    with tempfile.NamedTemporaryFile(dir=".") as file:
        for _ in range(runs):
            file.write(b"x" * 4096)
            file.flush()
            began = time.perf_counter()
            os.fsync(file.fileno())
            times.append((time.perf_counter() - began) * 1e3)
    return statistics.median(times)
