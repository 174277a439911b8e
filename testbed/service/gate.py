"""The gate list: who comes to a site on a day, with whom and in what, for those who open it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import Connection, Row, select

from testbed.domain.bookings import Booking, State
from testbed.domain.catalogue import Catalogue
from testbed.domain.errors import NotFound
from testbed.domain.grid import local_midnight, moment_of
from testbed.domain.parties import Member
from testbed.domain.requests import Line
from testbed.persistence.paper_tables import crew_driver, crew_vehicle, driver, vehicle
from testbed.service import emergency, visits
from testbed.service.actors import require_operator
from testbed.service.context import Context
from testbed.service.emergency import Contact

LET_IN = frozenset({State.CONFIRMED, State.CHECKED_IN, State.COMPLETED})


@dataclass(frozen=True, slots=True)
class Entry:
    """One booking at the gate, with its lines on the site, its people, its plates."""

    booking: Booking
    lines: tuple[Line, ...]
    people: tuple[str, ...]
    plates: tuple[str, ...]
    contact: Contact | None
    arrived_at: datetime | None
    left_at: datetime | None


def at(ctx: Context, site: str, day: date, now: datetime, actor: Member) -> tuple[Entry, ...]:
    """Everybody who is expected on a local day of the site or is there, by start.

    Raises NotAllowed("operators_only"), NotFound("site").
    """
    require_operator(actor)
    catalogue = ctx.catalogue()
    found = catalogue.sites.get(site)
    if found is None:
        raise NotFound("site", id=site)
    first = local_midnight(day, found.zone)
    end = local_midnight(day + timedelta(days=1), found.zone)
    seen = visits.between(ctx, moment_of(first), moment_of(end), now, actor)
    here = [(each, _lines_at(each, site, catalogue, (first, end))) for each in seen.bookings]
    coming = [(each, lines) for each, lines in here if lines and each.state in LET_IN]
    names = [each.id for each, _ in coming]
    calls = emergency.contacts(ctx, names, actor)
    with ctx.database.reading() as connection:
        people, plates = _people(connection, names), _plates(connection, names)
    made = seen.visits
    return tuple(
        Entry(
            booking=each,
            lines=lines,
            people=tuple(people.get(each.id, ())),
            plates=tuple(plates.get(each.id, ())),
            contact=calls.get(each.id),
            arrived_at=made[each.id].arrived_at if each.id in made else None,
            left_at=made[each.id].left_at if each.id in made else None,
        )
        for each, lines in coming
    )


def _lines_at(
    booking: Booking, site: str, catalogue: Catalogue, day: tuple[int, int]
) -> tuple[Line, ...]:
    """The lines on the site that meet the day; of those who are still there, all."""
    places = {each.id: each.site for each in catalogue.resources()}
    return tuple(
        line
        for line in booking.lines
        if places.get(line.resource) == site and line.start < day[1] and line.end > day[0]
    )


def _people(connection: Connection, names: list[str]) -> dict[str, list[str]]:
    query = (
        select(crew_driver.c.booking, driver.c.name)
        .join(driver, driver.c.id == crew_driver.c.driver)
        .where(crew_driver.c.booking.in_(names))
        .order_by(driver.c.name)
    )
    return _grouped(connection.execute(query).all())


def _plates(connection: Connection, names: list[str]) -> dict[str, list[str]]:
    query = (
        select(crew_vehicle.c.booking, vehicle.c.plate)
        .join(vehicle, vehicle.c.id == crew_vehicle.c.vehicle)
        .where(crew_vehicle.c.booking.in_(names))
        .order_by(vehicle.c.plate)
    )
    return _grouped(connection.execute(query).all())


def _grouped(rows: Iterable[Row[str, str]]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for booking, said in rows:
        found.setdefault(booking, []).append(said)
    return found
