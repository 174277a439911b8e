"""The first day: from an invitation to a booking that an operator sees come in, to a what-if."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.days import next_working_day
from tests.browser.letters import letter, link

pytestmark = [pytest.mark.browser, pytest.mark.slow]

PASSWORD = "correct horse battery"
NEW = "sumin@example.org"


def invited(visit, served):
    """The path of an invitation that a manager sent."""
    manager = visit(width=1280, language="en-GB")
    manager.sign_in("manager")
    manager.go("/organisation")
    manager.page.locator("#email").fill(NEW)
    manager.page.locator("#language").select_option("ko")
    manager.page.get_by_role("button", name="Send the invitation").click()
    return link(served, letter(served, NEW))


def joined(visit, path):
    """A phone, in Korean, in the hands of the person who was invited."""
    phone = visit(width=360, language="ko-KR")
    phone.go(path)
    phone.page.locator("#name").fill("이수민")
    phone.page.locator("#password").fill(PASSWORD)
    phone.page.get_by_role("button", name="가입하고 로그인").click()
    phone.page.wait_for_selector("nav.main")
    return phone


def test_a_new_member_books_in_another_city_than_first_thought_of_and_it_is_seen(visit, served):
    phone = joined(visit, invited(visit, served))
    page = phone.page
    day = next_working_day(9)
    operator = visit(width=1280, language="en-GB")
    operator.sign_in("operator")
    operator.go(f"/schedule?day={day}&kind=weather_simulation")
    expect(operator.page.locator("[data-live]")).to_have_text("live")

    # Rain and fog were first thought of in Anyang, which has no tunnel.
    page.get_by_role("link", name="시간 찾기").click()
    page.locator("#kind").select_option("adverse_weather")
    page.locator("#day").fill(day.isoformat())
    page.locator("#at").select_option("10:00")
    page.locator("#city").select_option("anyang")
    page.locator("#elsewhere").check()
    page.locator(".go button").click()
    first = page.locator("article.offer").first
    expect(first).to_contain_text("화성시")
    assert phone.overflow() == 0
    first.get_by_role("button", name="임시 확보").click()
    page.wait_for_url("**/bookings/*")
    number = page.url.rsplit("/", 1)[-1]
    seen = operator.page.locator(f"#timeline a.use[href='/schedule/bookings/{number}']").first
    expect(seen).to_have_class(re.compile("use-held"), timeout=5000)

    page.get_by_role("button", name="확정").first.click()
    page.wait_for_selector(".state-confirmed")
    expect(seen).to_have_class(re.compile("use-confirmed"), timeout=5000)
    kept = "SELECT state || ' ' || organisation FROM booking WHERE id = ?"
    assert served.value(kept, number) == "confirmed demo-narae"
    where = "SELECT resource FROM line WHERE booking = ? AND position = 0"
    assert served.value(where, number) == "fc-kcity-weather"
    actor = "SELECT actor FROM request WHERE id = (SELECT request FROM booking WHERE id = ?)"
    member = served.value("SELECT id FROM member WHERE email = ?", NEW)
    assert served.value(actor, number) == f"member:{member}"
    assert phone.overflow() == 0
    assert phone.complaints + operator.complaints == []
