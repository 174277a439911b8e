"""Sharing wishes of an organisation: beside whom it shares nothing, and whether it is named.

Both are its own affair: a list is shown to its managers alone, and a rule that keeps two apart
never says who wished it.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, insert, select

from testbed.domain.errors import InvalidRequest
from testbed.domain.parties import Member
from testbed.persistence import records
from testbed.persistence.conflicts import insert_missing
from testbed.persistence.parties import require_organisations
from testbed.persistence.records import Note
from testbed.persistence.store import lock_organisation
from testbed.persistence.together_tables import apart, sharing
from testbed.service.actors import name_of, require_manages
from testbed.service.context import Context

MOST_RIVALS = 50


@dataclass(frozen=True, slots=True)
class Wishes:
    """`apart`: organisations beside whom nothing is shared; `shows_name`: named to those beside."""

    apart: tuple[str, ...] = ()
    shows_name: bool = False


def of_organisation(ctx: Context, organisation: str, actor: Member) -> Wishes:
    """The wishes of an organisation. Raises NotAllowed: "managers_only", "other_organisation"."""
    require_manages(actor, organisation)
    with ctx.database.reading() as connection:
        return _kept(connection, organisation)


def _kept(connection: Connection, organisation: str) -> Wishes:
    mine = select(apart.c.rival).where(apart.c.organisation == organisation)
    names = connection.execute(mine.order_by(apart.c.rival)).scalars()
    shows = select(sharing.c.shows_name).where(sharing.c.organisation == organisation)
    return Wishes(tuple(names), bool(connection.execute(shows).scalar_one_or_none()))


def save(ctx: Context, organisation: str, wishes: Wishes, now: datetime, actor: Member) -> Wishes:
    """Replace the wishes; they hold from the next decision on, for bookings that stand nothing.

    Raises NotAllowed: "managers_only", "other_organisation"; NotFound("organisation");
    InvalidRequest: "apart_from_oneself", "too_many_rivals".
    """
    require_manages(actor, organisation)
    named = tuple(sorted(set(wishes.apart)))
    _require_sensible(organisation, named)
    with ctx.database.writing() as connection:
        lock_organisation(connection, organisation)
        require_organisations(connection, named)
        _replace(connection, organisation, Wishes(named, wishes.shows_name))
        # The audit says that, not whom: it is read by more people than the list.
        said = {"organisation": organisation, "apart": len(named), "shows": wishes.shows_name}
        note = Note(now, name_of(actor), "organisation.sharing_changed", organisation, said)
        records.write_note(connection, note)
        return _kept(connection, organisation)


def _require_sensible(organisation: str, named: Collection[str]) -> None:
    if organisation in named:
        raise InvalidRequest("apart_from_oneself")
    if len(named) > MOST_RIVALS:
        raise InvalidRequest("too_many_rivals", most=MOST_RIVALS)


def _replace(connection: Connection, organisation: str, wishes: Wishes) -> None:
    connection.execute(delete(apart).where(apart.c.organisation == organisation))
    rows = [{"organisation": organisation, "rival": each} for each in wishes.apart]
    if rows:
        connection.execute(insert(apart), rows)
    mine = {"organisation": organisation, "shows_name": wishes.shows_name}
    insert_missing(connection, sharing, [mine])
    shown = sharing.update().where(sharing.c.organisation == organisation)
    connection.execute(shown.values(shows_name=wishes.shows_name))
