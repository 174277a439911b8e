"""The search: a need typed on one form, answered by ranked offers or by every reason why not."""

import json
import secrets
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime

from flask import Blueprint, Response, make_response, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import TooManyRequests

from testbed.domain.bookings import Booking
from testbed.domain.papers import NOT_TOGETHER
from testbed.domain.requests import Offer, Reason, Request, Way
from testbed.service import availability, overrides
from testbed.service import bookings as booking_service
from testbed.service import requests as request_service
from web import for_whom, limits
from web.day_strip import DayCell, days_of_strip, strip
from web.deps import catalogue, charges_of, context, me, now, organisations, test_kinds, today
from web.extra_needs import WHEN as EXTRA_TIMES
from web.languages import text
from web.offer_cards import Card, cards, days_wanted
from web.present import slot_text, when
from web.reason_groups import ReasonGroup, reason_groups
from web.repairs import Mended, mended, own_changes
from web.rules_aside import Aside, asides, codes_of, reason_of, without
from web.wish import WishForm
from web.wish_address import ASKS, SHOWN, Pairs, replaced

OFFERS = 8

blueprint = Blueprint("find", __name__)


@dataclass(frozen=True, slots=True)
class RepairView:
    """A repair ready to print: the change, the whole wish with it, and what it finds first."""

    said: str
    pairs: Pairs
    finds: str


@dataclass(frozen=True, slots=True)
class Answer:
    """What a search found: offers, or reasons, near misses and repairs; and the days around."""

    offers: list[Card]
    days: list[DayCell]
    near: list[Card] = field(default_factory=list)
    reasons: list[ReasonGroup] = field(default_factory=list)
    repairs: list[RepairView] = field(default_factory=list)
    wished: str = ""
    asides: list[Aside] = field(default_factory=list)

    @property
    def marks(self) -> str:
        """The numbers of the offers' places, as the map reads them."""
        shown = self.offers or self.near
        return json.dumps([{"id": each.main, "label": each.rank} for each in shown])


@blueprint.get("/find")
def index() -> ResponseReturnValue:
    """The form, and under it the answer once it was sent; the address keeps all of it."""
    moving = _moving(request.args.get("move"))
    form = wish_form(request.args)
    asked = any(name in request.args for name in ASKS) and "choose" not in request.args
    organisation = moving.organisation if moving else in_whose_name(form)
    try:
        answer = _asked(form, organisation, moving) if asked else None
    except TooManyRequests as busy:
        return _later(form, moving, busy)
    if _is_live():
        return _live(form, answer, moving)
    return page(form, answer, moving)


def wish_form(typed: "MultiDict[str, str]") -> WishForm:
    """The form as it was typed, or with its suggestions where nothing was."""
    return WishForm(typed, test_kinds(), catalogue(), today())


def in_whose_name(form: WishForm) -> str:
    """The organisation that asks: one's own, or the one for which an operator does."""
    return for_whom.organisation_of(form.typed, sees_all=current_user.sees_all)


def wish(form: WishForm, organisation: str, way: Way | None = None) -> Request:
    """The checked form as a request of an organisation at this moment; the service names it."""
    asked = form.request(organisation, now(), way)
    aside = codes_of(form.typed, overrides.offered(me()))
    # An operator who asks for nobody only looks, and has no papers that could be judged.
    looks = way is None and current_user.sees_all and organisation == me().organisation
    looks = looks and for_whom.read(form.typed) is None
    return replace(asked, override=tuple(sorted({*aside, NOT_TOGETHER})) if looks else aside)


def search(form: WishForm, organisation: str, moving: Booking | None) -> Answer:
    """Offers for a checked form, or why there are none; a booking on the move is not in its way."""
    asked, moment, kept = wish(form, organisation), now(), moving.id if moving else None
    found = request_service.search(context(), asked, moment, OFFERS, kept)
    days = _days(form, asked, kept)
    if found.offers:
        shown = _cards(found.offers, asked, moving)
        reasons, wished = _why_not_as_asked(found.offers, asked, moment, kept)
        why = reason_groups(reasons, catalogue())
        return Answer(shown, days, reasons=why, wished=wished, asides=_asides(reasons, asked))
    return Answer(
        offers=[],
        days=days,
        near=_cards(found.near, asked, moving),
        reasons=reason_groups(found.reasons, catalogue()),
        repairs=[_repair_view(each) for each in _mended(form, asked, kept)],
        asides=_asides(found.reasons, asked),
    )


def page(form: WishForm, answer: Answer | None, moving: Booking | None, retry: int = 0) -> str:
    """The page of the search; an offer's button repeats the form as it was typed."""
    return render_template("find.html", **_shown(form, answer, moving, retry))


# -- what is shown ---------------------------------------------------------------------------


def _shown(
    form: WishForm, answer: Answer | None, moving: Booking | None, retry: int = 0
) -> dict[str, object]:
    pairs = form.pairs()
    return {
        "form": form,
        "answer": answer,
        "retry": retry,
        "moving": _moving_view(moving),
        "target": _target(form, moving),
        "for_whom": for_whom.choices() if current_user.sees_all and not moving else [],
        "typed": pairs,
        "plainly": without(pairs),
        "aside_reason": reason_of(form.typed),
        "longest_reason": overrides.LONGEST_REASON,
        "address": lambda other=pairs, **changed: _address(other, moving, **changed),
        "repeat_address": _repeat(pairs),
        "today": today(),
        "waiting": form.days,
        "extra_times": list(EXTRA_TIMES.items()),
        "fresh_key": lambda: secrets.token_urlsafe(16),
    }


def _live(form: WishForm, answer: Answer | None, moving: Booking | None) -> Response:
    """The answer alone, and the parts of the form that no longer show what was asked."""
    changed = request.args.get(SHOWN) != form.signature
    shown = _shown(form, answer, moving)
    reply = make_response(render_template("find/live.html", changed=changed, **shown))
    if answer is not None:
        reply.headers["HX-Push-Url"] = _address(form.pairs(), moving)
    return reply


def _later(form: WishForm, moving: Booking | None, busy: TooManyRequests) -> Response:
    """The form as it was typed, and when to ask again."""
    retry = int(busy.retry_after) if isinstance(busy.retry_after, int) else 60
    if _is_live():
        shown = _shown(form, None, moving, retry)
        reply = make_response(render_template("find/live.html", changed=False, **shown), 429)
    else:
        reply = make_response(page(form, None, moving, retry), 429)
    reply.headers["Retry-After"] = str(retry)
    return reply


def _is_live() -> bool:
    """Whether the page asks for the answer alone."""
    asks = request.headers
    return "HX-Request" in asks and "HX-History-Restore-Request" not in asks


def _address(pairs: Pairs, moving: Booking | None, **changed: str | None) -> str:
    """The address of a wish, with changes."""
    query: MultiDict[str, str] = MultiDict(replaced(pairs, **changed))
    if moving:
        query["move"] = moving.id
    return url_for("find.index", **query.to_dict(flat=False))  # type: ignore[arg-type] # lists of values are taken


def _repeat(pairs: Pairs) -> str:
    """Where the wish is asked for on many dates."""
    query: MultiDict[str, str] = MultiDict(pairs)
    return url_for("series.new", **query.to_dict(flat=False))  # type: ignore[arg-type] # lists of values are taken


def _target(form: WishForm, moving: Booking | None) -> str | None:
    """Where an offer's button leads; None for who may look but books for nobody."""
    if moving:
        return url_for("bookings.move", booking_id=moving.id)
    chosen = current_user.sees_all and for_whom.read(form.typed) is not None
    return url_for("bookings.submit") if current_user.books or chosen else None


# -- what is found ---------------------------------------------------------------------------


def _asked(form: WishForm, organisation: str, moving: Booking | None) -> Answer | None:
    """The answer to what was sent; None where it cannot be read. Raises TooManyRequests."""
    if not form.validate():
        return None
    limits.hit("search", str(me().id))
    return search(form, organisation, moving)


def _cards(offers: tuple[Offer, ...], asked: Request, moving: Booking | None) -> list[Card]:
    wanted = days_wanted(offers, catalogue())
    kept = moving.id if moving else None
    days = availability.day_uses(context(), asked, wanted, now(), moving=kept)
    payer = organisations()[asked.organisation].type
    paid = sum(each.krw for each in charges_of(moving)) if moving else None
    return cards(offers, days, asked, catalogue(), payer, paid=paid)


def _days(form: WishForm, asked: Request, kept: str | None) -> list[DayCell]:
    """The two weeks round the wish, for the main need alone."""
    first, last = days_of_strip(form.day.data, today())
    main = replace(asked, needs=asked.needs[:1])
    found = availability.of_need(context(), main, first, last, now(), moving=kept)
    return strip(found, first, form.day.data, today(), catalogue())


def _why_not_as_asked(
    offers: tuple[Offer, ...], asked: Request, moment: datetime, kept: str | None
) -> tuple[tuple[Reason, ...], str]:
    """Why no offer starts when it was wished, and the wished slot; nothing where one does."""
    if any(each.start == asked.start for each in offers):
        return (), ""
    exactly = replace(asked, earliest=asked.start, latest=asked.start)
    found = request_service.search(context(), exactly, moment, 1, kept)
    end = offers[0].end - offers[0].start + asked.start
    zone = catalogue().resource(offers[0].lines[0].resource).zone
    return found.reasons, when(asked.start, end, zone)


def _asides(reasons: tuple[Reason, ...], asked: Request) -> list[Aside]:
    return asides(reasons, asked.override, overrides.offered(me()), catalogue())


def _mended(form: WishForm, asked: Request, kept: str | None) -> Iterator[Mended]:
    """The nearest changes of the form that find something."""
    also = own_changes(form, asked)
    found = availability.mended(context(), asked, now(), moving=kept, also=also)
    return mended(form, found, lambda pairs: _first_offer(pairs, asked, kept), catalogue())


def _repair_view(repair: Mended) -> RepairView:
    line = repair.offer.lines[0]
    place = text(catalogue().resource(line.resource).name)
    return RepairView(repair.said, repair.pairs, f"{slot_text(line, catalogue())}, {place}")


def _first_offer(pairs: Pairs, asked: Request, kept: str | None) -> Offer | None:
    """What a changed wish would find first."""
    form = wish_form(MultiDict(pairs))
    if not form.validate():
        return None
    changed = replace(wish(form, asked.organisation), override=asked.override)
    return availability.first_offer(context(), changed, now(), moving=kept)


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
