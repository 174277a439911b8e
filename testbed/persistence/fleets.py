"""Rows of vehicles, drivers and papers, and the fleet that eligibility is judged by."""

import secrets
from collections.abc import Collection, Iterable
from typing import Any

from sqlalchemy import Connection, Row, bindparam, delete, insert, select

from testbed.domain.ledger import Ledger
from testbed.domain.papers import Crew, Fleet, Paper, PaperKind, Vehicle, VehicleType
from testbed.persistence import convert
from testbed.persistence.conflicts import insert_into
from testbed.persistence.paper_tables import crew_driver, crew_vehicle, driver, paper, vehicle
from testbed.persistence.paper_tables import fleet as fleets

ACCEPTED = "accepted"
REVISION_BYTES = 12


def inform(connection: Connection, ledger: Ledger, organisation: str) -> None:
    """Let a ledger know an organisation's fleet, read anew only where that has changed.

    The revision is read before the rows: if they change in between, the next reading notices.
    """
    revision = connection.execute(_REVISION, {"organisation": organisation}).scalar() or ""
    if ledger.fleet_revision(organisation) != revision:
        ledger.replace_fleet(organisation, load(connection, organisation), revision)


def load(connection: Connection, organisation: str) -> Fleet:
    """What the organisation can show: who is not retired, and its accepted papers."""
    asked = {"organisation": organisation}
    vehicles = connection.execute(_VEHICLES, asked).all()
    drivers = connection.execute(_DRIVERS, asked).scalars().all()
    papers = connection.execute(_PAPERS, asked).all()
    return Fleet(
        tuple(Vehicle(row.id, VehicleType(row.type), row.name) for row in vehicles),
        tuple(drivers),
        tuple(paper_of(row) for row in papers),
    )


def paper_of(row: Row[*tuple[Any, ...]]) -> Paper:
    """A row of the table as the rules see it."""
    return Paper(
        id=row.id,
        kind=PaperKind(row.kind),
        valid_from=row.valid_from,
        valid_until=row.valid_until,
        vehicle=row.vehicle,
        driver=row.driver,
        site=row.site,
        covers=tuple(convert.load(row.covers)),
    )


def touch(connection: Connection, organisation: str) -> None:
    """Give the fleet a new revision; random, so that one that was rolled back never comes again."""
    revision = secrets.token_hex(REVISION_BYTES)
    row = {"organisation": organisation, "revision": revision}
    added = insert_into(connection, fleets).values(row)
    connection.execute(added.on_conflict_do_update(index_elements=["organisation"], set_=row))


# -- who is named on bookings ------------------------------------------------------------------


def crews(connection: Connection, bookings: Collection[str]) -> dict[str, Crew]:
    """The crews of the bookings that have one, by booking."""
    if not bookings:
        return {}
    named: dict[str, tuple[list[str], list[str]]] = {}
    vehicles = select(crew_vehicle.c.booking, crew_vehicle.c.vehicle.label("who"))
    drivers = select(crew_driver.c.booking, crew_driver.c.driver.label("who"))
    for place, query in enumerate((vehicles, drivers)):
        of_these = query.where(query.selected_columns.booking.in_(bookings))
        for booking, who in connection.execute(of_these):
            named.setdefault(booking, ([], []))[place].append(who)
    return {
        booking: Crew(tuple(sorted(vehicles)), tuple(sorted(drivers)))
        for booking, (vehicles, drivers) in named.items()
    }


def replace_crew(connection: Connection, booking: str, crew: Crew, organisation: str) -> None:
    """Name these vehicles and drivers of an organisation on the booking, and no others of it."""
    for table, named, owned in (
        (crew_vehicle, crew_vehicle.c.vehicle, vehicle),
        (crew_driver, crew_driver.c.driver, driver),
    ):
        own = select(owned.c.id).where(owned.c.organisation == organisation)
        connection.execute(delete(table).where(table.c.booking == booking, named.in_(own)))
    _insert(connection, crew_vehicle, ({"booking": booking, "vehicle": v} for v in crew.vehicles))
    _insert(connection, crew_driver, ({"booking": booking, "driver": d} for d in crew.drivers))


def _insert(connection: Connection, table: Any, rows: Iterable[dict[str, str]]) -> None:
    listed = list(rows)
    if listed:
        connection.execute(insert(table), listed)


# -- statements: built once, since building costs more than running them -----------------------

_REVISION = select(fleets.c.revision).where(fleets.c.organisation == bindparam("organisation"))
_VEHICLES = (
    select(vehicle)
    .where(vehicle.c.organisation == bindparam("organisation"), vehicle.c.retired_at.is_(None))
    .order_by(vehicle.c.id)
)
_DRIVERS = (
    select(driver.c.id)
    .where(driver.c.organisation == bindparam("organisation"), driver.c.retired_at.is_(None))
    .order_by(driver.c.id)
)
_PAPERS = (
    select(paper)
    .where(paper.c.organisation == bindparam("organisation"), paper.c.state == ACCEPTED)
    .order_by(paper.c.id)
)
