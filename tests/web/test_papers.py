"""The pages of papers: a manager enters, an operator accepts, a member books and names the crew."""

from datetime import timedelta
from io import BytesIO

import pytest

from testbed.domain.grid import moment_of
from testbed.domain.parties import Member, Role
from testbed.service import bookings, kept_papers, members, papers
from testbed.service.actors import SYSTEM
from testbed.service.kept_papers import PapersWanted
from tests.web.conftest import NOW, PASSWORD
from tests.web.crewed import with_crew
from tests.web.reading import held, press, text_of, token_of

OWN = "demo-narae"
PDF = b"%PDF-1.7 example"


@pytest.fixture
def manager(sign_in, context):
    person = Member(0, OWN, "mina@example.org", "Mina", Role.MANAGER)
    members.add(context, person, PASSWORD, NOW, SYSTEM)
    return sign_in("mina@example.org")


def send(browser, page, to=None, **form):
    """Fill the form of a page and send it."""
    token = token_of(browser.get(page).text)
    return browser.post(to or page, data={**form, "csrf_token": token})


def entered(manager, kind="insurance", **form):
    """The address of a new paper."""
    days = {"valid_from": "2026-11-01", "valid_until": "2027-10-31"}
    answer = send(manager, f"/papers/new?kind={kind}", **{**days, **form})
    assert answer.status_code == 303, text_of(answer)
    return answer.location


def test_a_manager_enters_a_vehicle_a_driver_and_their_papers(manager):
    car = {"name": "Ioniq", "plate": "12가3456", "type": "B", "sae_level": "4"}
    assert send(manager, "/papers/vehicles/new", **car).status_code == 303
    assert send(manager, "/papers/drivers/new", name="Han", contact="").status_code == 303
    permit = {"vehicle": "ex-c5205b3b-car-1", "covers": ["hwaseong", "public-roads"]}
    said = text_of(manager.get(entered(manager, "permit", **permit)))
    assert "waits for acceptance" in said
    assert "Hwaseong" in said
    page = text_of(manager.get("/papers"))
    for told in ("Ioniq", "12가3456", "Type B", "Han"):
        assert told in page


def test_a_briefing_ends_when_the_rule_of_the_site_says(manager, context):
    driver, site = "ex-c5205b3b-driver-1", "site-kcity"
    form = {"driver": driver, "site": site, "valid_until": ""}
    address = entered(manager, "briefing", **form)
    found = kept_papers.one(context, address.rsplit("/", 1)[1], SYSTEM)
    assert (found.valid_until - found.valid_from).days == 364


def test_what_is_wrong_with_a_paper_is_said_and_nothing_is_lost(manager):
    wrong = {"valid_from": "2026-12-31", "valid_until": "2026-01-01", "number": "POL-7"}
    answer = send(manager, "/papers/new?kind=insurance", **wrong)
    assert answer.status_code == 400
    assert "last day" in text_of(answer)
    assert "POL-7" in answer.text


def test_an_operator_accepts_or_rejects_what_was_seen(manager, operator):
    first, second = entered(manager), entered(manager, number="two")
    assert "Waiting for acceptance" in text_of(operator.get("/papers"))
    assert send(operator, first, f"{first}/accept", version="1").status_code == 303
    refused = send(operator, second, f"{second}/reject", version="1", reason=" ")
    assert refused.status_code == 400
    send(operator, second, f"{second}/reject", version="1", reason="Another name stands on it.")
    assert "Another name stands on it." in text_of(manager.get(second))
    assert send(operator, first, f"{first}/reject", version="2", reason="x").status_code == 409


def test_a_file_is_taken_by_what_it_is_and_given_as_an_attachment(manager, nari, operator, gaon):
    address = entered(manager)

    def attach(content, name="scan.pdf"):
        token = token_of(manager.get(address).text)
        sent = {"file": (BytesIO(content), name), "csrf_token": token}
        return manager.post(f"{address}/document", data=sent)

    assert attach(b"<script>").status_code == 400
    assert attach(PDF + bytes(100_000)).status_code == 303
    for browser in (manager, nari, operator):
        answer = browser.get(f"{address}/document")
        assert answer.data.startswith(PDF)
        assert answer.headers["Content-Disposition"] == "attachment; filename=scan.pdf"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert gaon.get(f"{address}/document").status_code == 404
    assert manager.post(f"{address}/document", data={}).status_code == 400


def test_others_neither_see_nor_change_papers(manager, gaon, nari):
    address = entered(manager)
    assert gaon.get(address).status_code == 404
    assert "Narae" not in gaon.get("/papers").text
    assert nari.get(address).status_code == 200
    assert nari.get("/papers/new").status_code == 403


def test_a_member_names_the_crew_and_the_booking_says_what_is_missing(nari):
    address = held(nari)
    said = text_of(nari.get(address))
    assert "the vehicles to be named" in said
    token = token_of(nari.get(address).text)
    crew = {"vehicle": ["ex-c5205b3b-car-1"], "driver": ["ex-c5205b3b-driver-1"]}
    assert nari.post(f"{address}/crew", data={**crew, "csrf_token": token}).status_code == 303
    said = text_of(nari.get(address))
    assert "Everything is there." in said
    assert "예시 0001" in said


def test_after_the_cutoff_only_an_operator_names_the_crew_or_lets_in(
    nari, operator, context, clock, sign_in
):
    address = held(nari)
    press(nari, address, "confirm")
    name = address.rsplit("/", 1)[1]
    start = moment_of(bookings.get(context, name, NOW, SYSTEM).start)
    clock.moment = start - timedelta(minutes=30)
    late = sign_in("nari@example.org")
    token = token_of(late.get("/account").text)
    late.post(f"{address}/crew", data={"vehicle": "ex-c5205b3b-car-1", "csrf_token": token})
    assert "could be named until" in text_of(late.get(address))
    desk = sign_in("oh@example.org")
    assert "Check in all the same" in desk.get(address).text
    send(desk, address, f"{address}/let-in", reason="Seen at the gate.")
    assert bookings.get(context, name, clock.moment, SYSTEM).state == "checked_in"


def test_papers_that_lapse_stand_on_the_pages_of_both_sides(nari, operator, manager, context):
    address = held(nari)
    with_crew(context, address.rsplit("/", 1)[1])
    papers.withdraw(context, "ex-c5205b3b-insurance", NOW, SYSTEM)
    assert not kept_papers.listing(context, PapersWanted(OWN), SYSTEM).next
    for browser in (manager, operator):
        assert f'href="{address}"' in browser.get("/papers").text
        assert "1 booking to come lacks papers." in text_of(browser.get("/"))
