"""Webhooks: where events are sent, what became of them, and the secret that signs them."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from testbed.domain.errors import DomainError, NotFound
from testbed.service import webhooks
from testbed.service.deliveries import Delivery
from testbed.service.listings import Mark
from testbed.service.notices import EVENTS, NOTICES, Group
from testbed.service.webhooks import Shown, Webhook
from web import limits
from web.deps import DEFAULT_ZONE, context, me, now
from web.labels import label
from web.languages import gettext
from web.notice_words import DELIVERIES, DELIVERY_SIGNS, DELIVERY_STYLES, NOTICE_GROUPS
from web.present import error_text, moment_text
from web.problems import status_of

PER_PAGE = 25

blueprint = Blueprint("webhooks", __name__, url_prefix="/webhooks")


@dataclass(frozen=True, slots=True)
class Row:
    """A webhook as it is shown."""

    id: str
    url: str
    events: tuple[str, ...]
    created: str
    is_off: bool
    disabled: str
    why: str


@dataclass(frozen=True, slots=True)
class Sent:
    """A delivery as it is shown; `style` is that of the state of a booking."""

    id: str
    kind: str
    written: str
    said: str
    sign: str
    style: str
    attempts: int
    following: str
    answer: str
    body: str


@blueprint.get("")
def index() -> ResponseReturnValue:
    """The webhooks, and the form for another."""
    return _list()


@blueprint.post("")
def create() -> ResponseReturnValue:
    """Keep another; this answer alone shows its secret, so it is no redirect."""
    limits.hit("submit", str(me().id))
    url, chosen = request.form.get("url", "").strip(), request.form.getlist("events")
    try:
        made = webhooks.add(context(), me(), url, chosen, now())
    except DomainError as error:
        flash(error_text(error), "bad")
        return _list(url, chosen), status_of(error)
    return _one(made.webhook, made), 201


@blueprint.get("/<webhook_id>")
def one(webhook_id: str) -> ResponseReturnValue:
    """One webhook with what was sent to it."""
    return _one(webhooks.get(context(), webhook_id, me()))


@blueprint.post("/<webhook_id>/events")
def choose_events(webhook_id: str) -> ResponseReturnValue:
    """Choose what it hears of."""
    chosen = request.form.getlist("events")
    webhooks.choose_events(context(), webhook_id, me(), chosen, now())
    flash(gettext("Saved."), "good")
    return _back(webhook_id)


@blueprint.post("/<webhook_id>/test")
def test(webhook_id: str) -> ResponseReturnValue:
    """Send a test event."""
    limits.hit("submit", str(me().id))
    webhooks.send_test(context(), webhook_id, me(), now())
    flash(gettext("A test event is on its way; reload in a few seconds."), "good")
    return _back(webhook_id)


@blueprint.post("/<webhook_id>/secret")
def rotate(webhook_id: str) -> ResponseReturnValue:
    """Give it a new secret, shown in this answer alone."""
    made = webhooks.rotate(context(), webhook_id, me(), now())
    return _one(made.webhook, made)


@blueprint.post("/<webhook_id>/enable")
def enable(webhook_id: str) -> ResponseReturnValue:
    """Switch it on again."""
    webhooks.enable(context(), webhook_id, me(), now())
    flash(gettext("Switched on: what waited goes on."), "good")
    return _back(webhook_id)


@blueprint.post("/<webhook_id>/remove")
def remove(webhook_id: str) -> ResponseReturnValue:
    """Forget it."""
    webhooks.remove(context(), webhook_id, me(), now())
    flash(gettext("Removed: nothing is sent there any more."), "good")
    return redirect(url_for("webhooks.index"), 303)


# -- what is shown ---------------------------------------------------------------------------


def _back(webhook_id: str) -> ResponseReturnValue:
    return redirect(url_for("webhooks.one", webhook_id=webhook_id), 303)


def _list(url: str = "", chosen: list[str] | None = None) -> str:
    return render_template(
        "webhooks/index.html",
        rows=[_row(each) for each in webhooks.listing(context(), me())],
        is_for_all=webhooks.owner_of(me()) is None,
        url=url,
        groups=_events(),
        chosen=chosen or [],
    )


def _one(hook: Webhook, made: Shown | None = None) -> str:
    page = webhooks.deliveries_of(context(), hook.id, me(), _mark(), PER_PAGE)
    older = page.next and f"{page.next.at.isoformat()}~{page.next.id}"
    return render_template(
        "webhooks/one.html",
        row=_row(hook),
        made=made,
        sent=list(_sent(page.items)),
        older=older,
        is_first="before" not in request.args,
        groups=_events(),
        chosen=hook.events,
    )


def _mark() -> Mark | None:
    """Where the page before ended. Raises NotFound("cursor")."""
    given = request.args.get("before")
    if given is None:
        return None
    at, _, name = given.partition("~")
    try:
        moment = datetime.fromisoformat(at)
    except ValueError:
        moment = datetime.min  # noqa: DTZ901 -- only asked whether it names a zone
    if moment.tzinfo is None or not name:
        raise NotFound("cursor", cursor=given[:80])
    return Mark(moment, name)


def _events() -> list[tuple[str, list[str]]]:
    """The events by the group that they are of."""
    found = [
        (label(NOTICE_GROUPS, group), sorted(e for e in EVENTS if NOTICES[e].group is group))
        for group in Group
    ]
    return [each for each in found if each[1]]


def _row(hook: Webhook) -> Row:
    return Row(
        hook.id,
        hook.url,
        hook.events,
        _said(hook.created_at),
        hook.disabled_at is not None,
        _said(hook.disabled_at),
        hook.disabled_why or "",
    )


def _sent(items: tuple[Delivery, ...]) -> Iterator[Sent]:
    for each in items:
        state = each.state.value
        yield Sent(
            each.id,
            each.kind,
            _said(each.created_at),
            label(DELIVERIES, state),
            DELIVERY_SIGNS[state],
            DELIVERY_STYLES[state],
            each.attempts,
            _said(each.next_attempt_at),
            each.error or (str(each.status) if each.status else ""),
            each.body,
        )


def _said(moment: datetime | None) -> str:
    return moment_text(moment, DEFAULT_ZONE) if moment else ""
