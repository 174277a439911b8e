"""Cities, the distances between them, and organisations: documents into values."""

from collections.abc import Collection, Iterable, Mapping
from itertools import combinations

from testbed.domain import grid
from testbed.domain.catalogue import City, Name, Source
from testbed.domain.errors import Mistake
from testbed.domain.fields import Reader, name_of, provenance_of, with_ids
from testbed.domain.parties import Organisation

SECTORS = (
    "local-government",
    "industry",
    "academia",
    "research",
    "public-agency",
    "central-government",
    "road-authority",
)
BOOKING_ROLES = ("requester", "operator", "planner", "observer")


def zone_of(table: Reader, default: str) -> str:
    """The IANA name under `timezone`."""
    name = table.text("timezone", default)
    try:
        grid.zone(name)
    except (KeyError, ValueError, OSError):
        table.note(Mistake(table.at("timezone"), "unknown_zone", {"value": name[:80]}))
        return default
    return name


def read_sources(document: Reader) -> dict[str, Source] | None:
    """The known sources by id; None where the document names none."""
    document.raw("meta")
    tables = with_ids(document.tables("source"), {})
    found = {name: _source(name, table) for name, table in tables.items()}
    document.finish()
    return found or None


def _source(name: str, table: Reader) -> Source:
    source = Source(name, table.text("title"), table.text("url", ""), table.text("date", ""))
    table.finish()
    return source


def read_cities(document: Reader) -> dict[str, City]:
    """The cities by id, from a GeoJSON collection of points.

    Other members of a feature are let pass, as GeoJSON has it.
    """
    features = document.tables("features")
    tables = with_ids((each.table("properties") for each in features), {})
    points = [_point(each.table("geometry")) for each in features]
    return {
        name: City(
            id=name,
            name=name_of(table),
            cluster=table.text("cluster", ""),
            lon=lon,
            lat=lat,
            provenance=provenance_of(table),
            role=_role(table),
        )
        for (name, table), (lon, lat) in zip(tables.items(), points, strict=True)
    }


def _role(table: Reader) -> Name | None:
    english = table.text("role_en", "")
    return Name(english, table.text("role_ko", "") or english) if english else None


def _point(geometry: Reader) -> tuple[float, float]:
    geometry.choice("type", ("Point",))
    lon, lat = geometry.numbers("coordinates", length=2, least=-180.0)
    return lon, lat


def read_distances(document: Reader, cities: Collection[str]) -> dict[tuple[str, str], int]:
    """Minutes of driving by pair of cities."""
    document.raw("meta")
    found: dict[tuple[str, str], int] = {}
    for table in document.tables("pair"):
        pair = (table.reference("a", cities, "city"), table.reference("b", cities, "city"))
        minutes = table.whole("drive_min")
        table.number("gc_km", 0.0)
        table.flag("neighbours", default=False)
        table.finish()
        if all(pair) and (pair in found or pair[::-1] in found):
            table.note(Mistake(table.place, "duplicate_value", {"value": " - ".join(pair)}))
        found[pair] = minutes
    document.finish()
    return found


def check_distances(
    document: Reader,
    distances: Collection[tuple[str, str]],
    cities: Iterable[str],
    with_sites: Collection[str],
) -> None:
    """Note each pair of cities without a distance of which one has a site to drive to."""
    for pair in combinations(cities, 2):
        if pair in distances or pair[::-1] in distances:
            continue
        if pair[0] in with_sites or pair[1] in with_sites:
            fields: dict[str, object] = {"city": pair[0], "other": pair[1]}
            document.note(Mistake(document.at("pair"), "missing_distance", fields))


def read_organisations(
    document: Reader, cities: Collection[str], sources: Collection[str] | None
) -> tuple[Organisation, ...]:
    """The organisations, then the fictional companies, in the order of the file."""
    document.raw("meta")
    taken: dict[str, str] = {}
    parties = with_ids(document.tables("organisation"), taken)
    companies = with_ids(document.tables("demo_company"), taken)
    document.finish()
    return (
        *_organisations(parties, cities, sources, ()),
        *_organisations(companies, cities, sources, ("requester",)),
    )


def _organisations(
    tables: Mapping[str, Reader],
    cities: Collection[str],
    sources: Collection[str] | None,
    roles: tuple[str, ...],
) -> list[Organisation]:
    found = []
    for name, table in tables.items():
        table.raw("in_seed")
        table.text("role", "")
        found.append(
            Organisation(
                id=name,
                name=name_of(table),
                type=table.text("org_type", ""),
                city=table.reference("city", cities, "city", "") or None,
                sector=table.choice("sector", SECTORS, ""),
                roles=table.choices("booking_roles", BOOKING_ROLES, roles),
                provenance=provenance_of(table, sources),
            )
        )
        table.finish()
    return found
