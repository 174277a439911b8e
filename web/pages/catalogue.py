"""The catalogue: what there is in the eleven cities, as a list, on the map and page by page."""

import json

from flask import Blueprint, Response, render_template, request, url_for
from flask.typing import ResponseReturnValue

from testbed.domain.catalogue import Catalogue, Corridor, Resource, Site
from testbed.domain.errors import NotFound
from testbed.service import catalogue as catalogue_service
from testbed.service import catalogue_versions
from web import geography
from web.deps import catalogue, context
from web.languages import language

Entry = Site | Resource | Corridor

blueprint = Blueprint("catalogue", __name__, url_prefix="/catalogue")


@blueprint.get("")
def index() -> ResponseReturnValue:
    """The list of everything, with the map."""
    return render_template("catalogue/index.html", catalogue=catalogue())


@blueprint.get("/<entry>")
def one(entry: str) -> ResponseReturnValue:
    """One site, route, facility or corridor. Raises NotFound("entry")."""
    found = _entry(catalogue(), entry)
    return render_template("catalogue/one.html", entry=found)


@blueprint.get("/cities/<city>")
def city(city: str) -> ResponseReturnValue:
    """One city of the valley. Raises NotFound("city")."""
    found = catalogue().cities.get(city)
    if found is None:
        raise NotFound("city", id=city)
    return render_template("catalogue/one.html", entry=found)


def _entry(found: Catalogue, name: str) -> Entry:
    for table in (found.sites, found.routes, found.facilities, found.corridors):
        if name in table:
            return table[name]
    raise NotFound("entry", id=name)


# -- the map ---------------------------------------------------------------------------------


@blueprint.get("/map.json")
def map_data() -> ResponseReturnValue:
    """What the map draws; a browser asks again each time, and is told when nothing changed."""
    stamp = f"{catalogue_versions.digest(context())}-{language()}"
    if request.if_none_match.contains_weak(stamp):
        return _kept(Response(status=304), stamp)
    lines = catalogue_service.export(context()).get("routes")
    drawn = geography.map_data(catalogue(), lines, _entry_page, _city_page)
    body = json.dumps(drawn, ensure_ascii=False, separators=(",", ":"))
    return _kept(Response(body, mimetype="application/json"), stamp)


def _kept(answer: Response, stamp: str) -> Response:
    answer.set_etag(stamp, weak=True)
    answer.headers["Cache-Control"] = "no-cache"
    answer.vary.update(("Accept-Language", "Cookie"))
    return answer


def _entry_page(entry: str) -> str:
    return url_for("catalogue.one", entry=entry)


def _city_page(city: str) -> str:
    return url_for("catalogue.city", city=city)
