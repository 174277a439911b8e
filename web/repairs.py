"""Repairs: the smallest changes of a wish that nothing met, each of which finds an offer."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from itertools import count, islice

from testbed.domain.catalogue import Mode
from testbed.domain.requests import Offer
from web.extra_needs import Extra
from web.labels import MODES, label, span
from web.languages import gettext, ngettext
from web.wish import FLEXIBILITY, WishForm
from web.wish_address import Pairs, replaced

HOURS_TRIED = 4
# How many searches one page may spend on looking for repairs.
MOST_TRIES = 32
WIDEST = "14"
MINUTES_PER_HOUR = 60

Change = tuple[str, Pairs]
Finds = Callable[[Pairs], Offer | None]


@dataclass(frozen=True, slots=True)
class Repair:
    """A change in words, the whole wish with it, and the offer that it finds."""

    said: str
    pairs: Pairs
    offer: Offer


def repairs(form: WishForm, finds: Finds) -> list[Repair]:
    """One repair of each sort that finds something, the smallest change of its sort."""
    tries = islice(count(), MOST_TRIES)
    alone = [_first(sort, finds, tries) for sort in _sorts(form, form.pairs())]
    return [each for each in alone if each] or _together(form, finds, tries)


def _together(form: WishForm, finds: Finds, tries: Iterator[int]) -> list[Repair]:
    """Where no change helps alone: each with every city and the longest window beside it."""
    wide = replaced(form.pairs(), elsewhere="y", flex=WIDEST)
    wider = [(_widest(form), wide)]
    found = _first(iter(wider), finds, tries)
    if found:
        return [found]
    both = (
        ((f"{said}, {wider[0][0]}", pairs) for said, pairs in sort) for sort in _sorts(form, wide)
    )
    return [each for each in (_first(sort, finds, tries) for sort in both) if each]


def _widest(form: WishForm) -> str:
    """The widest search in words: only of cities where the wish kept to one."""
    if form.city.data and not form.elsewhere.data:
        return gettext("all cities, %(days)s", days=FLEXIBILITY[WIDEST])
    return gettext("flexible: %(by)s", by=FLEXIBILITY[WIDEST])


def _first(sort: Iterator[Change], finds: Finds, tries: Iterator[int]) -> Repair | None:
    """The first change of its sort that finds an offer; None also where the tries are spent."""
    for said, pairs in sort:
        if next(tries, None) is None:
            return None
        offer = finds(pairs)
        if offer is not None:
            return Repair(said, pairs, offer)
    return None


def _sorts(form: WishForm, pairs: Pairs) -> Iterator[Iterator[Change]]:
    """The sorts of change of these pairs, each from the smallest step on."""
    yield _other_cities(form, pairs)
    yield _longer_window(form, pairs)
    yield _fewer_hours(form, pairs)
    yield _other_use(form, pairs)
    yield _fewer_vehicles(form, pairs)
    yield _anywhere(form, pairs)
    for extra in form.extras.ticked:
        yield _without_extra(extra, pairs)
    for said, kept in form.odd.without():
        rest = [pair for pair in pairs if not pair[0].startswith("odd.")]
        yield iter([(gettext("without “%(term)s”", term=said), rest + kept)])


def _other_cities(form: WishForm, pairs: Pairs) -> Iterator[Change]:
    if form.city.data and not form.elsewhere.data:
        yield gettext("other cities too"), replaced(pairs, elsewhere="y")


def _longer_window(form: WishForm, pairs: Pairs) -> Iterator[Change]:
    steps = list(FLEXIBILITY)
    for step in steps[steps.index(form.flex.data) + 1 :]:
        said = gettext("flexible: %(by)s", by=FLEXIBILITY[step])
        yield said, replaced(pairs, flex=step)


def _fewer_hours(form: WishForm, pairs: Pairs) -> Iterator[Change]:
    asked: Decimal = form.hours.data
    whole = int(asked) - (1 if asked == int(asked) else 0)
    for hours in _steps_down(whole):
        said = gettext(
            "%(less)s instead of %(asked)s",
            less=span(hours * MINUTES_PER_HOUR),
            asked=span(int(asked * MINUTES_PER_HOUR)),
        )
        yield said, replaced(pairs, hours=str(hours))


def _steps_down(most: int) -> Iterator[int]:
    """Hour by hour at first, then by halves, so that a wish of days ends at one hour too."""
    least = max(0, most - HOURS_TRIED)
    yield from range(most, least, -1)
    while least > 0:
        yield least
        least //= 2


def _other_use(form: WishForm, pairs: Pairs) -> Iterator[Change]:
    lesser = {
        Mode.WHOLE_SITE.value: (Mode.EXCLUSIVE, Mode.SHARED),
        Mode.EXCLUSIVE.value: (Mode.SHARED,),
    }
    for mode in lesser.get(form.mode.data, ()):
        said = gettext(
            "%(less)s instead of %(asked)s",
            less=label(MODES, mode.value),
            asked=label(MODES, form.mode.data),
        )
        yield said, replaced(pairs, mode=mode.value)


def _fewer_vehicles(form: WishForm, pairs: Pairs) -> Iterator[Change]:
    for vehicles in range(form.vehicles.data - 1, 0, -1):
        said = ngettext("%(num)d vehicle", "%(num)d vehicles", vehicles)
        yield said, replaced(pairs, vehicles=str(vehicles))


def _anywhere(form: WishForm, pairs: Pairs) -> Iterator[Change]:
    if form.resource.data:
        yield gettext("other places too"), replaced(pairs, resource=None)
    if form.of.data:
        yield gettext("other kinds of place too"), replaced(pairs, of=None)


def _without_extra(extra: Extra, pairs: Pairs) -> Iterator[Change]:
    kept = [
        pair
        for pair in pairs
        if pair != ("extra", extra.id) and not pair[0].endswith(f".{extra.id}")
    ]
    yield gettext("without “%(term)s”", term=extra.said), kept
