"""Warnings before papers end: once per paper, last day and threshold, however late the job runs."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta

from sqlalchemy import Connection, select

from testbed.domain.grid import zone
from testbed.domain.papers import is_superseded
from testbed.persistence import fleets
from testbed.persistence.conflicts import insert_missing
from testbed.persistence.paper_tables import paper as table
from testbed.persistence.paper_tables import paper_warning as warnings
from testbed.service.actors import SYSTEM
from testbed.service.context import Context
from testbed.service.kept_papers import KeptPaper, find
from testbed.service.write import Write, run

ENDING = "paper.ending"
ZONE = "Asia/Seoul"
# A paper that ended while the job was off is still told of.
LOOKED_BACK = timedelta(days=30)


def warn(ctx: Context, now: datetime, thresholds: Iterable[int]) -> int:
    """Tell of the accepted papers that end within so many days; returns how many were told of.

    A paper within several thresholds at once is told of once; one that a later paper goes on from
    is not told of.
    """
    days = sorted(set(thresholds))
    today = now.astimezone(zone(ZONE)).date()
    with ctx.database.reading() as connection:
        due = _due(connection, today, max(days, default=0))
    return sum(_warned(ctx, each, now, today, days) for each in due)


def _due(connection: Connection, today: date, most: int) -> list[str]:
    span = table.c.valid_until.between(today - LOOKED_BACK, today + timedelta(days=most))
    query = select(table.c.id).where(table.c.state == fleets.ACCEPTED, span)
    return list(connection.execute(query.order_by(table.c.valid_until, table.c.id)).scalars())


def _warned(ctx: Context, paper_id: str, now: datetime, today: date, days: list[int]) -> bool:
    def work(write: Write) -> bool:
        paper = find(write.connection, paper_id, SYSTEM)
        write.lock_organisation(paper.organisation)
        left = (paper.valid_until - today).days
        reached = [each for each in days if left <= each]
        if not reached or _is_told(write.connection, paper, reached[0]):
            return False
        own = fleets.load(write.connection, paper.organisation).papers
        mine = next((each for each in own if each.id == paper_id), None)
        if mine is None or is_superseded(mine, own):
            return False
        rows = [
            {"paper": paper_id, "valid_until": paper.valid_until, "days": each, "told_at": now}
            for each in reached
        ]
        insert_missing(write.connection, warnings, rows)
        write.note(ENDING, paper_id, _about(paper, reached[0]))
        return True

    return run(ctx, now, SYSTEM, work)


def _is_told(connection: Connection, paper: KeptPaper, days: int) -> bool:
    """Whether a warning of this threshold or a later one was given for this last day."""
    same = (warnings.c.paper == paper.id) & (warnings.c.valid_until == paper.valid_until)
    query = select(warnings.c.days).where(same, warnings.c.days <= days)
    return connection.execute(query.limit(1)).first() is not None


def _about(paper: KeptPaper, days: int) -> dict[str, object]:
    return {
        "organisation": paper.organisation,
        "kind": paper.kind.value,
        "valid_until": paper.valid_until.isoformat(),
        "days": days,
    }
