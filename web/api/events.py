"""Live events of the schedule: that something changed, and where; never what or whose.

Server-sent events for pages (by their sign-in session) and programs (by token). Who reads the
schedule may listen.
"""

import json
import time
from collections.abc import Callable, Iterator
from functools import partial

from flask import Blueprint, Response, request
from flask_login import current_user
from werkzeug.exceptions import ServiceUnavailable

from testbed.domain.errors import NotAllowed
from testbed.service import sessions, tokens
from testbed.service.changes import Change
from testbed.service.context import Context
from testbed.service.tokens import Scope
from web import live
from web.access import may_open
from web.api import bearer
from web.api.endpoint import PREFIX
from web.deps import Doors, context, doors
from web.live import Listener

BEAT_SECONDS = 15.0
# How soon the place of somebody who has left is free; other servers notice at a heartbeat.
PEEK_SECONDS = 1.0
DISCONNECTED = "waitress.client_disconnected"
# Then the listener comes anew and shows again who it is.
LONGEST_SECONDS = 600.0
# What a browser waits before it comes again, and what it waits where there was no room.
RETRY_MS = 3000
FULL_SECONDS = 30
READING = "schedule.index"

blueprint = Blueprint("api_events", __name__, url_prefix=PREFIX)


@blueprint.get("/events")
def stream() -> Response:
    """Tell changes as they come. Raises ServiceUnavailable where no place is left."""
    person, still_may = _listener()
    hub = live.hub()
    try:
        listener, revision = hub.join(person)
    except live.Full:
        raise ServiceUnavailable(retry_after=FULL_SECONDS) from None
    has_left = request.environ.get(DISCONNECTED, bool)
    told = _told(listener, revision, still_may, has_left)
    answer = Response(told, mimetype="text/event-stream")
    answer.headers["X-Accel-Buffering"] = "no"  # or nginx would keep events back
    answer.call_on_close(partial(hub.leave, listener))
    return answer


# The access test of the API reads it: a token needs this scope here, as for the schedule.
stream.scope = Scope.READ  # type: ignore[attr-defined]


def _listener() -> tuple[str, Callable[[], bool]]:
    """Who listens, and whether they still may whenever that is asked."""
    if "Authorization" in request.headers or not current_user.is_authenticated:
        known = bearer.authenticate()
        bearer.require(known, Scope.READ)
        text = str(request.authorization.token) if request.authorization else ""
        return f"member:{known.member.id}", partial(_token_opens, doors(), text)
    if not may_open(current_user.member.role, READING):
        raise NotAllowed("role_not_here", role=current_user.member.role.value)
    return f"member:{current_user.member.id}", partial(_session_opens, context(), current_user.id)


def _session_opens(ctx: Context, session: str) -> bool:
    member = sessions.owner(ctx, session)
    return member is not None and may_open(member.role, READING)


def _token_opens(doors: Doors, text: str) -> bool:
    known = tokens.verify(doors.context, text, doors.clock())
    return known is not None and Scope.READ in known.scopes


def _told(
    listener: Listener, revision: int, still_may: Callable[[], bool], has_left: Callable[[], bool]
) -> Iterator[str]:
    """The events, and a heartbeat between them at which the listener is looked at again."""
    began = seen = time.monotonic()
    yield f"retry: {RETRY_MS}\n{_event('ready', Change(revision, frozenset()))}"
    while time.monotonic() - began < LONGEST_SECONDS:
        change = listener.wait(min(PEEK_SECONDS, BEAT_SECONDS))
        if listener.ended or has_left():
            return
        if time.monotonic() - seen >= BEAT_SECONDS:
            if not still_may():
                return
            seen = time.monotonic()
            yield ": beat\n\n"
        if change is not None:
            yield _event("changed", change)


def _event(name: str, change: Change) -> str:
    places = None if change.resources is None else sorted(change.resources)
    told = json.dumps({"revision": change.revision, "resources": places})
    return f"id: {change.revision}\nevent: {name}\ndata: {told}\n\n"
