"""Mails on their way: who is to hear of what, and when the next attempt is due.

A mail is written in the transaction of what it tells of. It may arrive twice, where a process ends
between sending and noting it, but is never lost; its key makes the second one recognisable.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import structlog
from sqlalchemy import Connection, Row, and_, delete, func, or_, select, update

from testbed.persistence import convert
from testbed.persistence.conflicts import insert_missing
from testbed.persistence.job_tables import mail as table
from testbed.persistence.notice_tables import digest_item
from testbed.persistence.tables import outbox
from testbed.service import deliveries
from testbed.service.context import Context
from testbed.service.notice_choices import chosen_by
from testbed.service.notices import EVENTS, NOTICES, Choice
from testbed.service.readers import Reader, Told, together

log = structlog.get_logger()

AT_ONCE = 200
FIRST_DELAY = timedelta(minutes=1)
LONGEST_DELAY = timedelta(hours=6)
# About two days at these delays.
MOST_ATTEMPTS = 16
LONGEST_ERROR = 500
KEPT_FOR = timedelta(days=90)

# What a replay needs and no letter shows.
UNSAID = frozenset({"claims", "request", "state", "owner", "bookings"})


@dataclass(frozen=True, slots=True)
class Mail:
    """One mail to one person; `fields` fill the template of its kind and language."""

    key: str
    kind: str
    recipient: str
    language: str
    fields: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class DueMail:
    """A mail whose next attempt is due; `attempts` were made before."""

    id: int
    attempts: int
    mail: Mail


def queue(connection: Connection, mail: Mail, now: datetime) -> None:
    """Write a mail, to be sent at once; one whose key is known already is not written again."""
    row = {
        "key": mail.key,
        "kind": mail.kind,
        "recipient": mail.recipient,
        "language": mail.language,
        "fields": convert.dump(mail.fields),
        "created_at": now,
        "attempts": 0,
        "next_attempt_at": now,
    }
    insert_missing(connection, table, [row])


def _put_off(connection: Connection, mail: Mail, reader: Reader, at: datetime) -> None:
    """Keep a mail for the reader's next digest, as of when it happened."""
    row = {
        "member": reader.id,
        "key": mail.key,
        "kind": mail.kind,
        "fields": convert.dump(mail.fields),
        "created_at": at,
    }
    insert_missing(connection, digest_item, [row])


def spread(ctx: Context, now: datetime) -> int:
    """Write mails and events of what was noted since the last time; returns how many notes."""
    with ctx.database.writing() as connection:
        waiting = select(outbox).where(outbox.c.delivered_at.is_(None))
        # Locked: where two processes spread at once, each note is read by one of them.
        oldest = waiting.order_by(outbox.c.id).limit(AT_ONCE).with_for_update()
        rows = connection.execute(oldest).all()
        for row in rows:
            if row.kind in NOTICES:
                _try_to_tell(connection, _note(row), now)
        names = [row.id for row in rows]
        done = update(outbox).where(outbox.c.id.in_(names)).values(delivered_at=now)
        connection.execute(done)
    return len(rows)


def _try_to_tell(connection: Connection, note: Told, now: datetime) -> None:
    """Tell of a note; one that cannot be told is logged, and holds up no other."""
    try:
        with connection.begin_nested():
            _tell(connection, note, now)
            if note.kind in EVENTS:
                deliveries.write(connection, note, now)
    except Exception:
        log.exception("note_not_told", note=note.id, kind=note.kind)


def _note(row: Row[*tuple[Any, ...]]) -> Told:
    return Told(row.id, row.at, row.kind, row.subject, convert.load(row.document))


def _tell(connection: Connection, note: Told, now: datetime) -> None:
    fields = {name: value for name, value in note.document.items() if name not in UNSAID}
    fields["subject"] = note.subject
    notice = NOTICES[note.kind]
    readers = together(connection, note, notice.to)
    choices = chosen_by(connection, [reader.id for reader in readers], notice.group)
    for reader in readers:
        key = f"note:{note.id}:{reader.email}"
        mail = Mail(key, note.kind, reader.email, reader.language, fields)
        if choices[reader.id] is Choice.AT_ONCE:
            queue(connection, mail, now)
        elif choices[reader.id] is Choice.DAILY:
            _put_off(connection, mail, reader, note.at)


# -- sending ---------------------------------------------------------------------------------


def due(ctx: Context, now: datetime, limit: int = AT_ONCE) -> tuple[DueMail, ...]:
    """The mails whose next attempt is due, the oldest first."""
    query = select(table).where(table.c.next_attempt_at <= now)
    with ctx.database.reading() as connection:
        rows = connection.execute(query.order_by(table.c.id).limit(limit)).all()
    return tuple(
        DueMail(
            row.id,
            row.attempts,
            Mail(row.key, row.kind, row.recipient, row.language, convert.load(row.fields)),
        )
        for row in rows
    )


def begin(ctx: Context, mail: DueMail, now: datetime) -> bool:
    """Take the next attempt of a mail; False where another process has taken it.

    The attempt after it is due after a delay that doubles each time, whatever comes of this one.
    """
    mine = (table.c.id == mail.id) & (table.c.attempts == mail.attempts)
    again = now + min(FIRST_DELAY * 2**mail.attempts, LONGEST_DELAY)
    taken = {"attempts": mail.attempts + 1, "next_attempt_at": again}
    with ctx.database.writing() as connection:
        waiting = mine & table.c.next_attempt_at.is_not(None)
        return connection.execute(update(table).where(waiting).values(taken)).rowcount == 1


def sent(ctx: Context, mail: DueMail, now: datetime) -> None:
    """Note that a mail has gone; what it held is forgotten."""
    _close(ctx, mail, {"sent_at": now, "last_error": None})


def failed(ctx: Context, mail: DueMail, error: str, now: datetime, *, for_good: bool) -> None:
    """Note why an attempt failed; `for_good`, or after too many, the mail is given up."""
    why = {"last_error": error[:LONGEST_ERROR]}
    if for_good or mail.attempts + 1 >= MOST_ATTEMPTS:
        _close(ctx, mail, {"given_up_at": now, **why})
        return
    with ctx.database.writing() as connection:
        connection.execute(update(table).where(table.c.id == mail.id).values(why))


def _close(ctx: Context, mail: DueMail, values: dict[str, object]) -> None:
    # The fields may hold a link that signs somebody in.
    closed = {"next_attempt_at": None, "fields": "{}", **values}
    with ctx.database.writing() as connection:
        connection.execute(update(table).where(table.c.id == mail.id).values(closed))


def forget(ctx: Context, now: datetime) -> int:
    """Delete mails that went or were given up long ago; returns how many."""
    ended = table.c.next_attempt_at.is_(None) & (table.c.created_at < now - KEPT_FOR)
    with ctx.database.writing() as connection:
        return connection.execute(delete(table).where(ended)).rowcount


@dataclass(frozen=True, slots=True)
class StuckMail:
    """A mail that failed: why, and when it is tried again; None where it was given up."""

    kind: str
    recipient: str
    attempts: int
    next_attempt_at: datetime | None
    error: str


def stuck(ctx: Context, limit: int = 50) -> tuple[StuckMail, ...]:
    """The mails that failed and have not gone since, the latest first."""
    failing = and_(table.c.next_attempt_at.is_not(None), table.c.last_error.is_not(None))
    query = select(table).where(or_(failing, table.c.given_up_at.is_not(None)))
    with ctx.database.reading() as connection:
        rows = connection.execute(query.order_by(table.c.id.desc()).limit(limit)).all()
    return tuple(
        StuckMail(row.kind, row.recipient, row.attempts, row.next_attempt_at, row.last_error or "")
        for row in rows
    )


@dataclass(frozen=True, slots=True)
class State:
    """How many mails wait, how many of those failed before, and how many were given up."""

    waiting: int
    failing: int
    given_up: int


def state(ctx: Context) -> State:
    """What an administrator wants to know of the mails."""
    waiting = table.c.next_attempt_at.is_not(None)
    with ctx.database.reading() as connection:
        counts = [
            connection.execute(select(func.count()).where(each)).scalar_one()
            for each in (
                waiting,
                and_(waiting, table.c.last_error.is_not(None)),
                table.c.given_up_at.is_not(None),
            )
        ]
    return State(*counts)
