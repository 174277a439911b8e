"""Bookings: take an offer, look at what was taken, confirm, cancel or move it."""

from collections.abc import Iterator
from dataclasses import dataclass

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from testbed.domain.bookings import Booking
from testbed.domain.grid import floor_grain
from testbed.domain.requests import Granted, Request, Way
from testbed.service import bookings as booking_service
from testbed.service import requests as request_service
from web.booking_view import booking_view
from web.deps import catalogue, context, me, now, organisations, test_kinds
from web.languages import gettext, text
from web.pages import find
from web.present import city_name, site_name, slot_text
from web.wish import WishForm

blueprint = Blueprint("bookings", __name__, url_prefix="/bookings")


@dataclass(frozen=True, slots=True)
class Row:
    """A booking in the list."""

    id: str
    when: str
    name: str
    place: str
    organisation: str
    state: str


@blueprint.get("")
def index() -> ResponseReturnValue:
    """The organisation's bookings, those to come first; an operator sees everybody's."""
    show = "all" if request.args.get("show") == "all" else "coming"
    return render_template("bookings.html", rows=list(_rows(show)), show=show)


@blueprint.post("")
def submit() -> ResponseReturnValue:
    """Hold the chosen offer."""
    form = find.wish_form(request.form)
    asked = _chosen(form, me().organisation)
    submitted = request_service.submit(context(), asked, now(), me(), request.form.get("key"))
    if submitted.booking is None:
        return _lost(form, None)
    return redirect(url_for("bookings.one", booking_id=submitted.booking.id), 303)


@blueprint.get("/<booking_id>")
def one(booking_id: str) -> ResponseReturnValue:
    """One booking, with what can be done about it now."""
    moment = now()
    booking = booking_service.get(context(), booking_id, moment, me())
    view = booking_view(booking, moment, catalogue(), organisations(), test_kinds())
    may_act = current_user.sees_all or current_user.books
    return render_template("booking.html", view=view, may_act=may_act)


@blueprint.post("/<booking_id>/confirm")
def confirm(booking_id: str) -> ResponseReturnValue:
    """Make the hold a booking."""
    booking_service.confirm(context(), booking_id, now(), me())
    flash(gettext("Confirmed: the place is yours."), "good")
    return redirect(url_for("bookings.one", booking_id=booking_id), 303)


@blueprint.post("/<booking_id>/cancel")
def cancel(booking_id: str) -> ResponseReturnValue:
    """Give the place back."""
    booking_service.cancel(context(), booking_id, now(), me())
    flash(gettext("Cancelled: the place is free for others."), "good")
    return redirect(url_for("bookings.one", booking_id=booking_id), 303)


@blueprint.post("/<booking_id>/move")
def move(booking_id: str) -> ResponseReturnValue:
    """Take the chosen offer instead of the present place."""
    booking = booking_service.get(context(), booking_id, now(), me())
    form = find.wish_form(request.form)
    asked = _chosen(form, booking.organisation)
    moved = booking_service.move(context(), booking_id, asked, now(), me())
    if not isinstance(moved.decision, Granted):
        return _lost(form, booking)
    flash(gettext("Moved: the former place is free for others."), "good")
    return redirect(url_for("bookings.one", booking_id=booking_id), 303)


def _chosen(form: WishForm, organisation: str) -> Request:
    """The request for exactly the offer whose button repeats this form."""
    resources = tuple(each for each in request.form.get("way_resources", "").split(",") if each)
    start = request.form.get("way_start", "")
    if not form.validate() or not resources or not start.isdecimal() or len(start) > 12:
        abort(400)
    return find.wish(form, organisation, Way(int(start), resources))


def _lost(form: WishForm, moving: Booking | None) -> ResponseReturnValue:
    """The search again, after somebody else was quicker."""
    flash(gettext("That offer has just gone. Here is what there is now."), "bad")
    organisation = moving.organisation if moving else me().organisation
    return find.page(form, find.search(form, organisation, moving), moving), 409


def _rows(show: str) -> Iterator[Row]:
    """The bookings to come by time, or all of them, the latest first."""
    found = booking_service.listing(context(), now(), me())
    if show == "coming":
        present = floor_grain(now())
        found = tuple(each for each in found if each.occupies and each.end > present)
    else:
        found = found[::-1]
    return map(_row, found)


def _row(booking: Booking) -> Row:
    line = booking.lines[0]
    resource = catalogue().resource(line.resource)
    return Row(
        id=booking.id,
        when=slot_text(line, catalogue()),
        name=text(resource.name),
        place=f"{site_name(catalogue(), resource)}, {city_name(catalogue(), resource.city)}",
        organisation=text(organisations()[booking.organisation].name),
        state=booking.state.value,
    )
