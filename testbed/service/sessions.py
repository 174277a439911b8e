"""Sign-in sessions: what a browser keeps to be known again, and how that ends.

A session names its member, the epoch it was begun in, and itself. A new password, another role or
the end of the membership begin a new epoch, and older sessions are over; signing out ends this one
session, so that a copy of its cookie opens nothing either.
"""

from datetime import datetime, timedelta

from sqlalchemy import delete, select, update

from testbed.domain.parties import Member
from testbed.persistence.account_tables import ended_session
from testbed.persistence.conflicts import insert_missing
from testbed.persistence.tables import member as table
from testbed.service.context import ID_LENGTH, Context
from testbed.service.members import member_of

# Longer than the longest session that the settings permit: until then a copy might be shown.
KEPT_FOR = timedelta(days=31)


def begin(ctx: Context, member: Member, now: datetime) -> str:
    """What a new session keeps to know its member again; notes when they signed in."""
    signed_in = update(table).where(table.c.id == member.id).values(signed_in_at=now)
    with ctx.database.writing() as connection:
        epoch = connection.execute(signed_in.returning(table.c.session_epoch)).scalar_one()
    return f"{member.id}.{epoch}.{ctx.new_id()}"


def owner(ctx: Context, session: str) -> Member | None:
    """The active member of a session, None where it is over."""
    number, epoch, name = _parts(session)
    if not (number.isdecimal() and epoch.isdecimal() and name and session.isascii()):
        return None
    ended = select(ended_session.c.id).where(ended_session.c.id == name).exists()
    begun = (table.c.id == int(number)) & (table.c.session_epoch == int(epoch))
    with ctx.database.reading() as connection:
        query = select(table).where(begun, table.c.active, ~ended)
        row = connection.execute(query).one_or_none()
    return member_of(row) if row else None


def end(ctx: Context, session: str, now: datetime) -> None:
    """Let this session know nobody any more, whoever shows it."""
    *_, name = _parts(session)
    with ctx.database.writing() as connection:
        insert_missing(connection, ended_session, [{"id": name, "ended_at": now}])


def forget(ctx: Context, now: datetime) -> int:
    """Delete the notes of sessions whose cookies have expired anyway; returns how many."""
    old = delete(ended_session).where(ended_session.c.ended_at < now - KEPT_FOR)
    with ctx.database.writing() as connection:
        return connection.execute(old).rowcount


def _parts(session: str) -> tuple[str, str, str]:
    """Member, epoch and name of a session; empty where it has another shape."""
    parts = session.split(".")
    if len(parts) != 3 or len(parts[2]) > 2 * ID_LENGTH:
        return "", "", ""
    return parts[0], parts[1], parts[2]
