"""Finding a slot in a real browser: the answer follows the form, and works without scripts."""

import re
import sqlite3
from datetime import timedelta

import pytest
from playwright.sync_api import expect

from tests.browser.days import next_working_day
from tests.browser.examination import Report

pytestmark = [pytest.mark.browser, pytest.mark.slow]

OPEN = """document.querySelectorAll("#odd, #odd .values, #answer details")
  .forEach(each => { each.open = true; })"""
NOTHING = "/find?kind=adverse_weather&city=gwacheon&day={day}&at=10:00&hours=6&flex=exact&vehicles=1&mode=exclusive"  # noqa: E501 - an address is one line


def answered(page, act):
    """Do something that asks for a new answer, and wait for it."""
    with page.expect_response(re.compile(r"/find\?")) as answer:
        act()
    assert answer.value.status == 200
    page.wait_for_selector(".htmx-request", state="detached")


def lines_of(served, number):
    with sqlite3.connect(served.database) as connection:
        query = "SELECT start_grain, end_grain FROM line WHERE booking = ? ORDER BY position"
        return connection.execute(query, (number,)).fetchall()


def test_a_phone_in_korean_finds_a_test_with_the_workshop_before_it(visit, served):
    visitor = visit(width=360, language="ko-KR")
    page = visitor.page
    visitor.sign_in("member")
    visitor.go("/find")
    answered(page, lambda: page.locator("#kind").select_option("adverse_weather"))
    assert page.locator("#found").inner_text().startswith("제안")
    answered(page, lambda: page.get_by_label("작업장").check())
    answered(page, lambda: page.locator("#extra-1-when").select_option("before"))
    page.locator("#extra-1-gap").fill("45")
    answered(page, lambda: page.locator("#day").fill(next_working_day(9).isoformat()))
    answered(page, lambda: page.locator(".go button").click())
    expect(page.locator("#answer .days")).to_be_in_viewport()
    assert "gap.workshop=45" in page.url
    assert "odd." not in page.url
    assert visitor.overflow() == 0
    page.get_by_role("button", name="임시 확보").first.click()
    page.wait_for_url("**/bookings/*")
    main, extra = lines_of(served, page.url.rsplit("/", 1)[-1])
    assert extra == (main[0] - 3, main[0])
    assert visitor.complaints == []


def test_the_answer_follows_the_form_the_days_and_the_way_back(visit):
    visitor = visit(width=1280, language="en-GB")
    page = visitor.page
    visitor.sign_in("member")
    visitor.go("/find?kind=v2x")
    assert page.get_by_label("V2X terminal").is_checked()
    answered(page, lambda: page.locator("#kind").select_option("parking"))
    assert page.get_by_label("V2X terminal").count() == 0
    assert page.get_by_text("This test usually needs nothing else.").is_visible()
    before = page.locator("#day").input_value()
    other = page.locator(".days a:not(.none):not([aria-current])").last
    answered(page, other.click)
    assert page.locator("#day").input_value() != before
    assert page.locator(".days [aria-current]").count() == 1
    page.go_back()
    expect(page.locator("#day")).to_have_value(before)
    answered(page, lambda: page.locator("#vehicles").fill("2") or page.keyboard.press("Tab"))
    assert "vehicles=2" in page.url
    assert "=&" not in page.url
    assert visitor.complaints == []


def test_a_facility_is_added_and_its_own_time_is_asked_for(visit):
    visitor = visit(width=1280, language="en-GB")
    page = visitor.page
    visitor.sign_in("member")
    visitor.go("/find?kind=parking")
    answered(page, lambda: page.locator("#more").select_option("charging"))
    assert page.get_by_label("charging bay").is_checked()
    assert page.locator("#extra-1-when").is_visible()
    assert not page.locator("#extra-1-gap").is_visible()
    answered(page, lambda: page.locator("#extra-1-when").select_option("after"))
    assert page.locator("#extra-1-gap").is_visible()
    page.locator("#extra-1-gap").fill("7")
    page.locator("#extra-1-gap").press("Enter")
    page.wait_for_selector("#extra-1-error")
    assert page.evaluate("document.activeElement.id") == "extra-1-gap"
    assert page.locator("#extra-1-gap").input_value() == "7"
    assert visitor.complaints == []


def test_the_map_chooses_the_city_and_numbers_the_offers(visit):
    visitor = visit(width=1280, language="en-GB")
    page = visitor.page
    visitor.sign_in("member")
    visitor.go("/find?kind=track_functional")
    page.locator("#find-map").scroll_into_view_if_needed()
    page.wait_for_selector("#find-map .map-mark")
    siheung = page.locator("#find-map [aria-label='Siheung']")
    answered(page, lambda: siheung.press("Enter"))
    assert page.locator("#city").input_value() == "siheung"
    assert "city=siheung" in page.url
    assert page.locator("#find-map .map-mark").count() >= 1
    assert visitor.complaints == []


def test_odd_is_chosen_with_the_keyboard(visit):
    visitor = visit(width=1280, language="en-GB")
    page = visitor.page
    visitor.sign_in("member")
    visitor.go("/find?kind=route")
    page.get_by_text("Road types on the route").first.focus()
    page.keyboard.press("Enter")
    page.get_by_label("motorway").focus()
    answered(page, lambda: page.keyboard.press("Space"))
    assert "odd.road_type=motorway" in page.url
    assert page.locator("article.offer").count() >= 1
    assert visitor.complaints == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("language", ["ko-KR", "en-GB"])
@pytest.mark.parametrize("width", [360, 1280])
def test_axe_finds_nothing(visit, width, language, scheme):
    visitor = visit(width=width, language=language, scheme=scheme)
    page = visitor.page
    visitor.sign_in("member")
    sunday = next_working_day(9)
    sunday += timedelta(days=6 - sunday.weekday())
    report = Report()
    for path in (
        "/find",
        "/find?kind=v2x&city=ansan",
        "/find?kind=route",
        "/find?kind=facility",
        NOTHING.format(day=sunday),
        "/find?kind=v2x&day=2020-01-01&hours=0&at=1&mode=x&extra=workshop&units.workshop=0",
    ):
        visitor.go(path)
        page.evaluate(OPEN)
        report.examine(visitor, path)
    assert report.found == []


def test_without_scripts_everything_is_one_form_and_links(without_scripts, served):
    page = without_scripts("member")
    page.goto(f"{served.address}/find")
    page.locator("#kind").select_option("v2x")
    page.locator("#more").select_option("workshop")
    page.get_by_role("button", name="Show the offers").click()
    assert page.get_by_label("V2X terminal").is_checked()
    assert page.get_by_label("workshop bay").is_checked()
    assert page.locator("article.offer").count() >= 1
    page.locator(".days a:not(.none)").last.click()
    assert page.locator("article.offer").count() >= 1
    assert page.get_by_label("workshop bay").is_checked()


def test_the_page_is_light(visit):
    visitor = visit(width=360, language="ko-KR")
    page = visitor.page
    visitor.sign_in("member")
    session = page.context.new_cdp_session(page)
    session.send("Network.enable")
    received = []
    session.on("Network.loadingFinished", lambda event: received.append(event["encodedDataLength"]))
    visitor.go("/find?kind=v2x&city=ansan")
    page.wait_for_load_state("networkidle")
    assert 10_000 < sum(received) < 120_000
