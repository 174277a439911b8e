"""Rows of approvals, to and from the values of the domain."""

from collections.abc import Collection, Iterable
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, and_, func, insert, select, update

from testbed.domain.approvals import Answer, Approval, Party
from testbed.domain.catalogue import Name
from testbed.domain.errors import Stale
from testbed.domain.parties import Organisation, Role
from testbed.persistence.approval_tables import approval as table
from testbed.persistence.tables import member
from testbed.persistence.tables import organisation as organisations


def add(connection: Connection, asked: Iterable[Approval]) -> None:
    """Keep questions to parties."""
    rows = [{**_key(each), **_columns(each)} for each in asked]
    if rows:
        connection.execute(insert(table), rows)


def keep_answer(connection: Connection, after: Approval) -> None:
    """Keep the answer to a question. Raises Stale("approval_changed") where it has one already."""
    mine = and_(
        table.c.booking == after.booking,
        table.c.round == after.round,
        table.c.party == after.party.value,
        table.c.answer.is_(None),
    )
    if connection.execute(update(table).where(mine).values(_columns(after))).rowcount != 1:
        raise Stale("booking_changed", booking=after.booking)


def current(connection: Connection, booking_id: str) -> tuple[Approval, ...]:
    """The last round of questions about a booking, in the order of the parties; empty for none."""
    return of_bookings(connection, [booking_id]).get(booking_id, ())


def of_bookings(connection: Connection, names: Collection[str]) -> dict[str, tuple[Approval, ...]]:
    """The last round about each of these bookings."""
    last: dict[str, list[Approval]] = {}
    for each in _found(connection, table.c.booking.in_(list(names))):
        kept = last.setdefault(each.booking, [])
        if kept and kept[0].round != each.round:
            kept.clear()
        kept.append(each)
    order = list(Party)
    return {
        name: tuple(sorted(kept, key=lambda each: order.index(each.party)))
        for name, kept in last.items()
    }


def last_round(connection: Connection, booking_id: str) -> int:
    """The number of the last round of questions; 0 before the first."""
    query = select(func.max(table.c.round)).where(table.c.booking == booking_id)
    return int(connection.execute(query).scalar() or 0)


def _found(connection: Connection, where: ColumnElement[bool]) -> list[Approval]:
    query = select(table).where(where).order_by(table.c.booking, table.c.round)
    return [_approval(row) for row in connection.execute(query)]


def known_organisations(connection: Connection) -> list[Organisation]:
    """Every organisation, as far as it matters who answers for a city."""
    return [
        Organisation(row.id, Name(row.name_en, row.name_ko), row.type, row.city, row.sector)
        for row in connection.execute(select(organisations).order_by(organisations.c.id))
    ]


def with_operators(connection: Connection) -> frozenset[str]:
    """The organisations that have an active account of an operator."""
    query = select(member.c.organisation).where(
        member.c.active, member.c.role == Role.OPERATOR.value
    )
    return frozenset(connection.execute(query.distinct()).scalars())


def _key(one: Approval) -> dict[str, object]:
    return {"booking": one.booking, "round": one.round, "party": one.party.value}


def _columns(one: Approval) -> dict[str, object]:
    return {
        "organisation": one.organisation,
        "asked_at": one.asked_at,
        "deadline": one.deadline,
        "answer": one.answer and one.answer.value,
        "text": one.text,
        "answered_by": one.answered_by,
        "answered_at": one.answered_at,
        "stands_in": one.stands_in,
    }


def _approval(row: Row[*tuple[Any, ...]]) -> Approval:
    return Approval(
        booking=row.booking,
        round=row.round,
        party=Party(row.party),
        organisation=row.organisation,
        asked_at=row.asked_at,
        deadline=row.deadline,
        answer=Answer(row.answer) if row.answer else None,
        text=row.text,
        answered_by=row.answered_by,
        answered_at=row.answered_at,
        stands_in=row.stands_in,
    )
