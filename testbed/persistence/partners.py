"""Rows of joint bookings: who takes part beside the organisation that asked."""

from collections.abc import Collection, Mapping
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, insert, or_, select, update

from testbed.domain.bookings import Booking
from testbed.domain.requests import NeedType
from testbed.domain.sharing import shares
from testbed.persistence.conflicts import insert_missing
from testbed.persistence.tables import booking as bookings
from testbed.persistence.together_tables import partner

TAKING_PART = ("invited", "accepted")


def invite(connection: Connection, booking: Booking) -> None:
    """Invite the partners of a new booking, its vehicles shared out evenly."""
    request = booking.request
    if not request.partners:
        return
    shared = shares(vehicles_of(booking), (request.organisation, *request.partners))
    rows = [
        {
            "booking": booking.id,
            "organisation": each,
            "state": "invited",
            "vehicles": shared[each],
        }
        for each in request.partners
    ]
    connection.execute(insert(partner), rows)


def invite_one(connection: Connection, booking: Booking, organisation: str) -> None:
    """Invite one more partner, again where it declined before; vehicles are shared out later."""
    mine = {"booking": booking.id, "organisation": organisation}
    insert_missing(connection, partner, [{**mine, "state": "invited", "vehicles": 0}])
    again = (partner.c.booking == booking.id) & (partner.c.organisation == organisation)
    values = {"state": "invited", "vehicles": 0, "answered_at": None}
    connection.execute(update(partner).where(again).values(values))
    taking = (booking.request.organisation, *booking.request.partners)
    shared = shares(vehicles_of(booking), taking)
    share(connection, booking.id, {each: shared[each] for each in booking.request.partners})


def vehicles_of(booking: Booking) -> int:
    """The vehicles of its main need; a facility asked for alone is visited by one."""
    main = booking.request.needs[0]
    return main.vehicles if main.type is NeedType.ROUTE else 1


def taking_part(connection: Connection, names: Collection[str]) -> dict[str, tuple[str, ...]]:
    """The partners who take part in these bookings now, by booking."""
    query = select(partner.c.booking, partner.c.organisation).where(
        partner.c.booking.in_(names), partner.c.state.in_(TAKING_PART)
    )
    found: dict[str, tuple[str, ...]] = dict.fromkeys(names, ())
    for name, organisation in connection.execute(query.order_by(partner.c.organisation)):
        found[name] += (organisation,)
    return found


def involves(organisation: str) -> ColumnElement[bool]:
    """The bookings in which an organisation takes part: its own, and as a partner."""
    joint = select(partner.c.booking).where(
        partner.c.organisation == organisation, partner.c.state.in_(TAKING_PART)
    )
    return or_(bookings.c.organisation == organisation, bookings.c.id.in_(joint))


def answer(
    connection: Connection, booking_id: str, organisation: str, state: str, now: datetime
) -> None:
    """Note what a partner answered; who takes no part brings no vehicles."""
    values: dict[str, object] = {"state": state, "answered_at": now}
    if state not in TAKING_PART:
        values["vehicles"] = 0
    mine = (partner.c.booking == booking_id) & (partner.c.organisation == organisation)
    connection.execute(update(partner).where(mine).values(values))


def unanswered(connection: Connection, booking: Booking) -> tuple[str, ...]:
    """The partners of a booking that have not answered yet."""
    if not booking.request.partners:
        return ()
    waits = (partner.c.booking == booking.id) & (partner.c.state == "invited")
    query = select(partner.c.organisation).where(waits).order_by(partner.c.organisation)
    return tuple(connection.execute(query).scalars())


def has_accepted(connection: Connection, booking_id: str, organisation: str) -> bool:
    """Whether an organisation takes part in a booking and has said so."""
    mine = (partner.c.booking == booking_id) & (partner.c.organisation == organisation)
    query = select(partner.c.booking).where(mine, partner.c.state == "accepted")
    return connection.execute(query).first() is not None


def brought(connection: Connection, booking: Booking) -> dict[str, int]:
    """The vehicles that each party of a joint booking brings, its own organisation first."""
    mine = (partner.c.booking == booking.id) & partner.c.state.in_(TAKING_PART)
    query = select(partner.c.organisation, partner.c.vehicles).where(mine)
    found = {row.organisation: row.vehicles for row in connection.execute(query)}
    left = max(0, vehicles_of(booking) - sum(found.values()))
    return {booking.organisation: left, **found}


def joint_of(connection: Connection, organisation: str) -> frozenset[str]:
    """The bookings of others in which an organisation takes part."""
    query = select(partner.c.booking).where(
        partner.c.organisation == organisation, partner.c.state.in_(TAKING_PART)
    )
    return frozenset(connection.execute(query).scalars())


def share(connection: Connection, booking_id: str, vehicles: Mapping[str, int]) -> None:
    """Set how many vehicles each of these partners brings."""
    for organisation, count in sorted(vehicles.items()):
        mine = (partner.c.booking == booking_id) & (partner.c.organisation == organisation)
        connection.execute(update(partner).where(mine).values(vehicles=count))
