"""The catalogue as anybody reads it, and what the map draws."""

import re
from dataclasses import replace

import pytest

from testbed.domain.catalogue import Name, Source
from testbed.service import catalogue as catalogue_service
from tests.web.reading import held, text_of
from web import geography
from web.entries.sources import link_of, publisher_of


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


# -- the list --------------------------------------------------------------------------------


def listed(answer):
    """The ids of the resources on the list."""
    return re.findall(r'<th scope="row"><a href="/catalogue/([\w-]+)"', answer.text)


def test_anybody_reads_the_whole_catalogue_without_signing_in(visitor, context):
    answer = visitor.get("/catalogue")
    assert set(listed(answer)) == {each.id for each in context.catalogue().resources()}


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({"q": "rain tunnel"}, ["fc-kcity-weather"]),
        ({"q": "기상환경"}, ["fc-kcity-weather"]),
        ({"odd": "provides:fog"}, ["fc-kcity-weather"]),
        ({"kind": "weather_simulation", "city": "hwaseong"}, ["fc-kcity-weather"]),
        ({"kind": "weather_simulation", "city": "ansan"}, []),
    ],
)
def test_the_list_is_narrowed_by_what_stands_in_the_address(visitor, asked, found):
    assert listed(visitor.get("/catalogue", query_string=asked)) == found


@pytest.mark.parametrize(
    ("asked", "holds"),
    [
        ({"kind": "route", "mode": "exclusive"}, lambda each: "exclusive" in each.modes),
        ({"kind": "route", "odd": "hd_map:yes"}, lambda each: each.odd["hd_map"] is True),
        ({"kind": "route", "odd": "gnss:open"}, lambda each: each.odd["gnss"] == "open"),
        ({"kind": "route", "odd": "v2x:wave"}, lambda each: "wave" in each.odd["v2x"]),
        ({"kind": "route", "status": "bookable"}, lambda each: each.bookable),
        ({"kind": "route", "status": "planned"}, lambda each: each.status == "planned"),
        ({"kind": "public-road"}, lambda each: each.kind == "public-road"),
    ],
)
def test_each_filter_lists_the_routes_of_which_it_is_true(visitor, context, asked, holds):
    expected = {name for name, each in context.catalogue().routes.items() if holds(each)}
    found = listed(visitor.get("/catalogue", query_string=asked))
    assert set(found) == expected
    assert 0 < len(found) < len(context.catalogue().routes)


def test_a_list_of_nothing_says_what_to_do(visitor):
    page = text_of(visitor.get("/catalogue", query_string={"q": "submarine"}))
    assert "Take a filter away" in page
    assert "submarine" in visitor.get("/catalogue?q=submarine").text  # nothing typed is lost


def test_what_is_typed_as_a_filter_is_never_read_as_markup(visitor):
    page = visitor.get("/catalogue", query_string={"q": '"><script>alert(1)</script>'}).text
    assert "<script>alert" not in page


def test_a_fee_from_says_the_least_rate_and_marks_what_is_not_on_record(visitor):
    row = re.search(
        r"<tr>(?:(?!</tr>).)*rt-kcity-urban.*?</tr>", visitor.get("/catalogue").text, re.S
    )
    assert row is not None
    assert "₩337,000/h" in row[0]
    assert "illustrative" in row[0]


# -- pages -----------------------------------------------------------------------------------


@pytest.mark.slow
def test_every_entry_has_its_page_in_both_languages(visitor, context):
    catalogue = context.catalogue()
    pages = [f"/catalogue/{each.id}" for each in catalogue.resources()]
    pages += [f"/catalogue/{name}" for name in (*catalogue.sites, *catalogue.corridors)]
    pages += [f"/catalogue/cities/{name}" for name in catalogue.cities]
    for page in pages[::3]:
        for language in ("en", "ko"):
            answer = visitor.get(page, headers={"Accept-Language": language})
            assert answer.status_code == 200, page
            assert "None" not in text_of(answer), page


@pytest.mark.parametrize("address", ["/catalogue/rt-gone", "/catalogue/cities/busan"])
def test_an_entry_that_is_gone_is_not_found(visitor, address):
    assert visitor.get(address).status_code == 404


def test_a_route_says_what_it_is_how_it_is_booked_and_what_it_costs(visitor):
    page = text_of(visitor.get("/catalogue/rt-kcity-urban"))
    for said in (
        "closed test track",
        "3 vehicles at once, shared",
        "roundabout",
        "Book between 90 and 3 days before the start.",
        "The shortest booking is 4 h; longer ones go up by 1 h.",
        "Cancelling is free until 2 d before the start",
        "Monday 09:00–18:00",
        "Sunday closed",
        "₩337,000",
        "2026-12-25 (Fri)",
    ):
        assert said in page, said


def test_a_facility_says_its_own_set_up_and_which_route_it_closes(visitor):
    answer = visitor.get("/catalogue/fc-kcity-weather")
    page = text_of(answer)
    assert "45 min before and 45 min after a booking" in page
    assert "The longest booking is 4 h." in page
    assert 'href="/catalogue/rt-kcity-suburban"' in answer.text


def test_a_figure_on_record_is_marked_so_and_an_invented_one_of_the_same_route_not(visitor):
    page = visitor.get("/catalogue/rt-kcity-highway").text
    assert line_of(page, "1 km, from end to end") == "on record"
    assert line_of(page, "100 km/h") == "illustrative"
    assert line_of(page, "4 lanes") == "on record"


def line_of(page, said):
    """The mark beside a figure."""
    found = re.search(rf"<span>{re.escape(said)}</span>\s*(<(?:a|span) [^>]*>)([^<]+)<", page)
    assert found, said
    return found[2]


def test_sources_are_listed_with_their_links_and_only_pages_of_the_web_are_links(visitor):
    page = visitor.get("/catalogue/rt-kcity-highway").text
    assert "https://m.wowtv.co.kr/NewsCenter/AMP/Read?articleId=AKR20190226058900003" in page
    everything = visitor.get("/catalogue/sources").text
    assert 'id="S61"' in everything
    assert "seed:" not in everything


@pytest.mark.parametrize("url", ["http://[x", "javascript:alert(1)", "//elsewhere.example", ""])
def test_a_source_whose_address_is_no_page_has_no_link_and_no_publisher(url):
    source = Source("S1", "A report", url)
    assert (link_of(source), publisher_of(source)) == ("", "")


def test_a_city_counts_what_the_catalogue_has_in_it(visitor, context):
    page = text_of(visitor.get("/catalogue/cities/hwaseong"))
    routes = [each for each in context.catalogue().routes.values() if each.city == "hwaseong"]
    tracks = sum(each.kind == "closed-track" for each in routes)
    assert f"{tracks} closed test track" in page
    assert "Ansan 30 min" in page


def test_a_standing_service_stands_on_the_page_of_its_route(visitor):
    page = visitor.get("/catalogue/rt-sn01", headers={"Accept-Language": "ko"}).text
    assert "SN01, 차량 1대, 하루 4회" in page


# -- free time -------------------------------------------------------------------------------


def test_free_time_is_for_members_and_leads_to_the_search(visitor, nari):
    assert "Sign in to see when it is free." in text_of(visitor.get("/catalogue/rt-sn01"))
    answer = nari.get("/catalogue/rt-sn01")
    assert "2026-11-30 (Mon) 10:00–12:00, 13:00–17:00" in text_of(answer)
    assert "2026-11-23 (Mon) – too soon: book 7 days ahead" in text_of(answer)
    assert 'href="/find?resource=rt-sn01"' in answer.text


def test_a_taken_day_is_free_no_more_and_tells_nobody_whose_it_is(nari, gaon):
    before = row_of_day(gaon.get("/catalogue/fc-kcity-weather"), "2026-12-04")
    held(nari, day="2026-12-04", at="09:00", hours="4", flex="0", city="hwaseong")
    page = gaon.get("/catalogue/fc-kcity-weather")
    assert row_of_day(page, "2026-12-04") != before
    assert "Narae" not in page.text


def row_of_day(answer, day):
    found = re.search(rf"{day} \(\w+\) (.*?) 2026-", text_of(answer))
    assert found, day
    return found[1]


def test_what_can_never_be_booked_says_so_instead_of_its_free_time(nari, context):
    shut = next(each for each in context.catalogue().resources() if not each.bookable)
    page = text_of(nari.get(f"/catalogue/{shut.id}"))
    assert "This cannot be booked at present." in page
    assert "Find a slot here" not in page


def test_the_readers_own_fee_is_pointed_out(nari):
    assert "start-ups, SMEs ← yours free of charge" in text_of(
        nari.get("/catalogue/rt-kcity-urban")
    )
