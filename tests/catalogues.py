"""A small catalogue as documents: two cities, a corridor, a block, pooled units, a bus service."""

from collections.abc import Iterable
from copy import deepcopy
from datetime import UTC, date, datetime
from typing import Any

from testbed.domain.catalogue import Mode
from testbed.domain.grid import GRAINS_PER_HOUR, local_midnight
from testbed.domain.requests import Need, NeedType, Request, Way

Documents = dict[str, Any]

ZONE = "Asia/Seoul"
NOW = datetime(2026, 3, 2, 0, 0, tzinfo=UTC)  # a Monday, 09:00 in Seoul
MONDAY = date(2026, 3, 16)
HOLIDAY = date(2026, 3, 18)

ORGANISATIONS = ("org-a", "org-b", "org-c")


def _city(name: str, lon: float) -> dict[str, Any]:
    return {
        "type": "Feature",
        "geometry": {"type": "Point", "coordinates": [lon, 37.3]},
        "properties": {"id": name, "name_en": name.title(), "name_ko": name, "cluster": "x"},
    }


def _rule(name: str, **changes: Any) -> dict[str, Any]:
    return {
        "id": name,
        "name_en": name,
        "slot_min": 60,
        "slot_step_min": 30,
        "min_lead_days": 1,
        "max_lead_days": 30,
        "max_hours_per_org_week": 200,
        "setup_min": 0,
        "cleanup_min": 0,
        "free_cancel_until_hours": 48,
        "late_cancel_counts_as_use": True,
        "provenance": "illustrative",
    } | changes


def _route(name: str, **changes: Any) -> dict[str, Any]:
    return {
        "id": name,
        "city": "ansan",
        "site": "site-a",
        "name_en": name,
        "name_ko": name,
        "kind": "closed-track",
        "status": "operating",
        "bookable": True,
        "calendar": "cal-day",
        "rule": "rule-track",
        "booking_modes": ["shared", "exclusive"],
        "provenance": "illustrative",
        "odd": {"lanes": 2},
        "capacity": {"max_vehicles_shared": 3, "max_vehicles_exclusive": 4},
    } | changes


def _facility(name: str, **changes: Any) -> dict[str, Any]:
    return {
        "id": name,
        "city": "ansan",
        "site": "site-a",
        "name_en": name,
        "name_ko": name,
        "kind": "workshop",
        "status": "operating",
        "bookable": True,
        "units": 1,
        "booking_mode": "exclusive",
        "calendar": "cal-day",
        "rule": "rule-lab",
        "setup_min": 0,
        "cleanup_min": 0,
        "provenance": "illustrative",
    } | changes


def _organisation(name: str, kind: str = "startup_sme") -> dict[str, Any]:
    return {
        "id": name,
        "name_en": f"Company {name}",
        "name_ko": name,
        "sector": "industry",
        "org_type": kind,
        "city": "ansan",
        "booking_roles": ["requester"],
        "provenance": "illustrative",
    }


def _site(name: str, city: str) -> dict[str, Any]:
    return {
        "id": name,
        "city": city,
        "name_en": f"Site {name}",
        "name_ko": name,
        "kind": "proving-ground",
        "operator": "org-op",
        "lat": 37.3,
        "lon": 126.8,
        "status": "operating",
        "provenance": "illustrative",
    }


_ALL_DAY = {"days": "mon-sun", "start": "00:00", "end": "24:00"}
_DAY = {"days": "mon-fri", "start": "09:00", "end": "18:00"}
_BUS = {"days": "mon-fri", "start": "10:00", "end": "12:00"}


def _calendar(name: str, window: dict[str, str], *, rests: bool) -> dict[str, Any]:
    return {
        "id": name,
        "name_en": name,
        "windows": [window],
        "closed_on_public_holidays": rests,
        "provenance": "illustrative",
    }


_DOCUMENTS: Documents = {
    "cities": {
        "type": "FeatureCollection",
        "features": [_city("ansan", 126.8), _city("suwon", 127.0)],
    },
    "distances": {"pair": [{"a": "ansan", "b": "suwon", "drive_min": 30}]},
    "holidays": {
        "holiday": [
            {"date": HOLIDAY.isoformat(), "name_en": "Rest day", "name_ko": "휴일"},
            {"date": "2027-12-31", "name_en": "The last that is known", "name_ko": "끝"},
        ]
    },
    "organisations": {
        "organisation": [_organisation(each) for each in (*ORGANISATIONS, "org-op")],
    },
    "catalogue": {
        "meta": {"timezone": ZONE},
        "odd_attribute": [
            {"id": "lanes", "type": "int", "name_en": "Lanes", "name_ko": "차로"},
        ],
        "calendar": [
            _calendar("cal-all", _ALL_DAY, rests=False),
            _calendar("cal-day", _DAY, rests=True),
            _calendar("cal-bus", _BUS, rests=True),
        ],
        "rule": [
            _rule("rule-track", max_hours_per_org_week=24, slot_min=120),
            _rule("rule-lab"),
        ],
        "site": [_site("site-a", "ansan"), _site("site-s", "suwon")],
        "corridor": [
            {
                "id": "cor-a",
                "name_en": "Tracks of A",
                "max_vehicles": 4,
                "whole_site_exclusive": True,
                "routes": ["rt-a1", "rt-a2"],
                "provenance": "illustrative",
            }
        ],
        "route": [
            _route("rt-a1", corridor="cor-a"),
            _route("rt-a2", corridor="cor-a", odd={"lanes": 4}),
            _route("rt-s", city="suwon", site="site-s"),
            _route("rt-bus", booking_modes=["shared"]),
        ],
        "facility": [
            _facility("fc-rain", blocks_routes=["rt-a2"], kind="weather", setup_min=30),
            _facility("fc-bays", booking_mode="pooled", units=3, cleanup_min=15),
            _facility("fc-van", mobile=True, city="suwon", site="site-s", kind="van"),
            _facility("fc-open", calendar="cal-all", kind="hall", booking_mode="shared", units=6),
        ],
    },
    "demand": {
        "standing_booking": [
            {
                "id": "st-bus",
                "name_en": "Bus",
                "route": "rt-bus",
                "vehicles": 2,
                "calendar": "cal-bus",
                "provenance": "illustrative",
            }
        ]
    },
}


def documents() -> Documents:
    """The documents; the caller's own to change."""
    return deepcopy(_DOCUMENTS)


def entry(of: Documents, section: str, name: str) -> dict[str, Any]:
    """One entry of a section of the catalogue document."""
    found: dict[str, Any] = next(each for each in of["catalogue"][section] if each["id"] == name)
    return found


def at(hour: float, day: date = MONDAY) -> int:
    """The grain of an hour of the day in Seoul."""
    return local_midnight(day, ZONE) + round(hour * GRAINS_PER_HOUR)


def route(name: str | None = None, vehicles: int = 1, mode: Mode = Mode.SHARED) -> Need:
    return Need(NeedType.ROUTE, resource=name, vehicles=vehicles, mode=mode)


def facility(name: str, units: int = 1, offset: int = 0) -> Need:
    return Need(NeedType.FACILITY, resource=name, units=units, offset=offset)


def wish(
    *needs: Need,
    start: int | None = None,
    hours: float = 2,
    slack: int = 0,
    organisation: str = "org-a",
    now: datetime = NOW,
    name: str = "",
    way: Iterable[str] | None = None,
) -> Request:
    """A request for a start (10:00 on the Monday), `slack` grains either way."""
    wished = at(10) if start is None else start
    return Request(
        id=name,
        organisation=organisation,
        submitted_at=now,
        needs=needs or (route("rt-a1"),),
        duration_min=round(hours * 60),
        start=wished,
        earliest=wished - slack,
        latest=wished + slack,
        way=None if way is None else Way(wished, tuple(way)),
    )
