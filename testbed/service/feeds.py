"""Calendar feeds: addresses that open one calendar each, named, revocable, kept by digest.

The address is the key: who has it reads the calendar without signing in, so it shows no more than
the member who made it may see at that moment, and nothing once that member is gone.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, Row, insert, select, update

from testbed.domain.errors import InvalidRequest, NotAllowed, NotFound
from testbed.domain.parties import Member, Role
from testbed.persistence.feed_tables import feed as table
from testbed.persistence.tables import member as member_table
from testbed.persistence.tables import organisation as organisations
from testbed.service import tickets
from testbed.service.actors import require_acts_for
from testbed.service.context import Context
from testbed.service.invitations import checked_language
from testbed.service.members import member_of
from testbed.service.terms import named, once
from testbed.service.tickets import Ticket
from testbed.service.write import Write, run

LONGEST_NAME = 100
MOST_FEEDS = 20
# Calendars ask several times an hour: reading must not become writing.
USE_NOTED_EVERY = timedelta(hours=6)


class Kind(StrEnum):
    """What a feed shows: a member's own bookings, or those of an organisation, a place, a city."""

    MEMBER = "member"
    ORGANISATION = "organisation"
    RESOURCE = "resource"
    CITY = "city"


@dataclass(frozen=True, slots=True)
class Wanted:
    """A feed that is asked for; `about` is an organisation, resource or city, or empty."""

    name: str
    kind: Kind
    about: str
    language: str


@dataclass(frozen=True, slots=True)
class Feed:
    """A feed as it is listed; its secret is not known any more."""

    id: str
    name: str
    kind: Kind
    about: str
    language: str
    created_at: datetime
    last_used_at: datetime | None


@dataclass(frozen=True, slots=True)
class Created:
    """A new feed with the text that opens it; nobody can see the text again."""

    feed: Feed
    text: str


class Opened(NamedTuple):
    """A feed, and in whose name it is read."""

    feed: Feed
    owner: Member


def create(
    ctx: Context, owner: Member, wanted: Wanted, now: datetime, key: str | None = None
) -> Created:
    """Make a feed in its owner's name.

    The same key again answers the same feed with a new text; the one before is over, since nobody
    can be told it twice. Raises InvalidRequest: "bad_feed_name", "unknown_language",
    "too_many_feeds"; NotAllowed("other_organisation"); NotFound for what is not there.
    """
    asked = _checked(ctx, owner, wanted)
    ticket = tickets.issue(ctx)
    about = {"name": asked.name, "kind": asked.kind.value, "about": asked.about}
    kept_key = None if key is None else named(owner, key, {"feed": about | {"in": asked.language}})

    def work(write: Write) -> Created:
        write.lock_organisation(owner.organisation)
        return once(
            write,
            kept_key,
            lambda: _made(write, owner, asked, ticket),
            lambda made: {"feed": made.feed.id},
            lambda stored: _renewed(write, owner, Ticket(stored["feed"], ticket.secret)),
        )

    return run(ctx, now, owner, work)


def listing(ctx: Context, owner: Member) -> tuple[Feed, ...]:
    """The owner's feeds that are not revoked, the newest first."""
    with ctx.database.reading() as connection:
        return _feeds(connection, owner)


def one(ctx: Context, feed_id: str, owner: Member) -> Feed:
    """A feed of the owner's. Raises NotFound("feed")."""
    with ctx.database.reading() as connection:
        return _standing(connection, feed_id, owner)


def rename(
    ctx: Context,
    feed_id: str,
    name: str,
    now: datetime,
    owner: Member,
    *,
    key: str | None = None,
) -> Feed:
    """Call a feed otherwise. Raises NotFound("feed"), InvalidRequest("bad_feed_name")."""
    called = _checked_name(name)
    asked = {"rename": feed_id, "name": called}
    kept_key = None if key is None else named(owner, key, asked)

    def renamed(write: Write) -> Feed:
        changed = update(table).where(_mine(feed_id, owner)).values(name=called).returning(table)
        row = write.connection.execute(changed).one_or_none()
        if row is None:
            raise NotFound("feed", id=feed_id)
        write.note("feed.renamed", feed_id, {"name": called})
        return _feed(row)

    def work(write: Write) -> Feed:
        return once(
            write,
            kept_key,
            lambda: renamed(write),
            lambda _: asked,
            lambda _: _standing(write.connection, feed_id, owner),
        )

    return run(ctx, now, owner, work)


def revoke(
    ctx: Context, feed_id: str, now: datetime, owner: Member, key: str | None = None
) -> None:
    """Let a feed open nothing any more. Raises NotFound("feed") for another member's."""
    asked = {"revoke": feed_id}
    kept_key = None if key is None else named(owner, key, asked)

    def revoked(write: Write) -> None:
        ended = update(table).where(_mine(feed_id, owner)).values(revoked_at=now)
        if write.connection.execute(ended).rowcount != 1:
            raise NotFound("feed", id=feed_id)
        write.note("feed.revoked", feed_id, {})

    def work(write: Write) -> None:
        once(write, kept_key, lambda: revoked(write), lambda _: asked, lambda _: None)

    run(ctx, now, owner, work)


def revoke_all(write: Write, member_id: int) -> None:
    """Revoke every feed of a member, in a transaction that changes the member."""
    standing = (table.c.member == member_id) & table.c.revoked_at.is_(None)
    write.connection.execute(update(table).where(standing).values(revoked_at=write.now))


def opened(ctx: Context, text: str, now: datetime) -> Opened | None:
    """The feed that this text opens, None for one that opens nothing (any more)."""
    ticket = tickets.read(text)
    with ctx.database.reading() as connection:
        row = connection.execute(select(table).where(table.c.id == ticket.id)).one_or_none()
        good = tickets.opens(ticket, row.digest if row else None)
        if row is None or not good or row.revoked_at is not None:
            return None
        owner = _owner(connection, row.member)
    found = _feed(row)
    if owner is None or not _may_see(owner, found):
        return None
    if row.last_used_at is None or now - row.last_used_at >= USE_NOTED_EVERY:
        _note_use(ctx, found.id, now)
    return Opened(found, owner)


def _owner(connection: Connection, member_id: int) -> Member | None:
    query = select(member_table).where(member_table.c.id == member_id, member_table.c.active)
    row = connection.execute(query).one_or_none()
    return member_of(row) if row else None


def _may_see(owner: Member, found: Feed) -> bool:
    """Whether the member may still read it: they may have come to another role since."""
    if found.kind is not Kind.ORGANISATION:
        return True
    try:
        require_acts_for(owner, found.about)
    except NotAllowed:
        return False
    return True


def _note_use(ctx: Context, feed_id: str, now: datetime) -> None:
    with ctx.database.writing() as connection:
        connection.execute(update(table).where(table.c.id == feed_id).values(last_used_at=now))


# -- making ----------------------------------------------------------------------------------


def _made(write: Write, owner: Member, asked: Wanted, ticket: Ticket) -> Created:
    if len(_feeds(write.connection, owner)) >= MOST_FEEDS:
        raise InvalidRequest("too_many_feeds", most=MOST_FEEDS)
    row = {
        "id": ticket.id,
        "digest": ticket.digest,
        "member": owner.id,
        "name": asked.name,
        "kind": asked.kind.value,
        "about": asked.about,
        "language": asked.language,
        "created_at": write.now,
    }
    kept = write.connection.execute(insert(table).values(row).returning(table)).one()
    about = {"member": owner.id, "name": asked.name, "kind": asked.kind.value, "about": asked.about}
    write.note("feed.created", ticket.id, about)
    return Created(_feed(kept), ticket.text)


def _renewed(write: Write, owner: Member, ticket: Ticket) -> Created:
    mine = update(table).where(_mine(ticket.id, owner)).values(digest=ticket.digest)
    row = write.connection.execute(mine.returning(table)).one_or_none()
    if row is None:
        raise NotFound("feed", id=ticket.id)
    write.note("feed.renewed", ticket.id, {})
    return Created(_feed(row), ticket.text)


def _checked(ctx: Context, owner: Member, wanted: Wanted) -> Wanted:
    about = "" if wanted.kind is Kind.MEMBER else wanted.about
    _require_there(ctx, owner, wanted.kind, about)
    language = checked_language(wanted.language)
    return Wanted(_checked_name(wanted.name), wanted.kind, about, language)


def _require_there(ctx: Context, owner: Member, kind: Kind, about: str) -> None:
    if kind is Kind.ORGANISATION:
        require_acts_for(owner, about)
        query = select(organisations.c.id).where(organisations.c.id == about)
        with ctx.database.reading() as connection:
            if connection.execute(query).one_or_none() is None:
                raise NotFound("organisation", id=about)
    elif kind is Kind.RESOURCE:
        ctx.catalogue().resource(about)
    elif kind is Kind.CITY and about not in ctx.catalogue().cities:
        raise NotFound("city", id=about)


def _checked_name(name: str) -> str:
    called = "".join(each for each in name if each.isprintable()).strip()
    if not 0 < len(called) <= LONGEST_NAME:
        raise InvalidRequest("bad_feed_name", longest=LONGEST_NAME)
    return called


# -- rows ------------------------------------------------------------------------------------


def _mine(feed_id: str, owner: Member) -> ColumnElement[bool]:
    standing = table.c.revoked_at.is_(None) & (table.c.id == feed_id)
    return standing if owner.role is Role.ADMINISTRATOR else standing & (table.c.member == owner.id)


def _standing(connection: Connection, feed_id: str, owner: Member) -> Feed:
    row = connection.execute(select(table).where(_mine(feed_id, owner))).one_or_none()
    if row is None:
        raise NotFound("feed", id=feed_id)
    return _feed(row)


def _feeds(connection: Connection, owner: Member) -> tuple[Feed, ...]:
    mine = (table.c.member == owner.id) & table.c.revoked_at.is_(None)
    query = select(table).where(mine).order_by(table.c.created_at.desc(), table.c.id)
    return tuple(_feed(row) for row in connection.execute(query))


def _feed(row: Row[*tuple[Any, ...]]) -> Feed:
    return Feed(
        id=row.id,
        name=row.name,
        kind=Kind(row.kind),
        about=row.about,
        language=row.language,
        created_at=row.created_at,
        last_used_at=row.last_used_at,
    )
