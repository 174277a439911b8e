"""The reader's own account: name, language of mails, password, sessions."""

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from testbed.domain.errors import DomainError, NotAllowed
from testbed.service import accounts, tokens
from web import limits, people, sessions
from web.account_forms import PasswordForm, ProfileForm
from web.demo import is_demo
from web.deps import context, me, now
from web.languages import gettext
from web.present import error_text
from web.problems import status_of

blueprint = Blueprint("profile", __name__, url_prefix="/account")


@blueprint.get("")
def index() -> ResponseReturnValue:
    """What is known of the reader, and the ways to change it."""
    return _page()


@blueprint.post("")
def save() -> ResponseReturnValue:
    """Save name and language of mails."""
    form = ProfileForm()
    if not form.validate_on_submit():
        return _page(profile=form), 400
    try:
        accounts.set_profile(context(), me(), form.name.data, form.language.data, now())
    except DomainError as error:
        flash(error_text(error), "bad")
        return _page(profile=form), status_of(error)
    flash(gettext("Saved."), "good")
    return redirect(url_for("profile.index"), 303)


@blueprint.post("/password")
def password() -> ResponseReturnValue:
    """Change the password; every other session ends, this one begins anew."""
    form, member = PasswordForm(), me()
    if is_demo(member.email):
        raise NotAllowed("demo_account")
    if not form.validate_on_submit():
        return _page(secret=form), 400
    limits.require_room("sign_in", member.email)
    try:
        accounts.change_password(context(), member, form.old.data, form.new.data, now())
    except DomainError as error:
        return _refused(form, error)
    sessions.begin(member)
    flash(gettext("Your new password holds. Every other session has ended."), "good")
    return redirect(url_for("profile.index"), 303)


@blueprint.post("/sign-out-everywhere")
def sign_out_everywhere() -> ResponseReturnValue:
    """End every session, also this one."""
    accounts.sign_out_everywhere(context(), me(), now())
    sessions.end()
    flash(gettext("Signed out on every device."), "good")
    return redirect(url_for("account.sign_in"), 303)


def _refused(form: PasswordForm, error: DomainError) -> ResponseReturnValue:
    """The page again; a wrong old password counts as a sign-in that failed."""
    if error.code == "wrong_password":
        limits.hit("sign_in", me().email)
    flash(error_text(error), "bad")
    return _page(secret=form), status_of(error)


def _page(profile: ProfileForm | None = None, secret: PasswordForm | None = None) -> str:
    found = accounts.account(context(), me().id, me())
    typed = {"name": found.member.name, "language": found.language}
    return render_template(
        "account/profile.html",
        person=people.person(found),
        profile=profile or ProfileForm(formdata=None, data=typed),
        secret=secret or PasswordForm(formdata=None),
        tokens=len(tokens.listing(context(), me())),
        is_demo=is_demo(me().email),
    )
