"""A booking of a series asks to be confirmed again, where its member sees it."""

from datetime import timedelta

import pytest
from sqlalchemy import insert

from testbed.domain.grid import moment_of
from testbed.persistence.rules_tables import reconfirmation
from testbed.service import bookings
from testbed.service.actors import SYSTEM
from tests.web.conftest import NOW
from tests.web.reading import held, press, text_of, token_of


@pytest.fixture
def address(nari, context):
    """A confirmed booking that is to be confirmed again two days before its start."""
    address = held(nari)
    press(nari, address, "confirm")
    number = address.rsplit("/", 1)[1]
    start = moment_of(bookings.get(context, number, NOW, SYSTEM).start)
    row = {"booking": number, "start_at": start, "asked_at": NOW}
    with context.database.writing() as connection:
        connection.execute(insert(reconfirmation), {**row, "due_at": start - timedelta(days=2)})
    return address


def test_the_first_page_and_the_booking_ask_until_it_is_confirmed_again(nari, gaon, address):
    assert "is to be confirmed again by 2026-12-06 (Sun) 10:00 KST" in text_of(nari.get("/"))
    assert "is to be confirmed again" not in text_of(gaon.get("/"))
    assert "Do you still want this booking?" in text_of(nari.get(address))
    assert press(nari, address, "reconfirm").status_code == 303
    shown = text_of(nari.get(address))
    assert "Do you still want this booking?" not in shown
    assert "Confirmed again" in shown
    assert press(nari, address, "reconfirm").status_code == 409


def test_nobody_else_confirms_it_again(gaon, nari, address):
    sent = {"csrf_token": token_of(gaon.get("/").text)}
    assert gaon.post(f"{address}/reconfirm", data=sent).status_code == 404
    assert "Do you still want this booking?" in text_of(nari.get(address))
