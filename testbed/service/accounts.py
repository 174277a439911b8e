"""Members after they joined: roles, sign-out everywhere, who may still sign in.

A new password, another role or the end of the membership begin a new epoch of a member's sessions.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, func, select, update

from testbed.domain.errors import InvalidRequest, NotAllowed, NotFound
from testbed.domain.parties import Member, Role
from testbed.persistence.tables import member as table
from testbed.service import feeds, members, passwords, tokens
from testbed.service.actors import require_manages, require_may_give
from testbed.service.context import Context
from testbed.service.invitations import checked_language, checked_name
from testbed.service.members import member_of
from testbed.service.write import Write, run


@dataclass(frozen=True, slots=True)
class Account:
    """A member as whoever manages them sees them; `signed_in_at` is the last time."""

    member: Member
    language: str
    active: bool
    created_at: datetime
    signed_in_at: datetime | None


def listing(ctx: Context, actor: Member, organisation: str | None = None) -> tuple[Account, ...]:
    """The members of an organisation by name, active ones first; an administrator's may be all.

    Raises NotAllowed.
    """
    require_manages(actor, organisation or "")
    where = (
        table.c.id.is_not(None) if organisation is None else table.c.organisation == organisation
    )
    query = select(table).where(where).order_by(table.c.active.desc(), table.c.name, table.c.id)
    with ctx.database.reading() as connection:
        return tuple(_account(row) for row in connection.execute(query))


def colleagues(ctx: Context, actor: Member) -> tuple[Account, ...]:
    """The active members of the actor's own organisation by name, whatever the actor's role."""
    mine = (table.c.organisation == actor.organisation) & table.c.active
    query = select(table).where(mine).order_by(table.c.name, table.c.id)
    with ctx.database.reading() as connection:
        return tuple(_account(row) for row in connection.execute(query))


def account(ctx: Context, member_id: int, actor: Member) -> Account:
    """One member's account: one's own, or one that the actor manages.

    Raises NotFound("account").
    """
    with ctx.database.reading() as connection:
        found = _account(_row(connection, member_id))
    if actor.id != member_id:
        try:
            require_manages(actor, found.member.organisation)
        except NotAllowed:
            raise NotFound("account", id=member_id) from None
    return found


def change_role(ctx: Context, member_id: int, role: Role, now: datetime, actor: Member) -> Member:
    """Give a member another role; they sign in anew.

    Raises NotFound("account"), NotAllowed for a role beyond what the actor may give or take,
    InvalidRequest("last_administrator").
    """

    def work(write: Write) -> Member:
        before = _managed(write, member_id)
        require_may_give(actor, before.organisation, role)
        _keep_an_administrator(write, before, role)
        changed = _change(write, member_id, {"role": role.value})
        about = {"from": before.role.value, "to": role.value}
        write.note("member.role_changed", f"member:{member_id}", about)
        return changed

    return run(ctx, now, actor, work)


def deactivate(ctx: Context, member_id: int, now: datetime, actor: Member) -> Member:
    """End a membership: no sign-in, no session, no token; what they booked stays.

    Raises NotFound("account"), NotAllowed, InvalidRequest("last_administrator").
    """

    def work(write: Write) -> Member:
        before = _managed(write, member_id)
        _keep_an_administrator(write, before, None)
        tokens.revoke_all(write, member_id)
        feeds.revoke_all(write, member_id)
        write.note("member.deactivated", f"member:{member_id}", {})
        return _change(write, member_id, {"active": False})

    return run(ctx, now, actor, work)


def reactivate(ctx: Context, member_id: int, now: datetime, actor: Member) -> Member:
    """Let a member sign in again. Raises NotFound("account"), NotAllowed."""

    def work(write: Write) -> Member:
        _managed(write, member_id)
        write.note("member.reactivated", f"member:{member_id}", {})
        return _change(write, member_id, {"active": True})

    return run(ctx, now, actor, work)


def change_password(ctx: Context, member: Member, old: str, new: str, now: datetime) -> None:
    """Set one's own password; every session ends, also this one.

    Raises NotAllowed("wrong_password"), InvalidRequest("password_length").
    """
    if members.sign_in(ctx, member.email, old) is None:
        raise NotAllowed("wrong_password")
    password_hash = passwords.hashed(new)

    def work(write: Write) -> None:
        members.set_password(write, member.id, password_hash)
        write.note("password.changed", f"member:{member.id}", {})

    run(ctx, now, member, work)


def sign_out_everywhere(ctx: Context, member: Member, now: datetime) -> None:
    """End every session of one's own."""

    def work(write: Write) -> None:
        _change(write, member.id, {})
        write.note("member.signed_out", f"member:{member.id}", {})

    run(ctx, now, member, work)


def set_profile(ctx: Context, member: Member, name: str, language: str, now: datetime) -> None:
    """Choose one's own name and the language of one's mails.

    Raises InvalidRequest: "bad_name", "unknown_language".
    """
    chosen = {"name": checked_name(name), "language": checked_language(language)}

    def work(write: Write) -> None:
        mine = update(table).where(table.c.id == member.id)
        write.connection.execute(mine.values(chosen))
        write.note("member.described", f"member:{member.id}", {"language": language})

    run(ctx, now, member, work)


def _managed(write: Write, member_id: int) -> Member:
    """The member, locked with the administrators, if the actor manages them and their role."""
    _lock_administrators(write.connection)
    found = member_of(_row(write.connection, member_id))
    try:
        require_manages(write.actor, found.organisation)
    except NotAllowed:
        raise NotFound("account", id=member_id) from None
    require_may_give(write.actor, found.organisation, found.role)
    return found


def _lock_administrators(connection: Connection) -> None:
    """Two administrators who end each other's role do so one after the other."""
    query = select(table.c.id).where(_ADMINISTERS).order_by(table.c.id).with_for_update()
    connection.execute(query).all()


def _keep_an_administrator(write: Write, before: Member, role: Role | None) -> None:
    if before.role is not Role.ADMINISTRATOR or role is Role.ADMINISTRATOR:
        return
    others = select(func.count()).where(_ADMINISTERS, table.c.id != before.id)
    if write.connection.execute(others).scalar_one() == 0:
        raise InvalidRequest("last_administrator")


_ADMINISTERS: ColumnElement[bool] = (table.c.role == Role.ADMINISTRATOR.value) & table.c.active


def _change(write: Write, member_id: int, values: dict[str, object]) -> Member:
    """Change a member and begin a new epoch of their sessions."""
    changed = {**values, "session_epoch": table.c.session_epoch + 1}
    mine = update(table).where(table.c.id == member_id).values(changed)
    return member_of(write.connection.execute(mine.returning(table)).one())


def _row(connection: Connection, member_id: int) -> Row[*tuple[Any, ...]]:
    row = connection.execute(select(table).where(table.c.id == member_id)).one_or_none()
    if row is None:
        raise NotFound("account", id=member_id)
    return row


def _account(row: Row[*tuple[Any, ...]]) -> Account:
    return Account(member_of(row), row.language, row.active, row.created_at, row.signed_in_at)
