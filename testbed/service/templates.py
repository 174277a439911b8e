"""Templates: wishes under a name, for the people of one organisation."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, delete, insert, select, update

from testbed.domain.errors import InvalidRequest, NotFound
from testbed.domain.parties import Member
from testbed.domain.requests import Request
from testbed.persistence import convert
from testbed.persistence.series_tables import template as table
from testbed.service.actors import acts_for_all, name_of, require_acts_for
from testbed.service.context import Context
from testbed.service.terms import lasting, named, once
from testbed.service.write import Write, run

LONGEST_NAME = 80


@dataclass(frozen=True, slots=True)
class Template:
    """A wish under a name; its start tells the time of day and the weekday that were usual."""

    id: str
    organisation: str
    name: str
    created_at: datetime
    wish: Request


def save(
    ctx: Context,
    name: str,
    wish: Request,
    now: datetime,
    actor: Member,
    *,
    key: str | None = None,
) -> Template:
    """Keep a wish as a template of its organisation.

    Raises NotAllowed("other_organisation"), InvalidRequest: "bad_name", "template_known".
    """
    require_acts_for(actor, wish.organisation)
    made = Template(ctx.new_id(), wish.organisation, _checked(name), now, wish)
    own = key and named(actor, key, {"template": made.name, **lasting(wish)})

    def work(write: Write) -> Template:
        return once(
            write,
            own or None,
            lambda: _add(write, made),
            lambda done: {"template": done.id},
            lambda stored: _find(write.connection, stored["template"], actor),
        )

    return run(ctx, now, actor, work)


def _add(write: Write, made: Template) -> Template:
    row = {
        "id": made.id,
        "organisation": made.organisation,
        "name": made.name,
        "actor": name_of(write.actor),
        "created_at": made.created_at,
        "document": convert.dump(convert.request_to_json(made.wish)),
    }
    _refuse_known(write.connection, made)
    write.connection.execute(insert(table), row)
    return made


def _refuse_known(connection: Connection, made: Template) -> None:
    same = (table.c.organisation == made.organisation) & (table.c.name == made.name)
    if connection.execute(select(table.c.id).where(same, table.c.id != made.id)).first():
        raise InvalidRequest("template_known", name=made.name)


def rename(ctx: Context, template_id: str, name: str, now: datetime, actor: Member) -> Template:
    """Give a template another name.

    Raises NotFound("template"), InvalidRequest: "bad_name", "template_known".
    """
    called = _checked(name)

    def work(write: Write) -> Template:
        found = _find(write.connection, template_id, actor)
        renamed = Template(found.id, found.organisation, called, found.created_at, found.wish)
        _refuse_known(write.connection, renamed)
        changed = update(table).where(table.c.id == template_id).values(name=called)
        write.connection.execute(changed)
        return renamed

    return run(ctx, now, actor, work)


def remove(ctx: Context, template_id: str, now: datetime, actor: Member) -> None:
    """Delete a template. Raises NotFound("template")."""

    def work(write: Write) -> None:
        _find(write.connection, template_id, actor)
        write.connection.execute(delete(table).where(table.c.id == template_id))

    run(ctx, now, actor, work)


def get(ctx: Context, template_id: str, actor: Member) -> Template:
    """A template. Raises NotFound("template"), also for one of another organisation."""
    with ctx.database.reading() as connection:
        return _find(connection, template_id, actor)


def listing(
    ctx: Context,
    actor: Member,
    organisation: str | None = None,
    *,
    after: str | None = None,
    limit: int = 200,
) -> tuple[tuple[Template, ...], bool]:
    """The templates by name, after that name, and whether there are more.

    A mere member sees those of their own organisation. Raises NotAllowed("other_organisation").
    """
    chosen = organisation or actor.organisation
    require_acts_for(actor, chosen)
    query = select(table).where(table.c.organisation == chosen)
    if after is not None:
        query = query.where(table.c.name > after)
    with ctx.database.reading() as connection:
        rows = connection.execute(query.order_by(table.c.name).limit(limit + 1)).all()
    return tuple(_template(row) for row in rows[:limit]), len(rows) > limit


def _find(connection: Connection, template_id: str, actor: Member) -> Template:
    row = connection.execute(select(table).where(table.c.id == template_id)).one_or_none()
    if row is None or not (acts_for_all(actor) or row.organisation == actor.organisation):
        raise NotFound("template", id=template_id)
    return _template(row)


def _template(row: Row[*tuple[Any, ...]]) -> Template:
    wish = convert.request_from_json(convert.load(row.document))
    return Template(row.id, row.organisation, row.name, row.created_at, wish)


def _checked(name: str) -> str:
    """The name without blanks at its ends. Raises InvalidRequest("bad_name")."""
    cleaned = name.strip()
    if not 0 < len(cleaned) <= LONGEST_NAME or not cleaned.isprintable():
        raise InvalidRequest("bad_name", longest=LONGEST_NAME)
    return cleaned
