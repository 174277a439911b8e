"""Files into documents: packaged or of a path, whole or with what is wrong and where."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from testbed.domain.catalogue_file import parse_catalogue, parse_organisations
from testbed.domain.demand_file import parse_demand, parse_standing_services
from testbed.domain.errors import InvalidFile
from testbed.files import read_catalogue, read_catalogue_text, read_demand

DATA = Path(__file__).parents[1] / "testbed" / "data" / "gyeonggi"

SMALL = """
[[calendar]]
id = "cal"
name_en = "always"
windows = [{ days = "mon-sun", start = "00:00", end = "24:00" }]

[[rule]]
id = "rule"
name_en = "Rule"
slot_min = 30
slot_step_min = 30
min_lead_days = 0
max_lead_days = 60
max_hours_per_org_week = 168

[[site]]
id = "site"
city = "suwon"
name_en = "Site"
lat = 37.26
lon = 127.03

[[facility]]
id = "bay"
city = "suwon"
site = "site"
name_en = "Bay"
kind = "bay"
units = 2
booking_mode = "pooled"
calendar = "cal"
rule = "rule"
valid_until = 2026-12-31
"""


@pytest.fixture
def small(tmp_path):
    file = tmp_path / "small.toml"
    file.write_text(SMALL, encoding="utf-8")
    return file


def mistakes_of(source, read=read_catalogue):
    with pytest.raises(InvalidFile) as raised:
        read(source)
    return [(each.place, each.code) for each in raised.value.mistakes]


def test_the_packaged_catalogue_has_all_its_documents():
    documents = read_catalogue("packaged:gyeonggi")
    assert sorted(documents) == [
        "catalogue",
        "cities",
        "demand",
        "distances",
        "holidays",
        "organisations",
        "routes",
        "sources",
    ]
    assert all(documents.values())
    assert sorted(documents["demand"]) == ["standing_booking", "test_kind"]


def test_a_path_to_the_packaged_files_gives_the_same_documents():
    packaged = read_catalogue("packaged:gyeonggi")
    assert read_catalogue(DATA / "catalogue.toml") == packaged
    assert read_catalogue(str(DATA)) == packaged
    assert read_demand(DATA / "demand.toml") == read_demand("packaged:gyeonggi")


def test_documents_can_be_stored_as_json_and_exported_files_read_again(tmp_path):
    documents = read_catalogue("packaged:gyeonggi")
    export = tmp_path / "export.json"
    export.write_text(json.dumps(documents, ensure_ascii=False), encoding="utf-8")
    assert read_catalogue(export) == documents


def test_dates_become_text():
    documents = read_catalogue("packaged:gyeonggi")
    assert documents["holidays"]["holiday"][0]["date"] == "2022-01-01"


def test_a_catalogue_alone_has_the_cities_organisations_and_holidays_of_the_region(small):
    documents = read_catalogue(small)
    packaged = read_catalogue("packaged:gyeonggi")
    for name in ("cities", "organisations", "holidays", "distances"):
        assert documents[name] == packaged[name]
    assert documents["routes"] == documents["sources"] == documents["demand"] == {}
    catalogue = parse_catalogue(documents)
    assert catalogue.facilities["bay"].units == 2
    assert catalogue.drive_minutes("suwon", "seongnam") == 35
    assert catalogue.holidays_until.year == 2028
    assert len(parse_organisations(documents)) == 33
    assert parse_standing_services(documents["demand"], catalogue) == ()


def test_a_copy_of_the_packaged_catalogue_alone_can_be_used(tmp_path):
    text = (DATA / "catalogue.toml").read_text(encoding="utf-8")
    (tmp_path / "mine.toml").write_text(text, encoding="utf-8")
    catalogue = parse_catalogue(read_catalogue(tmp_path / "mine.toml"))
    packaged = parse_catalogue(read_catalogue("packaged:gyeonggi"))
    assert catalogue == replace(packaged, sources={})  # their list is a file of its own
    assert parse_demand(read_demand("packaged:gyeonggi"), catalogue).standing_services


def test_files_beside_a_catalogue_go_before_the_packaged_ones(small):
    holidays = '[[holiday]]\ndate = 2027-05-05\nname_en = "A day"\n'
    (small.parent / "holidays.toml").write_text(holidays, encoding="utf-8")
    point = {"type": "Point", "coordinates": [127.0, 37.0]}
    properties = {"id": "suwon", "name_en": "Suwon", "cluster": "research"}
    feature = {"type": "Feature", "geometry": point, "properties": properties}
    cities = json.dumps({"type": "FeatureCollection", "features": [feature]})
    (small.parent / "cities.geojson").write_text(cities, encoding="utf-8")
    (small.parent / "organisations.toml").write_text("", encoding="utf-8")
    documents = read_catalogue(small)
    catalogue = parse_catalogue(documents)
    assert list(catalogue.cities) == ["suwon"]
    assert catalogue.distances == {}
    assert [str(day) for day in catalogue.holidays] == ["2027-05-05"]
    assert str(catalogue.holidays_until) == "2027-12-31"
    assert parse_organisations(documents) == ()


def test_only_presets_and_standing_services_are_taken_from_the_demand_beside(small):
    demand = '[[test_kind]]\nid = "x"\n[[org_type]]\nid = "y"\n'
    (small.parent / "demand.toml").write_text(demand, encoding="utf-8")
    assert read_catalogue(small)["demand"] == {"test_kind": [{"id": "x"}]}


@pytest.mark.parametrize("read", [read_catalogue, read_demand])
@pytest.mark.parametrize(
    "source", ["packaged:nowhere", "packaged:../gyeonggi", "packaged:", "packaged:__pycache__"]
)
def test_an_unknown_data_set_is_a_missing_file(read, source):
    assert mistakes_of(source, read) == [(source, "file_missing")]


@pytest.mark.parametrize("read", [read_catalogue, read_demand])
def test_a_missing_file_is_named(tmp_path, read):
    assert mistakes_of(tmp_path / "none.toml", read) == [("none.toml", "file_missing")]
    assert mistakes_of(tmp_path / "none" / "x.toml", read) == [("x.toml", "file_missing")]


def test_a_folder_without_a_catalogue_lacks_one(tmp_path):
    assert mistakes_of(tmp_path) == [("catalogue.toml", "file_missing")]


@pytest.mark.parametrize(
    ("name", "content", "place", "code"),
    [
        ("a.toml", b"[a]\nb = = 3\n", "a.toml:2:5", "bad_syntax"),
        ("a.toml", b"[a]\nb = [\n", "a.toml:3:1", "bad_syntax"),
        ("a.toml", b"b = 1\nb = 2\n", "a.toml:2:6", "bad_syntax"),
        ("a.toml", b"a = " + b"[" * 5000 + b"]" * 5000, "a.toml", "bad_syntax"),
        ("a.toml", b"a = " + b"9" * 5000, "a.toml", "bad_syntax"),
        ("a.toml", b"\xff\xfe", "a.toml", "file_unreadable"),
        ("a.json", b'{"a": 1,\n "b": }', "a.json:2:7", "bad_syntax"),
        ("a.json", b"[1]", "a.json", "wrong_type"),
        ("a.json", b'{"catalogue": {}, "citys": {}}', "a.json.citys", "unknown_key"),
    ],
)
def test_a_file_that_cannot_be_read_is_named_with_line_and_column(
    tmp_path, name, content, place, code
):
    (tmp_path / name).write_bytes(content)
    assert mistakes_of(tmp_path / name) == [(place, code)]


def test_every_file_that_cannot_be_read_is_named(small):
    (small.parent / "holidays.toml").write_text("x", encoding="utf-8")
    (small.parent / "distances.toml").write_text("a = 1\nx", encoding="utf-8")
    small.write_text("y", encoding="utf-8")
    assert [place.split(":")[0] for place, _ in mistakes_of(small)] == [
        "small.toml",
        "distances.toml",
        "holidays.toml",
    ]


def test_a_file_with_a_byte_order_mark_is_read(small):
    small.write_bytes(b"\xef\xbb\xbf" + SMALL.encode())
    assert read_catalogue(small)["catalogue"]["rule"][0]["id"] == "rule"


def test_a_text_is_a_catalogue_alone_or_a_whole_export():
    assert read_catalogue_text("a.toml", "[meta]") == {"catalogue": {"meta": {}}}
    export = read_catalogue_text("a.json", '{"catalogue": {}, "routes": {"features": []}}')
    assert export["routes"] == {"features": []}
    assert export["demand"] == {}


def test_a_text_that_cannot_be_parsed_names_its_line():
    with pytest.raises(InvalidFile) as refused:
        read_catalogue_text("a.toml", "[meta]\nversion = ")
    assert refused.value.mistakes[0].place.startswith("a.toml:2:")
