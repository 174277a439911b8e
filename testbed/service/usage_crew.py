"""Which vehicles and drivers a record of use may name: those named on the booking first."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Table, case, select

from testbed.domain.parties import Member
from testbed.persistence.paper_tables import crew_driver, crew_vehicle, driver, vehicle
from testbed.service import bookings
from testbed.service.actors import acts_for_all
from testbed.service.context import Context


@dataclass(frozen=True, slots=True)
class Crew:
    """Id and name of each; of a vehicle its name and plate."""

    vehicles: tuple[tuple[str, str], ...]
    drivers: tuple[tuple[str, str], ...]


def crew_of(ctx: Context, booking_id: str, now: datetime, actor: Member) -> Crew:
    """Whom and what one may name, of the actor's organisation. Raises NotFound("booking")."""
    booking = bookings.get(ctx, booking_id, now, actor)
    owner = booking.organisation if acts_for_all(actor) else actor.organisation
    with ctx.database.reading() as connection:
        cars = _known(connection, vehicle, crew_vehicle, booking_id, owner)
        people = _known(connection, driver, crew_driver, booking_id, owner)
    return Crew(cars, people)


def _known(
    connection: Connection, papers: Table, crew: Table, booking_id: str, owner: str
) -> tuple[tuple[str, str], ...]:
    named = select(crew.c[papers.name]).where(crew.c.booking == booking_id)
    first = case((papers.c.id.in_(named), 0), else_=1)
    # A vehicle is known by its plate; two of a fleet share a name.
    said = papers.c.name + " · " + papers.c.plate if "plate" in papers.c else papers.c.name
    query = (
        select(papers.c.id, said)
        .where(papers.c.organisation == owner, papers.c.retired_at.is_(None))
        .order_by(first, papers.c.name, papers.c.id)
    )
    return tuple((name, text) for name, text in connection.execute(query))
