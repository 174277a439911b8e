"""A demand document into a demand profile, with every mistake and its place at once.

docs/catalogue-format.md describes its keys; what the document leaves out is neutral.
"""

from collections.abc import Callable, Collection, Mapping
from typing import TypeVar

from testbed.domain.calendar_file import DAYS
from testbed.domain.catalogue import Catalogue
from testbed.domain.catalogue_change import apply_change
from testbed.domain.demand import (
    HOURS,
    MONTHS,
    WEEKDAYS,
    Anchor,
    CapacityOption,
    DemandProfile,
    Disruption,
    Distribution,
    GrowthScenario,
    OrganisationType,
    StandingService,
    TestKind,
    Weather,
)
from testbed.domain.distribution_file import flat_distribution, read_distribution
from testbed.domain.errors import InvalidFile, Mistake
from testbed.domain.fields import Notes, Reader, name_of, provenance_of, with_ids
from testbed.domain.kind_file import read_test_kind
from testbed.domain.region_file import zone_of

T = TypeVar("T")

WANTED_STARTS = ("weights", "lead")
_DISRUPTION_SHARES = (
    "overrun_probability",
    "early_end_probability",
    "early_end_share_of_slot",
    "vehicle_fault_probability",
    "reschedule_share_after_weather",
)
_DISRUPTION_NUMBERS = (
    "overrun_min_mean",
    "facility_mtbf_hours",
    "facility_mttr_hours",
    "route_closure_per_route_year",
    "route_closure_days_mean",
)


def parse_demand(
    document: Mapping[str, object], catalogue: Catalogue, source: str = "demand"
) -> DemandProfile:
    """The demand profile of the document, for that catalogue.

    Raises InvalidFile, naming `source`, with every mistake: also references that the catalogue does
    not resolve, and capacity options whose change it cannot take.
    """
    return _parsed(document, source, lambda table: _profile(table, catalogue))


def parse_test_kinds(
    document: Mapping[str, object], catalogue: Catalogue, source: str = "demand"
) -> tuple[TestKind, ...]:
    """The test kinds alone, in the order of the document; raises InvalidFile as `parse_demand`."""
    return _parsed(document, source, lambda table: tuple(_test_kinds(table, catalogue).values()))


def parse_standing_services(
    document: Mapping[str, object], catalogue: Catalogue, source: str = "demand"
) -> tuple[StandingService, ...]:
    """The standing services alone; raises InvalidFile as `parse_demand`."""
    return _parsed(document, source, lambda table: _standing_services(table, catalogue))


def _parsed(document: Mapping[str, object], source: str, read: Callable[[Reader], T]) -> T:
    notes: Notes = []
    found = read(Reader(document, "demand", notes))
    if notes:
        raise InvalidFile(source, notes)
    return found


def _profile(document: Reader, catalogue: Catalogue) -> DemandProfile:
    meta = document.table("meta")
    start = _wanted_start(document, _wanted_start(meta, WANTED_STARTS[0]))
    kinds = _test_kinds(document, catalogue)
    types = with_ids(document.tables("org_type"), {})
    profile = DemandProfile(
        test_kinds=kinds,
        organisation_types={
            name: _organisation_type(name, table, kinds, start) for name, table in types.items()
        },
        base_year=meta.optional_whole("base_year", least=1),
        zone=zone_of(meta, "Asia/Seoul"),
        wanted_start=start,
        city_weight=_city_weight(document, catalogue.cities),
        month_weight=_weights(document, "month_weight", MONTHS),
        submit_weekday_weight=_weekday_weights(document, "submit_weekday_weight"),
        wanted_weekday_weight=_weekday_weights(document, "wanted_weekday_weight"),
        wanted_start_hour_weight=_hour_weights(document, "wanted_start_hour_weight"),
        submit_hour_weight=_submit_hour_weight(document),
        standing_services=_standing_services(document, catalogue),
        capacity_options=_capacity_options(document, catalogue),
        disruption=_disruption(document.table("disruption")),
        weather=_weather(document.table("weather")),
        growth_scenarios=_growth_scenarios(document, types),
        anchors=_anchors(document),
    )
    _finish_head(document, meta)
    return profile


def _finish_head(document: Reader, meta: Reader) -> None:
    meta.expect(("provenance", "note"))
    meta.finish()
    document.finish()


def _wanted_start(table: Reader, default: str) -> str:
    return table.choice("wanted_start", WANTED_STARTS, default)


def _test_kinds(document: Reader, catalogue: Catalogue) -> dict[str, TestKind]:
    tables = with_ids(document.tables("test_kind"), {})
    return {name: read_test_kind(name, table, catalogue) for name, table in tables.items()}


def _organisation_type(
    name: str, table: Reader, kinds: Collection[str], start: str
) -> OrganisationType:
    kind = OrganisationType(
        id=name,
        name=name_of(table, name),
        count=table.whole("count"),
        requests_per_org_month=table.number("requests_per_org_month"),
        lead=flat_distribution(table, "lead_days", "lead_days_distribution", "lognormal"),
        test_kind_mix=_mix(table, kinds),
        cancel_rate=table.share("cancel_rate", 0.0),
        no_show_rate=table.share("no_show_rate", 0.0),
        late_cancel_share=table.share("late_cancel_share", 0.0),
        flex_days=table.whole("flex_days", 0),
        flex_minutes=table.optional_whole("flex_minutes"),
        accepts_other_site_share=table.share("accepts_other_site_share", 1.0),
        priority_class=table.whole("priority_class", 1),
        patience=_patience(table),
        waits_share=table.share("waits_share", 0.0),
        wanted_start=_wanted_start(table, start),
        provenance=provenance_of(table),
    )
    table.finish()
    return kind


def _patience(table: Reader) -> Distribution | None:
    return read_distribution(table, "patience_days") if table.has("patience_days") else None


def _mix(table: Reader, kinds: Collection[str]) -> dict[str, float]:
    """Weights of the test kinds; without any, all alike."""
    if not table.has("test_kind_mix"):
        return dict.fromkeys(kinds, 1.0)
    mix = table.table("test_kind_mix")
    weights = {kind: mix.number(kind) for kind in kinds if mix.has(kind)}
    mix.expect(kinds)
    mix.finish()
    _check_weights(mix, tuple(weights.values()))
    return weights


def _check_weights(table: Reader, weights: Collection[float]) -> None:
    if not any(weights):
        table.note(Mistake(table.place, "no_weight"))


def _city_weight(document: Reader, cities: Collection[str]) -> dict[str, float]:
    table = document.table("city_weight")
    weights = {city: table.number(city) for city in cities if table.has(city)}
    table.expect((*cities, "provenance", "note"))
    table.finish()
    if weights:
        _check_weights(table, weights.values())
    return weights


def _weights(document: Reader, key: str, length: int) -> tuple[float, ...]:
    if not document.has(key):
        return (1.0,) * length
    table = document.table(key)
    weights = table.numbers("values", length)
    _finish_weights(table, weights)
    return weights


def _finish_weights(table: Reader, weights: tuple[float, ...]) -> None:
    table.expect(("provenance", "note"))
    table.finish()
    if table.has("values"):
        _check_weights(table, weights)


def _weekday_weights(document: Reader, key: str) -> tuple[float, ...]:
    """Weights from Monday on, whatever the order in which the table lists the days."""
    if not document.has(key):
        return (1.0,) * WEEKDAYS
    table = document.table(key)
    order = table.choices("order", DAYS, DAYS)
    if len(order) != WEEKDAYS:
        fields: dict[str, object] = {"expected": WEEKDAYS, "found": len(order)}
        table.note(Mistake(table.at("order"), "wrong_length", fields))
    weights = table.numbers("values", WEEKDAYS)
    _finish_weights(table, weights)
    by_day = dict(zip(order, weights, strict=False))
    return tuple(by_day.get(day, 0.0) for day in DAYS)


def _hour_weights(document: Reader, key: str) -> tuple[float, ...]:
    """Weights of the hours on the clock; an hour that the table leaves out has none."""
    if not document.has(key):
        return (1.0,) * HOURS
    table = document.table(key)
    hours = table.numbers("hours") if table.has("hours") else tuple(map(float, range(HOURS)))
    weights = table.numbers("values", len(hours))
    for hour in hours:
        if hour not in range(HOURS) or hours.count(hour) > 1:
            fields: dict[str, object] = {"value": f"{hour:g}", "least": 0, "most": HOURS - 1}
            table.note(Mistake(table.at("hours"), "out_of_range", fields))
    _finish_weights(table, weights)
    by_hour = dict(zip(hours, weights, strict=False))
    return tuple(by_hour.get(float(hour), 0.0) for hour in range(HOURS))


def _submit_hour_weight(document: Reader) -> tuple[float, ...] | None:
    weights = _hour_weights(document, "submit_hour_weight")
    return weights if document.has("submit_hour_weight") else None


def _standing_services(document: Reader, catalogue: Catalogue) -> tuple[StandingService, ...]:
    tables = with_ids(document.tables("standing_booking"), {})
    return tuple(_standing_service(name, table, catalogue) for name, table in tables.items())


def _standing_service(name: str, table: Reader, catalogue: Catalogue) -> StandingService:
    route = table.reference("route", catalogue.routes, "route")
    service = StandingService(
        id=name,
        name=name_of(table, name),
        route=route,
        vehicles=table.whole("vehicles", least=1, most=_most_vehicles(catalogue, route)),
        calendar=table.reference("calendar", catalogue.calendars, "calendar"),
        provenance=provenance_of(table),
    )
    table.finish()
    return service


def _most_vehicles(catalogue: Catalogue, name: str) -> int:
    route = catalogue.routes.get(name)
    if route is None:
        return 1_000_000  # the reference is the mistake; the number is not judged
    corridor = catalogue.corridors.get(route.corridor or "")
    return min(route.capacity, corridor.max_vehicles) if corridor else route.capacity


def _capacity_options(document: Reader, catalogue: Catalogue) -> dict[str, CapacityOption]:
    tables = with_ids(document.tables("capacity_option"), {})
    return {name: _capacity_option(name, table, catalogue) for name, table in tables.items()}


def _capacity_option(name: str, table: Reader, catalogue: Catalogue) -> CapacityOption:
    option = CapacityOption(
        id=name,
        name=name_of(table, name),
        change=_change(table, catalogue),
        capex_mkrw=table.number("capex_mkrw", 0.0),
        opex_mkrw_year=table.number("opex_mkrw_year", 0.0),
        provenance=provenance_of(table),
    )
    table.finish()
    return option


def _change(table: Reader, catalogue: Catalogue) -> dict[str, object]:
    change = table.table("change")
    values = {key: change.raw(key) for key in change.names()}
    try:
        apply_change(catalogue, values, change.place)
    except InvalidFile as error:
        for mistake in error.mistakes:
            table.note(mistake)
    return values


def _disruption(table: Reader) -> Disruption:
    shares = {key: table.share(key, 0.0) for key in _DISRUPTION_SHARES}
    numbers = {key: table.number(key, 0.0) for key in _DISRUPTION_NUMBERS}
    provenance = provenance_of(table)
    table.finish()
    return Disruption(**shares, **numbers, provenance=provenance)


def _weather(table: Reader) -> Weather:
    days, shares = "precipitation_days", "stop_share_of_precipitation_days"
    weather = Weather(
        precipitation_days=_by_month(table, days, 31.0),
        stop_share_of_precipitation_days=_by_month(table, shares, 1.0),
        stop_hours_mean=table.number("stop_hours_mean", 0.0),
        station=table.text("station", ""),
        provenance=provenance_of(table),
    )
    table.finish()
    return weather


def _by_month(table: Reader, key: str, most: float) -> tuple[float, ...]:
    return table.numbers(key, MONTHS, most=most) if table.has(key) else (0.0,) * MONTHS


def _growth_scenarios(document: Reader, types: Collection[str]) -> dict[str, GrowthScenario]:
    tables = with_ids(document.tables("growth_scenario"), {})
    return {name: _growth_scenario(name, table, types) for name, table in tables.items()}


def _growth_scenario(name: str, table: Reader, types: Collection[str]) -> GrowthScenario:
    allowed = ("all", *types)
    growth = GrowthScenario(
        id=name,
        name=name_of(table, name),
        yearly_growth=table.number("yearly_growth", 0.0, least=-1.0),
        level_factor=table.number("level_factor", 1.0),
        applies_to=table.references("applies_to", allowed, "organisation type", ("all",)),
        provenance=provenance_of(table),
    )
    table.finish()
    return growth


def _anchors(document: Reader) -> tuple[Anchor, ...]:
    tables = with_ids(document.tables("anchor"), {})
    return tuple(_anchor(name, table) for name, table in tables.items())


def _anchor(name: str, table: Reader) -> Anchor:
    anchor = Anchor(
        id=name,
        name=name_of(table, name),
        value=table.number("value"),
        unit_note=table.text("unit_note", ""),
        provenance=provenance_of(table),
    )
    table.finish()
    return anchor
