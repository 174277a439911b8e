"""Closures: which pools they shut, what becomes of the bookings on them, and what may come back."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from testbed.domain import visits
from testbed.domain.bookings import Booking, State, step
from testbed.domain.catalogue import Catalogue
from testbed.domain.errors import NotFound
from testbed.domain.grid import ceil_grain, floor_grain
from testbed.domain.requests import Claim, ClaimKind

DISPLACED_FROM = frozenset({State.HELD, State.PENDING, State.CONFIRMED, State.CHECKED_IN})


class Kind(StrEnum):
    """Why something is closed; only emergencies so far."""

    STOP = "stop"


@dataclass(frozen=True, slots=True)
class Closure:
    """Pools that are shut over [start, end) in grains; without an end, until it is reopened.

    `target` is the resource, corridor or site that was named.
    """

    id: str
    kind: Kind
    target: str
    pools: tuple[str, ...]
    start: int
    end: int | None
    reason: str
    created_at: datetime
    created_by: str = ""
    ended_at: datetime | None = None
    ended_by: str | None = None

    def in_force(self, now: datetime) -> bool:
        """Whether it is neither reopened nor over."""
        over = self.end is not None and floor_grain(now) >= self.end
        return self.ended_at is None and not over

    def end_by(self, until: int) -> int:
        """Its end, for one that has none the grain up to which anybody may book."""
        return until if self.end is None else self.end


def pools_of(catalogue: Catalogue, target: str) -> tuple[str, ...]:
    """The pools that are shut with a resource, corridor or site, in the order of their ids.

    A corridor brings its routes; a site everything that stands there, and the corridors that lie in
    it altogether. Raises NotFound("closable").
    """
    if target in catalogue.sites:
        here = {each.id for each in catalogue.resources() if each.site == target}
        whole = {each.id for each in catalogue.corridors.values() if here.issuperset(each.routes)}
        return tuple(sorted(here | whole))
    if target in catalogue.corridors:
        return tuple(sorted({target, *catalogue.corridors[target].routes}))
    if target in catalogue.routes or target in catalogue.facilities:
        return (target,)
    raise NotFound("closable", id=target)


def claims(closure: Closure, capacities: Mapping[str, int], until: int) -> tuple[Claim, ...]:
    """What a closure claims: every unit of its pools, as far ahead as anybody may book."""
    end = closure.end_by(until)
    return tuple(
        Claim(pool, ClaimKind.CLOSED, capacities[pool], closure.start, end)
        for pool in closure.pools
        if capacities.get(pool) and closure.start < end
    )


def from_grain(claims: Iterable[Claim], grain: int) -> tuple[Claim, ...]:
    """The claims without anything before the grain."""
    return tuple(replace(each, start=max(each.start, grain)) for each in claims if each.end > grain)


def meets(booking: Booking, closure: Closure) -> bool:
    """Whether the booking uses a shut pool while it is shut.

    People who are there meet it however long they have overrun: they are on it.
    """
    there = booking.state is State.CHECKED_IN
    return any(
        claim.kind is ClaimKind.USE
        and claim.pool in closure.pools
        and (closure.end is None or claim.start < closure.end)
        and (there or claim.end > closure.start)
        for claim in booking.claims
    )


def struck(booking: Booking, closure: Closure) -> Booking:
    """What becomes of a booking that meets a closure.

    One that runs ends as the closure begins; one that has not begun, or to which nobody came yet,
    is displaced.
    """
    if booking.state is State.CHECKED_IN and booking.start < closure.start:
        return visits.ended(booking, closure.start)
    return step(booking, State.DISPLACED)


def outside(claim: Claim, shut: Iterable[tuple[int, int]]) -> tuple[Claim, ...]:
    """The parts of a claim that lie in none of the intervals."""
    parts = [claim]
    for start, end in shut:
        parts = [piece for part in parts for piece in _without(part, start, end)]
    return tuple(parts)


def _without(claim: Claim, start: int, end: int) -> Iterable[Claim]:
    if end <= claim.start or start >= claim.end:
        yield claim
        return
    if claim.start < start:
        yield replace(claim, end=start)
    if end < claim.end:
        yield replace(claim, start=end)


def restored(booking: Booking, claims_before: tuple[Claim, ...]) -> Booking:
    """The displaced booking at the place that it had. Raises IllegalTransition."""
    return replace(step(booking, State.CONFIRMED), claims=claims_before)


def may_return(booking: Booking, before: State, now: datetime) -> bool:
    """Whether a displaced booking may have its place again: it was confirmed, and has not begun."""
    return (
        booking.state is State.DISPLACED
        and before is State.CONFIRMED
        and booking.start >= ceil_grain(now)
    )
