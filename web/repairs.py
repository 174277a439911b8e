"""Repairs as the page offers them: a change in words, and the wish with it as an address."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date

from testbed.domain.catalogue import Catalogue
from testbed.domain.grid import local_date
from testbed.domain.repairs import LOST_DEMAND, LOST_PLACE, Candidate, Change, Repair
from testbed.domain.requests import Offer, Request
from web.labels import KINDS, MODES, label, span
from web.languages import gettext, ngettext, text
from web.odd_words import attribute_text
from web.wish import EXACT, FLEXIBILITY, WishForm
from web.wish_address import Pairs, replaced

MINUTES_PER_HOUR = 60
Finds = Callable[[Pairs], Offer | None]


@dataclass(frozen=True, slots=True)
class Mended:
    """A repair in words, the whole wish with it, and the offer that it finds."""

    said: str
    pairs: Pairs
    offer: Offer


def own_changes(form: WishForm, asked: Request) -> Iterator[Candidate]:
    """Changes that only the form knows of: what was added to the chosen kind of test."""
    main = asked.needs[0]
    if form.of.data:
        wider = replace(main, kinds=form.preset.main.kinds if form.preset else ())
        change = Change("other_kind", (), LOST_PLACE)
        yield Candidate(replace(asked, needs=(wider, *asked.needs[1:])), change)
    added = form.odd.terms() if form.preset else ()
    for attribute in dict.fromkeys(term.attribute for term in added):
        own = {term for term in added if term.attribute == attribute}
        less = replace(main, odd=tuple(term for term in main.odd if term not in own))
        change = Change("without_demand", (("attribute", attribute),), LOST_DEMAND)
        yield Candidate(replace(asked, needs=(less, *asked.needs[1:])), change)


def mended(
    form: WishForm, repairs: tuple[Repair, ...], finds: Finds, catalogue: Catalogue
) -> Iterator[Mended]:
    """The repairs as changes of the form, each looked up once more as the form would say it."""
    for repair in repairs:
        if repair.offer is None:
            continue
        pairs = form.pairs()
        for change in repair.changes:
            pairs = _changed(form, pairs, change, repair.offer, catalogue)
        offer = finds(pairs)
        if offer is not None:
            yield Mended(repair_text(repair, catalogue), pairs, offer)


# -- in words --------------------------------------------------------------------------------


def repair_text(repair: Repair, catalogue: Catalogue) -> str:
    """All changes of a repair in words."""
    return ", ".join(change_text(each, catalogue) for each in repair.changes)


def change_text(change: Change, catalogue: Catalogue) -> str:
    """One change in words, e.g. "2 h instead of 3 h"."""
    fields = dict(change.fields)
    said: dict[str, Callable[[], str]] = {
        "earlier": lambda: gettext("%(by)s earlier", by=span(int(fields["minutes"]))),
        "later": lambda: gettext("%(by)s later", by=span(int(fields["minutes"]))),
        "shorter": lambda: _instead(span(int(fields["minutes"])), span(int(fields["asked"]))),
        "fewer": lambda: _count(int(fields["count"]), str(fields["counted"])),
        "other_use": lambda: _instead(*(label(MODES, str(fields[key])) for key in _USES)),
        "other_cities": lambda: gettext("other cities too"),
        "other_place": lambda: gettext("other places too"),
        "other_kind": lambda: gettext("other kinds of place too"),
        "other_offer": lambda: gettext("another offer for the same wish"),
        "without_item": lambda: _without(_item(str(fields["named"]), catalogue)),
        "without_demand": lambda: _without(attribute_text(str(fields["attribute"]), catalogue)),
        "wait": lambda: gettext("wait until something frees"),
    }
    return said[change.sort]()


_USES = ("mode", "asked")


def _instead(less: str, asked: str) -> str:
    return gettext("%(less)s instead of %(asked)s", less=less, asked=asked)


def _without(term: str) -> str:
    return gettext("without “%(term)s”", term=term)


def _item(named: str, catalogue: Catalogue) -> str:
    """A facility by its name, or the kinds of which one was asked for."""
    place = catalogue.facilities.get(named) or catalogue.routes.get(named)
    if place is not None:
        return text(place.name)
    return gettext(" or ").join(label(KINDS, kind) for kind in named.split(", "))


def _count(count: int, counted: str) -> str:
    if counted == "vehicles":
        return ngettext("%(num)d vehicle", "%(num)d vehicles", count)
    return ngettext("%(num)d unit", "%(num)d units", count)


# -- as an address ---------------------------------------------------------------------------


def _changed(
    form: WishForm, pairs: Pairs, change: Change, offer: Offer, catalogue: Catalogue
) -> Pairs:
    """The address with one change of the wish."""
    fields = dict(change.fields)
    sort = change.sort
    if sort in ("earlier", "later"):
        return replaced(pairs, flex=_flexibility(form, offer, catalogue))
    if sort == "without_item":
        return _without_extra(form.extras.ticked[int(fields["item"]) - 1].id, pairs)
    if sort == "without_demand":
        rest = [pair for pair in pairs if not pair[0].startswith("odd.")]
        return rest + form.odd.without(str(fields["attribute"]))
    return replaced(pairs, **_values(form, change, catalogue))


def _values(form: WishForm, change: Change, catalogue: Catalogue) -> dict[str, str | None]:
    """The fields of the form that a change sets."""
    fields = dict(change.fields)
    if change.sort == "shorter":
        return {"hours": f"{int(fields['minutes']) / MINUTES_PER_HOUR:g}"}
    if change.sort == "fewer":
        return {str(fields["counted"]): str(fields["count"])}
    if change.sort == "other_place":
        kind = catalogue.resource(str(fields["resource"])).kind
        return {"resource": None, **({} if form.preset or form.of.data else {"of": kind})}
    plain: dict[str, dict[str, str | None]] = {
        "other_use": {"mode": str(fields.get("mode"))},
        "other_cities": {"elsewhere": "y"},
        "other_kind": {"of": None},
    }
    return plain[change.sort]


def _flexibility(form: WishForm, offer: Offer, catalogue: Catalogue) -> str:
    """The narrowest flexibility of the form with which the offer is found."""
    zone = catalogue.resource(offer.lines[0].resource).zone
    wished: date = form.day.data
    days = abs((local_date(offer.start, zone) - wished).days)
    steps = (step for step in FLEXIBILITY if step != EXACT)
    return next((step for step in steps if int(step) >= days), max(FLEXIBILITY, key=_days))


def _days(step: str) -> int:
    return -1 if step == EXACT else int(step)


def _without_extra(extra: str, pairs: Pairs) -> Pairs:
    return [
        pair for pair in pairs if pair != ("extra", extra) and not pair[0].endswith(f".{extra}")
    ]
