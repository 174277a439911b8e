"""The list of the catalogue: what was asked for in the address, and what matches, by place."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby

from testbed.domain.catalogue import (
    Catalogue,
    City,
    Facility,
    Mode,
    Name,
    Resource,
    Route,
    Site,
    odd_of,
)
from web.entries.fees import fee_from
from web.entries.marks import lang_of
from web.labels import KINDS, MODES, STATUSES, label
from web.languages import gettext, text
from web.odd_words import PROVIDES, VALUES, attribute_text
from web.place_words import UNITS

BOOKABLE, OPERATING = "bookable", "operating"
ROUTES, FACILITIES = "route", "facility"
Choices = list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Wanted:
    """The filters, as the address gives them; an empty one, or one not known, lets all pass."""

    q: str = ""
    city: str = ""
    kind: str = ""
    odd: str = ""
    mode: str = ""
    status: str = ""

    @classmethod
    def of(cls, given: Mapping[str, str]) -> "Wanted":
        """The filters among the parameters of an address."""
        return cls(**{name: given.get(name, "").strip()[:100] for name in cls.__slots__})

    @property
    def any(self) -> bool:
        """Whether anything is filtered at all."""
        return self != Wanted()


@dataclass(frozen=True, slots=True)
class Row:
    """A resource on one line of the list; `status` where it is other than operating.

    `invented`: nothing of it is on record, not even that it exists.
    """

    id: str
    name: str
    lang: str
    kind: str
    room: str
    room_recorded: bool
    fee: str
    fee_recorded: bool
    status: str
    open: bool
    invented: bool


@dataclass(frozen=True, slots=True)
class Place:
    """A site and the rows at it."""

    site: Site
    rows: list[Row]


@dataclass(frozen=True, slots=True)
class Part:
    """A city and the places in it."""

    city: City
    places: list[Place]

    @property
    def count(self) -> int:
        """How many resources there are."""
        return sum(len(each.rows) for each in self.places)


# -- what matches ----------------------------------------------------------------------------


def parts(catalogue: Catalogue, wanted: Wanted) -> list[Part]:
    """What matches, by city and site in the order of the catalogue, places of nothing left out."""
    matching = [each for each in catalogue.resources() if _matches(each, catalogue, wanted)]
    by_site = {
        site: [row_of(each) for each in resources]
        for site, resources in groupby(sorted(matching, key=_site_of), key=_site_of)
    }
    places = [Place(catalogue.sites[name], rows) for name, rows in by_site.items()]
    order = {name: number for number, name in enumerate(catalogue.sites)}
    places.sort(key=lambda place: order[place.site.id])
    found = [
        Part(city, [place for place in places if place.site.city == city.id])
        for city in catalogue.cities.values()
    ]
    return [part for part in found if part.places]


def _site_of(resource: Resource) -> str:
    return resource.site


def row_of(resource: Resource) -> Row:
    """A resource as a line of the list."""
    fee, recorded = fee_from(resource)
    return Row(
        id=resource.id,
        name=text(resource.name),
        lang=lang_of(resource.name),
        kind=label(KINDS, resource.kind),
        room=_room(resource),
        room_recorded=_is_room_recorded(resource),
        fee=fee,
        fee_recorded=recorded,
        status="" if resource.status == OPERATING else label(STATUSES, resource.status),
        open=resource.bookable,
        invented=resource.provenance.kind == "illustrative",
    )


def _room(resource: Resource) -> str:
    if isinstance(resource, Facility):
        return f"{resource.units} × {label(UNITS, resource.unit_name)}"
    most = {
        Mode.SHARED: resource.max_vehicles_shared,
        Mode.EXCLUSIVE: resource.max_vehicles_exclusive,
    }
    modes = sorted(resource.modes, reverse=True)
    return " · ".join(f"{label(MODES, mode)} {most[mode]}" for mode in modes)


def _is_room_recorded(resource: Resource) -> bool:
    """Whether every figure of the room is on record."""
    if isinstance(resource, Facility):
        return resource.provenance.is_recorded("units")
    fields = (f"capacity.max_vehicles_{mode}" for mode in resource.modes)
    return all(map(resource.provenance.is_recorded, fields))


def _matches(resource: Resource, catalogue: Catalogue, wanted: Wanted) -> bool:
    return (
        _in_words(resource, catalogue, wanted.q)
        and wanted.city in ("", resource.city)
        and _of_kind(resource, wanted.kind)
        and _has_odd(resource, wanted.odd)
        and _in_mode(resource, wanted.mode)
        and _in_status(resource, wanted.status)
    )


def _in_words(resource: Resource, catalogue: Catalogue, typed: str) -> bool:
    """Whether every word typed is in a name of the resource, its site or its city, or its kind."""
    site, city = catalogue.sites[resource.site], catalogue.cities[resource.city]
    names: tuple[Name, ...] = (resource.name, site.name, city.name)
    spoken = (label(KINDS, resource.kind), resource.id, *(f"{each.en} {each.ko}" for each in names))
    said = " ".join(spoken).casefold()
    return all(word in said for word in typed.casefold().split())


def _of_kind(resource: Resource, kind: str) -> bool:
    general = ROUTES if isinstance(resource, Route) else FACILITIES
    return kind in ("", general, resource.kind)


def _has_odd(resource: Resource, feature: str) -> bool:
    attribute, _, value = feature.partition(":")
    if not value:
        return True
    offered = odd_of(resource).get(attribute)
    if isinstance(offered, frozenset):
        return value in offered
    return offered is True if value == "yes" else offered == value


def _in_mode(resource: Resource, mode: str) -> bool:
    if mode not in (Mode.SHARED, Mode.EXCLUSIVE):
        return True
    if isinstance(resource, Route):
        return mode in resource.modes
    return (resource.sharing == "shared") if mode == Mode.SHARED else True


def _in_status(resource: Resource, status: str) -> bool:
    return resource.bookable if status == BOOKABLE else status in ("", resource.status)


# -- what can be chosen ----------------------------------------------------------------------


def kinds(catalogue: Catalogue) -> list[tuple[str, Choices]]:
    """The kinds that exist, routes first, each group with its general choice."""
    return [
        (gettext("Routes"), _kinds(ROUTES, gettext("every route"), catalogue.routes)),
        (
            gettext("Facilities"),
            _kinds(FACILITIES, gettext("every facility"), catalogue.facilities),
        ),
    ]


def _kinds(general: str, every: str, table: Mapping[str, Resource]) -> Choices:
    found = {each.kind: label(KINDS, each.kind) for each in table.values()}
    return [(general, every), *sorted(found.items(), key=lambda pair: pair[1])]


def features(catalogue: Catalogue) -> list[tuple[str, Choices]]:
    """The ODD features that some resource has, by attribute; figures are left to the search."""
    found: dict[str, set[str]] = {}
    for resource in catalogue.resources():
        for attribute, value in odd_of(resource).items():
            found.setdefault(attribute, set()).update(_features(value))
    return [
        (
            attribute_text(name, catalogue),
            [(f"{name}:{value}", _feature(value)) for value in sorted(found[name])],
        )
        for name in (*catalogue.odd_attributes, PROVIDES)
        if found.get(name)
    ]


def _features(value: object) -> Iterator[str]:
    if isinstance(value, frozenset):
        yield from map(str, value)
    elif isinstance(value, str):
        yield value
    elif value is True:
        yield "yes"


def _feature(value: str) -> str:
    return gettext("yes") if value == "yes" else label(VALUES, value)


def modes() -> Choices:
    """The ways of use that can be asked for."""
    return [(each.value, label(MODES, each)) for each in (Mode.SHARED, Mode.EXCLUSIVE)]


def statuses(catalogue: Catalogue) -> Choices:
    """What can be booked here, and every state in the real world that occurs."""
    present = {each.status for each in catalogue.resources()}
    known = [(code, str(said)) for code, said in STATUSES.items() if code in present]
    return [(BOOKABLE, gettext("bookable")), *known]
