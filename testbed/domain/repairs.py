"""Nearest repairs: the least changes of a wish that nothing met, each of which finds an offer.

One repair per sort of change: the smallest of its sort that works, found by the search that serves
bookings. A shorter booking, or one of fewer vehicles, takes a part of what the longer one takes, so
these sorts are halved; every other change is a sort of its own. All of it spends at most
MOST_SEARCHES searches.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from testbed.domain import allocator
from testbed.domain.catalogue import Facility, Mode
from testbed.domain.grid import GRAIN_MINUTES, GRAINS_PER_DAY, grains_in
from testbed.domain.ledger import Ledger
from testbed.domain.requests import Need, NeedType, Offer, Request

MOST_SEARCHES = 32
# What a wish loses by a change, in milli-points beside the cost of the offer that it finds: a
# quarter of an hour less is worse than one later, and an item given up worse than either.
LOST_GRAIN = 200
LOST_VEHICLE = 1_500
LOST_PLACE = 1_000
LOST_USE = 2_000
LOST_ITEM = 3_000
LOST_DEMAND = 4_000
LESSER_USES = {Mode.WHOLE_SITE: (Mode.EXCLUSIVE, Mode.SHARED), Mode.EXCLUSIVE: (Mode.SHARED,)}

Fields = tuple[tuple[str, int | str], ...]


@dataclass(frozen=True, slots=True)
class Change:
    """One change of a wish: its sort, what explains it, and what the wish loses by it.

    Sorts: `earlier`, `later`, `other_cities`, `shorter`, `fewer`, `other_use`, `other_place`,
    `without_item`, `without_demand`, `other_offer`, `wait`, and what a caller adds.
    """

    sort: str
    fields: Fields = ()
    loss: int = 0


@dataclass(frozen=True, slots=True)
class Candidate:
    """A change, and the wish that it makes; without a change only window and cities are wider."""

    request: Request
    change: Change | None = None


@dataclass(frozen=True, slots=True)
class Repair:
    """A changed wish that is granted as it stands, and the offer that it is granted.

    `price` ranks repairs, in milli-points: what the offer costs and what the wish loses. To wait
    finds nothing yet: it has no offer.
    """

    changes: tuple[Change, ...]
    request: Request
    offer: Offer | None
    price: int


# The candidates of one sort, the smallest change first; once one works, so do all after it.
Sort = Sequence[Candidate]


def repairs(
    request: Request, ledger: Ledger, now: datetime, also: Iterable[Candidate] = ()
) -> tuple[Repair, ...]:
    """The repairs of a wish that found nothing, the cheapest first; to wait comes last.

    Where another offer serves the wish as it is, that alone. Where no change helps alone, each with
    every city and the widest window beside it. `also` are changes that the caller knows of, each a
    sort of its own. Deterministic; keeps nothing.
    """
    wish = replace(request, way=None, wait=False)
    seeker = _Seeker(wish, ledger, now)
    if request.way is not None:
        other = seeker.all([[Candidate(wish, Change("other_offer"))]])
        if other:
            return tuple(other)
    found = _found(seeker, wish, ledger, list(also))
    return (*sorted(found, key=_order), *_wait(request, ledger, now))


def _found(seeker: "_Seeker", wish: Request, ledger: Ledger, more: list[Candidate]) -> list[Repair]:
    alone = seeker.all((*_alone(wish, ledger), *([each] for each in more)))
    wide = _wide(wish, ledger)
    if alone or wide is None:
        return alone
    widest = seeker.all([[Candidate(wide)]])
    beside = ([_beside(each, wide)] for each in more)
    return widest or seeker.all((*_lesser(wide, ledger), *beside))


def _order(repair: Repair) -> tuple[int, str]:
    return repair.price, repr(repair.changes)


class _Seeker:
    """Searches, at most so many, for the smallest change of each sort that finds something."""

    def __init__(self, wish: Request, ledger: Ledger, now: datetime) -> None:
        self.wish = wish
        self.ledger = ledger
        self.now = now
        self._left = MOST_SEARCHES

    def all(self, sorts: Iterable[Sort]) -> list[Repair]:
        """The repair of each sort that has one."""
        found = (self._smallest(sort) for sort in sorts)
        return [each for each in found if each is not None]

    def _smallest(self, sort: Sort) -> Repair | None:
        """The first candidate that finds an offer: the last is tried first, then halves."""
        low, high, best = 0, len(sort), None
        middle = high - 1
        while low < high:
            found = self._tried(sort[middle])
            if found is None:
                low = middle + 1
            else:
                best, high = found, middle
            if best is None:
                break
            middle = (low + high) // 2
        return best

    def _tried(self, candidate: Candidate) -> Repair | None:
        if not self._left:
            return None
        self._left -= 1
        offer = next(iter(allocator.offers(candidate.request, self.ledger, self.now, 1)), None)
        return None if offer is None else self._repair(candidate, offer)

    def _repair(self, candidate: Candidate, offer: Offer) -> Repair:
        """The repair, with no more of window and cities than its offer needs."""
        wish, change = self.wish, candidate.change
        elsewhere = not wish.other_city and self._lies_elsewhere(offer)
        changes = (
            *([change] if change else ()),
            *([Change("other_cities")] if elsewhere else ()),
            *_shift(wish, offer),
        )
        request = replace(
            candidate.request,
            earliest=min(wish.earliest, offer.start),
            latest=max(wish.latest, offer.start),
            other_city=wish.other_city or elsewhere,
        )
        loss = sum(each.loss for each in changes)
        return Repair(changes, request, offer, offer.cost.total - offer.cost.fair_share + loss)

    def _lies_elsewhere(self, offer: Offer) -> bool:
        main = self.ledger.catalogue.resource(offer.lines[0].resource)
        comes = isinstance(main, Facility) and main.mobile
        return self.wish.city is not None and main.city != self.wish.city and not comes


def _shift(wish: Request, offer: Offer) -> Iterator[Change]:
    """How far the offer starts from the wished start, where that was not asked for."""
    if not wish.earliest <= offer.start <= wish.latest:
        minutes = (offer.start - wish.start) * GRAIN_MINUTES
        yield Change("later" if minutes > 0 else "earlier", (("minutes", abs(minutes)),))


# -- sorts of changes ------------------------------------------------------------------------


def _alone(wish: Request, ledger: Ledger) -> Iterator[Sort]:
    """Every sort, from those that lose least."""
    wide = _wide(wish, ledger)
    if wide is not None:
        yield [Candidate(replace(wide, other_city=wish.other_city))]
    if wish.city is not None and not wish.other_city:
        yield [Candidate(replace(wish, other_city=True))]
    yield from _lesser(wish, ledger)


def _lesser(wish: Request, ledger: Ledger) -> Iterator[Sort]:
    """Every sort that asks for less, or for another place."""
    yield [*_shorter(wish)]
    yield [*_other_place(wish, ledger)]
    yield [*_fewer(wish)]
    yield from ([each] for each in _other_use(wish))
    for number in range(1, len(wish.needs)):
        yield [_without_item(wish, number)]
    if wish.test_kind is None:
        for attribute in dict.fromkeys(term.attribute for term in wish.needs[0].odd):
            yield [_without_demand(wish, attribute)]


def _wide(wish: Request, ledger: Ledger) -> Request | None:
    """The wish in all cities and for more days around; None for one that lies far away."""
    if not ledger.base <= wish.start < ledger.end:
        return None
    days = ledger.policy.near_miss_days * GRAINS_PER_DAY
    return replace(
        wish,
        earliest=max(ledger.base, min(wish.earliest, wish.start - days)),
        latest=min(ledger.end, max(wish.latest, wish.start + days)),
        other_city=True,
    )


def _beside(candidate: Candidate, wide: Request) -> Candidate:
    """The candidate with the window and the cities of the wide wish."""
    request = candidate.request
    wider = replace(request, earliest=wide.earliest, latest=wide.latest, other_city=True)
    return replace(candidate, request=wider)


def _shorter(wish: Request) -> Iterator[Candidate]:
    asked = wish.duration_min
    if wish.needs[0].duration is not None:
        return
    for grains in range(grains_in(asked) - 1, 0, -1):
        minutes = grains * GRAIN_MINUTES
        fields = (("minutes", minutes), ("asked", asked))
        loss = (grains_in(asked) - grains) * LOST_GRAIN
        yield Candidate(replace(wish, duration_min=minutes), Change("shorter", fields, loss))


def _fewer(wish: Request) -> Iterator[Candidate]:
    main = wish.needs[0]
    counted = "vehicles" if main.type is NeedType.ROUTE else "units"
    asked: int = getattr(main, counted)
    for count in range(asked - 1, 0, -1):
        fields = (("count", count), ("asked", asked), ("counted", counted))
        change = Change("fewer", fields, (asked - count) * LOST_VEHICLE)
        yield Candidate(_with_main(wish, **{counted: count}), change)


def _other_use(wish: Request) -> Iterator[Candidate]:
    asked = wish.needs[0].mode
    for steps, mode in enumerate(LESSER_USES.get(asked, ()), 1):
        fields = (("mode", mode.value), ("asked", asked.value))
        yield Candidate(_with_main(wish, mode=mode), Change("other_use", fields, steps * LOST_USE))


def _other_place(wish: Request, ledger: Ledger) -> Iterator[Candidate]:
    """Another place of the kind of the one that was named."""
    main, known = wish.needs[0], ledger.catalogue
    place = known.routes.get(main.resource or "") or known.facilities.get(main.resource or "")
    if place is not None:
        kinds = main.kinds or (place.kind,)
        change = Change("other_place", (("resource", place.id),), LOST_PLACE)
        yield Candidate(_with_main(wish, resource=None, kinds=kinds), change)


def _without_item(wish: Request, number: int) -> Candidate:
    item = wish.needs[number]
    named = item.resource or ", ".join(item.kinds)
    fields = (("item", number), ("named", named))
    kept = wish.needs[:number] + wish.needs[number + 1 :]
    return Candidate(replace(wish, needs=kept), Change("without_item", fields, LOST_ITEM))


def _without_demand(wish: Request, attribute: str) -> Candidate:
    kept = tuple(each for each in wish.needs[0].odd if each.attribute != attribute)
    change = Change("without_demand", (("attribute", attribute),), LOST_DEMAND)
    return Candidate(_with_main(wish, odd=kept), change)


def _with_main(wish: Request, **changed: object) -> Request:
    main: Need = replace(wish.needs[0], **changed)  # type: ignore[arg-type] # names of its fields
    return replace(wish, needs=(main, *wish.needs[1:]))


def _wait(request: Request, ledger: Ledger, now: datetime) -> Iterator[Repair]:
    """To wait for room, where the rules would let it be taken."""
    wish = replace(request, way=None)
    if not request.wait and not allocator.is_ruled_out(wish, ledger, now):
        yield Repair((Change("wait"),), replace(wish, wait=True), None, 0)
