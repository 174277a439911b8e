"""Signing in and out."""

from urllib.parse import urlsplit

from flask import Blueprint, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext
from flask_login import current_user, login_user, logout_user
from flask_wtf import FlaskForm
from wtforms import PasswordField, StringField
from wtforms.validators import InputRequired, Length

from testbed.domain.parties import Member
from testbed.service import accounts, members
from web.demo import is_demo
from web.deps import SignedIn, context, doors
from web.security import login

blueprint = Blueprint("account", __name__)


class SignInForm(FlaskForm):  # type: ignore[misc] # Flask-WTF ships no types
    """Who comes, and how they show it."""

    email = StringField(lazy_gettext("E-mail"), [InputRequired(), Length(max=254)])
    password = PasswordField(lazy_gettext("Password"), [InputRequired(), Length(max=1024)])


@blueprint.route("/sign-in", methods=["GET", "POST"])
def sign_in() -> ResponseReturnValue:
    """The form, and the answer to it; the session starts anew at every sign-in."""
    if current_user.is_authenticated:
        return redirect(url_for("home.index"))
    form = SignInForm()
    refused = False
    if form.validate_on_submit():
        member = _recognised(form.email.data, form.password.data)
        if member is not None:
            _start_session(SignedIn(member, accounts.session_of(context(), member)))
            return redirect(_next())
        refused = True
    page = render_template("sign_in.html", form=form, refused=refused)
    return page, 401 if refused else 200


@blueprint.post("/sign-out")
def sign_out() -> ResponseReturnValue:
    """End the session; the language stays."""
    logout_user()
    _forget_all_but_language()
    return redirect(url_for("account.sign_in"))


@login.user_loader  # type: ignore[untyped-decorator] # Flask-Login ships no types
def _load(session: str) -> SignedIn | None:
    """Who the session belongs to, nobody once it was ended (a new password, a role, a sign-out)."""
    member = accounts.by_session(context(), session)
    if member is None or _is_shut_out(member.email):
        return None
    return SignedIn(member, session)


def _recognised(email: str, password: str) -> Member | None:
    """The member of that address and password, if they may come in here."""
    member = members.sign_in(context(), email, password)
    return None if _is_shut_out(email) else member


def _is_shut_out(email: str) -> bool:
    """Demonstration accounts exist in demo mode only."""
    return is_demo(email) and not doors().demo


def _start_session(person: SignedIn) -> None:
    _forget_all_but_language()
    session.permanent = True
    login_user(person)


def _forget_all_but_language() -> None:
    language = session.get("lang")
    session.clear()
    if language:
        session["lang"] = language


def _next() -> str:
    """The page that sent the visitor here, if it is one of ours."""
    wanted = request.args.get("next", "").replace("\\", "/")
    parts = urlsplit(wanted)
    ours = wanted.startswith("/") and not wanted.startswith("//")
    safe = ours and not parts.scheme and not parts.netloc
    return wanted if safe else url_for("home.index")
