"""What an organisation owes for a month: to read, to print, for a spreadsheet, and to close."""

from datetime import date

from flask import Blueprint, Response, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from testbed.domain.errors import DomainError
from testbed.service import statements
from web.deps import context, me, now, organisations, today
from web.languages import gettext, text
from web.present import error_text
from web.statement_view import as_csv, month_text, statement_view

blueprint = Blueprint("statements", __name__, url_prefix="/organisation/statements")


@blueprint.get("")
def index() -> ResponseReturnValue:
    """The statement of a month, by default of the running one."""
    organisation, month = _asked()
    shown = statements.of_month(context(), organisation, month, now(), me())
    found = statements.months(context(), organisation, now(), me())
    return render_template(
        "organisation/statements.html",
        view=statement_view(shown),
        month=month_text(month),
        months=sorted({month_text(each.first) for each in found} | {month_text(month)})[::-1],
        organisation=organisations()[organisation],
        organisations=_named() if current_user.sees_all else [],
    )


@blueprint.get("/statement.csv")
def download() -> ResponseReturnValue:
    """The same as a CSV file."""
    organisation, month = _asked()
    shown = statements.of_month(context(), organisation, month, now(), me())
    answer = Response(as_csv(shown.statement), mimetype="text/csv")
    file = f"statement-{organisation}-{month_text(month)}.csv"
    answer.headers.set("Content-Disposition", "attachment", filename=file)
    return answer


@blueprint.post("/close")
def close() -> ResponseReturnValue:
    """Keep a month that is over as it is."""
    organisation, month = _asked()
    try:
        statements.close(context(), organisation, month, now(), me())
    except DomainError as error:
        flash(error_text(error), "bad")
    else:
        flash(gettext("Closed: nothing changes this statement any more."), "good")
    month_said = month_text(month)
    address = url_for("statements.index", organisation=organisation, month=month_said)
    return redirect(address, 303)


def _asked() -> tuple[str, date]:
    """Whose statement of which month; one's own and the running one unless told otherwise."""
    organisation = request.values.get("organisation") or me().organisation
    is_theirs = current_user.sees_all or organisation == me().organisation
    if not is_theirs or organisation not in organisations():
        abort(404)
    typed = request.values.get("month") or month_text(today())
    try:
        return organisation, date.fromisoformat(f"{typed}-01")
    except ValueError:
        abort(404)


def _named() -> list[tuple[str, str]]:
    found = ((each.id, text(each.name)) for each in organisations().values())
    return sorted(found, key=lambda each: each[1])
