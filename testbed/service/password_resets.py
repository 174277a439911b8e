"""Forgotten passwords: a ticket by mail sets a new one.

Whoever asks is told the same, and takes as long, whether or not the address is a member's.
"""

from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, func, insert, select, update

from testbed.domain.errors import NotFound
from testbed.domain.parties import Member
from testbed.persistence.account_tables import password_reset as table
from testbed.persistence.tables import member as member_table
from testbed.service import members, outbox, passwords, tickets
from testbed.service.context import Context
from testbed.service.members import NOBODY, member_of
from testbed.service.outbox import Mail
from testbed.service.tickets import Ticket
from testbed.service.write import Write, run

VALID = timedelta(hours=1)
# More mails than that within the hour help nobody but a nuisance.
MOST_OPEN = 3
KEPT_FOR = timedelta(days=30)


def ask(ctx: Context, email: str, now: datetime) -> None:
    """Send a ticket to the address if an active member has it; never tells whether."""
    person = members.find(ctx, email)
    ticket = tickets.issue(ctx)

    def work(write: Write) -> None:
        if person is None or _open_resets(write.connection, person.id, now) >= MOST_OPEN:
            # Written all the same, so that the time of the answer tells nothing.
            write.note("password.reset_refused", "member:0", {})
            return
        _send(write, person, ticket)

    run(ctx, now, NOBODY, work)


def _send(write: Write, person: Member, ticket: Ticket) -> None:
    row = {
        "id": ticket.id,
        "digest": ticket.digest,
        "member": person.id,
        "created_at": write.now,
        "expires_at": write.now + VALID,
    }
    write.connection.execute(insert(table), row)
    language = members.language_of(write.connection, person.id)
    fields = {"ticket": ticket.text, "until": (write.now + VALID).isoformat()}
    mail = Mail(f"reset:{ticket.id}", "password_reset", person.email, language, fields)
    outbox.queue(write.connection, mail, write.now)
    write.note("password.reset_asked", f"member:{person.id}", {})


def look(ctx: Context, text: str, now: datetime) -> Member:
    """The member whose password a ticket would set. Raises NotFound("password_reset")."""
    with ctx.database.reading() as connection:
        return _opened(connection, tickets.read(text), now)


def complete(ctx: Context, text: str, password: str, now: datetime) -> Member:
    """Set the password by a ticket, end every session of the member and every other ticket.

    Raises NotFound("password_reset") for a ticket that is over, InvalidRequest("password_length").
    """
    look(ctx, text, now)  # a hash costs much: not for everybody who asks
    password_hash = passwords.hashed(password)

    def work(write: Write) -> Member:
        person = _opened(write.connection, tickets.read(text), now)
        _use(write, tickets.read(text).id)
        standing = (table.c.member == person.id) & table.c.used_at.is_(None)
        write.connection.execute(update(table).where(standing).values(used_at=now))
        members.set_password(write, person.id, password_hash)
        write.note("password.reset", f"member:{person.id}", {})
        return person

    return run(ctx, now, NOBODY, work)


def forget(ctx: Context, now: datetime) -> int:
    """Delete tickets that are long over; returns how many."""
    old = delete(table).where(table.c.expires_at < now - KEPT_FOR)
    with ctx.database.writing() as connection:
        return connection.execute(old).rowcount


def _opened(connection: Connection, ticket: Ticket, now: datetime) -> Member:
    unused = (table.c.id == ticket.id) & table.c.used_at.is_(None) & (table.c.expires_at > now)
    query = (
        select(table.c.digest, member_table)
        .join(member_table, member_table.c.id == table.c.member)
        .where(unused, member_table.c.active)
    )
    row = connection.execute(query).one_or_none()
    if not tickets.opens(ticket, row.digest if row else None) or row is None:
        raise NotFound("password_reset")
    return member_of(row)


def _use(write: Write, reset_id: str) -> None:
    """Raises NotFound where the same ticket was used at this moment."""
    mine = (table.c.id == reset_id) & table.c.used_at.is_(None)
    used = update(table).where(mine).values(used_at=write.now)
    if write.connection.execute(used).rowcount != 1:
        raise NotFound("password_reset")


def _open_resets(connection: Connection, member_id: int, now: datetime) -> int:
    mine = (table.c.member == member_id) & (table.c.created_at > now - VALID)
    return int(connection.execute(select(func.count()).where(mine)).scalar_one())
