"""Booking on behalf: an operator asks in an organisation's name, for a member who is told."""

from dataclasses import dataclass

from sqlalchemy import Connection, insert, select

from testbed.domain.bookings import Booking
from testbed.domain.errors import InvalidRequest
from testbed.domain.parties import Member, Role
from testbed.domain.requests import Request
from testbed.persistence.tables import member
from testbed.persistence.together_tables import booked_for as table
from testbed.service.actors import acts_for_all, name_of, require_operator
from testbed.service.context import Context
from testbed.service.write import Write

_BOOK = member.c.active & member.c.role.in_((Role.MEMBER.value, Role.MANAGER.value))


@dataclass(frozen=True, slots=True)
class BookedFor:
    """For whom an operator booked."""

    member: int
    name: str


def require_one_of_theirs(write: Write, request: Request, for_member: int | None) -> None:
    """Refuse to book for somebody who does not book for the organisation.

    Raises NotAllowed("operators_only"), InvalidRequest("member_elsewhere").
    """
    if for_member is None:
        return
    require_operator(write.actor)
    theirs = _who_books(write.connection, request.organisation)
    if for_member not in {each.member for each in theirs}:
        raise InvalidRequest("member_elsewhere", member=for_member)


def note(write: Write, request: Request, for_member: int | None) -> None:
    """Keep for whom the operator asked."""
    if for_member is not None:
        row = {"request": request.id, "member": for_member, "operator": name_of(write.actor)}
        write.connection.execute(insert(table), row)


def of_booking(ctx: Context, booking: Booking, reader: Member) -> BookedFor | None:
    """For whom the booking was made, where an operator made it.

    None too for a reader of a partner organisation: the names of people are their own's business.
    """
    if not acts_for_all(reader) and reader.organisation != booking.organisation:
        return None
    mine = table.c.request == booking.request.id
    query = select(member.c.id, member.c.name).join(table, table.c.member == member.c.id)
    with ctx.database.reading() as connection:
        row = connection.execute(query.where(mine)).one_or_none()
    return None if row is None else BookedFor(row.id, row.name)


def choices(ctx: Context, actor: Member) -> dict[str, tuple[BookedFor, ...]]:
    """The members for whom an operator may book, by organisation.

    Raises NotAllowed("operators_only").
    """
    require_operator(actor)
    query = select(member.c.id, member.c.name, member.c.organisation).where(_BOOK)
    found: dict[str, tuple[BookedFor, ...]] = {}
    with ctx.database.reading() as connection:
        for number, name, organisation in connection.execute(query.order_by(member.c.name)):
            found[organisation] = (*found.get(organisation, ()), BookedFor(number, name))
    return found


def _who_books(connection: Connection, organisation: str) -> tuple[BookedFor, ...]:
    """The active members of an organisation who book."""
    query = select(member.c.id, member.c.name).where(member.c.organisation == organisation, _BOOK)
    return tuple(BookedFor(row.id, row.name) for row in connection.execute(query))
