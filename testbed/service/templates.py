"""Templates: wishes under a name, for the people of one organisation."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, and_, delete, insert, or_, select, update

from testbed.domain.errors import InvalidRequest, NotFound
from testbed.domain.parties import Member
from testbed.domain.requests import Request
from testbed.persistence import convert
from testbed.persistence.series_tables import template as table
from testbed.service.actors import acts_for_all, name_of, require_acts_for, require_books
from testbed.service.context import Context
from testbed.service.listings import Mark, Page
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
    require_books(actor)
    made = Template(ctx.new_id(), wish.organisation, _checked(name), now, wish)
    asked = {"template": made.name, **lasting(wish)}
    own = named(actor, key, asked) if key else None

    def work(write: Write) -> Template:
        return once(
            write,
            own,
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


def rename(
    ctx: Context,
    template_id: str,
    name: str,
    now: datetime,
    actor: Member,
    *,
    key: str | None = None,
) -> Template:
    """Give a template another name.

    Raises NotFound("template"), InvalidRequest: "bad_name", "template_known".
    """
    called = _checked(name)
    own = named(actor, key, {"rename": template_id, "name": called}) if key else None

    def work(write: Write) -> Template:
        def find() -> Template:
            return _find(write.connection, template_id, actor)

        return once(
            write, own, lambda: _rename(write, find(), called), lambda _: {}, lambda _: find()
        )

    return run(ctx, now, actor, work)


def _rename(write: Write, found: Template, called: str) -> Template:
    renamed = replace(found, name=called)
    _refuse_known(write.connection, renamed)
    changed = update(table).where(table.c.id == found.id).values(name=called)
    write.connection.execute(changed)
    return renamed


def remove(
    ctx: Context, template_id: str, now: datetime, actor: Member, *, key: str | None = None
) -> None:
    """Delete a template. Raises NotFound("template")."""
    own = named(actor, key, {"delete": template_id}) if key else None

    def work(write: Write) -> None:
        once(write, own, lambda: _remove(write, template_id), lambda _: {}, lambda _: None)

    run(ctx, now, actor, work)


def _remove(write: Write, template_id: str) -> None:
    _find(write.connection, template_id, write.actor)
    write.connection.execute(delete(table).where(table.c.id == template_id))


def get(ctx: Context, template_id: str, actor: Member) -> Template:
    """A template. Raises NotFound("template"), also for one of another organisation."""
    with ctx.database.reading() as connection:
        return _find(connection, template_id, actor)


def listing(
    ctx: Context,
    actor: Member,
    organisation: str | None = None,
    *,
    after: Mark | None = None,
    limit: int = 50,
) -> Page[Template]:
    """A page of templates of an organisation, the newest first, after the mark.

    Raises NotAllowed("other_organisation").
    """
    chosen = organisation or actor.organisation
    require_acts_for(actor, chosen)
    query = select(table).where(table.c.organisation == chosen)
    if after is not None:
        beside = and_(table.c.created_at == after.at, table.c.id < after.id)
        query = query.where(or_(table.c.created_at < after.at, beside))
    ordered = query.order_by(table.c.created_at.desc(), table.c.id.desc()).limit(limit + 1)
    with ctx.database.reading() as connection:
        found = tuple(_template(row) for row in connection.execute(ordered))
    more = len(found) > limit
    last = found[:limit][-1:]
    return Page(found[:limit], Mark(last[0].created_at, last[0].id) if more else None)


def _find(connection: Connection, template_id: str, actor: Member) -> Template:
    row = connection.execute(select(table).where(table.c.id == template_id)).one_or_none()
    if row is None or not (acts_for_all(actor) or row.organisation == actor.organisation):
        raise NotFound("template", id=template_id)
    return _template(row)


def _template(row: Row[*tuple[Any, ...]]) -> Template:
    wish = convert.request_from_json(convert.load(row.document))
    return Template(row.id, row.organisation, row.name, row.created_at, wish)


def _checked(name: str) -> str:
    """The name without what cannot be shown. Raises InvalidRequest("bad_name")."""
    cleaned = "".join(each for each in name if each.isprintable()).strip()
    if not 0 < len(cleaned) <= LONGEST_NAME:
        raise InvalidRequest("bad_name", longest=LONGEST_NAME)
    return cleaned
