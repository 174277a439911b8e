"""Resources: routes and facilities of the current catalogue."""

from typing import Any

from flask import Response

from testbed.domain.catalogue import (
    Calendar,
    Catalogue,
    Facility,
    Fee,
    Provenance,
    Resource,
    Route,
    RuleProfile,
)
from testbed.domain.errors import NotFound
from testbed.domain.requests import NeedType
from testbed.service.tokens import Scope
from web.api.answers.catalogue import (
    FacilityAnswer,
    FeeAnswer,
    HoursAnswer,
    OpeningAnswer,
    ProvenanceAnswer,
    ResourceAnswer,
    ResourcePage,
    RouteAnswer,
    RuleAnswer,
)
from web.api.endpoint import endpoint, noun
from web.api.paging import cursor_of, parts_of
from web.api.replying import fresh
from web.api.showing import named
from web.api.wishes import odd_value
from web.deps import catalogue
from web.queries import ResourcesWanted
from web.schemas import Conditional, Named

blueprint = noun("resources", "Routes and facilities")


@blueprint.get("/resources", responses={200: ResourcePage, 304: None})
@endpoint(Scope.READ)
def listing(query: ResourcesWanted, header: Conditional) -> Response:
    """List routes and facilities, in the order of the catalogue."""
    known = catalogue()
    wanted = [each for each in known.resources() if _is_wanted(each, query)]
    first = 0 if query.cursor is None else _after(query.cursor, wanted)
    shown = wanted[first : first + query.limit]
    more = first + query.limit < len(wanted)
    page = ResourcePage(
        items=[ResourceAnswer(_answer(each, known)) for each in shown],
        next=cursor_of(shown[-1].id) if more else None,
    )
    return fresh(page, header)


@blueprint.get("/resources/<id>", responses={200: ResourceAnswer, 304: None})
@endpoint(Scope.READ)
def one(path: Named, header: Conditional) -> Response:
    """Show one route or facility."""
    known = catalogue()
    return fresh(_answer(known.resource(path.id), known), header)


def _is_wanted(resource: Resource, query: ResourcesWanted) -> bool:
    type_ = NeedType.ROUTE if isinstance(resource, Route) else NeedType.FACILITY
    pairs = (
        (query.type, type_),
        (query.city, resource.city),
        (query.kind, resource.kind),
        (query.bookable, resource.bookable),
    )
    return all(asked is None or asked == own for asked, own in pairs)


def _after(cursor: str, wanted: list[Resource]) -> int:
    """The position after the resource that the cursor names. Raises NotFound("cursor")."""
    (last,) = parts_of(cursor, 1)
    names = [each.id for each in wanted]
    if last not in names:
        raise NotFound("cursor", cursor=cursor)
    return names.index(last) + 1


# -- as documents ----------------------------------------------------------------------------


def _answer(resource: Resource, known: Catalogue) -> RouteAnswer | FacilityAnswer:
    return _route(resource, known) if isinstance(resource, Route) else _facility(resource, known)


def _route(route: Route, known: Catalogue) -> RouteAnswer:
    return RouteAnswer(
        **_common(route, known),
        modes=sorted(route.modes),
        odd={key: odd_value(value) for key, value in route.odd.items()},
        max_vehicles_shared=route.max_vehicles_shared,
        max_vehicles_exclusive=route.max_vehicles_exclusive,
        corridor=route.corridor,
    )


def _facility(facility: Facility, known: Catalogue) -> FacilityAnswer:
    return FacilityAnswer(
        **_common(facility, known),
        units=facility.units,
        unit_name=facility.unit_name,
        sharing=facility.sharing,
        setup_min=facility.setup_min,
        cleanup_min=facility.cleanup_min,
        max_hours_per_booking=facility.max_hours_per_booking,
        mobile=facility.mobile,
        blocks_routes=list(facility.blocks_routes),
        provides=sorted(facility.provides),
    )


def _common(resource: Resource, known: Catalogue) -> dict[str, Any]:
    """What routes and facilities have in common."""
    return {
        "id": resource.id,
        "name": named(resource.name),
        "kind": resource.kind,
        "city": resource.city,
        "site": resource.site,
        "site_name": named(known.sites[resource.site].name),
        "zone": resource.zone,
        "status": resource.status,
        "bookable": resource.bookable,
        "rule": _rule(known.rules[resource.rule]),
        "opening": _opening(known.calendars[resource.calendar]),
        "fee": _fee(resource.fee),
        "valid_from": resource.valid_from and resource.valid_from.isoformat(),
        "valid_until": resource.valid_until and resource.valid_until.isoformat(),
        "provenance": _provenance(resource.provenance),
    }


def _rule(rule: RuleProfile) -> RuleAnswer:
    shown = {name: getattr(rule, name) for name in RuleAnswer.model_fields if name != "name"}
    return RuleAnswer(**shown, name=named(rule.name))


def _opening(calendar: Calendar) -> OpeningAnswer:
    windows = [
        HoursAnswer(weekdays=sorted(each.weekdays), start_min=each.start_min, end_min=each.end_min)
        for each in calendar.windows
    ]
    return OpeningAnswer(
        id=calendar.id,
        name=named(calendar.name),
        windows=windows,
        closed_on_public_holidays=calendar.closed_on_public_holidays,
    )


def _fee(fee: Fee) -> FeeAnswer:
    return FeeAnswer(
        per_hour_shared=fee.per_hour_shared,
        per_hour_exclusive=fee.per_hour_exclusive,
        factors=dict(fee.factors),
        basis=fee.basis,
    )


def _provenance(provenance: Provenance) -> ProvenanceAnswer:
    return ProvenanceAnswer(
        kind=provenance.kind,
        recorded=list(provenance.recorded),
        sources=list(provenance.sources),
        note=provenance.note,
    )
