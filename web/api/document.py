"""The OpenAPI document of the API, and the API as a part of the application."""

from collections.abc import Callable
from types import TracebackType

from flask import Response, jsonify, request
from flask_openapi.models.info import Info
from flask_openapi.models.security_scheme import SecurityScheme
from flask_openapi.openapi import OpenAPI

from testbed import __version__
from web.api import (
    approvals,
    availability,
    bookings,
    closures,
    crew,
    events,
    experiments,
    fairness,
    feeds,
    fleet,
    me,
    notices,
    papers,
    requests,
    resources,
    schedule,
    searches,
    series,
    statements,
    templates,
    test_kinds,
    together,
    usage,
    visits,
    waitlist,
    webhooks,
)
from web.api.answers.common import Problem
from web.api.endpoint import PREFIX, SCHEME
from web.security import csrf

NOUNS = (
    resources,
    test_kinds,
    availability,
    searches,
    requests,
    bookings,
    crew,
    papers,
    fleet,
    waitlist,
    approvals,
    series,
    templates,
    schedule,
    visits,
    usage,
    closures,
    fairness,
    statements,
    feeds,
    experiments,
    me,
    notices,
    webhooks,
    together,
)
ADDRESS = f"{PREFIX}/openapi.json"
ExceptionInfo = (
    tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]
)
ABOUT = """\
Books demonstration routes and facilities. Moments are RFC 3339 with an offset, starts lie on \
quarters of an hour; slots are half-open. A rule's no is an answer with reasons, not an error. \
Errors are problem+json (RFC 9457). POST takes an Idempotency-Key; lists are read by cursor. \
Sentences come in the language of Accept-Language (ko, en)."""


class Application(OpenAPI):
    """A Flask application that can describe its API, and logs no address as it was asked for."""

    def log_exception(self, exc_info: ExceptionInfo) -> None:
        """Log what went wrong, by the kind of address: the address itself may hold a key."""
        told = (request.url_rule or "no address", request.method)
        self.logger.error("Exception on %s [%s]", *told, exc_info=exc_info)


def application(name: str, root_path: str) -> Application:
    """The application, without its addresses."""
    app = Application(
        name,
        root_path=root_path,
        info=Info(title="Gyeonggi testbed", version=__version__, description=ABOUT),
        security_schemes={SCHEME: SecurityScheme(type="http", scheme="bearer")},
        validation_error_model=Problem,
        doc_ui=False,
    )
    app.openapi_version = "3.1.0"
    return app


def mount(app: OpenAPI) -> None:
    """Add the API. It takes tokens only, so that no browser can be made to ask for its owner."""
    for noun in NOUNS:
        csrf.exempt(noun.blueprint)
        app.register_api(noun.blueprint)
    # A stream is no document: it stands in docs/api.md.
    app.register_blueprint(events.blueprint)
    app.add_url_rule(ADDRESS, "openapi", _shown(app))


def _shown(app: OpenAPI) -> Callable[[], Response]:
    def document() -> Response:
        return jsonify(app.api_doc)

    return document
