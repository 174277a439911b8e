"""Stories of those who mostly appear in English elsewhere, in Korean, down to the database."""

import pytest
from playwright.sync_api import expect

from tests.browser.days import next_working_day
from tests.browser.test_every_page import SCENARIO

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def test_an_operator_confirms_a_hold(visit, in_use):
    operator = visit(width=1280, language="ko-KR", server=in_use)
    operator.sign_in("operator")
    page = operator.page
    held = in_use.value("SELECT id FROM booking WHERE state = 'held' ORDER BY start_at, id")
    operator.go(f"/bookings/{held}")
    page.get_by_role("button", name="확정").first.click()
    page.wait_for_selector(".state-confirmed")
    assert in_use.value("SELECT state FROM booking WHERE id = ?", held) == "confirmed"
    operator.go(f"/schedule/table?day={next_working_day(2)}")
    expect(page.locator("h1")).to_contain_text("일정표")
    assert operator.complaints == []


def test_a_planner_reads_acceptance_and_bottleneck(visit, in_use):
    planner = visit(width=1280, language="ko-KR", server=in_use)
    planner.sign_in("planner")
    page = planner.page
    planner.go("/scenarios/text")
    page.locator("#text").fill(SCENARIO)
    page.locator("main form button").last.click()
    page.wait_for_selector(".run-done", timeout=120_000)
    expect(page.locator("#answer")).to_contain_text("±")
    expect(page.locator("#bottleneck")).to_be_visible()
    number = page.url.rsplit("/", 1)[-1]
    assert in_use.value("SELECT status FROM experiment WHERE id = ?", number) == "done"
    assert planner.complaints == []


def test_a_manager_invites_and_an_administrator_looks_after_the_jobs(visit, in_use):
    manager = visit(width=360, language="ko-KR", server=in_use)
    manager.sign_in("manager")
    manager.go("/organisation")
    manager.page.locator("#email").fill("han@example.org")
    manager.page.get_by_role("button", name="초대 보내기").click()
    expect(manager.page.locator(".note.good")).to_contain_text("han@example.org")
    query = "SELECT role FROM invitation WHERE email = 'han@example.org'"
    assert in_use.value(query) == "member"
    office = visit(width=1280, language="ko-KR", server=in_use)
    office.sign_in("administrator")
    office.go("/admin/health")
    expect(office.page.locator("h1")).to_have_text("상태와 작업")
    expect(office.page.get_by_text("만료된 임시 확보 해제")).to_be_visible()
    assert manager.overflow() == 0
    assert manager.complaints + office.complaints == []
