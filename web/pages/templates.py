"""Templates: wishes under a name, to search again with one click."""

from dataclasses import replace
from datetime import date, timedelta

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict

from testbed.domain.catalogue import Catalogue
from testbed.domain.errors import InvalidRequest
from testbed.domain.fit import matching
from testbed.domain.grid import GRAINS_PER_DAY, grains_in, local_midnight, local_moment
from testbed.domain.requests import Request
from testbed.domain.rules import booked_grains
from testbed.service import bookings as booking_service
from testbed.service import templates as service
from testbed.service.series import zone_of
from testbed.service.templates import Template
from web.deps import catalogue, context, me, now, test_kinds, today
from web.languages import gettext
from web.pages.find import wish, wish_form
from web.pages.series import summary
from web.present import error_text
from web.wish import EXACT, FLEXIBILITY
from web.wish_again import Fields, fields_of

DAYS_AHEAD = 7
MOST_SHOWN = 200

blueprint = Blueprint("templates", __name__, url_prefix="/templates")


@blueprint.get("")
def index() -> ResponseReturnValue:
    """The organisation's templates, by name."""
    found = service.listing(context(), me(), limit=MOST_SHOWN).items
    listed = [(each, " · ".join(_summary(each))) for each in sorted(found, key=_name)]
    return render_template("series/templates.html", listed=listed)


def _name(each: Template) -> str:
    return each.name


def _summary(each: Template) -> list[str]:
    form = wish_form(MultiDict(fields_again(each.wish, catalogue(), today())))
    return summary(form) if form.validate() else [gettext("asks for what is no longer offered")]


@blueprint.post("")
def save() -> ResponseReturnValue:
    """Keep the wish of a search, or of a booking, under a name."""
    name, number = request.form.get("template", ""), request.form.get("booking")
    try:
        service.save(
            context(), name, _wish(number), now(), me(), key=request.form.get("key") or None
        )
    except InvalidRequest as wrong:
        flash(error_text(wrong), "bad")
        return redirect(_back(number), 303)
    flash(gettext("Kept as a template: “%(name)s”.", name=name.strip()), "good")
    return redirect(url_for("templates.index"), 303)


def _wish(number: str | None) -> Request:
    if number:
        booking = booking_service.get(context(), number, now(), me())
        return replace(booking.request, way=None, series=None, override=(), partners=())
    form = wish_form(_typed())
    if not form.validate():
        abort(400)
    return replace(wish(form, me().organisation), override=())


def _typed() -> "MultiDict[str, str]":
    own = ("template", "csrf_token", "key")
    return MultiDict([pair for pair in request.form.items(multi=True) if pair[0] not in own])


def _back(number: str | None) -> str:
    """Where the name was typed."""
    if number:
        return url_for("bookings.one", booking_id=number)
    return url_for("find.index", **_typed().to_dict(flat=False))  # type: ignore[arg-type] # lists of values are taken


@blueprint.get("/<template_id>")
def use(template_id: str) -> ResponseReturnValue:
    """The search, filled with the template and a date about a week ahead."""
    wished = service.get(context(), template_id, me()).wish
    again = fields_again(wished, catalogue(), today())
    return redirect(url_for("find.index", choose=1, **again), 303)  # type: ignore[arg-type] # lists of values are taken


@blueprint.post("/<template_id>/rename")
def rename(template_id: str) -> ResponseReturnValue:
    """Give a template another name."""
    try:
        service.rename(context(), template_id, request.form.get("name", ""), now(), me())
    except InvalidRequest as wrong:
        flash(error_text(wrong), "bad")
    return redirect(url_for("templates.index"), 303)


@blueprint.post("/<template_id>/delete")
def delete(template_id: str) -> ResponseReturnValue:
    """Delete a template."""
    service.remove(context(), template_id, now(), me())
    flash(gettext("The template is deleted."), "good")
    return redirect(url_for("templates.index"), 303)


# -- a wish as the form has it ---------------------------------------------------------------


def fields_again(wish_kept: Request, known: Catalogue, day: date) -> Fields:
    """The fields of the form for a kept wish: its weekday of the coming week, its flexibility."""
    zone = zone_of(wish_kept, known)
    begins = local_moment(wish_kept.start, zone)
    ahead = day + timedelta(days=DAYS_AHEAD)
    usual = ahead + timedelta(days=(begins.weekday() - ahead.weekday()) % 7)
    fields = fields_of(wish_kept, zone, test_kinds(), _booked(wish_kept, known))
    return {**fields, "day": [usual.isoformat()], "flex": [_flexible(wish_kept, zone)]}


def _booked(wish_kept: Request, known: Catalogue) -> int:
    """The length by which extras after the main need are told: see `WishForm.request`."""
    rules = (known.rules[each.rule] for each in matching(known, wish_kept.needs[0]))
    lengths = [booked_grains(wish_kept.duration_min, rule) for rule in rules]
    return max(lengths, default=grains_in(wish_kept.duration_min))


def _flexible(wish_kept: Request, zone: str) -> str:
    """The window of a wish as the form's choices have it: the smallest that holds it."""
    if wish_kept.earliest == wish_kept.latest:
        return EXACT
    midnight = local_midnight(local_moment(wish_kept.start, zone).date(), zone)
    after = (wish_kept.latest - midnight) // GRAINS_PER_DAY
    before = -((wish_kept.earliest - midnight) // GRAINS_PER_DAY)
    days = max(after, before, 0)
    return next((each for each in FLEXIBILITY if each != EXACT and int(each) >= days), "14")
