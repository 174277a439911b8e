"""Test kinds of a demand file into values: what a session needs, checked against a catalogue."""

import re
from collections.abc import Collection, Mapping

from testbed.domain.catalogue import Catalogue, OddAttribute, OddTerm, OddValue
from testbed.domain.demand import ExtraNeed, Requirement, Spacing, TestKind, fixed
from testbed.domain.distribution_file import flat_distribution, read_distribution
from testbed.domain.errors import Mistake
from testbed.domain.fields import Reader, name_of, provenance_of
from testbed.domain.requests import NeedType
from testbed.domain.resource_file import ROUTE_KINDS, plain_odd

_TESTS = ("any", "all", "min", "max")  # as suffixes of an attribute; without one the test is "is"
# the tests that suit each type of ODD attribute
_SUITABLE: Mapping[str, tuple[str, ...]] = {
    "list": ("is", "any", "all"),
    "enum": ("is", "any"),
    "int": ("is", "min", "max"),
    "float": ("is", "min", "max"),
    "bool": ("is",),
}
_FAR_BELOW = -1_000_000
_EVERY_WEEKDAY = "every weekday"
_DAYS_APART = re.compile(r"(\d{1,3})-(\d{1,3}) days apart", re.ASCII)


def read_test_kind(name: str, table: Reader, catalogue: Catalogue) -> TestKind:
    """The test kind of that table."""
    kind = TestKind(
        id=name,
        name=name_of(table, name),
        main=_requirement(table, catalogue),
        duration=read_distribution(table, "duration_min"),
        extras=tuple(_extra(each, catalogue) for each in table.tables("extra_needs")),
        vehicles_weights=_vehicles_weights(table),
        exclusive_share=table.share("exclusive_share", 0.0),
        sessions=flat_distribution(
            table, "sessions_per_request", "sessions_distribution", "geometric", fixed(1.0)
        ),
        spacing=_spacing(table),
        provenance=provenance_of(table),
    )
    table.finish()
    return kind


def _vehicles_weights(table: Reader) -> tuple[float, ...]:
    if not table.has("vehicles_weights"):
        return (1.0,)
    weights = table.numbers("vehicles_weights")
    if not any(weights):
        table.note(Mistake(table.at("vehicles_weights"), "no_weight"))
    return weights


def _spacing(table: Reader) -> Spacing:
    text = table.text("session_spacing", "1-3 days apart")
    found = _DAYS_APART.fullmatch(text)
    if found and 1 <= int(found[1]) <= int(found[2]):
        return Spacing(least=int(found[1]), most=int(found[2]))
    if text != _EVERY_WEEKDAY:
        allowed = f"{_EVERY_WEEKDAY}, 1-3 days apart"
        fields: dict[str, object] = {"value": text[:80], "allowed": allowed, "nearest": ""}
        table.note(Mistake(table.at("session_spacing"), "unknown_value", fields))
    return Spacing(weekdays=True)


def _extra(table: Reader, catalogue: Catalogue) -> ExtraNeed:
    extra = ExtraNeed(
        kinds=_facility_kinds(table, catalogue),
        units=table.whole("units", 1, least=1),
        probability=table.share("probability", 1.0),
    )
    if not table.has("facility_kind") and not table.has("facility_kind_any"):
        table.note(Mistake(table.at("facility_kind"), "missing_key", {"key": "facility_kind"}))
    table.finish()
    return extra


def _requirement(table: Reader, catalogue: Catalogue) -> Requirement:
    word = table.choice("resource", tuple(NeedType))
    if word not in tuple(NeedType):
        table.table("requires")
        return Requirement(NeedType.ROUTE)
    wanted = NeedType(word)
    requires = table.table("requires")
    route = wanted is NeedType.ROUTE
    requirement = Requirement(
        type=wanted,
        kinds=_route_kinds(requires) if route else _facility_kinds(requires, catalogue),
        rules=_one_or_more(requires, "rule_any", catalogue.rules, "rule"),
        night=requires.flag("needs_night_window", default=False),
        odd=_odd_terms(requires, catalogue) if route else _provided(requires, catalogue),
    )
    requires.finish()
    return requirement


def _route_kinds(table: Reader) -> tuple[str, ...]:
    return _one_or_more(table, "kind", ROUTE_KINDS, "kind of routes")


def _facility_kinds(table: Reader, catalogue: Catalogue) -> tuple[str, ...]:
    known = {each.kind for each in catalogue.facilities.values()}
    one = _one_or_more(table, "facility_kind", known, "kind of facilities")
    return one + _one_or_more(table, "facility_kind_any", known, "kind of facilities")


def _one_or_more(table: Reader, key: str, known: Collection[str], kind: str) -> tuple[str, ...]:
    """A list of known ids, or one alone."""
    if isinstance(table.raw(key), str):
        return (table.reference(key, known, kind),)
    return table.references(key, known, kind)


def _provided(table: Reader, catalogue: Catalogue) -> tuple[OddTerm, ...]:
    """What a facility must provide; the words are those that some facility of the catalogue has."""
    known = {word for each in catalogue.facilities.values() for word in each.provides}
    return tuple(
        OddTerm("provides", test, frozenset(table.references(key, known, "thing provided")))
        for test in ("any", "all")
        if table.has(key := f"provides_{test}")
    )


def _odd_terms(table: Reader, catalogue: Catalogue) -> tuple[OddTerm, ...]:
    special = ("kind", "rule_any", "needs_night_window")
    keys = [key for key in table.names() if key not in special]
    terms = [_odd_term(table, key, catalogue.odd_attributes) for key in keys]
    return tuple(term for term in terms if term)


def _odd_term(table: Reader, key: str, attributes: Mapping[str, OddAttribute]) -> OddTerm | None:
    """The term of that key; None, and a mistake, where no attribute is meant by it.

    A catalogue without a vocabulary lets every attribute stand.
    """
    stem, _, suffix = key.rpartition("_")
    tested = suffix in _TESTS and key not in attributes and (stem in attributes or not attributes)
    name, test = (stem, suffix) if tested else (key, "is")
    if not attributes:
        return OddTerm(name, test, plain_odd(table, key))
    table.expect(attributes if name not in attributes else (key,))
    if name not in attributes:
        return None  # the key stays unread, which `finish` notes
    attribute = attributes[name]
    if test not in _SUITABLE[attribute.type]:
        fields: dict[str, object] = {"test": test, "attribute": name, "type": attribute.type}
        table.note(Mistake(table.at(key), "unsuitable_test", fields))
        return None
    return OddTerm(name, test, _odd_value(table, key, attribute))


def _odd_value(table: Reader, key: str, attribute: OddAttribute) -> OddValue:
    if attribute.type == "bool":
        return table.flag(key)
    if attribute.type in {"int", "float"}:
        return table.number(key, least=_FAR_BELOW)
    if attribute.type == "enum" and isinstance(table.raw(key), str):
        return table.choice(key, attribute.values)
    return frozenset(table.choices(key, attribute.values))
