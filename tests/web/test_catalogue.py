"""The catalogue as anybody reads it, and what the map draws."""

from dataclasses import replace

import pytest

from testbed.domain.catalogue import Name
from testbed.service import catalogue as catalogue_service
from web import geography


@pytest.fixture
def visitor(app):
    browser = app.test_client()
    browser.environ_base["HTTP_ACCEPT_LANGUAGE"] = "en"
    return browser


def features(answer, layer):
    return [each for each in answer.json["features"] if each["properties"]["layer"] == layer]


def test_the_map_draws_every_city_site_and_route_of_the_catalogue(visitor, context):
    drawn = visitor.get("/catalogue/map.json")
    catalogue = context.catalogue()
    for layer, table in (
        ("city", catalogue.cities),
        ("site", catalogue.sites),
        ("route", catalogue.routes),
    ):
        assert {each["id"] for each in features(drawn, layer)} == set(table)
    assert drawn.json["at"]["fc-kcity-weather"] == "site-kcity"


def test_the_map_names_the_source_of_its_boundaries(visitor):
    assert "Statistics Korea" in visitor.get("/catalogue/map.json").json["attribution"]


def test_the_map_speaks_the_language_of_the_reader(visitor):
    answer = visitor.get("/catalogue/map.json", headers={"Accept-Language": "ko"})
    assert "화성시" in {each["properties"]["name"] for each in features(answer, "city")}


def test_an_unchanged_map_is_not_sent_again(visitor):
    stamp = visitor.get("/catalogue/map.json").headers["ETag"]
    again = visitor.get("/catalogue/map.json", headers={"If-None-Match": stamp})
    assert (again.status_code, again.data) == (304, b"")
    korean = {"If-None-Match": stamp, "Accept-Language": "ko"}
    assert visitor.get("/catalogue/map.json", headers=korean).status_code == 200


@pytest.mark.parametrize(
    "shapes",
    [
        None,
        {},
        {"features": "none"},
        {"features": [3, {"id": "rt-kcity-urban"}]},
        {"features": [{"id": "rt-kcity-urban", "geometry": {"type": "LineString"}}]},
        {
            "features": [
                {
                    "id": "rt-kcity-urban",
                    "geometry": {"type": "LineString", "coordinates": [[1, 2], ["a", "b"]]},
                }
            ]
        },
    ],
)
def test_a_route_without_a_sound_shape_is_left_off_the_map(app, context, shapes):
    with app.test_request_context():
        drawn = geography.map_data(context.catalogue(), shapes, str, str)
    assert "rt-kcity-urban" not in {each["id"] for each in drawn["features"]}


def test_a_city_without_an_outline_is_drawn_where_its_city_hall_stands(app, context):
    catalogue = context.catalogue()
    far = replace(catalogue.cities["suwon"], id="far", name=Name("Far", "먼곳"))
    lines = catalogue_service.export(context)["routes"]
    with app.test_request_context():
        drawn = geography.map_data(replace(catalogue, cities={"far": far}), lines, str, str)
    place = next(each for each in drawn["features"] if each["id"] == "far")["geometry"]
    assert place == {"type": "Point", "coordinates": [far.lon, far.lat]}
