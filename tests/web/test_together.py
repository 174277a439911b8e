"""Together on pages: other lengths, joint bookings, hand-overs, sharing, booking on behalf."""

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from testbed.domain.grid import grain_of
from testbed.domain.parties import Member, Role
from testbed.service import bookings, members
from testbed.service.actors import SYSTEM
from testbed.service.context import Context
from tests.web.conftest import NOW, PASSWORD, SignIn
from tests.web.reading import held, press, search, take, text_of, token_of
from tests.web.test_bookings import START

MANAGER = Member(0, "demo-narae", "mina@example.org", "Mina", Role.MANAGER)


def post(browser: FlaskClient, address: str, **fields: object) -> TestResponse:
    """A form, sent with the token of the first page; the page it leads to."""
    token = token_of(browser.get("/profile").text)
    return browser.post(address, data={"csrf_token": token, **fields}, follow_redirects=True)


def booked(browser: FlaskClient, **changed: object) -> str:
    address = held(browser, flex="exact", **changed)
    press(browser, address, "confirm")
    return address


def end_of(context: Context, address: str) -> int:
    return bookings.get(context, address.rsplit("/", 1)[-1], NOW, SYSTEM).end


@pytest.fixture
def mina(context: Context, sign_in: SignIn) -> FlaskClient:
    members.add(context, MANAGER, PASSWORD, NOW, SYSTEM)
    return sign_in(MANAGER.email)


def test_a_booking_is_made_shorter_and_longer_on_its_page(nari, context):
    address, start = booked(nari), grain_of(START)
    assert "Shorten or extend" in text_of(nari.get(address))
    shorter = post(nari, f"{address}/length", start=start, end=start + 8)
    assert "Shortened: what you gave up is free for others." in text_of(shorter)
    assert end_of(context, address) == start + 8
    longer = post(nari, f"{address}/length", start=start, end=start + 16)
    assert "Extended: the place is yours for longer." in text_of(longer)
    late = post(nari, f"{address}/length", start=start, end=start + 72)
    assert (late.status_code, "That is not possible:" in text_of(late)) == (409, True)
    assert end_of(context, address) == start + 16


def test_a_partner_is_invited_answers_and_sees_it_as_its_own(nari, gaon, context):
    address = held(nari, flex="exact")
    invited = post(nari, f"{address}/partners", organisation="demo-gaon")
    assert "has a day to answer" in text_of(invited)
    assert f'action="{address}/confirm"' not in invited.text
    assert "invited to a joint booking" in text_of(gaon.get("/"))
    assert "Length, partners, hand-over" in text_of(gaon.get(address))
    accepted = post(gaon, f"{address}/partners/accept")
    assert "takes part and answers for its vehicles" in text_of(accepted)
    assert "Cancel booking" not in text_of(accepted)
    assert "Take part no longer" in text_of(accepted)
    press(nari, address, "confirm")
    assert "Rain and fog simulation tunnel" in text_of(gaon.get("/bookings"))


def test_whoever_declines_is_led_back_to_their_own_bookings(nari, gaon):
    address = held(nari, flex="exact")
    post(nari, f"{address}/partners", organisation="demo-gaon")
    declined = post(gaon, f"{address}/partners/decline")
    assert "takes no part in that booking" in text_of(declined)
    assert gaon.get(address).status_code == 404


def test_a_booking_is_handed_over_and_leaves_an_entry(nari, gaon, context):
    address = booked(nari)
    offered = post(nari, f"{address}/handover", organisation="demo-gaon")
    assert "It stays yours until it is taken over." in text_of(offered)
    assert "offered to your organisation" in text_of(gaon.get("/"))
    page = gaon.get("/handovers")
    assert "Take it over" in text_of(page)
    accept = next(each for each in page.text.split('"') if each.endswith("/accept"))
    taken = post(gaon, accept)
    assert "Taken over: the booking is yours." in text_of(taken)
    assert nari.get(address).status_code == 404
    entry = nari.get("/handovers")
    assert "taken over" in text_of(entry)
    assert address not in entry.text


def test_the_sharing_page_is_the_managers_and_keeps_what_was_ticked(nari, mina):
    assert nari.get("/organisation/sharing").status_code == 403
    saved = post(mina, "/organisation/sharing", apart=["demo-gaon"], shows_name="y")
    assert "It holds from the next request on." in text_of(saved)
    assert 'value="demo-gaon" checked' in saved.text


def test_an_operator_books_on_behalf_of_a_member(operator, nari, context):
    nobody = search(operator)
    assert 'name="way_start"' not in nobody.text
    person = members.by_email(context, "nari@example.org")
    found = search(operator, **{"for": f"demo-narae:{person.id}", "flex": "exact"})
    address = take(operator, found).headers["Location"]
    assert "Booked for you by the operator." in text_of(nari.get(address))
    assert "Booked by the operator for Nari." in text_of(operator.get(address))


def test_a_member_cannot_book_on_behalf_by_the_address(gaon, context):
    found = search(gaon, **{"for": "demo-narae", "flex": "exact"})
    address = take(gaon, found).headers["Location"]
    number = address.rsplit("/", 1)[-1]
    assert bookings.get(context, number, NOW, SYSTEM).organisation == "demo-gaon"
