"""Closures: the emergency stop, what is closed now, and what is displaced still."""

import secrets
from collections.abc import Mapping

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext

from testbed.domain.errors import InvalidRequest, NotFound
from testbed.service import closures
from testbed.service.closures import Order
from testbed.service.terms import Terms
from web import agenda
from web.closed_words import closure_view
from web.deps import catalogue, context, me, now
from web.languages import gettext, text
from web.pages.bookings import reading
from web.present import error_text
from web.problems import status_of

LENGTHS = {
    "60": lazy_gettext("1 hour"),
    "120": lazy_gettext("2 hours"),
    "240": lazy_gettext("4 hours"),
    "480": lazy_gettext("8 hours"),
    "1440": lazy_gettext("24 hours"),
    "10080": lazy_gettext("7 days"),
    "open": lazy_gettext("until it is reopened"),
}
LATELY = 10

blueprint = Blueprint("closures", __name__, url_prefix="/closures")


@blueprint.get("")
def index() -> ResponseReturnValue:
    """What is closed, what it displaced, and the form that closes at once."""
    return _page(request.args)


def _page(typed: Mapping[str, str]) -> str:
    shut = closures.in_force(context(), now())
    left = closures.displaced(context(), now(), me())
    past = closures.listing(context(), me(), limit=LATELY).items
    known = {each.id for each in shut}
    return render_template(
        "day/closures.html",
        shut=[closure_view(each) for each in shut],
        past=[closure_view(each) for each in past if each.id not in known],
        displaced=[agenda.row(each, reading()) for each in left],
        targets=_targets(),
        typed=typed,
        lengths=LENGTHS,
        key=secrets.token_urlsafe(16),
    )


@blueprint.post("")
def stop() -> ResponseReturnValue:
    """Close at once."""
    length = request.form.get("minutes", "")
    if length not in LENGTHS:
        abort(400)
    order = Order(
        request.form.get("target", ""),
        None if length == "open" else int(length),
        request.form.get("reason", ""),
    )
    terms = Terms(key=request.form.get("key") or None)
    try:
        struck = closures.stop(context(), order, now(), me(), terms=terms)
    except (InvalidRequest, NotFound) as error:
        flash(error_text(error, catalogue()), "bad")
        return _page(request.form), status_of(error)
    flash(
        gettext(
            "Closed. Bookings ended: %(ended)d, displaced: %(displaced)d. Everybody on it is told.",
            ended=len(struck.ended),
            displaced=len(struck.displaced),
        ),
        "good",
    )
    return redirect(url_for("closures.index"), 303)


@blueprint.post("/<closure_id>/reopen")
def reopen(closure_id: str) -> ResponseReturnValue:
    """End a closure."""
    done = closures.reopen(context(), closure_id, now(), me())
    flash(
        gettext(
            "Reopened. Bookings that have their place again: %(restored)d, still displaced: "
            "%(left)d.",
            restored=len(done.restored),
            left=len(done.left),
        ),
        "good",
    )
    return redirect(url_for("closures.index"), 303)


def _targets() -> list[tuple[str, list[tuple[str, str]]]]:
    """What can be closed, under each site: the whole site first, then its corridors and places."""
    found = catalogue()
    groups = []
    for site in sorted(found.sites.values(), key=lambda each: text(each.name)):
        here = [each for each in found.resources() if each.site == site.id]
        names = {each.id for each in here}
        roads = [each for each in found.corridors.values() if names.intersection(each.routes)]
        whole = (site.id, gettext("%(site)s: the whole site", site=text(site.name)))
        parts = [(each.id, text(each.name)) for each in (*roads, *here)]
        groups.append((text(site.name), [whole, *parts]))
    return groups
