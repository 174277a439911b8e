"""The queue of approvals, and the answers given in it."""

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from testbed.domain.approvals import Answer, Party
from testbed.domain.bookings import State
from testbed.domain.errors import DomainError
from testbed.service import approvals
from testbed.service.approvals import Given
from web.approval_view import wait_view
from web.deps import catalogue, context, me, now
from web.languages import gettext
from web.present import error_text

PER_PAGE = 20

blueprint = Blueprint("approvals", __name__, url_prefix="/approvals")


@blueprint.get("")
def index() -> ResponseReturnValue:
    """The bookings that wait, the earliest deadline first."""
    mine = request.args.get("show") != "all"
    page = request.args.get("page", 0, int)
    waits = approvals.queue(context(), now(), me(), mine=mine)
    first = max(0, page) * PER_PAGE
    shown = [wait_view(each) for each in waits[first : first + PER_PAGE]]
    more = url_for("approvals.index", page=page + 1, show=None if mine else "all")
    return render_template(
        "approvals.html",
        waits=shown,
        mine=mine,
        more=more if len(waits) > first + PER_PAGE else "",
    )


@blueprint.post("/<booking_id>/<party>")
def answer(booking_id: str, party: str) -> ResponseReturnValue:
    """Answer for a party."""
    if party not in list(Party) or request.form.get("answer") not in list(Answer):
        abort(404)
    given = Given(Party(party), Answer(request.form["answer"]), request.form.get("text", ""))
    try:
        booking = approvals.answer(context(), booking_id, given, now(), me())
    except DomainError as error:
        flash(error_text(error, catalogue()), "bad")
    else:
        flash(_done(booking.state), "good")
    if request.form.get("from") == "booking":
        return redirect(url_for("bookings.one", booking_id=booking_id), 303)
    return redirect(url_for("approvals.index"), 303)


def _done(state: State) -> str:
    if state is State.REJECTED:
        return gettext("Rejected: the place is free for others.")
    if state is State.CONFIRMED:
        return gettext("Accepted: everybody has, and the booking is confirmed.")
    return gettext("Accepted: others have yet to answer.")
