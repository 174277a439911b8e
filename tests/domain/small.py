"""Small valleys made in code, for tests that compare with slow and obvious models."""

from datetime import UTC, date, datetime

from testbed.domain.catalogue import (
    Calendar,
    Catalogue,
    City,
    Corridor,
    Facility,
    Fee,
    Mode,
    Name,
    OddAttribute,
    Route,
    RuleProfile,
    Site,
    Window,
)
from testbed.domain.grid import grain_of, local_midnight

ZONE = "Asia/Seoul"
MONDAY = date(2026, 3, 2)
HOLIDAY = date(2026, 3, 4)
BASE = local_midnight(MONDAY, ZONE)
NOW = datetime(2026, 2, 20, 0, 0, tzinfo=UTC)
EVERY_DAY = frozenset(range(7))


def name(text: str) -> Name:
    return Name(text, text)


def window(start: int, end: int, days: frozenset[int] = EVERY_DAY) -> Window:
    return Window(days, start * 60, end * 60)


def calendar(key: str, *windows: Window, holidays: bool = True) -> Calendar:
    return Calendar(key, name(key), windows, closed_on_public_holidays=holidays)


def rule(key: str, **fields: object) -> RuleProfile:
    plain: dict[str, object] = {
        "slot_min": 30,
        "slot_step_min": 15,
        "min_lead_days": 1,
        "max_lead_days": 60,
        "max_hours_per_org_week": 40,
    }
    return RuleProfile(id=key, name=name(key), **(plain | fields))  # type: ignore[arg-type]


def route(key: str, **fields: object) -> Route:
    plain: dict[str, object] = {
        "city": "east",
        "site": "site-east",
        "zone": ZONE,
        "kind": "closed-track",
        "calendar": "day",
        "rule": "track",
        "modes": frozenset({Mode.SHARED, Mode.EXCLUSIVE}),
        "odd": {"gnss": "open"},
        "max_vehicles_shared": 2,
        "max_vehicles_exclusive": 3,
        "corridor": None,
        "fee": Fee(1000, 3000, {"university": 0.5}),
    }
    return Route(id=key, name=name(key), **(plain | fields))  # type: ignore[arg-type]


def facility(key: str, **fields: object) -> Facility:
    plain: dict[str, object] = {
        "city": "east",
        "site": "site-east",
        "zone": ZONE,
        "kind": "bay",
        "calendar": "day",
        "rule": "support",
        "units": 1,
        "sharing": "pooled",
        "setup_min": 15,
        "cleanup_min": 15,
    }
    return Facility(id=key, name=name(key), **(plain | fields))  # type: ignore[arg-type]


def catalogue(
    routes: list[Route], facilities: list[Facility], corridors: list[Corridor] | None = None
) -> Catalogue:
    calendars = [
        calendar("day", window(9, 17)),
        calendar("late", window(14, 26), holidays=False),
        calendar("always", window(0, 24), holidays=False),
    ]
    rules = [
        rule("track", setup_min=15, cleanup_min=15, slot_min=60, slot_step_min=30),
        rule("road", free_cancel_until_hours=24, late_cancel_counts_as_use=True),
        rule("support"),
    ]
    cities = [City(key, name(key), "middle", 127.0, 37.0) for key in ("east", "west", "south")]
    sites = [Site(f"site-{c.id}", c.id, c.name, "yard", "org", 127.0, 37.0, ZONE) for c in cities]
    return Catalogue(
        cities={each.id: each for each in cities},
        sites={each.id: each for each in sites},
        calendars={each.id: each for each in calendars},
        rules={each.id: each for each in rules},
        corridors={each.id: each for each in corridors or []},
        routes={each.id: each for each in routes},
        facilities={each.id: each for each in facilities},
        odd_attributes={
            "gnss": OddAttribute("gnss", "enum", name("gnss"), values=("open", "denied"))
        },
        distances={("east", "west"): 30, ("east", "south"): 60, ("west", "south"): 50},
        holidays={HOLIDAY: name("holiday")},
        holidays_until=date(2028, 12, 31),
    )


def at(text: str) -> int:
    """The grain of a local time in Seoul, e.g. "2026-03-02 09:00"."""
    return grain_of(datetime.fromisoformat(f"{text}+09:00"))


def valley() -> Catalogue:
    """Two cities with a corridor of two routes, a tunnel that blocks one, bays and a mobile kit."""
    return catalogue(
        [
            route("rt-a", corridor="cor", odd={"gnss": "open", "v2x": frozenset({"spat"})}),
            route("rt-b", corridor="cor", max_vehicles_shared=1, odd={"gnss": "denied"}),
            route("rt-west", city="west", site="site-west", rule="road", calendar="late"),
        ],
        [
            facility("fc-tunnel", kind="tunnel", units=2, blocks_routes=("rt-b",)),
            facility("fc-bay-east", units=1),
            facility("fc-bay-west", city="west", site="site-west", units=2, setup_min=0),
            facility("fc-bay-south", city="south", site="site-south", calendar="always"),
            facility("fc-lot", kind="lot", units=2, sharing="shared", max_hours_per_booking=3),
            facility("fc-kit", kind="kit", mobile=True, city="south", site="site-south"),
        ],
        [Corridor("cor", name("cor"), 3, ("rt-a", "rt-b"), whole_site_exclusive=True)],
    )
