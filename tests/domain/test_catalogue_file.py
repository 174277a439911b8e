"""Catalogue documents into values: the packaged one, and every kind of mistake in its place."""

import copy
import json
import tomllib
from contextlib import suppress
from datetime import date
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from testbed.domain.catalogue import Catalogue, Mode, Name, Provenance
from testbed.domain.catalogue_file import parse_catalogue, parse_organisations
from testbed.domain.errors import InvalidFile
from testbed.files import read_catalogue

DATA = Path(__file__).parents[2] / "testbed" / "data" / "gyeonggi"


@cache
def packaged():
    return read_catalogue("packaged:gyeonggi")


@cache
def catalogue():
    return parse_catalogue(packaged())


@cache
def packaged_text():
    return json.dumps(packaged())


@pytest.fixture
def documents():
    return json.loads(packaged_text())


def entry(documents, section, name):
    return next(each for each in documents["catalogue"][section] if each["id"] == name)


def mistakes_of(documents, parse=parse_catalogue):
    with pytest.raises(InvalidFile) as raised:
        parse(documents)
    return [(each.place, each.code) for each in raised.value.mistakes]


def test_the_packaged_catalogue_has_all_its_entries():
    read = catalogue()
    counted = [read.cities, read.sites, read.routes, read.facilities, read.corridors]
    assert [len(each) for each in counted] == [11, 27, 35, 45, 22]
    assert (len(read.calendars), len(read.rules), len(read.odd_attributes)) == (18, 9, 17)
    assert len(read.distances) == 55
    assert len(read.holidays) == 139
    assert read.holidays_until == date(2028, 12, 31)


def test_every_provenance_of_the_packaged_files_is_kept_exactly():
    raw = tomllib.loads((DATA / "catalogue.toml").read_text(encoding="utf-8"))
    read = catalogue()
    values = {
        **read.calendars,
        **read.rules,
        **read.corridors,
        **read.sites,
        **read.routes,
        **read.facilities,
    }
    sections = ("calendar", "rule", "corridor", "site", "route", "facility")
    entries = [each for section in sections for each in raw[section]]
    assert len(entries) == len(values) == 156
    for each in entries:
        kept = values[each["id"]].provenance
        assert kept == Provenance(
            each["provenance"],
            tuple(each.get("recorded", ())),
            tuple(each.get("sources", ())),
            each.get("note", ""),
        )
    assert {each.provenance.kind for each in read.cities.values()} == {"public-record"}


def test_a_recorded_figure_and_an_invented_one_of_the_same_route_can_be_told_apart():
    kept = catalogue().routes["rt-kcity-highway"].provenance
    assert kept.is_recorded("odd.lanes")
    assert not kept.is_recorded("capacity.max_vehicles_shared")


def test_every_source_that_an_entry_names_can_be_looked_up():
    entries = (*catalogue().resources(), *catalogue().sites.values(), *catalogue().rules.values())
    named = {source for each in entries for source in each.provenance.sources}
    assert len(named) > 30
    assert named <= catalogue().sources.keys()
    assert catalogue().sources["S06"].url.startswith("https://")


def test_a_city_says_what_it_stands_for():
    assert catalogue().cities["seongnam"].role.ko == "판교테크노밸리 자율주행 기술기업 집적지"


def test_a_route_has_its_capacity_fee_odd_and_details():
    route = catalogue().routes["rt-kcity-urban"]
    assert (route.max_vehicles_shared, route.max_vehicles_exclusive) == (3, 6)
    assert route.modes == {Mode.SHARED, Mode.EXCLUSIVE}
    assert (route.fee.per_hour_shared, route.fee.per_hour_exclusive) == (337_000, 1_000_000)
    assert route.fee.factors == {"startup_sme": 0.0, "university": 0.0}
    assert route.odd["junctions"] == {"signalised", "unsignalised", "roundabout", "bus_stop"}
    assert route.odd["hd_map"] is True
    assert route.zone == "Asia/Seoul"
    assert route.details["min_headway_s"] == 20
    assert route.details["length_basis"] == "illustrative"


def test_a_facility_has_one_fee_for_both_modes():
    tunnel = catalogue().facilities["fc-kcity-weather"]
    assert tunnel.fee.per_hour_shared == tunnel.fee.per_hour_exclusive == 200_000
    assert tunnel.blocks_routes == ("rt-kcity-suburban",)
    assert tunnel.provides == {"rain", "fog"}


def test_a_window_past_midnight_ends_after_24_hours():
    windows = catalogue().calendars["cal-freight"].windows
    assert [(each.start_min, each.end_min) for each in windows] == [(600, 960), (1320, 1680)]
    assert windows[1].weekdays == {0, 1, 2, 3}


def test_an_entry_without_a_korean_name_is_called_by_its_english_one(documents):
    corridors = documents["catalogue"]["corridor"]
    del next(each for each in corridors if each["id"] == "cor-dongtan")["name_ko"]
    assert parse_catalogue(documents).corridors["cor-dongtan"].name == Name("Dongtan", "Dongtan")


def test_organisations_come_with_the_fictional_companies():
    found = {each.id: each for each in parse_organisations(packaged())}
    assert len(found) == 33
    assert found["org-city-suwon"].roles == ("operator", "requester", "observer")
    assert found["demo-narae"].type == "startup_sme"
    assert found["demo-narae"].roles == ("requester",)
    assert found["demo-narae"].provenance.kind == "illustrative"


def test_a_catalogue_stored_as_json_is_parsed_to_the_same_values():
    stored = json.loads(json.dumps(packaged()))
    assert parse_catalogue(stored) == catalogue()
    details = [each.details for each in parse_catalogue(stored).routes.values()]
    assert details == [each.details for each in catalogue().routes.values()]


def test_a_facility_without_its_own_set_up_has_that_of_its_rule(documents):
    tunnel = entry(documents, "facility", "fc-kcity-weather")
    del tunnel["setup_min"], tunnel["cleanup_min"]
    read = parse_catalogue(documents).facilities["fc-kcity-weather"]
    assert (read.setup_min, read.cleanup_min) == (30, 15)


def test_a_site_may_name_another_zone_and_its_resources_follow(documents):
    entry(documents, "site", "site-kcity")["timezone"] = "Europe/Berlin"
    read = parse_catalogue(documents)
    assert read.sites["site-kcity"].zone == "Europe/Berlin"
    assert read.routes["rt-kcity-urban"].zone == "Europe/Berlin"
    assert read.facilities["fc-kcity-weather"].zone == "Europe/Berlin"
    assert read.routes["rt-katri-advanced"].zone == "Asia/Seoul"


def test_dates_of_validity_are_read_from_dates_and_from_text(documents):
    entry(documents, "route", "rt-kcity-urban")["valid_from"] = "2026-03-01"
    entry(documents, "facility", "fc-kcity-weather")["valid_until"] = date(2027, 2, 28)
    read = parse_catalogue(documents)
    assert read.routes["rt-kcity-urban"].valid_from == date(2026, 3, 1)
    assert read.facilities["fc-kcity-weather"].valid_until == date(2027, 2, 28)


def test_an_empty_catalogue_is_one_without_resources():
    assert parse_catalogue({"catalogue": {}}) == Catalogue({}, {}, {}, {}, {}, {}, {})


def test_a_catalogue_without_odd_vocabulary_takes_attributes_as_they_stand(documents):
    del documents["catalogue"]["odd_attribute"]
    entry(documents, "route", "rt-kcity-urban")["odd"]["snow"] = ["deep"]
    read = parse_catalogue(documents).routes["rt-kcity-urban"]
    assert read.odd["snow"] == {"deep"}
    assert read.odd["hd_map"] is True
    assert read.odd["speed_limit_kmh"] == 60


def test_without_a_list_of_sources_any_source_may_be_named(documents):
    documents["sources"] = {}
    assert parse_catalogue(documents).calendars["cal-siheung"].provenance.sources == ("S25",)


URBAN = "catalogue.route[1](rt-kcity-urban)"
TUNNEL = "catalogue.facility[0](fc-kcity-weather)"
TRACK = "catalogue.calendar[0](cal-track)"
CLOSED = "catalogue.rule[0](rule-closed-track)"


def put(section, name, value, *path):
    """A change of the documents: the value at the path inside an entry; None takes it out."""

    def change(documents):
        table = entry(documents, section, name)
        for step in path[:-1]:
            table = table[step]
        if value is None:
            del table[path[-1]]
        else:
            table[path[-1]] = value

    return change


def urban(value, *path):
    return put("route", "rt-kcity-urban", value, *path)


def tunnel(value, *path):
    return put("facility", "fc-kcity-weather", value, *path)


def track(value, *path):
    return put("calendar", "cal-track", value, *path)


def rule(value, *path):
    return put("rule", "rule-closed-track", value, *path)


MISTAKES = {
    "an unknown key": (urban(1, "colour"), f"{URBAN}.colour", "unknown_key"),
    "an unknown key of a window": (
        track("x", "windows", 0, "till"),
        f"{TRACK}.windows[0].till",
        "unknown_key",
    ),
    "an unknown section": (
        lambda documents: documents["catalogue"].update(rout=[]),
        "catalogue.rout",
        "unknown_key",
    ),
    "an unknown ODD attribute": (urban(1, "odd", "moons"), f"{URBAN}.odd.moons", "unknown_key"),
    "a missing key": (urban(None, "kind"), f"{URBAN}.kind", "missing_key"),
    "a missing number": (tunnel(None, "units"), f"{TUNNEL}.units", "missing_key"),
    "a missing id": (urban(None, "id"), "catalogue.route[1].id", "missing_key"),
    "a missing list": (track(None, "windows"), f"{TRACK}.windows", "missing_key"),
    "a text for a number": (tunnel("two", "units"), f"{TUNNEL}.units", "wrong_type"),
    "a number for a text": (urban(7, "name_en"), f"{URBAN}.name_en", "wrong_type"),
    "a truth for a number": (tunnel(True, "units"), f"{TUNNEL}.units", "wrong_type"),
    "a fraction for a whole number": (tunnel(1.5, "units"), f"{TUNNEL}.units", "wrong_type"),
    "a text for a truth": (urban("yes", "bookable"), f"{URBAN}.bookable", "wrong_type"),
    "a text for a table": (urban("all", "odd"), f"{URBAN}.odd", "wrong_type"),
    "a text for a list": (urban("shared", "booking_modes"), f"{URBAN}.booking_modes", "wrong_type"),
    "a number in a list of texts": (
        urban([5], "odd", "v2x"),
        f"{URBAN}.odd.v2x[0]",
        "wrong_type",
    ),
    "a wrong type of an ODD value": (
        urban("fast", "odd", "speed_limit_kmh"),
        f"{URBAN}.odd.speed_limit_kmh",
        "wrong_type",
    ),
    "a section that is no list": (
        lambda documents: documents["catalogue"].update(rule={"id": "x"}),
        "catalogue.rule",
        "wrong_type",
    ),
    "an empty name": (urban(" ", "name_en"), f"{URBAN}.name_en", "empty_text"),
    "a name that no page can show": (urban("a\x00b", "name_en"), f"{URBAN}.name_en", "bad_text"),
    "an id with a space": (
        put("facility", "fc-kcity-vru", "fc kcity", "id"),
        "catalogue.facility[4](fc kcity).id",
        "bad_id",
    ),
    "no unit": (tunnel(0, "units"), f"{TUNNEL}.units", "out_of_range"),
    "a negative set-up": (tunnel(-15, "setup_min"), f"{TUNNEL}.setup_min", "out_of_range"),
    "no shortest booking": (rule(0, "slot_min"), f"{CLOSED}.slot_min", "out_of_range"),
    "a shared route without room": (
        urban(0, "capacity", "max_vehicles_shared"),
        f"{URBAN}.capacity.max_vehicles_shared",
        "out_of_range",
    ),
    "an exclusive route without room": (
        urban(0, "capacity", "max_vehicles_exclusive"),
        f"{URBAN}.capacity.max_vehicles_exclusive",
        "out_of_range",
    ),
    "a figure that is no number": (
        urban(float("nan"), "length_km"),
        f"{URBAN}.length_km",
        "out_of_range",
    ),
    "a number without end": (
        urban(float("inf"), "fee", "sme_factor"),
        f"{URBAN}.fee.sme_factor",
        "out_of_range",
    ),
    "a corridor without room": (
        put("corridor", "cor-kcity", 0, "max_vehicles"),
        "catalogue.corridor[0](cor-kcity).max_vehicles",
        "out_of_range",
    ),
    "a site off the globe": (
        put("site", "site-kcity", 91.0, "lat"),
        "catalogue.site[0](site-kcity).lat",
        "out_of_range",
    ),
    "an unknown kind of route": (urban("sea-road", "kind"), f"{URBAN}.kind", "unknown_value"),
    "an unknown status": (tunnel("melted", "status"), f"{TUNNEL}.status", "unknown_value"),
    "an unknown booking mode": (
        urban(["shared", "sideways"], "booking_modes"),
        f"{URBAN}.booking_modes[1]",
        "unknown_value",
    ),
    "an unknown ODD value": (
        urban("forest", "odd", "gnss"),
        f"{URBAN}.odd.gnss",
        "unknown_value",
    ),
    "an unknown ODD value in a list": (
        urban(["wave", "smoke"], "odd", "v2x"),
        f"{URBAN}.odd.v2x[1]",
        "unknown_value",
    ),
    "an unknown provenance": (
        urban("rumour", "provenance"),
        f"{URBAN}.provenance",
        "unknown_value",
    ),
    "another currency": (urban("EUR", "fee", "currency"), f"{URBAN}.fee.currency", "unknown_value"),
    "no booking mode": (urban([], "booking_modes"), f"{URBAN}.booking_modes", "empty_list"),
    "an unknown city": (
        put("site", "site-kcity", "busan", "city"),
        "catalogue.site[0](site-kcity).city",
        "unknown_reference",
    ),
    "an unknown site": (urban("site-x", "site"), f"{URBAN}.site", "unknown_reference"),
    "an unknown calendar": (urban("cal-x", "calendar"), f"{URBAN}.calendar", "unknown_reference"),
    "an unknown rule": (tunnel("rule-x", "rule"), f"{TUNNEL}.rule", "unknown_reference"),
    "an unknown corridor": (
        urban("cor-x", "corridor"),
        f"{URBAN}.corridor",
        "unknown_reference",
    ),
    "an unknown route of a corridor": (
        put("corridor", "cor-katri", ["rt-katri-advanced", "rt-x"], "routes"),
        "catalogue.corridor[1](cor-katri).routes[1]",
        "unknown_reference",
    ),
    "an unknown blocked route": (
        tunnel(["rt-x"], "blocks_routes"),
        f"{TUNNEL}.blocks_routes[0]",
        "unknown_reference",
    ),
    "an unknown operator": (
        put("site", "site-kcity", "org-x", "operator"),
        "catalogue.site[0](site-kcity).operator",
        "unknown_reference",
    ),
    "an unknown source": (urban(["S99"], "sources"), f"{URBAN}.sources[0]", "unknown_reference"),
    "a recorded field that is not there": (
        urban(["odd.moons"], "recorded"),
        f"{URBAN}.recorded",
        "unknown_reference",
    ),
    "an id twice": (
        put("rule", "rule-lab", "rule-support", "id"),
        "catalogue.rule[3](rule-support).id",
        "duplicate_id",
    ),
    "an id shared by a route and a facility": (
        put("facility", "fc-kcity-ev", "rt-kcity-urban", "id"),
        "catalogue.facility[11](rt-kcity-urban).id",
        "duplicate_id",
    ),
    "a source twice": (
        urban(["S04", "S04"], "sources"),
        f"{URBAN}.sources[1]",
        "duplicate_value",
    ),
    "a time without minutes": (
        track("9", "windows", 0, "start"),
        f"{TRACK}.windows[0].start",
        "bad_time",
    ),
    "a time with 75 minutes": (
        track("09:75", "windows", 0, "start"),
        f"{TRACK}.windows[0].start",
        "bad_time",
    ),
    "a time past 48:00": (
        track("48:15", "windows", 0, "end"),
        f"{TRACK}.windows[0].end",
        "bad_time",
    ),
    "a start on the next day": (
        track("24:00", "windows", 0, "start"),
        f"{TRACK}.windows[0].start",
        "bad_time",
    ),
    "an end before the start": (
        track("08:00", "windows", 0, "end"),
        f"{TRACK}.windows[0].end",
        "empty_window",
    ),
    "an unknown weekday": (
        track("mon-fry", "windows", 0, "days"),
        f"{TRACK}.windows[0].days",
        "bad_days",
    ),
    "weekdays backwards": (
        track("fri-mon", "windows", 0, "days"),
        f"{TRACK}.windows[0].days",
        "bad_days",
    ),
    "half a range of weekdays": (
        track("mon-", "windows", 0, "days"),
        f"{TRACK}.windows[0].days",
        "bad_days",
    ),
    "a shortest lead above the longest": (
        rule(91, "min_lead_days"),
        f"{CLOSED}.max_lead_days",
        "least_over_most",
    ),
    "a date that does not exist": (
        urban("2026-02-30", "valid_from"),
        f"{URBAN}.valid_from",
        "bad_date",
    ),
    "an unknown time zone": (
        put("site", "site-kcity", "Asia/Pangyo", "timezone"),
        "catalogue.site[0](site-kcity).timezone",
        "unknown_zone",
    ),
    "a resource in another city than its site": (
        urban("suwon", "city"),
        f"{URBAN}.city",
        "city_of_site",
    ),
    "a route that its corridor does not name": (
        put("corridor", "cor-namyangju", [], "routes"),
        "catalogue.route[33](rt-ny-dasan).corridor",
        "not_both_ways",
    ),
    "a route that does not name its corridor": (
        urban(None, "corridor"),
        "catalogue.corridor[0](cor-kcity).routes",
        "not_both_ways",
    ),
}


@pytest.mark.parametrize(("change", "place", "code"), MISTAKES.values(), ids=MISTAKES.keys())
def test_each_kind_of_mistake_is_named_with_its_place(documents, change, place, code):
    change(documents)
    assert (place, code) in mistakes_of(documents)


# what these take away is referred to elsewhere, so that other mistakes follow from them
FOLLOWED = {"a section that is no list", "a text for a table"}
SINGLE = sorted(set(MISTAKES) - FOLLOWED)


@pytest.mark.parametrize("name", SINGLE)
def test_one_mistake_is_reported_once(documents, name):
    change, place, code = MISTAKES[name]
    change(documents)
    found = mistakes_of(documents)
    # what refers to the entry whose id is spoilt is another mistake, at another place
    about_ids = {"unknown_reference", "not_both_ways"} if ".id" in place else set()
    assert [each for each in found if each[1] not in about_ids - {code}] == [(place, code)]


def test_validity_that_ends_before_it_begins_is_a_mistake(documents):
    urban("2026-03-02", "valid_from")(documents)
    urban("2026-03-01", "valid_until")(documents)
    assert mistakes_of(documents) == [(f"{URBAN}.valid_until", "least_over_most")]


def test_a_pair_of_cities_without_distance_is_a_mistake(documents):
    pairs = documents["distances"]["pair"]
    removed = pairs.pop(3)
    with pytest.raises(InvalidFile) as raised:
        parse_catalogue(documents)
    (mistake,) = raised.value.mistakes
    assert (mistake.place, mistake.code) == ("distances.pair", "missing_distance")
    assert {mistake.fields["city"], mistake.fields["other"]} == {removed["a"], removed["b"]}


def test_a_pair_of_cities_given_twice_is_a_mistake(documents):
    pairs = documents["distances"]["pair"]
    pairs.append({"a": pairs[0]["b"], "b": pairs[0]["a"], "drive_min": 5})
    assert mistakes_of(documents) == [("distances.pair[55]", "duplicate_value")]


def test_mistakes_of_the_documents_beside_the_catalogue_have_their_places(documents):
    documents["cities"]["features"][2]["properties"]["name_en"] = 7
    documents["holidays"]["holiday"][1]["date"] = "yesterday"
    documents["organisations"]["organisation"][1]["sector"] = "circus"
    documents["sources"]["source"][0]["year"] = 2022
    assert sorted(mistakes_of(documents)) == [
        ("cities.features[2](hwaseong).properties.name_en", "wrong_type"),
        ("holidays.holiday[1].date", "bad_date"),
        ("organisations.organisation[1](org-city-suwon).sector", "unknown_value"),
        ("sources.source[0](S01).year", "unknown_key"),
    ]


def test_a_city_needs_a_point_of_two_coordinates(documents):
    documents["cities"]["features"][0]["geometry"]["coordinates"] = [127.0]
    expected = ("cities.features[0](suwon).geometry.coordinates", "wrong_length")
    assert mistakes_of(documents) == [expected]


def test_all_mistakes_are_reported_at_once_in_the_order_of_the_file(documents):
    for name in ("a missing key", "no unit", "an unknown weekday", "no shortest booking"):
        MISTAKES[name][0](documents)
    assert mistakes_of(documents) == [
        (f"{TRACK}.windows[0].days", "bad_days"),
        (f"{CLOSED}.slot_min", "out_of_range"),
        (f"{URBAN}.kind", "missing_key"),
        (f"{TUNNEL}.units", "out_of_range"),
    ]


def test_a_misspelt_key_is_answered_with_the_nearest_one_that_is_read(documents):
    table = entry(documents, "facility", "fc-kcity-weather")
    table["unit"] = table.pop("units")
    with pytest.raises(InvalidFile) as raised:
        parse_catalogue(documents)
    missing, unknown = raised.value.mistakes
    assert (missing.code, unknown.code) == ("missing_key", "unknown_key")
    assert unknown.fields == {"key": "unit", "nearest": "units"}


def test_an_unknown_word_is_answered_with_the_words_allowed(documents):
    urban("urban_canyons", "odd", "gnss")(documents)
    with pytest.raises(InvalidFile) as raised:
        parse_catalogue(documents)
    (mistake,) = raised.value.mistakes
    assert mistake.fields == {
        "value": "urban_canyons",
        "allowed": "open, urban_canyon, partly_denied, denied",
        "nearest": "urban_canyon",
    }


def test_mistakes_in_the_organisations_are_reported_without_the_rest(documents):
    documents["organisations"]["demo_company"][0]["city"] = "busan"
    documents["catalogue"]["route"] = "none"
    expected = ("organisations.demo_company[0](demo-hanbit).city", "unknown_reference")
    assert mistakes_of(documents, parse_organisations) == [expected]


def places_in(value, path=()):
    """Every path into a document."""
    if path:
        yield path
    if isinstance(value, dict):
        for key, each in value.items():
            yield from places_in(each, (*path, key))
    elif isinstance(value, list):
        for index, each in enumerate(value):
            yield from places_in(each, (*path, index))


@cache
def all_places():
    return list(places_in(packaged()))


def spoilt(documents, path, value):
    """A copy of the documents, sharing what is not on the path, with another value at its end."""
    step, *rest = path
    copied = copy.copy(documents)
    if rest:
        copied[step] = spoilt(documents[step], rest, value)
    elif value is ...:
        del copied[step]
    else:
        copied[step] = value
    return copied


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.dates(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)


def outcome(parse, documents):
    """What the documents are parsed to, or their mistakes; any other exception passes."""
    try:
        return parse(documents)
    except InvalidFile as error:
        return error.mistakes


@pytest.mark.slow
@settings(max_examples=60, deadline=None)
@given(st.data())
def test_any_key_deleted_or_spoilt_gives_a_catalogue_or_its_mistakes(data):
    path = data.draw(st.sampled_from(all_places()), "path")
    value = data.draw(st.just(...) | ANYTHING, "value")
    found = outcome(parse_catalogue, spoilt(packaged(), path, value))
    assert isinstance(found, Catalogue) or all(each.place and each.code for each in found)
    assert found


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_any_key_deleted_or_spoilt_gives_organisations_or_their_mistakes(data):
    places = [each for each in all_places() if each[0] in {"organisations", "cities", "sources"}]
    path = data.draw(st.sampled_from(places), "path")
    value = data.draw(st.just(...) | ANYTHING, "value")
    found = outcome(parse_organisations, spoilt(packaged(), path, value))
    assert found or path[0] == "organisations"


@pytest.mark.slow
@settings(max_examples=1000, deadline=None)
@given(st.data())
def test_any_three_keys_spoilt_give_a_catalogue_or_its_mistakes(data):
    documents = packaged()
    for number in range(3):
        path = data.draw(st.sampled_from(all_places()), f"path {number}")
        value = data.draw(ANYTHING, f"value {number}")
        # an earlier change may have taken away what this one would change
        with suppress(KeyError, IndexError, TypeError, AttributeError):
            documents = spoilt(documents, path, value)
    found = outcome(parse_catalogue, documents)
    assert found
