"""The agenda, one booking with its rules and history, check-in, cancelling, the first pages."""

from datetime import UTC, datetime, timedelta

import pytest
from limits import parse
from sqlalchemy import update

from testbed.domain.parties import Member, Role
from testbed.persistence.tables import booking, line
from testbed.service import bookings, invitations, members, no_shows
from testbed.service.actors import SYSTEM
from tests.web.conftest import NOW, PASSWORD
from tests.web.crewed import with_crew
from tests.web.reading import held, press, search, take, text_of, token_of
from web import limits

TUNNEL = "Rain and fog simulation tunnel"
START = datetime(2026, 12, 8, 1, 0, tzinfo=UTC)  # the Tuesday, 10:00 in Seoul
MINUTE = timedelta(minutes=1)


def number_of(address: str) -> str:
    return address.rsplit("/", 1)[-1]


@pytest.fixture
def confirmed(nari, context) -> str:
    """The address of a confirmed booking of demo-narae at START."""
    address = held(nari, flex="exact")
    press(nari, address, "confirm")
    with_crew(context, number_of(address))
    return address


@pytest.fixture
def later(clock, sign_in):
    """Come back at another moment: a browser of the person, signed in then."""

    def come(moment: datetime, email: str = "nari@example.org"):
        clock.moment = moment
        return sign_in(email)

    return come


# -- the agenda ------------------------------------------------------------------------------


def test_the_agenda_names_the_day_and_the_time_with_its_zone(nari, confirmed, later):
    said = text_of(nari.get("/bookings"))
    assert "2026-12-08 (Tue) 10:00–13:00 KST Rain and fog simulation tunnel" in said
    on_the_day = text_of(later(START - timedelta(hours=5)).get("/bookings"))
    assert "2026-12-08 (Tue) today" in on_the_day


def test_a_hold_counts_down_in_the_agenda(nari, clock):
    held(nari)
    clock.moment += timedelta(minutes=12, seconds=30)
    assert "time left 17:30" in text_of(nari.get("/bookings"))


NARROWED = [
    ({}, True),
    ({"show": "past"}, False),
    ({"show": "all"}, True),
    ({"state": "confirmed"}, True),
    ({"state": "held"}, False),
    ({"city": "hwaseong"}, True),
    ({"city": "ansan"}, False),
    ({"q": "RAIN"}, True),
    ({"q": "기상환경"}, True),
    ({"q": "nothing of the kind"}, False),
    ({"q": "{number}"}, True),
    ({"show": "tomorrow", "state": "x", "city": "seoul", "after": "1.2.3"}, True),
]


def test_the_filters_of_the_address_narrow_the_list(nari, confirmed):
    for asked, is_there in NARROWED:
        number = number_of(confirmed)
        query = {name: value.format(number=number) for name, value in asked.items()}
        page = nari.get("/bookings", query_string=query).text
        assert (f'href="{confirmed}"' in page) is is_there, asked
        assert ("No booking is" in page) is not is_there, asked


def test_what_is_over_stands_among_the_past_ones(confirmed, later):
    browser = later(START + timedelta(days=1))
    assert confirmed not in browser.get("/bookings").text
    assert confirmed in browser.get("/bookings?show=past").text


def test_an_operator_seeks_by_organisation_and_a_member_cannot(gaon, operator, confirmed):
    assert confirmed in operator.get("/bookings?organisation=demo-narae").text
    assert confirmed not in operator.get("/bookings?organisation=demo-gaon").text
    assert confirmed in operator.get("/bookings?q=narae").text
    for asked in ("organisation=demo-narae", "q=narae", f"q={number_of(confirmed)}", "show=all"):
        assert confirmed not in gaon.get(f"/bookings?{asked}").text


def test_a_long_list_is_read_page_by_page(nari, monkeypatch):
    monkeypatch.setattr("web.pages.bookings.PER_PAGE", 1)
    first = held(nari, flex="exact", at="09:00", kind="v2x", elsewhere="y", city="")
    second = held(nari, flex="exact", at="10:00", day="2026-12-09", kind="v2x", city="")
    page = nari.get("/bookings").text
    assert first in page
    assert second not in page
    following = page.split('rel="next"')[0].rsplit('href="', 1)[1].split('"')[0]
    page = nari.get(following.replace("&amp;", "&")).text
    assert second in page
    assert first not in page
    assert 'rel="next"' not in page


# -- a place that is gone --------------------------------------------------------------------


@pytest.fixture
def gone(confirmed, context) -> str:
    """The confirmed booking, after its place and its rule left the catalogue."""
    with context.database.writing() as connection:
        connection.execute(update(line).values(resource="rt-gone"))
        connection.execute(update(booking).values(rule="rule-gone"))
    return confirmed


def test_a_place_that_left_the_catalogue_breaks_no_page(nari, gone):
    for path in ("/bookings", "/", gone, f"{gone}/cancel", "/bookings?show=all&q=gone"):
        assert nari.get(path, follow_redirects=True).status_code == 200, path


def test_a_place_that_left_the_catalogue_is_named_by_its_id(nari, gone):
    for path in ("/bookings", gone):
        said = text_of(nari.get(path))
        assert "rt-gone" in said
        assert "no longer in the catalogue" in said
    assert "not known: a place is no longer in the catalogue" in text_of(nari.get(gone))


# -- one booking -----------------------------------------------------------------------------


def test_a_booking_says_what_it_takes_and_what_it_commits_to(nari, confirmed):
    said = text_of(nari.get(confirmed))
    assert "10:00–13:00" in said
    assert "set-up from 09:15 · clean-up until" in said
    assert "Who has not checked in by 2026-12-08 (Tue) 10:30 KST is a no-show" in said
    assert 'href="/catalogue/fc-kcity-weather"' in nari.get(confirmed).text


def test_a_hold_says_what_confirming_commits_to(nari):
    said = text_of(nari.get(held(nari)))
    assert "Confirming makes it binding: ₩600,000 for the booked time. illustrative" in said
    assert "free while on hold; once confirmed, free until" in said


def test_the_history_names_the_own_people_and_of_operators_the_role(nari, operator, confirmed):
    press(operator, confirmed, "cancel")
    mine = text_of(nari.get(confirmed)).partition("History")[2]
    assert "Held Nari" in mine
    assert "Confirmed Nari" in mine
    assert "Cancelled operator" in mine
    assert "Oh" not in mine
    assert "Cancelled Oh" in text_of(operator.get(confirmed)).partition("History")[2]


def test_what_time_ended_nobody_did(nari, clock):
    address = held(nari)
    clock.moment += timedelta(hours=1)
    held(nari, day="2026-12-10")
    said = text_of(nari.get(address)).partition("History")[2]
    assert "The hold ran out automatically" in said


# -- cancelling ------------------------------------------------------------------------------


def test_cancelling_is_asked_once_more_on_a_page(nari, confirmed):
    assert f'href="{confirmed}/cancel"' in nari.get(confirmed).text
    asked = text_of(nari.get(f"{confirmed}/cancel"))
    assert "Cancel this booking?" in asked
    assert TUNNEL in asked
    assert nari.get(confirmed).text.count("state-confirmed")


def test_a_late_cancellation_is_said_to_count_before_it_is_done(confirmed, later):
    asked = text_of(later(START - timedelta(hours=2)).get(f"{confirmed}/cancel"))
    assert "It is late: the hours will still count for the week." in asked


def test_what_has_begun_is_no_longer_asked_about(confirmed, later):
    browser = later(START + MINUTE)
    assert browser.get(f"{confirmed}/cancel").headers["Location"] == confirmed
    assert "cancel" not in browser.get(confirmed).text.partition("<h1>")[2].partition("</main>")[0]


# -- check-in --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("moment", "is_open", "said"),
    [
        (START - 61 * MINUTE, False, "Check in on this page from 2026-12-08 (Tue) 09:00 KST"),
        (START - 60 * MINUTE, True, "Check-in is open until 2026-12-08 (Tue) 10:30 KST."),
        (START, True, "Begun, and nobody has checked in."),
        (START + 30 * MINUTE - timedelta(seconds=1), True, "Begun, and nobody has checked in."),
        (START + 30 * MINUTE, False, "∅ no-show"),
    ],
)
def test_the_button_to_check_in_is_there_while_it_helps(confirmed, later, moment, is_open, said):
    page = later(moment).get(confirmed)
    assert (f'action="{confirmed}/check-in"' in page.text) is is_open
    assert said in text_of(page)


@pytest.mark.parametrize("email", ["nari@example.org", "oh@example.org"])
def test_members_of_the_organisation_and_operators_check_in(confirmed, later, context, email):
    browser = later(START, email)
    assert press(browser, confirmed, "check-in").headers["Location"] == confirmed
    assert bookings.get(context, number_of(confirmed), START, SYSTEM).state == "checked_in"
    said = text_of(browser.get(confirmed))
    assert "Checked in: the place is yours" in said
    assert "▶ checked in" in said


def test_a_rival_cannot_check_in(confirmed, later, context):
    browser = later(START, "gaon@example.org")
    token = token_of(browser.get("/bookings").text)
    answer = browser.post(f"{confirmed}/check-in", data={"csrf_token": token})
    assert answer.status_code == 404
    assert bookings.get(context, number_of(confirmed), START, SYSTEM).state == "confirmed"


def test_who_comes_too_late_is_told_so(confirmed, later):
    browser = later(START + 30 * MINUTE)
    token = token_of(browser.get(confirmed).text)
    answer = browser.post(f"{confirmed}/check-in", data={"csrf_token": token})
    assert answer.status_code == 409


# -- the first page --------------------------------------------------------------------------


def person(context, role: Role, organisation: str = "org-gyeonggi") -> str:
    email = f"{role.value}@example.org"
    members.add(context, Member(0, organisation, email, "Somebody", role), PASSWORD, NOW, SYSTEM)
    return email


def test_a_member_first_sees_the_holds_that_run_out(nari):
    address = held(nari)
    page = nari.get("/")
    assert "1 hold that runs out unless it is confirmed" in text_of(page)
    assert f'href="{address}"' in page.text
    assert "What do you test?" in text_of(page)


def test_a_member_sees_the_week_ahead_and_nothing_beyond_it(nari, confirmed, later):
    assert "Nothing is booked for the next seven days." in text_of(nari.get("/"))
    assert confirmed in later(START - timedelta(days=6)).get("/").text


def test_the_quick_search_finds_offers(nari):
    page = nari.get("/").text
    assert 'action="/find"' in page
    assert "article" in nari.get("/find?kind=adverse_weather").text


def test_an_operator_sees_who_is_late_who_is_there_and_who_comes(operator, confirmed, later):
    assert "Nothing else begins today." in text_of(operator.get("/"))
    due = text_of(later(START - timedelta(hours=4), "oh@example.org").get("/"))
    assert "Begun and not checked in" not in due
    assert TUNNEL in due.partition("Next today")[2]
    late = text_of(later(START + MINUTE, "oh@example.org").get("/"))
    assert "! Begun and not checked in" in late
    assert "not checked in; no-show at 10:30 KST" in late


def test_an_operator_sees_who_is_there(confirmed, later, context):
    no_shows.check_in(context, number_of(confirmed), START, SYSTEM)
    said = text_of(later(START + MINUTE, "oh@example.org").get("/"))
    assert TUNNEL in said.partition("There now")[2].partition("Next today")[0]


def test_an_observer_sees_the_own_organisations_week_alone(confirmed, context, later):
    mine = person(context, Role.OBSERVER, "demo-narae")
    assert confirmed in later(START - timedelta(days=2), mine).get("/").text
    other = person(context, Role.PLANNER)
    assert confirmed not in later(START - timedelta(days=2), other).get("/").text


def test_a_manager_sees_the_invitations_that_are_open(context, sign_in):
    email = person(context, Role.MANAGER, "demo-narae")
    browser = sign_in(email)
    assert "invitation" not in text_of(browser.get("/"))
    manager = members.by_email(context, email)
    invitations.invite(context, "demo-narae", "new@example.org", Role.MEMBER, NOW, actor=manager)
    assert "1 invitation is open new@example.org" in text_of(browser.get("/"))


def test_a_planner_sees_studies_and_the_way_to_start_one(context, sign_in):
    browser = sign_in(person(context, Role.PLANNER))
    said = text_of(browser.get("/"))
    assert "None runs or waits." in said
    assert "Start a study" in said


def test_an_administrator_sees_what_does_not_work(context, sign_in):
    browser = sign_in(person(context, Role.ADMINISTRATOR))
    assert "The service is not ready" in text_of(browser.get("/"))


def test_taking_offers_again_and_again_is_limited_as_in_the_api(app, nari):
    app.extensions[limits.EXTENSION].rates["submit"] = parse("1 per minute")
    offered = search(nari)
    assert take(nari, offered).status_code == 303
    answer = take(nari, offered)
    assert answer.status_code == 429
    assert int(answer.headers["Retry-After"]) > 0
