"""Who reads a notice: small rules over what was noted, each answering members.

A rule takes the connection and the note. Whoever is told by two of them is told once.
"""

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, and_, select

from testbed.domain.parties import Role
from testbed.persistence import convert
from testbed.persistence.tables import booking, member, request
from testbed.persistence.together_tables import booked_for

_ASKED = "member:"


@dataclass(frozen=True, slots=True)
class Told:
    """What was noted: `subject` is the booking or other thing that `document` is about."""

    id: int
    at: datetime
    kind: str
    subject: str
    document: convert.Json


@dataclass(frozen=True, slots=True)
class Reader:
    """Who reads a mail, and in which language."""

    id: int
    email: str
    language: str


Rule = Callable[[Connection, Told], Iterable[Reader]]


# -- the rules -------------------------------------------------------------------------------


def nobody(_: Connection, __: Told) -> Iterable[Reader]:
    """Nobody by mail; webhooks hear of it."""
    return ()


def the_asker(connection: Connection, note: Told) -> Iterable[Reader]:
    """Whoever asked for the booking; where that was nobody of the organisation, its managers."""
    document = note.document
    asked = _asker_of_request(connection, document["request"])
    return readers_of(connection, asked, document["organisation"])


def the_owner(connection: Connection, note: Told) -> Iterable[Reader]:
    """The member whose number stands under `owner`."""
    return readers_of(connection, str(note.document["owner"]), None)


def the_member(connection: Connection, note: Told) -> Iterable[Reader]:
    """The member whose number stands under `member`."""
    return readers_of(connection, str(note.document["member"]), None)


def the_managers(connection: Connection, note: Told) -> Iterable[Reader]:
    """The managers of the note's `organisation`."""
    return managers_of(connection, [note.document["organisation"]])


def the_keepers(connection: Connection, note: Told) -> Iterable[Reader]:
    """The managers of the note's `organisation`; where it names none, the operators."""
    named = "organisation" in note.document
    return (the_managers if named else the_operators)(connection, note)


def the_partners(connection: Connection, note: Told) -> Iterable[Reader]:
    """The managers of the other organisations of a joint booking, under `partners`."""
    return managers_of(connection, note.document.get("partners", ()))


def the_operators(connection: Connection, _: Told) -> Iterable[Reader]:
    """Every operator."""
    return _found(connection, member.c.role == Role.OPERATOR.value)


def the_booked(connection: Connection, note: Told) -> Iterable[Reader]:
    """Whoever asked for one of the `bookings`, given by id."""
    of_these = booking.c.id.in_(list(note.document["bookings"]))
    query = select(request.c.actor, booking.c.organisation).join(
        request, request.c.id == booking.c.request
    )
    for row in connection.execute(query.where(of_these)).all():
        yield from readers_of(connection, row.actor.removeprefix(_ASKED), row.organisation)


# -- finding members -------------------------------------------------------------------------


def together(connection: Connection, note: Told, rules: Iterable[Rule]) -> tuple[Reader, ...]:
    """Everybody whom one of the rules names, once, by number."""
    found = {reader.id: reader for rule in rules for reader in rule(connection, note)}
    return tuple(found[each] for each in sorted(found))


def readers_of(
    connection: Connection, member_id: str, organisation: str | None
) -> tuple[Reader, ...]:
    """The member, if active and of the organisation; else the organisation's managers."""
    one = member.c.id == (int(member_id) if member_id.isdecimal() else 0)
    if organisation is None:
        return _found(connection, one)
    mine = _found(connection, one & (member.c.organisation == organisation))
    return mine or managers_of(connection, [organisation])


def managers_of(connection: Connection, organisations: Collection[str]) -> tuple[Reader, ...]:
    """The active managers of the organisations."""
    of_these = member.c.organisation.in_(list(organisations))
    return _found(connection, and_(of_these, member.c.role == Role.MANAGER.value))


def operators_of(connection: Connection, organisations: Collection[str]) -> tuple[Reader, ...]:
    """The active operators of the organisations."""
    of_these = member.c.organisation.in_(list(organisations))
    return _found(connection, and_(of_these, member.c.role == Role.OPERATOR.value))


def by_ids(connection: Connection, ids: Collection[int]) -> tuple[Reader, ...]:
    """The active ones of these members."""
    return _found(connection, member.c.id.in_(list(ids)))


def _asker_of_request(connection: Connection, request_id: str) -> str:
    """The member who asked, or for whom an operator did."""
    booked = select(booked_for.c.member).where(booked_for.c.request == request_id)
    theirs = connection.execute(booked).scalar_one_or_none()
    if theirs is not None:
        return str(theirs)
    query = select(request.c.actor).where(request.c.id == request_id)
    return str(connection.execute(query).scalar_one()).removeprefix(_ASKED)


def _found(connection: Connection, where: ColumnElement[bool]) -> tuple[Reader, ...]:
    query = select(member.c.id, member.c.email, member.c.language).where(member.c.active, where)
    rows = connection.execute(query.order_by(member.c.id))
    return tuple(Reader(row.id, row.email, row.language) for row in rows)
