"""From a wish to a booking, on the pages."""

from datetime import timedelta

import pytest

from testbed.domain.bookings import State
from testbed.persistence.tables import booking, request
from testbed.service import members
from testbed.service.bookings import get
from tests.web.reading import Forms, held, offers, press, search, take, text_of

TUNNEL = "Rain and fog simulation tunnel"


def state_of(context, address):
    number = address.rsplit("/", 1)[-1]
    with context.database.reading() as connection:
        row = connection.execute(booking.select().where(booking.c.id == number)).one()
    return row.state


def test_a_member_finds_holds_and_confirms(nari, context):
    found = search(nari)
    assert TUNNEL in text_of(found)
    assert len(offers(found)) >= 3
    address = take(nari, found).headers["Location"]
    assert state_of(context, address) == "held"
    assert "Kept for you until 2026-11-23 (Mon) 10:30 KST" in text_of(nari.get(address))
    answer = press(nari, address, "confirm")
    assert answer.headers["Location"] == address
    assert state_of(context, address) == "confirmed"
    assert "Confirmed: the place is yours." in text_of(nari.get(address))


def test_an_offer_says_when_where_and_what_it_costs(nari):
    said = text_of(search(nari, flex="exact", day="2026-12-08", at="09:00"))
    assert "2026-12-08 (Tue) 09:00–12:00 KST" in said
    assert "K-City autonomous-driving test city, Hwaseong" in said
    assert "exactly as asked" in said
    assert "₩600,000 illustrative" in said


def test_an_extra_is_booked_together_with_the_test(nari):
    address = held(nari, extra="workshop")
    said = text_of(nari.get(address))
    assert TUNNEL in said
    assert "(workshop bay)" in said


def test_a_double_click_makes_one_booking(nari, context):
    found = search(nari)
    first, second = take(nari, found), take(nari, found)
    assert first.headers["Location"] == second.headers["Location"]
    with context.database.reading() as connection:
        assert len(connection.execute(booking.select()).all()) == 1


def test_who_comes_second_is_told_and_shown_what_there_is_now(nari, gaon):
    mine, theirs = search(nari), search(gaon)
    assert take(nari, mine).status_code == 303
    answer = take(gaon, theirs)
    assert answer.status_code == 409
    assert "That offer has just gone" in text_of(answer)
    assert offers(answer)


def test_a_wish_that_cannot_be_met_says_why_and_what_lies_near(nari):
    answer = search(nari, city="gwacheon", elsewhere="")
    said = text_of(answer)
    assert "Nothing fits this wish" in said
    assert "Nearest ways outside the wish" in said
    assert offers(answer)
    assert take(nari, answer).status_code == 303


def test_a_closed_day_is_named_as_the_reason(nari):
    said = text_of(search(nari, flex="exact", day="2026-12-06"))  # a Sunday
    assert f"{TUNNEL} is not open long enough at that time. (operator may permit it)" in said


def test_a_hold_runs_out_at_its_time_even_if_no_sweep_ran(nari, gaon, clock):
    address = held(nari, flex="exact", at="09:00")
    clock.moment += timedelta(minutes=30)
    assert "hold expired" in text_of(nari.get(address))
    assert press(nari, address, "confirm").status_code == 409
    assert held(gaon, flex="exact", at="09:00")


def test_a_booking_moves_and_its_place_is_free_again(nari, gaon, context):
    address = held(nari, flex="exact", at="09:00")
    press(nari, address, "confirm")
    number = address.rsplit("/", 1)[-1]
    found = search(nari, flex="0", day="2026-12-09", move=number)
    assert "It keeps its place until another one is taken." in text_of(found)
    assert take(nari, found).headers["Location"] == address
    said = text_of(nari.get(address))
    assert "2026-12-09 (Wed)" in said
    assert state_of(context, address) == State.CONFIRMED
    assert held(gaon, flex="exact", at="09:00")


def test_a_cancelled_booking_is_free_for_others(nari, gaon, context):
    address = held(nari, flex="exact", at="09:00")
    press(nari, address, "cancel")
    assert state_of(context, address) == "cancelled"
    assert held(gaon, flex="exact", at="09:00")


def test_cancelling_says_what_it_costs(nari, clock):
    address = held(nari, kind="track_functional", flex="7")
    assert "free while on hold" in text_of(nari.get(address))
    press(nari, address, "confirm")
    assert "free until" in text_of(nari.get(address))


def test_bookings_are_listed_with_the_way_to_each(nari):
    assert "Nothing is booked ahead." in text_of(nari.get("/bookings"))
    address = held(nari)
    page = nari.get("/bookings").text
    assert f'href="{address}"' in page


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"day": "2026-11-01"}, "Choose a date from today on"),
        ({"day": "tomorrow"}, "Not a valid date value."),
        ({"at": "10:07"}, "Choose a start on a quarter of an hour."),
        ({"at": "noon"}, "Choose a start such as 10:00."),
        ({"hours": "0"}, "between 0.25 and 336"),
        ({"hours": "NaN"}, "between 0.25 and 336"),
        ({"vehicles": "0"}, "between 1 and 20"),
        ({"kind": "juggling"}, "Not a valid choice"),
        ({"city": "seoul"}, "Not a valid choice"),
        ({"mode": "alone"}, "Not a valid choice"),
        ({"extra": "brass_band"}, "not a valid choice"),
    ],
)
def test_what_cannot_be_read_is_said_beside_its_field_and_nothing_typed_is_lost(nari, typed, said):
    answer = search(nari, **{"hours": "2.5", **typed})
    assert answer.status_code == 200
    assert said in text_of(answer)
    assert not offers(answer)
    if "hours" not in typed:
        assert 'value="2.5"' in answer.text


@pytest.mark.parametrize("missing", ["way_start", "way_resources"])
def test_a_hold_without_its_offer_is_refused(nari, missing, context):
    action, fields = offers(search(nari))[0]
    assert nari.post(action, data={**fields, missing: ""}).status_code == 400
    with context.database.reading() as connection:
        assert not connection.execute(request.select()).all()


def test_an_offer_that_was_tampered_with_is_judged_by_the_rules(nari, context):
    action, fields = offers(search(nari))[0]
    answer = nari.post(action, data={**fields, "way_start": "1000"})
    assert answer.status_code == 409
    with context.database.reading() as connection:
        assert not connection.execute(booking.select()).all()


def test_every_form_that_changes_something_carries_a_token(nari):
    address = held(nari)
    for page in ("/bookings", address, "/schedule"):
        for action, fields in Forms(nari.get(page).text).found:
            if "/confirm" in action or "/cancel" in action or "sign-out" in action:
                assert fields.get("csrf_token")


def test_the_booking_is_the_one_that_the_service_knows(nari, context, clock):
    number = held(nari).rsplit("/", 1)[-1]
    known = get(context, number, clock(), members.by_email(context, "nari@example.org"))
    assert known.request.test_kind == "adverse_weather"
    assert known.organisation == "demo-narae"


def test_hours_that_are_no_number_are_said_on_the_form(nari):
    for typed in ("sNaN", "NaN", "Infinity", "1e400"):
        answer = nari.get("/find", query_string={"kind": "v2x", "hours": typed})
        assert answer.status_code == 200
        assert 'aria-invalid="true"' in answer.text
