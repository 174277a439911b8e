"""An experiment as it is kept: what was asked, where it stands, and what came of it."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Row

from testbed.persistence import convert


class Status(StrEnum):
    """Where an experiment stands."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


OPEN = (Status.QUEUED, Status.RUNNING)


@dataclass(frozen=True, slots=True)
class Experiment:
    """An experiment as it is listed: `total` is None where precision decides when it ends.

    `estimate` is what is known so far, `result` the finished document, `error` why there is none.
    """

    id: str
    owner: int
    name: str
    scenario: str
    status: Status
    done: int
    total: int | None
    estimate: convert.Json | None
    result: convert.Json | None
    error: convert.Json | None
    attempts: int
    cancel_asked: bool
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None

    @property
    def is_open(self) -> bool:
        """Whether it waits or runs."""
        return self.status in OPEN

    @property
    def is_uploaded(self) -> bool:
        """Whether its result was brought along: no worker of this service ever began it."""
        return self.status is Status.DONE and self.started_at is None


def experiment_of(row: Row[*tuple[Any, ...]]) -> Experiment:
    """The experiment of a row of its table."""
    return Experiment(
        id=row.id,
        owner=row.owner,
        name=row.name,
        scenario=row.scenario,
        status=Status(row.status),
        done=row.done,
        total=row.total,
        estimate=row.estimate and convert.load(row.estimate),
        result=row.result and convert.load(row.result),
        error=row.error and convert.load(row.error),
        attempts=row.attempts,
        cancel_asked=row.cancel_asked_at is not None,
        created_at=row.created_at,
        started_at=row.started_at,
        finished_at=row.finished_at,
    )
