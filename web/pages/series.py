"""Series: ask for many dates at once, see what became of each, change some or all of them."""

import secrets
from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from werkzeug.datastructures import MultiDict

from testbed.domain.bookings import State
from testbed.domain.errors import InvalidRequest
from testbed.domain.grid import local_date
from testbed.domain.series import Change, Extent, Scope, plan_of
from testbed.service import bookings as booking_service
from testbed.service import series as service
from testbed.service import series_edits, series_reading
from testbed.service.listings import Mark
from testbed.service.series import Wanted
from testbed.service.series_edits import Further
from testbed.service.series_reading import Shown
from testbed.service.terms import Terms
from web import limits
from web.booked import zone_of
from web.booking_view import Hold, hold_of
from web.deps import catalogue, context, me, now, organisations, test_kinds, today
from web.labels import KINDS, label, span
from web.languages import gettext, ngettext, text
from web.pages.find import wish, wish_form
from web.present import error_text
from web.series_change import ChangeForm
from web.series_form import OWN, SENT, SeriesForm
from web.series_view import (
    choice_of,
    costing_rows,
    edited_view,
    foreseen_rows,
    refused_rows,
    repairs_of,
    rows,
)
from web.series_words import date_text, pattern_text, series_view
from web.wish import FLEXIBILITY, WishForm
from web.wish_again import fields_of

PER_PAGE = 30
BETWEEN = "~"

blueprint = Blueprint("series", __name__, url_prefix="/series")


# -- looking ---------------------------------------------------------------------------------


@blueprint.get("")
def index() -> ResponseReturnValue:
    """The series of the organisation, the newest first; an operator sees everybody's."""
    after = _mark_of(request.args.get("after", ""))
    page = series_reading.listing(context(), now(), me(), after=after, limit=PER_PAGE)
    names = {each.id: text(each.name) for each in organisations().values()}
    return render_template(
        "series/index.html",
        listed=[series_view(each) for each in page.items],
        names=names,
        more=f"{page.next.at.isoformat()}{BETWEEN}{page.next.id}" if page.next else "",
    )


def _mark_of(written: str) -> Mark | None:
    """The mark that an address names, None for what is none."""
    at, _, name = written.partition(BETWEEN)
    try:
        moment = datetime.fromisoformat(at)
    except ValueError:
        return None
    return Mark(moment, name) if moment.tzinfo and name.isalnum() else None


@blueprint.get("/<series_id>")
def one(series_id: str) -> ResponseReturnValue:
    """One series with all its dates."""
    return _page(_shown(series_id))


def _page(shown: Shown) -> str:
    changes = current_user.sees_all or current_user.books
    return render_template(
        "series/one.html",
        series=series_view(shown),
        rows=rows(shown),
        hold=_hold(shown),
        is_confirmed=shown.kept.confirmed_at is not None,
        by_rule=shown.kept.plan.rule is not None,
        may_act=changes,
        owner=text(organisations()[shown.kept.organisation].name),
        first=shown.dates[0].occurrence.day.isoformat(),
        last=shown.dates[-1].occurrence.day.isoformat(),
        key=_key(),
    )


def _hold(shown: Shown) -> Hold | None:
    """How long the series is held: until the first of its holds runs out."""
    held = [each for each in shown.of(State.HELD) if each.expires_at is not None]
    first = min(held, key=lambda each: str(each.expires_at), default=None)
    return None if first is None else hold_of(first, shown.kept.plan.zone, now())


def _shown(series_id: str) -> Shown:
    return series_reading.get(context(), series_id, now(), me())


def _key() -> str:
    return secrets.token_urlsafe(16)


def _terms() -> Terms:
    return Terms(key=request.form.get("key") or None)


# -- asking ----------------------------------------------------------------------------------


@blueprint.get("/new")
def new() -> ResponseReturnValue:
    """The form of a series, with what would become of each date once it was sent."""
    asked, form = _forms(_given())
    if not asked.validate():
        flash(gettext("Say first what the test needs; then it can be repeated."), "bad")
        return redirect(url_for("find.index"), 303)
    if SENT not in request.args or not form.validate():
        return _asking(asked, form)
    limits.hit("search", str(me().id))
    try:
        wanted = _wanted(asked, form)
    except InvalidRequest as wrong:
        flash(error_text(wrong), "bad")
        return _asking(asked, form), 422
    found = service.preview(context(), wanted, now(), me())
    return _asking(asked, form, wanted=wanted, found=foreseen_rows(wanted.plan, found))


@blueprint.post("")
def submit() -> ResponseReturnValue:
    """Hold what fits of the series."""
    limits.hit("submit", str(me().id))
    asked, form = _forms(request.form)
    if not (asked.validate() and form.validate()):
        abort(400)
    wanted = _wanted(asked, form)
    made = service.submit(context(), wanted, now(), me(), request.form.get("key") or None)
    if made.series is None:
        return _asking(asked, form, refused=refused_rows(made.refused)), 409
    flash(gettext("Asked for every date: what fits is held together."), "good")
    return redirect(url_for("series.one", series_id=made.series), 303)


def _given() -> "MultiDict[str, str]":
    """What was sent, or the wish of the booking that is to be repeated."""
    number = request.args.get("booking")
    if not number:
        return request.args
    booking = booking_service.get(context(), number, now(), me())
    length = booking.end - booking.start
    zone = zone_of(booking, catalogue())
    typed: MultiDict[str, str] = MultiDict(fields_of(booking.request, zone, test_kinds(), length))
    typed["flex"] = "exact"
    # A booking that is over is repeated from the coming days on.
    if local_date(booking.start, zone) < today():
        typed["day"] = today().isoformat()
    if request.args.get("dates"):
        typed["dates"] = "y"
    return typed


def _forms(given: "MultiDict[str, str]") -> tuple[WishForm, SeriesForm]:
    asked = wish_form(MultiDict([pair for pair in given.items(multi=True) if pair[0] not in OWN]))
    first = asked.day.data or today()
    return asked, SeriesForm(given, first)


def _wanted(asked: WishForm, form: SeriesForm) -> Wanted:
    organisation = me().organisation
    first = replace(wish(asked, organisation), override=())
    plan = plan_of(
        first,
        service.zone_of(first, catalogue()),
        form.rule,
        skip_holidays=form.holidays.data,
        all_or_nothing=form.partly.data == "all",
    )
    return service.wanted(organisation, plan, form.dates or None, form.name.data or "")


def _asking(
    asked: WishForm,
    form: SeriesForm,
    *,
    wanted: Wanted | None = None,
    found: Iterable[object] = (),
    refused: Iterable[object] = (),
) -> str:
    pairs = asked.pairs()
    typed = [*pairs, *form.pairs()] if form.errors == {} and SENT in request.values else pairs
    back: MultiDict[str, str] = MultiDict(pairs)
    return render_template(
        "series/new.html",
        asked=asked,
        what=summary(asked),
        form=form,
        wish_pairs=pairs,
        typed=typed,
        back=url_for("find.index", choose=1, **back.to_dict(flat=False)),  # type: ignore[arg-type] # lists of values are taken
        found=list(found),
        refused=list(refused),
        pattern=pattern_text(wanted.plan, wanted.days) if wanted else "",
        today=today(),
        key=_key(),
    )


def summary(asked: WishForm) -> list[str]:
    """What a checked wish asks for, in words, and when."""
    named = text(asked.preset.name) if asked.preset else label(KINDS, asked.need_type.value)
    place = [text(asked.place.name)] if asked.place else []
    extras = [each.said for each in asked.extras.ticked]
    length = span(int(asked.hours.data * 60))
    flexible = str(FLEXIBILITY[asked.flex.data])
    return [named, *place, *asked.own_terms(), *extras, asked.at.data, length, flexible]


# -- steps -----------------------------------------------------------------------------------


@blueprint.post("/<series_id>/confirm")
def confirm(series_id: str) -> ResponseReturnValue:
    """Make every hold of the series a booking."""
    done = service.confirm(context(), series_id, now(), me(), terms=_terms())
    said = ngettext(
        "Confirmed: %(num)d date is yours.", "Confirmed: %(num)d dates are yours.", len(done)
    )
    flash(said, "good")
    return redirect(url_for("series.one", series_id=series_id), 303)


@blueprint.get("/<series_id>/edit")
def edit(series_id: str) -> ResponseReturnValue:
    """What may be changed of this date, the following or all."""
    shown = _shown(series_id)
    return _editing(shown, _extent(shown), _change_form(shown))


@blueprint.post("/<series_id>/edit")
def save(series_id: str) -> ResponseReturnValue:
    """Change the dates, and tell which could not be."""
    limits.hit("submit", str(me().id))
    shown = _shown(series_id)
    extent, form = _extent(shown), _change_form(shown)
    if not form.validate():
        return _editing(shown, extent, form), 422
    try:
        change: Change = form.change()
        done = series_edits.edit(
            context(), series_id, extent, now(), me(), change=change, terms=_terms()
        )
    except InvalidRequest as wrong:
        flash(error_text(wrong), "bad")
        return _editing(shown, extent, form), 422
    return _changed(series_id, done, gettext("Changed"))


def _change_form(shown: Shown) -> ChangeForm:
    plan = shown.kept.plan
    era = plan.era(_day(shown))
    return ChangeForm(request.values, era, catalogue())


def _editing(shown: Shown, extent: Extent, form: ChangeForm) -> str:
    return render_template(
        "series/edit.html",
        series=series_view(shown),
        form=form,
        extent=extent,
        day_said=date_text(extent.day),
        scopes=_scopes(),
        key=_key(),
    )


def _scopes() -> list[tuple[str, str]]:
    return [
        (Scope.THIS.value, gettext("this date alone")),
        (Scope.FOLLOWING.value, gettext("this and the following")),
        (Scope.ALL.value, gettext("all that are still to come")),
    ]


def _extent(shown: Shown) -> Extent:
    """The dates that a step concerns: by default the date alone."""
    said = request.values.get("scope", Scope.THIS.value)
    if said not in set(Scope):
        abort(400)
    return Extent(Scope(said), _day(shown))


def _day(shown: Shown) -> date:
    """The day that the address or form names, else the first one."""
    typed = request.values.get("day")
    return _read_day(typed) if typed else shown.dates[0].occurrence.day


def _read_day(typed: str) -> date:
    try:
        return date.fromisoformat(typed)
    except ValueError:
        abort(400)


def _changed(series_id: str, done: series_edits.Edited, heading: str) -> str:
    return render_template(
        "series/changed.html",
        series=series_view(_shown(series_id)),
        done=edited_view(done),
        heading=heading,
    )


@blueprint.get("/<series_id>/cancel")
def ask_cancel(series_id: str) -> ResponseReturnValue:
    """Ask once more, with what it costs."""
    shown = _shown(series_id)
    extent = _extent(shown)
    costs = series_edits.cancelling(context(), series_id, extent, now(), me())
    return render_template(
        "series/cancel.html",
        series=series_view(shown),
        extent=extent,
        day_said=date_text(extent.day),
        scopes=_scopes(),
        costs=costing_rows(costs),
        key=_key(),
    )


@blueprint.post("/<series_id>/cancel")
def cancel(series_id: str) -> ResponseReturnValue:
    """Give the places back."""
    extent = _extent(_shown(series_id))
    done = series_edits.cancel(context(), series_id, extent, now(), me(), terms=_terms())
    return _changed(series_id, done, gettext("Cancelled"))


@blueprint.post("/<series_id>/dates/<day>/ask")
def ask(series_id: str, day: str) -> ResponseReturnValue:
    """Ask again for a date without a place, as it was or with a repair."""
    limits.hit("submit", str(me().id))
    shown, named = _shown(series_id), _read_day(day)
    choice, other = request.form.get("repair", ""), None
    if choice:
        found = (each for each in repairs_of(shown, named) if choice_of(each) == choice)
        repair = next(found, None)
        if repair is None:
            flash(gettext("That has just gone. Here is what there is now."), "bad")
            return _page(shown), 409
        other = repair.request
    done = series_edits.ask_again(
        context(), series_id, named, now(), me(), other=other, terms=_terms()
    )
    if done.days:
        flash(gettext("Held: %(day)s has a place.", day=date_text(named)), "good")
    else:
        flash(gettext("%(day)s still does not fit.", day=date_text(named)), "bad")
    return redirect(url_for("series.one", series_id=series_id, _anchor=f"d-{day}"), 303)


@blueprint.post("/<series_id>/extend")
def extend(series_id: str) -> ResponseReturnValue:
    """Ask for more dates."""
    limits.hit("submit", str(me().id))
    days = tuple(_read_day(each) for each in request.form.getlist("date") if each)
    until = request.form.get("until", "")
    further = Further(until=_read_day(until) if until else None, days=days)
    try:
        done = series_edits.extend(context(), series_id, further, now(), me(), terms=_terms())
    except InvalidRequest as wrong:
        flash(error_text(wrong), "bad")
        return redirect(url_for("series.one", series_id=series_id), 303)
    said = ngettext(
        "%(num)d date more was asked for.", "%(num)d dates more were asked for.", len(done.days)
    )
    flash(said, "good")
    return redirect(url_for("series.one", series_id=series_id), 303)
