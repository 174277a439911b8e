"""What every address of the API does before its view: who asks, may they, how often, with what."""

from collections.abc import Callable
from functools import wraps
from http import HTTPStatus
from typing import Any, TypeVar

from flask import Response, g, request
from flask_openapi.blueprint import APIBlueprint
from flask_openapi.models.tag import Tag

from testbed.service.tokens import Scope
from web import limits
from web.api import bearer, intake
from web.api.answers.common import Problem
from web.languages import DEFAULT, LANGUAGES
from web.limits import Kind

PREFIX = "/api/v1"
SCHEME = "bearer"

Responses = dict[str | int | HTTPStatus, Any]
View = TypeVar("View", bound=Callable[..., Response])


def noun(name: str, about: str) -> APIBlueprint:
    """The blueprint of a noun: its addresses ask for a token and may answer with a problem."""
    return APIBlueprint(
        f"api_{name}",
        __name__,
        url_prefix=PREFIX,
        abp_tags=[Tag(name=name, description=about)],
        abp_security=[{SCHEME: []}],
        abp_responses=problems(401, 403, 404, 422),
    )


def problems(*statuses: int) -> Responses:
    """How the document describes answers of these statuses."""
    return {status: _problem(status) for status in statuses}


_HEADERS = {401: "WWW-Authenticate", 429: "Retry-After"}


def _problem(status: int) -> dict[str, Any]:
    schema = {"$ref": f"#/components/schemas/{Problem.__name__}"}
    about: dict[str, Any] = {
        "description": HTTPStatus(status).phrase,
        "content": {"application/problem+json": {"schema": schema}},
    }
    if status in _HEADERS:
        about["headers"] = {_HEADERS[status]: {"schema": {"type": "string"}}}
    return about


CHANGES = problems(400, 409, 413, 415, 429)


def endpoint(scope: Scope, limit: Kind | None = None) -> Callable[[View], View]:
    """A view for holders of a token of this scope, counted under the limit.

    The view gets the models that it names (path, query, header, body), read and checked.
    """

    def decorate(view: View) -> View:
        models = intake.models_of(view)

        @wraps(view)
        def answered(**path: str) -> Response:
            g.lang = request.accept_languages.best_match(list(LANGUAGES)) or DEFAULT
            known = bearer.authenticate()
            bearer.require(known, scope)
            if limit is not None:
                limits.hit(limit, str(known.member.id))
            return view(**intake.read(models, path))

        # The mark by which flask-openapi leaves reading to the view; it reports one part at a time.
        answered.__delay_validate_request__ = True  # type: ignore[attr-defined]
        answered.scope = scope  # type: ignore[attr-defined] # the access table is read from here
        return answered  # type: ignore[return-value] # flask calls it with what the path holds

    return decorate
