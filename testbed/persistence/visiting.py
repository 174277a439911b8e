"""Rows of visits and overruns, and of what is kept for an emergency."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import Connection, delete, insert, literal_column, select, update

from testbed.domain.visits import Ending, Visit
from testbed.persistence.conflicts import insert_into, insert_missing
from testbed.persistence.tables import booking as bookings
from testbed.persistence.visit_tables import emergency_contact, entry_instruction, overrun, visit

# Literal, so that the partial index serves.
CHECKED_IN = bookings.c.state == literal_column("'checked_in'")


def arrive(connection: Connection, booking: str, now: datetime, actor: str) -> None:
    """Note that an organisation has come."""
    row = {"booking": booking, "arrived_at": now, "arrived_by": actor}
    connection.execute(insert(visit), row)


def leave(connection: Connection, booking: str, now: datetime, actor: str, how: Ending) -> None:
    """Note that a visit has ended."""
    mine = update(visit).where(visit.c.booking == booking)
    connection.execute(mine.values(left_at=now, left_by=actor, ending=how.value))


def visits_of(connection: Connection, names: Collection[str]) -> dict[str, Visit]:
    """The visits of these bookings, by booking."""
    query = select(visit).where(visit.c.booking.in_(names))
    return {
        row.booking: Visit(
            row.booking, row.arrived_at, row.left_at, Ending(row.ending) if row.ending else None
        )
        for row in connection.execute(query)
    }


# -- overruns --------------------------------------------------------------------------------


def tell(connection: Connection, booking: str, following: str, now: datetime) -> bool:
    """Note that the next one is told of an overrun; False where it was before."""
    known = select(overrun.c.told_at).where(
        overrun.c.booking == booking, overrun.c.following == following
    )
    if connection.execute(known).first() is not None:
        return False
    row = {"booking": booking, "following": following, "told_at": now}
    insert_missing(connection, overrun, [row])
    return True


def overrun_by(connection: Connection, following: str) -> list[str]:
    """The bookings, still there past their end, that keep this one from its place."""
    query = (
        select(overrun.c.booking)
        .join(bookings, bookings.c.id == overrun.c.booking)
        .where(overrun.c.following == following, CHECKED_IN)
    )
    return list(connection.execute(query.order_by(overrun.c.booking)).scalars())


# -- emergencies -----------------------------------------------------------------------------


def save_contact(
    connection: Connection, booking: str, name: str, phone: str, now: datetime
) -> None:
    """Keep whom to call for a booking, in place of whoever was kept before."""
    row = {"booking": booking, "name": name, "phone": phone, "saved_at": now}
    statement = insert_into(connection, emergency_contact).values(row)
    fresh = {key: row[key] for key in ("name", "phone", "saved_at")}
    connection.execute(statement.on_conflict_do_update(index_elements=["booking"], set_=fresh))


def contacts_of(connection: Connection, names: Collection[str]) -> dict[str, tuple[str, str]]:
    """Name and phone to call, by booking."""
    query = select(emergency_contact).where(emergency_contact.c.booking.in_(names))
    return {row.booking: (row.name, row.phone) for row in connection.execute(query)}


def forget_contacts(connection: Connection, ended_before: datetime) -> int:
    """Delete the contacts of bookings that ended before then; returns how many."""
    over = select(bookings.c.id).where(bookings.c.end_at < ended_before)
    old = delete(emergency_contact).where(emergency_contact.c.booking.in_(over))
    return connection.execute(old).rowcount


def save_instructions(
    connection: Connection, site: str, texts: tuple[str, str], now: datetime, actor: str
) -> None:
    """Keep how one enters a site, in Korean and English, in place of what was kept before."""
    korean, english = texts
    row = {
        "site": site,
        "text_ko": korean,
        "text_en": english,
        "saved_at": now,
        "saved_by": actor,
    }
    statement = insert_into(connection, entry_instruction).values(row)
    fresh = {key: value for key, value in row.items() if key != "site"}
    connection.execute(statement.on_conflict_do_update(index_elements=["site"], set_=fresh))


def instructions_of(connection: Connection, sites: Collection[str]) -> dict[str, tuple[str, str]]:
    """How one enters, in Korean and English, by site."""
    query = select(entry_instruction).where(entry_instruction.c.site.in_(sites))
    return {row.site: (row.text_ko, row.text_en) for row in connection.execute(query)}
