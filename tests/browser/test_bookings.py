"""Bookings in a real browser: the hold that runs, second thoughts, and the day of check-in."""

import sqlite3
from datetime import UTC, datetime

import pytest

from tests.browser.days import next_working_day
from tests.browser.test_stories import bookings, hold_first, search

pytestmark = [pytest.mark.browser, pytest.mark.slow]

GRAIN_SECONDS = 900


def begins_now(served, number):
    """Let the booking begin at the quarter of an hour that runs."""
    grain = int(datetime.now(UTC).timestamp()) // GRAIN_SECONDS
    start, end = (
        datetime.fromtimestamp(each * GRAIN_SECONDS, UTC).strftime("%Y-%m-%d %H:%M:%S.%f")
        for each in (grain, grain + 8)
    )
    with sqlite3.connect(served.database) as connection:
        moved = "UPDATE booking SET start_at = ?, end_at = ? WHERE id = ?"
        connection.execute(moved, (start, end, number))


def test_a_hold_is_seen_first_and_cancelled_on_second_thought_on_a_phone_in_korean(visit, served):
    member = visit(width=360, language="ko-KR")
    page = member.page
    member.sign_in("member")
    search(member, "v2x", next_working_day(10))
    number = hold_first(member)
    member.go("/")
    row = page.locator("li", has=page.locator(f"a[href='/bookings/{number}']"))
    before = row.locator("[role=timer]").inner_text()
    page.wait_for_timeout(1500)
    assert row.locator("[role=timer]").inner_text() != before
    assert member.overflow() == 0
    row.locator("a").click()
    page.get_by_role("button", name="확정").click()
    page.wait_for_selector(".state-confirmed")
    page.get_by_role("button", name="예약 취소").focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/cancel")
    page.get_by_role("button", name="예약 유지").click()
    assert bookings(served)[number] == ("confirmed", "demo-narae")
    page.get_by_role("button", name="예약 취소").click()
    page.wait_for_url("**/cancel")
    assert member.overflow() == 0
    page.get_by_role("button", name="예약 취소").click()
    page.wait_for_selector(".state-cancelled")
    assert bookings(served)[number] == ("cancelled", "demo-narae")
    member.go("/bookings")
    assert page.locator(f"a[href='/bookings/{number}']").count() == 0
    member.go("/bookings?show=all")
    assert page.locator(f"a[href='/bookings/{number}']").count() == 1
    assert member.complaints == []


def test_an_operator_sees_who_is_late_and_checks_them_in_in_english(visit, served):
    member = visit(width=1280, language="en-GB")
    member.sign_in("member")
    search(member, "gnss_denied", next_working_day(11))
    number = hold_first(member)
    member.page.get_by_role("button", name="Confirm").click()
    member.page.wait_for_selector(".state-confirmed")
    member.page.locator("#crew input[name=vehicle]").first.check()
    member.page.locator("#crew input[name=driver]").first.check()
    member.page.get_by_role("button", name="Name them").click()
    member.page.get_by_text("Everything is there.").wait_for()
    begins_now(served, number)

    operator = visit(width=1280, language="en-GB", scheme="dark")
    page = operator.page
    operator.sign_in("operator")
    late = page.locator("section", has=page.locator("h2.late"))
    late.locator(f"a[href='/bookings/{number}']").click()
    page.get_by_role("button", name="Check in", exact=True).click()
    page.wait_for_selector(".state-checked_in")
    assert bookings(served)[number] == ("checked_in", "demo-narae")
    member.page.reload()
    history = member.page.locator(".history").inner_text()
    assert "Checked in operator" in " ".join(history.split())
    assert operator.complaints == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_filters_work_without_scripts(chromium, served, scheme):
    context = chromium.new_context(java_script_enabled=False, locale="en-GB", color_scheme=scheme)
    page = context.new_page()
    email, password = served.accounts["operator"]
    page.goto(f"{served.address}/sign-in")
    page.locator("#email").fill(email)
    page.locator("#password").fill(password)
    page.locator("main form button").click()
    page.goto(f"{served.address}/bookings?show=all")
    shown = page.locator("ul.agenda > li").count()
    page.locator("#state").select_option("checked_in")
    page.get_by_role("button", name="Show").click()
    page.wait_for_url("**state=checked_in**")
    assert page.locator("ul.agenda > li").count() < shown
    assert "show=all" in page.url
    context.close()
