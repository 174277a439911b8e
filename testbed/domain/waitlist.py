"""The waitlist: unmet requests in ranked order, and what is offered to them when something frees.

The position is computed, never stored: whoever has used least lately and waited longest comes
first. One order serves the live service and the simulation.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from testbed.domain import allocator
from testbed.domain.bookings import Booking, State
from testbed.domain.catalogue import Resource
from testbed.domain.errors import IllegalTransition
from testbed.domain.fairness import burden
from testbed.domain.grid import ceil_grain, local_date, moment_of, week_of
from testbed.domain.ledger import Ledger
from testbed.domain.policy import Policy
from testbed.domain.requests import Offer, Request
from testbed.domain.sharing import kept_until

SECONDS_PER_HOUR = 3600


class Waiting(StrEnum):
    """Where a request on the waitlist stands."""

    WAITING = "waiting"
    OFFERED = "offered"
    SERVED = "served"
    WITHDRAWN = "withdrawn"
    LAPSED = "lapsed"
    UNANSWERED = "unanswered"


@dataclass(frozen=True, slots=True)
class Passed:
    """An offer that was not taken: its main resource, and its local day as an ordinal."""

    resource: str
    day: int


@dataclass(frozen=True, slots=True)
class Entry:
    """A request that waits; its id is the request's.

    `booking` is the held booking that is offered now or was offered last, `passed` what was offered
    and not taken, `unanswered` how many offers ran out in silence.
    """

    request: Request
    state: Waiting = Waiting.WAITING
    booking: str | None = None
    passed: frozenset[Passed] = frozenset()
    unanswered: int = 0

    @property
    def id(self) -> str:
        """The request's id."""
        return self.request.id

    def waits(self, now: datetime) -> bool:
        """Whether it still waits: nothing offered yet, and its window not over."""
        return self.state is Waiting.WAITING and now <= moment_of(self.request.latest)


@dataclass(frozen=True, slots=True)
class Rank:
    """Why an entry stands where it stands, in milli-points: the least total comes first.

    `burden` is what its organisation used lately, `waited` the credit for its own time.
    """

    burden: int
    waited: int
    entry: Entry

    @property
    def total(self) -> int:
        """The figure by which entries are ordered."""
        return self.burden - self.waited


@dataclass(frozen=True, slots=True)
class Proposal:
    """What is offered to an entry: `request` is its own, or the lesser one that partly meets it."""

    entry: Entry
    request: Request
    offer: Offer


# By organisation: every organisation of its type, itself among them.
Kin = Mapping[str, Collection[str]]


def ranked(entries: Iterable[Entry], ledger: Ledger, kin: Kin, now: datetime) -> list[Rank]:
    """The entries in the order in which they are served.

    The ledger holds what all organisations have used. Ties end at submission and id.
    """
    waiting = list(entries)
    asking = {entry.request.organisation for entry in waiting}
    burdens = {each: _burden(each, ledger, kin, now) for each in asking}
    ranks = [
        Rank(burdens[each.request.organisation], _credit(each, ledger.policy, now), each)
        for each in waiting
    ]
    return sorted(ranks, key=_order)


def _burden(organisation: str, ledger: Ledger, kin: Kin, now: datetime) -> int:
    alike = kin.get(organisation, (organisation,))
    used, of_type = ledger.use_by_week(organisation), _together(ledger, alike)
    again, week = ledger.rebooks(organisation), week_of(now.date())
    return burden(used, of_type, len(alike), week, ledger.policy, rebooks=again)


def _credit(entry: Entry, policy: Policy, now: datetime) -> int:
    """The whole hours that an entry has waited, by their weight."""
    seconds = (now - entry.request.submitted_at) // timedelta(seconds=1)
    return max(0, seconds) // SECONDS_PER_HOUR * policy.waiting_per_hour


def _together(ledger: Ledger, organisations: Collection[str]) -> dict[int, int]:
    """Grains that the organisations used by ISO week."""
    totals: dict[int, int] = {}
    for each in organisations:
        for week, grains in ledger.use_by_week(each).items():
            totals[week] = totals.get(week, 0) + grains
    return totals


def _order(one: Rank) -> tuple[int, datetime, str]:
    return one.total, one.entry.request.submitted_at, one.entry.id


def reconsider(
    entries: Iterable[Entry],
    ledger: Ledger,
    kin: Kin,
    now: datetime,
    freed: Collection[str] | None = None,
) -> Iterator[Proposal]:
    """What can be offered to those who wait, the first in rank first.

    Whoever iterates takes each offer's claims into the ledger before asking for the next. With
    `freed` only entries that ask for one of these pools are looked at. Nothing is offered whose
    answer would come too late.
    """
    waiting = [entry for entry in entries if entry.waits(now)]
    if freed is not None:
        pools = frozenset(freed)
        waiting = [each for each in waiting if pools & allocator.pools_asked(each.request, ledger)]
    for one in ranked(waiting, ledger, kin, now):
        found = propose(one.entry, ledger, now)
        if found is not None:
            yield found


def propose(entry: Entry, ledger: Ledger, now: datetime) -> Proposal | None:
    """The best offer that the entry has not passed over yet; for a part of it where it agrees."""
    for request in (entry.request, *(lesser(entry.request) if entry.request.partial else ())):
        for offer in allocator.offers(request, ledger, now, len(entry.passed) + 1):
            if passed(ledger, offer) not in entry.passed:
                return Proposal(entry, request, offer)
    return None


def lesser(request: Request) -> Iterator[Request]:
    """The parts of a wish that may serve as well, the most of it first.

    Without its last other items one by one; then, of the main need alone, one vehicle or unit less
    each time.
    """
    needs = request.needs
    for kept in range(len(needs) - 1, 0, -1):
        yield replace(request, needs=needs[:kept])
    main = needs[0]
    while max(main.vehicles, main.units) > 1:
        main = replace(main, vehicles=max(1, main.vehicles - 1), units=max(1, main.units - 1))
        yield replace(request, needs=(main,))


def passed(ledger: Ledger, offer: Offer) -> Passed:
    """What an offer is remembered by once it was not taken: its place and its day."""
    main = offer.lines[0]
    return passed_at(ledger.catalogue.resource(main.resource), main.start)


def passed_at(resource: Resource, start: int) -> Passed:
    """What an offer of that main resource and start (grain) is remembered by."""
    return Passed(resource.id, local_date(start, resource.zone).toordinal())


def answer_by(proposal: Proposal, policy: Policy, now: datetime) -> datetime:
    """Until when an offer is kept: the policy's minutes, and never past its start.

    As long as any hold where partners have to answer as well.
    """
    request, start = proposal.request, proposal.offer.start
    return min(kept_until(request, policy.offer_minutes, start, now), moment_of(start))


# -- the steps of an entry -------------------------------------------------------------------


def offered(entry: Entry, booking_id: str) -> Entry:
    """The entry, with something held for it."""
    return replace(entry, state=Waiting.OFFERED, booking=booking_id)


def served(entry: Entry) -> Entry:
    """The entry whose offer was accepted."""
    return replace(entry, state=Waiting.SERVED)


def declined(entry: Entry, what: Passed) -> Entry:
    """The entry after a no: it goes on waiting, for other places or days."""
    return replace(entry, state=Waiting.WAITING, passed=entry.passed | {what})


def unanswered(entry: Entry, what: Passed, policy: Policy) -> Entry:
    """The entry after silence: it goes on waiting, but not for ever."""
    count = entry.unanswered + 1
    after = replace(declined(entry, what), unanswered=count)
    most = policy.unanswered_offers
    return replace(after, state=Waiting.UNANSWERED) if count >= most else after


def after_offer(entry: Entry, booking: Booking, what: Passed, policy: Policy) -> Entry:
    """The entry once its held booking has become something else.

    What a closure took away nobody declined: it may be offered again.
    """
    if booking.state is State.DISPLACED:
        return replace(entry, state=Waiting.WAITING)
    if booking.state is State.EXPIRED:
        return unanswered(entry, what, policy)
    if booking.occupies:
        return served(entry)
    return declined(entry, what)


def withdrawn(entry: Entry) -> Entry:
    """The entry, taken off the list. Raises IllegalTransition("not_waiting")."""
    if entry.state is not Waiting.WAITING:
        raise IllegalTransition("not_waiting", request=entry.id, state=entry.state)
    return replace(entry, state=Waiting.WITHDRAWN)


def lapsed(entry: Entry, now: datetime) -> Entry:
    """The entry, ended where its window is over; else as it is."""
    over = entry.state is Waiting.WAITING and ceil_grain(now) > entry.request.latest
    return replace(entry, state=Waiting.LAPSED) if over else entry
