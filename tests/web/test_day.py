"""The day on the pages: the code, the board, the gate, the stop, the record of use."""

import json
import re
from datetime import timedelta

import pytest

from testbed.domain.grid import moment_of
from testbed.secret import secret
from testbed.service import bookings, visits
from testbed.service.actors import SYSTEM
from testbed.service.usage_export import is_genuine
from tests.web.conftest import NOW
from tests.web.crewed import with_crew
from tests.web.reading import held, token_of

MINUTE = timedelta(minutes=1)


def post(browser, path, **form):
    """Send a form as the page of the address would; the answer after its redirect."""
    page = browser.get("/account").text
    answer = browser.post(path, data={**form, "csrf_token": token_of(page)})
    return answer if answer.status_code != 303 else browser.get(answer.location)


@pytest.fixture
def booking(sign_in, context, clock):
    """A confirmed booking of Nari's, whose check-in is open now."""
    name = held(sign_in("nari@example.org")).rsplit("/", 1)[1]
    kept = bookings.confirm(context, with_crew(context, name), NOW, SYSTEM)
    with_crew(context, name)
    clock.moment = moment_of(kept.start)
    return kept


@pytest.fixture
def nari(booking, sign_in):
    """On the day: who signed in two weeks before has to do it again."""
    return sign_in("nari@example.org")


@pytest.fixture
def gaon(booking, sign_in):
    return sign_in("gaon@example.org")


@pytest.fixture
def operator(booking, sign_in):
    return sign_in("oh@example.org")


@pytest.fixture
def visit(booking, nari):
    post(nari, f"/visits/{booking.id}/check-in")
    return booking


def test_the_page_of_the_code_offers_the_one_step_that_is_open(nari, booking, clock):
    address = f"/visits/{booking.id}"
    assert "Check in</button>" in nari.get(address).text
    assert "Check out</button>" in post(nari, f"{address}/check-in").text
    clock.moment += 20 * MINUTE
    assert "Nothing is to be done" in post(nari, f"{address}/check-out").text


def test_the_code_leads_to_its_page_and_opens_nothing_to_strangers(
    app, nari, gaon, operator, booking
):
    page = nari.get(f"/bookings/{booking.id}").text
    assert 'class="segno"' in page
    assert "style=" not in re.search(r"<svg.*?</svg>", page, re.S).group()
    assert nari.get(f"/visits/{booking.id}/code").status_code == 200
    assert operator.get(f"/visits/{booking.id}").status_code == 200
    assert gaon.get(f"/visits/{booking.id}").status_code == 404
    answer = app.test_client().get(f"/visits/{booking.id}")
    assert "/sign-in?next=" in answer.location


def test_the_board_says_who_should_be_here_is_here_and_has_overrun(operator, nari, booking, clock):
    assert "Should be here" in operator.get("/today").text
    assert "Is here" in post(operator, f"/visits/{booking.id}/check-in", **{"from": "today"}).text
    clock.moment = moment_of(booking.end) + 12 * MINUTE
    page = operator.get("/today").text
    assert "12 minutes over" in page
    assert "Please leave the place now" in nari.get(f"/bookings/{booking.id}").text
    assert (
        "Overrunning"
        not in post(operator, f"/visits/{booking.id}/check-out", **{"from": "today"}).text
    )


def test_whom_to_call_is_seen_by_operators_and_the_gate_alone(
    nari, gaon, operator, booking, context
):
    post(nari, f"/visits/{booking.id}/contact", name="Kim Ji", phone="010-1234-5678")
    site = context.catalogue().resource(booking.lines[0].resource).site
    for page in ("/today", f"/gate?site={site}", f"/gate/list.csv?site={site}"):
        assert "010-1234-5678" in operator.get(page).text, page
        assert gaon.get(page).status_code == 403
    answer = post(nari, f"/visits/{booking.id}/contact", name="=Kim", phone="call me")
    assert answer.status_code == 400


def test_entry_instructions_stand_on_the_booking_and_under_the_gate_list(
    nari, operator, booking, context
):
    site = context.catalogue().resource(booking.lines[0].resource).site
    page = post(operator, f"/gate/{site}/instructions", ko="정문으로", en="By the main gate")
    assert "By the main gate" in page.text
    assert "By the main gate" in nari.get(f"/bookings/{booking.id}").text


def test_a_stop_is_on_every_page_it_concerns(nari, operator, visit, clock):
    clock.moment += 7 * MINUTE
    line = visit.lines[0].resource
    page = post(
        operator, "/closures", target=line, minutes="60", reason="Oil on the track", key="k"
    )
    assert "Bookings ended: 1" in page.text
    assert "Oil on the track" in nari.get(f"/bookings/{visit.id}").text
    assert "Oil on the track" in operator.get("/today").text
    assert "1 closure is in force" in operator.get("/").text
    number = re.search(r"/closures/([^/]+)/reopen", operator.get("/closures").text)[1]
    assert "Reopened" in post(operator, f"/closures/{number}/reopen").text
    assert "Nothing is closed." in operator.get("/closures").text


def recorded(nari, visit, clock, **more):
    """The page after a session was entered once the visit has ended."""
    clock.moment = moment_of(visit.end) - 30 * MINUTE
    post(nari, f"/visits/{visit.id}/check-out")
    local = moment_of(visit.start) + timedelta(hours=9)
    form = {
        "resource": visit.lines[0].resource,
        "started": f"{local:%Y-%m-%dT%H:%M}",
        "ended": f"{local + 60 * MINUTE:%Y-%m-%dT%H:%M}",
        "km": "42.5",
        "takeovers": "3",
        **more,
    }
    return post(nari, f"/usage/{visit.id}", **form)


def test_a_session_is_recorded_listed_and_exported(nari, gaon, visit, clock, settings):
    page = recorded(nari, visit, clock, incident="y", incident_text="=HYPERLINK(1)")
    assert "42.5 km" in page.text
    span = "?since=2026-11-01&until=2027-01-31"
    assert "3 takeovers" in nari.get(f"/usage{span}").text
    table = nari.get(f"/usage/export.csv{span}").text
    assert table.startswith("\ufeff")
    assert ",'=HYPERLINK(1)," in table
    signed = json.loads(nari.get(f"/usage/export.json{span}").text)
    key = secret(settings.security.secret_file)
    assert is_genuine(signed, key)
    assert not is_genuine({**signed, "since": "2026-11-02"}, key)
    assert visit.id not in gaon.get(f"/usage{span}").text
    assert gaon.get(f"/usage/export.csv{span}").text.count("\n") == 1


def test_what_cannot_have_been_is_refused_and_nothing_typed_is_lost(nari, visit, clock):
    page = recorded(nari, visit, clock, km="far")
    assert (page.status_code, 'value="far"' in page.text) == (422, True)
    late = recorded_again(nari, visit, ended="2030-01-01T10:00")
    assert (late.status_code, 'value="2030-01-01T10:00"' in late.text) == (400, True)
    assert recorded_again(nari, visit, resource="rt-elsewhere").status_code == 400


def recorded_again(nari, visit, **more):
    local = moment_of(visit.start) + timedelta(hours=9)
    form = {"resource": visit.lines[0].resource, "started": f"{local:%Y-%m-%dT%H:%M}"}
    form |= {"ended": f"{local + 60 * MINUTE:%Y-%m-%dT%H:%M}", "km": "1", "takeovers": "0"}
    return post(nari, f"/usage/{visit.id}", **{**form, **more})


def test_what_is_to_be_recorded_waits_on_the_first_page_until_it_is_late(
    nari, sign_in, visit, clock
):
    clock.moment = moment_of(visit.end)
    post(nari, f"/visits/{visit.id}/check-out")
    assert "is to be recorded" in nari.get("/").text
    clock.moment += timedelta(days=31)
    nari, operator = sign_in("nari@example.org"), sign_in("oh@example.org")
    assert "is to be recorded" not in nari.get("/").text
    assert recorded_again(nari, visit).status_code == 403
    assert recorded_again(operator, visit).status_code == 200


def test_a_visit_that_nobody_checked_out_says_so(sign_in, visit, context, clock):
    clock.moment = moment_of(visit.end) + timedelta(hours=12)
    assert visits.complete_forgotten(context, clock.moment, 12) == 1
    nari = sign_in("nari@example.org")
    assert "Not checked out; completed" in nari.get(f"/bookings/{visit.id}").text
