"""The story of a series: across a holiday, one date left out and mended, the following moved."""

import sqlite3
import tomllib
from datetime import UTC, date, datetime, timedelta
from importlib.resources import files
from urllib.parse import urlencode

import pytest

from tests.browser.days import SATURDAY

pytestmark = [pytest.mark.browser, pytest.mark.slow]

WEEK = timedelta(weeks=1)
PLACE = {
    "kind": "route",
    "resource": "rt-kcity-urban",
    "city": "hwaseong",
    "at": "10:00",
    "hours": "3",
    "flex": "exact",
    "vehicles": "1",
    "mode": "exclusive",
}


def next_holiday() -> date:
    """The first holiday on a working day that leaves two weeks before it."""
    listed = files("testbed").joinpath("data/gyeonggi/holidays.toml").read_text()
    days = sorted(
        date.fromisoformat(str(each["date"])) for each in tomllib.loads(listed)["holiday"]
    )
    after = datetime.now(UTC).date() + 4 * WEEK
    return next(each for each in days if each >= after and each.weekday() < SATURDAY)


def dates(served) -> dict[date, tuple[str, str | None]]:
    """What is kept of every date: its outcome, and the state of its booking."""
    query = (
        "SELECT day, outcome, state FROM occurrence LEFT JOIN booking ON booking.id = booking"
        " ORDER BY day"
    )
    with sqlite3.connect(served.database) as connection:
        return {
            date.fromisoformat(day): (said, state) for day, said, state in connection.execute(query)
        }


def starts(served) -> list[str]:
    with sqlite3.connect(served.database) as connection:
        query = "SELECT start_at FROM booking JOIN occurrence ON booking = booking.id ORDER BY day"
        return [str(start)[11:16] for (start,) in connection.execute(query)]


def test_a_weekly_series_across_a_holiday_is_mended_and_moved(visit, served):
    holiday = next_holiday()
    first, taken = holiday - 2 * WEEK, holiday - WEEK
    member = visit(width=360, language="en-GB")
    page = member.page
    member.sign_in("member")

    member.go("/find?" + urlencode({**PLACE, "day": taken.isoformat()}))
    page.locator("article.offer .take button").first.click()
    page.wait_for_url("**/bookings/*")

    member.go("/find?" + urlencode({**PLACE, "day": first.isoformat()}))
    page.get_by_role("button", name="Repeat this wish").click()
    page.wait_for_url("**/series/new?*")
    assert member.overflow() == 0
    assert not page.get_by_label("Date 1", exact=True).is_visible()  # hidden beside a rhythm
    page.get_by_label("Name of the series").fill("Weekly crossing")
    page.get_by_role("button", name="Show which dates fit").click()
    page.wait_for_selector(".dates-list")
    assert page.locator(".dates-list > li").count() == 6
    row = page.locator(".dates-list > li", has_text=holiday.isoformat())
    assert "public holiday" in row.inner_text()
    page.get_by_role("button", name="Hold these dates").click()
    page.wait_for_selector(".countdown")
    assert member.overflow() == 0
    assert dates(served)[holiday] == ("holiday", None)
    assert dates(served)[taken] == ("left_out", None)
    assert dates(served)[first] == ("booked", "held")

    left = page.locator(f"#d-{taken}")
    left.locator(".mends button").first.click()
    page.wait_for_selector(f"#d-{taken} .state-held")
    page.get_by_role("button", name="Confirm the series").click()
    page.wait_for_selector(".note.good")
    booked = [day for day, (said, _) in dates(served).items() if said == "booked"]
    assert {dates(served)[day][1] for day in booked} == {"confirmed"}

    last = max(booked)
    page.locator(f"#d-{last}").get_by_role("link", name="Change").click()
    page.wait_for_url("**/edit?*")
    page.get_by_label("this and the following").check()
    page.locator("#at").select_option("13:00")
    page.get_by_role("button", name="Change").click()
    page.wait_for_selector("h1:has-text('Changed')")
    assert last.isoformat() in page.locator(".note.good").inner_text()
    assert starts(served)[-1] == "04:00"  # 13:00 in Seoul
    assert starts(served)[0] == "01:00"
    assert member.complaints == []
