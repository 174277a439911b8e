"""Repairs as the API answers them: each with the body of a request that is granted as it stands."""

from collections.abc import Iterator

from testbed.domain.demand import need_of
from testbed.domain.grid import GRAIN_MINUTES, grains_in, moment_of
from testbed.domain.repairs import Change, Repair
from testbed.domain.requests import Need, NeedType, Request
from testbed.service import availability
from web.api.answers.booking import ChangeAnswer, RepairAnswer
from web.api.showing import offer_answer
from web.api.wishes import odd_value
from web.deps import catalogue, context, now, test_kinds
from web.repairs import change_text, repair_text


def repairs_of(asked: Request, moving: str | None = None) -> list[RepairAnswer]:
    """The nearest repairs of a request, or of a move, that found nothing; no move waits."""
    found = availability.mended(context(), asked, now(), moving=moving)
    if moving is None:
        return [_answer(each, body_of(each.request)) for each in found]
    return [_answer(each, wish_of(each.request)) for each in found if each.offer]


def _answer(repair: Repair, body: dict[str, object]) -> RepairAnswer:
    organisation = repair.request.organisation
    return RepairAnswer(
        detail=repair_text(repair, catalogue()),
        changes=[_change(each) for each in repair.changes],
        price=repair.price,
        offer=offer_answer(repair.offer, organisation) if repair.offer else None,
        request=body,
    )


def _change(change: Change) -> ChangeAnswer:
    return ChangeAnswer(
        sort=change.sort, fields=dict(change.fields), detail=change_text(change, catalogue())
    )


def body_of(asked: Request) -> dict[str, object]:
    """The request as a body that may be sent; rules that are set aside need a reason beside it."""
    return {
        **wish_of(asked),
        "organisation": asked.organisation,
        "wait": asked.wait,
        "partners": list(asked.partners),
        "apart": list(asked.apart),
    }


def wish_of(asked: Request) -> dict[str, object]:
    """The wish alone, as a move takes it."""
    body: dict[str, object] = {
        "start": f"{moment_of(asked.start):%Y-%m-%dT%H:%M:%SZ}",
        "minutes": grains_in(asked.duration_min) * GRAIN_MINUTES,
        "earlier_minutes": (asked.start - asked.earliest) * GRAIN_MINUTES,
        "later_minutes": (asked.latest - asked.start) * GRAIN_MINUTES,
        "need": _main(asked),
        "extras": [{**_need(each), **_when(each)} for each in asked.needs[1:]],
        "other_city": asked.other_city,
        "override": list(asked.override),
    }
    return body if asked.city is None else {**body, "city": asked.city}


def _main(asked: Request) -> dict[str, object]:
    """The main need; as its kind of test where that says all of it."""
    need, kind = asked.needs[0], test_kinds().get(asked.test_kind or "")
    if kind is not None and need == need_of(kind, need.vehicles, need.mode):
        return {"test_kind": kind.id, "vehicles": need.vehicles, "mode": need.mode.value}
    return _need(need)


def _need(need: Need) -> dict[str, object]:
    return dict(_said(need))


def _said(need: Need) -> Iterator[tuple[str, object]]:
    yield "type", need.type.value
    if need.resource:
        yield "resource", need.resource
    if need.kinds:
        yield "kinds", list(need.kinds)
    if need.odd:
        yield (
            "odd",
            [
                {"attribute": term.attribute, "test": term.test, "value": odd_value(term.value)}
                for term in need.odd
            ],
        )
    if need.rules:
        yield "rules", list(need.rules)
    if need.night:
        yield "night", True
    counted = "vehicles" if need.type is NeedType.ROUTE else "units"
    yield counted, getattr(need, counted)
    yield "mode", need.mode.value


def _when(need: Need) -> dict[str, object]:
    said: dict[str, object] = {"offset_minutes": need.offset * GRAIN_MINUTES}
    return said if need.duration is None else {**said, "minutes": need.duration * GRAIN_MINUTES}
