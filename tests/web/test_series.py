"""The pages of series and templates: asked for, mended, changed in part, kept from others."""

import re
from html import unescape
from urllib.parse import urlencode

import pytest

from tests.web.reading import WISH, Forms, held, text_of, token_of

# A route that one company may take for itself; every Tuesday from 8 December on, at 10:00.
EXACT = {
    **WISH,
    "kind": "route",
    "resource": "rt-kcity-urban",
    "flex": "exact",
    "mode": "exclusive",
}
WEEKLY = {"how": "rule", "every": "1", "unit": "WEEKLY", "on": "1", "ends": "count", "count": "4"}
ASKED = {**EXACT, **WEEKLY, "holidays": "y", "partly": "partly"}


def forms_of(answer) -> dict[str, dict]:
    return dict(Forms(answer.text).found)


def preview(browser, **changed):
    return browser.get(f"/series/new?{urlencode({**ASKED, **changed}, doseq=True)}")


def asked_for(browser, **changed):
    """The page of a series that was previewed and then held."""
    form = forms_of(preview(browser, **changed))["/series"]
    return browser.post("/series", data=form, follow_redirects=True)


def address_of(page) -> str:
    found = re.search(r'action="(/series/[a-z0-9]+)/extend"', page.text)
    assert found, text_of(page)
    return found[1]


def press(browser, page, action: str, **more):
    form = next(fields for where, fields in Forms(page.text).found if where == action)
    return browser.post(action, data={**form, **more}, follow_redirects=True)


def dates_of(page) -> list[str]:
    listed = page.text.split('class="dates-list"')[1].split("</ol>")[0]
    return [
        " ".join(unescape(re.sub(r"<[^>]+>", " ", each)).split())
        for each in listed.split("<li id=")[1:]
    ]


def gaon_takes(gaon, day: str) -> None:
    """The rival holds the whole route that morning."""
    offers = gaon.get(f"/find?{urlencode({**EXACT, 'day': day})}")
    form = next(fields for where, fields in Forms(offers.text).found if where == "/bookings")
    assert "/bookings/" in gaon.post("/bookings", data=form).location


def test_a_preview_shows_which_dates_fit_and_keeps_nothing(nari, gaon):
    gaon_takes(gaon, "2026-12-15")
    said = text_of(preview(nari))
    assert "every week on Tue, 10:00 KST, 4 dates, not on public holidays" in said
    assert said.count("✓ fits") == 3
    assert "✕ left out" in said
    assert "Near it:" in said
    assert "Nothing repeats yet" in text_of(nari.get("/series"))


@pytest.mark.slow
def test_a_series_across_a_holiday_leaves_it_out(nari):
    said = text_of(preview(nari, on="4", day="2026-12-18", count="2"))
    assert "2026-12-25 (Fri) 10:00 KST – public holiday" in said


@pytest.mark.slow
def test_a_series_is_held_and_confirmed_together(nari):
    page = asked_for(nari)
    where = address_of(page)
    assert "on hold" in text_of(page)
    done = text_of(press(nari, page, f"{where}/confirm"))
    assert "Confirmed: 4 dates are yours." in done
    assert "4 confirmed" in text_of(nari.get("/series"))


def test_what_was_left_out_is_mended_by_one_click(nari, gaon):
    gaon_takes(gaon, "2026-12-15")
    page = asked_for(nari)
    where = address_of(page)
    assert [("left out" in each) for each in dates_of(page)] == [False, True, False, False]
    mended = press(nari, page, f"{where}/dates/2026-12-15/ask")
    assert "has a place" in text_of(mended)
    assert "changed by itself" in dates_of(mended)[1]


@pytest.mark.slow
def test_a_repair_that_has_gone_holds_nothing(nari, gaon):
    gaon_takes(gaon, "2026-12-15")
    page = asked_for(nari)
    where = f"{address_of(page)}/dates/2026-12-15/ask"
    form = next(fields for each, fields in Forms(page.text).found if each == where)
    answer = nari.post(where, data={**form, "repair": "1~60~rt-kcity-urban"})
    assert answer.status_code == 409
    assert "left out" in dates_of(answer)[1]


@pytest.mark.slow
def test_all_or_nothing_says_which_dates_stood_in_the_way(nari, gaon):
    gaon_takes(gaon, "2026-12-15")
    said = text_of(asked_for(nari, partly="all"))
    assert "Nothing is held: these dates do not fit" in said
    assert "2026-12-15 (Tue)" in said
    assert "Nothing repeats yet" in text_of(nari.get("/series"))


def test_the_following_dates_move_and_one_is_left_out(nari):
    page = asked_for(nari)
    where = address_of(page)
    form = nari.get(f"{where}/edit?day=2026-12-22&scope=following")
    done = text_of(press(nari, form, f"{where}/edit", at="13:00", scope="following"))
    assert "2 dates: 2026-12-22 (Tue), 2026-12-29 (Tue)" in done
    shown = dates_of(nari.get(where))
    assert ["13:00–" in each for each in shown] == [False, False, True, True]
    asks = nari.get(f"{where}/cancel?day=2026-12-15")
    assert "It costs nothing now." in text_of(asks)
    press(nari, asks, f"{where}/cancel")
    assert "skipped" in dates_of(nari.get(where))[1]


@pytest.mark.slow
def test_a_bookings_page_says_of_which_series_it_is(nari):
    page = asked_for(nari)
    booking = re.search(r'href="(/bookings/[a-z0-9]+)"', page.text)[1]
    said = text_of(nari.get(booking))
    assert "Part of a series, date 1 of 4" in said
    assert "this and the following" in said


@pytest.mark.slow
def test_a_booking_is_duplicated_to_other_dates(nari):
    number = held(nari).rsplit("/", 1)[1]
    form = nari.get(f"/series/new?booking={number}&dates=1")
    fields = forms_of(form)["/series/new#dates"]
    sent = {**fields, "how": "dates", "unit": "WEEKLY", "ends": "count", "partly": "partly"}
    days = {"date": ["2026-12-10", "2026-12-17"]}
    found = nari.get(f"/series/new?{urlencode({**sent, **days}, doseq=True)}")
    page = nari.post("/series", data=forms_of(found)["/series"], follow_redirects=True)
    assert "on 2 chosen dates" in text_of(page)
    assert len(dates_of(page)) == 2


def test_a_form_that_cannot_be_read_says_what_is_wrong(nari):
    said = text_of(preview(nari, ends="until", until="2026-12-01", every="99"))
    assert "Choose a day after the first one." in said
    assert "between 1 and 52" in said
    assert "Choose at least one date." in text_of(preview(nari, how="dates"))


def test_the_series_of_a_rival_is_no_page_at_all(nari, gaon, operator):
    where = address_of(asked_for(nari))
    for address in (where, f"{where}/edit", f"{where}/cancel"):
        assert gaon.get(address).status_code == 404
    token = token_of(gaon.get("/series/new?" + urlencode(ASKED)).text)
    for step in ("confirm", "edit", "cancel", "extend", "dates/2026-12-08/ask"):
        answer = gaon.post(f"{where}/{step}", data={"csrf_token": token})
        assert answer.status_code == 404, step
    assert operator.get(where).status_code == 200


# -- templates -------------------------------------------------------------------------------


def keep(browser, name: str = "Rain in the tunnel") -> None:
    offers = browser.get(f"/find?{urlencode(WISH)}")
    press(browser, offers, "/templates", template=name)


def test_a_search_is_kept_as_a_template_and_used_again(nari):
    keep(nari)
    listed = nari.get("/templates")
    assert "Rain in the tunnel" in text_of(listed)
    use = re.search(r'href="(/templates/[a-z0-9]+)"', listed.text)[1]
    again = nari.get(use)
    assert again.status_code == 303
    for part in ("kind=adverse_weather", "day=2026-12-01", "at=10:00", "flex=3", "choose=1"):
        assert part in again.location
    assert nari.get(again.location).status_code == 200


@pytest.mark.slow
def test_a_template_has_a_name_of_its_own_and_is_renamed_and_deleted(nari):
    keep(nari)
    keep(nari)
    listed = nari.get("/templates")
    assert text_of(listed).count("Rain in the tunnel") == 1
    where = re.search(r'action="(/templates/[a-z0-9]+)/rename"', listed.text)[1]
    renamed = press(nari, listed, f"{where}/rename", name="Fog")
    assert "Fog" in text_of(renamed)
    assert "No template is kept yet." in text_of(press(nari, renamed, f"{where}/delete"))


@pytest.mark.slow
def test_a_template_stays_inside_its_organisation(nari, gaon):
    keep(nari)
    use = re.search(r'href="(/templates/[a-z0-9]+)"', nari.get("/templates").text)[1]
    assert "No template is kept yet." in text_of(gaon.get("/templates"))
    assert gaon.get(use).status_code == 404


@pytest.mark.slow
@pytest.mark.parametrize("page", ["/series", "/templates", "/series/new?" + urlencode(ASKED)])
def test_the_pages_speak_korean(sign_in, page):
    said = text_of(sign_in("nari@example.org", "ko").get(page))
    assert "반복 예약" in said
