"""Errors as answers: one table of statuses, a page for people, problem+json for programs."""

from collections.abc import Mapping

from flask import Flask, Response, make_response, render_template, request
from flask_babel import lazy_gettext
from werkzeug.exceptions import HTTPException

from testbed.domain.errors import (
    DomainError,
    HoldExpired,
    IllegalTransition,
    InvalidRequest,
    NotAllowed,
    NotFound,
    Stale,
)
from testbed.sentences import sentence
from web.languages import gettext
from web.present import error_text

STATUS: Mapping[type[DomainError], int] = {
    InvalidRequest: 400,
    NotAllowed: 403,
    NotFound: 404,
    IllegalTransition: 409,
    Stale: 409,
    HoldExpired: 409,
}
TITLES = {
    400: lazy_gettext("That cannot be read"),
    403: lazy_gettext("You may not do this"),
    404: lazy_gettext("There is no such page"),
    405: lazy_gettext("That step is not possible here"),
    409: lazy_gettext("That is no longer possible"),
    413: lazy_gettext("Too much was sent"),
    500: lazy_gettext("Something went wrong here"),
}
ADVICE = {
    400: lazy_gettext("Go back, reload the page and try again."),
    403: lazy_gettext("Sign in with another account, or ask an operator."),
    404: lazy_gettext("Check the address, or start again from the menu."),
    405: lazy_gettext("Go back and use the buttons of the page."),
    409: lazy_gettext("Look at the current state first, then decide again."),
    413: lazy_gettext("Send less at once."),
    500: lazy_gettext("Nothing was half-done. Try again; if it stays, tell the operators."),
}


def handle(app: Flask) -> None:
    """Answer every error of the domain and of HTTP."""
    app.register_error_handler(DomainError, domain_problem)
    app.register_error_handler(HTTPException, http_problem)


def status_of(error: DomainError) -> int:
    """The HTTP status of an error of the domain."""
    return next(STATUS[each] for each in type(error).__mro__ if each in STATUS)


def domain_problem(error: DomainError) -> Response:
    """The answer to an error of the domain."""
    said = sentence(error.code, error.fields) if _wants_json() else error_text(error)
    return _answer(status_of(error), said, error.code)


def http_problem(error: HTTPException) -> Response:
    """The answer to an error of HTTP, with the headers that belong to it."""
    if error.response is not None or error.code is None:
        return make_response(error.get_response())
    answer = _answer(error.code, "", f"http_{error.code}")
    kept = (
        pair for pair in error.get_headers() if pair[0] not in {"Content-Type", "Content-Length"}
    )
    answer.headers.extend(list(kept))
    return answer


def _answer(status: int, said: str, code: str) -> Response:
    title = TITLES.get(status, gettext("That did not work"))
    if not _wants_json():
        advice = ADVICE.get(status, ADVICE[500])
        page = render_template("problem.html", title=title, said=said, advice=advice, status=status)
        return make_response(page, status)
    answer = make_response(
        {"type": "about:blank", "title": str(title), "status": status, "code": code, "detail": said}
    )
    answer.status_code = status
    answer.mimetype = "application/problem+json"
    return answer


def _wants_json() -> bool:
    wanted = request.accept_mimetypes
    return wanted["application/problem+json"] > wanted["text/html"] or (
        wanted["application/json"] > wanted["text/html"]
    )
