"""Domain values as text in the reader's language: times, places, offers, reasons and fees."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from datetime import datetime

from babel.dates import format_datetime
from flask_babel import get_locale

from testbed.domain.catalogue import Catalogue, Mode, Resource, Route
from testbed.domain.errors import DomainError
from testbed.domain.fees import Charge, booking_fee_krw, charges
from testbed.domain.grid import GRAIN_MINUTES, local_moment
from testbed.domain.grid import zone as zone_info
from testbed.domain.requests import Cost, Line, Offer, Reason, Request
from testbed.sentences import fill, template
from web.labels import COSTS, KINDS, MODES, ROLES, RULE_NAMES, STATES, STATUSES, label, span
from web.languages import gettext, ngettext, text

DAY_PATTERN = "yyyy-MM-dd (EEE)"


# -- times -----------------------------------------------------------------------------------


def when(start: int, end: int, zone: str) -> str:
    """A slot (grains) on the wall clock, e.g. `2026-12-08 (Tue) 10:00–13:00 KST`."""
    first = local_moment(start, zone)
    return f"{day_text(first)} {times(start, end, zone)} {first:%Z}"


def times(start: int, end: int, zone: str) -> str:
    """The times of day of a slot (grains); the end with its date where that is another."""
    first, last = local_moment(start, zone), local_moment(end, zone)
    through = f"{last:%H:%M}" if first.date() == last.date() else _through(first, last)
    return f"{first:%H:%M}–{through}"


def slot_text(line: Line, catalogue: Catalogue) -> str:
    """The slot of a line on the wall clock of its place."""
    return when(line.start, line.end, catalogue.resource(line.resource).zone)


def _through(first: datetime, last: datetime) -> str:
    """The end on another day; the midnight that ends the first day is its 24:00."""
    if f"{last:%H:%M}" == "00:00" and (last.date() - first.date()).days == 1:
        return "24:00"
    return f"{day_text(last)} {last:%H:%M}"


def day_text(moment: datetime) -> str:
    """A date with its weekday, e.g. `2026-12-08 (Tue)`."""
    return format_datetime(moment, DAY_PATTERN, locale=get_locale())


def moment_text(moment: datetime, zone: str) -> str:
    """A moment on the wall clock, e.g. `2026-12-08 (Tue) 10:00 KST`."""
    local = moment.astimezone(zone_info(zone))
    return f"{day_text(local)} {local:%H:%M} {local:%Z}"


# -- places and fees -------------------------------------------------------------------------


def pool_name(catalogue: Catalogue, pool: str) -> str:
    """The name of a route, facility or corridor; the id of one that is gone."""
    known = (catalogue.routes, catalogue.facilities, catalogue.corridors)
    found = next((table[pool] for table in known if pool in table), None)
    return text(found.name) if found else pool


def site_name(catalogue: Catalogue, resource: Resource) -> str:
    """The name of the resource's site."""
    return text(catalogue.sites[resource.site].name)


def city_name(catalogue: Catalogue, city: str) -> str:
    """The name of a city."""
    return text(catalogue.cities[city].name)


def won(amount: int) -> str:
    """An amount in whole won."""
    return f"₩{amount:,}" if amount else gettext("free of charge")


def charge_texts(found: Iterable[Charge], catalogue: Catalogue) -> tuple[str, ...]:
    """How fees come about, e.g. "K-City rain tunnel: 3 h × ₩200,000 × 0.5"; without free ones."""
    return tuple(_charge_text(each, catalogue) for each in found if each.krw)


def _charge_text(charge: Charge, catalogue: Catalogue) -> str:
    factor = f" × {charge.factor:g}" if charge.factor != 1 else ""
    hours = gettext("%(hours)s h", hours=f"{charge.hours:g}")
    return f"{pool_name(catalogue, charge.line.resource)}: {hours} × {won(charge.rate)}{factor}"


def is_illustrative(lines: Iterable[Line], catalogue: Catalogue) -> bool:
    """Whether any fee figure behind these lines is not on record."""
    return not all(each.is_recorded for each in charges(lines, "", catalogue))


# -- lines and offers ------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class LineView:
    """One line of a booking or offer, ready to print."""

    kind: str
    name: str
    place: str
    use: str
    illustrative: bool


@dataclass(frozen=True, slots=True)
class OfferView:
    """An offer, ready to print; `remarks` say how it differs from the wish."""

    name: str
    place: str
    when: str
    remarks: tuple[str, ...]
    exact: bool
    fee: str
    charges: tuple[str, ...]
    illustrative: bool
    lines: tuple[LineView, ...]
    costs: tuple[tuple[str, str], ...]
    start: int
    resources: str


def use_text(resource: Resource, units: int, vehicles: int, mode: Mode) -> str:
    """How much of a resource is taken, e.g. "2 vehicles, exclusive"."""
    if isinstance(resource, Route):
        use = ngettext("%(num)d vehicle", "%(num)d vehicles", vehicles)
    else:
        use = ngettext("%(num)d unit", "%(num)d units", units)
    return use if mode is Mode.SHARED else f"{use}, {label(MODES, mode)}"


def line_view(line: Line, catalogue: Catalogue) -> LineView:
    """A line with its names and what it takes."""
    resource = catalogue.resource(line.resource)
    use = use_text(resource, line.units, line.vehicles, line.mode)
    place = f"{site_name(catalogue, resource)}, {city_name(catalogue, resource.city)}"
    illustrative = resource.provenance.kind == "illustrative"
    return LineView(label(KINDS, resource.kind), text(resource.name), place, use, illustrative)


def offer_view(offer: Offer, request: Request, catalogue: Catalogue, payer: str) -> OfferView:
    """An offer as an answer to a request, with the fee for organisations of type `payer`."""
    main = catalogue.resource(offer.lines[0].resource)
    lines = tuple(line_view(line, catalogue) for line in offer.lines)
    remarks = tuple(_remarks(offer, request, catalogue))
    return OfferView(
        name=lines[0].name,
        place=lines[0].place,
        when=when(offer.start, offer.end, main.zone),
        remarks=remarks or (gettext("exactly as asked"),),
        exact=not remarks,
        fee=won(booking_fee_krw(offer.lines, payer, catalogue)),
        charges=charge_texts(charges(offer.lines, payer, catalogue), catalogue),
        illustrative=is_illustrative(offer.lines, catalogue),
        lines=lines,
        costs=cost_rows(offer.cost),
        start=offer.start,
        resources=",".join(offer.way.resources),
    )


def _remarks(offer: Offer, request: Request, catalogue: Catalogue) -> Iterable[str]:
    """How the offer differs from the wish: time, length, city."""
    minutes = (offer.start - request.start) * GRAIN_MINUTES
    if minutes > 0:
        yield gettext("%(span)s later", span=span(minutes))
    if minutes < 0:
        yield gettext("%(span)s earlier", span=span(minutes))
    booked = (offer.end - offer.start) * GRAIN_MINUTES
    if booked > request.duration_min:
        yield gettext("%(span)s booked, by the steps of this place", span=span(booked))
    city = catalogue.resource(offer.lines[0].resource).city
    if request.city and city != request.city:
        away = catalogue.drive_minutes(request.city, city)
        yield gettext(
            "%(minutes)d min by car from %(city)s",
            minutes=away,
            city=city_name(catalogue, request.city),
        )


def cost_rows(cost: Cost) -> tuple[tuple[str, str], ...]:
    """The components of a cost that are not 0, in points, and their sum."""
    parts = [(label(COSTS, each.name), getattr(cost, each.name)) for each in fields(cost)]
    rows = [(name, f"{points / 1000:.3f}") for name, points in parts if points]
    return (*rows, (gettext("together"), f"{cost.total / 1000:.3f}"))


# -- reasons and errors ----------------------------------------------------------------------


def reason_text(reason: Reason, catalogue: Catalogue) -> str:
    """What the reason says, with names for ids, and who may overrule it."""
    given = {"resource": reason.resource or "", **dict(reason.fields)}
    given.setdefault("kinds", given.get("type", ""))  # a need may ask by ODD alone
    said = fill(gettext(template(reason.code)), _named(given, catalogue))
    if reason.override is None:
        return said
    overrule = gettext("(%(role)s may permit it)", role=label(ROLES, reason.override))
    return f"{said} {overrule}"


def reason_texts(reasons: Iterable[Reason], catalogue: Catalogue) -> list[str]:
    """Every reason once, in their order."""
    return list(dict.fromkeys(reason_text(each, catalogue) for each in reasons))


def error_text(error: DomainError, catalogue: Catalogue | None = None) -> str:
    """What the error says in the reader's language."""
    shown = _named(error.fields, catalogue) if catalogue else error.fields
    return fill(gettext(template(error.code)), shown)


def _named(given: Mapping[str, object], catalogue: Catalogue) -> dict[str, object]:
    return {key: _word(key, value, catalogue) for key, value in given.items()}


def _word(key: str, value: object, catalogue: Catalogue) -> object:
    """The name behind an id or code, by the name of its field."""
    code = str(value)
    if key in {"resource", "pool"}:
        return pool_name(catalogue, code)
    if key in {"city", "other"} and code in catalogue.cities:
        return city_name(catalogue, code)
    if key == "kinds":
        return ", ".join(label(KINDS, each) for each in code.split(", "))
    if key == "missing":
        return ", ".join(label(RULE_NAMES, each) for each in code.split(", "))
    tables = {"status": STATUSES, "mode": MODES, "state": STATES, "to": STATES}
    return label(tables[key], code) if key in tables else value
