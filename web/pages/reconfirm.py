"""Confirming a booking of a series again."""

from flask import Blueprint, flash, redirect, url_for
from flask.typing import ResponseReturnValue

from testbed.service import reconfirmations
from web.deps import context, me, now
from web.languages import gettext

blueprint = Blueprint("reconfirm", __name__)


@blueprint.post("/bookings/<booking_id>/reconfirm")
def confirm(booking_id: str) -> ResponseReturnValue:
    """Keep the booking."""
    reconfirmations.reconfirm(context(), booking_id, now(), me())
    flash(gettext("Confirmed again: the booking stays yours."), "good")
    return redirect(url_for("bookings.one", booking_id=booking_id), 303)
