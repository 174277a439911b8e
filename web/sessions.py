"""Who is signed in: beginning a session, knowing it again at every page, ending it.

The session lives in a signed cookie, but the service is asked about it at every page: signing out
ends it there too, so a cookie that was copied before opens nothing afterwards. However often it is
used, it ends `security.session_hours` after it was begun.
"""

from datetime import datetime, timedelta

from flask import current_app, session
from flask_login import current_user, login_user, logout_user

from testbed.domain.parties import Member
from testbed.service import sessions
from web.demo import is_demo
from web.deps import SignedIn, context, doors, now
from web.security import login

_BEGUN = "begun"


def begin(member: Member) -> None:
    """Sign the member in; the session is a new one, and only the language stays."""
    moment = now()
    _forget_all_but_language()
    session.permanent = True
    session[_BEGUN] = moment.isoformat()
    login_user(SignedIn(member, sessions.begin(context(), member, moment)))


def end() -> None:
    """Sign out here; the language stays."""
    if current_user.is_authenticated:
        sessions.end(context(), current_user.id, now())
    logout_user()
    _forget_all_but_language()


def is_shut_out(email: str) -> bool:
    """Demonstration accounts exist in demo mode only."""
    return is_demo(email) and not doors().demo


@login.user_loader  # type: ignore[untyped-decorator] # Flask-Login ships no types
def _load(kept: str) -> SignedIn | None:
    """Who the session belongs to, nobody once it was ended (a new password, a role, a sign-out)."""
    if _is_too_old():
        return None
    member = sessions.owner(context(), kept)
    if member is None or is_shut_out(member.email):
        return None
    return SignedIn(member, kept)


def _is_too_old() -> bool:
    longest: timedelta = current_app.permanent_session_lifetime
    begun = datetime.fromisoformat(session.get(_BEGUN, "1970-01-01T00:00+00:00"))
    return now() - begun >= longest


def _forget_all_but_language() -> None:
    language = session.get("lang")
    session.clear()
    if language:
        session["lang"] = language
