"""One booking beside the schedule: its facts, its steps, and what a drag asks and does."""

from datetime import datetime

from flask import Blueprint, abort, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from testbed.domain.errors import DomainError
from testbed.domain.fees import booking_fee_krw
from testbed.domain.grid import GRAIN_MINUTES, floor_grain, zone
from testbed.domain.requests import Granted, Offer, Reason
from testbed.service import bookings, moves, no_shows
from testbed.service.moves import Shift
from web import limits
from web.access import CHANGES_BOOKINGS
from web.booked import zone_of
from web.booking_view import Known, booking_view
from web.deps import catalogue, charges_of, context, me, now, organisations, test_kinds
from web.languages import gettext, text
from web.offer_cards import fee_change
from web.pages.timeline import wall
from web.present import error_text, reason_texts, when

blueprint = Blueprint("panel", __name__, url_prefix="/schedule/bookings")
# How the page's script asks for the panel alone.
PART = "X-Part"


@blueprint.get("/<booking_id>")
def one(booking_id: str) -> ResponseReturnValue:
    """The booking, as a part of the schedule or as a page of its own."""
    moment = now()
    booking = bookings.get(context(), booking_id, moment, me())
    known = Known(catalogue(), organisations(), test_kinds(), context().grace_minutes)
    template = "schedule/_panel.html" if PART in request.headers else "schedule/panel.html"
    return render_template(
        template,
        view=booking_view(booking, moment, known),
        day=wall(booking.start, zone_of(booking, catalogue()))[:10],
        may_act=me().role in CHANGES_BOOKINGS,
    )


@blueprint.post("/<booking_id>/confirm")
def confirm(booking_id: str) -> ResponseReturnValue:
    """Make the hold a booking."""
    bookings.confirm(context(), booking_id, now(), me())
    return _again(booking_id)


@blueprint.post("/<booking_id>/cancel")
def cancel(booking_id: str) -> ResponseReturnValue:
    """Give the place back."""
    bookings.cancel(context(), booking_id, now(), me())
    return _again(booking_id)


@blueprint.post("/<booking_id>/check-in")
def check_in(booking_id: str) -> ResponseReturnValue:
    """Note that the organisation has come."""
    no_shows.check_in(context(), booking_id, now(), me())
    return _again(booking_id)


@blueprint.post("/<booking_id>/move")
def move(booking_id: str) -> ResponseReturnValue:
    """Say what a drag would bring, every broken rule at once; with `do`, move the booking."""
    shift, does = _shift(), bool(request.form.get("do"))
    limits.hit("submit" if does else "search", str(me().id))
    try:
        if does:
            return _moved(booking_id, shift)
        found = moves.preview(context(), booking_id, shift, now(), me())
    except DomainError as error:
        if error.code == "booking":
            raise
        return jsonify(ok=False, reasons=[error_text(error, catalogue())])
    change = _fee_change(booking_id, found.offers[0]) if found.offers else ""
    return _answer(not found.offers, found.reasons, shift, change)


def _fee_change(booking_id: str, offer: Offer) -> str:
    """What the move changes in the fee, in words."""
    booking = bookings.get(context(), booking_id, now(), me())
    payer = organisations()[booking.organisation].type
    fee = booking_fee_krw(offer.lines, payer, catalogue())
    return fee_change(fee, sum(each.krw for each in charges_of(booking)))


def _moved(booking_id: str, shift: Shift) -> ResponseReturnValue:
    decision = moves.move(context(), booking_id, shift, now(), me()).decision
    if isinstance(decision, Granted):
        return _answer(False, (), shift)
    return _answer(True, decision.reasons, shift)


def _answer(
    refused: bool, reasons: tuple[Reason, ...], shift: Shift, change: str = ""
) -> ResponseReturnValue:
    place = catalogue().resource(shift.to_resource)
    said = gettext(
        "%(place)s, starting %(time)s",
        place=text(place.name),
        time=when(shift.to_start, shift.to_start + 1, place.zone).partition("–")[0],
    )
    return jsonify(
        ok=not refused,
        said=f"{said} · {change}" if change else said,
        reasons=reason_texts(reasons, catalogue()),
        grain=shift.to_start,
    )


def _shift() -> Shift:
    """What was dragged, and where to."""
    form = request.form
    there = form.get("to", "")
    if not form.get("grain", "").isdecimal() or len(form["grain"]) > 12:
        abort(400)
    return Shift(form.get("place", ""), int(form["grain"]), there, _grain(_zone_of(there)))


def _grain(zone_name: str) -> int:
    """The grain in which the dropped start lies; a drop lies between two of them easily."""
    try:
        wished = datetime.fromisoformat(request.form.get("start", ""))
    except ValueError:
        abort(400)
    if wished.tzinfo is not None or not 1970 < wished.year < 9999:
        abort(400)
    half = GRAIN_MINUTES * 60 // 2
    seconds = wished.replace(tzinfo=zone(zone_name)).timestamp() + half
    return floor_grain(datetime.fromtimestamp(seconds, zone(zone_name)))


def _zone_of(resource: str) -> str:
    return catalogue().resource(resource).zone


def _again(booking_id: str) -> ResponseReturnValue:
    """The booking as it stands now."""
    if PART in request.headers:
        return one(booking_id)
    return redirect(url_for("panel.one", booking_id=booking_id), 303)
