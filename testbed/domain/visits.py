"""The visit of a booking: coming, leaving early, staying too long, and never checking out."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from testbed.domain.bookings import Booking, State, cut, step
from testbed.domain.errors import HoldExpired, IllegalTransition
from testbed.domain.grid import ceil_grain, floor_grain, moment_of
from testbed.domain.requests import Claim, ClaimKind


class Ending(StrEnum):
    """How a visit ended."""

    LEFT = "left"
    STOPPED = "stopped"
    NOT_CHECKED_OUT = "not_checked_out"


@dataclass(frozen=True, slots=True)
class Visit:
    """When an organisation came and left; `left_at` and `ending` are None while it is there."""

    booking: str
    arrived_at: datetime
    left_at: datetime | None = None
    ending: Ending | None = None


def check_out(booking: Booking, now: datetime) -> Booking:
    """The booking whose people have left, with its claims cut at `free_from`.

    Raises HoldExpired, and IllegalTransition for one that is not checked in.
    """
    if booking.is_expired(now):
        raise HoldExpired("hold_expired", booking=booking.id)
    return ended(booking, free_from(booking, now))


def ended(booking: Booking, grain: int) -> Booking:
    """The checked-in booking, completed, with nothing claimed from the grain on.

    The booked slot stays as it was booked. Raises IllegalTransition.
    """
    if booking.state is not State.CHECKED_IN:
        raise IllegalTransition(
            "illegal_transition", booking=booking.id, state=booking.state, to=State.COMPLETED
        )
    return replace(step(booking, State.COMPLETED), claims=cut(booking.claims, grain))


def free_from(booking: Booking, now: datetime) -> int:
    """The grain from which on the place is free when its people leave now.

    The next one, and the clean-up that the place needs after it.
    """
    main = [claim.end for claim in booking.claims if claim.pool == booking.lines[0].resource]
    clean_up = max(0, max(main, default=booking.end) - booking.end)
    return ceil_grain(now) + clean_up


def overruns(booking: Booking, now: datetime) -> bool:
    """Whether its people are still there at or after its end. That is a fact, and no claim."""
    return booking.state is State.CHECKED_IN and now >= moment_of(booking.end)


def is_forgotten(booking: Booking, hours: int, now: datetime) -> bool:
    """Whether nobody has checked it out so many hours after its end."""
    return booking.state is State.CHECKED_IN and now >= moment_of(booking.end) + timedelta(
        hours=hours
    )


def still_taken(booking: Booking, now: datetime, ahead: int) -> tuple[Claim, ...]:
    """What an overrunning booking keeps from others for as many grains as it may stay yet."""
    first = max(floor_grain(now), booking.end)
    uses = [each for each in booking.claims if each.kind is ClaimKind.USE]
    return tuple(replace(each, start=first, end=first + ahead) for each in uses)
