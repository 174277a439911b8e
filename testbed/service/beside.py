"""Who else is on a shared route at the time of a booking, as far as both sides allow."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, or_, select

from testbed.domain.bookings import OCCUPYING, Booking
from testbed.domain.catalogue import Catalogue
from testbed.domain.parties import Member
from testbed.domain.sharing import parties
from testbed.persistence.tables import booking as bookings
from testbed.persistence.tables import line
from testbed.persistence.together_tables import sharing
from testbed.service.actors import acts_for_all
from testbed.service.context import Context


@dataclass(frozen=True, slots=True)
class Beside:
    """Vehicles of others on the same roads meanwhile, and who of them may be named."""

    vehicles: int = 0
    organisations: tuple[str, ...] = ()


def of_booking(ctx: Context, booking: Booking, now: datetime, actor: Member) -> Beside:
    """Who else is there, for whoever sees the booking.

    An organisation is named where it lets itself be named and the booking's own does so too;
    operators see every name.
    """
    if not booking.occupies:
        return Beside()
    with ctx.database.reading() as connection:
        catalogue = ctx.calendar.content(connection).catalogue
        found = _others(ctx, connection, booking, catalogue, now)
        named = frozenset(each for each, _ in found)
        if not acts_for_all(actor):
            named = _named(connection, booking, named)
    vehicles = sum(count for _, count in found)
    return Beside(vehicles, tuple(sorted(named)))


def _others(
    ctx: Context, connection: Connection, booking: Booking, catalogue: Catalogue, now: datetime
) -> list[tuple[str, int]]:
    """(organisation, vehicles) of the others' lines on roads that this booking shares."""
    found: dict[tuple[str, int], tuple[str, int]] = {}
    states = or_(*(ctx.deadlines.shows(state, now) for state in sorted(OCCUPYING)))
    for each in booking.lines:
        roads = _roads(each.resource, catalogue)
        query = (
            select(line.c.booking, line.c.position, bookings.c.organisation, line.c.vehicles)
            .join(bookings, bookings.c.id == line.c.booking)
            .where(line.c.resource.in_(roads), line.c.booking != booking.id, states)
            .where(line.c.start_grain < each.end, line.c.end_grain > each.start)
            .where(bookings.c.organisation.not_in(sorted(parties(booking.request))))
        )
        for name, position, organisation, vehicles in connection.execute(query):
            found[name, position] = organisation, vehicles
    return list(found.values())


def _roads(resource: str, catalogue: Catalogue) -> Iterable[str]:
    """The route and those that share its corridor; none for a facility."""
    route = catalogue.routes.get(resource)
    if route is None:
        return ()
    corridor = catalogue.corridors.get(route.corridor or "")
    return sorted(corridor.routes) if corridor else (resource,)


def _named(connection: Connection, booking: Booking, others: frozenset[str]) -> frozenset[str]:
    shown = select(sharing.c.organisation).where(sharing.c.shows_name)
    open_to_all = frozenset(connection.execute(shown).scalars())
    return others & open_to_all if booking.organisation in open_to_all else frozenset()
