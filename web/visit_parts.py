"""What a booking's page says of the day: arriving, leaving, the code, whom to call, the way in."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from flask_login import current_user

from testbed.domain.bookings import Booking, State
from testbed.domain.grid import moment_of
from testbed.domain.grid import zone as zone_info
from testbed.domain.visits import Visit, overruns
from testbed.service import closures, emergency, visits
from web.booked import resource_of, zone_of
from web.deps import catalogue, context, me, now
from web.languages import language
from web.present import moment_text
from web.visit_code import address_of, code_of

# What is worth a section: a hold, for one, has none of it yet.
TELLING = ("arrived", "stopped", "is_displaced", "is_waited_for", "contact", "instructions", "code")
AHEAD = (State.HELD, State.PENDING, State.CONFIRMED, State.CHECKED_IN)


def of_booking(booking: Booking) -> Mapping[str, Any] | None:
    """What its page says of the day; None for a booking of which there is nothing to say."""
    visit = visits.visit_of(context(), booking.id, me())
    closure = closures.behind(context(), booking) if _may_be_struck(booking) else None
    if booking.state not in AHEAD and visit is None and closure is None:
        return None
    zone = zone_of(booking, catalogue())
    ahead = booking.state in AHEAD
    said = {
        "id": booking.id,
        "may_act": current_user.sees_all or current_user.books,
        "is_here": booking.state is State.CHECKED_IN,
        "is_over_time": overruns(booking, now()),
        "is_waited_for": ahead and visits.is_kept_waiting(context(), booking),
        "arrived": moment_text(visit.arrived_at, zone) if visit else "",
        "left": moment_text(visit.left_at, zone) if visit and visit.left_at else "",
        "ending": visit.ending if visit else None,
        "stopped": closure.reason if closure else "",
        "is_displaced": booking.state is State.DISPLACED,
        "has_use": booking.state in (State.CHECKED_IN, State.COMPLETED),
        "contact": _contact(booking),
        "instructions": _instructions(booking) if ahead else [],
        "code": code_of(booking.id) if _has_code(booking) else "",
        "address": address_of(booking.id),
    }
    return said if any(said[each] for each in TELLING) else None


def _contact(booking: Booking) -> emergency.Contact | None:
    """Whom to call, for those who may know."""
    if not emergency.may_call(context(), booking, me()):
        return None
    return emergency.contact_of(context(), booking.id, now(), me())


def _may_be_struck(booking: Booking) -> bool:
    return booking.state in (State.DISPLACED, State.COMPLETED)


def _has_code(booking: Booking) -> bool:
    return booking.state in (State.CONFIRMED, State.CHECKED_IN)


def _instructions(booking: Booking) -> list[tuple[str, str]]:
    """Site and text, of every site that the booking stands on."""
    found = catalogue()
    resources = [resource_of(line, found) for line in booking.lines]
    sites = dict.fromkeys(each.site for each in resources if each)
    said = emergency.instructions(context(), list(sites))
    korean = language() == "ko"
    texts = ((found.sites[site].name, said[site]) for site in sites if site in said)
    chosen = [
        (name.ko if korean else name.en, (way.ko or way.en) if korean else (way.en or way.ko))
        for name, way in texts
    ]
    return [(name, way) for name, way in chosen if way]


def clock_text(moment: datetime, zone: str) -> str:
    """A time of day on the wall clock of a zone."""
    return f"{moment.astimezone(zone_info(zone)):%H:%M}"


def over_minutes(booking: Booking, visit: Visit | None) -> int:
    """By how many minutes the visit passes the booked end, so far or in the end."""
    until = visit.left_at if visit and visit.left_at else now()
    return max(0, int((until - moment_of(booking.end)).total_seconds() // 60))
