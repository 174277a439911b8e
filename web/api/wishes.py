"""Wishes: what was sent, as a request of the domain, and a request as it is shown again."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import UTC, datetime

from testbed.domain.catalogue import Catalogue, OddTerm, OddValue
from testbed.domain.demand import need_of
from testbed.domain.errors import Mistake, NotFound
from testbed.domain.grid import GRAIN_MINUTES, floor_grain, grains_in, moment_of
from testbed.domain.requests import Need, Request, Way
from testbed.domain.together import MOST_WAYS, can_be_met_together, ways
from web.api.answers.booking import NeedAnswer, TermAnswer, WishAnswer
from web.api.answers.common import Value
from web.deps import catalogue, now, test_kinds
from web.problems import InvalidFields
from web.schemas import (
    AnyNeed,
    Eased,
    ExtraNeed,
    MainNeed,
    MoveIn,
    PresetNeed,
    RequestIn,
    Term,
    Wish,
)

FACILITY_ODD = "provides"


def request_of(wish: Wish, organisation: str) -> Request:
    """The wish as a request of the organisation at this moment, still without an id.

    Raises InvalidFields: "unknown_references" with every id that the catalogue does not know, or
    "invalid_fields" where too many ways would have to be tried or none can serve;
    NotFound("offer").
    """
    known = catalogue()
    missing = [*_unknown(wish, known)]
    if missing:
        raise InvalidFields("unknown_references", missing)
    asked = _request(wish, organisation, known)
    offer = wish.offer if isinstance(wish, RequestIn | MoveIn) else None
    return asked if offer is None else _for_offer(asked, offer)


def _request(wish: Wish, organisation: str, known: Catalogue) -> Request:
    extras = tuple(_extra(each) for each in wish.extras)
    asked = Request(
        id="",
        organisation=organisation,
        submitted_at=now(),
        needs=(_main(wish.need), *extras),
        duration_min=wish.minutes,
        start=wish.start,
        earliest=wish.start - grains_in(wish.earlier_minutes),
        latest=wish.start + grains_in(wish.later_minutes),
        city=wish.city,
        other_city=wish.other_city,
        wait=isinstance(wish, RequestIn) and wish.wait,
        partial=isinstance(wish, RequestIn) and wish.partial,
        test_kind=wish.need.test_kind if isinstance(wish.need, PresetNeed) else None,
        override=tuple(sorted(set(wish.override))) if isinstance(wish, Eased) else (),
        apart=tuple(sorted(set(wish.apart))) if isinstance(wish, RequestIn) else (),
        partners=tuple(sorted(wish.partners)) if isinstance(wish, RequestIn) else (),
    )
    _refuse_endless(asked, known)
    return asked


def _refuse_endless(asked: Request, known: Catalogue) -> None:
    """Refuse needs that the search could only try in vain, and at length."""
    count = ways(asked, known)
    mistake: Mistake | None = None
    if count > MOST_WAYS:
        fields: dict[str, object] = {"ways": count, "most": MOST_WAYS}
        mistake = Mistake("body/extras", "too_many_ways", fields)
    elif not can_be_met_together(asked, known):
        mistake = Mistake("body/extras", "never_together")
    if mistake:
        raise InvalidFields("invalid_fields", [mistake])


def _main(need: PresetNeed | MainNeed) -> Need:
    if isinstance(need, PresetNeed):
        return need_of(test_kinds()[need.test_kind], need.vehicles, need.mode)
    return _need(need)


def _extra(need: ExtraNeed) -> Need:
    return replace(
        _need(need),
        offset=need.offset_minutes // GRAIN_MINUTES,
        duration=None if need.minutes is None else grains_in(need.minutes),
    )


def _need(need: MainNeed | ExtraNeed) -> Need:
    return Need(
        type=need.type,
        resource=need.resource or None,
        kinds=tuple(need.kinds),
        odd=tuple(OddTerm(term.attribute, term.test, _odd(term)) for term in need.odd),
        rules=tuple(need.rules),
        night=need.night,
        units=need.units,
        vehicles=need.vehicles,
        mode=need.mode,
    )


def _odd(term: Term) -> OddValue:
    if isinstance(term.value, list):
        return frozenset(term.value)
    whole = isinstance(term.value, float) and term.value.is_integer()
    return int(term.value) if whole else term.value


# -- references ------------------------------------------------------------------------------


def _unknown(wish: Wish, known: Catalogue) -> Iterator[Mistake]:
    """Every id in the wish that the catalogue does not know."""
    if wish.city is not None and wish.city not in known.cities:
        yield _no("body/city", "city", wish.city)
    if isinstance(wish.need, PresetNeed):
        if wish.need.test_kind not in test_kinds():
            yield _no("body/need/test_kind", "test kind", wish.need.test_kind)
    else:
        yield from _unknown_in("body/need", wish.need, wish.need.resource, known)
    for number, extra in enumerate(wish.extras):
        yield from _unknown_in(f"body/extras/{number}", extra, extra.resource, known)


def _unknown_in(
    place: str, need: AnyNeed, resource: str | None, known: Catalogue
) -> Iterator[Mistake]:
    if resource and resource not in known.routes and resource not in known.facilities:
        yield _no(f"{place}/resource", "resource", resource)
    for number, rule in enumerate(need.rules):
        if rule not in known.rules:
            yield _no(f"{place}/rules/{number}", "rule profile", rule)
    for number, term in enumerate(need.odd):
        if term.attribute not in known.odd_attributes and term.attribute != FACILITY_ODD:
            yield _no(f"{place}/odd/{number}/attribute", "ODD attribute", term.attribute)


def _no(place: str, kind: str, value: str) -> Mistake:
    return Mistake(place, "unknown_reference", {"kind": kind, "value": value})


# -- offers ----------------------------------------------------------------------------------

_STAMP = "%Y%m%dT%H%MZ"
_BETWEEN = "~"


def offer_id(way: Way) -> str:
    """The id of an offer: its start and its resources, in the order of the needs."""
    return _BETWEEN.join([f"{moment_of(way.start):{_STAMP}}", *way.resources])


def way_of(offer: str, needs: int) -> Way:
    """What an offer's id names, for so many needs. Raises NotFound("offer") for none of ours."""
    stamp, *resources = offer.split(_BETWEEN)
    try:
        moment = datetime.strptime(stamp, _STAMP).replace(tzinfo=UTC)
    except ValueError:
        raise NotFound("offer", id=offer) from None
    way = Way(floor_grain(moment), tuple(resources))
    if moment_of(way.start) != moment or len(resources) != needs:
        raise NotFound("offer", id=offer)
    return way


def _for_offer(asked: Request, offer: str) -> Request:
    """The request for one offer only; near misses lie outside the wish, so it is widened to it."""
    way = way_of(offer, len(asked.needs))
    return replace(
        asked,
        way=way,
        earliest=min(asked.earliest, way.start),
        latest=max(asked.latest, way.start),
        other_city=True,
    )


# -- requests as they are shown --------------------------------------------------------------


def wish_answer(asked: Request) -> WishAnswer:
    """A request's wish as a document; its moments are in UTC, for it may concern any place."""
    return WishAnswer(
        start=moment_of(asked.start),
        minutes=asked.duration_min,
        earliest=moment_of(asked.earliest),
        latest=moment_of(asked.latest),
        needs=[need_answer(need) for need in asked.needs],
        city=asked.city,
        other_city=asked.other_city,
        wait=asked.wait,
        offer=None if asked.way is None else offer_id(asked.way),
        test_kind=asked.test_kind,
        override=list(asked.override),
    )


def need_answer(need: Need) -> NeedAnswer:
    """A need as a document."""
    return NeedAnswer(
        type=need.type,
        resource=need.resource,
        kinds=list(need.kinds),
        odd=_terms(need.odd),
        rules=list(need.rules),
        night=need.night,
        units=need.units,
        vehicles=need.vehicles,
        mode=need.mode,
        offset_minutes=need.offset * GRAIN_MINUTES,
        minutes=None if need.duration is None else need.duration * GRAIN_MINUTES,
    )


def _terms(terms: Iterable[OddTerm]) -> list[TermAnswer]:
    return [
        TermAnswer(attribute=term.attribute, test=term.test, value=odd_value(term.value))
        for term in terms
    ]


def odd_value(value: OddValue) -> Value:
    """A value of an ODD attribute as JSON knows it."""
    return sorted(value) if isinstance(value, frozenset) else value
