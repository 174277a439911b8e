"""The first address, and the one by which a machine sees that the service lives."""

from flask import Blueprint, redirect, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

blueprint = Blueprint("home", __name__)


@blueprint.get("/")
def index() -> ResponseReturnValue:
    """Where each role begins: members at the search, everybody else at the day."""
    return redirect(url_for("find.index" if current_user.books else "schedule.index"))


@blueprint.get("/healthz")
def healthz() -> ResponseReturnValue:
    """That the process answers; says nothing of the database."""
    return {"status": "ok"}
