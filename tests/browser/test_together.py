"""What organisations do together, in a real browser: a joint booking in Korean, and a hand-over."""

import sqlite3

import pytest
from playwright.sync_api import expect

from tests.browser.days import next_working_day
from tests.browser.test_stories import bookings, hold_first, search
from tests.serving import Served

pytestmark = [pytest.mark.browser, pytest.mark.slow]

OTHER = "other@example.org"


@pytest.fixture(scope="module")
def other(served: Served) -> str:
    """The address of a member of another organisation, with the password of the first."""
    email, _ = served.accounts["member"]
    added = """
        INSERT INTO member (organisation, email, name, role, password_hash, created_at, language)
        SELECT 'demo-gaon', ?, 'Seo', role, password_hash, created_at, 'ko' FROM member
        WHERE email = ?
    """
    with sqlite3.connect(served.database) as connection:
        connection.execute(added, (OTHER, email))
    served.accounts["other"] = (OTHER, served.accounts["member"][1])
    return "other"


def test_two_organisations_book_jointly_in_korean(visit, served, other):
    lead, partner = (visit(width=360, language="ko-KR") for _ in range(2))
    lead.sign_in("member")
    search(lead, "v2x", next_working_day(10))
    number = hold_first(lead)
    lead.go(f"/bookings/{number}")
    lead.page.get_by_text("다른 기관과 공동으로 예약하기").click()
    lead.page.locator("#together select[name=organisation]").select_option("demo-gaon")
    lead.page.get_by_role("button", name="초대", exact=True).click()
    expect(lead.page.locator("#together")).to_contain_text("모든 참여 기관이 답하면 확정할 수")
    partner.sign_in(other)
    partner.go("/")
    partner.page.get_by_role("link", name="답변하기").first.click()
    partner.page.get_by_role("button", name="참여하기").click()
    expect(partner.page.locator(".note.good")).to_contain_text("귀 기관이 참여하며")
    lead.go(f"/bookings/{number}")
    lead.page.get_by_role("button", name="확정").click()
    lead.page.wait_for_selector(".state-confirmed")
    partner.go("/bookings")
    assert partner.page.locator(f"a[href='/bookings/{number}']").count() == 1
    assert lead.overflow() == partner.overflow() == 0
    assert lead.complaints + partner.complaints == []


def test_a_booking_is_handed_over(visit, served, other):
    giver, receiver = (visit(width=1280, language="en-GB") for _ in range(2))
    giver.sign_in("member")
    search(giver, "v2x", next_working_day(12))
    number = hold_first(giver)
    giver.go(f"/bookings/{number}")
    giver.page.get_by_role("button", name="Confirm").click()
    giver.page.wait_for_selector(".state-confirmed")
    giver.page.get_by_text("Hand over to another organisation").click()
    giver.page.locator("#together select[name=organisation]").select_option("demo-gaon")
    giver.page.get_by_role("button", name="Offer it").click()
    expect(giver.page.locator("#together")).to_contain_text("It stays yours until")
    receiver.sign_in(other)
    receiver.go("/handovers")
    receiver.page.get_by_role("button", name="Take it over").click()
    receiver.page.wait_for_url(f"**/bookings/{number}")
    assert bookings(served)[number] == ("confirmed", "demo-gaon")
    giver.go("/handovers")
    expect(giver.page.locator("main")).to_contain_text("taken over")
    assert giver.complaints + receiver.complaints == []
