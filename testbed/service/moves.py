"""Moving one line of a booking to another start or resource, as a drag on the schedule does."""

from dataclasses import dataclass, replace
from datetime import datetime

from testbed.domain import bookings as domain
from testbed.domain.bookings import Booking
from testbed.domain.errors import InvalidRequest
from testbed.domain.parties import Member
from testbed.domain.requests import Need, Request, Way
from testbed.service import bookings, requests
from testbed.service.bookings import Moved
from testbed.service.context import Context
from testbed.service.requests import Found


@dataclass(frozen=True, slots=True)
class Shift:
    """The line that stands on `resource` from the grain `start` on, and where it is to stand.

    The other lines of the booking keep their resources and their distance from it.
    """

    resource: str
    start: int
    to_resource: str
    to_start: int


def preview(ctx: Context, booking_id: str, shift: Shift, now: datetime, actor: Member) -> Found:
    """What the move would bring: the one offer, or every reason against it; keeps nothing.

    Raises NotFound("booking"), HoldExpired, IllegalTransition("cannot_move"), and
    InvalidRequest("no_such_line").
    """
    booking = domain.movable(bookings.get(ctx, booking_id, now, actor), now)
    return requests.search(ctx, shifted(booking, shift, now), now, 1, booking.id)


def move(ctx: Context, booking_id: str, shift: Shift, now: datetime, actor: Member) -> Moved:
    """Move it, if it may; raises what `bookings.move` does, and InvalidRequest("no_such_line")."""
    booking = bookings.get(ctx, booking_id, now, actor)
    return bookings.move(ctx, booking_id, shifted(booking, shift, now), now, actor)


def shifted(booking: Booking, shift: Shift, now: datetime) -> Request:
    """The booking's request, for exactly the way that the shift leads to, under all rules."""
    position = _position(booking, shift)
    resources = [line.resource for line in booking.lines]
    resources[position] = shift.to_resource
    start = booking.start + shift.to_start - shift.start
    needs = zip(booking.request.needs, resources, strict=True)
    return replace(
        booking.request,
        id="",
        submitted_at=now,
        needs=tuple(_there(need, resource) for need, resource in needs),
        start=start,
        earliest=start,
        latest=start,
        other_city=True,
        way=Way(start, tuple(resources)),
        override=(),
    )


def _position(booking: Booking, shift: Shift) -> int:
    for position, line in enumerate(booking.lines):
        if (line.resource, line.start) == (shift.resource, shift.start):
            return position
    raise InvalidRequest("no_such_line", booking=booking.id, resource=shift.resource)


def _there(need: Need, resource: str) -> Need:
    """The need; where it named one resource, it names the new one."""
    return need if need.resource is None else replace(need, resource=resource)
