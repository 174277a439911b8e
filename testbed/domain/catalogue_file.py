"""The documents of a catalogue into values, with every mistake and its place at once.

docs/catalogue-format.md describes the documents and their keys.
"""

from collections.abc import Collection, Mapping
from dataclasses import replace

from testbed.domain.calendar_file import read_calendars, read_holidays
from testbed.domain.catalogue import (
    Catalogue,
    Corridor,
    OddAttribute,
    Route,
    RuleProfile,
    Site,
)
from testbed.domain.errors import InvalidFile, Mistake
from testbed.domain.fields import (
    Notes,
    Read,
    Reader,
    details_of,
    name_of,
    provenance_of,
    with_ids,
)
from testbed.domain.parties import Organisation
from testbed.domain.region_file import (
    check_distances,
    read_cities,
    read_distances,
    read_organisations,
    read_sources,
    zone_of,
)
from testbed.domain.resource_file import (
    ROUTE_KINDS,
    STATUSES,
    Known,
    read_facility,
    read_route,
)

Documents = Mapping[str, object]

SAFETY_DRIVERS = (
    "none",
    "per-vehicle-type",
    "required-type-A-B",
    "on-board-safety-manager",
)
APPROVERS = ("operator", "city", "road_authority")
SILENCES = ("rejected", "accepted")
ODD_TYPES = ("list", "enum", "int", "float", "bool")
_DEFAULT_ZONE = "Asia/Seoul"

_RULE_DETAILS: Mapping[str, Read] = {
    "applies_to": lambda table, key: table.choices(key, (*ROUTE_KINDS, "facility")),
    "safety_briefing_valid_days": Reader.whole,
    "report_due_days": Reader.whole,
    "school_zone_mode": Reader.text,
    "rain_limit_mm_h": Reader.number,
    "visibility_limit_m": Reader.number,
    "snow_stop": Reader.flag,
    "prior_running_days": Reader.whole,
    "hazardous_goods_allowed": Reader.flag,
    "owner_consent": Reader.flag,
}


def parse_catalogue(documents: Documents, source: str = "catalogue") -> Catalogue:
    """The catalogue that the documents of `files.read_catalogue` describe.

    Raises InvalidFile, naming `source`, with every mistake of every document.
    """
    notes: Notes = []
    catalogue = _catalogue(documents, notes)
    if notes:
        raise InvalidFile(source, notes)
    return catalogue


def parse_organisations(
    documents: Documents, source: str = "organisations"
) -> tuple[Organisation, ...]:
    """The organisations of the documents, then their fictional companies.

    Raises InvalidFile with every mistake in them; those of other documents are left to
    `parse_catalogue`.
    """
    notes: Notes = []
    cities = read_cities(_document(documents, "cities", []))
    sources = read_sources(_document(documents, "sources", []))
    found = read_organisations(_document(documents, "organisations", notes), cities, sources)
    if notes:
        raise InvalidFile(source, notes)
    return found


def _document(documents: Documents, name: str, notes: Notes) -> Reader:
    return Reader(documents.get(name, {}), name, notes)


_SECTIONS = ("odd_attribute", "calendar", "rule", "corridor", "site", "route", "facility")
_WITH_POOLS = frozenset({"corridor", "route", "facility"})


def _catalogue(documents: Documents, notes: Notes) -> Catalogue:
    document = _document(documents, "catalogue", notes)
    zone = _meta_zone(document)
    sections = _sections(document)
    known = _known(documents, notes, zone, sections)
    corridors = {
        name: _corridor(name, table, known) for name, table in sections["corridor"].items()
    }
    sites = {name: _site(name, table, known) for name, table in sections["site"].items()}
    known = replace(known, sites=sites)
    routes = {name: read_route(name, table, known) for name, table in sections["route"].items()}
    facilities = {
        name: read_facility(name, table, known) for name, table in sections["facility"].items()
    }
    _check_both_ways(sections, corridors, routes)
    holidays, until = read_holidays(_document(documents, "holidays", notes))
    return Catalogue(
        cities=known.cities,
        sites=sites,
        calendars=known.calendars,
        rules=known.rules,
        corridors=corridors,
        routes=routes,
        facilities=facilities,
        odd_attributes=known.attributes,
        distances=_distances(documents, notes, known),
        holidays=holidays,
        holidays_until=until,
        sources=known.sources or {},
    )


def _sections(document: Reader) -> dict[str, dict[str, Reader]]:
    """The tables of each section by id; an id that two pools would share is taken once only."""
    pools: dict[str, str] = {}
    found = {
        section: with_ids(document.tables(section), pools if section in _WITH_POOLS else {})
        for section in _SECTIONS
    }
    document.finish()
    return found


def _known(
    documents: Documents, notes: Notes, zone: str, sections: Mapping[str, Mapping[str, Reader]]
) -> Known:
    cities = read_cities(_document(documents, "cities", notes))
    sources = read_sources(_document(documents, "sources", notes))
    parties = read_organisations(_document(documents, "organisations", notes), cities, sources)
    return Known(
        zone=zone,
        cities=cities,
        organisations=frozenset(each.id for each in parties),
        sources=sources,
        attributes={
            name: _attribute(name, table) for name, table in sections["odd_attribute"].items()
        },
        calendars=read_calendars(sections["calendar"], sources),
        rules={name: _rule(name, table, sources) for name, table in sections["rule"].items()},
        corridors=sections["corridor"].keys(),
        routes=sections["route"].keys(),
        sites={},
    )


def _distances(documents: Documents, notes: Notes, known: Known) -> dict[tuple[str, str], int]:
    document = _document(documents, "distances", notes)
    distances = read_distances(document, known.cities)
    with_sites = {site.city for site in known.sites.values()}
    check_distances(document, distances, known.cities, with_sites)
    return distances


def _meta_zone(document: Reader) -> str:
    meta = document.table("meta")
    zone = zone_of(meta, _DEFAULT_ZONE)
    meta.choice("currency", ("KRW",), "KRW")
    for key in ("version", "language", "provenance_values", "status_values", "note"):
        meta.raw(key)
    meta.finish()
    return zone


def _attribute(name: str, table: Reader) -> OddAttribute:
    kind = table.choice("type", ODD_TYPES)
    attribute = OddAttribute(
        id=name,
        type=kind,
        name=name_of(table),
        group=table.text("group", ""),
        unit=table.text("unit", ""),
        values=table.texts("values", None if kind in {"list", "enum"} else ()),
    )
    table.finish()
    return attribute


def _rule(name: str, table: Reader, sources: Collection[str] | None) -> RuleProfile:
    rule = RuleProfile(
        id=name,
        name=name_of(table),
        slot_min=table.whole("slot_min", least=1),
        slot_step_min=table.whole("slot_step_min", least=1),
        min_lead_days=table.whole("min_lead_days"),
        max_lead_days=table.whole("max_lead_days"),
        max_hours_per_org_week=table.whole("max_hours_per_org_week", least=1),
        setup_min=table.whole("setup_min", 0),
        cleanup_min=table.whole("cleanup_min", 0),
        free_cancel_until_hours=table.whole("free_cancel_until_hours", 0),
        late_cancel_counts_as_use=table.flag("late_cancel_counts_as_use", default=False),
        permit_temporary_operation=table.flag("permit_temporary_operation", default=False),
        permit_limited_transport=table.flag("permit_limited_transport", default=False),
        insurance_required=table.flag("insurance_required", default=False),
        safety_driver=table.choice("safety_driver", SAFETY_DRIVERS, "none"),
        approvals=table.choices("approvals", APPROVERS, ()),
        approval_days=table.whole("approval_days", None if table.has("approvals") else 0),
        approval_silence=table.choice("approval_silence", SILENCES, "rejected"),
        details=details_of(table, _RULE_DETAILS),
        provenance=provenance_of(table, sources),
    )
    if table.has("max_lead_days") and rule.min_lead_days > rule.max_lead_days:
        fields: dict[str, object] = {"least": rule.min_lead_days, "most": rule.max_lead_days}
        table.note(Mistake(table.at("max_lead_days"), "least_over_most", fields))
    table.finish()
    return rule


def _corridor(name: str, table: Reader, known: Known) -> Corridor:
    corridor = Corridor(
        id=name,
        name=name_of(table),
        max_vehicles=table.whole("max_vehicles", least=1),
        routes=table.references("routes", known.routes, "route", None),
        whole_site_exclusive=table.flag("whole_site_exclusive", default=False),
        provenance=provenance_of(table, known.sources),
    )
    table.finish()
    return corridor


def _site(name: str, table: Reader, known: Known) -> Site:
    table.raw("coordinates")
    site = Site(
        id=name,
        city=table.reference("city", known.cities, "city"),
        name=name_of(table),
        kind=table.text("kind", ""),
        operator=table.reference("operator", known.organisations, "organisation", ""),
        lon=table.number("lon", least=-180.0, most=180.0),
        lat=table.number("lat", least=-90.0, most=90.0),
        zone=zone_of(table, known.zone),
        status=table.choice("status", STATUSES, "operating"),
        access=table.text("access", ""),
        provenance=provenance_of(table, known.sources),
    )
    table.finish()
    return site


def _check_both_ways(
    sections: Mapping[str, Mapping[str, Reader]],
    corridors: Mapping[str, Corridor],
    routes: Mapping[str, Route],
) -> None:
    """Note where a corridor names a route that does not name it, or the other way round."""
    for name, corridor in corridors.items():
        for each in corridor.routes:
            other = routes[each].corridor if each in routes else name
            if other != name and (other is None or other in corridors):
                _note_one_way(sections["corridor"][name], "routes", name, each)
    for name, route in routes.items():
        named = corridors.get(route.corridor or "")
        if named and name not in named.routes:
            _note_one_way(sections["route"][name], "corridor", named.id, name)


def _note_one_way(table: Reader, key: str, corridor: str, route: str) -> None:
    fields: dict[str, object] = {"corridor": corridor, "route": route}
    table.note(Mistake(table.at(key), "not_both_ways", fields))
