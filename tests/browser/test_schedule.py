"""The schedule in a real browser: live, drawn as it stands, by pointer and by keyboard."""

import re
import sqlite3

import pytest
from playwright.sync_api import expect

from tests.browser.days import next_working_day
from tests.browser.test_stories import hold_first, search

pytestmark = [pytest.mark.browser, pytest.mark.slow]
TIMELINE = "#timeline"


def state_of(served, number):
    with sqlite3.connect(served.database) as connection:
        query = "SELECT state, start_at FROM booking WHERE id = ?"
        return connection.execute(query, [number]).fetchone()


def use_of(page, number):
    return page.locator(f"{TIMELINE} a.use[href='/schedule/bookings/{number}']")


def booked(member, kind, day, start="09:00"):
    search(member, kind, day, start)
    return hold_first(member)


@pytest.fixture
def desks(visit):
    """A member and an operator, each at a desk of their own."""
    member, operator = (visit(width=1280, language="en-GB") for _ in range(2))
    member.sign_in("member")
    operator.sign_in("operator")
    return member, operator


def test_an_operator_sees_a_booking_appear_and_change_live(desks):
    member, operator = desks
    day = next_working_day(15)
    operator.go(f"/schedule?day={day}&kind=weather_simulation")
    page = operator.page
    expect(page.locator("[data-live]")).to_have_text("live")
    expect(page.locator(f"{TIMELINE} .fold").first).to_be_visible()
    assert page.locator(f"{TIMELINE} .use-held").count() == 0

    number = booked(member, "adverse_weather", day)
    # A bundle has several lines; the first is enough.
    appeared = use_of(page, number).first
    expect(appeared).to_be_visible(timeout=5000)
    expect(appeared).to_have_class(re.compile("use-held"))
    member.page.get_by_role("button", name="Confirm").click()
    expect(appeared).to_have_class(re.compile("use-confirmed"), timeout=5000)
    assert operator.complaints == []


def test_closed_hours_standing_services_and_set_up_are_drawn(desks):
    member, operator = desks
    day = next_working_day(16)
    number = booked(member, "adverse_weather", day)
    operator.go(f"/schedule?day={day}")
    page = operator.page
    page.wait_for_selector(f"{TIMELINE} .board_cell.closed-hours")
    assert page.locator(f"{TIMELINE} .use-standing").count() > 0
    operator.go(f"/schedule?day={day}&q={number}")
    use = use_of(page, number).first
    expect(use).to_be_visible()
    assert "09:00–" in use.get_attribute("aria-label")
    around = use.locator("xpath=..").locator(".use-cap")
    assert around.count() >= 1
    box, cap = use.bounding_box(), around.first.bounding_box()
    assert cap["x"] + cap["width"] <= box["x"] + 2, "the set-up lies before the booked time"
    assert cap["height"] < box["height"] / 2
    # 09:00 stands under the 9 of the head, whatever the browser's own time zone.
    nine = page.locator(f"{TIMELINE} .board_timeheadercol", has_text=re.compile("^9$"))
    assert abs(nine.bounding_box()["x"] - box["x"]) < 4


def test_fold_and_filters_live_in_the_address(desks):
    _, operator = desks
    page = operator.page
    operator.go("/schedule")
    page.locator(f"{TIMELINE} [data-fold=hwaseong]").click()
    expect(page).to_have_url(re.compile("fold=hwaseong"))
    page.get_by_label("City").select_option("hwaseong")
    expect(page).to_have_url(re.compile("city=hwaseong"))
    expect(page.locator(".chip")).to_have_text(re.compile("Hwaseong"))
    operator.go(page.url.removeprefix(operator.served.address))
    expect(page.locator(f"{TIMELINE} .fold")).to_have_count(1)
    assert page.locator(f"{TIMELINE} .fold").get_attribute("aria-expanded") == "false"
    page.locator(".chip").click()
    expect(page.locator(".chip")).to_have_count(0)
    expect(page.locator(f"{TIMELINE} [data-fold=anyang]")).to_be_visible()


def test_a_drag_is_asked_then_moves_and_is_undone(desks, served):
    member, operator = desks
    day = next_working_day(17)
    number = booked(member, "adverse_weather", day)
    before = state_of(served, number)
    page = operator.page
    operator.go(f"/schedule?day={day}&q={number}")
    use = use_of(page, number).first
    expect(use).to_be_visible()

    def drag_by(hours):
        box = use.bounding_box()
        at = box["x"] + 15, box["y"] + box["height"] / 2
        page.mouse.move(*at)
        page.mouse.down()
        for share in (0.2, 0.6, 1):
            page.mouse.move(at[0] + share * hours * 64, at[1], steps=4)
        page.mouse.up()

    drag_by(8)
    expect(page.locator("dialog[open]")).to_contain_text("It cannot stand there")
    expect(page.locator("dialog[open] .reasons")).to_contain_text("is not open long enough")
    page.get_by_role("button", name="Leave it where it was").click()
    assert state_of(served, number) == before

    drag_by(2)
    expect(page.locator("dialog[open]")).to_contain_text("Move this booking?")
    old, new = (page.locator(f"[data-move-{side}]").inner_text() for side in ("from", "to"))
    assert re.fullmatch(rf".+, starting {day} \(\w+\) \d\d:\d\d", old)
    assert old.partition(", starting")[0] == new.partition(", starting")[0]
    assert old != new
    whole = page.request.get(f"{served.address}/schedule/bookings/{number}").text()
    lines = whole.partition("data-takes")[2].partition("</ul>")[0].count("<li>")
    expect(page.locator("[data-move-others]")).to_be_visible(visible=lines > 1)
    page.locator("[data-move-do]").click()
    expect(page.locator("[data-undo]")).to_be_visible()
    assert state_of(served, number) != before
    page.get_by_role("button", name="Undo").click()
    expect(page.locator("[data-undo]")).to_contain_text("Undone.")
    assert state_of(served, number) == before
    assert operator.complaints == []


def test_the_table_is_a_way_for_the_keyboard_alone(desks, served):
    member, operator = desks
    day = next_working_day(18)
    number = booked(member, "adverse_weather", day)
    # The organisation's hours of that week may be used up: then the first offer is another day's.
    day = member.page.locator(".lead .when").inner_text()[:10]
    page = operator.page
    operator.go(f"/schedule/table?day={day}&q={number}")
    page.locator(f"a[href='/schedule/bookings/{number}']").first.focus()
    page.keyboard.press("Enter")
    expect(page.locator("#panel h2")).to_be_focused()
    for _ in range(8):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.textContent") == "Confirm":
            break
    page.keyboard.press("Enter")
    expect(page.locator("#panel .state-confirmed")).to_be_visible()
    assert state_of(served, number)[0] == "confirmed"
    # The table behind the panel has heard of it too.
    expect(page.locator("[data-part=days] .state-confirmed").first).to_be_visible(timeout=5000)
    page.keyboard.press("Escape")
    expect(page.locator("#panel")).to_be_hidden()
    assert operator.complaints == []


def test_on_a_phone_the_schedule_is_an_agenda(visit):
    operator = visit(width=360, language="ko-KR")
    operator.sign_in("operator")
    operator.go(f"/schedule?day={next_working_day(15)}")
    assert operator.page.locator(".agenda table").is_visible()
    assert not operator.page.locator(TIMELINE).is_visible()
    assert operator.page.locator("script[src*=daypilot]").count() == 0
    assert operator.overflow() == 0
    assert operator.complaints == []


def test_without_scripts_the_schedule_is_a_table_with_forms(without_scripts, served):
    page = without_scripts("operator")
    page.goto(f"{served.address}/schedule?day={next_working_day(15)}")
    page.locator("#city").select_option("anyang")
    page.get_by_role("button", name="Show").click()
    page.wait_for_url("**city=anyang**")
    assert page.locator(".agenda table").is_visible()
    assert page.locator(".state-standing").count() > 0
