"""The ways in for people without a session: forgotten password, invitation, registration."""

from collections.abc import Callable

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from testbed.domain.errors import DomainError, NotFound
from testbed.service import invitations, members, password_resets, registrations
from testbed.service.registrations import Proposal
from web import limits, sessions
from web.account_forms import AcceptForm, ForgottenForm, RegisterForm, ResetForm
from web.demo import is_demo
from web.deps import DEFAULT_ZONE, catalogue, context, now
from web.labels import ROLE_HINTS, ROLES, label
from web.languages import gettext, language, text
from web.present import error_text, moment_text
from web.problems import status_of

blueprint = Blueprint("entry", __name__)

# The sector of an organisation follows from its type: one question less.
SECTORS = {
    "university": "academia",
    "research_institute": "research",
    "public_service": "public-agency",
}


@blueprint.route("/forgotten-password", methods=["GET", "POST"])
def forgotten() -> ResponseReturnValue:
    """Ask for the mail with a new password's link; the answer never tells who is a member."""
    form = ForgottenForm()
    if not form.validate_on_submit():
        return render_template("account/forgotten.html", form=form)
    limits.hit("ask", limits.network_address())
    if not is_demo(form.email.data):
        password_resets.ask(context(), form.email.data, now())
    return redirect(url_for("entry.mailed"), 303)


@blueprint.get("/forgotten-password/mailed")
def mailed() -> ResponseReturnValue:
    """What happens next, the same for every address."""
    return render_template("account/mailed.html")


@blueprint.route("/password-reset/<ticket>", methods=["GET", "POST"])
def reset(ticket: str) -> ResponseReturnValue:
    """Choose a new password by the link of a mail; all other sessions end."""
    try:
        person = password_resets.look(context(), ticket, now())
        form = ResetForm()
        if form.validate_on_submit():
            password_resets.complete(context(), ticket, form.password.data, now())
            sessions.begin(person)
            flash(gettext("Your new password holds. Every other session has ended."), "good")
            return redirect(url_for("home.index"), 303)
    except NotFound:
        return render_template("account/over.html", kind="password_reset"), 404
    return render_template("account/reset.html", form=form, email=person.email)


@blueprint.route("/invitations/<ticket>", methods=["GET", "POST"])
def invitation(ticket: str) -> ResponseReturnValue:
    """Become a member by the link of a mail: name, password, and in."""
    try:
        invited = invitations.look(context(), ticket, now())
        form = AcceptForm(data={"language": invited.language})
        return _answered(form, lambda: _accept(ticket, form), lambda: _invitation(invited, form))
    except NotFound as error:
        if error.code != "invitation":
            raise
        return render_template("account/over.html", kind="invitation"), 404


@blueprint.route("/register", methods=["GET", "POST"])
def register() -> ResponseReturnValue:
    """An organisation asks to take part."""
    cities = sorted((text(each.name), each.id) for each in catalogue().cities.values())
    form = RegisterForm(data={"language": language()}).offer((code, said) for said, code in cities)
    return _answered(form, lambda: _register(form), lambda: _registration(form))


@blueprint.get("/register/received")
def registered() -> ResponseReturnValue:
    """What happens next."""
    return render_template("account/registered.html")


def _answered(
    form: RegisterForm | AcceptForm,
    work: Callable[[], ResponseReturnValue],
    page: Callable[[], str],
) -> ResponseReturnValue:
    """The form's work once it is filled in; what the service refuses is said above the form."""
    if not form.validate_on_submit():
        return page()
    try:
        return work()
    except NotFound:
        raise
    except DomainError as error:
        flash(error_text(error), "bad")
        return page(), status_of(error)


def _accept(ticket: str, form: AcceptForm) -> ResponseReturnValue:
    person = invitations.accept(
        context(),
        ticket,
        form.name.data,
        form.password.data,
        now(),
        language=form.language.data,
    )
    sessions.begin(person)
    organisation = text(members.organisation(context(), person.organisation).name)
    said = gettext("Welcome, %(name)s: you are in.", name=person.name)
    joined = gettext("You act for %(organisation)s.", organisation=organisation)
    flash(f"{said} {joined}", "good")
    return redirect(url_for("home.index"), 303)


def _invitation(invited: invitations.Invitation, form: AcceptForm) -> str:
    organisation = members.organisation(context(), invited.organisation)
    return render_template(
        "account/invitation.html",
        form=form,
        invited=invited,
        organisation=text(organisation.name),
        role=label(ROLES, invited.role),
        role_hint=label(ROLE_HINTS, invited.role),
        until=moment_text(invited.expires_at, DEFAULT_ZONE),
    )


def _register(form: RegisterForm) -> ResponseReturnValue:
    limits.hit("ask", limits.network_address())
    proposal = Proposal(
        name_en=form.name_en.data,
        name_ko=form.name_ko.data,
        type=form.type.data,
        city=form.city.data or None,
        sector=SECTORS.get(form.type.data, "industry"),
        contact=form.contact.data,
        note=form.note.data or "",
    )
    registrations.ask(context(), proposal, form.email.data, now(), form.language.data)
    return redirect(url_for("entry.registered"), 303)


def _registration(form: RegisterForm) -> str:
    return render_template("account/register.html", form=form)
