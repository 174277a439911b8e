"""What a job is."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from testbed.config import Settings
from testbed.domain.grid import EPOCH
from testbed.service.context import Context


@dataclass(frozen=True)
class Surroundings:
    """What every sweep works with."""

    ctx: Context
    settings: Settings


# Does everything that is due by then, and says what it did. Run twice it does nothing more.
Sweep = Callable[[Surroundings, datetime], str]


def _nothing() -> None:
    """A job that leaves nothing behind."""


@dataclass(frozen=True)
class Job:
    """A sweep and how often it runs; `sentence` says what it is for.

    `close` ends what the sweep started, when the worker ends.
    """

    name: str
    every: timedelta
    sweep: Sweep
    sentence: str
    close: Callable[[], None] = _nothing

    def tick(self, now: datetime) -> int:
        """Whole periods since 1970: of one tick a job is run once, by whoever leads."""
        return (now - EPOCH) // self.every
