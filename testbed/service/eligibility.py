"""Eligibility of bookings that stand: what is missing for each, and who hears of it early."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import ColumnElement, Connection

from testbed.domain import papers
from testbed.domain.bookings import Booking, State
from testbed.domain.catalogue import Catalogue
from testbed.domain.errors import NotAllowed, NotFound
from testbed.domain.papers import Crew, Demand, Fleet, Missing
from testbed.domain.parties import Member, Role
from testbed.domain.requests import Line, Reason
from testbed.persistence import convert, fleets, partners, store
from testbed.persistence.store import KeptBooking
from testbed.persistence.tables import booking as table
from testbed.service.actors import acts_for_all, require_acts_for
from testbed.service.bookings import as_of
from testbed.service.context import Context
from testbed.service.write import Write

TOLD = "booking.papers_missing"
# What may still be used, so that it matters.
TO_COME = (State.HELD, State.PENDING, State.CONFIRMED)
NOBODY_NAMED = Crew()


@dataclass(frozen=True, slots=True)
class Readiness:
    """What a booking still lacks: papers, and vehicles and drivers to be named.

    `vehicles` is how many are to be named, `needs_driver` whether a driver is; `missing` is judged
    by those who are named, and by the whole fleet as long as nobody is.
    """

    missing: tuple[Reason, ...]
    vehicles: int
    needs_driver: bool
    crew: Crew

    @property
    def codes(self) -> tuple[str, ...]:
        """Everything that is missing by its code, each once."""
        found = dict.fromkeys(each.code for each in self.missing)
        if len(self.crew.vehicles) < self.vehicles:
            found["vehicle_not_named"] = None
        if self.needs_driver and not self.crew.drivers:
            found["driver_not_named"] = None
        return tuple(found)

    @property
    def is_asked(self) -> bool:
        """Whether the booking needs any vehicle or driver at all."""
        return bool(self.vehicles or self.needs_driver or self.missing)


@dataclass(frozen=True, slots=True)
class Lapsing:
    """A booking to come that lacks papers, and the reasons."""

    booking: Booking
    missing: tuple[Reason, ...]


# -- who reads papers --------------------------------------------------------------------------


def may_read(actor: Member, organisation: str) -> bool:
    """Whether the actor sees the vehicles, drivers and papers of the organisation."""
    return acts_for_all(actor) or (
        actor.role in (Role.MEMBER, Role.MANAGER) and actor.organisation == organisation
    )


def require_reads(actor: Member, organisation: str) -> None:
    """Refuse everybody but members, managers and operators, and members of another organisation.

    Raises NotAllowed: "other_organisation", "role_not_here".
    """
    require_acts_for(actor, organisation)
    if not may_read(actor, organisation):
        raise NotAllowed("role_not_here", role=actor.role.value)


# -- one booking -------------------------------------------------------------------------------


def demands(booking: Booking, catalogue: Catalogue) -> Iterator[tuple[Line, Demand]]:
    """What papers each line of a booking demands, but for what an operator set aside."""
    for position, line in enumerate(booking.lines):
        try:
            resource = catalogue.resource(line.resource)
        except NotFound:
            continue
        if papers.is_judged(resource, main=position == 0):
            vehicles = papers.vehicles_asked(resource, line.vehicles)
            profile = catalogue.rules[resource.rule]
            demand = papers.demand_of(resource, profile, vehicles, booking.request.override)
            if demand is not None:
                yield line, demand


def readiness(booking: Booking, catalogue: Catalogue, fleet: Fleet, crew: Crew) -> Readiness:
    """What the booking lacks, judged by its crew."""
    asked = list(demands(booking, catalogue))
    own = fleet.only(crew.vehicles, crew.drivers)
    missing = [
        _reason(line, each) for line, demand in asked for each in _missing(own, line, demand)
    ]
    return Readiness(
        tuple(dict.fromkeys(missing)),
        max((demand.vehicles for _, demand in asked), default=0),
        any(_needs_driver(own, demand) for _, demand in asked),
        crew,
    )


def _missing(fleet: Fleet, line: Line, demand: Demand) -> tuple[Missing, ...]:
    return papers.missing(fleet, demand, line.start, line.start, line.end - line.start)


def _reason(line: Line, missing: Missing) -> Reason:
    return Reason(missing.code, line.resource, missing.fields)


def _needs_driver(fleet: Fleet, demand: Demand) -> bool:
    if not demand.of_drivers:
        return False
    unmanned = all(each.type is papers.VehicleType.C for each in fleet.vehicles)
    return not (demand.by_type and unmanned and papers.PaperKind.BRIEFING not in demand.of_drivers)


def of_booking(ctx: Context, booking: Booking, party: str | None = None) -> Readiness | None:
    """What a booking to come lacks; None where papers are not asked for, or no longer matter.

    Of a joint booking what one `party` lacks, or all of them together.
    """
    if not ctx.policy.eligibility or booking.state not in TO_COME:
        return None
    with ctx.database.reading() as connection:
        found = now_ready(connection, ctx.calendar.content(connection).catalogue, booking, party)
    return found if found.is_asked else None


def now_ready(
    connection: Connection, catalogue: Catalogue, booking: Booking, party: str | None = None
) -> Readiness:
    """What the booking lacks as the transaction sees it; each party answers for its vehicles."""
    crew = fleets.crews(connection, [booking.id]).get(booking.id, NOBODY_NAMED)
    if booking.request.partners:
        brought = partners.brought(connection, booking)
        chosen = brought if party is None else {party: brought.get(party, 0)}
        return _jointly_ready(connection, catalogue, booking, crew, chosen)
    return readiness(booking, catalogue, fleets.load(connection, booking.organisation), crew)


def _jointly_ready(
    connection: Connection,
    catalogue: Catalogue,
    booking: Booking,
    crew: Crew,
    brought: Mapping[str, int],
) -> Readiness:
    found = []
    for party, count in brought.items():
        fleet = fleets.load(connection, party)
        if count:
            found.append(readiness(_with_vehicles(booking, count), catalogue, fleet, crew))
    return Readiness(
        tuple(dict.fromkeys(each for one in found for each in one.missing)),
        sum(one.vehicles for one in found),
        any(one.needs_driver for one in found),
        crew,
    )


def _with_vehicles(booking: Booking, vehicles: int) -> Booking:
    """The booking with the share that one party brings to each of its places."""
    lines = (replace(each, vehicles=min(each.vehicles, vehicles)) for each in booking.lines)
    return replace(booking, lines=tuple(lines))


# -- all that are to come ----------------------------------------------------------------------


def lapsing(
    ctx: Context, now: datetime, actor: Member, organisation: str | None = None
) -> tuple[Lapsing, ...]:
    """The bookings to come whose papers do not suffice, by start; an operator sees everybody's.

    Raises NotAllowed("other_organisation").
    """
    chosen = organisation if acts_for_all(actor) else organisation or actor.organisation
    if chosen is not None:
        require_reads(actor, chosen)
    if not ctx.policy.eligibility:
        return ()
    where = table.c.organisation == chosen if chosen is not None else None
    with ctx.database.reading() as connection:
        catalogue = ctx.calendar.content(connection).catalogue
        found = _lapsing(connection, catalogue, now, where)
    shown = ((as_of(ctx, kept.booking, now), missing) for kept, missing in found)
    return tuple(Lapsing(each, missing) for each, missing in shown if each.state in TO_COME)


def _lapsing(
    connection: Connection,
    catalogue: Catalogue,
    now: datetime,
    where: ColumnElement[bool] | None,
) -> list[tuple[KeptBooking, tuple[Reason, ...]]]:
    coming = table.c.state.in_([each.value for each in TO_COME]) & (table.c.start_at > now)
    found = store.find_bookings(connection, coming if where is None else coming & where)
    crews = fleets.crews(connection, [each.booking.id for each in found])
    own = {
        name: fleets.load(connection, name)
        for name in sorted({each.booking.organisation for each in found})
    }

    def missing_of(booking: Booking) -> tuple[Reason, ...]:
        if booking.request.partners:
            return now_ready(connection, catalogue, booking).missing
        crew = crews.get(booking.id, NOBODY_NAMED)
        return readiness(booking, catalogue, own[booking.organisation], crew).missing

    judged = ((kept, missing_of(kept.booking)) for kept in found)
    return [(kept, missing) for kept, missing in judged if missing]


@contextmanager
def rechecked(write: Write, organisation: str) -> Iterator[None]:
    """Change in the block what an organisation can show; whoever loses by it is told at once.

    The organisation must be locked. No booking is cancelled for it: that is for its members and
    for operators to decide; but nobody checks in without papers.
    """
    before = dict(_now_lapsing(write, organisation))
    yield
    fleets.touch(write.connection, organisation)
    for kept, missing in _now_lapsing(write, organisation).items():
        if set(missing) - set(before.get(kept, ())):
            codes = sorted({each.code for each in missing})
            note = {**about(_booking_of(write, kept)), "missing": codes}
            write.note(TOLD, kept, note)


def _now_lapsing(write: Write, organisation: str) -> dict[str, tuple[Reason, ...]]:
    if not write.ctx.policy.eligibility:
        return {}
    catalogue = write.ctx.calendar.content(write.connection).catalogue
    where = table.c.organisation == organisation
    found = _lapsing(write.connection, catalogue, write.now, where)
    return {kept.booking.id: missing for kept, missing in found}


def _booking_of(write: Write, booking_id: str) -> Booking:
    return store.find_booking(write.connection, booking_id).booking


def about(booking: Booking) -> convert.Json:
    """What a note on a booking holds of it; names of vehicles are nobody else's business."""
    return {
        "organisation": booking.organisation,
        "request": booking.request.id,
        "state": booking.state.value,
        "start": booking.start,
        "end": booking.end,
        "lines": [convert.line_to_json(line) for line in booking.lines],
        "claims": [convert.claim_to_json(claim) for claim in booking.claims],
    }
