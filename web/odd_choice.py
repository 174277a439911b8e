"""The demands on the operational design domain that the booking form adds to a test."""

from collections.abc import Iterator
from dataclasses import dataclass

from werkzeug.datastructures import MultiDict

from testbed.domain.catalogue import Catalogue, Name, OddAttribute, OddTerm
from testbed.domain.requests import NeedType
from web.labels import label
from web.languages import gettext
from web.odd_words import GROUPS, PROVIDES, VALUES, attribute_text, unit_text

PREFIX = "odd."
ANY = ".any"
MOST_FIGURE = 1000.0


@dataclass(frozen=True, slots=True)
class Option:
    """One value of a list, ticked or not."""

    value: str
    said: str
    ticked: bool


@dataclass(frozen=True, slots=True)
class Field:
    """One attribute as the form shows it: options, a least and a greatest figure, or a switch.

    `one_is_enough` says of a list that any of the ticked values serves; else all must be there.
    """

    name: str
    type: str
    said: str
    unit: str = ""
    options: tuple[Option, ...] = ()
    one_is_enough: bool = False
    least: str = ""
    most: str = ""
    ticked: bool = False
    error: str = ""

    @property
    def chosen(self) -> bool:
        """Whether it demands anything."""
        return bool(self.least or self.most or self.ticked or any(o.ticked for o in self.options))


@dataclass(frozen=True, slots=True)
class Group:
    """The attributes of one group."""

    said: str
    fields: tuple[Field, ...]


class OddChoice:
    """What was chosen of the attributes that routes (or facilities) offer."""

    def __init__(
        self, typed: MultiDict[str, str], type_of_need: NeedType, catalogue: Catalogue
    ) -> None:
        self._typed = typed
        attributes = _attributes(type_of_need, catalogue)
        self._fields = {each.id: self._field(each, catalogue) for each in attributes}
        names: dict[str, list[str]] = {}
        for each in attributes:
            names.setdefault(each.group, []).append(each.id)
        self.groups = [
            Group(label(GROUPS, group), tuple(self._fields[name] for name in listed))
            for group, listed in names.items()
        ]

    @property
    def chosen(self) -> int:
        """How many attributes demand something."""
        return sum(each.chosen for each in self._fields.values())

    def valid(self) -> bool:
        """Whether every figure can be read."""
        return not any(each.error for each in self._fields.values())

    def terms(self) -> tuple[OddTerm, ...]:
        """The checked demands."""
        return tuple(term for each in self._fields.values() for term in _terms(each))

    def pairs(self) -> Iterator[tuple[str, str]]:
        """What the address says of them: only what was chosen."""
        for each in self._fields.values():
            if each.chosen:
                yield from _pairs(each)

    def without(self, attribute: str) -> list[tuple[str, str]]:
        """What the address says of all the others."""
        rest = (each for name, each in self._fields.items() if name != attribute)
        return [pair for each in rest if each.chosen for pair in _pairs(each)]

    def _field(self, about: OddAttribute, catalogue: Catalogue) -> Field:
        name = PREFIX + about.id
        said = attribute_text(about.id, catalogue)
        if about.type in {"list", "enum"}:
            ticked = self._typed.getlist(name)
            options = tuple(
                Option(each, label(VALUES, each), each in ticked) for each in about.values
            )
            enough = about.type == "enum" or bool(self._typed.get(name + ANY))
            return Field(name, about.type, said, options=options, one_is_enough=enough)
        if about.type == "bool":
            return Field(name, about.type, said, ticked=bool(self._typed.get(name)))
        least = self._typed.get(f"{name}.min", "").strip()[:12]
        most = self._typed.get(f"{name}.max", "").strip()[:12]
        wrong = not all(map(_readable, filter(None, (least, most))))
        error = gettext("A number from 0 to %(most)d.", most=MOST_FIGURE) if wrong else ""
        return Field(
            name, about.type, said, unit_text(about.unit), least=least, most=most, error=error
        )


def _attributes(type_of_need: NeedType, catalogue: Catalogue) -> list[OddAttribute]:
    """The attributes by which routes are told apart, or the one of facilities."""
    if type_of_need is NeedType.ROUTE:
        return sorted(catalogue.odd_attributes.values(), key=_place)
    provided = {each for one in catalogue.facilities.values() for each in one.provides}
    values = tuple(sorted(provided))
    return [OddAttribute(PROVIDES, "list", Name(PROVIDES, PROVIDES), PROVIDES, values=values)]


def _place(about: OddAttribute) -> int:
    order = list(GROUPS)
    return order.index(about.group) if about.group in order else len(order)


def _terms(chosen: Field) -> Iterator[OddTerm]:
    name = chosen.name.removeprefix(PREFIX)
    ticked = frozenset(each.value for each in chosen.options if each.ticked)
    if ticked:
        yield OddTerm(name, "any" if chosen.one_is_enough else "all", ticked)
    if chosen.ticked:
        yield OddTerm(name, "is", True)
    for test, figure in (("min", chosen.least), ("max", chosen.most)):
        if figure:
            yield OddTerm(name, test, _figure(figure))


def _pairs(chosen: Field) -> Iterator[tuple[str, str]]:
    for each in chosen.options:
        if each.ticked:
            yield chosen.name, each.value
    if chosen.type == "list" and chosen.one_is_enough:
        yield chosen.name + ANY, "y"
    if chosen.ticked:
        yield chosen.name, "y"
    for bound, figure in (("min", chosen.least), ("max", chosen.most)):
        if figure:
            yield f"{chosen.name}.{bound}", figure


def _readable(said: str) -> bool:
    whole, _, part = said.partition(".")
    digits = whole + part
    if not digits.isascii() or not digits.isdecimal() or not whole:
        return False
    return float(said) <= MOST_FIGURE


def _figure(said: str) -> int | float:
    return int(said) if said.isdecimal() else float(said)
