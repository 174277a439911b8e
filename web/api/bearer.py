"""Who asks the API: the holder of a bearer token; a sign-in session opens nothing here."""

from typing import cast

from flask import g, request
from werkzeug.datastructures import WWWAuthenticate
from werkzeug.exceptions import Unauthorized

from testbed.domain.errors import NotAllowed
from testbed.domain.parties import Member
from testbed.service import tokens
from testbed.service.tokens import Bearer, Scope
from web.deps import context, now
from web.sessions import is_shut_out

REALM = "testbed"


def authenticate() -> Bearer:
    """The caller of this request. Raises Unauthorized, which names the scheme."""
    given = request.authorization
    if given is None or given.type != "bearer" or not given.token:
        raise Unauthorized(www_authenticate=WWWAuthenticate("bearer", {"realm": REALM}))
    known = tokens.verify(context(), given.token, now())
    if known is None or is_shut_out(known.member.email):
        details: dict[str, str | None] = {"realm": REALM, "error": "invalid_token"}
        raise Unauthorized(www_authenticate=WWWAuthenticate("bearer", details))
    g.bearer = known
    return known


def require(bearer: Bearer, scope: Scope) -> None:
    """Refuse a token without the scope. Raises NotAllowed("scope_missing")."""
    if scope not in bearer.scopes:
        raise NotAllowed("scope_missing", scope=scope.value)


def bearer() -> Bearer:
    """Who asks, once they are authenticated."""
    return cast("Bearer", g.bearer)


def caller() -> Member:
    """The member in whose name the token asks."""
    return bearer().member
