"""What a page needs from the application: the service's context, the time, and who asks."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import cast

from flask import current_app
from flask_login import UserMixin, current_user

from testbed.domain.parties import Member, Role
from testbed.service.context import Context

EXTENSION = "testbed"
SEES_ALL = frozenset({Role.OPERATOR, Role.ADMINISTRATOR})
BOOKS = frozenset({Role.MEMBER, Role.MANAGER})


@dataclass(frozen=True, slots=True)
class Doors:
    """What `create_app` leaves for the pages."""

    context: Context
    clock: Callable[[], datetime]


class SignedIn(UserMixin):  # type: ignore[misc] # Flask-Login ships no types
    """A member as the sign-in session knows them."""

    def __init__(self, member: Member) -> None:
        self.member = member
        self.id = str(member.id)

    @property
    def sees_all(self) -> bool:
        """Whether bookings of every organisation are shown."""
        return self.member.role in SEES_ALL

    @property
    def books(self) -> bool:
        """Whether this person books for an organisation."""
        return self.member.role in BOOKS


def context() -> Context:
    """The service's context of this application."""
    return _doors().context


def now() -> datetime:
    """This moment, aware."""
    return _doors().clock()


def me() -> Member:
    """The member who is signed in."""
    return cast("SignedIn", current_user).member


def _doors() -> Doors:
    return cast("Doors", current_app.extensions[EXTENSION])
