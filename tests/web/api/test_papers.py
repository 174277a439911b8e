"""The API of vehicles, drivers, papers and crews."""

from base64 import b64encode

import pytest

from testbed.domain.parties import Member, Role
from testbed.service import members
from testbed.service.actors import SYSTEM
from tests.web.conftest import NOW, PASSWORD
from web.example_papers import id_of

OWN = "demo-narae"
CAR, DRIVER, INSURANCE = (id_of(OWN, each) for each in ("car-1", "driver-1", "insurance"))
PAPER = {"kind": "insurance", "valid_from": "2026-11-01", "valid_until": "2027-10-31"}


@pytest.fixture
def manager(program, context):
    person = Member(0, OWN, "mina@example.org", "Mina", Role.MANAGER)
    members.add(context, person, PASSWORD, NOW, SYSTEM)
    return program("mina@example.org")


def test_a_vehicle_is_entered_once_changed_and_retired(manager, narae):
    car = {"name": "Two", "plate": "34나5678", "type": "B", "sae_level": 4}
    key = {"Idempotency-Key": "car-1"}
    made = manager.post("/vehicles", car, headers=key)
    assert made.status_code == 201
    assert manager.post("/vehicles", car, headers=key).json["id"] == made.json["id"]
    assert narae.post("/vehicles", car).status_code == 403
    retired = manager.post(f"/vehicles/{made.json['id']}/retire").json
    assert retired["id"] == made.json["id"]
    listed = [each["id"] for each in narae.get("/vehicles").json["items"]]
    assert made.json["id"] not in listed
    assert CAR in listed


def test_lists_of_vehicles_are_read_page_by_page(narae):
    seen, cursor = [], {}
    while cursor is not None:
        page = narae.get("/vehicles", limit=4, **cursor).json
        seen += [each["id"] for each in page["items"]]
        cursor = {"cursor": page["next"]} if page["next"] else None
    assert seen == sorted(id_of(OWN, f"car-{number}") for number in range(1, 7))


def test_a_paper_waits_gets_its_file_and_is_accepted_at_the_version_that_was_seen(manager, desk):
    made = manager.post("/papers", PAPER).json
    assert (made["state"], made["version"]) == ("waiting", 1)
    file = {"name": "scan", "content": b64encode(b"%PDF-1.7 x").decode()}
    attached = manager.post(f"/papers/{made['id']}/document", file).json
    assert attached["document"] == "scan.pdf"
    stale = desk.post(f"/papers/{made['id']}/accept", {"version": 1})
    assert (stale.status_code, stale.json["code"]) == (409, "paper_changed")
    accepted = desk.post(f"/papers/{made['id']}/accept", {"version": attached["version"]}).json
    assert accepted["state"] == "accepted"
    assert [each["id"] for each in desk.get("/papers", state="waiting").json["items"]] == []
    found = manager.get(f"/papers/{made['id']}/document")
    assert (found.data, found.mimetype) == (b"%PDF-1.7 x", "application/pdf")
    assert found.headers["Content-Disposition"].startswith("attachment")


def test_a_rejected_paper_says_why_and_others_see_none_of_it(manager, desk, gaon_api, narae):
    made = manager.post("/papers", PAPER).json["id"]
    said = desk.post(f"/papers/{made}/reject", {"reason": "Another name."}).json
    assert (said["state"], said["why"]) == ("rejected", "Another name.")
    assert narae.post(f"/papers/{made}/accept", {}).status_code == 403
    for path in (f"/papers/{made}", f"/papers/{made}/document", f"/vehicles/{CAR}"):
        assert gaon_api.get(path).status_code == 404
    assert gaon_api.get("/papers", organisation=OWN).status_code == 403


def test_an_observer_reads_neither_plates_nor_papers(program):
    observer = program("see@example.org")
    for path in ("/vehicles", "/drivers", "/papers", "/lapsing-bookings"):
        assert observer.get(path).status_code == 403
    assert observer.get(f"/papers/{INSURANCE}").status_code == 404


def test_the_crew_is_named_and_says_what_is_missing(narae, gaon_api, manager, desk):
    booking = narae.hold()["id"]
    address = f"/bookings/{booking}/crew"
    assert narae.get(address).json["missing"] == ["vehicle_not_named", "driver_not_named"]
    named = narae.client.put(
        f"/api/v1{address}",
        json={"vehicles": [CAR], "drivers": [DRIVER]},
        headers={"Authorization": f"Bearer {narae.token}"},
    )
    assert (named.json["vehicles"], named.json["missing"]) == ([CAR], [])
    assert gaon_api.get(address).status_code == 404
    manager.post(f"/papers/{INSURANCE}/withdraw")
    (lapsing,) = desk.get("/lapsing-bookings").json["items"]
    assert (lapsing["booking"], lapsing["missing"][0]["code"]) == (booking, "insurance_missing")
    assert gaon_api.get("/lapsing-bookings").json["items"] == []
    assert narae.post(f"/bookings/{booking}/let-in", {"reason": "x"}).status_code == 403
