"""One member, for whoever manages them: role, and whether they may sign in."""

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from testbed.domain.errors import DomainError, NotAllowed
from testbed.domain.parties import Role
from testbed.service import accounts
from testbed.service.accounts import Account
from testbed.service.actors import given_by
from web import people
from web.account_forms import RoleForm
from web.demo import is_demo
from web.deps import context, me, now
from web.labels import ROLES, label
from web.languages import gettext
from web.present import error_text
from web.problems import status_of

blueprint = Blueprint("members", __name__, url_prefix="/members")


@blueprint.get("/<int(max=2147483647):member_id>")
def one(member_id: int) -> ResponseReturnValue:
    """A member, with what the reader may change."""
    return _page(accounts.account(context(), member_id, me()))


@blueprint.post("/<int(max=2147483647):member_id>/role")
def change_role(member_id: int) -> ResponseReturnValue:
    """Give the member another role; they sign in anew."""
    found = accounts.account(context(), member_id, me())
    form = RoleForm().offer(given_by(me()))
    if not form.validate_on_submit():
        return _page(found, form), 400
    try:
        changed = accounts.change_role(context(), member_id, Role(form.role.data), now(), me())
    except DomainError as error:
        flash(error_text(error), "bad")
        return _page(found, form), status_of(error)
    role = label(ROLES, changed.role)
    flash(gettext("%(name)s: the role is now %(role)s.", name=changed.name, role=role), "good")
    return redirect(people.organisation_address(changed.organisation), 303)


@blueprint.post("/<int(max=2147483647):member_id>/deactivate")
def deactivate(member_id: int) -> ResponseReturnValue:
    """End the membership; what they booked stays with the organisation."""
    found = accounts.account(context(), member_id, me())
    if is_demo(found.member.email):
        raise NotAllowed("demo_account")
    ended = accounts.deactivate(context(), member_id, now(), me())
    flash(gettext("%(name)s can no longer sign in.", name=ended.name), "good")
    return redirect(people.organisation_address(ended.organisation), 303)


@blueprint.post("/<int(max=2147483647):member_id>/reactivate")
def reactivate(member_id: int) -> ResponseReturnValue:
    """Let the member sign in again."""
    back = accounts.reactivate(context(), member_id, now(), me())
    flash(gettext("%(name)s can sign in again.", name=back.name), "good")
    return redirect(url_for("members.one", member_id=member_id), 303)


def _page(found: Account, form: RoleForm | None = None) -> str:
    given = given_by(me())
    can_change = found.member.role in given and found.member.id != me().id
    return render_template(
        "organisation/member.html",
        person=people.person(found),
        form=form or RoleForm(data={"role": found.member.role.value}).offer(given),
        can_change=can_change,
        back=people.organisation_address(found.member.organisation),
    )
