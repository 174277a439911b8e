"""The catalogue and its map in a real browser: by pointer, by keyboard, and on a phone."""

import json

import pytest

from tests.browser.examination import Report

pytestmark = [pytest.mark.browser, pytest.mark.slow]
CITIES = 11


def drawn(visitor, path="/catalogue"):
    """The page with its map drawn."""
    visitor.go(path)
    visitor.page.locator(".map").scroll_into_view_if_needed()
    visitor.page.wait_for_selector(".map path.map-site", state="attached")
    return visitor.page


def test_the_map_draws_the_cities_and_names_the_source_of_its_boundaries(visit):
    visitor = visit(width=1280, language="en-GB")
    page = drawn(visitor)
    assert page.locator(".map path.map-city").count() == CITIES
    assert page.locator(".map .map-name").count() == CITIES
    assert "Statistics Korea" in page.locator(".leaflet-control-attribution").inner_text()
    assert page.locator(".map path.map-city[role=link]").count() == CITIES
    assert visitor.complaints == []


def test_a_city_is_opened_from_the_map_with_the_keyboard(visit):
    visitor = visit(width=1280, language="en-GB")
    page = drawn(visitor)
    page.locator(".map path[aria-label=Ansan]").focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/catalogue/cities/ansan")
    assert page.locator("h1").inner_text() == "Ansan"


def test_a_site_on_the_map_tells_its_name_and_leads_to_its_page(visit):
    visitor = visit(width=1280, language="ko-KR")
    page = drawn(visitor, "/catalogue/site-kcity")
    page.locator(".map path.map-focus").click()
    link = page.locator(".leaflet-popup-content a")
    assert link.inner_text() == "자율주행 실험도시 K-City"
    assert link.get_attribute("href") == "/catalogue/site-kcity"


def test_offers_are_numbered_where_they_are_and_those_of_one_site_share_a_flag(visit):
    page = drawn(visit(width=1280, language="en-GB"))
    marks = [("rt-kcity-urban", "1"), ("rt-sn01", "2"), ("fc-kcity-weather", "3"), ("gone", "4")]
    given = json.dumps([{"id": name, "label": label} for name, label in marks])
    page.evaluate("given => document.querySelector('.map').dataset.mark = given", given)
    page.wait_for_selector(".map-mark")
    assert sorted(page.locator(".map-mark").all_inner_texts()) == ["1 · 3", "2"]


def test_a_city_chosen_on_the_map_is_chosen_in_the_form_of_the_search(visit):
    visitor = visit(width=1280, language="en-GB")
    visitor.sign_in("member")
    drawn(visitor, "/find")
    visitor.page.locator(".map path[aria-label=Suwon]").focus()
    visitor.page.keyboard.press("Enter")
    assert visitor.page.locator("select[name=city]").input_value() == "suwon"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_member_goes_from_the_catalogue_to_the_search_on_a_phone(visit, scheme):
    visitor = visit(width=360, language="ko-KR", scheme=scheme)
    page = visitor.page
    visitor.sign_in("member")
    visitor.go("/catalogue")
    page.locator("#q").fill("기상환경")
    page.locator("form.filters button").click()
    page.get_by_role("link", name="기상환경재현시설").click()
    page.wait_for_url("**/catalogue/fc-kcity-weather")
    assert page.locator("table.free tbody tr").count() == 14
    assert "09:00–18:00" in page.locator("table.free").inner_text()
    report = Report()
    report.examine(visitor, "catalogue.one")
    assert report.found == []
    page.locator(".title [role=button]").click()
    page.wait_for_selector("article.offer")
    assert "기상환경재현시설" in page.locator("article.offer h3").first.inner_text()
    assert visitor.complaints == []
