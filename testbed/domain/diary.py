"""The diary: bookings in memory on one ledger, by the steps that the service takes on the database.

The simulation keeps one; the parity test holds it against the service.
"""

from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import count

from testbed.domain import allocator, bookings, closures, lengths, sharing, visits, waitlist
from testbed.domain.bookings import WITH_CLAIMS, Booking, State
from testbed.domain.closures import Closure, meets
from testbed.domain.errors import IllegalTransition, InvalidRequest, NotFound
from testbed.domain.grid import Slot, ceil_grain
from testbed.domain.ledger import Ledger
from testbed.domain.requests import Claim, Decision, Granted, Request, Waitlisted
from testbed.domain.sharing import Wishes
from testbed.domain.waitlist import Entry, Kin, Proposal, Waiting


@dataclass(frozen=True, slots=True)
class Closed:
    """A closure, the bookings that it struck as they were before, and what it claims."""

    closure: Closure
    struck: tuple[Booking, ...]
    taken: tuple[Claim, ...]


class Diary:
    """Bookings by id, the ledger in which their claims stand, and the requests that wait.

    Every step first settles what time has ended, so an expired hold never stands in the way; what a
    step frees is offered at once to those who wait. `kin` says which organisations are alike, as
    fair share asks; `names` makes the ids of bookings that are offered, `wishes` say who is kept
    apart from whom.
    """

    def __init__(
        self,
        ledger: Ledger,
        kin: Kin | None = None,
        names: Callable[[], str] | None = None,
        wishes: Wishes | None = None,
    ) -> None:
        numbers = count(1)
        self.ledger = ledger
        self.kin: Kin = kin or {}
        self.wishes: Wishes = wishes or {}
        self.bookings: dict[str, Booking] = {}
        self.entries: dict[str, Entry] = {}
        self.names = names or (lambda: f"offer-{next(numbers)}")
        self._held: dict[str, datetime] = {}
        self._closed: dict[str, Closed] = {}
        self._offered: dict[str, str] = {}
        self._freed: set[str] = set()
        self._new_offers: list[tuple[str, Booking]] = []

    def booking(self, booking_id: str) -> Booking:
        """The booking of that id. Raises NotFound("booking")."""
        found = self.bookings.get(booking_id)
        if found is None:
            raise NotFound("booking", id=booking_id)
        return found

    def submit(self, request: Request, now: datetime, booking_id: str | None = None) -> Decision:
        """Decide the request; a granted one becomes a held booking of that id, or of a new one.

        One that is to wait joins the waitlist; a part of it that fits is offered at once, if that
        serves.
        """
        self._refuse_known(booking_id)
        self.settle(now)
        decision = self._decide(request, now)
        if isinstance(decision, Granted):
            minutes = self.ledger.policy.hold_minutes
            expires_at = sharing.kept_until(request, minutes, decision.offer.start, now)
            name = booking_id or self.names()
            self._enter(bookings.hold(name, request, decision.offer, expires_at))
        elif isinstance(decision, Waitlisted):
            self.entries[request.id] = Entry(request)
            if request.partial:
                self._offer_among([self.entries[request.id]], None, now)
        return decision

    def confirm(self, booking_id: str, now: datetime) -> Booking:
        """Confirm a hold. Raises HoldExpired or IllegalTransition."""
        self.settle(now)
        return self._become(bookings.confirm(self.booking(booking_id), now))

    def cancel(self, booking_id: str, now: datetime) -> Booking:
        """Cancel a booking and give its claims back. Raises HoldExpired or IllegalTransition."""
        self.settle(now)
        booking = self.booking(booking_id)
        rule = self.ledger.catalogue.rules[booking.rule]
        cancelled = self._become(bookings.cancel(booking, rule, now))
        self._offer_freed(now)
        return cancelled

    def move(self, booking_id: str, request: Request, now: datetime) -> Decision:
        """Decide a new wish for a booking without its own claims in the way.

        Granted: the booking stands at the new place, in the state it had. Otherwise it is as it
        was. Raises IllegalTransition for a booking that no longer can move.
        """
        self.settle(now)
        booking = bookings.movable(self.booking(booking_id), now)
        agreed, apart = booking.request.partners, booking.request.apart
        asked = replace(request, partners=agreed, apart=apart, wait=False)
        return self._decided_anew(booking, replace(booking, request=asked), now, now)

    def shorten(self, booking_id: str, slot: Slot, request_id: str, now: datetime) -> Booking:
        """Keep a part of a booking's slot; raises what `lengths.shortened` does."""
        self.settle(now)
        booking = self.booking(booking_id)
        with self._without(booking):
            after, _ = lengths.shortened(booking, slot, self.ledger, now, request_id)
        self._leave(booking)
        self._free(booking.claims)
        self._enter(after)
        self._offer_freed(now)
        return after

    def extend(self, booking_id: str, end: int, request_id: str, now: datetime) -> Decision:
        """Keep a booking's places until the grain `end`; raises what `lengths.longer` does."""
        self.settle(now)
        booking = self.booking(booking_id)
        rule = self.ledger.catalogue.rules[booking.rule]
        request = lengths.longer(booking, end, rule, now, request_id)
        after = lengths.lengthened(booking, request, end)
        return lengths.exactly(self._decided_anew(booking, after, now, request.submitted_at))

    def hand_over(self, booking_id: str, receiver: str, request_id: str, now: datetime) -> Decision:
        """Give a booking to another organisation, if the rules permit it to that one."""
        self.settle(now)
        booking = sharing.offerable(self.booking(booking_id), now)
        request = sharing.handed(booking, receiver, request_id)
        after = sharing.taken_over(booking, request)
        return lengths.exactly(self._decided_anew(booking, after, now, request.submitted_at))

    def _decided_anew(
        self, booking: Booking, after: Booking, now: datetime, moment: datetime
    ) -> Decision:
        """Decide as of a moment without the booking in the way, and place it where granted."""
        with self._without(booking):
            decision = self._decide(after.request, moment)
        if isinstance(decision, Granted):
            self._leave(booking)
            self._free(booking.claims)
            self._enter(bookings.placed(after, decision.offer))
        self._offer_freed(now)
        return decision

    @contextmanager
    def _without(self, booking: Booking) -> Iterator[None]:
        """The calendar without the booking; hours that it forfeited go on counting."""
        self._leave(booking)
        forfeited = booking.organisation, booking.rule, booking.week, booking.forfeited
        self.ledger.add_use(*forfeited)
        try:
            yield
        finally:
            self.ledger.add_use(*forfeited[:3], -booking.forfeited)
            self._enter(booking)

    def _decide(self, request: Request, moment: datetime) -> Decision:
        self._keep_apart([request])
        return allocator.decide(request, self.ledger, moment)

    def _keep_apart(self, requests: Collection[Request]) -> None:
        """Let the ledger know where the rivals of these requests are."""
        named = {each for one in requests for each in sharing.rivals(one, self.wishes)}
        uses = [
            use
            for booking in (self.bookings.values() if named else ())
            if booking.occupies
            for use in sharing.uses_of(booking.request, booking.claims)
            if use.organisation in named
        ]
        self.ledger.keep_apart(self.wishes, uses)

    def no_show(self, booking_id: str, now: datetime) -> Booking:
        """Mark a booking that nobody turned up for; the claims after the grace are given back."""
        self.settle(now, (booking_id,))
        return self.bookings[booking_id]

    def check_in(self, booking_id: str, now: datetime) -> Booking:
        """Note that its people have come. Raises HoldExpired or IllegalTransition."""
        self.settle(now)
        grace = self.ledger.policy.no_show_grace_minutes
        return self._become(bookings.check_in(self.booking(booking_id), grace, now))

    def check_out(self, booking_id: str, now: datetime) -> Booking:
        """Note that its people have left: the rest is free at once. Raises IllegalTransition."""
        self.settle(now)
        booking = self.booking(booking_id)
        left = self._cut(booking, visits.check_out(booking, now), visits.free_from(booking, now))
        self._offer_freed(now)
        return left

    # -- closures ----------------------------------------------------------------------------

    def close(self, closure: Closure) -> tuple[Booking, ...]:
        """Close pools at the moment at which the closure was made; the bookings that it struck.

        No standing service may be in its pools: the diary does not know whose their claims are.
        """
        now = closure.created_at
        self.settle(now)
        met = [each for each in self._in_order() if each.occupies and meets(each, closure)]
        struck = tuple(self._strike(each, closure) for each in met)
        capacities = {name: pool.capacity for name, pool in self.ledger.pools.items()}
        taken = closures.claims(closure, capacities, self.ledger.bookable_until)
        self.ledger.take(taken)
        self._closed[closure.id] = Closed(closure, tuple(met), taken)
        self._offer_freed(now)
        return struck

    def _strike(self, booking: Booking, closure: Closure) -> Booking:
        after = closures.struck(booking, closure)
        if after.state is State.COMPLETED:
            return self._cut(booking, after, closure.start)
        return self._become(after)

    def reopen(self, name: str, now: datetime) -> tuple[Booking, ...]:
        """End a closure; the bookings that have their place again.

        Raises NotFound("closure"), IllegalTransition("closure_over").
        """
        self.settle(now)
        closed = self._closed.get(name)
        if closed is None:
            raise NotFound("closure", id=name)
        if not closed.closure.in_force(now):
            raise IllegalTransition("closure_over", closure=name)
        opened = bookings.rest(closed.taken, ceil_grain(now))
        self.ledger.give_back(opened)
        self._free(opened)
        self._closed[name] = replace(closed, closure=replace(closed.closure, ended_at=now))
        struck = sorted(closed.struck, key=lambda each: each.id)
        back = tuple(one for each in struck if (one := self._restored(each, now)) is not None)
        self._offer_freed(now)
        return back

    def _restored(self, before: Booking, now: datetime) -> Booking | None:
        booking = self.bookings.get(before.id)
        if booking is None or not closures.may_return(booking, before.state, now):
            return None
        if not self.ledger.fits(before.claims):
            return None
        return self._become(closures.restored(booking, before.claims))

    def closed(self, now: datetime) -> tuple[str, ...]:
        """The closures in force, the oldest first."""
        return tuple(name for name, each in self._closed.items() if each.closure.in_force(now))

    def _in_order(self) -> list[Booking]:
        return sorted(self.bookings.values(), key=lambda each: (each.start, each.id))

    # -- what time has ended -----------------------------------------------------------------

    def settle(self, now: datetime, missed: Iterable[str] = ()) -> tuple[Booking, ...]:
        """Expire every hold that has run out and end these missed bookings; then offer all of it.

        Answers the bookings that ended, the expired ones in the order of their ids.
        """
        due = sorted(name for name, expires_at in self._held.items() if now >= expires_at)
        ended = [self._become(bookings.expire(self.bookings[name])) for name in due]
        ended += [self._miss(name) for name in missed]
        self._offer_freed(now)
        return tuple(ended)

    def _miss(self, booking_id: str) -> Booking:
        booking = self.booking(booking_id)
        grace = self.ledger.policy.no_show_grace_minutes
        missed = bookings.miss(booking, grace)
        return self._cut(booking, missed, bookings.grace_end(booking.start, grace))

    def _cut(self, before: Booking, after: Booking, end: int) -> Booking:
        """The booking in its next state, its claims cut at a grain: what follows is free."""
        self._leave(before)
        self._free(bookings.rest(before.claims, end))
        self._enter(after)
        return after

    # -- the waitlist ------------------------------------------------------------------------

    def withdraw(self, request_id: str, now: datetime) -> Entry:
        """Take a request off the waitlist. Raises NotFound or IllegalTransition("not_waiting")."""
        self.settle(now)
        entry = self.entries.get(request_id)
        if entry is None:
            raise NotFound("waitlist", request=request_id)
        self.entries[request_id] = waitlist.withdrawn(entry)
        return self.entries[request_id]

    def catch_up(self, now: datetime) -> None:
        """Offer everything that is free, as rules may have opened it; end what waited too long."""
        self.settle(now)
        for name, entry in list(self.entries.items()):
            self.entries[name] = waitlist.lapsed(entry, now)
        self._offer(None, now)

    def new_offers(self) -> Iterator[tuple[str, Booking]]:
        """What was offered since this was last asked: the waiting request's id and the hold."""
        while self._new_offers:
            yield self._new_offers.pop(0)

    def _free(self, claims: Iterable[Claim]) -> None:
        self._freed |= {claim.pool for claim in claims}

    def _offer_freed(self, now: datetime) -> None:
        if self._freed:
            freed, self._freed = frozenset(self._freed), set()
            self._offer(freed, now)

    def _offer(self, freed: frozenset[str] | None, now: datetime) -> None:
        waits = [each for each in self.entries.values() if each.waits(now)]
        if waits:
            self._offer_among(waits, freed, now)

    def _offer_among(self, waits: list[Entry], freed: frozenset[str] | None, now: datetime) -> None:
        self._keep_apart([each.request for each in waits])
        for proposal in waitlist.reconsider(waits, self.ledger, self.kin, now, freed):
            self._hold(proposal, now)

    def _hold(self, proposal: Proposal, now: datetime) -> None:
        entry, request, offer = proposal.entry, proposal.request, proposal.offer
        if request is not entry.request:
            request = replace(request, id=self.names())
        expires_at = waitlist.answer_by(proposal, self.ledger.policy, now)
        booking = bookings.hold(self.names(), request, offer, expires_at)
        self._enter(booking)
        self.ledger.appears(request, offer.claims)
        self.entries[entry.id] = waitlist.offered(entry, booking.id)
        self._offered[booking.id] = entry.id
        self._new_offers.append((entry.id, booking))

    def _answered(self, before: Booking, after: Booking) -> None:
        """Note on the waitlist what became of an offer."""
        name = self._offered.get(before.id)
        if name is None or before.state is after.state:
            return
        entry, main = self.entries[self._offered.pop(before.id)], before.lines[0]
        what = waitlist.passed_at(self.ledger.catalogue.resource(main.resource), main.start)
        self.entries[name] = waitlist.after_offer(entry, after, what, self.ledger.policy)

    # -- the calendar ------------------------------------------------------------------------

    def forget_before(self, grain: int) -> None:
        """Drop bookings whose claims all end by the grain, and move the ledger's base forward."""
        for name, booking in list(self.bookings.items()):
            if all(claim.end <= grain for claim in booking.claims):
                self._held.pop(name, None)
                del self.bookings[name]
        over = [name for name, each in self.entries.items() if each.request.latest < grain]
        for name in over:
            if self.entries[name].state is not Waiting.OFFERED:
                del self.entries[name]
        self.ledger.forget_before(grain)

    def _refuse_known(self, booking_id: str | None) -> None:
        if booking_id in self.bookings:
            raise InvalidRequest("booking_known", booking=booking_id)

    def _become(self, booking: Booking) -> Booking:
        before = self.bookings[booking.id]
        self._answered(before, booking)
        if booking.occupies and before.occupies and booking.claims == before.claims:
            self._held.pop(booking.id, None)
            self.bookings[booking.id] = booking
            return booking
        self._leave(before)
        if before.occupies and not booking.occupies:
            self._free(before.claims)
        self._enter(booking)
        return booking

    def _enter(self, booking: Booking) -> None:
        if booking.state in WITH_CLAIMS:
            self.ledger.take(booking.claims)
        self._count(booking, 1)
        if booking.expires_at is not None:
            self._held[booking.id] = booking.expires_at
        self.bookings[booking.id] = booking

    def _leave(self, booking: Booking) -> None:
        if booking.state in WITH_CLAIMS:
            self.ledger.give_back(booking.claims)
        self._count(booking, -1)
        self._held.pop(booking.id, None)

    def _count(self, booking: Booking, sign: int) -> None:
        counted = sign * booking.counted
        if counted:
            self.ledger.add_use(booking.organisation, booking.rule, booking.week, counted)
        grains = sign * (booking.end - booking.start)
        if booking.occupies:
            self.ledger.add_ahead(booking.organisation, booking.start, grains)
