"""The crew on a booking's page: what is missing, who is named, and the form to name them."""

from collections.abc import Iterable
from dataclasses import dataclass

from testbed.domain.bookings import Booking, State, check_in_span
from testbed.service import crew, drivers, eligibility, vehicles
from testbed.service.actors import acts_for_all
from testbed.service.crew import NamedCrew
from testbed.service.drivers import KeptDriver
from testbed.service.eligibility import Readiness
from testbed.service.vehicles import KeptVehicle
from web.access import CHANGES_BOOKINGS
from web.booked import zone_of
from web.deps import catalogue, context, me, now
from web.labels import RULE_NAMES, label
from web.present import moment_text, reason_texts


@dataclass(frozen=True, slots=True)
class Choice:
    """A vehicle or driver that may be named; `is_named` where it is."""

    id: str
    said: str
    is_named: bool


@dataclass(frozen=True, slots=True)
class CrewView:
    """The crew of a booking and what it lacks; choices where the reader may name somebody."""

    id: str
    missing: list[str]
    to_name: list[str]
    vehicles: list[str]
    drivers: list[str]
    asked: int
    needs_driver: bool
    closes: str
    is_open: bool
    vehicle_choices: list[Choice]
    driver_choices: list[Choice]
    may_let_in: bool

    @property
    def is_complete(self) -> bool:
        """Whether nothing is missing."""
        return not self.missing and not self.to_name


def of_booking(booking: Booking) -> CrewView | None:
    """What to say of the crew, None where it is no matter or none of the reader's business."""
    party = crew.party_of(me(), booking)
    if not eligibility.may_read(me(), party):
        return None
    ready = eligibility.of_booking(context(), booking, None if acts_for_all(me()) else party)
    named = crew.of_booking(context(), booking.id, me())
    if ready is None:
        return _of_old(booking, named)
    return _view(booking, ready, named)


def _of_old(booking: Booking, named: NamedCrew) -> CrewView | None:
    """Who was named on a booking that is under way or over."""
    if named == NamedCrew():
        return None
    cars, people = _said(named)
    return CrewView(booking.id, [], [], cars, people, 0, False, "", False, [], [], False)


def _view(booking: Booking, ready: Readiness, named: NamedCrew) -> CrewView:
    closes = crew.closes(booking, context().policy.crew_cutoff_hours)
    is_open = me().role in CHANGES_BOOKINGS and (now() <= closes or acts_for_all(me()))
    cars, people = _said(named)
    unnamed = [code for code in ready.codes if code.endswith("_not_named")]
    return CrewView(
        id=booking.id,
        missing=reason_texts(ready.missing, catalogue()),
        to_name=[label(RULE_NAMES, each) for each in unnamed],
        vehicles=cars,
        drivers=people,
        asked=ready.vehicles,
        needs_driver=ready.needs_driver,
        closes=moment_text(closes, zone_of(booking, catalogue())),
        is_open=is_open,
        vehicle_choices=_cars(booking, named) if is_open else [],
        driver_choices=_people(booking, named) if is_open else [],
        may_let_in=bool(ready.codes) and acts_for_all(me()) and _may_come(booking),
    )


def _may_come(booking: Booking) -> bool:
    opens, closes = check_in_span(booking, context().grace_minutes)
    return booking.state is State.CONFIRMED and opens <= now() < closes


def _said(named: NamedCrew) -> tuple[list[str], list[str]]:
    cars = [f"{each.name} ({each.plate})" for each in named.vehicles]
    return cars, [" · ".join(filter(None, (each.name, each.contact))) for each in named.drivers]


def _cars(booking: Booking, named: NamedCrew) -> list[Choice]:
    known = vehicles.listing(context(), crew.party_of(me(), booking), me())
    return _choices(known, {each.id for each in named.vehicles})


def _people(booking: Booking, named: NamedCrew) -> list[Choice]:
    known = drivers.listing(context(), crew.party_of(me(), booking), me())
    return _choices(known, {each.id for each in named.drivers})


def _choices(known: Iterable[KeptVehicle | KeptDriver], named: set[str]) -> list[Choice]:
    return [
        Choice(
            each.id,
            f"{each.name} ({each.plate})" if isinstance(each, KeptVehicle) else each.name,
            each.id in named,
        )
        for each in known
    ]
