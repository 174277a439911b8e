"""The crew of a booking: name it, or let in who lacks papers."""

from flask import Blueprint, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from testbed.domain.errors import DomainError, NotFound
from testbed.domain.papers import Crew
from testbed.service import crew, no_shows
from web.deps import catalogue, context, me, now
from web.languages import gettext
from web.present import error_text

blueprint = Blueprint("crew", __name__, url_prefix="/bookings")


@blueprint.post("/<booking_id>/crew")
def name(booking_id: str) -> ResponseReturnValue:
    """Name the vehicles and drivers of a booking."""
    wanted = Crew(tuple(request.form.getlist("vehicle")), tuple(request.form.getlist("driver")))
    try:
        crew.name(context(), booking_id, wanted, now(), me())
    except DomainError as error:
        return _refused(error, booking_id)
    flash(gettext("Named: the gate knows who comes."), "good")
    return redirect(url_for("bookings.one", booking_id=booking_id), 303)


@blueprint.post("/<booking_id>/let-in")
def let_in(booking_id: str) -> ResponseReturnValue:
    """Check in a booking that lacks papers or crew, with a written reason."""
    why = request.form.get("reason", "")
    try:
        no_shows.check_in(context(), booking_id, now(), me(), papers_aside=why)
    except DomainError as error:
        return _refused(error, booking_id)
    flash(gettext("Checked in: the place is yours until the end of the booking."), "good")
    return redirect(url_for("bookings.one", booking_id=booking_id), 303)


def _refused(error: DomainError, booking_id: str) -> ResponseReturnValue:
    """Say why on the booking's page. Raises NotFound for a booking that is not the reader's."""
    if isinstance(error, NotFound) and error.code == "booking":
        raise error
    flash(error_text(error, catalogue()), "bad")
    return redirect(url_for("bookings.one", booking_id=booking_id), 303)
