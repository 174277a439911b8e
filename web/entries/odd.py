"""The operational design domain of a route, in groups."""

from dataclasses import dataclass
from itertools import groupby

from testbed.domain.catalogue import Catalogue, OddValue, Route
from web.entries.marks import Fact
from web.labels import label
from web.odd_words import GROUPS, attribute_text, unit_text, value_text


@dataclass(frozen=True, slots=True)
class Group:
    """The attributes of one part of the domain: road, weather, traffic, connection, automation."""

    name: str
    facts: list[Fact]


def odd_groups(route: Route, catalogue: Catalogue) -> list[Group]:
    """The attributes that the route states, in the catalogue's order; an empty list is left out."""
    stated = [name for name in route.odd if route.odd[name] != frozenset()]
    ordered = sorted(stated, key=lambda name: _place(name, catalogue))
    return [
        Group(label(GROUPS, group), [_fact(route, name, catalogue) for name in names])
        for group, names in groupby(ordered, key=lambda name: _group(name, catalogue))
    ]


def _group(name: str, catalogue: Catalogue) -> str:
    known = catalogue.odd_attributes.get(name)
    return known.group if known else ""


def _place(name: str, catalogue: Catalogue) -> tuple[int, int]:
    groups, names = list(GROUPS), list(catalogue.odd_attributes)
    group = _group(name, catalogue)
    return (
        groups.index(group) if group in groups else len(groups),
        names.index(name) if name in names else len(names),
    )


def _fact(route: Route, name: str, catalogue: Catalogue) -> Fact:
    recorded = route.provenance.is_recorded(f"odd.{name}")
    return Fact(attribute_text(name, catalogue), _said(name, route.odd[name], catalogue), recorded)


def _said(name: str, value: OddValue, catalogue: Catalogue) -> str:
    known = catalogue.odd_attributes.get(name)
    unit = unit_text(known.unit) if known else ""
    return f"{value_text(value)} {unit}".strip()
