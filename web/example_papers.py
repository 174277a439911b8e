"""Example vehicles, drivers and papers of the fictional organisations, accepted round about now.

They are marked as examples by their names, plates and numbers; nobody real has them.
"""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from hashlib import sha256

from testbed.domain.bookings import Booking
from testbed.domain.catalogue import Catalogue
from testbed.domain.grid import zone
from testbed.domain.papers import PUBLIC_ROADS, Crew, PaperKind, VehicleType
from testbed.service import eligibility, fleet_entry, members, vehicles
from testbed.service.actors import SYSTEM
from testbed.service.context import Context
from testbed.service.drivers import KeptDriver
from testbed.service.fleet_entry import WholeFleet
from testbed.service.kept_papers import KeptPaper
from testbed.service.vehicles import KeptVehicle

FICTIONAL = "demo-"
ZONE = "Asia/Seoul"
TYPES = (VehicleType.A, VehicleType.A, VehicleType.A, VehicleType.B, VehicleType.A, VehicleType.B)
DRIVERS = 2
BEFORE = timedelta(days=60)
VALID = timedelta(days=420)
BRIEFED = timedelta(days=364)


def show(context: Context, now: datetime) -> int:
    """Give each fictional organisation without vehicles some, with papers; returns how many."""
    known = sorted(
        each for each in members.all_organisations(context) if each.startswith(FICTIONAL)
    )
    without = [
        each for each in known if not vehicles.listing(context, each, SYSTEM, with_retired=True)
    ]
    today = now.astimezone(zone(ZONE)).date()
    catalogue = context.catalogue()
    for each in without:
        fleet_entry.enter(context, _fleet(each, catalogue, today), now, SYSTEM)
    return len(without)


def id_of(organisation: str, what: str) -> str:
    """The id of an example; it tells nobody whose it is."""
    return f"ex-{sha256(organisation.encode()).hexdigest()[:8]}-{what}"


def crew_of(context: Context, booking: Booking) -> Crew:
    """As many of the organisation's example vehicles as the booking needs, and a driver."""
    asked = eligibility.of_booking(context, booking)
    if asked is None:
        return Crew()
    name = booking.organisation
    cars = (id_of(name, f"car-{number}") for number in range(1, asked.vehicles + 1))
    return Crew(tuple(cars), (id_of(name, "driver-1"),) if asked.needs_driver else ())


def _fleet(organisation: str, catalogue: Catalogue, today: date) -> WholeFleet:
    cars = tuple(
        KeptVehicle(
            id_of(organisation, f"car-{number}"),
            organisation,
            f"Example {number} (예시)",
            f"예시 {number:04}",
            kind,
            4,
        )
        for number, kind in enumerate(TYPES, 1)
    )
    people = tuple(
        KeptDriver(
            id_of(organisation, f"driver-{number}"),
            organisation,
            f"Example driver {number} (예시)",
            "000-0000-0000",
        )
        for number in range(1, DRIVERS + 1)
    )
    papers = (
        *_of_vehicles(organisation, cars, today),
        *_of_drivers(organisation, people, catalogue, today),
    )
    return WholeFleet(organisation, cars, people, tuple(papers))


def _of_vehicles(
    organisation: str, cars: tuple[KeptVehicle, ...], today: date
) -> Iterator[KeptPaper]:
    first, last = today - BEFORE, today + VALID
    roads = (PUBLIC_ROADS,)
    yield KeptPaper(
        id_of(organisation, "insurance"),
        organisation,
        PaperKind.INSURANCE,
        first,
        last,
        number="EXAMPLE-1",
    )
    yield KeptPaper(
        id_of(organisation, "transport"),
        organisation,
        PaperKind.TRANSPORT_PERMIT,
        first,
        last,
        covers=roads,
        number="EXAMPLE-2",
    )
    for each in cars:
        yield KeptPaper(
            f"{each.id}-permit",
            organisation,
            PaperKind.PERMIT,
            first,
            last,
            vehicle=each.id,
            covers=roads,
            number="EXAMPLE-3",
        )


def _of_drivers(
    organisation: str, people: tuple[KeptDriver, ...], catalogue: Catalogue, today: date
) -> Iterator[KeptPaper]:
    briefs = {
        each.site
        for each in catalogue.resources()
        if "safety_briefing_valid_days" in catalogue.rules[each.rule].details
    }
    first = today - BEFORE
    for each in people:
        yield KeptPaper(
            f"{each.id}-training",
            organisation,
            PaperKind.TRAINING,
            first,
            today + VALID,
            driver=each.id,
            number="EXAMPLE-4",
        )
        for site in sorted(briefs):
            yield KeptPaper(
                f"{each.id}-{site}",
                organisation,
                PaperKind.BRIEFING,
                first,
                first + BRIEFED,
                driver=each.id,
                site=site,
            )
