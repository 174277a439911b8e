"""Vehicles and drivers of an organisation."""

from collections.abc import Sequence
from typing import TypeVar

from flask import Response

from testbed.service import drivers, vehicles
from testbed.service.drivers import KeptDriver
from testbed.service.tokens import Scope
from testbed.service.vehicles import KeptVehicle
from web.api.answers.papers import DriverAnswer, DriverPage, VehicleAnswer, VehiclePage
from web.api.bearer import caller
from web.api.endpoint import CHANGES, endpoint, noun
from web.api.paging import cursor_of, parts_of
from web.api.papers_in import DriverIn, FleetWanted, VehicleIn
from web.api.replying import located, reply
from web.deps import context, now
from web.schemas import Named, Once

K = TypeVar("K", KeptVehicle, KeptDriver)

blueprint = noun("fleet", "Vehicles and drivers that papers are about")


# -- vehicles ----------------------------------------------------------------------------------


@blueprint.get("/vehicles", responses={200: VehiclePage})
@endpoint(Scope.READ)
def list_vehicles(query: FleetWanted) -> Response:
    """List the organisation's vehicles by id."""
    whose = query.organisation or caller().organisation
    found = vehicles.listing(context(), whose, caller(), with_retired=query.retired)
    shown, following = _page(found, query)
    return reply(VehiclePage(items=[_vehicle(each) for each in shown], next=following))


@blueprint.post("/vehicles", responses={201: VehicleAnswer, **CHANGES})
@endpoint(Scope.BOOK, "submit")
def enter_vehicle(body: VehicleIn, header: Once) -> Response:
    """Enter a vehicle of the manager's organisation."""
    wanted = _wanted_vehicle("", body)
    made = vehicles.enter(context(), wanted, now(), caller(), header.idempotency_key)
    return located(reply(_vehicle(made), 201), "vehicles", made.id)


@blueprint.get("/vehicles/<id>", responses={200: VehicleAnswer})
@endpoint(Scope.READ)
def one_vehicle(path: Named) -> Response:
    """Show one vehicle."""
    return reply(_vehicle(vehicles.one(context(), path.id, caller())))


@blueprint.put("/vehicles/<id>", responses={200: VehicleAnswer, **CHANGES})
@endpoint(Scope.BOOK, "submit")
def change_vehicle(path: Named, body: VehicleIn, header: Once) -> Response:
    """Change a vehicle; bookings that rely on it are checked again."""
    wanted, key = _wanted_vehicle(path.id, body), header.idempotency_key
    return reply(_vehicle(vehicles.change(context(), wanted, now(), caller(), key)))


@blueprint.post("/vehicles/<id>/retire", responses={200: VehicleAnswer, **CHANGES})
@endpoint(Scope.BOOK, "submit")
def retire_vehicle(path: Named, header: Once) -> Response:
    """Retire a vehicle for good; bookings that rely on it are checked again."""
    key = header.idempotency_key
    return reply(_vehicle(vehicles.retire(context(), path.id, now(), caller(), key)))


def _wanted_vehicle(name: str, body: VehicleIn) -> KeptVehicle:
    whose = caller().organisation
    return KeptVehicle(name, whose, body.name, body.plate, body.type, body.sae_level)


def _vehicle(vehicle: KeptVehicle) -> VehicleAnswer:
    return VehicleAnswer(
        id=vehicle.id,
        organisation=vehicle.organisation,
        name=vehicle.name,
        plate=vehicle.plate,
        type=vehicle.type,
        sae_level=vehicle.sae_level,
        retired=vehicle.retired_at is not None,
    )


# -- drivers -----------------------------------------------------------------------------------


@blueprint.get("/drivers", responses={200: DriverPage})
@endpoint(Scope.READ)
def list_drivers(query: FleetWanted) -> Response:
    """List the organisation's drivers by id."""
    whose = query.organisation or caller().organisation
    found = drivers.listing(context(), whose, caller(), with_retired=query.retired)
    shown, following = _page(found, query)
    return reply(DriverPage(items=[_driver(each) for each in shown], next=following))


@blueprint.post("/drivers", responses={201: DriverAnswer, **CHANGES})
@endpoint(Scope.BOOK, "submit")
def enter_driver(body: DriverIn, header: Once) -> Response:
    """Enter a driver of the manager's organisation."""
    wanted = KeptDriver("", caller().organisation, body.name, body.contact)
    made = drivers.enter(context(), wanted, now(), caller(), header.idempotency_key)
    return located(reply(_driver(made), 201), "drivers", made.id)


@blueprint.get("/drivers/<id>", responses={200: DriverAnswer})
@endpoint(Scope.READ)
def one_driver(path: Named) -> Response:
    """Show one driver."""
    return reply(_driver(drivers.one(context(), path.id, caller())))


@blueprint.put("/drivers/<id>", responses={200: DriverAnswer, **CHANGES})
@endpoint(Scope.BOOK, "submit")
def change_driver(path: Named, body: DriverIn, header: Once) -> Response:
    """Change a driver's name or contact."""
    wanted = KeptDriver(path.id, caller().organisation, body.name, body.contact)
    key = header.idempotency_key
    return reply(_driver(drivers.change(context(), wanted, now(), caller(), key)))


@blueprint.post("/drivers/<id>/retire", responses={200: DriverAnswer, **CHANGES})
@endpoint(Scope.BOOK, "submit")
def retire_driver(path: Named, header: Once) -> Response:
    """Retire a driver for good; bookings that rely on them are checked again."""
    key = header.idempotency_key
    return reply(_driver(drivers.retire(context(), path.id, now(), caller(), key)))


def _driver(driver: KeptDriver) -> DriverAnswer:
    return DriverAnswer(
        id=driver.id,
        organisation=driver.organisation,
        name=driver.name,
        contact=driver.contact,
        retired=driver.retired_at is not None,
    )


def _page(found: Sequence[K], query: FleetWanted) -> tuple[list[K], str | None]:
    """The page behind the cursor, by id, and the cursor of the next one."""
    after = parts_of(query.cursor, 1)[0] if query.cursor else ""
    behind = sorted((each for each in found if each.id > after), key=lambda each: each.id)
    shown = behind[: query.limit]
    return shown, cursor_of(shown[-1].id) if len(behind) > query.limit else None
