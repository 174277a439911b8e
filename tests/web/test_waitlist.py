"""The waitlist on the pages: wait where nothing fits, read why, answer what is held."""

import re
from dataclasses import replace

import pytest
from flask.testing import FlaskClient

from testbed.domain.bookings import Booking, State
from testbed.domain.catalogue import Mode
from testbed.domain.parties import Member
from testbed.service import bookings, members, requests
from testbed.service.actors import SYSTEM
from testbed.service.context import Context
from tests.catalogues import at, facility, wish
from tests.web.conftest import NOW
from tests.web.reading import token_of

DAY = NOW.date().replace(month=12, day=8)
CHAMBER = "fc-katech-climate"


def take(context: Context, member: Member) -> Booking:
    asked = wish(facility(CHAMBER), start=at(9, DAY), hours=9, now=NOW)
    asked = replace(asked, organisation=member.organisation)
    held = requests.submit(context, asked, NOW, member).booking
    assert held is not None
    return bookings.confirm(context, held.id, NOW, member)


@pytest.fixture
def taken(context: Context) -> Booking:
    """The climate chamber is taken for the whole day by the other company."""
    return take(context, members.by_email(context, "gaon@example.org"))


def search(browser: FlaskClient) -> str:
    query = {"kind": "facility", "resource": CHAMBER, "day": DAY.isoformat()}
    query |= {"at": "10:00", "hours": "3", "flex": "0", "vehicles": "1", "units": "1"}
    return browser.get("/find", query_string={**query, "mode": Mode.EXCLUSIVE.value}).text


def wait(browser: FlaskClient) -> str:
    page = search(browser)
    part = page[page.index('action="/waitlist"') :]
    part = part[: part.index("</form>")]
    fields = re.findall(r'<input[^>]*name="([^"]+)"[^>]*value="([^"]*)"', part)
    answer = browser.post("/waitlist", data=fields_of(fields), follow_redirects=True)
    assert answer.status_code == 200, answer.text
    return answer.text


def fields_of(pairs: list[tuple[str, str]]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for name, value in pairs:
        found.setdefault(name, []).append(value)
    return found


def press(browser: FlaskClient, step: str) -> str:
    page = browser.get("/waitlist").text
    found = re.search(rf'action="(/waitlist/[^"]+/{step})"', page)
    assert found, page
    form = {"csrf_token": token_of(page)}
    return browser.post(found[1], data=form, follow_redirects=True).text


def test_who_waits_gets_the_place_held_that_another_gives_back(
    taken: Booking, nari: FlaskClient, context: Context
) -> None:
    page = wait(nari)
    assert "Nobody else asks for one of the same places." in page
    assert "Gaon" not in page
    bookings.cancel(context, taken.id, NOW, SYSTEM)
    assert "Held for you:" in nari.get("/waitlist").text
    assert "1 place from the waitlist is held for you." in nari.get("/").text
    assert "Confirmed: the place is yours." in press(nari, "accept")
    mine = bookings.listing(context, NOW, members.by_email(context, "nari@example.org"))
    assert [each.state for each in mine] == [State.CONFIRMED]


def test_declined_the_request_waits_on_and_can_be_withdrawn(
    taken: Booking, nari: FlaskClient, context: Context
) -> None:
    wait(nari)
    bookings.cancel(context, taken.id, NOW, SYSTEM)
    assert "you go on waiting" in press(nari, "decline")
    assert "1 offer was not taken." in nari.get("/waitlist").text
    assert "You wait for nothing." in press(nari, "withdraw")


def test_the_second_reads_why_without_a_name_and_the_operator_with_it(
    taken: Booking, nari: FlaskClient, gaon: FlaskClient, operator: FlaskClient, context: Context
) -> None:
    wait(nari)
    page = wait(gaon)
    assert "Place 2 of 2 that ask for one of the same places." in page
    assert "Why them, not me?" in page
    assert "Narae" not in page
    ranked = operator.get("/waitlist").text
    assert "Narae" in ranked
    assert "2 of 2" in ranked


def test_a_place_in_the_list_of_others_is_nothing(
    taken: Booking, nari: FlaskClient, gaon: FlaskClient, context: Context
) -> None:
    page = wait(nari)
    found = re.search(r'action="(/waitlist/[^"]+/withdraw)"', page)
    assert found
    form = {"csrf_token": token_of(gaon.get("/waitlist").text)}
    assert gaon.post(found[1], data=form).status_code == 404
