"""Which notices a member gets and how; and the way out of a digest without signing in."""

from collections.abc import Iterator
from dataclasses import dataclass

from flask import Blueprint, abort, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from testbed.domain.parties import Member
from testbed.secret import opened
from testbed.service import digests, members, notice_choices
from testbed.service.actors import SYSTEM
from testbed.service.notices import CHOICES, Group
from web.deps import context, doors, me, now
from web.labels import label
from web.languages import gettext
from web.notice_words import CHOICES as SAID
from web.notice_words import GROUP_HINTS, NOTICE_GROUPS
from web.security import csrf

blueprint = Blueprint("notices", __name__)


@dataclass(frozen=True, slots=True)
class Row:
    """A group with the choices that it has; `chosen` is the code of the present one."""

    group: str
    said: str
    hint: str
    choices: list[tuple[str, str]]
    chosen: str


@blueprint.get("/account/notices")
def index() -> ResponseReturnValue:
    """How the reader is told of each group."""
    return render_template(
        "account/notices.html",
        rows=list(_rows()),
        hour=f"{doors().settings.jobs.digest_hour:02}:00",
        email=me().email,
    )


@blueprint.post("/account/notices")
def save() -> ResponseReturnValue:
    """Keep what was chosen; a group that is not sent stays as it is."""
    wanted = {group.value: request.form[group] for group in Group if group in request.form}
    notice_choices.choose(context(), me(), wanted, now())
    flash(gettext("Saved."), "good")
    return redirect(url_for("notices.index"), 303)


@blueprint.get("/notices/unsubscribe/<digest_token>")
def ask_unsubscribe(digest_token: str) -> ResponseReturnValue:
    """Ask before anything changes: mail programs look at addresses on their own."""
    member = _reader(digest_token)
    return render_template(
        "account/unsubscribe.html", token=digest_token, email=member.email, done=False
    )


@blueprint.post("/notices/unsubscribe/<digest_token>")
def unsubscribe(digest_token: str) -> ResponseReturnValue:
    """Stop a digest: by the page, or by the one click of a mail program (RFC 8058).

    Whoever has the address may do this and nothing else, so no form needs protecting.
    """
    member = _reader(digest_token)
    notice_choices.stop_digest(context(), member.id, now(), SYSTEM)
    return render_template(
        "account/unsubscribe.html", token=digest_token, email=member.email, done=True
    )


csrf.exempt(unsubscribe)


def _reader(token: str) -> Member:
    """Whose digest the address is of."""
    key = current_app.secret_key
    known = opened(key, digests.UNSUBSCRIBE, token) if isinstance(key, bytes) else None
    found = members.by_id(context(), int(known)) if known else None
    if found is None:
        abort(404)
    return found


def _rows() -> Iterator[Row]:
    for group, chosen in notice_choices.of_member(context(), me()).items():
        offered = [(each.value, label(SAID, each)) for each in CHOICES[group]]
        yield Row(
            group.value,
            label(NOTICE_GROUPS, group),
            label(GROUP_HINTS, group),
            offered,
            chosen.value,
        )
