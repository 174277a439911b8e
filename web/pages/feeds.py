"""Calendar feeds of the reader: make, name and revoke them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from testbed.domain.errors import DomainError
from testbed.service import feeds
from testbed.service.feeds import Created, Feed, Kind, Wanted
from web.account_forms import FeedForm
from web.deps import DEFAULT_ZONE, catalogue, context, me, now, organisations
from web.feed_words import shows
from web.languages import gettext, language, text
from web.present import city_name, error_text, moment_text
from web.problems import status_of

blueprint = Blueprint("feeds", __name__, url_prefix="/account/feeds")


@dataclass(frozen=True, slots=True)
class Row:
    """A feed in the list."""

    id: str
    name: str
    shows: str
    language: str
    created: str
    used: str


@dataclass(frozen=True, slots=True)
class Fresh:
    """A feed just made: its address, and the same for programs that take it from a link."""

    name: str
    address: str
    subscribe: str


@blueprint.get("")
def index() -> ResponseReturnValue:
    """The feeds that stand, and the form for another; `about` may choose what it shows."""
    form = _form()
    if request.args.get("about") in _values():
        form.shows.data = request.args["about"]
    return _page(form)


@blueprint.post("")
def create() -> ResponseReturnValue:
    """Make a feed; this answer alone shows its address, so it is no redirect."""
    form = _form()
    if not form.validate_on_submit():
        return _page(form), 400
    kind, _, about = form.shows.data.partition(":")
    wanted = Wanted(form.name.data, Kind(kind), about, form.language.data)
    try:
        made = feeds.create(context(), me(), wanted, now())
    except DomainError as error:
        flash(error_text(error), "bad")
        return _page(form), status_of(error)
    return _page(_form(fresh=True), made), 201


@blueprint.post("/<feed_id>/name")
def rename(feed_id: str) -> ResponseReturnValue:
    """Call a feed otherwise."""
    try:
        feeds.rename(context(), feed_id, request.form.get("name", ""), now(), me())
    except DomainError as error:
        flash(error_text(error), "bad")
    else:
        flash(gettext("Saved."), "good")
    return redirect(url_for("feeds.index"), 303)


@blueprint.post("/<feed_id>/revoke")
def revoke(feed_id: str) -> ResponseReturnValue:
    """Let a feed open nothing any more."""
    feeds.revoke(context(), feed_id, now(), me())
    flash(gettext("Revoked: the address opens nothing any more."), "good")
    return redirect(url_for("feeds.index"), 303)


def _page(form: FeedForm, made: Created | None = None) -> str:
    return render_template(
        "account/feeds.html",
        form=form,
        made=_fresh(made) if made else None,
        rows=[_row(each) for each in feeds.listing(context(), me())],
    )


def _fresh(made: Created) -> Fresh:
    address = url_for("calendar.feed", key=made.text, _external=True)
    return Fresh(made.feed.name, address, "webcal:" + address.partition(":")[2])


def _row(feed: Feed) -> Row:
    return Row(
        id=feed.id,
        name=feed.name,
        shows=shows(feed, catalogue(), organisations()),
        language=feed.language,
        created=_said(feed.created_at),
        used=_said(feed.last_used_at),
    )


def _said(moment: datetime | None) -> str:
    return moment_text(moment, DEFAULT_ZONE) if moment else ""


# -- the form --------------------------------------------------------------------------------


def _form(*, fresh: bool = False) -> FeedForm:
    given: dict[str, object] = {"formdata": None} if fresh else {}
    form = FeedForm(data={"language": language()}, **given)
    form.shows.choices = _choices()
    return form


def _choices() -> Mapping[str, list[tuple[str, str]]]:
    """What a feed may show, in groups; an operator may choose every organisation."""
    found, known = catalogue(), organisations()
    mine = [(f"{Kind.MEMBER.value}:", gettext("My bookings"))]
    parties = known.values() if current_user.sees_all else [known[me().organisation]]
    named = sorted((text(each.name), each.id) for each in parties)
    cities = sorted((city_name(found, each), each) for each in found.cities)
    places = sorted((text(each.name), each.id) for each in found.resources() if each.bookable)
    return {
        gettext("Bookings"): [
            *mine,
            *((f"{Kind.ORGANISATION.value}:{name}", said) for said, name in named),
        ],
        gettext("Cities"): [(f"{Kind.CITY.value}:{name}", said) for said, name in cities],
        gettext("Routes and facilities"): [
            (f"{Kind.RESOURCE.value}:{name}", said) for said, name in places
        ],
    }


def _values() -> set[str]:
    return {value for group in _choices().values() for value, _ in group}
