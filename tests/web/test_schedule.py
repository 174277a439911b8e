"""The schedule: its address, its filters, what the timeline is given, the panel and the drags."""

from datetime import date

import pytest

from testbed.service import bookings
from testbed.service.actors import SYSTEM
from tests.web.conftest import NOW
from tests.web.reading import held, press, text_of, token_of
from web.pages.schedule_view import View, chips, read

DAY = "2026-12-08"
TUNNEL = "fc-kcity-weather"
MONDAY = date(2026, 11, 23)


def at_nine(browser, **more):
    """A hold from 09:00 to 12:00 in the rain tunnel; its number."""
    return held(browser, flex="exact", at="09:00", **more).rsplit("/", 1)[-1]


def data(browser, **query):
    answer = browser.get("/schedule/data", query_string={"day": DAY, **query})
    assert answer.status_code == 200
    return answer.json


def uses(browser, **query):
    return [use for use in data(browser, **query)["uses"] if use["place"] == TUNNEL]


def drag(browser, number, **fields):
    token = token_of(browser.get("/schedule").text)
    sent = {"csrf_token": token, "place": TUNNEL, "to": TUNNEL, **fields}
    return browser.post(f"/schedule/bookings/{number}/move", data=sent)


def state_of(context, number):
    return bookings.get(context, number, NOW, SYSTEM).state.value


# -- the address -----------------------------------------------------------------------------


def test_what_an_address_cannot_mean_is_as_usual():
    given = {"day": "yesterday", "days": "3", "booked": "maybe"}
    assert read(given, MONDAY) == View(MONDAY)


def test_a_week_begins_on_its_monday():
    view = read({"day": "2026-12-02", "days": "7"}, MONDAY)
    assert (view.day, view.last_day) == (date(2026, 11, 30), date(2026, 12, 6))


def test_an_address_keeps_the_whole_view():
    given = {"day": "2026-11-30", "days": "7", "city": "hwaseong", "q": "rain", "booked": "1"}
    given |= {"kind": "weather_simulation", "state": "held", "organisation": "a", "fold": "x,y"}
    assert read(given, MONDAY).address() == given


def test_a_chip_takes_its_filter_away_and_nothing_else():
    view = View(MONDAY, city="hwaseong", q="rain", booked=True)
    found = dict(chips(view, lambda name, value: f"{name} {value}"))
    assert list(found) == ["city hwaseong", "q rain", "booked 1"]
    assert found["city hwaseong"] == View(MONDAY, q="rain", booked=True)
    assert found["booked 1"] == View(MONDAY, city="hwaseong", q="rain")


# -- what the timeline is given --------------------------------------------------------------


def test_the_timeline_gets_wall_clock_times_with_set_up_and_clean_up(nari, operator):
    number = at_nine(nari)
    (use,) = uses(operator)
    assert (use["start"], use["end"]) == (f"{DAY}T09:00:00", f"{DAY}T12:00:00")
    assert (use["booking"], use["state"]) == (number, "held")
    assert use["before"] > 0
    assert use["who"] == "Narae Mobility (fictional)"


def test_the_timeline_gets_the_closed_hours_of_each_place(operator):
    found = data(operator)
    tunnel = next(place for place in found["places"] if place["id"] == TUNNEL)
    assert found["closed"][tunnel["hours"]] == [
        [f"{DAY}T00:00:00", f"{DAY}T09:00:00"],
        [f"{DAY}T18:00:00", "2026-12-09T00:00:00"],
    ]


def test_the_timeline_knows_the_present_at_the_site(operator):
    assert data(operator)["now"] == "2026-11-23T10:00:00"


def test_a_member_gets_a_busy_use_and_nothing_else_about_it(nari, gaon):
    at_nine(nari)
    (use,) = uses(gaon)
    assert use == {
        "place": TUNNEL,
        "start": f"{DAY}T09:00:00",
        "end": f"{DAY}T12:00:00",
        "state": "busy",
        "who": "busy",
    }


def test_members_may_move_their_own_and_operators_everything_to_come(nari, gaon, operator, clock):
    at_nine(nari)
    assert [use.get("moves", False) for who in (nari, gaon, operator) for use in uses(who)] == [
        True,
        False,
        True,
    ]


def test_unchanged_data_is_not_sent_again(nari, operator):
    first = operator.get(f"/schedule/data?day={DAY}")
    asked = {"If-None-Match": first.headers["ETag"]}
    assert operator.get(f"/schedule/data?day={DAY}", headers=asked).status_code == 304
    at_nine(nari)
    assert operator.get(f"/schedule/data?day={DAY}", headers=asked).status_code == 200


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ({"city": "hwaseong"}, True),
        ({"city": "anyang"}, False),
        ({"kind": "weather_simulation"}, True),
        ({"kind": "office"}, False),
        ({"state": "held"}, True),
        ({"state": "confirmed"}, False),
        ({"organisation": "demo-narae"}, True),
        ({"organisation": "demo-gaon"}, False),
        ({"q": "RAIN"}, True),
        ({"q": "나래"}, True),
        ({"q": "nothing of the kind"}, False),
    ],
)
def test_a_filter_shows_what_it_says(nari, operator, query, shown):
    at_nine(nari)
    assert bool(uses(operator, **query)) is shown
    table = operator.get("/schedule/table", query_string={"day": DAY, **query})
    assert ("◌ on hold Narae" in text_of(table)) is shown


def test_no_filter_tells_a_rival_whose_a_busy_use_is(nari, gaon):
    number = at_nine(nari)
    for query in ({"organisation": "demo-narae"}, {"q": "narae"}, {"q": number}, {"state": "held"}):
        assert uses(gaon, **query) == []


def test_places_without_uses_are_left_out_where_that_is_asked(nari, operator):
    at_nine(nari)
    every = data(operator, city="hwaseong")["places"]
    booked = data(operator, city="hwaseong", booked="1")["places"]
    assert TUNNEL in {place["id"] for place in booked}
    assert len(booked) < len(every)


# -- the table -------------------------------------------------------------------------------


def test_the_table_of_a_week_has_a_heading_for_each_day_that_has_entries(operator):
    said = text_of(operator.get(f"/schedule/table?day={DAY}&days=7"))
    assert "Schedule 2026-12-07 (Mon) – 2026-12-13 (Sun)" in said
    assert said.index("2026-12-07 (Mon). Booked") < said.index("2026-12-08 (Tue). Booked")


def test_the_table_names_set_up_and_clean_up(nari, operator):
    at_nine(nari)
    assert "09:00–12:00 (taken 08:15–12:45)" in text_of(operator.get(f"/schedule/table?day={DAY}"))


def test_a_filter_that_is_set_can_be_removed_by_a_link(operator):
    page = operator.get(f"/schedule/table?day={DAY}&city=anyang&q=rain")
    assert "Remove the filter Anyang" in text_of(page)
    assert f'href="/schedule/table?day={DAY}&amp;q=rain"' in page.text


def test_members_are_not_offered_other_organisations_to_filter_by(nari, operator):
    assert 'name="organisation"' not in nari.get("/schedule").text
    assert 'name="organisation"' in operator.get("/schedule").text


# -- the panel -------------------------------------------------------------------------------


def test_a_booking_opens_as_a_part_and_as_a_page(nari, operator):
    number = at_nine(nari)
    part = operator.get(f"/schedule/bookings/{number}", headers={"X-Part": "1"})
    assert "<html" not in part.text
    page = operator.get(f"/schedule/bookings/{number}")
    assert "<html" in page.text
    for answer in (part, page):
        assert "Narae Mobility" in text_of(answer)
        assert f'href="/bookings/{number}"' in answer.text


def test_an_operator_confirms_and_cancels_from_the_panel(nari, operator, context):
    number = at_nine(nari)
    address = f"/schedule/bookings/{number}"
    assert press(operator, address, "confirm").status_code == 303
    assert state_of(context, number) == "confirmed"
    token = token_of(operator.get(address).text)
    sent = operator.post(f"{address}/cancel", data={"csrf_token": token}, headers={"X-Part": "1"})
    assert "cancelled" in text_of(sent)
    assert state_of(context, number) == "cancelled"


def test_a_step_too_early_says_so(nari, operator):
    address = f"/schedule/bookings/{at_nine(nari)}"
    press(operator, address, "confirm")
    answer = press(operator, address, "check-in")
    assert answer.status_code == 409


def test_a_rival_finds_no_panel(nari, gaon):
    assert gaon.get(f"/schedule/bookings/{at_nine(nari)}").status_code == 404


# -- drags -----------------------------------------------------------------------------------


def test_a_drag_is_asked_first_and_moves_nothing(nari, operator):
    number = at_nine(nari)
    (use,) = uses(operator)
    answer = drag(operator, number, grain=use["grain"], start=f"{DAY}T13:00:00").json
    assert answer["ok"] is True
    assert answer["reasons"] == []
    assert answer["said"].endswith("2026-12-08 (Tue) 13:00 · the fee stays")
    assert uses(operator) == [use]


def test_a_drag_that_breaks_rules_is_told_every_one_of_them(nari, operator):
    number = at_nine(nari)
    (use,) = uses(operator)
    answer = drag(operator, number, grain=use["grain"], start="2026-11-23T17:00:00").json
    assert answer["ok"] is False
    said = " ".join(answer["reasons"])
    assert "is not open long enough" in said
    assert "days ahead" in said


def test_a_drag_moves_and_moves_back(nari, operator):
    number = at_nine(nari)
    (use,) = uses(operator)
    moved = drag(operator, number, grain=use["grain"], start=f"{DAY}T13:00:00", do="1").json
    assert moved["ok"] is True
    assert [each["start"] for each in uses(operator)] == [f"{DAY}T13:00:00"]
    drag(operator, number, grain=moved["grain"], start=use["start"], do="1")
    assert [each["start"] for each in uses(operator)] == [use["start"]]


def test_a_drag_of_what_has_moved_meanwhile_is_refused(nari, operator):
    number = at_nine(nari)
    (use,) = uses(operator)
    drag(operator, number, grain=use["grain"], start=f"{DAY}T13:00:00", do="1")
    late = drag(operator, number, grain=use["grain"], start=f"{DAY}T14:00:00", do="1").json
    assert late["ok"] is False
    assert "no longer stands at" in late["reasons"][0]


def test_a_rival_drags_nothing(nari, gaon, operator):
    number = at_nine(nari)
    (use,) = uses(operator)
    answer = drag(gaon, number, grain=use["grain"], start=f"{DAY}T13:00:00", do="1")
    assert answer.status_code == 404
    assert uses(operator) == [use]


@pytest.mark.parametrize(
    "odd",
    [
        {"grain": "x"},
        {"grain": "9" * 20},
        {"start": "soon"},
        {"start": f"{DAY}T13:00:00+09:00"},
        {"start": "0001-01-01T00:00:00"},
    ],
)
def test_a_drag_that_no_page_sends_is_refused(nari, operator, odd):
    number = at_nine(nari)
    assert (
        drag(
            operator, number, **{"grain": "1968000", "start": f"{DAY}T13:00:00", **odd}
        ).status_code
        == 400
    )
