"""One organisation: its members, its open invitations, and how much of its hours it has used."""

from dataclasses import dataclass
from datetime import date, timedelta

from babel.dates import format_date
from flask import Blueprint, flash, redirect, render_template
from flask.typing import ResponseReturnValue
from flask_babel import get_locale

from testbed.domain.errors import DomainError, NotFound
from testbed.domain.parties import Role
from testbed.service import accounts, invitations, members, quota
from testbed.service.actors import given_by
from web import limits, people
from web.access import MANAGES
from web.account_forms import InviteForm
from web.deps import catalogue, context, me, now
from web.labels import ORGANISATION_TYPES, label
from web.languages import gettext, language, text
from web.present import DAY_PATTERN, city_name, error_text
from web.problems import status_of

blueprint = Blueprint("organisation", __name__)


@dataclass(frozen=True, slots=True)
class Use:
    """Hours of one week under one rule."""

    week: str
    rule: str
    hours: str
    most: int
    share: float
    illustrative: bool


@blueprint.get("/organisation")
def index() -> ResponseReturnValue:
    """The reader's own organisation; managers find here what they manage."""
    return page(me().organisation, _invite_form())


@blueprint.post("/organisations/<organisation_id>/invitations")
def invite(organisation_id: str) -> ResponseReturnValue:
    """Invite a person by mail. Raises NotFound("organisation") for one the reader has no say in."""
    if me().role is not Role.ADMINISTRATOR and organisation_id != me().organisation:
        raise NotFound("organisation", id=organisation_id)
    form = _invite_form()
    if not form.validate_on_submit():
        return page(organisation_id, form), 400
    limits.hit("invite", str(me().id))
    try:
        _invite(organisation_id, form)
    except DomainError as error:
        flash(error_text(error), "bad")
        return page(organisation_id, form), status_of(error)
    flash(gettext("Invited: a mail to %(email)s is on its way.", email=form.email.data), "good")
    return redirect(people.organisation_address(organisation_id), 303)


@blueprint.post("/organisation/invitations/<invitation_id>/resend")
def resend(invitation_id: str) -> ResponseReturnValue:
    """Send an invitation again, with a new link."""
    limits.hit("invite", str(me().id))
    sent = invitations.resend(context(), invitation_id, now(), me())
    flash(gettext("Sent again to %(email)s; the old link is over.", email=sent.email), "good")
    return redirect(people.organisation_address(sent.organisation), 303)


@blueprint.post("/organisation/invitations/<invitation_id>/withdraw")
def withdraw(invitation_id: str) -> ResponseReturnValue:
    """Let an invitation open nothing any more."""
    ended = invitations.withdraw(context(), invitation_id, now(), me())
    flash(gettext("Withdrawn: the link sent to %(email)s is over.", email=ended.email), "good")
    return redirect(people.organisation_address(ended.organisation), 303)


def page(organisation_id: str, form: InviteForm | None = None) -> str:
    """The page of an organisation; who manages it also finds invitations and the form."""
    found = members.organisation(context(), organisation_id)
    manages = me().role in MANAGES
    return render_template(
        "organisation/index.html",
        organisation=found,
        type=label(ORGANISATION_TYPES, found.type) if found.type else "",
        city=city_name(catalogue(), found.city) if found.city else "",
        people=[people.person(each) for each in _members(organisation_id, manages)],
        invited=_invited(organisation_id) if manages else [],
        form=form or _invite_form(),
        manages=manages,
        uses=_uses(organisation_id),
    )


def _members(organisation_id: str, manages: bool) -> tuple[accounts.Account, ...]:
    if manages:
        return accounts.listing(context(), me(), organisation_id)
    return accounts.colleagues(context(), me())


def _invited(organisation_id: str) -> list[people.Invited]:
    moment = now()
    return people.invited(invitations.listing(context(), organisation_id, moment, me()), moment)


def _invite_form() -> InviteForm:
    return InviteForm(data={"language": language()}).offer(given_by(me()))


def _invite(organisation_id: str, form: InviteForm) -> None:
    invitations.invite(
        context(),
        organisation_id,
        form.email.data,
        Role(form.role.data),
        now(),
        actor=me(),
        language=form.language.data,
    )


def _uses(organisation_id: str) -> list[Use]:
    """This week's hours and those of the weeks to come."""
    found = quota.weekly(context(), organisation_id, now(), me())
    return [
        Use(
            week=_week_text(each.week),
            rule=text(each.rule.name),
            hours=f"{each.hours:g}",
            most=each.most,
            share=min(1.0, each.hours / each.most) if each.most else 1.0,
            illustrative=not each.rule.provenance.is_recorded("max_hours_per_org_week"),
        )
        for each in found
    ]


def _week_text(week: int) -> str:
    """The Monday and Sunday of an ISO week, e.g. `2026-12-07 (Mon) – 2026-12-13 (Sun)`."""
    monday = date.fromisocalendar(week // 100, week % 100, 1)
    ends = (monday, monday + timedelta(days=6))
    return " – ".join(format_date(day, DAY_PATTERN, locale=get_locale()) for day in ends)
