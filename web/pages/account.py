"""Signing in and out."""

import math
from threading import BoundedSemaphore

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from werkzeug.exceptions import TooManyRequests

from testbed.domain.parties import Member
from testbed.service import members
from web import limits, sessions
from web.account_forms import SignInForm
from web.deps import context
from web.labels import span
from web.languages import gettext

# A check takes 64 MiB, and many at once would all find room before the first of them has failed.
CHECKED_AT_ONCE = 4
_CHECKING = BoundedSemaphore(CHECKED_AT_ONCE)

blueprint = Blueprint("account", __name__)


@blueprint.route("/sign-in", methods=["GET", "POST"])
def sign_in() -> ResponseReturnValue:
    """The form, and the answer to it; the session starts anew at every sign-in."""
    if current_user.is_authenticated:
        return redirect(url_for("home.index"))
    form = SignInForm()
    if not form.validate_on_submit():
        return _page(form)
    try:
        member = _recognised(form.email.data, form.password.data)
    except TooManyRequests as error:
        return _page(form, _too_many(error)), 429, error.get_headers()
    if member is None:
        return _page(form, gettext("Address and password do not belong together.")), 401
    sessions.begin(member)
    return redirect(_next())


@blueprint.post("/sign-out")
def sign_out() -> ResponseReturnValue:
    """End the session, here and for whoever copied its cookie; the language stays."""
    sessions.end()
    return redirect(url_for("account.sign_in"))


def _page(form: SignInForm, refused: str = "") -> str:
    return render_template("account/sign_in.html", form=form, refused=refused)


def _too_many(error: TooManyRequests) -> str:
    minutes = math.ceil(int(str(error.retry_after)) / 60)
    return gettext("Too many attempts failed. Try again in %(time)s.", time=span(minutes))


def _recognised(email: str, password: str) -> Member | None:
    """The member of that address and password, if they may come in here.

    Failures are counted by account and by network address, whether or not anybody has the account.
    Raises TooManyRequests.
    """
    tried: tuple[tuple[limits.Kind, str], ...] = (
        ("sign_in", email.strip().lower()),
        ("sign_in_address", limits.network_address()),
    )
    with _CHECKING:
        for kind, who in tried:
            limits.require_room(kind, who)
        member = members.sign_in(context(), email, password)
        if member is not None and not sessions.is_shut_out(email):
            return member
        for kind, who in tried:
            limits.hit(kind, who)
    return None


def _next() -> str:
    """The page that sent the visitor here, if it is one of ours."""
    wanted = request.args.get("next", "").replace("\\", "/")
    ours = wanted.startswith("/") and not wanted.startswith("//")
    # Browsers leave out tabs and line ends, which would bring two slashes together.
    return wanted if ours and wanted.isprintable() else url_for("home.index")
