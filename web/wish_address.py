"""The address of a search: what a short link leaves out, what a button adds, and the way back."""

from collections.abc import Iterable, Mapping
from datetime import date, timedelta

from werkzeug.datastructures import MultiDict

from testbed.domain.catalogue import Catalogue, Mode, Route
from testbed.domain.demand import Distribution, TestKind
from testbed.domain.requests import NeedType
from web.extra_needs import another, usual_of

Typed = MultiDict[str, str]
Pairs = list[tuple[str, str]]

DAYS_AHEAD = 7
SATURDAY = 5
# What the form showed when it was sent, and the kind of extra that is to be added to it.
SHOWN, MORE = "shown", "more"
# Any of these in an address asks for offers; a day tells a whole form from a short link.
ASKS = ("kind", "resource", "of")
WHOLE = "day"
# Rules that an operator sets aside, and the reason written to it.
ASIDE = ("override", "override_reason")
# On whose behalf an operator asks.
FOR = "for"
OWN_KINDS = (NeedType.ROUTE.value, NeedType.FACILITY.value)


def completed(
    given: Typed, kinds: Mapping[str, TestKind], catalogue: Catalogue, today: date
) -> Typed:
    """What was sent as a whole form: short links filled up, the changed kind's extras in place."""
    typed = Typed(given.items(multi=True))
    if WHOLE not in typed:
        _fill_up(typed, kinds, catalogue, today)
    elif SHOWN in typed:
        _change_kind(typed, kinds)
    if not typed.get("kind"):
        typed["kind"] = _own_kind(typed, catalogue) or OWN_KINDS[0]
    if typed.get(MORE):
        typed.add("extra", another(typed[MORE], typed.getlist("extra")))
    for spent in (SHOWN, MORE):
        typed.poplist(spent)
    return typed


def replaced(pairs: Iterable[tuple[str, str]], **changed: str | None) -> Pairs:
    """The pairs of an address with other values; None takes a name away."""
    kept = [pair for pair in pairs if pair[0] not in changed]
    return kept + [(name, value) for name, value in changed.items() if value is not None]


def _fill_up(
    typed: Typed, kinds: Mapping[str, TestKind], catalogue: Catalogue, today: date
) -> None:
    name = typed.get("kind") or _own_kind(typed, catalogue) or next(iter(kinds), OWN_KINDS[0])
    typed["kind"] = name
    kind = kinds.get(name)
    for field, value in _suggestion(kind, today):
        if not typed.get(field):
            typed[field] = value
    if kind and "extra" not in typed:
        _add(typed, usual_of(kind))


def _own_kind(typed: Typed, catalogue: Catalogue) -> str | None:
    """Route or facility, for a link that names a resource or a kind of resources alone."""
    resource, of = typed.get("resource"), typed.get("of")
    for each in catalogue.resources():
        if each.id == resource or (not resource and each.kind == of):
            return OWN_KINDS[0] if isinstance(each, Route) else OWN_KINDS[1]
    return None


def _suggestion(kind: TestKind | None, today: date) -> Pairs:
    """A weekday about a week ahead, in the morning."""
    day = today + timedelta(days=DAYS_AHEAD)
    day += timedelta(days=(7 - day.weekday()) % 7 if day.weekday() >= SATURDAY else 0)
    return [
        ("elsewhere", "y"),
        ("day", day.isoformat()),
        ("at", "10:00"),
        ("hours", _usual_hours(kind.duration) if kind else "3"),
        ("flex", "3"),
        ("vehicles", "1"),
        ("mode", Mode.SHARED.value),
    ]


def _usual_hours(duration: Distribution) -> str:
    """The middle of the law by which sessions last, in whole hours."""
    given = duration.parameters
    minutes = next((given[name] for name in ("median", "value", "mean") if name in given), 180.0)
    return str(max(1, round(minutes / 60))) if isinstance(minutes, int | float) else "3"


def _change_kind(typed: Typed, kinds: Mapping[str, TestKind]) -> None:
    """Exchange the usual extras of the kind that was shown for those of the kind chosen."""
    before, now = kinds.get(typed[SHOWN].split(" ")[0]), kinds.get(typed.get("kind", ""))
    if before is now:
        return
    typed.poplist("of")
    usual = {"+".join(each.kinds) for each in before.extras} if before else set()
    typed.setlist("extra", [each for each in typed.getlist("extra") if each not in usual])
    _add(typed, usual_of(now) if now else [])


def _add(typed: Typed, pairs: Pairs) -> None:
    for name, value in pairs:
        if name != "extra" or value not in typed.getlist("extra"):
            typed.add(name, value)
