"""Who sees and does what."""

import pytest

from tests.web.reading import held, press, search, take, text_of

DAY = "/schedule?day=2026-12-08"
PAGES = ("/", "/find", "/bookings", "/bookings/abc", "/schedule")
STEPS = ("/bookings", "/bookings/abc/confirm", "/bookings/abc/cancel", "/bookings/abc/move")


def hold_at_nine(browser):
    return held(browser, flex="exact", at="09:00")


@pytest.mark.parametrize("address", PAGES)
def test_who_has_not_signed_in_is_sent_to_do_so(app, address):
    answer = app.test_client().get(address)
    assert answer.status_code == 302
    assert answer.headers["Location"].startswith("/sign-in")


def test_an_operator_reads_the_day_with_names_and_states(nari, operator):
    address = hold_at_nine(nari)
    said = text_of(operator.get(DAY))
    assert "Hwaseong · K-City autonomous-driving test city" in said
    assert "09:00–12:00 (taken 08:15–12:45) ◌ on hold Narae Mobility (fictional) 1 unit" in said
    assert f'href="/schedule{address}"' in operator.get(DAY).text


def test_standing_services_stand_in_the_schedule_before_anybody_books(operator):
    said = text_of(operator.get(DAY))
    assert "Panta-G bus line 07:30–19:00 ⇄ standing service" in said


def test_other_members_see_that_a_place_is_busy_and_not_who_is_there(nari, gaon):
    address = hold_at_nine(nari)
    answer = gaon.get(DAY)
    assert "09:00–12:00 ■ busy –" in text_of(answer)
    assert "Narae" not in text_of(answer)
    assert address not in answer.text


def test_another_organisation_finds_no_such_booking(nari, gaon, operator):
    address = hold_at_nine(nari)
    assert gaon.get(address).status_code == 404
    assert "Narae" not in gaon.get("/bookings?show=all").text
    assert operator.get(address).status_code == 200
    assert "Narae" in operator.get("/bookings").text


@pytest.mark.parametrize("step", ["confirm", "cancel"])
def test_another_organisation_can_do_nothing_to_it(nari, gaon, step):
    address = hold_at_nine(nari)
    token = text_token(gaon)
    assert gaon.post(f"{address}/{step}", data={"csrf_token": token}).status_code == 404
    assert "on hold" in text_of(nari.get(address))


def text_token(browser):
    from tests.web.reading import token_of  # noqa: PLC0415

    return token_of(browser.get("/find").text)


def test_another_organisation_cannot_move_it(nari, gaon):
    address = hold_at_nine(nari)
    number = address.rsplit("/", 1)[-1]
    assert search(gaon, move=number).status_code == 404


def test_an_operator_confirms_for_an_organisation(nari, operator):
    address = hold_at_nine(nari)
    assert press(operator, address, "confirm").status_code == 303
    assert "confirmed" in text_of(nari.get(address))


def test_an_operator_looks_for_offers_but_holds_none(operator):
    answer = search(operator)
    assert "offers, the best first" in text_of(answer)
    assert "way_start" not in answer.text


def test_the_schedule_can_be_narrowed_to_a_city(nari, operator):
    hold_at_nine(nari)
    assert "Rain and fog" in text_of(operator.get(f"{DAY}&city=hwaseong"))
    assert "Rain and fog" not in text_of(operator.get(f"{DAY}&city=anyang"))


@pytest.mark.parametrize("day", ["", "yesterday", "0001-01-01", "9999-12-31"])
def test_a_day_that_is_none_shows_today(operator, day):
    assert "Schedule 2026-11-23 (Mon)" in text_of(operator.get(f"/schedule?day={day}"))


def test_an_empty_day_says_what_to_do(operator):
    said = text_of(operator.get("/schedule?day=2026-12-06&city=gwacheon"))
    assert "Nothing matches these filters on these days. Remove a filter" in said


def test_a_hold_that_ran_out_leaves_the_schedule(nari, operator, clock):
    from datetime import timedelta  # noqa: PLC0415

    hold_at_nine(nari)
    clock.moment += timedelta(minutes=31)
    assert "Rain and fog" not in text_of(operator.get(DAY))


def test_nobody_takes_an_offer_twice(nari, gaon):
    found = search(nari, flex="exact", at="09:00")
    assert take(nari, found).status_code == 303
    assert take(gaon, search(gaon, flex="exact", at="12:00", hours="2")).status_code in {303, 409}
