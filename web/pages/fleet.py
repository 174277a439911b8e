"""Vehicles and drivers: enter, change, retire."""

from collections.abc import Callable
from typing import TypeVar

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from testbed.domain.errors import DomainError
from testbed.domain.papers import VehicleType
from testbed.service import drivers, vehicles
from testbed.service.drivers import KeptDriver
from testbed.service.vehicles import KeptVehicle
from web.deps import context, me, now
from web.languages import gettext
from web.paper_forms import DriverForm, VehicleForm
from web.present import error_text
from web.problems import status_of

blueprint = Blueprint("fleet", __name__, url_prefix="/papers")
F = TypeVar("F", VehicleForm, DriverForm)


@blueprint.route("/vehicles/new", methods=["GET", "POST"])
def new_vehicle() -> ResponseReturnValue:
    """Enter a vehicle."""
    form = VehicleForm()

    def enter() -> None:
        wanted = _vehicle(form, "", me().organisation)
        vehicles.enter(context(), wanted, now(), me(), request.form.get("key"))

    return _asked(form, "papers/vehicle.html", enter)


@blueprint.route("/vehicles/<vehicle_id>", methods=["GET", "POST"])
def vehicle(vehicle_id: str) -> ResponseReturnValue:
    """Change a vehicle."""
    kept = vehicles.one(context(), vehicle_id, me())
    form = VehicleForm(obj=kept)

    def change() -> None:
        vehicles.change(context(), _vehicle(form, kept.id, kept.organisation), now(), me())

    return _asked(form, "papers/vehicle.html", change, kept)


def _vehicle(form: VehicleForm, name: str, organisation: str) -> KeptVehicle:
    return KeptVehicle(
        name,
        organisation,
        form.name.data,
        form.plate.data,
        VehicleType(form.type.data),
        form.sae_level.data,
    )


@blueprint.post("/vehicles/<vehicle_id>/retire")
def retire_vehicle(vehicle_id: str) -> ResponseReturnValue:
    """Let a vehicle drive no more."""
    kept = vehicles.retire(context(), vehicle_id, now(), me())
    flash(gettext("Retired: %(name)s can no longer be named.", name=kept.name), "good")
    return redirect(url_for("papers.index"), 303)


@blueprint.route("/drivers/new", methods=["GET", "POST"])
def new_driver() -> ResponseReturnValue:
    """Enter a driver."""
    form = DriverForm()

    def enter() -> None:
        wanted = KeptDriver("", me().organisation, form.name.data, form.contact.data or "")
        drivers.enter(context(), wanted, now(), me(), request.form.get("key"))

    return _asked(form, "papers/driver.html", enter)


@blueprint.route("/drivers/<driver_id>", methods=["GET", "POST"])
def driver(driver_id: str) -> ResponseReturnValue:
    """Change a driver."""
    kept = drivers.one(context(), driver_id, me())
    form = DriverForm(obj=kept)

    def change() -> None:
        wanted = KeptDriver(kept.id, kept.organisation, form.name.data, form.contact.data or "")
        drivers.change(context(), wanted, now(), me())

    return _asked(form, "papers/driver.html", change, kept)


@blueprint.post("/drivers/<driver_id>/retire")
def retire_driver(driver_id: str) -> ResponseReturnValue:
    """Let a driver drive no more."""
    kept = drivers.retire(context(), driver_id, now(), me())
    flash(gettext("Retired: %(name)s can no longer be named.", name=kept.name), "good")
    return redirect(url_for("papers.index"), 303)


def _asked(
    form: F,
    template: str,
    save: Callable[[], None],
    kept: KeptVehicle | KeptDriver | None = None,
) -> ResponseReturnValue:
    """Show the form, or save what it says; what is refused is said above it."""
    status = 200
    if form.validate_on_submit():
        try:
            save()
        except DomainError as error:
            flash(error_text(error), "bad")
            status = status_of(error)
        else:
            flash(gettext("Saved."), "good")
            return redirect(url_for("papers.index"), 303)
    elif form.is_submitted():
        status = 400
    return render_template(template, form=form, kept=kept, key=context().new_id()), status
