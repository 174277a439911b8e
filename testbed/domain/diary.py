"""The diary: bookings in memory on one ledger, by the steps that the service takes on the database.

The simulation keeps one; the parity test holds it against the service.
"""

from dataclasses import replace
from datetime import datetime, timedelta

from testbed.domain import allocator, bookings
from testbed.domain.bookings import Booking, State
from testbed.domain.errors import InvalidRequest, NotFound
from testbed.domain.ledger import Ledger
from testbed.domain.requests import Decision, Granted, Request


class Diary:
    """Bookings by id, and the ledger in which their claims stand.

    Every step first releases the holds that ran out, so an expired hold never stands in the way.
    """

    def __init__(self, ledger: Ledger) -> None:
        self.ledger = ledger
        self.bookings: dict[str, Booking] = {}
        self._held: dict[str, datetime] = {}

    def booking(self, booking_id: str) -> Booking:
        """The booking of that id. Raises NotFound("booking")."""
        found = self.bookings.get(booking_id)
        if found is None:
            raise NotFound("booking", id=booking_id)
        return found

    def submit(self, request: Request, now: datetime, booking_id: str) -> Decision:
        """Decide the request; a granted one becomes a held booking of that id."""
        self._refuse_known(booking_id)
        self.release_expired(now)
        decision = allocator.decide(request, self.ledger, now)
        if isinstance(decision, Granted):
            expires_at = now + timedelta(minutes=self.ledger.policy.hold_minutes)
            self._enter(bookings.hold(booking_id, request, decision.offer, expires_at))
        return decision

    def confirm(self, booking_id: str, now: datetime) -> Booking:
        """Confirm a hold. Raises HoldExpired or IllegalTransition."""
        return self._become(bookings.confirm(self.booking(booking_id), now))

    def cancel(self, booking_id: str, now: datetime) -> Booking:
        """Cancel a booking and give its claims back. Raises HoldExpired or IllegalTransition."""
        booking = self.booking(booking_id)
        rule = self.ledger.catalogue.rules[booking.rule]
        return self._become(bookings.cancel(booking, rule, now))

    def move(self, booking_id: str, request: Request, now: datetime) -> Decision:
        """Decide a new wish for a booking without its own claims in the way.

        Granted: the booking stands at the new place, in the state it had. Otherwise it is as it
        was. Raises IllegalTransition for a booking that no longer can move.
        """
        self.release_expired(now)
        booking = bookings.movable(self.booking(booking_id), now)
        self._leave(booking)
        decision = allocator.decide(request, self.ledger, now)
        if isinstance(decision, Granted):
            booking = bookings.placed(replace(booking, request=request), decision.offer)
        self._enter(booking)
        return decision

    def release_expired(self, now: datetime) -> tuple[Booking, ...]:
        """Expire every hold that has run out, in the order of their ids; returns them."""
        due = sorted(name for name, expires_at in self._held.items() if now >= expires_at)
        return tuple(self._become(bookings.expire(self.bookings[name])) for name in due)

    def no_show(self, booking_id: str) -> Booking:
        """Mark a booking that nobody turned up for; the claims after the grace are given back."""
        booking = self.booking(booking_id)
        missed = bookings.miss(booking, self.ledger.policy.no_show_grace_minutes)
        self._leave(booking)
        self._enter(missed)
        return self.bookings[booking_id]

    def forget_before(self, grain: int) -> None:
        """Drop bookings whose claims all end by the grain, and move the ledger's base forward."""
        for name, booking in list(self.bookings.items()):
            if all(claim.end <= grain for claim in booking.claims):
                self._held.pop(name, None)
                del self.bookings[name]
        self.ledger.forget_before(grain)

    def _refuse_known(self, booking_id: str) -> None:
        if booking_id in self.bookings:
            raise InvalidRequest("booking_known", booking=booking_id)

    def _become(self, booking: Booking) -> Booking:
        before = self.bookings[booking.id]
        if booking.occupies and before.occupies and booking.claims == before.claims:
            self._held.pop(booking.id, None)
            self.bookings[booking.id] = booking
            return booking
        self._leave(before)
        self._enter(booking)
        return booking

    def _enter(self, booking: Booking) -> None:
        if booking.occupies or booking.state is State.NO_SHOW:
            self.ledger.take(booking.claims)
        if booking.counts:
            self._count(booking, 1)
        if booking.expires_at is not None:
            self._held[booking.id] = booking.expires_at
        self.bookings[booking.id] = booking

    def _leave(self, booking: Booking) -> None:
        if booking.occupies or booking.state is State.NO_SHOW:
            self.ledger.give_back(booking.claims)
        if booking.counts:
            self._count(booking, -1)
        self._held.pop(booking.id, None)

    def _count(self, booking: Booking, sign: int) -> None:
        grains = sign * (booking.end - booking.start)
        self.ledger.add_use(booking.organisation, booking.rule, booking.week, grains)
