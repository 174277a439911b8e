"""What became of a booking: who did what to it and when, for those who may see it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, select

from testbed.domain.parties import Member, Role
from testbed.persistence import convert, store
from testbed.persistence.job_tables import mail
from testbed.persistence.tables import audit, member
from testbed.service.actors import acts_for_all, require_sees_booking
from testbed.service.context import Context

REMINDED = "booking.reminded"
HANDED_OVER = "booking.handed_over"
NOBODY = None

_Row = Row[*tuple[Any, ...]]


@dataclass(frozen=True, slots=True)
class Person:
    """Who did something, as far as the reader may know: without a name only the role."""

    role: Role
    name: str | None = None


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened to a booking; it then stood at [start, end) on `resource`.

    Nobody did what time does: `who` is None where a hold ran out or nobody came. `rules` are the
    codes of those that were set aside, `reason` is what was written to it.
    """

    at: datetime
    action: str
    who: Person | None
    resource: str
    start: int
    end: int
    rules: tuple[str, ...] = ()
    reason: str = ""


def of_booking(ctx: Context, booking_id: str, reader: Member) -> tuple[Event, ...]:
    """Everything that happened to the booking, the first thing first.

    A reader who acts for one organisation sees the names of its own people alone; of others the
    role. Raises NotFound("booking").
    """
    with ctx.database.reading() as connection:
        kept = store.find_booking(connection, booking_id).booking
        require_sees_booking(reader, kept)
        rows = _rows(connection, audit.c.subject == booking_id)
        events = [_event(row, reader) for row in _of_ones_own(rows, reader)]
        reminded = _reminded(connection, booking_id, events)
    return tuple(sorted([*events, *reminded], key=lambda each: each.at))


def _of_ones_own(rows: list[_Row], reader: Member) -> list[_Row]:
    """What happened since the booking was handed over to the reader's organisation, if it was."""
    taken = [place for place, row in enumerate(rows) if row.action == HANDED_OVER]
    return rows[taken[-1] :] if taken and not acts_for_all(reader) else rows


def _rows(connection: Connection, where: ColumnElement[bool]) -> list[Row[*tuple[Any, ...]]]:
    done_by = "member:" + member.c.id.cast(audit.c.actor.type)
    query = (
        select(audit, member.c.name, member.c.role, member.c.organisation)
        .outerjoin(member, done_by == audit.c.actor)
        .where(where, audit.c.action.startswith("booking."))
    )
    return list(connection.execute(query.order_by(audit.c.id)).all())


def _event(row: Row[*tuple[Any, ...]], reader: Member) -> Event:
    document = convert.load(row.document)
    return Event(
        at=row.at,
        action=row.action,
        who=_who(row, reader),
        resource=document["lines"][0][0],
        start=document["start"],
        end=document["end"],
        rules=tuple(document.get("rules", ())),
        reason=document.get("reason", ""),
    )


def _who(row: Row[*tuple[Any, ...]], reader: Member) -> Person | None:
    if row.role is None:
        return NOBODY
    known = acts_for_all(reader) or row.organisation == reader.organisation
    return Person(Role(row.role), row.name if known else None)


def _reminded(connection: Connection, booking_id: str, events: list[Event]) -> list[Event]:
    """One event for each start that was reminded of by mail, however many read it."""
    query = select(mail.c.key, mail.c.sent_at).where(
        mail.c.key.startswith(f"reminder:{booking_id}:", autoescape=True),
        mail.c.sent_at.is_not(None),
    )
    sent: dict[int, datetime] = {}
    for row in connection.execute(query):
        start = int(row.key.split(":")[2])
        sent[start] = min(row.sent_at, sent.get(start, row.sent_at))
    stood = {each.start: each for each in events}
    return [
        Event(at, REMINDED, NOBODY, stood[start].resource, start, stood[start].end)
        for start, at in sent.items()
        if start in stood
    ]
