"""The search: a need typed on one form, answered by ranked offers or by every reason why not."""

import secrets
import uuid
from collections.abc import Iterable
from dataclasses import dataclass

from flask import Blueprint, abort, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import login_required
from werkzeug.datastructures import MultiDict

from testbed.domain.bookings import Booking
from testbed.domain.requests import Decision, Granted, Offer, Request, Way
from testbed.service import bookings as booking_service
from testbed.service import requests as request_service
from web.deps import catalogue, context, me, now, payer, test_kinds
from web.present import OfferView, booked_name, local_today, offer_view, reason_texts, when
from web.wish import WishForm

OFFERS = 8
# What a button adds to the form that it repeats.
BUTTON_FIELDS = frozenset({"csrf_token", "way_start", "way_resources", "key", "move", "lang"})

blueprint = Blueprint("find", __name__)


@dataclass(frozen=True, slots=True)
class Answer:
    """What a search found: offers, or reasons and near misses."""

    offers: list[OfferView]
    near: list[OfferView]
    reasons: list[str]


@blueprint.get("/find")
@login_required
def index() -> ResponseReturnValue:
    """The form, and under it the answer once it was sent; the address keeps all of it."""
    moving = _moving(request.args.get("move"))
    form = wish_form(request.args)
    asked = "kind" in request.args and "choose" not in request.args
    answer = search(form, moving) if asked and form.validate() else None
    return page(form, answer, moving)


def wish_form(typed: "MultiDict[str, str]") -> WishForm:
    """The form as it was typed, or with its suggestions where nothing was."""
    return WishForm(typed, test_kinds(), catalogue(), local_today(now(), catalogue()))


def wish(form: WishForm, way: Way | None = None) -> Request:
    """The checked form as a request of the member's organisation at this moment."""
    return form.request(f"rq-{uuid.uuid4().hex}", me().organisation, now(), way)


def search(form: WishForm, moving: Booking | None) -> Answer:
    """Offers for a checked form, or why there are none."""
    asked = wish(form)
    found = request_service.search(context(), asked, now(), OFFERS)
    return answer_of(found, asked)


def answer_of(decision: Decision, asked: Request) -> Answer:
    """A decision, ready to print."""
    if isinstance(decision, Granted):
        return Answer(_views((decision.offer,), asked), [], [])
    return Answer([], _views(decision.near, asked), reason_texts(decision.reasons, catalogue()))


def page(form: WishForm, answer: Answer | None, moving: Booking | None) -> str:
    """The page of the search; an offer's button repeats the form as it was typed."""
    target = (
        url_for("bookings.move", booking_id=moving.id) if moving else url_for("bookings.submit")
    )
    return render_template(
        "find.html",
        form=form,
        answer=answer,
        moving=_moving_view(moving),
        target=target,
        typed=[pair for pair in request.values.items(multi=True) if pair[0] not in BUTTON_FIELDS],
        today=local_today(now(), catalogue()),
        fresh_key=lambda: secrets.token_urlsafe(16),
    )


def _views(offers: Iterable[Offer], asked: Request) -> list[OfferView]:
    return [offer_view(each, asked, catalogue(), payer(asked.organisation)) for each in offers]


def _moving(booking_id: str | None) -> Booking | None:
    """The booking that is to get a new place, if it is the member's to move."""
    if not booking_id:
        return None
    booking = booking_service.get(context(), booking_id, me())
    if booking.organisation != me().organisation:
        abort(403)
    return booking


def _moving_view(booking: Booking | None) -> dict[str, str] | None:
    if booking is None:
        return None
    main = catalogue().resource(booking.lines[0].resource)
    return {
        "id": booking.id,
        "name": booked_name(booking, catalogue()),
        "when": when(booking.start, booking.end, main.zone),
    }
