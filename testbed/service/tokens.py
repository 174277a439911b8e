"""Tokens of programs that use the API in a member's name: scoped, revocable, kept by digest."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

from sqlalchemy import Connection, insert, select, update

from testbed.domain.errors import InvalidRequest, NotAllowed, NotFound
from testbed.domain.parties import Member, Role
from testbed.persistence import convert
from testbed.persistence.account_tables import api_token as table
from testbed.persistence.tables import member as member_table
from testbed.service import tickets
from testbed.service.context import Context
from testbed.service.members import member_of
from testbed.service.write import Write, run

LONGEST_NAME = 100
MOST_TOKENS = 20
# A use is written down at most this often: reading must not become writing.
USE_NOTED_EVERY = timedelta(minutes=5)


class Scope(StrEnum):
    """What a token is for."""

    READ = "read"
    BOOK = "book"
    OPERATE = "operate"
    PLAN = "plan"
    ADMIN = "admin"


SCOPES_OF: dict[Role, frozenset[Scope]] = {
    Role.OBSERVER: frozenset({Scope.READ}),
    Role.MEMBER: frozenset({Scope.READ, Scope.BOOK}),
    Role.MANAGER: frozenset({Scope.READ, Scope.BOOK}),
    Role.PLANNER: frozenset({Scope.READ, Scope.PLAN}),
    Role.OPERATOR: frozenset({Scope.READ, Scope.BOOK, Scope.OPERATE}),
    Role.ADMINISTRATOR: frozenset(Scope),
}


class Bearer(NamedTuple):
    """Who asks by a token, and what the token lets them do now."""

    member: Member
    scopes: frozenset[Scope]


@dataclass(frozen=True, slots=True)
class Token:
    """A token as it is listed; its secret is not known any more."""

    id: str
    name: str
    scopes: frozenset[Scope]
    created_at: datetime
    last_used_at: datetime | None
    revoked_at: datetime | None


@dataclass(frozen=True, slots=True)
class Created:
    """A new token with the text that opens it; nobody can see the text again."""

    token: Token
    text: str


def create(ctx: Context, owner: Member, name: str, scopes: Iterable[str], now: datetime) -> Created:
    """Make a token in its owner's name.

    Raises InvalidRequest: "bad_token_name", "unknown_scope", "too_many_tokens"; NotAllowed
    ("scope_of_other_role") for a scope that the owner's role does not have.
    """
    called = _checked_name(name)
    wanted = _checked_scopes(owner, scopes)
    ticket = tickets.issue(ctx)

    def work(write: Write) -> Created:
        write.lock_organisation(owner.organisation)
        if len(_tokens(write.connection, owner)) >= MOST_TOKENS:
            raise InvalidRequest("too_many_tokens", most=MOST_TOKENS)
        row = {
            "id": ticket.id,
            "digest": ticket.digest,
            "member": owner.id,
            "name": called,
            "scopes": convert.dump(sorted(wanted)),
            "created_at": now,
        }
        write.connection.execute(insert(table), row)
        about = {"member": owner.id, "name": called, "scopes": sorted(wanted)}
        write.note("token.created", ticket.id, about)
        return Created(Token(ticket.id, called, wanted, now, None, None), ticket.text)

    return run(ctx, now, owner, work)


def verify(ctx: Context, text: str, now: datetime) -> Bearer | None:
    """Whose token this is and what it permits, None for one that opens nothing (any more).

    A scope that the member's role no longer has is left out.
    """
    ticket = tickets.read(text)
    with ctx.database.reading() as connection:
        row = connection.execute(_WITH_MEMBER.where(table.c.id == ticket.id)).one_or_none()
    good = tickets.opens(ticket, row.digest if row else None)
    if row is None or not good or row.revoked_at is not None or not row.active:
        return None
    if row.last_used_at is None or now - row.last_used_at >= USE_NOTED_EVERY:
        _note_use(ctx, ticket.id, now)
    owner = member_of(row)
    return Bearer(owner, _scopes(row.scopes) & SCOPES_OF[owner.role])


def listing(ctx: Context, owner: Member) -> tuple[Token, ...]:
    """The owner's tokens that are not revoked, the newest first."""
    with ctx.database.reading() as connection:
        return _tokens(connection, owner)


def revoke(ctx: Context, token_id: str, now: datetime, actor: Member) -> None:
    """Let a token open nothing any more. Raises NotFound("token") for another member's.

    An administrator may revoke every token.
    """

    def work(write: Write) -> None:
        mine = (table.c.id == token_id) & table.c.revoked_at.is_(None)
        if actor.role is not Role.ADMINISTRATOR:
            mine &= table.c.member == actor.id
        revoked = update(table).where(mine).values(revoked_at=now)
        if write.connection.execute(revoked).rowcount != 1:
            raise NotFound("token", id=token_id)
        write.note("token.revoked", token_id, {})

    run(ctx, now, actor, work)


def revoke_all(write: Write, member_id: int) -> None:
    """Revoke every token of a member, in a transaction that changes the member."""
    standing = (table.c.member == member_id) & table.c.revoked_at.is_(None)
    write.connection.execute(update(table).where(standing).values(revoked_at=write.now))


_WITH_MEMBER = select(
    table.c.digest,
    table.c.scopes,
    table.c.last_used_at,
    table.c.revoked_at,
    member_table,
).join(member_table, member_table.c.id == table.c.member)


def _note_use(ctx: Context, token_id: str, now: datetime) -> None:
    with ctx.database.writing() as connection:
        used = update(table).where(table.c.id == token_id).values(last_used_at=now)
        connection.execute(used)


def _tokens(connection: Connection, owner: Member) -> tuple[Token, ...]:
    mine = (table.c.member == owner.id) & table.c.revoked_at.is_(None)
    query = select(table).where(mine).order_by(table.c.created_at.desc(), table.c.id)
    return tuple(
        Token(
            row.id, row.name, _scopes(row.scopes), row.created_at, row.last_used_at, row.revoked_at
        )
        for row in connection.execute(query)
    )


def _scopes(text: str) -> frozenset[Scope]:
    return frozenset(Scope(each) for each in convert.load(text))


def _checked_name(name: str) -> str:
    called = name.strip()
    if not 0 < len(called) <= LONGEST_NAME or not called.isprintable():
        raise InvalidRequest("bad_token_name", longest=LONGEST_NAME)
    return called


def _checked_scopes(owner: Member, scopes: Iterable[str]) -> frozenset[Scope]:
    asked = set(scopes)
    unknown = sorted(asked - set(Scope))
    if unknown or not asked:
        known = ", ".join(Scope)
        raise InvalidRequest("unknown_scope", scope=", ".join(unknown), known=known)
    wanted = frozenset(Scope(each) for each in asked)
    beyond = sorted(wanted - SCOPES_OF[owner.role])
    if beyond:
        raise NotAllowed("scope_of_other_role", scope=", ".join(beyond), role=owner.role.value)
    return wanted
