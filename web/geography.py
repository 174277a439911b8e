"""What the map draws: outlines of cities, lines of routes, points of sites, as one GeoJSON.

The catalogue says what exists. Shapes are looked up by id, and what has none, or one that is
not sound, is drawn where its site or its city hall stands, or not at all.
"""

from collections.abc import Callable, Iterator, Mapping
from functools import cache

from testbed.domain.catalogue import Catalogue, City, Route, Site
from testbed.files import Document, read_boundaries
from web.labels import KINDS, STATUSES, label
from web.languages import gettext, text
from web.place_words import SITE_KINDS

Feature = dict[str, object]
Href = Callable[[str], str]
_AREAS = frozenset({"Polygon", "MultiPolygon"})
_PROVINCE = "gyeonggi"


def map_data(catalogue: Catalogue, lines: object, href: Href, city_href: Href) -> Document:
    """Everything the map draws, in the reader's language.

    `lines` is the GeoJSON document of the routes as it was imported, unchecked; `href` and
    `city_href` give the page of an entry. `at` names the feature at which a resource stands that
    has no shape of its own.
    """
    outlines, shapes = _outlines(), _shapes(lines)
    return {
        "type": "FeatureCollection",
        "attribution": gettext("Boundaries: Statistics Korea (SGIS), KOGL Type 1, simplified"),
        "words": {"zoomIn": gettext("Zoom in"), "zoomOut": gettext("Zoom out")},
        "at": {each.id: each.site for each in catalogue.resources()},
        "features": [
            *_province(outlines),
            *(_city(each, outlines, city_href) for each in catalogue.cities.values()),
            *_routes(catalogue, shapes, href),
            *(_site(each, href) for each in catalogue.sites.values()),
        ],
    }


@cache
def _outlines() -> Mapping[str, object]:
    """The packaged outlines by id."""
    return _shapes(read_boundaries())


def _shapes(document: object) -> dict[str, object]:
    """The geometries of a GeoJSON collection by the ids of their features."""
    features = document.get("features") if isinstance(document, Mapping) else None
    return {
        str(each.get("id")): each.get("geometry")
        for each in (features if isinstance(features, list) else ())
        if isinstance(each, Mapping)
    }


def _province(outlines: Mapping[str, object]) -> Iterator[Feature]:
    if _PROVINCE in outlines:
        yield _feature("province", _PROVINCE, outlines[_PROVINCE], name="")


def _city(city: City, outlines: Mapping[str, object], href: Href) -> Feature:
    shape = outlines.get(city.id)
    drawn = shape if _is(shape, _AREAS) else _point(city.lon, city.lat)
    hall = [city.lat, city.lon]  # where the name stands; Leaflet counts from the equator first
    return _feature("city", city.id, drawn, name=text(city.name), href=href(city.id), hall=hall)


def _routes(catalogue: Catalogue, shapes: Mapping[str, object], href: Href) -> Iterator[Feature]:
    for route in catalogue.routes.values():
        shape = shapes.get(route.id)
        if _is_line(shape):
            yield _feature("route", route.id, shape, **_said(route, href))


def _site(site: Site, href: Href) -> Feature:
    return _feature("site", site.id, _point(site.lon, site.lat), **_said(site, href))


def _said(entry: Route | Site, href: Href) -> dict[str, object]:
    """What a route or site tells of itself on the map."""
    return {
        "name": text(entry.name),
        "kind": label(KINDS if isinstance(entry, Route) else SITE_KINDS, entry.kind),
        "status": label(STATUSES, entry.status),
        "operating": entry.status == "operating",
        "href": href(entry.id),
    }


def _feature(layer: str, feature: str, geometry: object, **properties: object) -> Feature:
    return {
        "type": "Feature",
        "id": feature,
        "geometry": geometry,
        "properties": {"layer": layer, **properties},
    }


def _point(lon: float, lat: float) -> Document:
    return {"type": "Point", "coordinates": [lon, lat]}


def _is(shape: object, types: frozenset[str]) -> bool:
    return isinstance(shape, Mapping) and shape.get("type") in types


def _is_line(shape: object) -> bool:
    """Whether a shape is a line that can be drawn: two places or more, in degrees."""
    if not isinstance(shape, Mapping) or shape.get("type") != "LineString":
        return False
    places = shape.get("coordinates")
    return isinstance(places, list) and len(places) > 1 and all(map(_is_place, places))


def _is_place(place: object) -> bool:
    return (
        isinstance(place, list)
        and len(place) >= 2
        and all(isinstance(each, int | float) and abs(each) <= 180 for each in place[:2])
    )
