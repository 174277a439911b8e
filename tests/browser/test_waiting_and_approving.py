"""Stories of two who want one place, and of those who approve, in a real browser."""

import pytest

from testbed import clock
from testbed.domain.parties import Member, Role
from testbed.persistence.engine import open_database
from testbed.service import members
from testbed.service.actors import SYSTEM
from testbed.service.context import make_context
from tests.browser.conftest import Visitor
from tests.browser.days import next_working_day
from tests.serving import Served

pytestmark = [pytest.mark.browser, pytest.mark.slow]

PASSWORD = "correct horse battery"
CHAMBER = "kind=facility&resource=fc-katech-climate&flex=exact&vehicles=1&units=1&mode=exclusive"
BUS = "kind=route&resource=rt-pangyo-bus&flex=exact&vehicles=1&units=1&mode=shared&hours=3&at=10:00"


def known(served: Served, organisation: str, role: Role) -> None:
    """Let the role's name sign in a person of that organisation, too."""
    who = f"{role.value}-{organisation}"
    if who in served.accounts:
        return
    ctx = make_context(open_database(f"sqlite:///{served.database}"))
    person = Member(0, organisation, f"{who}@example.org", who.title(), role)
    members.add(ctx, person, PASSWORD, clock.now(), SYSTEM)
    ctx.close()
    served.accounts[who] = (person.email, PASSWORD)


def book(visitor: Visitor, asked: str) -> str:
    """Hold what is asked for and confirm it; the number of the booking."""
    visitor.go(f"/find?{asked}")
    visitor.page.locator("article.offer .take button").first.click()
    visitor.page.wait_for_url("**/bookings/*")
    visitor.page.get_by_role("button", name="Confirm").first.click()
    visitor.page.wait_for_selector(".note.good")
    return visitor.page.url.rsplit("/", 1)[-1]


def test_who_waits_sees_the_offer_come_and_accepts_it(visit, served):
    known(served, "demo-gaon", Role.MEMBER)
    day = next_working_day(15).isoformat()
    gaon = visit(width=1280, language="en-GB")
    gaon.sign_in("member-demo-gaon")
    number = book(gaon, f"{CHAMBER}&day={day}&at=09:00&hours=9")

    nari = visit(width=360, language="en-GB")
    page = nari.page
    nari.sign_in("member")
    nari.go(f"/find?{CHAMBER}&day={day}&at=10:00&hours=3")
    page.get_by_role("button", name="Wait for it").click()
    page.wait_for_url("**/waitlist")
    assert "Nobody else asks" in page.locator("#waits").inner_text()
    assert "Gaon" not in page.content()
    page.wait_for_timeout(1500)  # it listens by now

    gaon.go(f"/bookings/{number}/cancel")
    gaon.page.locator("main form button").first.click()
    gaon.page.wait_for_selector(".state-cancelled")
    page.wait_for_selector(".waits .countdown", timeout=20_000)
    minutes = int(page.locator(".waits .countdown [role=timer]").inner_text().split(":")[0])
    assert minutes > 0
    assert nari.overflow() == 0
    page.get_by_role("button", name="Accept it").click()
    page.wait_for_selector(".state-confirmed")
    assert nari.complaints == []


def test_operator_and_city_approve_what_a_member_books_in_a_pilot_zone(visit, served):
    known(served, "org-city-seongnam", Role.OPERATOR)
    nari = visit(width=1280, language="en-GB")
    nari.sign_in("member")
    number = book(nari, f"{BUS}&day={next_working_day(12).isoformat()}")
    assert "kept for you while those asked decide" in nari.page.locator(".note.good").inner_text()
    assert nari.page.locator(".state-pending").count() == 1

    for role, width in (("operator", 1280), ("operator-org-city-seongnam", 360)):
        one = visit(width=width, language="en-GB")
        one.sign_in(role)
        one.page.get_by_role("link", name="Approvals").first.click()
        mine = one.page.locator("article.wait", has=one.page.locator(f"a[href$='{number}']"))
        assert mine.locator("form.answering").count() == 1
        mine.locator("textarea").fill(f"Seen by {role}.")
        mine.get_by_role("button", name="Accept").click()
        one.page.wait_for_selector(".note.good")
        assert one.overflow() == 0
        assert one.complaints == []

    nari.go(f"/bookings/{number}")
    assert nari.page.locator(".state-confirmed").count() == 1
    assert "Seen by operator-org-city-seongnam." in nari.page.locator("#approvals").inner_text()
    assert nari.complaints == []
