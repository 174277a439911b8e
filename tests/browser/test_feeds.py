"""A calendar that follows a booking, and a statement on a screen, a phone and on paper."""

from urllib.request import urlopen

import pytest
from ical.calendar_stream import IcsCalendarStream

from tests.browser.days import next_working_day
from tests.browser.test_stories import hold_first, search

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def feed_of(visitor, shows: str) -> str:
    """Make a feed by the page; its address."""
    page = visitor.page
    visitor.go("/account/feeds")
    page.locator("#name").fill("Phone")
    page.locator("#shows").select_option(shows)
    page.get_by_role("button", name="Make it").click()
    return page.locator("#address").inner_text()


def read(address: str):
    """The events of a feed by their names, as a calendar without any cookie reads them."""
    with urlopen(address) as answer:
        return {
            each.uid: each
            for each in IcsCalendarStream.calendar_from_ics(answer.read().decode()).events
        }


def test_a_subscribed_calendar_follows_a_booking_that_moves(visit):
    member = visit(width=1280, language="en-GB")
    member.sign_in("member")
    feed = feed_of(member, "organisation:demo-narae")
    search(member, "v2x", next_working_day(14))
    number = hold_first(member)
    name = f"{number}@gyeonggi-testbeds"
    before = read(feed)[name]
    member.page.get_by_role("link", name="Move").or_(
        member.page.get_by_role("button", name="Move")
    ).first.click()
    member.page.locator("#at").select_option("13:00")
    member.page.locator("form.card .go button").click()
    member.page.wait_for_url("**at=13:00*")
    assert "fee" in member.page.locator("article.offer .take").first.inner_text()
    member.page.locator("article.offer .take button").first.click()
    member.page.wait_for_url(f"**/bookings/{number}")
    after = read(feed)[name]
    assert after.sequence > before.sequence
    assert after.dtstart > before.dtstart
    member.go("/account/feeds")
    member.page.get_by_role("button", name="Revoke Phone").click()
    member.page.wait_for_selector(".note.good")
    with pytest.raises(OSError, match="404"):
        read(feed)
    assert member.complaints == []


@pytest.mark.parametrize(("width", "language"), [(1280, "en-GB"), (360, "ko-KR")])
def test_a_statement_is_read_and_printed(visit, in_use, width, language):
    manager = visit(width=width, language=language, server=in_use)
    page = manager.page
    manager.sign_in("manager")
    manager.go("/organisation/statements")
    assert manager.overflow() == 0
    page.locator("#month").select_option(index=0)
    page.locator("form.filters button").click()
    assert page.locator("table.lines tbody tr").count() > 0
    assert "₩" in page.locator(".sum").inner_text()
    page.emulate_media(media="print")
    assert page.locator("body > header").is_hidden()
    assert page.locator("form.filters").is_hidden()
    assert page.locator("table.lines").is_visible()
    assert page.pdf().startswith(b"%PDF")
    assert manager.complaints == []
