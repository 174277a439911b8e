"""What is written beside every change, in its transaction: audit, outbox, answers to keys."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, bindparam, insert, select
from sqlalchemy.exc import IntegrityError

from testbed.domain.errors import InvalidRequest, Stale
from testbed.persistence import convert
from testbed.persistence.tables import audit, idempotency, outbox


@dataclass(frozen=True, slots=True)
class Note:
    """Who did what, when, to which booking or other subject, and the details."""

    at: datetime
    actor: str
    action: str
    subject: str
    document: convert.Json


@dataclass(frozen=True, slots=True)
class Key:
    """A client's name for one thing it asks for; `digest` is of what it asked."""

    actor: str
    key: str
    digest: str


def write_note(connection: Connection, note: Note) -> None:
    """Write an audit row, and an outbox row for those who are to hear of it."""
    about = {"at": note.at, "subject": note.subject, "document": convert.dump(note.document)}
    connection.execute(_AUDIT, {**about, "actor": note.actor, "action": note.action})
    connection.execute(_OUTBOX, {**about, "kind": note.action})


def stored_answer(connection: Connection, key: Key) -> convert.Json | None:
    """The answer already given to this actor's key, None if there is none.

    Raises InvalidRequest("idempotency_key_reused") where the key came with another body.
    """
    row = connection.execute(_ANSWER, {"by": key.actor, "named": key.key}).one_or_none()
    if row is None:
        return None
    if row.digest != key.digest:
        raise InvalidRequest("idempotency_key_reused", key=key.key)
    answer: convert.Json = convert.load(row.response)
    return answer


def store_answer(connection: Connection, key: Key, response: convert.Json, now: datetime) -> None:
    """Keep the answer to a key. Raises Stale("key_raced") where another transaction was quicker."""
    row = {"actor": key.actor, "key": key.key, "digest": key.digest, "at": now}
    try:
        connection.execute(insert(idempotency), {**row, "response": convert.dump(response)})
    except IntegrityError as error:
        raise Stale("key_raced", key=key.key) from error


# Built once: building a statement costs more than running it.
_AUDIT = insert(audit)
_OUTBOX = insert(outbox)
_ANSWER = select(idempotency.c.digest, idempotency.c.response).where(
    idempotency.c.actor == bindparam("by"), idempotency.c.key == bindparam("named")
)
