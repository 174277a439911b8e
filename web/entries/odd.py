"""The operational design domain of a route or facility, in groups."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby

from testbed.domain.catalogue import Catalogue, OddValue, Resource, Route, odd_of
from web.entries.marks import Fact
from web.labels import label
from web.languages import gettext
from web.odd_words import GROUPS, PROVIDES, attribute_text, unit_text, value_text


@dataclass(frozen=True, slots=True)
class Group:
    """The attributes of one part of the domain: road, weather, traffic, connection, automation."""

    name: str
    facts: list[Fact]


def odd_groups(resource: Resource, catalogue: Catalogue) -> list[Group]:
    """The attributes that the resource states, in the catalogue's order of groups."""
    offered = odd_of(resource)
    stated = [name for name in (*catalogue.odd_attributes, PROVIDES) if offered.get(name)]
    stated += [name for name, value in offered.items() if value is False]
    ordered = sorted(dict.fromkeys(stated), key=lambda name: _place(name, catalogue))
    return [
        Group(label(GROUPS, group), list(_facts(resource, list(names), catalogue)))
        for group, names in groupby(ordered, key=lambda name: _group(name, catalogue))
    ]


def _group(name: str, catalogue: Catalogue) -> str:
    known = catalogue.odd_attributes.get(name)
    return known.group if known else PROVIDES


def _place(name: str, catalogue: Catalogue) -> tuple[int, int]:
    groups, names = list(GROUPS), list(catalogue.odd_attributes)
    group = _group(name, catalogue)
    return (
        groups.index(group) if group in groups else len(groups),
        names.index(name) if name in names else len(names),
    )


def _facts(resource: Resource, names: list[str], catalogue: Catalogue) -> Iterator[Fact]:
    offered = odd_of(resource)
    for name in names:
        field = f"odd.{name}" if isinstance(resource, Route) else name
        recorded = resource.provenance.is_recorded(field)
        said = _said(name, offered[name], catalogue)
        yield Fact(attribute_text(name, catalogue), said, recorded)


def _said(name: str, value: OddValue, catalogue: Catalogue) -> str:
    known = catalogue.odd_attributes.get(name)
    unit = unit_text(known.unit) if known and known.unit else ""
    if isinstance(value, bool):
        return gettext("yes") if value else gettext("no")
    return f"{value_text(value)} {unit}".strip()
