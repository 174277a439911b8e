"""The day by program: leaving, whom to call, the stop, the record of use."""

from datetime import datetime, timedelta

import pytest

from testbed.secret import secret
from testbed.service.usage_export import is_genuine
from tests.web.crewed import with_crew

KEY = {"Idempotency-Key": "k-1"}


@pytest.fixture
def there(narae, context, clock):
    """A booking of Narae whose people have come."""
    name = with_crew(context, narae.hold()["id"])
    narae.post(f"/bookings/{name}/confirm")
    booking = narae.get(f"/bookings/{name}").json
    clock.moment = datetime.fromisoformat(booking["start"])
    assert narae.post(f"/bookings/{name}/check-in").json["steps"] == ["check-out"]
    return booking


def session(booking, **changed):
    start = datetime.fromisoformat(booking["start"])
    return {
        "resource": booking["lines"][0]["resource"],
        "started_at": (start + timedelta(minutes=7)).isoformat(),
        "ended_at": (start + timedelta(minutes=50)).isoformat(),
        "km": 31.4,
        "takeovers": 2,
        **changed,
    }


def test_who_leaves_early_checks_out_once_and_records_once(narae, gaon_api, there, clock, settings):
    address = f"/bookings/{there['id']}"
    clock.moment += timedelta(hours=1)
    assert narae.post(f"{address}/check-out", headers=KEY).json["state"] == "completed"
    assert narae.post(f"{address}/check-out", headers=KEY).json["state"] == "completed"
    assert narae.post(f"{address}/check-out").status_code == 409
    assert narae.get(f"{address}/visit").json["ending"] == "left"
    other = {"Idempotency-Key": "k-2"}
    first = narae.post(f"{address}/usage", session(there), headers=other)
    again = narae.post(f"{address}/usage", session(there), headers=other)
    assert (first.status_code, first.json["km"], again.json) == (201, 31.4, first.json)
    assert [each["id"] for each in narae.get("/usage").json["items"]] == [first.json["id"]]
    signed = narae.get("/usage/export").json
    assert is_genuine(signed, secret(settings.security.secret_file))
    signed["records"][0]["takeovers"] = 0
    assert not is_genuine(signed, secret(settings.security.secret_file))
    assert gaon_api.get("/usage").json["items"] == []
    assert gaon_api.get(f"{address}/visit").status_code == 404


def test_a_session_that_cannot_have_been_is_refused(narae, there, clock):
    clock.moment += timedelta(hours=1)
    for wrong in ({"vehicle": "nobody"}, {"resource": "rt-else"}, {"km": -1}, {"takeovers": 1.5}):
        answer = narae.post(f"/bookings/{there['id']}/usage", session(there, **wrong))
        assert answer.status_code in {400, 404, 422}, wrong


def test_the_gate_knows_whom_to_call(narae, gaon_api, desk, there):
    named = {"name": "Kim Ji-woo", "phone": "+82 10-1234-5678"}
    assert narae.post(f"/bookings/{there['id']}/contact", named).json == named
    assert gaon_api.get(f"/bookings/{there['id']}/contact").status_code == 404
    site = there["lines"][0]["site"]
    text = {"ko": "정문", "en": "Main gate"}
    assert desk.post(f"/sites/{site}/instructions", text).json == {"en": "Main gate", "ko": "정문"}
    gate = desk.get("/gate", site=site, day="2026-12-08").json
    assert [each["contact"] for each in gate["items"]] == [named]
    assert all(each["people"] and each["plates"] for each in gate["items"])
    assert narae.get("/gate", site=site, day="2026-12-08").status_code == 403


def test_a_stop_ends_what_runs_and_is_reopened(narae, desk, there, clock):
    clock.moment += timedelta(minutes=7)
    order = {"target": there["lines"][0]["resource"], "minutes": None, "reason": "Oil"}
    assert narae.post("/closures", order).status_code == 403
    done = desk.post("/closures", order, headers=KEY)
    assert (done.status_code, done.json["ended"]) == (201, [there["id"]])
    assert desk.post("/closures", order, headers=KEY).json["closure"] == done.json["closure"]
    name = done.json["closure"]["id"]
    assert [each["id"] for each in desk.get("/closures").json["items"]] == [name]
    assert desk.post(f"/closures/{name}/reopen").json["closure"]["ended_at"]
    assert desk.post(f"/closures/{name}/reopen").status_code == 409
    assert desk.get(f"/closures/{name}").json["displaced"] == []
