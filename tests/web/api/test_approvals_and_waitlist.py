"""Approvals and the waitlist over the API."""

import pytest

from testbed.domain.parties import Member, Role
from testbed.service import bookings, members
from testbed.service.actors import SYSTEM
from testbed.service.context import Context
from tests.web.api.conftest import Program
from tests.web.conftest import NOW, PASSWORD

PILOT = {
    "start": "2026-12-09T10:00:00+09:00",
    "minutes": 180,
    "need": {"type": "route", "resource": "rt-pangyo-bus"},
}
CHAMBER = {
    "start": "2026-12-08T09:00:00+09:00",
    "minutes": 540,
    "need": {"type": "facility", "resource": "fc-katech-climate", "mode": "exclusive"},
}


@pytest.fixture
def oh(program) -> Program:
    return program("oh@example.org")


@pytest.fixture
def pending(narae) -> dict:
    held = narae.hold(**PILOT, city=None)
    answer = narae.post(f"/bookings/{held['id']}/confirm")
    assert answer.json["state"] == "pending"
    return answer.json


def test_parties_answer_once_and_the_last_yes_confirms(narae, oh, pending):
    name = pending["id"]
    [wait] = oh.get("/approvals", mine="true").json["items"]
    assert wait["booking"]["id"] == name
    assert wait["silence"] == "rejected"
    assert [each["may_answer"] for each in wait["approvals"]] == [True, True]
    yes = {"party": "operator", "answer": "accepted", "text": "slowly"}
    headers = {"Idempotency-Key": "one"}
    for _ in range(2):
        assert oh.post(f"/approvals/{name}", yes, headers=headers).json["state"] == "pending"
    again = oh.post(f"/approvals/{name}", yes)
    assert (again.status_code, again.json["code"]) == (409, "approval_answered")
    done = oh.post(f"/approvals/{name}", {"party": "city", "answer": "accepted"})
    assert done.json["state"] == "confirmed"
    seen = narae.get(f"/approvals/{name}").json
    assert [each["text"] for each in seen["approvals"]] == ["slowly", ""]
    assert [each["stands_in"] for each in seen["approvals"]] == [False, True]


def test_a_rejection_needs_a_reason(oh, pending):
    no = {"party": "operator", "answer": "rejected"}
    answer = oh.post(f"/approvals/{pending['id']}", no)
    assert (answer.status_code, answer.json["code"]) == (400, "approval_reason_needed")
    answer = oh.post(f"/approvals/{pending['id']}", {**no, "text": "a festival"})
    assert answer.json["state"] == "rejected"


def test_members_and_others_answer_for_nobody(narae, gaon_api, oh, pending, context: Context):
    yes = {"party": "operator", "answer": "accepted"}
    assert narae.post(f"/approvals/{pending['id']}", yes).status_code == 403
    assert narae.get("/approvals").status_code == 403
    assert gaon_api.get(f"/approvals/{pending['id']}").status_code == 404
    city = Member(0, "org-city-seongnam", "ahn@example.org", "Ahn", Role.OPERATOR)
    members.add(context, city, PASSWORD, NOW, SYSTEM)
    answer = oh.post(f"/approvals/{pending['id']}", {**yes, "party": "city"})
    assert (answer.status_code, answer.json["code"]) == (403, "not_this_party")


@pytest.fixture
def waiting(narae, gaon_api, context: Context) -> str:
    """The id of a request of narae that waits for what gaon has just given back."""
    held = gaon_api.hold(**CHAMBER, city=None)
    gaon_api.post(f"/bookings/{held['id']}/confirm")
    asked = narae.post("/requests", {**CHAMBER, "wait": True, "partial": True}).json
    assert asked["decision"]["status"] == "waitlisted"
    bookings.cancel(context, held["id"], NOW, SYSTEM)
    return asked["id"]


def test_what_frees_is_held_for_who_waits_and_accepted(narae, gaon_api, waiting):
    place = narae.get(f"/waitlist/{waiting}").json
    assert (place["state"], place["partial"]) == ("offered", True)
    assert gaon_api.get(f"/waitlist/{waiting}").status_code == 404
    assert gaon_api.get("/waitlist").json["items"] == []
    assert gaon_api.post(f"/waitlist/{waiting}/accept").status_code == 404
    headers = {"Idempotency-Key": "accept-one"}
    for _ in range(2):
        taken = narae.post(f"/waitlist/{waiting}/accept", headers=headers)
        assert (taken.status_code, taken.json["state"]) == (200, "confirmed")
    answer = narae.post(f"/waitlist/{waiting}/accept")
    assert (answer.status_code, answer.json["code"]) == (409, "nothing_offered")


def test_who_declines_waits_on_until_withdrawn(narae, waiting):
    assert narae.post(f"/waitlist/{waiting}/decline").json["state"] == "cancelled"
    [place] = narae.get("/waitlist").json["items"]
    assert (place["position"], place["of"], place["passed"]) == (1, 1, 1)
    assert narae.post(f"/waitlist/{waiting}/withdraw").json["state"] == "withdrawn"
    assert narae.get("/waitlist").json["items"] == []
