"""A booking made shorter or longer where it stands.

Shortening gives back and asks no rule but the shortest block and its steps. Extending is decided
anew; what the rules say of the start was judged when it was asked for, since the start stays.
"""

from dataclasses import replace
from datetime import datetime

from testbed.domain import bookings
from testbed.domain.bookings import Booking, State
from testbed.domain.catalogue import RuleProfile
from testbed.domain.errors import HoldExpired, IllegalTransition, InvalidRequest
from testbed.domain.grid import GRAIN_MINUTES, Slot, ceil_grain, moment_of
from testbed.domain.ledger import Ledger
from testbed.domain.ranking import best
from testbed.domain.requests import Decision, Granted, Request, Way
from testbed.domain.rules import DATED_RULES, booked_grains
from testbed.domain.search import Search

EVERY_RULE = frozenset(rule.group for rule in DATED_RULES)


def changeable(booking: Booking, now: datetime) -> Booking:
    """The booking, if its length may change: granted and not begun, or checked in and not over.

    A hold is given back and taken anew. Raises HoldExpired, and
    IllegalTransition("cannot_change_length").
    """
    if booking.state is State.EXPIRED or booking.is_expired(now):
        raise HoldExpired("hold_expired", booking=booking.id)
    begins, ends = moment_of(booking.start), moment_of(booking.end)
    to_come = booking.state in (State.PENDING, State.CONFIRMED) and now < begins
    running = booking.state is State.CHECKED_IN and now < ends
    if not (to_come or running):
        state = booking.state
        raise IllegalTransition("cannot_change_length", booking=booking.id, state=state)
    return booking


def at_length(booking: Booking, slot: Slot, request_id: str) -> Request:
    """The booking's request for exactly the slot at its places, asked when it was asked."""
    main = replace(booking.request.needs[0], duration=None)
    return replace(
        booking.request,
        id=request_id,
        needs=(main, *booking.request.needs[1:]),
        duration_min=(slot.end - slot.start) * GRAIN_MINUTES,
        start=slot.start,
        earliest=slot.start,
        latest=slot.start,
        other_city=True,
        wait=False,
        way=Way(slot.start, tuple(line.resource for line in booking.lines)),
    )


def shortened(
    booking: Booking, slot: Slot, ledger: Ledger, now: datetime, request_id: str
) -> tuple[Booking, Granted]:
    """The booking over a part of its slot, and the offer that this is.

    The ledger is without the booking. Hours given up so late that a cancellation would count are
    forfeited: they go on counting. Raises IllegalTransition, and InvalidRequest:
    "not_shorter", "length_not_offered", "cannot_shorten".
    """
    _require_shorter(changeable(booking, now), slot, now)
    rule, left = ledger.catalogue.rules[booking.rule], slot.end - slot.start
    _require_offered(left, rule)
    request = at_length(booking, slot, request_id)
    found = best(Search(request, ledger, now, EVERY_RULE), 1)
    if not found:
        raise InvalidRequest("cannot_shorten", booking=booking.id)
    forfeited = booking.forfeited + _forfeited(booking, left, rule, now)
    shorter = bookings.placed(replace(booking, request=request, forfeited=forfeited), found[0])
    return shorter, Granted(found[0])


def _require_shorter(booking: Booking, slot: Slot, now: datetime) -> None:
    """Refuse what is not a shorter part of the slot; what is running loses nothing of its past."""
    inside = booking.start <= slot.start and slot.end <= booking.end
    same = slot == Slot(booking.start, booking.end)
    runs = booking.state is State.CHECKED_IN
    past = runs and (slot.start != booking.start or slot.end < ceil_grain(now))
    if not inside or same or past:
        raise InvalidRequest("not_shorter", booking=booking.id)


def _require_offered(grains: int, rule: RuleProfile) -> None:
    """Refuse a length that the rule does not offer. Raises InvalidRequest("length_not_offered")."""
    if booked_grains(grains * GRAIN_MINUTES, rule) != grains:
        raise InvalidRequest("length_not_offered", least=rule.slot_min, step=rule.slot_step_min)


def lengthened(booking: Booking, request: Request, end: int) -> Booking:
    """The booking as it asks for more: hours that it forfeited and has back do not count twice."""
    left = max(0, booking.forfeited - (end - booking.end))
    return replace(booking, request=request, forfeited=left)


def _forfeited(booking: Booking, left: int, rule: RuleProfile, now: datetime) -> int:
    """The grains given up that go on counting."""
    is_late = bookings.is_late_cancel(booking, rule, now)
    if not (is_late and rule.late_cancel_counts_as_use):
        return 0
    return booking.end - booking.start - left


def exactly(decision: Decision) -> Decision:
    """The answer about one place and time alone: another start would be a move."""
    return decision if isinstance(decision, Granted) else replace(decision, near=())


def longer(
    booking: Booking, end: int, rule: RuleProfile, now: datetime, request_id: str
) -> Request:
    """The request to keep the booking's places until the grain `end`.

    It is judged as of its `submitted_at`. Raises HoldExpired, IllegalTransition, and
    InvalidRequest: "not_longer", "length_not_offered".
    """
    changeable(booking, now)
    if end <= booking.end:
        raise InvalidRequest("not_longer", booking=booking.id)
    _require_offered(end - booking.start, rule)
    # What an operator set aside was for the slot as it was.
    return replace(at_length(booking, Slot(booking.start, end), request_id), override=())
