"""Papers from the manager's phone to the operator's desk, and the booking that they allow."""

import pytest

from tests.browser.days import next_working_day
from tests.browser.test_stories import hold_first, search

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def test_papers_go_from_the_phone_to_the_desk_and_the_member_books(visit):
    manager = visit(width=360, language="ko-KR")
    page = manager.page
    manager.sign_in("manager")
    manager.go("/papers")
    page.get_by_role("button", name="차량 추가").click()
    page.locator("#name").fill("하늘 1호")
    page.locator("#plate").fill("12가3456")
    page.locator("#type").select_option("B")
    page.get_by_role("button", name="저장").click()
    assert "12가3456" in page.locator("main").inner_text()
    page.get_by_role("button", name="서류 등록").click()
    page.get_by_role("link", name="보험 증명서").click()
    page.locator("#vehicle").select_option(label="하늘 1호 (12가3456)")
    page.locator("#valid_from").fill("2026-01-01")
    page.locator("#valid_until").fill("2030-12-31")
    page.get_by_role("button", name="저장").click()
    scan = {"name": "보험.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.7 example"}
    page.locator("#file").set_input_files(scan)
    page.get_by_role("button", name="파일 첨부").click()
    assert "승인 대기" in page.locator("main").inner_text()
    assert "보험.pdf" in page.locator("main").inner_text()
    assert manager.overflow() == 0
    address = page.url

    desk = visit(width=1280, language="en-GB")
    desk.sign_in("operator")
    desk.go("/papers")
    desk.page.locator("main table a").first.click()
    assert desk.page.url == address
    assert "12가3456" in desk.page.locator("main").inner_text()
    desk.page.get_by_role("button", name="Accept").click()
    assert "Accepted" in desk.page.locator("[role=status]").inner_text()

    member = visit(width=1280, language="en-GB")
    member.sign_in("member")
    search(member, "adverse_weather", next_working_day(11))
    hold_first(member)
    crew = member.page.locator("#crew")
    assert "the vehicles to be named" in crew.inner_text()
    crew.get_by_label("하늘 1호").check()
    crew.locator("input[name=driver]").first.check()
    crew.get_by_role("button", name="Name them").click()
    assert "Everything is there." in member.page.locator("#crew").inner_text()
    assert [*manager.complaints, *desk.complaints, *member.complaints] == []
