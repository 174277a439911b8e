"""Sharing wishes of the reader's organisation, for its managers."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from testbed.service import wishes as service
from testbed.service.wishes import Wishes
from web.deps import context, me, now, organisations
from web.languages import gettext, text

blueprint = Blueprint("sharing", __name__)


@blueprint.get("/organisation/sharing")
def index() -> ResponseReturnValue:
    """Beside whom nothing is shared, and whether the organisation is named."""
    own = me().organisation
    named = [(each.id, text(each.name)) for each in organisations().values() if each.id != own]
    return render_template(
        "organisation/sharing.html",
        wishes=service.of_organisation(context(), own, me()),
        others=sorted(named, key=lambda each: each[1]),
    )


@blueprint.post("/organisation/sharing")
def save() -> ResponseReturnValue:
    """Keep the wishes as they were ticked."""
    asked = Wishes(tuple(request.form.getlist("apart")), "shows_name" in request.form)
    service.save(context(), me().organisation, asked, now(), me())
    flash(gettext("Saved. It holds from the next request on."), "good")
    return redirect(url_for("sharing.index"), 303)
