"""Tokens for programs that use the API in the reader's name."""

from dataclasses import dataclass
from datetime import datetime

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from testbed.domain.errors import DomainError
from testbed.service import tokens
from testbed.service.tokens import SCOPES_OF, Created, Scope, Token
from web.account_forms import TokenForm
from web.deps import DEFAULT_ZONE, context, me, now
from web.languages import gettext
from web.present import error_text, moment_text
from web.problems import status_of

blueprint = Blueprint("tokens", __name__, url_prefix="/account/tokens")


@dataclass(frozen=True, slots=True)
class Row:
    """A token in the list."""

    id: str
    name: str
    scopes: str
    created: str
    used: str


@blueprint.get("")
def index() -> ResponseReturnValue:
    """The tokens that stand, and the form for another."""
    return _page(_form())


@blueprint.post("")
def create() -> ResponseReturnValue:
    """Make a token; this answer alone shows its text, so it is no redirect."""
    form = _form()
    if not form.validate_on_submit():
        return _page(form), 400
    try:
        made = tokens.create(context(), me(), form.name.data, form.scopes.data, now())
    except DomainError as error:
        flash(error_text(error), "bad")
        return _page(form), status_of(error)
    return _page(TokenForm(formdata=None).offer(SCOPES_OF[me().role]), made), 201


@blueprint.post("/<token_id>/revoke")
def revoke(token_id: str) -> ResponseReturnValue:
    """Let a token open nothing any more."""
    tokens.revoke(context(), token_id, now(), me())
    flash(gettext("Revoked: the token opens nothing any more."), "good")
    return redirect(url_for("tokens.index"), 303)


def _form() -> TokenForm:
    return TokenForm().offer(SCOPES_OF[me().role])


def _page(form: TokenForm, made: Created | None = None) -> str:
    return render_template(
        "account/tokens.html",
        form=form,
        made=made,
        rows=[_row(each) for each in tokens.listing(context(), me())],
        example=url_for("home.index", _external=True) + "api/v1/me",
    )


def _row(token: Token) -> Row:
    return Row(
        id=token.id,
        name=token.name,
        scopes=", ".join(each.value for each in Scope if each in token.scopes),
        created=_said(token.created_at),
        used=_said(token.last_used_at),
    )


def _said(moment: datetime | None) -> str:
    return moment_text(moment, DEFAULT_ZONE) if moment else ""
