"""The search: a need typed on one form, answered by ranked offers or by every reason why not."""

import secrets
from collections.abc import Iterable
from dataclasses import dataclass

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from werkzeug.datastructures import MultiDict

from testbed.domain.bookings import Booking
from testbed.domain.requests import Offer, Request, Way
from testbed.service import bookings as booking_service
from testbed.service import requests as request_service
from web.deps import catalogue, context, me, now, organisations, test_kinds, today
from web.languages import text
from web.present import OfferView, offer_view, reason_texts, slot_text
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
def index() -> ResponseReturnValue:
    """The form, and under it the answer once it was sent; the address keeps all of it."""
    moving = _moving(request.args.get("move"))
    form = wish_form(request.args)
    asked = "kind" in request.args and "choose" not in request.args
    organisation = moving.organisation if moving else me().organisation
    answer = search(form, organisation, moving) if asked and form.validate() else None
    return page(form, answer, moving)


def wish_form(typed: "MultiDict[str, str]") -> WishForm:
    """The form as it was typed, or with its suggestions where nothing was."""
    return WishForm(typed, test_kinds(), catalogue(), today())


def wish(form: WishForm, organisation: str, way: Way | None = None) -> Request:
    """The checked form as a request of an organisation at this moment; the service names it."""
    return form.request(organisation, now(), way)


def search(form: WishForm, organisation: str, moving: Booking | None) -> Answer:
    """Offers for a checked form, or why there are none; a booking on the move is not in its way."""
    asked = wish(form, organisation)
    found = request_service.search(context(), asked, now(), OFFERS, moving.id if moving else None)
    return Answer(
        _views(found.offers, asked),
        _views(found.near, asked),
        reason_texts(found.reasons, catalogue()),
    )


def page(form: WishForm, answer: Answer | None, moving: Booking | None) -> str:
    """The page of the search; an offer's button repeats the form as it was typed."""
    return render_template(
        "find.html",
        form=form,
        answer=answer,
        moving=_moving_view(moving),
        target=_target(moving),
        typed=[pair for pair in request.values.items(multi=True) if pair[0] not in BUTTON_FIELDS],
        today=today(),
        fresh_key=lambda: secrets.token_urlsafe(16),
    )


def _target(moving: Booking | None) -> str | None:
    """Where an offer's button leads; None for who may look but does not book."""
    if moving:
        return url_for("bookings.move", booking_id=moving.id)
    return url_for("bookings.submit") if current_user.books else None


def _views(offers: Iterable[Offer], asked: Request) -> list[OfferView]:
    payer = organisations()[asked.organisation].type
    return [offer_view(each, asked, catalogue(), payer) for each in offers]


def _moving(booking_id: str | None) -> Booking | None:
    """The booking that is to get a new place, if it is the member's to move."""
    if not booking_id:
        return None
    return booking_service.get(context(), booking_id, now(), me())


def _moving_view(booking: Booking | None) -> dict[str, str] | None:
    if booking is None:
        return None
    line = booking.lines[0]
    name = text(catalogue().resource(line.resource).name)
    return {"id": booking.id, "name": name, "when": slot_text(line, catalogue())}
