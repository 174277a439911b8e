"""What a page needs from the application: the service's context, the time, and who asks."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import cast

from flask import current_app, g
from flask_login import UserMixin, current_user

from testbed.config import Settings
from testbed.domain.bookings import Booking
from testbed.domain.catalogue import Catalogue
from testbed.domain.demand import TestKind
from testbed.domain.fees import Charge
from testbed.domain.grid import zone
from testbed.domain.parties import Member, Organisation
from testbed.domain.requests import Line
from testbed.service import members, tariffs
from testbed.service.actors import acts_for_all
from testbed.service.context import Context
from testbed.service.tariffs import Tariff
from web.access import BOOKS

EXTENSION = "testbed"
DEFAULT_ZONE = "Asia/Seoul"


@dataclass(frozen=True, slots=True)
class Doors:
    """What `create_app` leaves for the pages."""

    context: Context
    clock: Callable[[], datetime]
    demo: bool
    settings: Settings


class SignedIn(UserMixin):  # type: ignore[misc] # Flask-Login ships no types
    """A member as the sign-in session knows them; `session` is what it keeps of them."""

    def __init__(self, member: Member, session: str) -> None:
        self.member = member
        self.id = session

    @property
    def sees_all(self) -> bool:
        """Whether bookings of every organisation are shown."""
        return acts_for_all(self.member)

    @property
    def books(self) -> bool:
        """Whether this person books for an organisation."""
        return self.member.role in BOOKS


def doors() -> Doors:
    """What `create_app` left."""
    return cast("Doors", current_app.extensions[EXTENSION])


def context() -> Context:
    """The service's context of this application."""
    return doors().context


def now() -> datetime:
    """This moment, aware."""
    return doors().clock()


def me() -> Member:
    """The member who is signed in."""
    return cast("SignedIn", current_user).member


def catalogue() -> Catalogue:
    """The catalogue as it stands at this request."""
    _read_content()
    return cast("Catalogue", g.catalogue)


def test_kinds() -> Mapping[str, TestKind]:
    """The presets of the booking form by id."""
    _read_content()
    return cast("Mapping[str, TestKind]", g.test_kinds)


def organisations() -> Mapping[str, Organisation]:
    """Every organisation by id."""
    if "organisations" not in g:
        g.organisations = members.all_organisations(context())
    return cast("Mapping[str, Organisation]", g.organisations)


def charges_of(booking: Booking) -> tuple[Charge, ...]:
    """What each line of a booking costs, by the fees under which it was booked."""
    known = _tariffs()
    if _priced(booking) not in known:
        read_tariffs([booking])
    return known[_priced(booking)].charges(booking.lines)


def read_tariffs(bookings: Collection[Booking]) -> None:
    """Read at once by which fees these bookings are charged."""
    found = tariffs.of_listed(context(), bookings)
    _tariffs().update({_priced(each): found[each.id] for each in bookings})


def _tariffs() -> dict[tuple[str, tuple[Line, ...]], Tariff]:
    if "tariffs" not in g:
        g.tariffs = {}
    return cast("dict[tuple[str, tuple[Line, ...]], Tariff]", g.tariffs)


def _priced(booking: Booking) -> tuple[str, tuple[Line, ...]]:
    """A booking until it is moved: then other fees may hold."""
    return booking.id, booking.lines


def today() -> date:
    """The date where the sites are."""
    site = next(iter(catalogue().sites.values()), None)
    return now().astimezone(zone(site.zone if site else DEFAULT_ZONE)).date()


def _read_content() -> None:
    """Read the catalogue once per request."""
    if "catalogue" not in g:
        content = context().content()
        g.catalogue = content.catalogue
        g.test_kinds = {kind.id: kind for kind in content.test_kinds}
