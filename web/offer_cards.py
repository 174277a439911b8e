"""Offers as cards: what each costs in points, the rule it stands under, and how its day looks."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from datetime import date

from flask_babel import lazy_gettext

from testbed.domain.catalogue import Catalogue, Resource, RuleProfile
from testbed.domain.fees import booking_fee_krw
from testbed.domain.grid import local_date
from testbed.domain.requests import Cost, Line, Offer, Request
from testbed.service.availability import DayUse, Span
from web.labels import COSTS, label
from web.languages import gettext, text
from web.present import OfferView, offer_view, times, when, won

PAPERS = {
    "permit_temporary_operation": lazy_gettext("temporary-operation permit"),
    "permit_limited_transport": lazy_gettext("permit to carry passengers or goods"),
    "insurance_required": lazy_gettext("insurance"),
}
HOUR_MARKS = (0, 6, 12, 18, 24)


@dataclass(frozen=True, slots=True)
class CostBar:
    """One component of an offer's cost: its words, its points, and its share of the worst one."""

    said: str
    points: str
    width: int


@dataclass(frozen=True, slots=True)
class Stretch:
    """A stretch of the pictured day: closed, busy or offer, from `start` in percent of the day."""

    state: str
    start: float
    length: float


@dataclass(frozen=True, slots=True)
class DayPicture:
    """The day of an offer on its main resource, drawn and in words."""

    stretches: tuple[Stretch, ...]
    said: str
    hours: tuple[int, ...] = HOUR_MARKS


@dataclass(frozen=True, slots=True)
class Card:
    """An offer ready to print, with its place on the map."""

    offer: OfferView
    rank: str
    main: str
    when_lines: tuple[str, ...]
    bars: tuple[CostBar, ...]
    rule: str
    day: DayPicture
    fee_change: str


def days_wanted(offers: Sequence[Offer], catalogue: Catalogue) -> list[tuple[Resource, date]]:
    """The day of each offer on its main resource."""
    mains = [(catalogue.resource(each.lines[0].resource), each.start) for each in offers]
    return [(main, local_date(start, main.zone)) for main, start in mains]


def cards(
    offers: Sequence[Offer],
    days: Sequence[DayUse],
    request: Request,
    catalogue: Catalogue,
    payer: str,
    *,
    paid: int | None = None,
) -> list[Card]:
    """A card for each offer, in their order; `paid` is the fee of a booking that is to move."""
    most = max((each.cost.total for each in offers), default=0)
    made: list[Card] = []
    for rank, (offer, day) in enumerate(zip(offers, days, strict=True), 1):
        main = catalogue.resource(offer.lines[0].resource)
        card = Card(
            offer=offer_view(offer, request, catalogue, payer),
            rank=str(rank),
            main=main.id,
            when_lines=tuple(_own_time(line, offer, catalogue) for line in offer.lines),
            bars=tuple(_bars(offer.cost, most)),
            rule=rule_text(catalogue.rules[offer.rule]),
            day=_picture(offer, day, main.zone),
            fee_change=fee_change(booking_fee_krw(offer.lines, payer, catalogue), paid),
        )
        made.append(card)
    return made


def fee_change(fee: int, paid: int | None) -> str:
    """What a move changes in the fee `paid` so far, in words; empty where nothing is moved."""
    if paid is None:
        return ""
    if fee == paid:
        return gettext("the fee stays")
    amount = won(abs(fee - paid))
    if fee > paid:
        return gettext("%(amount)s more than now", amount=amount)
    return gettext("%(amount)s less than now", amount=amount)


def _own_time(line: Line, offer: Offer, catalogue: Catalogue) -> str:
    """The time of a line where it is not that of the offer."""
    if (line.start, line.end) == (offer.start, offer.end):
        return ""
    return when(line.start, line.end, catalogue.resource(line.resource).zone)


def _bars(cost: Cost, most: int) -> Iterator[CostBar]:
    parts = sorted(((getattr(cost, each.name), each.name) for each in fields(cost)), reverse=True)
    for points, name in parts:
        if points:
            said = f"{points / 1000:.1f}" if points >= 100 else f"{points / 1000:.2f}"
            yield CostBar(label(COSTS, name), said, round(100 * points / most))


def rule_text(rule: RuleProfile) -> str:
    """What booking under this rule commits to, in short sentences."""
    return " ".join((gettext("Rule: %(name)s.", name=text(rule.name)), *_terms(rule)))


def _terms(rule: RuleProfile) -> Iterator[str]:
    if rule.free_cancel_until_hours:
        yield gettext("Cancel free until %(hours)d h before.", hours=rule.free_cancel_until_hours)
    else:
        yield gettext("Cancel free at any time.")
    if rule.late_cancel_counts_as_use:
        yield gettext("Hours cancelled later still count for the week.")
    papers = [str(said) for name, said in PAPERS.items() if getattr(rule, name)]
    if rule.safety_driver != "none":
        papers.append(gettext("safety driver"))
    if papers:
        yield gettext("To bring: %(papers)s.", papers=", ".join(papers))


# -- the picture of a day --------------------------------------------------------------------


def _picture(offer: Offer, day: DayUse, zone: str) -> DayPicture:
    percent = 100 / (day.end - day.first)
    closed = _between(day.opened, day.first, day.end)
    own = (max(offer.start, day.first), min(offer.end, day.end))
    drawn = [("closed", closed), ("busy", day.busy), ("offer", (own,))]
    stretches = tuple(
        Stretch(state, round((start - day.first) * percent, 2), round((end - start) * percent, 2))
        for state, spans in drawn
        for start, end in spans
    )
    return DayPicture(stretches, _day_text(day, zone))


def _between(spans: Sequence[Span], first: int, end: int) -> tuple[Span, ...]:
    """What of [first, end) lies outside the spans."""
    edges = [first, *(edge for span in spans for edge in span), end]
    gaps = zip(edges[::2], edges[1::2], strict=True)
    return tuple((start, stop) for start, stop in gaps if start < stop)


def _day_text(day: DayUse, zone: str) -> str:
    opened = ", ".join(times(*span, zone) for span in day.opened)
    busy = ", ".join(times(*span, zone) for span in day.busy)
    if not busy:
        return gettext("Open %(open)s, all of it free.", open=opened)
    return gettext("Open %(open)s; no room %(busy)s.", open=opened, busy=busy)
