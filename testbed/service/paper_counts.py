"""How many papers wait or end, for the first page."""

from datetime import date, timedelta

from sqlalchemy import ColumnElement, func, select

from testbed.domain.papers import is_superseded
from testbed.domain.parties import Member
from testbed.persistence import fleets
from testbed.persistence.paper_tables import paper as table
from testbed.service.actors import acts_for_all
from testbed.service.context import Context
from testbed.service.eligibility import may_read

LONGEST_ENDED = timedelta(days=30)


def waiting(ctx: Context, actor: Member) -> int:
    """How many papers wait for an operator; nothing for others."""
    return _count(ctx, table.c.state == "waiting") if acts_for_all(actor) else 0


def ending(ctx: Context, actor: Member, today: date, days: int) -> int:
    """How many accepted papers of the member's organisation end within so many days, or just have.

    What a later paper goes on from does not count. Nothing for operators.
    """
    if acts_for_all(actor) or not may_read(actor, actor.organisation):
        return 0
    with ctx.database.reading() as connection:
        own = fleets.load(connection, actor.organisation).papers
    span = today - LONGEST_ENDED, today + timedelta(days=days)
    soon = [each for each in own if span[0] <= each.valid_until <= span[1]]
    return sum(not is_superseded(each, own) for each in soon)


def _count(ctx: Context, where: ColumnElement[bool]) -> int:
    with ctx.database.reading() as connection:
        return connection.execute(select(func.count()).select_from(table).where(where)).scalar_one()
