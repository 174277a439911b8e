"""Approvals on the pages: the member sees who was asked, operators answer from the queue."""

import pytest
from flask.testing import FlaskClient

from testbed.domain.bookings import Booking, State
from testbed.domain.parties import Member, Role
from testbed.service import bookings, members, requests
from testbed.service.actors import SYSTEM
from testbed.service.context import Context
from tests.catalogues import at, route, wish
from tests.web.conftest import NOW, PASSWORD, SignIn
from tests.web.reading import token_of


@pytest.fixture
def waiting(context: Context) -> Booking:
    """A pilot-zone booking of demo-narae that waits for the operator and the city."""
    catalogue = context.catalogue()
    place = next(each.id for each in catalogue.routes.values() if each.rule == "rule-pilot-service")
    owner = members.by_email(context, "nari@example.org")
    start = at(11, NOW.date().replace(month=12, day=8))
    asked = wish(route(place), start=start, organisation="demo-narae", now=NOW)
    held = requests.submit(context, asked, NOW, owner).booking
    assert held is not None
    return bookings.confirm(context, held.id, NOW, owner)


@pytest.fixture
def city(context: Context, waiting: Booking, sign_in: SignIn) -> FlaskClient:
    """An operator of the city in which the booking is."""
    catalogue = context.catalogue()
    place = catalogue.resource(waiting.lines[0].resource)
    office = Member(0, f"org-city-{place.city}", "ahn@example.org", "Ahn", Role.OPERATOR)
    members.add(context, office, PASSWORD, NOW, SYSTEM)
    return sign_in("ahn@example.org")


def answer(browser: FlaskClient, booking: Booking, party: str, said: str, text: str = "") -> str:
    page = browser.get("/approvals").text
    form = {"answer": said, "text": text, "csrf_token": token_of(page)}
    address = f"/approvals/{booking.id}/{party}"
    return browser.post(address, data=form, follow_redirects=True).text


def test_operator_and_city_approve_and_the_member_reads_it(
    waiting: Booking, nari: FlaskClient, operator: FlaskClient, city: FlaskClient, context: Context
) -> None:
    assert waiting.state is State.PENDING
    before = nari.get(f"/bookings/{waiting.id}").text
    assert "not answered yet" in before
    assert "Confirm before then" not in before
    assert "1 booking waits for your approval" in operator.get("/").text
    assert "others have yet to answer" in answer(operator, waiting, "operator", "accepted", "slow")
    assert "Nothing waits for your answer" in operator.get("/approvals").text
    assert "the booking is confirmed" in answer(city, waiting, "city", "accepted")
    after = nari.get(f"/bookings/{waiting.id}").text
    assert "slow" in after
    assert "answered by the province" not in after
    assert bookings.get(context, waiting.id, NOW, SYSTEM).state is State.CONFIRMED


def test_a_rejection_without_a_reason_is_sent_back(
    waiting: Booking, operator: FlaskClient, context: Context
) -> None:
    assert "Write why you reject it." in answer(operator, waiting, "operator", "rejected")
    assert "the place is free for others" in answer(
        operator, waiting, "operator", "rejected", "a festival"
    )
    assert bookings.get(context, waiting.id, NOW, SYSTEM).state is State.REJECTED


def test_the_province_is_told_where_the_city_answers_itself(
    waiting: Booking, operator: FlaskClient, city: FlaskClient
) -> None:
    said = answer(operator, waiting, "city", "accepted")
    assert "it has operators of its own" in said


def test_others_do_not_learn_of_it(waiting: Booking, gaon: FlaskClient) -> None:
    assert gaon.get(f"/bookings/{waiting.id}").status_code == 404
    assert gaon.get("/approvals").status_code == 403
