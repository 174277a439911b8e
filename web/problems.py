"""Errors as answers: one table of statuses, a page for people, problem+json for programs."""

import json
from collections.abc import Iterable, Mapping
from http import HTTPStatus

from flask import Flask, Response, make_response, render_template, request
from flask_babel import lazy_gettext
from werkzeug.exceptions import HTTPException

from testbed.domain.errors import (
    DomainError,
    HoldExpired,
    IllegalTransition,
    InvalidRequest,
    Mistake,
    NotAllowed,
    NotFound,
    Stale,
)
from testbed.sentences import fill, template
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
# Codes with a status of their own, before that of their class.
STATUS_OF_CODE: Mapping[str, int] = {
    "idempotency_key_reused": 409,
    "too_many_webhooks": 409,
    "version_changed": 412,
    "month_not_over": 409,
    "too_many_feeds": 409,
    "no_dates": 409,
    "too_many_dates": 409,
    "no_change": 409,
    "date_is_booked": 409,
    "bad_extension": 409,
    "template_known": 409,
    "already_yours": 409,
    "cannot_shorten": 409,
    "empty_slot": 409,
    "length_not_offered": 409,
    "no_partner": 409,
    "not_longer": 409,
    "not_shorter": 409,
    "partner_twice": 409,
    "rule_gone": 409,
    "too_many_partners": 409,
    "too_many_shared": 409,
    "bad_json": 400,
    "invalid_fields": 422,
    "unknown_references": 404,
}
API = "/api/"
TITLES = {
    400: lazy_gettext("That cannot be read"),
    401: lazy_gettext("Nobody has signed in"),
    403: lazy_gettext("You may not do this"),
    404: lazy_gettext("There is no such page"),
    405: lazy_gettext("That step is not possible here"),
    409: lazy_gettext("That is no longer possible"),
    412: lazy_gettext("That has changed meanwhile"),
    413: lazy_gettext("Too much was sent"),
    415: lazy_gettext("That is not written in a form read here"),
    422: lazy_gettext("Some fields cannot be used"),
    429: lazy_gettext("Too many requests"),
    500: lazy_gettext("Something went wrong here"),
    503: lazy_gettext("Too much is going on here just now"),
}
ADVICE = {
    400: lazy_gettext("Go back, reload the page and try again."),
    403: lazy_gettext("Sign in with another account, or ask an operator."),
    404: lazy_gettext("Check the address, or start again from the menu."),
    405: lazy_gettext("Go back and use the buttons of the page."),
    409: lazy_gettext("Look at the current state first, then decide again."),
    413: lazy_gettext("Send less at once."),
    429: lazy_gettext("Wait a little, then try again."),
    503: lazy_gettext("Wait a little, then try again."),
    500: lazy_gettext("Nothing was half-done. Try again; if it stays, tell the operators."),
}


class InvalidFields(InvalidRequest):
    """Mistakes in what a program sent: all of them at once.

    Each place is a JSON pointer behind the part it points into: "body/needs/0", "query/limit".
    """

    def __init__(self, code: str, mistakes: Iterable[Mistake]) -> None:
        self.mistakes = tuple(mistakes)
        super().__init__(code, mistakes=len(self.mistakes))


def handle(app: Flask) -> None:
    """Answer every error of the domain and of HTTP."""
    app.register_error_handler(DomainError, domain_problem)
    app.register_error_handler(HTTPException, http_problem)


def status_of(error: DomainError) -> int:
    """The HTTP status of an error of the domain."""
    by_class = next(STATUS[each] for each in type(error).__mro__ if each in STATUS)
    return STATUS_OF_CODE.get(error.code, by_class)


def domain_problem(error: DomainError) -> Response:
    """The answer to an error of the domain."""
    mistakes = error.mistakes if isinstance(error, InvalidFields) else ()
    return _answer(status_of(error), error_text(error), error.code, mistakes)


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


def _answer(status: int, said: str, code: str, mistakes: Iterable[Mistake] = ()) -> Response:
    title = TITLES.get(status, gettext("That did not work"))
    if wants_json():
        return _problem(status, said or str(title), code, mistakes)
    advice = ADVICE.get(status, ADVICE[500])
    page = render_template("problem.html", title=title, said=said, advice=advice, status=status)
    return make_response(page, status)


def _problem(status: int, detail: str, code: str, mistakes: Iterable[Mistake]) -> Response:
    """An RFC 9457 document; `code` and `errors` are for programs, `detail` is for people."""
    about = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "code": code,
        "detail": detail,
        "instance": request.path,
    }
    errors = [_error(each) for each in mistakes]
    text = json.dumps({**about, "errors": errors} if errors else about, ensure_ascii=False)
    return Response(text, status, mimetype="application/problem+json")


def _error(mistake: Mistake) -> dict[str, str]:
    part, _, pointer = mistake.place.partition("/")
    said = fill(gettext(template(mistake.code)), mistake.fields)
    pointed = f"/{pointer}" if pointer else ""
    return {"in": part, "pointer": pointed, "code": mistake.code, "detail": said}


def wants_json() -> bool:
    """Whether a program asks: it reads the API, or prefers JSON to a page."""
    wanted = request.accept_mimetypes
    return request.path.startswith(API) or (
        max(wanted["application/problem+json"], wanted["application/json"]) > wanted["text/html"]
    )
