"""At the gate: the one step of a booking that is open now, as its QR code leads to it."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from testbed.domain.bookings import Booking, State
from testbed.domain.visits import overruns
from testbed.service import bookings, emergency, no_shows, visits
from testbed.service.emergency import Contact
from web.booked import name_of, place_of, slot_of, zone_of
from web.booking_view import visit_of
from web.deps import catalogue, context, me, now, organisations
from web.languages import gettext, text
from web.visit_code import address_of, code_of

blueprint = Blueprint("visits", __name__, url_prefix="/visits")


@blueprint.get("/<booking_id>")
def one(booking_id: str) -> ResponseReturnValue:
    """The step that is open now, as one large button."""
    moment = now()
    booking = bookings.get(context(), booking_id, moment, me())
    zone = zone_of(booking, catalogue())
    span = visit_of(booking, context().grace_minutes, zone, moment)
    return render_template(
        "day/visit.html",
        **_about(booking),
        span=span,
        is_here=booking.state is State.CHECKED_IN,
        is_over_time=overruns(booking, moment),
    )


@blueprint.post("/<booking_id>/check-in")
def check_in(booking_id: str) -> ResponseReturnValue:
    """Note that the organisation has come."""
    no_shows.check_in(context(), booking_id, now(), me())
    flash(gettext("Checked in: the place is yours until the end of the booking."), "good")
    return _back(booking_id)


@blueprint.post("/<booking_id>/check-out")
def check_out(booking_id: str) -> ResponseReturnValue:
    """Note that the organisation has left."""
    visits.check_out(context(), booking_id, now(), me())
    flash(gettext("Checked out: what remains of the place is free for others."), "good")
    return _back(booking_id)


@blueprint.post("/<booking_id>/contact")
def contact(booking_id: str) -> ResponseReturnValue:
    """Keep whom to call while the booking runs."""
    given = Contact(request.form.get("name", ""), request.form.get("phone", ""))
    emergency.save_contact(context(), booking_id, given, now(), me())
    flash(gettext("The emergency contact is kept."), "good")
    return redirect(url_for("bookings.one", booking_id=booking_id), 303)


@blueprint.get("/<booking_id>/code")
def code(booking_id: str) -> ResponseReturnValue:
    """The code on a sheet of its own, to be printed."""
    booking = bookings.get(context(), booking_id, now(), me())
    return render_template(
        "day/code.html",
        **_about(booking),
        code=code_of(booking_id),
        address=address_of(booking_id),
    )


def _about(booking: Booking) -> dict[str, str]:
    found = catalogue()
    owner = organisations().get(booking.organisation)
    return {
        "id": booking.id,
        "state_code": booking.state.value,
        "name": name_of(booking.lines[0], found),
        "place": place_of(booking.lines[0], found),
        "when": slot_of(booking, found),
        "organisation": text(owner.name) if owner else booking.organisation,
    }


def _back(booking_id: str) -> ResponseReturnValue:
    """To where the step was taken: the board, the booking, or the page of the code."""
    pages = {"today": "today.index", "booking": "bookings.one"}
    endpoint = pages.get(request.form.get("from", ""), "visits.one")
    if endpoint == "today.index":
        return redirect(url_for(endpoint), 303)
    return redirect(url_for(endpoint, booking_id=booking_id), 303)
