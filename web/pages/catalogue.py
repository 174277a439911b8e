"""The catalogue: what there is in the eleven cities, as a list, on the map and page by page."""

import json
from collections import Counter
from collections.abc import Iterable

from flask import Blueprint, Response, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from testbed.domain.catalogue import Catalogue, Corridor, Provenance, Resource, Route, Site
from testbed.domain.demand import StandingService
from testbed.domain.errors import NotFound
from testbed.service import catalogue as catalogue_service
from testbed.service import catalogue_versions
from web import geography
from web.deps import catalogue, context, me, organisations, today
from web.entries import facts, fees, free, hours, listing, marks, odd, rules, sources
from web.languages import language, text

blueprint = Blueprint("catalogue", __name__, url_prefix="/catalogue")
blueprint.add_app_template_global(marks.lang_of, "lang_of")


# -- lists -----------------------------------------------------------------------------------


@blueprint.get("")
def index() -> ResponseReturnValue:
    """The list of everything with the map; what is asked for stands in the address."""
    known, wanted = catalogue(), listing.Wanted.of(request.args)
    return render_template(
        "catalogue/index.html",
        parts=listing.parts(known, wanted),
        wanted=wanted,
        known=known,
        cities=[(each.id, text(each.name)) for each in known.cities.values()],
        kinds=listing.kinds(known),
        features=listing.features(known),
        modes=listing.modes(),
        statuses=listing.statuses(known),
    )


@blueprint.get("/cities/<city>")
def city(city: str) -> ResponseReturnValue:
    """One city of the valley: what it offers, and how far the others are. Raises NotFound."""
    known = catalogue()
    found = known.cities.get(city)
    if found is None:
        raise NotFound("city", id=city)
    offered = [each for each in known.resources() if each.city == city]
    return render_template(
        "catalogue/city.html",
        entry=found,
        facts=facts.facts_of(found, known),
        part=next(iter(listing.parts(known, listing.Wanted(city=city))), None),
        counts=Counter(listing.row_of(each).kind for each in offered),
        ways=_ways(known, city),
        cities=known.cities,
    )


def _ways(known: Catalogue, city: str) -> list[tuple[str, int]]:
    """The other cities with the minutes of driving, the nearest first."""
    others = [each for each in known.cities if each != city]
    return sorted(
        ((each, known.drive_minutes(city, each)) for each in others), key=lambda way: way[1]
    )


@blueprint.get("/sources")
def all_sources() -> ResponseReturnValue:
    """Every source, with the entries for whose figures it stands."""
    known = catalogue()
    entries = (*known.sites.values(), *known.resources())
    return render_template(
        "catalogue/sources.html",
        sources=[
            (source, [each for each in entries if source.id in each.provenance.sources])
            for source in known.sources.values()
        ],
        link_of=sources.link_of,
        publisher_of=sources.publisher_of,
    )


# -- one entry -------------------------------------------------------------------------------


@blueprint.get("/<entry>")
def one(entry: str) -> ResponseReturnValue:
    """One site, corridor, route or facility. Raises NotFound("resource")."""
    known = catalogue()
    if entry in known.sites:
        return _site(known.sites[entry], known)
    if entry in known.corridors:
        return _corridor(known.corridors[entry], known)
    return _resource(known.resource(entry), known)


def _site(site: Site, known: Catalogue) -> str:
    here = [each for each in known.resources() if each.site == site.id]
    return render_template(
        "catalogue/site.html",
        entry=site,
        rows=[listing.row_of(each) for each in here],
        ways=_ways(known, site.city)[:3],
        **_common(site, known, [site.provenance]),
    )


def _corridor(corridor: Corridor, known: Catalogue) -> str:
    return render_template(
        "catalogue/corridor.html",
        entry=corridor,
        rows=[listing.row_of(known.routes[each]) for each in corridor.routes],
        **_common(corridor, known, [corridor.provenance]),
    )


def _resource(resource: Resource, known: Catalogue) -> str:
    rule, calendar = known.rules[resource.rule], known.calendars[resource.calendar]
    standing = _standing(resource)
    origins = [each.provenance for each in (resource, calendar, rule, *standing)]
    return render_template(
        "catalogue/resource.html",
        entry=resource,
        odd=odd.odd_groups(resource, known) if isinstance(resource, Route) else [],
        week=hours.week_of(calendar, known, today()),
        night=hours.passes_midnight(calendar),
        rule=rule,
        sentences=rules.sentences(rule, resource),
        fees=fees.fee_table(resource, _own_type()),
        standing=standing,
        free=_free(resource, known),
        days=free.DAYS,
        **_common(resource, known, origins),
    )


def _common(
    entry: Site | Corridor | Resource, known: Catalogue, origins: Iterable[Provenance]
) -> dict[str, object]:
    return {
        "known": known,
        "facts": facts.facts_of(entry, known),
        "sources": sources.sources_of(origins, known),
        "link_of": sources.link_of,
        "publisher_of": sources.publisher_of,
    }


def _standing(resource: Resource) -> list[StandingService]:
    """The public services that run on a route."""
    return [each for each in context().content().standing if each.route == resource.id]


def _own_type() -> str:
    """The type of the reader's organisation; nothing for who has not signed in."""
    return organisations()[me().organisation].type if current_user.is_authenticated else ""


def _free(resource: Resource, known: Catalogue) -> free.FreeTime | None:
    """The free time, for members only; who else uses a place is not shown to anybody."""
    if not current_user.is_authenticated:
        return None
    return free.free_time(resource, known, today(), request.args.get("mode", ""))


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
