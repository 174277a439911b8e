"""The administrators' pages: registrations that wait, organisations, members of all."""

from dataclasses import dataclass
from itertools import islice

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext
from flask_login import current_user

from testbed.domain.errors import DomainError
from testbed.domain.parties import Organisation
from testbed.service import accounts, registrations
from testbed.service.registrations import Registration
from web import people
from web.access import ACCESS, may_open
from web.account_forms import ApproveForm, RejectForm
from web.deps import DEFAULT_ZONE, catalogue, context, me, now, organisations
from web.labels import ORGANISATION_TYPES, label
from web.languages import LANGUAGES, gettext, text
from web.pages import organisation as organisation_pages
from web.present import city_name, error_text, moment_text
from web.problems import status_of

MOST_SHOWN = 200
blueprint = Blueprint("admin", __name__, url_prefix="/admin")

# What stands in the menu of administration, by endpoint, for those who may open it.
MENU = {
    "admin.index": lazy_gettext("Overview"),
    "admin.waiting": lazy_gettext("Registrations"),
    "admin.listing": lazy_gettext("Organisations"),
    "admin.members": lazy_gettext("Members"),
    "admin_catalogue.index": lazy_gettext("Catalogue"),
    "health.index": lazy_gettext("Health and jobs"),
}


@dataclass(frozen=True, slots=True)
class Row:
    """An organisation in the list, or one that asks to be."""

    id: str
    name: str
    type: str
    city: str
    members: int = 0
    asked: str = ""
    contact: str = ""


@blueprint.app_template_global("admin_menu")
def admin_menu() -> list[tuple[str, str]]:
    """The pages of administration that the reader may open."""
    role = current_user.member.role
    return [
        (endpoint, str(said))
        for endpoint, said in MENU.items()
        if endpoint in ACCESS and may_open(role, endpoint)
    ]


@blueprint.get("")
def index() -> ResponseReturnValue:
    """What waits, and how many there are of everything."""
    known = accounts.listing(context(), me())
    return render_template(
        "admin/index.html",
        waiting=len(registrations.waiting(context(), me())),
        organisations=len(organisations()),
        active=sum(each.active for each in known),
        inactive=sum(not each.active for each in known),
    )


@blueprint.get("/organisations")
def listing() -> ResponseReturnValue:
    """Every organisation, or those that the words match."""
    wanted = _words()
    counts = _active_members()
    found = (_organisation_row(each, counts) for each in organisations().values())
    rows = sorted((row for row in found if _matches(wanted, row.name, row.id)), key=_by_name)
    return render_template("admin/organisations.html", rows=rows, q=wanted)


@blueprint.get("/organisations/<organisation_id>")
def organisation(organisation_id: str) -> ResponseReturnValue:
    """One organisation with its members and invitations."""
    return organisation_pages.page(organisation_id)


@blueprint.get("/members")
def members() -> ResponseReturnValue:
    """The members of all organisations, or those that the words match."""
    wanted = _words()
    found = (people.person(each) for each in accounts.listing(context(), me()))
    matching = (
        each for each in found if _matches(wanted, each.name, each.email, each.organisation_name)
    )
    rows = list(islice(matching, MOST_SHOWN + 1))
    return render_template(
        "admin/members.html", rows=rows[:MOST_SHOWN], q=wanted, more=len(rows) > MOST_SHOWN
    )


@blueprint.get("/registrations")
def waiting() -> ResponseReturnValue:
    """The organisations that wait for an answer, the oldest first."""
    found = registrations.waiting(context(), me())
    return render_template("admin/registrations.html", rows=list(map(_registration_row, found)))


@blueprint.get("/registrations/<registration_id>")
def registration(registration_id: str) -> ResponseReturnValue:
    """What one organisation says of itself, and the answer to it."""
    return _page(registration_id)


@blueprint.post("/registrations/<registration_id>/approve")
def approve(registration_id: str) -> ResponseReturnValue:
    """Let the organisation in, and invite its contact as manager."""
    form = ApproveForm()
    if not form.validate_on_submit():
        return _page(registration_id, approving=form), 400
    try:
        wanted = form.organisation.data or None
        made = registrations.approve(context(), registration_id, now(), me(), wanted)
    except DomainError as error:
        return _refused(registration_id, error, approving=form)
    said = gettext("%(name)s takes part; its contact is invited by mail.", name=text(made.name))
    flash(said, "good")
    return redirect(url_for("admin.waiting"), 303)


@blueprint.post("/registrations/<registration_id>/reject")
def reject(registration_id: str) -> ResponseReturnValue:
    """Refuse the registration; its contact reads the reason."""
    form = RejectForm()
    if not form.validate_on_submit():
        return _page(registration_id, rejecting=form), 400
    try:
        registrations.reject(context(), registration_id, form.reason.data, now(), me())
    except DomainError as error:
        return _refused(registration_id, error, rejecting=form)
    flash(gettext("Rejected; the contact reads your reason by mail."), "good")
    return redirect(url_for("admin.waiting"), 303)


def _refused(
    registration_id: str,
    error: DomainError,
    approving: ApproveForm | None = None,
    rejecting: RejectForm | None = None,
) -> ResponseReturnValue:
    """The page again with what was typed; one that does not exist has no page."""
    if error.code == "registration":
        raise error
    flash(error_text(error), "bad")
    return _page(registration_id, approving, rejecting), status_of(error)


def _page(
    registration_id: str, approving: ApproveForm | None = None, rejecting: RejectForm | None = None
) -> str:
    found = registrations.look(context(), registration_id, me())
    return render_template(
        "admin/registration.html",
        found=found,
        row=_registration_row(found),
        spoken=LANGUAGES[found.language],
        approving=approving or ApproveForm(formdata=None),
        rejecting=rejecting or RejectForm(formdata=None),
    )


def _registration_row(found: Registration) -> Row:
    asked = found.proposal
    return Row(
        id=found.id,
        name=f"{asked.name_ko} · {asked.name_en}",
        type=label(ORGANISATION_TYPES, asked.type),
        city=_city(asked.city),
        asked=moment_text(found.asked_at, DEFAULT_ZONE),
        contact=f"{asked.contact} <{found.email}>",
    )


def _organisation_row(found: Organisation, counts: dict[str, int]) -> Row:
    return Row(
        id=found.id,
        name=text(found.name),
        type=label(ORGANISATION_TYPES, found.type) if found.type else "",
        city=_city(found.city),
        members=counts.get(found.id, 0),
    )


def _active_members() -> dict[str, int]:
    counts: dict[str, int] = {}
    for each in accounts.listing(context(), me()):
        counts[each.member.organisation] = counts.get(each.member.organisation, 0) + each.active
    return counts


def _city(city: str | None) -> str:
    known = city is not None and city in catalogue().cities
    return city_name(catalogue(), city) if known and city else gettext("elsewhere")


def _by_name(row: Row) -> str:
    return row.name


def _words() -> str:
    return request.args.get("q", "").strip()[:100]


def _matches(wanted: str, *texts: str) -> bool:
    """Whether every wanted word stands in one of the texts."""
    return all(any(_has(each, word) for each in texts) for word in wanted.split())


def _has(said: str, word: str) -> bool:
    return word.casefold() in said.casefold()
