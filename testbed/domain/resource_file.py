"""Routes and facilities: tables of a catalogue file into values."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date

from testbed.domain.catalogue import (
    Calendar,
    City,
    Facility,
    Fee,
    Mode,
    OddAttribute,
    OddValue,
    Route,
    RuleProfile,
    Site,
    Source,
)
from testbed.domain.errors import Mistake
from testbed.domain.fields import Read, Reader, details_of, name_of, provenance_of

ROUTE_KINDS = ("closed-track", "public-road", "campus-road")
STATUSES = ("operating", "preparing", "planned", "historic-trial")
SHARINGS = ("exclusive", "shared", "pooled")
_FAR_BELOW = -1_000_000

_DETAILS: Mapping[str, Read] = {
    "length_km": Reader.number,
    "length_basis": lambda table, key: table.choice(key, ("recorded", "illustrative")),
    "geometry_km": Reader.number,
    "loop": Reader.flag,
    "stops": Reader.whole,
}
_CAPACITY_DETAILS: Mapping[str, Read] = {"min_headway_s": Reader.whole}
# the keys of the file, and the types of organisations to which they apply
_FACTORS = {"sme_factor": "startup_sme", "university_factor": "university"}


@dataclass(frozen=True, slots=True)
class Known:
    """What the entries of the catalogue may refer to."""

    zone: str
    cities: Mapping[str, City]
    organisations: Collection[str]
    sources: Mapping[str, Source] | None
    attributes: Mapping[str, OddAttribute]
    calendars: Mapping[str, Calendar]
    rules: Mapping[str, RuleProfile]
    corridors: Collection[str]
    routes: Collection[str]
    sites: Mapping[str, Site]


def _home(table: Reader, known: Known) -> tuple[str, str, str]:
    """City, site and zone of a resource; its city must be its site's."""
    city = table.reference("city", known.cities, "city")
    site_id = table.reference("site", known.sites, "site")
    site = known.sites.get(site_id)
    if site and city in known.cities and site.city in known.cities and site.city != city:
        fields: dict[str, object] = {"value": city, "city": site.city, "site": site_id}
        table.note(Mistake(table.at("city"), "city_of_site", fields))
    return city, site_id, site.zone if site else known.zone


def _validity(table: Reader) -> tuple[date | None, date | None]:
    first, last = table.day("valid_from"), table.day("valid_until")
    if first and last and last < first:
        fields: dict[str, object] = {"least": str(first), "most": str(last)}
        table.note(Mistake(table.at("valid_until"), "least_over_most", fields))
    return first, last


def read_route(name: str, table: Reader, known: Known) -> Route:
    """The route of that table."""
    city, site, zone = _home(table, known)
    modes = frozenset(Mode(each) for each in _modes(table))
    capacity = table.table("capacity")
    valid_from, valid_until = _validity(table)
    route = Route(
        id=name,
        city=city,
        site=site,
        zone=zone,
        name=name_of(table),
        kind=table.choice("kind", ROUTE_KINDS),
        calendar=table.reference("calendar", known.calendars, "calendar"),
        rule=table.reference("rule", known.rules, "rule"),
        modes=modes,
        odd=_odd(table.table("odd"), known.attributes),
        max_vehicles_shared=_vehicles(capacity, Mode.SHARED, modes),
        max_vehicles_exclusive=_vehicles(capacity, Mode.EXCLUSIVE, modes),
        corridor=table.reference("corridor", known.corridors, "corridor", "") or None,
        bookable=table.flag("bookable", default=True),
        status=table.choice("status", STATUSES, "operating"),
        fee=_fee(table.table("fee")),
        valid_from=valid_from,
        valid_until=valid_until,
        details=details_of(table, _DETAILS) | details_of(capacity, _CAPACITY_DETAILS),
        provenance=provenance_of(table, known.sources),
    )
    capacity.finish()
    table.finish()
    return route


def _modes(table: Reader) -> tuple[str, ...]:
    allowed = (Mode.SHARED.value, Mode.EXCLUSIVE.value)
    found = table.choices("booking_modes", allowed, None)
    if table.raw("booking_modes") == []:
        table.note(Mistake(table.at("booking_modes"), "empty_list"))
    return tuple(each for each in found if each in allowed)


def _vehicles(capacity: Reader, mode: Mode, modes: Collection[Mode]) -> int:
    """Vehicles at once in a mode: at least one where the route is offered in it."""
    offered = mode in modes
    return capacity.whole(f"max_vehicles_{mode}", None if offered else 0, least=int(offered))


def _odd(table: Reader, attributes: Mapping[str, OddAttribute]) -> dict[str, OddValue]:
    """The ODD of a route; a catalogue without a vocabulary takes any attribute as it stands."""
    if not attributes:
        return {key: plain_odd(table, key) for key in table.names()}
    read = {key: _odd_value(table, each) for key, each in attributes.items() if table.has(key)}
    table.finish()
    return read


def plain_odd(table: Reader, key: str) -> OddValue:
    """An ODD value as it stands, where no vocabulary says what it may be."""
    value = table.raw(key)
    if isinstance(value, bool):
        return value
    if isinstance(value, int | float):
        return table.number(key, least=_FAR_BELOW)
    return table.text(key) if isinstance(value, str) else frozenset(table.texts(key))


def _odd_value(table: Reader, attribute: OddAttribute) -> OddValue:
    key, values = attribute.id, attribute.values
    if attribute.type == "list":
        return frozenset(table.choices(key, values))
    if attribute.type == "enum":
        return table.choice(key, values)
    if attribute.type == "int":
        return table.whole(key, least=_FAR_BELOW)
    if attribute.type == "float":
        return table.number(key, least=_FAR_BELOW)
    return table.flag(key)


def _fee(table: Reader) -> Fee:
    table.choice("currency", ("KRW",), "KRW")
    fee = Fee(
        per_hour_shared=table.whole("per_hour_shared", 0),
        per_hour_exclusive=table.whole("per_hour_exclusive", 0),
        factors={kind: table.number(key) for key, kind in _FACTORS.items() if table.has(key)},
        basis=table.text("basis", ""),
    )
    table.finish()
    return fee


def read_facility(name: str, table: Reader, known: Known) -> Facility:
    """The facility of that table; without set-up and clean-up of its own it has its rule's."""
    city, site, zone = _home(table, known)
    rule = table.reference("rule", known.rules, "rule")
    profile = known.rules.get(rule)
    hourly = table.whole("fee_krw_per_hour", 0)
    valid_from, valid_until = _validity(table)
    facility = Facility(
        id=name,
        city=city,
        site=site,
        zone=zone,
        name=name_of(table),
        kind=table.text("kind"),
        calendar=table.reference("calendar", known.calendars, "calendar"),
        rule=rule,
        units=table.whole("units", least=1),
        sharing=table.choice("booking_mode", SHARINGS),
        setup_min=table.whole("setup_min", profile.setup_min if profile else 0),
        cleanup_min=table.whole("cleanup_min", profile.cleanup_min if profile else 0),
        max_hours_per_booking=table.optional_whole("max_hours_per_booking", least=1),
        mobile=table.flag("mobile", default=False),
        blocks_routes=table.references("blocks_routes", known.routes, "route"),
        provides=frozenset(table.texts("provides")),
        fee=Fee(per_hour_shared=hourly, per_hour_exclusive=hourly),
        unit_name=table.text("unit_name", "unit"),
        bookable=table.flag("bookable", default=True),
        status=table.choice("status", STATUSES, "operating"),
        valid_from=valid_from,
        valid_until=valid_until,
        provenance=provenance_of(table, known.sources),
    )
    table.finish()
    return facility
