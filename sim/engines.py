"""Engines: where replications are computed. None of them can change a figure, only the wait."""

import multiprocessing
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from types import TracebackType
from typing import Protocol, Self

from sim.rows import Row, replicate
from sim.scenario import Scenario

NAMES = ("serial", "processes")


class Engine(Protocol):
    """Computes replications; rows come back in the order of the replications asked for."""

    def rows(self, scenario: Scenario, replications: Sequence[int]) -> Iterator[Row]:
        """One row per replication."""
        ...


class Serial:
    """One replication after the other, in this process."""

    def rows(self, scenario: Scenario, replications: Sequence[int]) -> Iterator[Row]:
        """One row per replication, each computed when it is asked for."""
        return (replicate(scenario, each) for each in replications)


class Processes:
    """A pool of worker processes that lives as long as the `with` block."""

    def __init__(self, workers: int) -> None:
        # Spawned, not forked: a worker then inherits no state that could differ from run to run.
        context = multiprocessing.get_context("spawn")
        self._pool = ProcessPoolExecutor(workers, mp_context=context)
        self.workers = workers

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._pool.shutdown(wait=True, cancel_futures=True)

    def rows(self, scenario: Scenario, replications: Sequence[int]) -> Iterator[Row]:
        """One row per replication; all of them are queued at once."""
        waiting: list[Future[Row]] = [
            self._pool.submit(replicate, scenario, each) for each in replications
        ]
        return (future.result() for future in waiting)
