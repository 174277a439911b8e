"""By which fees a booking is charged: those in force when what is booked was last decided.

A later catalogue changes no booking that stands. The records tell: the last audit row that changed
a booking's lines says when, and the versions of the catalogue say what was in force then.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection, select

from testbed.domain.bookings import Booking
from testbed.domain.catalogue import Catalogue
from testbed.domain.errors import NotFound
from testbed.domain.fees import Charge, charges
from testbed.domain.requests import Line
from testbed.persistence import catalogues, convert
from testbed.persistence.tables import audit, catalogue_version, organisation
from testbed.service.context import Context


class Version(NamedTuple):
    """A version of the catalogue and since when it was in force."""

    number: int
    since: datetime


@dataclass(frozen=True, slots=True)
class Tariff:
    """The catalogue that a booking is charged by, and the type of who pays."""

    catalogue: Catalogue
    payer: str

    def charges(self, lines: Iterable[Line]) -> tuple[Charge, ...]:
        """What each line costs; none where a place was never in this catalogue."""
        try:
            return charges(lines, self.payer, self.catalogue)
        except NotFound:
            return ()


def of_listed(ctx: Context, bookings: Collection[Booking]) -> dict[str, Tariff]:
    """The tariffs that these bookings are charged by, by their ids."""
    with ctx.database.reading() as connection:
        return of_bookings(ctx, connection, bookings)


def of_bookings(
    ctx: Context, connection: Connection, bookings: Collection[Booking]
) -> dict[str, Tariff]:
    """The same, read on a connection that is open."""
    if not bookings:
        return {}
    versions = _versions(connection)
    now_in_force = versions[-1]
    older = [each.id for each in bookings if each.request.submitted_at < now_in_force.since]
    decided = _decided_at(connection, older) if len(versions) > 1 else {}
    types = _types(connection, {each.organisation for each in bookings})
    tariffs = {}
    for each in bookings:
        at = decided.get(each.id)
        version = now_in_force if at is None else _in_force(versions, at)
        content = (
            ctx.calendar.content(connection)
            if version is now_in_force
            else catalogues.load(connection, version.number)
        )
        known = {party.id: party.type for party in content.organisations}
        payer = known.get(each.organisation, types[each.organisation])
        tariffs[each.id] = Tariff(content.catalogue, payer)
    return tariffs


def _versions(connection: Connection) -> list[Version]:
    """Every version, the one now in force last."""
    query = select(catalogue_version.c.id, catalogue_version.c.imported_at)
    rows = connection.execute(query.order_by(catalogue_version.c.id))
    return [Version(row.id, row.imported_at) for row in rows]


def _in_force(versions: list[Version], at: datetime) -> Version:
    """The version in force at a moment: nothing was booked before the first."""
    return next((each for each in reversed(versions) if each.since <= at), versions[0])


def _decided_at(connection: Connection, names: Collection[str]) -> dict[str, datetime]:
    """When the lines of bookings were last changed."""
    query = select(audit.c.subject, audit.c.at, audit.c.document).where(audit.c.subject.in_(names))
    lines: dict[str, object] = {}
    decided: dict[str, datetime] = {}
    rows = connection.execute(
        query.where(audit.c.action.startswith("booking.")).order_by(audit.c.id)
    )
    for row in rows:
        booked = convert.load(row.document).get("lines")
        if booked is not None and booked != lines.get(row.subject):
            lines[row.subject], decided[row.subject] = booked, row.at
    return decided


def _types(connection: Connection, names: Collection[str]) -> dict[str, str]:
    query = select(organisation.c.id, organisation.c.type).where(organisation.c.id.in_(names))
    return {row.id: row.type for row in connection.execute(query)}
