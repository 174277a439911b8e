"""Bookings: take an offer, look at what was taken, confirm, cancel or move it."""

from collections.abc import Iterable

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from testbed.domain.bookings import Booking, State
from testbed.domain.catalogue import City
from testbed.domain.parties import Organisation
from testbed.domain.requests import Granted, Request, Way
from testbed.service import bookings as booking_service
from testbed.service import history, listings, no_shows
from testbed.service import requests as request_service
from web import agenda, bookings_asked, for_whom, limits, sections
from web.booked import zone_of
from web.booking_history import event_views
from web.booking_view import BookingView, Known, booking_view
from web.deps import catalogue, context, me, now, organisations, test_kinds, today
from web.languages import gettext, text
from web.pages import find
from web.rules_aside import reason_of
from web.wish import WishForm

PER_PAGE = 50

blueprint = Blueprint("bookings", __name__, url_prefix="/bookings")


@blueprint.get("")
def index() -> ResponseReturnValue:
    """The organisation's bookings, the next one first; an operator sees everybody's."""
    found, known = catalogue(), organisations()
    asked = bookings_asked.read(request.args, found, known if current_user.sees_all else {})
    wanted = bookings_asked.wanted(asked, found, known if current_user.sees_all else {}, now())
    after = bookings_asked.mark_of(asked.after)
    page = listings.bookings(context(), wanted, now(), me(), after=after, limit=PER_PAGE)
    return render_template(
        "bookings.html",
        asked=asked,
        days=agenda.days((each.booking for each in page.items), reading()),
        more=asked.address(after=bookings_asked.mark_text(page.next)) if page.next else "",
        cities=_named(found.cities.values()),
        organisations=_named(known.values()) if current_user.sees_all else [],
        states=list(State),
    )


@blueprint.post("")
def submit() -> ResponseReturnValue:
    """Hold the chosen offer."""
    limits.hit("submit", str(me().id))
    form = find.wish_form(request.form)
    asked = _chosen(form, find.in_whose_name(form))
    key, why = request.form.get("key"), reason_of(form.typed)
    member = for_whom.member_of(form.typed, sees_all=current_user.sees_all)
    submitted = request_service.submit(
        context(), asked, now(), me(), key, why=why, for_member=member
    )
    if submitted.booking is None:
        return _lost(form, None)
    return redirect(url_for("bookings.one", booking_id=submitted.booking.id), 303)


@blueprint.get("/<booking_id>")
def one(booking_id: str) -> ResponseReturnValue:
    """One booking, with what can be done about it now and what became of it."""
    view, booking = _view(booking_id)
    events = history.of_booking(context(), booking_id, me())
    return render_template(
        "booking.html",
        view=view,
        may_act=current_user.sees_all or current_user.books,
        sections=sections.of_booking(booking),
        events=list(event_views(events, catalogue(), zone_of(booking, catalogue()))),
    )


@blueprint.post("/<booking_id>/confirm")
def confirm(booking_id: str) -> ResponseReturnValue:
    """Make the hold a booking."""
    booking = booking_service.confirm(context(), booking_id, now(), me())
    if booking.state is State.PENDING:
        flash(gettext("The place is kept for you while those asked decide."), "good")
    else:
        flash(gettext("Confirmed: the place is yours."), "good")
    return redirect(url_for("bookings.one", booking_id=booking_id), 303)


@blueprint.post("/<booking_id>/check-in")
def check_in(booking_id: str) -> ResponseReturnValue:
    """Note that the organisation has come."""
    no_shows.check_in(context(), booking_id, now(), me())
    flash(gettext("Checked in: the place is yours until the end of the booking."), "good")
    return redirect(url_for("bookings.one", booking_id=booking_id), 303)


@blueprint.get("/<booking_id>/cancel")
def ask_cancel(booking_id: str) -> ResponseReturnValue:
    """Ask once more, with what it costs; a booking that cannot be cancelled shows itself."""
    view, _ = _view(booking_id)
    if not view.can_cancel:
        return redirect(url_for("bookings.one", booking_id=booking_id), 303)
    return render_template("booking_cancel.html", view=view)


@blueprint.post("/<booking_id>/cancel")
def cancel(booking_id: str) -> ResponseReturnValue:
    """Give the place back."""
    booking_service.cancel(context(), booking_id, now(), me())
    flash(gettext("Cancelled: the place is free for others."), "good")
    return redirect(url_for("bookings.one", booking_id=booking_id), 303)


@blueprint.post("/<booking_id>/move")
def move(booking_id: str) -> ResponseReturnValue:
    """Take the chosen offer instead of the present place."""
    limits.hit("submit", str(me().id))
    booking = booking_service.get(context(), booking_id, now(), me())
    form = find.wish_form(request.form)
    asked = _chosen(form, booking.organisation)
    why = reason_of(form.typed)
    moved = booking_service.move(context(), booking_id, asked, now(), me(), why=why)
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
    organisation = moving.organisation if moving else find.in_whose_name(form)
    return find.page(form, find.search(form, organisation, moving), moving), 409


def reading() -> agenda.Reading:
    """What an agenda is read against at this moment."""
    grace = context().grace_minutes
    return agenda.Reading(catalogue(), organisations(), grace, now(), today())


def _view(booking_id: str) -> tuple[BookingView, Booking]:
    """The booking as it stands now, for who may see it."""
    moment = now()
    booking = booking_service.get(context(), booking_id, moment, me())
    known = Known(catalogue(), organisations(), test_kinds(), context().grace_minutes)
    return booking_view(booking, moment, known), booking


def _named(entries: Iterable[City | Organisation]) -> list[tuple[str, str]]:
    """Id and name of entries, by name."""
    return sorted(((each.id, text(each.name)) for each in entries), key=lambda each: each[1])
