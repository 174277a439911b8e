"""The stories of a member and an operator, in a real browser, down to the database."""

import sqlite3

import pytest

from tests.browser.days import next_working_day

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def bookings(served):
    with sqlite3.connect(served.database) as connection:
        query = "SELECT id, state, organisation FROM booking"
        return {name: (state, who) for name, state, who in connection.execute(query)}


def search(visitor, kind, day, start="09:00"):
    visitor.go("/find")
    visitor.page.locator("#kind").select_option(kind)
    visitor.page.locator("#day").fill(day.isoformat())
    visitor.page.locator("#at").select_option(start)
    visitor.page.locator("form.card .go button").click()
    visitor.page.wait_for_url(f"**/find?*kind={kind}*day={day}*at={start}*")
    visitor.page.wait_for_selector("article.offer")


def hold_first(visitor):
    visitor.page.locator("article.offer .take button").first.click()
    visitor.page.wait_for_url("**/bookings/*")
    return visitor.page.url.rsplit("/", 1)[-1]


def test_a_member_books_on_a_phone_in_korean(visit, served):
    visitor = visit(width=360, language="ko-KR")
    page = visitor.page
    visitor.sign_in("member")
    assert page.locator("html").get_attribute("lang") == "ko"
    visitor.go("/find")
    assert page.locator("h1").inner_text() == "시간 찾기"
    search(visitor, "adverse_weather", next_working_day(9))
    assert visitor.overflow() == 0
    assert "기상환경재현시설" in page.locator("article.offer h3").first.inner_text()
    number = hold_first(visitor)
    assert bookings(served)[number] == ("held", "demo-narae")
    minutes, seconds = page.locator(".countdown").inner_text().split(":")
    assert 29 * 60 < int(minutes) * 60 + int(seconds) <= 30 * 60
    before = page.locator(".countdown").inner_text()
    page.wait_for_timeout(1500)
    assert page.locator(".countdown").inner_text() != before
    assert visitor.overflow() == 0
    page.get_by_role("button", name="확정").click()
    page.wait_for_selector(".state-confirmed")
    assert bookings(served)[number] == ("confirmed", "demo-narae")
    assert page.locator(".countdown").count() == 0
    visitor.go("/bookings")
    assert page.locator(f"a[href='/bookings/{number}']").count() == 1
    assert visitor.complaints == []


def test_an_operator_reads_the_day_on_a_desktop_in_english(visit, served):
    day = next_working_day(12)
    member = visit(width=1280, language="en-GB")
    member.sign_in("member")
    search(member, "gnss_denied", day)
    number = hold_first(member)

    operator = visit(width=1280, language="en-GB")
    page = operator.page
    operator.sign_in("operator")
    assert page.locator("h1").inner_text().startswith("Now")
    held_day = member.page.locator(".lead .when").inner_text()[:10]
    operator.go(f"/schedule/table?day={held_day}")
    row = page.locator("tr", has=page.locator(f"a[href='/schedule/bookings/{number}']")).first
    assert "on hold" in row.inner_text()
    assert "Narae Mobility" in row.inner_text()
    assert page.locator(".state-standing").count() > 3
    operator.go(f"/bookings/{number}")
    page.get_by_role("button", name="Give it back").click()
    page.wait_for_selector(".state-cancelled")
    assert bookings(served)[number] == ("cancelled", "demo-narae")
    operator.go(f"/schedule/table?day={held_day}")
    assert page.locator(f"a[href='/schedule/bookings/{number}']").count() == 0
    assert operator.complaints == []


def test_a_member_moves_a_booking(visit, served):
    visitor = visit(width=1280, language="en-GB")
    page = visitor.page
    visitor.sign_in("member")
    search(visitor, "parking", next_working_day(10))
    number = hold_first(visitor)
    page.get_by_role("button", name="Confirm").click()
    page.wait_for_selector(".state-confirmed")
    before = page.locator(".lead .when").inner_text()
    page.get_by_role("button", name="Move").click()
    page.locator("#day").fill(next_working_day(14).isoformat())
    page.locator("form.card .go button").click()
    page.locator("article.offer .take button").first.click()
    page.wait_for_url(f"**/bookings/{number}")
    assert page.locator(".lead .when").inner_text() != before
    assert bookings(served)[number] == ("confirmed", "demo-narae")
    assert visitor.complaints == []


def test_the_search_works_with_the_keyboard_alone(visit, served):
    visitor = visit(width=1280, language="en-GB")
    page = visitor.page
    visitor.go("/sign-in")
    email, password = served.accounts["member"]
    page.keyboard.type(email)  # the first field has the focus
    page.keyboard.press("Tab")
    page.keyboard.type(password)
    page.keyboard.press("Enter")
    page.wait_for_selector("nav.main")
    visitor.go("/find")
    page.locator("#kind").focus()
    page.keyboard.type("Night")
    page.locator("#day").focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/find?*kind=night*")
    assert page.locator("#answer h2").count() >= 1


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("language", ["ko-KR", "en-GB"])
@pytest.mark.parametrize("width", [360, 768, 1280, 1920])
def test_no_page_is_wider_than_the_screen(visit, width, language, scheme):
    visitor = visit(width=width, language=language, scheme=scheme)
    visitor.sign_in("member")
    search(visitor, "track_functional", next_working_day(9))
    for summary in visitor.page.locator("article.offer summary").all()[:3]:
        summary.click()
    assert visitor.overflow() == 0
    for path in (
        "/bookings?show=all",
        "/schedule",
        "/find?kind=v2x&day=2020-01-01&hours=0&at=1&mode=x",
    ):
        visitor.go(path)
        assert visitor.overflow() == 0, path
    assert visitor.complaints == []
