"""Hand-overs: bookings that other organisations offer, and those that were offered to others."""

from collections.abc import Callable, Iterable

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from testbed.domain.requests import Granted
from testbed.domain.sharing import Handover
from testbed.service import handovers as service
from web import bookings_asked, limits
from web.deps import catalogue, context, me, now
from web.languages import gettext
from web.present import reason_texts
from web.together_view import handover_view

blueprint = Blueprint("handovers", __name__, url_prefix="/handovers")

CLOSED: dict[str, tuple[Callable[..., Handover], Callable[[], str]]] = {
    "decline": (service.decline, lambda: gettext("Declined: the booking stays where it is.")),
    "withdraw": (service.withdraw, lambda: gettext("Withdrawn: the booking stays yours.")),
}


@blueprint.get("")
def index() -> ResponseReturnValue:
    """Everything offered by and to the reader's organisation."""
    return _page()


@blueprint.post("/<handover_id>/<answer>")
def answer(handover_id: str, answer: str) -> ResponseReturnValue:
    """Take a booking over, say no to it, or take the offer back."""
    limits.hit("submit", str(me().id))
    if answer == "accept":
        return _accept(handover_id)
    if answer not in CLOSED:
        abort(404)
    step, said = CLOSED[answer]
    closed = step(context(), handover_id, now(), me())
    flash(said(), "good")
    if answer == "withdraw":
        return redirect(url_for("bookings.one", booking_id=closed.booking), 303)
    return redirect(url_for("handovers.index"), 303)


def _accept(handover_id: str) -> ResponseReturnValue:
    taken = service.accept(context(), handover_id, now(), me())
    if not isinstance(taken.decision, Granted):
        return _page(reason_texts(taken.decision.reasons, catalogue())), 409
    flash(gettext("Taken over: the booking is yours. Name your vehicles and drivers."), "good")
    return redirect(url_for("bookings.one", booking_id=taken.handover.booking), 303)


def _page(reasons: Iterable[str] = ()) -> str:
    after = bookings_asked.mark_of(request.args.get("after", ""))
    page = service.listing(context(), now(), me(), after=after)
    older = bookings_asked.mark_text(page.next) if page.next else ""
    return render_template(
        "together/handovers.html",
        rows=[handover_view(each) for each in page.items],
        reasons=list(reasons),
        more=url_for("handovers.index", after=older) if older else "",
    )
