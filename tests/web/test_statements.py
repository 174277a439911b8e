"""The pages of statements: whose they are, what they say, and what a spreadsheet gets."""

import csv
from datetime import UTC, datetime
from io import StringIO

import pytest

from tests.web.reading import held, press, text_of, token_of
from web.sheets import MARK, csv_text

ADDRESS = "/organisation/statements"


def close(desk):
    typed = {"csrf_token": token_of(desk.get(ADDRESS).text)}
    month = {"organisation": "demo-narae", "month": "2026-12"}
    return desk.post(f"{ADDRESS}/close", data=typed | month)


@pytest.fixture
def booked(nari):
    address = held(nari)
    press(nari, address, "confirm")
    return address.rsplit("/", 1)[1]


def test_a_member_reads_what_the_month_comes_to(nari, booked):
    page = nari.get(f"{ADDRESS}?month=2026-12")
    assert booked in page.text
    assert "provisional" in text_of(page)
    assert "illustrative" in page.text
    shown = nari.get(f"/bookings/{booked}").text
    amount = next(word for word in shown.split("<") if "₩" in word).split(">")[-1].strip()
    assert amount in page.text


def test_the_file_has_a_line_for_every_line_and_amounts_in_whole_won(nari, booked):
    answer = nari.get(f"{ADDRESS}/statement.csv?month=2026-12")
    assert answer.mimetype == "text/csv"
    assert answer.text.startswith(MARK)
    rows = list(csv.DictReader(StringIO(answer.text.removeprefix(MARK))))
    assert {row["Booking"] for row in rows} == {booked}
    assert all(row["Won"].isdecimal() for row in rows)


@pytest.mark.parametrize("cell", ["=1+1", "+1", "-1", "@x", "\tx", "\n=1", "＝1+1"])
def test_a_cell_that_a_spreadsheet_would_run_is_made_harmless(cell):
    (_, row) = csv.reader(StringIO(csv_text(["a", "b"], [[cell, -1]]).removeprefix(MARK)))
    assert row == [f"'{cell}", "-1"]


def test_another_organisations_statement_is_not_shown(gaon, booked):
    for address in (ADDRESS, f"{ADDRESS}/statement.csv"):
        answer = gaon.get(f"{address}?organisation=demo-narae&month=2026-12")
        assert answer.status_code == 404
        assert booked not in answer.text


def test_an_operator_chooses_the_organisation_and_closes_its_month_once_it_is_over(
    app, booked, clock, sign_in
):
    clock.moment = datetime(2027, 1, 4, 1, 0, tzinfo=UTC)
    desk = sign_in("oh@example.org")
    asked = f"{ADDRESS}?organisation=demo-narae&month=2026-12"
    assert "Close this month" in desk.get(asked).text
    close(desk)
    page = desk.get(asked).text
    assert "closed 2027-01-04" in page
    assert "Digest" in page
    assert "Close this month" not in page


def test_a_running_month_cannot_be_closed(operator, booked):
    assert "not over yet" in operator.get(close(operator).location).text


@pytest.mark.parametrize("month", ["2026-13", "soon", "1900-01", "2026-1", ""])
def test_what_is_no_month_is_not_found_and_none_is_the_running_one(nari, month):
    answer = nari.get(f"{ADDRESS}?month={month}")
    assert answer.status_code == (200 if not month else 400 if month == "1900-01" else 404)


def test_a_move_says_beside_each_offer_what_it_changes_in_the_fee(nari, booked):
    shown = nari.get(f"/bookings/{booked}").text
    move = next(
        part.split('"')[0] for part in shown.split('href="') if part.startswith("/find?move")
    )
    found = text_of(nari.get(move.replace("&amp;", "&").replace("choose=1&", "")))
    assert "the fee stays" in found


def test_a_booking_says_how_its_fee_comes_about(nari, booked):
    said = text_of(nari.get(f"/bookings/{booked}"))
    assert " h × ₩" in said
