"""The schedule as data for the timeline: places, their closed hours, and who uses them when.

Times are texts of the wall clock at the site, so that no browser shifts them by its own zone.
"""

from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from typing import Any

from testbed.domain.bookings import State
from testbed.domain.catalogue import Mode, Resource
from testbed.domain.grid import GRAIN_MINUTES, floor_grain, local_moment, zone
from testbed.domain.hours import closed_intervals
from testbed.service import schedule
from testbed.service.actors import acts_for_all
from testbed.service.schedule import Row
from web.access import CHANGES_BOOKINGS
from web.deps import catalogue, context, me, now, organisations
from web.labels import KINDS, STATES, label
from web.languages import text
from web.pages.schedule_view import Filter, View
from web.present import use_text

Json = dict[str, Any]
MOVABLE = frozenset({State.HELD, State.PENDING, State.CONFIRMED})


@lru_cache(maxsize=16384)
def wall(grain: int, zone_name: str) -> str:
    """The grain on the wall clock of the zone, e.g. "2026-12-08T10:00:00"."""
    return f"{local_moment(grain, zone_name):%Y-%m-%dT%H:%M:%S}"


def sees_all() -> bool:
    """Whether the reader sees whose every booking is."""
    return acts_for_all(me())


def board(view: View) -> Json:
    """The places and uses of a view."""
    shown = Filter(view, catalogue(), organisations())
    moment = now()
    rows = [
        row
        for row in schedule.days(context(), view.day, view.last_day, moment, me())
        if shown.use(row)
    ]
    used = {row.resource for row in rows}
    places = [each for each in _ordered() if shown.row(each, each.id in used)]
    present = floor_grain(moment)
    return {
        "from": view.day.isoformat(),
        "days": view.days,
        "cell": view.cell_minutes,
        "now": _now(places),
        "places": [_place(each) for each in places],
        "closed": _closed(view, places),
        "uses": list(_uses(rows, present)),
    }


def _ordered() -> list[Resource]:
    """Every place by city, site and the order of the catalogue, as the service orders its rows."""
    return sorted(catalogue().resources(), key=lambda each: (each.city, each.site))


def _now(places: Iterable[Resource]) -> str | None:
    """This minute on the wall clock of the first place."""
    first = next(iter(places), None)
    return f"{now().astimezone(zone(first.zone)):%Y-%m-%dT%H:%M:00}" if first else None


def _place(resource: Resource) -> Json:
    known = catalogue()
    return {
        "id": resource.id,
        "name": text(resource.name),
        "kind": label(KINDS, resource.kind),
        "site": resource.site,
        "siteName": text(known.sites[resource.site].name),
        "city": resource.city,
        "cityName": text(known.cities[resource.city].name),
        "hours": _hours_of(resource),
        "capacity": resource.capacity,
    }


def _hours_of(resource: Resource) -> str:
    return f"{resource.calendar} {resource.zone}"


def _closed(view: View, places: Iterable[Resource]) -> Mapping[str, list[list[str]]]:
    """The closed hours of every calendar that the places keep."""
    known = catalogue()
    keeping = {_hours_of(each): each for each in places}
    return {
        hours: [
            [wall(start, each.zone), wall(end, each.zone)]
            for start, end in closed_intervals(
                known.calendars[each.calendar], known.holidays, each.zone, view.day, view.last_day
            )
        ]
        for hours, each in keeping.items()
    }


class _Words:
    """Texts that many uses share, made once."""

    def __init__(self) -> None:
        self._said: dict[tuple[object, ...], str] = {}
        self._organisations = organisations()
        self._catalogue = catalogue()

    def who(self, row: Row) -> str:
        if row.service is not None:
            return text(row.service)
        if row.organisation is None:
            return self._once(("state", row.state), lambda: label(STATES, row.state))
        name = row.organisation
        return self._once(("who", name), lambda: text(self._organisations[name].name))

    def use(self, row: Row) -> str:
        mode = row.mode
        if mode is None:
            return ""
        key = ("use", row.kind, row.units, row.vehicles, mode)
        return self._once(key, lambda: self._use(row, mode))

    def _use(self, row: Row, mode: Mode) -> str:
        resource = self._catalogue.resource(row.resource)
        return use_text(resource, row.units or 0, row.vehicles or 0, mode)

    def _once(self, key: tuple[object, ...], make: Callable[[], str]) -> str:
        if key not in self._said:
            self._said[key] = make()
        return self._said[key]


def _uses(rows: Iterable[Row], present: int) -> Iterable[Json]:
    """The uses; what is false, empty or none is left out of each."""
    words = _Words()
    may_move = me().role in CHANGES_BOOKINGS
    for row in rows:
        use: Json = {
            "place": row.resource,
            "start": wall(row.start, row.zone),
            "end": wall(row.end, row.zone),
            "state": row.state,
            "who": words.who(row),
        }
        if row.booking is not None:
            use["booking"] = row.booking
            use["grain"] = row.start
            use["moves"] = may_move and _is_movable(row, present)
        if row.before or row.after:
            use["before"] = row.before * GRAIN_MINUTES
            use["after"] = row.after * GRAIN_MINUTES
        if row.mode is not None:
            use["use"] = words.use(row)
        yield use


def _is_movable(row: Row, present: int) -> bool:
    return row.state in MOVABLE and row.start > present
