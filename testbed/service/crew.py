"""The crew of a booking: the vehicles and drivers that come, named until a cut-off before it."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, Table, select

from testbed.domain.bookings import Booking
from testbed.domain.errors import IllegalTransition, InvalidRequest, NotFound
from testbed.domain.grid import moment_of
from testbed.domain.papers import Crew
from testbed.domain.parties import Member
from testbed.persistence import convert, fleets, store
from testbed.persistence.paper_tables import crew_driver, crew_vehicle, driver, vehicle
from testbed.persistence.store import KeptBooking
from testbed.service import bookings
from testbed.service.actors import acts_for_all, require_operator, require_sees_booking
from testbed.service.context import Context
from testbed.service.eligibility import TO_COME, about, now_ready
from testbed.service.terms import ANY, Terms, named, once
from testbed.service.write import Write, run

LONGEST_REASON = 500
MOST_NAMED = 40


@dataclass(frozen=True, slots=True)
class NamedVehicle:
    """A vehicle named on a booking; `plate` is for the organisation, the gate and operators."""

    id: str
    name: str
    plate: str


@dataclass(frozen=True, slots=True)
class NamedDriver:
    """A driver named on a booking."""

    id: str
    name: str
    contact: str


@dataclass(frozen=True, slots=True)
class NamedCrew:
    """The crew of a booking as people read it."""

    vehicles: tuple[NamedVehicle, ...] = ()
    drivers: tuple[NamedDriver, ...] = ()


def closes(booking: Booking, hours: int) -> datetime:
    """Until when the organisation itself may name its crew.

    What was asked for after the cut-off may be completed until it starts.
    """
    start = moment_of(booking.start)
    cutoff = start - timedelta(hours=hours)
    return start if booking.request.submitted_at > cutoff else cutoff


def name(
    ctx: Context,
    booking_id: str,
    crew: Crew,
    now: datetime,
    actor: Member,
    *,
    terms: Terms = ANY,
) -> Crew:
    """Name the vehicles and drivers of a booking, instead of those named before.

    A partner of a joint booking names its own, and leaves those of others as they are.

    Raises NotFound: "booking", "vehicle", "driver"; IllegalTransition: "crew_closed" after the
    cut-off (operators may still), "crew_over"; Stale("version_changed"); InvalidRequest.
    """
    wanted = Crew(tuple(sorted(set(crew.vehicles))), tuple(sorted(set(crew.drivers))))
    if max(len(wanted.vehicles), len(wanted.drivers)) > MOST_NAMED:
        raise InvalidRequest("too_many_named", most=MOST_NAMED)
    asked: convert.Json = {"crew": booking_id, **_listed(wanted)}
    key = None if terms.key is None else named(actor, terms.key, asked)

    def work(write: Write) -> Crew:
        kept = bookings.locked(write, booking_id, by_partners=True)
        return once(
            write,
            key,
            lambda: _named(write, kept, wanted, terms),
            lambda _: asked,
            lambda _: wanted,
        )

    return run(ctx, now, actor, work)


def _named(write: Write, kept: KeptBooking, crew: Crew, terms: Terms) -> Crew:
    terms.admit(kept)
    booking = bookings.as_of(write.ctx, kept.booking, write.now)
    _require_open(write, booking)
    party = party_of(write.actor, booking)
    for table, wanted, code in (
        (vehicle, crew.vehicles, "vehicle"),
        (driver, crew.drivers, "driver"),
    ):
        known = _of_organisation(write.connection, table, wanted, party)
        for each in wanted:
            if each not in known:
                raise NotFound(code, id=each)
    fleets.replace_crew(write.connection, booking.id, crew, party)
    said = {**about(booking), "party": party, **_listed(crew)}
    write.note("booking.crew_named", booking.id, said)
    return crew


def party_of(actor: Member, booking: Booking) -> str:
    """Whose vehicles and drivers the actor names: a partner its own, everybody else the owner's."""
    joins = actor.organisation in booking.request.partners and not acts_for_all(actor)
    return actor.organisation if joins else booking.organisation


def _require_open(write: Write, booking: Booking) -> None:
    if booking.state not in TO_COME:
        raise IllegalTransition("crew_over", booking=booking.id, state=booking.state.value)
    closed = closes(booking, write.ctx.policy.crew_cutoff_hours)
    if write.now > closed and not acts_for_all(write.actor):
        raise IllegalTransition("crew_closed", booking=booking.id, closed=closed.isoformat())


def _of_organisation(
    connection: Connection, table: Table, wanted: Collection[str], organisation: str
) -> frozenset[str]:
    """Those of the ids that the organisation has and has not retired."""
    own = (table.c.organisation == organisation) & table.c.retired_at.is_(None)
    query = select(table.c.id).where(own, table.c.id.in_(wanted))
    return frozenset(connection.execute(query).scalars()) if wanted else frozenset()


def _listed(crew: Crew) -> convert.Json:
    return {"vehicles": list(crew.vehicles), "drivers": list(crew.drivers)}


# -- reading -----------------------------------------------------------------------------------


def of_booking(ctx: Context, booking_id: str, actor: Member) -> NamedCrew:
    """The crew of a booking; the parties of a joint one see their own people alone.

    Raises NotFound("booking"), also for one of another organisation.
    """
    own = None if acts_for_all(actor) else actor.organisation
    with ctx.database.reading() as connection:
        kept = store.find_booking(connection, booking_id)
        require_sees_booking(actor, kept.booking)
        return of_bookings(connection, [booking_id], own).get(booking_id, NamedCrew())


def of_bookings(
    connection: Connection, booking_ids: Collection[str], organisation: str | None = None
) -> dict[str, NamedCrew]:
    """The crews of bookings that the reader may see, by booking; without one it is left out.

    Those of one organisation, or everybody's.
    """
    cars = (
        select(crew_vehicle.c.booking, vehicle)
        .join(vehicle, vehicle.c.id == crew_vehicle.c.vehicle)
        .where(crew_vehicle.c.booking.in_(booking_ids))
    )
    people = (
        select(crew_driver.c.booking, driver)
        .join(driver, driver.c.id == crew_driver.c.driver)
        .where(crew_driver.c.booking.in_(booking_ids))
    )
    if organisation is not None:
        cars = cars.where(vehicle.c.organisation == organisation)
        people = people.where(driver.c.organisation == organisation)
    found: dict[str, tuple[list[NamedVehicle], list[NamedDriver]]] = {}
    for row in connection.execute(cars.order_by(vehicle.c.name, vehicle.c.id)):
        own = NamedVehicle(row.id, row.name, row.plate)
        found.setdefault(row.booking, ([], []))[0].append(own)
    for row in connection.execute(people.order_by(driver.c.name, driver.c.id)):
        person = NamedDriver(row.id, row.name, row.contact)
        found.setdefault(row.booking, ([], []))[1].append(person)
    return {key: NamedCrew(tuple(v), tuple(d)) for key, (v, d) in found.items()}


# -- at check-in -------------------------------------------------------------------------------


def require_complete(write: Write, booking: Booking, aside: str | None) -> None:
    """Refuse to check in what lacks papers or crew, unless an operator wrote why it may.

    Raises IllegalTransition("crew_incomplete"), NotAllowed("operators_only"),
    InvalidRequest("override_without_reason").
    """
    if not write.ctx.policy.eligibility:
        return
    if aside is not None:
        require_operator(write.actor)
    catalogue = write.ctx.calendar.content(write.connection).catalogue
    codes = now_ready(write.connection, catalogue, booking).codes
    if not codes:
        return
    if aside is None:
        raise IllegalTransition("crew_incomplete", booking=booking.id, missing=", ".join(codes))
    why = " ".join(aside.split())
    if not 0 < len(why) <= LONGEST_REASON or not why.isprintable():
        raise InvalidRequest("override_without_reason", longest=LONGEST_REASON)
    said = {**about(booking), "rules": list(codes), "reason": why}
    write.note("booking.crew_set_aside", booking.id, said)
