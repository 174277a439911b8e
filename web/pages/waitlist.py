"""The waitlist: who waits for what and why in this order, joining, leaving, answering an offer."""

from dataclasses import replace
from datetime import date, timedelta
from itertools import groupby

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from testbed.domain.bookings import State
from testbed.domain.errors import DomainError
from testbed.domain.grid import local_midnight
from testbed.domain.requests import Decision, Granted, Request, Waitlisted
from testbed.domain.waitlist import Waiting
from testbed.service import offered, waitlist
from testbed.service import requests as request_service
from web import limits
from web.deps import DEFAULT_ZONE, catalogue, context, me, now, today
from web.languages import gettext
from web.pages import find
from web.present import error_text, reason_texts
from web.rules_aside import reason_of
from web.waiting_view import ended, signature, waits
from web.wish import FARTHEST_DAYS

ENDED_DAYS = 30

blueprint = Blueprint("waitlist", __name__, url_prefix="/waitlist")


@blueprint.get("")
def index() -> ResponseReturnValue:
    """Own entries with their place and why; an operator sees everybody's, by what they wait for."""
    shown = [waits(each) for each in waitlist.listing(context(), now(), me())]
    by_what = sorted(shown, key=lambda each: each.what) if current_user.sees_all else []
    return render_template(
        "bookings/waitlist.html",
        waits=shown,
        groups=[(what, list(some)) for what, some in groupby(by_what, lambda each: each.what)],
        ended=[] if current_user.sees_all else _ended(),
        signature=signature(shown),
    )


def _ended() -> list[tuple[str, str, str]]:
    """What was waited for in vain, of late."""
    over = {Waiting.LAPSED, Waiting.UNANSWERED}
    since = now() - timedelta(days=ENDED_DAYS)
    entries = waitlist.entries_of(context(), me().organisation, over)
    late = [each for each in entries if each.request.submitted_at >= since]
    return [ended(each) for each in late]


@blueprint.post("")
def join() -> ResponseReturnValue:
    """Wait for a wish within a window; where something fits by now it is held at once."""
    limits.hit("submit", str(me().id))
    form = find.wish_form(request.form)
    if not form.validate():
        abort(400)
    asked = _widened(find.wish(form, me().organisation))
    key, why = request.form.get("key"), reason_of(form.typed)
    given = request_service.submit(context(), asked, now(), me(), key, why=why)
    if isinstance(given.decision, Granted) and given.booking is not None:
        flash(gettext("Something has just become free: it is held for you."), "good")
        return redirect(url_for("bookings.one", booking_id=given.booking.id), 303)
    if isinstance(given.decision, Waitlisted):
        flash(gettext("You wait: as soon as something fits, it is held for you."), "good")
        return redirect(url_for("waitlist.index"), 303)
    return _refusal(given.decision)


def _refusal(decision: Decision) -> ResponseReturnValue:
    """Back to the search with why nobody can wait for that."""
    reasons = () if isinstance(decision, Granted) else decision.reasons
    flash(" ".join(reason_texts(reasons, catalogue())), "bad")
    return redirect(url_for("find.index"), 303)


def _widened(asked: Request) -> Request:
    """The request, waiting within the days that were typed."""
    first, last = _day("wait_from"), _day("wait_until")
    partial = "partial" in request.form
    if first is None or last is None:
        return replace(asked, wait=True, partial=partial)
    if not today() <= first <= last <= today() + timedelta(days=FARTHEST_DAYS):
        abort(400)
    earliest = local_midnight(first, DEFAULT_ZONE)
    latest = local_midnight(last + timedelta(days=1), DEFAULT_ZONE) - 1
    start = min(max(asked.start, earliest), latest)
    return replace(asked, wait=True, partial=partial, earliest=earliest, latest=latest, start=start)


def _day(name: str) -> date | None:
    typed = request.form.get(name, "")
    try:
        return date.fromisoformat(typed) if typed else None
    except ValueError:
        abort(400)


@blueprint.post("/<request_id>/withdraw")
def withdraw(request_id: str) -> ResponseReturnValue:
    """Wait no longer."""
    try:
        waitlist.withdraw(context(), request_id, now(), me())
    except DomainError as error:
        return _refused(error)
    flash(gettext("Taken off the waitlist."), "good")
    return redirect(url_for("waitlist.index"), 303)


@blueprint.post("/<request_id>/accept")
def accept(request_id: str) -> ResponseReturnValue:
    """Take what is held."""
    try:
        booking = offered.accept(context(), request_id, now(), me())
    except DomainError as error:
        return _refused(error)
    if booking.state is State.PENDING:
        flash(gettext("Accepted: it is confirmed once everybody asked has approved it."), "good")
    else:
        flash(gettext("Confirmed: the place is yours."), "good")
    return redirect(url_for("bookings.one", booking_id=booking.id), 303)


@blueprint.post("/<request_id>/decline")
def decline(request_id: str) -> ResponseReturnValue:
    """Give back what is held and go on waiting."""
    try:
        offered.decline(context(), request_id, now(), me())
    except DomainError as error:
        return _refused(error)
    flash(gettext("Declined: the next in line gets it, and you go on waiting."), "good")
    return redirect(url_for("waitlist.index"), 303)


def _refused(error: DomainError) -> ResponseReturnValue:
    """Back to the list with why; what is not theirs is nothing at all."""
    if error.code in {"waitlist", "booking"}:
        abort(404)
    flash(error_text(error, catalogue()), "bad")
    return redirect(url_for("waitlist.index"), 303)
