"""What a city, site, route, facility or corridor is: the facts at the head of its page."""

from collections.abc import Iterator

from testbed.domain.catalogue import Catalogue, City, Corridor, Facility, Mode, Route, Site
from web.deps import organisations
from web.entries.marks import Fact, figure, lang_of, linked
from web.labels import KINDS, MODES, STATUSES, label
from web.languages import gettext, ngettext, text
from web.odd_words import value_text
from web.place_words import ACCESSES, CLUSTERS, SHARINGS, SITE_KINDS, UNITS

Entry = City | Site | Route | Facility | Corridor


def facts_of(entry: Entry, catalogue: Catalogue) -> list[Fact]:
    """The facts of any entry, in the order in which they are read."""
    if isinstance(entry, Route):
        return [*_resource(entry, catalogue), *_route(entry), *_corridor_of(entry, catalogue)]
    if isinstance(entry, Facility):
        return [*_resource(entry, catalogue), *_facility(entry, catalogue)]
    if isinstance(entry, Site):
        return list(_site(entry, catalogue))
    if isinstance(entry, Corridor):
        return list(_corridor(entry, catalogue))
    return [Fact(gettext("Part in the valley"), label(CLUSTERS, entry.cluster))]


# -- what routes and facilities have in common -----------------------------------------------


def _resource(entry: Route | Facility, catalogue: Catalogue) -> Iterator[Fact]:
    site = catalogue.sites[entry.site]
    yield Fact(
        gettext("Kind"), label(KINDS, entry.kind), entry.provenance.is_recorded("kind") or None
    )
    yield linked(gettext("Site"), site.name, site.id)
    yield Fact(gettext("Status"), status_text(entry))
    yield from _validity(entry)


def status_text(entry: Route | Facility) -> str:
    """The state in the real world, and whether it can be booked here."""
    bookable = gettext("bookable") if entry.bookable else gettext("not bookable")
    return f"{label(STATUSES, entry.status)} · {bookable}"


def _validity(entry: Route | Facility) -> Iterator[Fact]:
    if entry.valid_from:
        yield Fact(gettext("Valid from"), f"{entry.valid_from:%Y-%m-%d}")
    if entry.valid_until:
        yield Fact(gettext("Valid until"), f"{entry.valid_until:%Y-%m-%d}")


# -- routes ----------------------------------------------------------------------------------


def _route(route: Route) -> Iterator[Fact]:
    details, provenance = route.details, route.provenance
    if "length_km" in details:
        recorded = details.get("length_basis") == "recorded"
        yield Fact(gettext("Length"), _length(route), recorded)
    if details.get("stops"):
        stops = ngettext("%(num)d stop", "%(num)d stops", int(str(details["stops"])))
        yield figure(gettext("Stops"), stops, provenance, "stops")
    for mode in sorted(route.modes, reverse=True):
        yield figure(
            gettext("Room"), _room_text(route, mode), provenance, f"capacity.max_vehicles_{mode}"
        )
    if details.get("min_headway_s"):
        said = gettext("at least %(n)d s between vehicles", n=details["min_headway_s"])
        yield figure(gettext("Distance kept"), said, provenance, "capacity.min_headway_s")


def _length(route: Route) -> str:
    shape = gettext("a loop") if route.details.get("loop") else gettext("from end to end")
    return f"{float(str(route.details['length_km'])):g} km, {shape}"


def _room_text(route: Route, mode: Mode) -> str:
    shared = mode is Mode.SHARED
    most = route.max_vehicles_shared if shared else route.max_vehicles_exclusive
    return f"{_vehicles(most)}, {label(MODES, mode)}"


def _vehicles(most: int) -> str:
    return ngettext("%(num)d vehicle at once", "%(num)d vehicles at once", most)


def _corridor_of(route: Route, catalogue: Catalogue) -> Iterator[Fact]:
    corridor = catalogue.corridors.get(route.corridor or "")
    if corridor and len(corridor.routes) > 1:
        yield linked(gettext("Shares its road with"), corridor.name, corridor.id)


# -- facilities ------------------------------------------------------------------------------


def _facility(facility: Facility, catalogue: Catalogue) -> Iterator[Fact]:
    units = f"{facility.units} × {label(UNITS, facility.unit_name)}"
    yield figure(gettext("Room"), units, facility.provenance, "units")
    yield Fact(gettext("Use"), label(SHARINGS, facility.sharing))
    if facility.provides:
        said = value_text(facility.provides)
        yield figure(gettext("Provides"), said, facility.provenance, "provides")
    if facility.mobile:
        yield Fact(gettext("Place"), gettext("mobile: it comes to the test, in every city"))
    for blocked in facility.blocks_routes:
        route = catalogue.routes[blocked]
        yield linked(gettext("While in use, closes"), route.name, route.id)


# -- sites and corridors ---------------------------------------------------------------------


def _site(site: Site, catalogue: Catalogue) -> Iterator[Fact]:
    provenance = site.provenance
    yield figure(gettext("Kind"), label(SITE_KINDS, site.kind), provenance, "kind")
    yield Fact(gettext("City"), text(catalogue.cities[site.city].name), entry=site.city)
    operator = organisations().get(site.operator)
    if operator:
        recorded = provenance.is_recorded("operator")
        lang = lang_of(operator.name)
        yield Fact(gettext("Operator"), text(operator.name), recorded, lang=lang)
    if site.access:
        yield Fact(gettext("Access"), label(ACCESSES, site.access))
    yield Fact(gettext("Status"), label(STATUSES, site.status))
    approximate = gettext("approximate")
    yield Fact(gettext("Position"), f"{site.lat:.4f}, {site.lon:.4f} ({approximate})")


def _corridor(corridor: Corridor, catalogue: Catalogue) -> Iterator[Fact]:
    said = _vehicles(corridor.max_vehicles)
    yield figure(gettext("Room"), said, corridor.provenance, "max_vehicles")
    if corridor.whole_site_exclusive:
        yield Fact(gettext("Whole site"), gettext("one booking may take all of it"))
    for each in corridor.routes:
        route = catalogue.routes[each]
        yield linked(gettext("Route"), route.name, route.id)
