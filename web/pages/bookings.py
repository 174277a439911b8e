"""Bookings: take an offer, look at what was taken, confirm, cancel or move it."""

from collections.abc import Mapping
from datetime import datetime

from flask import Blueprint, abort, flash, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_login import current_user, login_required

from testbed.domain.bookings import Booking, State, is_late_cancel, movable
from testbed.domain.errors import DomainError
from testbed.domain.requests import Granted, Request, Way
from testbed.service import bookings as booking_service
from testbed.service import requests as request_service
from web.deps import catalogue, context, me, now
from web.pages import find
from web.present import (
    booked_name,
    fee_of,
    is_illustrative,
    line_view,
    moment_text,
    organisation_name,
    reason_texts,
    when,
)
from web.wish import WishForm

blueprint = Blueprint("bookings", __name__, url_prefix="/bookings")


@blueprint.get("")
@login_required
def index() -> ResponseReturnValue:
    """The organisation's bookings, those to come first; an operator sees everybody's."""
    show = "all" if request.args.get("show") == "all" else "coming"
    return render_template("bookings.html", rows=_rows(show), show=show)


@blueprint.post("")
@login_required
def submit() -> ResponseReturnValue:
    """Hold the chosen offer."""
    form, asked = _chosen()
    key = request.form.get("key") or None
    submitted = request_service.submit(context(), asked, now(), me(), key)
    if submitted.booking is None:
        return _lost(form, asked, submitted.decision, None)
    return redirect(url_for("bookings.one", booking_id=submitted.booking.id), 303)


@blueprint.get("/<booking_id>")
@login_required
def one(booking_id: str) -> ResponseReturnValue:
    """One booking, with what can be done about it now."""
    booking = booking_service.get(context(), booking_id, me())
    mine = current_user.books and booking.organisation == me().organisation
    return render_template(
        "booking.html", view=_view(booking, now()), may_act=mine or current_user.sees_all
    )


@blueprint.post("/<booking_id>/confirm")
@login_required
def confirm(booking_id: str) -> ResponseReturnValue:
    """Make the hold a booking."""
    booking_service.confirm(context(), booking_id, now(), me())
    flash(gettext("Confirmed: the place is yours."), "good")
    return redirect(url_for("bookings.one", booking_id=booking_id), 303)


@blueprint.post("/<booking_id>/cancel")
@login_required
def cancel(booking_id: str) -> ResponseReturnValue:
    """Give the place back."""
    booking_service.cancel(context(), booking_id, now(), me())
    flash(gettext("Cancelled: the place is free for others."), "good")
    return redirect(url_for("bookings.one", booking_id=booking_id), 303)


@blueprint.post("/<booking_id>/move")
@login_required
def move(booking_id: str) -> ResponseReturnValue:
    """Take the chosen offer instead of the present place."""
    form, asked = _chosen()
    decision = booking_service.move(context(), booking_id, asked, now(), me())
    if not isinstance(decision, Granted):
        return _lost(form, asked, decision, booking_service.get(context(), booking_id, me()))
    flash(gettext("Moved: the former place is free for others."), "good")
    return redirect(url_for("bookings.one", booking_id=booking_id), 303)


def _chosen() -> tuple[WishForm, Request]:
    """The form that an offer's button repeats, and the request for exactly that offer."""
    form = find.wish_form(request.form)
    resources = tuple(each for each in request.form.get("way_resources", "").split(",") if each)
    start = request.form.get("way_start", "")
    if not form.validate() or not resources or not start.isdecimal():
        abort(400)
    return form, find.wish(form, Way(int(start), resources))


def _lost(
    form: WishForm, asked: Request, decision: Decision, moving: Booking | None
) -> ResponseReturnValue:
    """The search again, after somebody else was quicker."""
    flash(gettext("That offer has just gone. Here is what there is now."), "bad")
    fresh = find.search(form, moving)
    answer = fresh if fresh.offers else find.answer_of(decision, asked)
    return find.page(form, answer, moving), 409
