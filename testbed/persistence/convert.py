"""Values of the domain to canonical JSON and back, exactly: equal values are equal bytes."""

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from testbed.domain.catalogue import Mode, OddTerm, OddValue, Provenance
from testbed.domain.requests import (
    Claim,
    ClaimKind,
    Cost,
    Decision,
    Granted,
    Line,
    Need,
    NeedType,
    Offer,
    Offered,
    Reason,
    Refused,
    Request,
    Waitlisted,
    Way,
)

Json = Mapping[str, Any]


def dump(value: object) -> str:
    """The canonical text of a JSON value: sorted keys, no spaces, Unicode as it is."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def load(text: str) -> Any:
    """The JSON value of a text."""
    return json.loads(text)


# -- requests --------------------------------------------------------------------------------


# Fields that came later and are mostly empty: written only where they say something.
_LATER = ("override", "apart", "partners")


def request_to_json(request: Request) -> Json:
    """A request as a JSON object."""
    return {
        "id": request.id,
        "organisation": request.organisation,
        "submitted_at": request.submitted_at.isoformat(),
        "needs": [need_to_json(need) for need in request.needs],
        "duration_min": request.duration_min,
        "start": request.start,
        "earliest": request.earliest,
        "latest": request.latest,
        "city": request.city,
        "other_city": request.other_city,
        "wait": request.wait,
        "way": request.way and way_to_json(request.way),
        "test_kind": request.test_kind,
        "series": request.series,
        **({"partial": True} if request.partial else {}),
        **{name: list(getattr(request, name)) for name in _LATER if getattr(request, name)},
    }


def request_from_json(json: Json) -> Request:
    """The request of a JSON object."""
    return Request(
        id=json["id"],
        organisation=json["organisation"],
        submitted_at=datetime.fromisoformat(json["submitted_at"]),
        needs=tuple(need_from_json(need) for need in json["needs"]),
        duration_min=json["duration_min"],
        start=json["start"],
        earliest=json["earliest"],
        latest=json["latest"],
        city=json["city"],
        other_city=json["other_city"],
        wait=json["wait"],
        way=json["way"] and way_from_json(json["way"]),
        test_kind=json["test_kind"],
        series=json["series"],
        partial=json.get("partial", False),
        **{name: tuple(json[name]) for name in _LATER if name in json},
    )


def need_to_json(need: Need) -> Json:
    """A need as a JSON object."""
    return {
        "type": need.type.value,
        "resource": need.resource,
        "kinds": list(need.kinds),
        "odd": [[term.attribute, term.test, _odd_to_json(term.value)] for term in need.odd],
        "rules": list(need.rules),
        "night": need.night,
        "units": need.units,
        "vehicles": need.vehicles,
        "mode": need.mode.value,
        "offset": need.offset,
        "duration": need.duration,
    }


def need_from_json(json: Json) -> Need:
    """The need of a JSON object."""
    return Need(
        type=NeedType(json["type"]),
        resource=json["resource"],
        kinds=tuple(json["kinds"]),
        odd=tuple(OddTerm(name, test, _odd_from_json(value)) for name, test, value in json["odd"]),
        rules=tuple(json["rules"]),
        night=json["night"],
        units=json["units"],
        vehicles=json["vehicles"],
        mode=Mode(json["mode"]),
        offset=json["offset"],
        duration=json["duration"],
    )


def _odd_to_json(value: OddValue) -> object:
    return sorted(value) if isinstance(value, frozenset) else value


def _odd_from_json(value: Any) -> OddValue:
    return frozenset(value) if isinstance(value, list) else value


def way_to_json(way: Way) -> Json:
    """A way as a JSON object."""
    return {"start": way.start, "resources": list(way.resources)}


def way_from_json(json: Json) -> Way:
    """The way of a JSON object."""
    return Way(json["start"], tuple(json["resources"]))


# -- offers ----------------------------------------------------------------------------------


def offer_to_json(offer: Offer) -> Json:
    """An offer as a JSON object; lines, claims and cost as lists in the order of their fields."""
    cost = offer.cost
    return {
        "start": offer.start,
        "end": offer.end,
        "rule": offer.rule,
        "week": offer.week,
        "lines": [line_to_json(line) for line in offer.lines],
        "claims": [claim_to_json(claim) for claim in offer.claims],
        "cost": {name: getattr(cost, name) for name in Cost.__dataclass_fields__},
    }


def offer_from_json(json: Json) -> Offer:
    """The offer of a JSON object."""
    return Offer(
        start=json["start"],
        end=json["end"],
        rule=json["rule"],
        week=json["week"],
        lines=tuple(line_from_json(line) for line in json["lines"]),
        claims=tuple(claim_from_json(claim) for claim in json["claims"]),
        cost=Cost(**json["cost"]),
    )


def claim_to_json(claim: Claim) -> Sequence[object]:
    """A claim as the list of its fields."""
    return [claim.pool, claim.kind.value, claim.units, claim.start, claim.end]


def claim_from_json(json: Sequence[Any]) -> Claim:
    """The claim of a list of its fields."""
    pool, kind, units, start, end = json
    return Claim(pool, ClaimKind(kind), units, start, end)


def line_to_json(line: Line) -> Sequence[object]:
    """A line as the list of its fields."""
    return [line.resource, line.start, line.end, line.units, line.vehicles, line.mode.value]


def line_from_json(json: Sequence[Any]) -> Line:
    """The line of a list of its fields."""
    resource, start, end, units, vehicles, mode = json
    return Line(resource, start, end, units, vehicles, Mode(mode))


# -- decisions -------------------------------------------------------------------------------

_UNMET: dict[str, Callable[[tuple[Offer, ...], tuple[Reason, ...]], Decision]] = {
    "offered": Offered,
    "waitlisted": Waitlisted,
    "refused": Refused,
}


def decision_to_json(decision: Decision) -> Json:
    """A decision as a JSON object, told apart by its status."""
    if isinstance(decision, Granted):
        return {"status": decision.status, "offer": offer_to_json(decision.offer)}
    return {
        "status": decision.status,
        "near": [offer_to_json(offer) for offer in decision.near],
        "reasons": [reason_to_json(reason) for reason in decision.reasons],
    }


def decision_from_json(json: Json) -> Decision:
    """The decision of a JSON object."""
    if json["status"] == "granted":
        return Granted(offer_from_json(json["offer"]))
    near = tuple(offer_from_json(offer) for offer in json["near"])
    return _UNMET[json["status"]](near, tuple(reason_from_json(each) for each in json["reasons"]))


def reason_to_json(reason: Reason) -> Json:
    """A reason as a JSON object."""
    return {
        "code": reason.code,
        "resource": reason.resource,
        "fields": [list(field) for field in reason.fields],
        "override": reason.override,
    }


def reason_from_json(json: Json) -> Reason:
    """The reason of a JSON object."""
    fields = tuple((name, value) for name, value in json["fields"])
    return Reason(json["code"], json["resource"], fields, json["override"])


# -- parties ---------------------------------------------------------------------------------


def provenance_to_json(provenance: Provenance) -> Json:
    """A provenance as a JSON object."""
    return {
        "kind": provenance.kind,
        "recorded": list(provenance.recorded),
        "sources": list(provenance.sources),
        "note": provenance.note,
    }


def provenance_from_json(json: Json) -> Provenance:
    """The provenance of a JSON object."""
    recorded, sources = tuple(json["recorded"]), tuple(json["sources"])
    return Provenance(json["kind"], recorded, sources, json["note"])
