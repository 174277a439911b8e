"""Bookings, their states, and the legal steps between them."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from testbed.domain.catalogue import RuleProfile
from testbed.domain.errors import HoldExpired, IllegalTransition
from testbed.domain.grid import ceil_grain, moment_of
from testbed.domain.requests import Claim, Line, Offer, Request


class State(StrEnum):
    """Where a booking stands."""

    HELD = "held"
    PENDING = "pending"
    CONFIRMED = "confirmed"
    CHECKED_IN = "checked_in"
    COMPLETED = "completed"
    CANCELLED = "cancelled"
    EXPIRED = "expired"
    REJECTED = "rejected"
    DISPLACED = "displaced"
    NO_SHOW = "no_show"


TRANSITIONS: dict[State, frozenset[State]] = {
    State.HELD: frozenset(
        {State.PENDING, State.CONFIRMED, State.CANCELLED, State.EXPIRED, State.DISPLACED}
    ),
    State.PENDING: frozenset(
        {State.CONFIRMED, State.REJECTED, State.CANCELLED, State.EXPIRED, State.DISPLACED}
    ),
    # Pending again: it has moved, and where it now stands has to be approved.
    State.CONFIRMED: frozenset(
        {
            State.PENDING,
            State.CHECKED_IN,
            State.CANCELLED,
            State.NO_SHOW,
            State.DISPLACED,
            State.COMPLETED,
        }
    ),
    State.CHECKED_IN: frozenset({State.COMPLETED, State.DISPLACED}),
    State.DISPLACED: frozenset({State.CONFIRMED, State.CANCELLED}),
    State.COMPLETED: frozenset(),
    State.CANCELLED: frozenset(),
    State.EXPIRED: frozenset(),
    State.REJECTED: frozenset(),
    State.NO_SHOW: frozenset(),
}

# Minutes before the start from which a booking may be checked in.
CHECK_IN_OPENS_MINUTES = 60

OCCUPYING = frozenset({State.HELD, State.PENDING, State.CONFIRMED, State.CHECKED_IN})
# A no-show keeps its claims up to its release; a completed booking keeps what it used.
WITH_CLAIMS = OCCUPYING | {State.COMPLETED, State.NO_SHOW}
COUNTED = OCCUPYING | {State.COMPLETED, State.NO_SHOW}


@dataclass(frozen=True, slots=True)
class Booking:
    """A granted request: one line per need, and their claims.

    [start, end) is the main need's slot in grains, `week` the ISO week whose hours it uses under
    `rule`. `expires_at` is set while held or pending: a hold then ends, and a pending booking
    becomes what `silence` says, confirmed or rejected, whenever that is written down. `late` marks
    a cancellation that the rule counts as use, `forfeited` are grains that were given up so late
    that they count all the same.
    """

    id: str
    request: Request
    state: State
    start: int
    end: int
    rule: str
    week: int
    lines: tuple[Line, ...]
    claims: tuple[Claim, ...]
    expires_at: datetime | None = None
    late: bool = False
    forfeited: int = 0
    silence: State | None = None

    @property
    def organisation(self) -> str:
        """The accountable organisation."""
        return self.request.organisation

    @property
    def occupies(self) -> bool:
        """Whether its claims stand in the calendar."""
        return self.state in OCCUPYING

    @property
    def counts(self) -> bool:
        """Whether its hours count against the organisation's weekly hours."""
        return self.state in COUNTED or (self.state is State.CANCELLED and self.late)

    @property
    def counted(self) -> int:
        """The grains that count against the organisation's weekly hours."""
        return self.end - self.start + self.forfeited if self.counts else 0

    def is_expired(self, now: datetime) -> bool:
        """Whether its hold or its approval ran out; `expires_at` itself is already too late.

        A pending booking that silence confirms does not run out.
        """
        return self._is_due(now) and self.silence is not State.CONFIRMED

    def is_confirmed_by_silence(self, now: datetime) -> bool:
        """Whether nobody rejected it in time where silence means yes."""
        return self._is_due(now) and self.silence is State.CONFIRMED

    def _is_due(self, now: datetime) -> bool:
        limited = self.state in (State.HELD, State.PENDING)
        return limited and self.expires_at is not None and now >= self.expires_at


def step(booking: Booking, to: State) -> Booking:
    """The booking in another state. Raises IllegalTransition where the table has no such step."""
    if to not in TRANSITIONS[booking.state]:
        raise IllegalTransition(
            "illegal_transition", booking=booking.id, state=booking.state, to=to
        )
    return replace(booking, state=to, expires_at=None, silence=None)


def hold(booking_id: str, request: Request, offer: Offer, expires_at: datetime) -> Booking:
    """A new booking that keeps the offer's claims until `expires_at`."""
    return placed(
        Booking(booking_id, request, State.HELD, 0, 0, "", 0, (), (), expires_at=expires_at), offer
    )


def placed(booking: Booking, offer: Offer) -> Booking:
    """The booking with the start, resources and claims of the offer."""
    return replace(
        booking,
        start=offer.start,
        end=offer.end,
        rule=offer.rule,
        week=offer.week,
        lines=offer.lines,
        claims=offer.claims,
    )


def _require_not_expired(booking: Booking, now: datetime) -> None:
    if booking.state is State.PENDING and booking.is_expired(now):
        raise IllegalTransition("approval_over", booking=booking.id)
    if booking.state is State.EXPIRED or booking.is_expired(now):
        raise HoldExpired("hold_expired", booking=booking.id)


def confirm(booking: Booking, now: datetime) -> Booking:
    """The held booking, confirmed. Raises HoldExpired at or after `expires_at`."""
    require_held(booking, now)
    return step(booking, State.CONFIRMED)


def require_held(booking: Booking, now: datetime) -> None:
    """Refuse what is no hold, or one that ran out. Raises HoldExpired or IllegalTransition."""
    _require_not_expired(booking, now)
    if booking.state is not State.HELD:
        raise IllegalTransition(
            "illegal_transition", booking=booking.id, state=booking.state, to=State.CONFIRMED
        )


def pend(booking: Booking, until: datetime, silence: State) -> Booking:
    """The booking, waiting until then for approval; `silence` is what it becomes without answer."""
    if booking.state is not State.PENDING:
        booking = step(booking, State.PENDING)
    return replace(booking, expires_at=until, silence=silence)


def expire(booking: Booking) -> Booking:
    """The hold, run out; a pending booking that nobody approved in time is rejected."""
    return step(booking, State.REJECTED if booking.state is State.PENDING else State.EXPIRED)


def as_time_leaves(booking: Booking, now: datetime) -> Booking:
    """The booking as its deadline has left it, whatever is written down."""
    if booking.is_expired(now):
        return expire(booking)
    if booking.is_confirmed_by_silence(now):
        return step(booking, State.CONFIRMED)
    return booking


def cancel(booking: Booking, rule: RuleProfile, now: datetime) -> Booking:
    """The booking, cancelled; late inside the rule's free-cancel limit where that counts as use.

    A cancelled hold is never late, nor is what a closure has displaced. Raises HoldExpired for a
    hold that ran out before, and IllegalTransition once the slot has begun: then it is a visit or a
    no-show.
    """
    require_cancellable(booking, now)
    gives_back = booking.occupies and booking.state is not State.HELD
    late = gives_back and is_late_cancel(booking, rule, now)
    counted = late and rule.late_cancel_counts_as_use
    return replace(step(booking, State.CANCELLED), late=counted)


def give_up(booking: Booking) -> Booking:
    """The booking that nobody confirmed again, cancelled free of charge."""
    return step(booking, State.CANCELLED)


def require_cancellable(booking: Booking, now: datetime) -> None:
    """Refuse what can no longer be cancelled: see `cancel`."""
    _require_not_expired(booking, now)
    if now > moment_of(booking.start):
        raise IllegalTransition(
            "illegal_transition", booking=booking.id, state=booking.state, to=State.CANCELLED
        )


def is_late_cancel(booking: Booking, rule: RuleProfile, now: datetime) -> bool:
    """Whether now is inside the last `free_cancel_until_hours` before the start."""
    return now > moment_of(booking.start) - timedelta(hours=rule.free_cancel_until_hours)


def check_in(booking: Booking, grace_minutes: int | None, now: datetime) -> Booking:
    """The confirmed booking, checked in: while `check_in_span` lasts, its end not included.

    Raises HoldExpired, and IllegalTransition: "check_in_too_early", "check_in_too_late", or for
    another state.
    """
    _require_not_expired(booking, now)
    arrived = step(booking, State.CHECKED_IN)
    opens, closes = check_in_span(booking, grace_minutes)
    if now < opens:
        raise IllegalTransition("check_in_too_early", booking=booking.id, opens=opens.isoformat())
    if now >= closes:
        minutes = (closes - moment_of(booking.start)) // timedelta(minutes=1)
        raise IllegalTransition("check_in_too_late", booking=booking.id, minutes=minutes)
    return arrived


def check_in_span(booking: Booking, grace_minutes: int | None) -> tuple[datetime, datetime]:
    """From when until when a booking may be checked in: its grace, or without one its whole slot.

    It opens an hour early, since vehicles are unloaded and calibrated before they drive; earlier, a
    place would count as used whose people may still not come.
    """
    start = moment_of(booking.start)
    opens = start - timedelta(minutes=CHECK_IN_OPENS_MINUTES)
    if grace_minutes is None:
        return opens, moment_of(booking.end)
    return opens, start + timedelta(minutes=grace_minutes)


def is_missed(booking: Booking, grace_minutes: int | None, now: datetime) -> bool:
    """Whether it is confirmed and nobody came; the end of the grace itself is already too late.

    Without a grace nobody is missed.
    """
    if grace_minutes is None or as_time_leaves(booking, now).state is not State.CONFIRMED:
        return False
    return now >= moment_of(booking.start) + timedelta(minutes=grace_minutes)


def miss(booking: Booking, grace_minutes: int) -> Booking:
    """The booking that nobody turned up for, with its claims up to the end of the grace.

    The same whenever it is asked: the grace ends when it ends. Raises IllegalTransition.
    """
    end = grace_end(booking.start, grace_minutes)
    return replace(step(booking, State.NO_SHOW), claims=cut(booking.claims, end))


def grace_end(start: int, grace_minutes: int) -> int:
    """The grain from which on the place of a no-show is free."""
    return ceil_grain(moment_of(start) + timedelta(minutes=grace_minutes))


def movable(booking: Booking, now: datetime) -> Booking:
    """The booking, if it may still move: held, pending or confirmed, and not started.

    Raises HoldExpired or IllegalTransition.
    """
    _require_not_expired(booking, now)
    started = now >= moment_of(booking.start)
    if started or booking.state not in (State.HELD, State.PENDING, State.CONFIRMED):
        raise IllegalTransition("cannot_move", booking=booking.id, state=booking.state)
    return booking


def rest(claims: tuple[Claim, ...], end: int) -> tuple[Claim, ...]:
    """What `cut` leaves out: the parts of the claims at and after the grain `end`."""
    return tuple(replace(claim, start=max(claim.start, end)) for claim in claims if claim.end > end)


def cut(claims: tuple[Claim, ...], end: int) -> tuple[Claim, ...]:
    """The claims without anything at or after the grain `end`."""
    return tuple(replace(claim, end=min(claim.end, end)) for claim in claims if claim.start < end)
