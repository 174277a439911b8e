"""One change of a catalogue, as scenarios and capacity options name it: what if this were other."""

from collections.abc import Callable, Mapping
from dataclasses import fields, replace

from testbed.domain.catalogue import Catalogue, Facility, Mode, Route, RuleProfile
from testbed.domain.errors import InvalidFile, Mistake
from testbed.domain.fields import Notes, Reader

_FAR_BELOW = -1_000_000
_POSITIVE = frozenset({"slot_min", "slot_step_min", "max_hours_per_org_week"})
# How long parties have to answer, no booking rule reads.
_RULE_WHOLES = tuple(
    each.name for each in fields(RuleProfile) if each.type is int and each.name != "approval_days"
)
_RULE_FLAGS = tuple(each.name for each in fields(RuleProfile) if each.type is bool)
# What a change may name, and what of it may change.
KEYS: Mapping[str, tuple[str, ...]] = {
    "facility": ("units_add", "units", "bookable", "calendar", "rule", "setup_min", "cleanup_min"),
    "route": ("bookable", "calendar", "rule", "max_vehicles_shared", "max_vehicles_exclusive"),
    "corridor": ("calendar", "max_vehicles"),
    "rule": (*_RULE_WHOLES, *_RULE_FLAGS),
}


def apply_change(
    catalogue: Catalogue, change: Mapping[str, object], place: str = "change"
) -> Catalogue:
    """The catalogue with the change in it; the one given stays as it was.

    `change` names one facility, route, corridor or rule by its id, and new values under the keys of
    the catalogue file; `units_add` adds units, or takes them away when negative. A corridor's
    `calendar` goes to all its routes and to the facilities of their sites that kept the hours which
    those routes had. Raises InvalidFile with every mistake below `place`.
    """
    notes: Notes = []
    changed = _changed(catalogue, Reader(change, place, notes))
    if notes:
        raise InvalidFile(place, notes)
    return changed


def _changed(catalogue: Catalogue, table: Reader) -> Catalogue:
    targets = [each for each in KEYS if table.has(each)]
    if targets[:1] == ["facility"] or targets[:1] == ["route"]:
        targets = [each for each in targets if each != "rule"]  # their new rule, not a target
    if len(targets) != 1:
        _note_targets(table, targets)
        return catalogue
    target = targets[0]
    table.expect(KEYS[target])
    if table.names() == (target,):
        table.note(Mistake(table.place, "nothing_to_change", {"keys": ", ".join(KEYS[target])}))
    changed = _APPLY[target](catalogue, table)
    table.finish()
    return changed


def _note_targets(table: Reader, targets: list[str]) -> None:
    known = ", ".join(KEYS)
    if targets:
        table.note(Mistake(table.place, "several_targets", {"keys": ", ".join(targets)}))
    elif table.is_table:
        table.note(Mistake(table.place, "missing_key", {"key": known}))
    table.expect((*KEYS, *(key for keys in KEYS.values() for key in keys)))
    table.finish()


def _change_facility(catalogue: Catalogue, table: Reader) -> Catalogue:
    name = table.reference("facility", catalogue.facilities, "facility")
    old = catalogue.facilities.get(name)
    if old is None:
        return catalogue
    new = replace(
        old,
        units=_units(table, old),
        bookable=table.flag("bookable", default=old.bookable),
        calendar=table.reference("calendar", catalogue.calendars, "calendar", old.calendar),
        rule=table.reference("rule", catalogue.rules, "rule", old.rule),
        setup_min=table.whole("setup_min", old.setup_min),
        cleanup_min=table.whole("cleanup_min", old.cleanup_min),
    )
    return replace(catalogue, facilities={**catalogue.facilities, name: new})


def _units(table: Reader, facility: Facility) -> int:
    if not table.has("units_add"):
        return table.whole("units", facility.units, least=1)
    if table.has("units"):
        table.note(Mistake(table.at("units"), "several_targets", {"keys": "units, units_add"}))
    return facility.units + table.whole("units_add", least=1 - facility.units)


def _change_route(catalogue: Catalogue, table: Reader) -> Catalogue:
    name = table.reference("route", catalogue.routes, "route")
    old = catalogue.routes.get(name)
    if old is None:
        return catalogue
    new = replace(
        old,
        bookable=table.flag("bookable", default=old.bookable),
        calendar=table.reference("calendar", catalogue.calendars, "calendar", old.calendar),
        rule=table.reference("rule", catalogue.rules, "rule", old.rule),
        max_vehicles_shared=_vehicles(table, old, Mode.SHARED),
        max_vehicles_exclusive=_vehicles(table, old, Mode.EXCLUSIVE),
    )
    return replace(catalogue, routes={**catalogue.routes, name: new})


def _vehicles(table: Reader, route: Route, mode: Mode) -> int:
    shared = mode is Mode.SHARED
    old = route.max_vehicles_shared if shared else route.max_vehicles_exclusive
    return table.whole(f"max_vehicles_{mode}", old, least=int(mode in route.modes))


def _change_corridor(catalogue: Catalogue, table: Reader) -> Catalogue:
    name = table.reference("corridor", catalogue.corridors, "corridor")
    old = catalogue.corridors.get(name)
    if old is None:
        return catalogue
    new = replace(old, max_vehicles=table.whole("max_vehicles", old.max_vehicles, least=1))
    changed = replace(catalogue, corridors={**catalogue.corridors, name: new})
    calendar = table.reference("calendar", catalogue.calendars, "calendar", "")
    return _with_hours(changed, old.routes, calendar) if calendar else changed


def _with_hours(catalogue: Catalogue, names: tuple[str, ...], calendar: str) -> Catalogue:
    """The routes with that calendar, and so every facility of their sites that opened with them."""
    routes = [catalogue.routes[each] for each in names]
    before = {(route.site, route.calendar) for route in routes}
    return replace(
        catalogue,
        routes={
            **catalogue.routes,
            **{route.id: replace(route, calendar=calendar) for route in routes},
        },
        facilities={
            name: replace(each, calendar=calendar) if (each.site, each.calendar) in before else each
            for name, each in catalogue.facilities.items()
        },
    )


def _change_rule(catalogue: Catalogue, table: Reader) -> Catalogue:
    name = table.reference("rule", catalogue.rules, "rule")
    old = catalogue.rules.get(name)
    if old is None:
        return catalogue
    wholes = {
        key: table.whole(key, getattr(old, key), least=int(key in _POSITIVE))
        for key in _RULE_WHOLES
    }
    flags = {key: table.flag(key, default=getattr(old, key)) for key in _RULE_FLAGS}
    if wholes["min_lead_days"] > wholes["max_lead_days"]:
        key = "min_lead_days" if table.has("min_lead_days") else "max_lead_days"
        shown: dict[str, object] = {
            "least": wholes["min_lead_days"],
            "most": wholes["max_lead_days"],
        }
        table.note(Mistake(table.at(key), "least_over_most", shown))
    new = replace(old, **wholes, **flags)  # type: ignore[arg-type] # whole numbers and flags by name
    return replace(catalogue, rules={**catalogue.rules, name: new})


_APPLY: Mapping[str, Callable[[Catalogue, Reader], Catalogue]] = {
    "facility": _change_facility,
    "route": _change_route,
    "corridor": _change_corridor,
    "rule": _change_rule,
}
