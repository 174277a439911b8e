"""Who may ask the API, and what nobody learns from it."""

import pytest
from flask import Flask

from testbed.domain.parties import Member, Role
from testbed.service import members, tokens
from testbed.service.actors import SYSTEM
from testbed.service.context import Context
from testbed.service.tokens import Scope
from tests.web.api.conftest import API, WISH
from tests.web.conftest import NOW

STEPS = ("confirm", "check-in", "cancel", "move")


def test_without_a_token_the_answer_names_the_scheme(app: Flask):
    answer = app.test_client().get(f"{API}/me")
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == "Bearer realm=testbed"
    assert answer.mimetype == "application/problem+json"


@pytest.mark.parametrize("sent", ["Bearer x", "Bearer ", "Basic bmFyaTp4", "Bearer abc-def", "x"])
def test_a_token_that_opens_nothing_is_refused(app: Flask, sent: str):
    answer = app.test_client().get(f"{API}/me", headers={"Authorization": sent})
    assert answer.status_code == 401


def test_a_revoked_token_opens_nothing(narae, context: Context):
    me = narae.get("/me").json
    owner = tokens.verify(context, narae.token, NOW).member
    assert owner.id == me["id"]
    tokens.revoke(context, tokens.listing(context, owner)[0].id, NOW, owner)
    answer = narae.get("/me")
    assert answer.status_code == 401
    assert "invalid_token" in answer.headers["WWW-Authenticate"]


def test_a_sign_in_session_opens_nothing_of_the_api(nari):
    assert nari.get("/bookings").status_code == 200
    assert nari.get(f"{API}/bookings").status_code == 401
    assert nari.post(f"{API}/requests", json=WISH).status_code == 401


def test_a_token_to_read_books_nothing(program):
    reader = program("nari@example.org", ["read"])
    assert reader.post("/searches", WISH).status_code == 200
    answer = reader.post("/requests", WISH)
    assert (answer.status_code, answer.json["code"]) == (403, "scope_missing")


def test_every_address_but_the_document_asks_for_a_token(app: Flask):
    rules = [rule for rule in app.url_map.iter_rules() if rule.rule.startswith(API)]
    assert len(rules) > 15
    open_to_all = {
        rule.rule for rule in rules if not hasattr(app.view_functions[rule.endpoint], "scope")
    }
    assert open_to_all == {f"{API}/openapi.json"}


def test_a_booking_of_another_organisation_is_not_there(narae, gaon_api):
    name = narae.hold()["id"]
    assert gaon_api.get(f"/bookings/{name}").status_code == 404
    for step in STEPS:
        body = WISH if step == "move" else None
        answer = gaon_api.post(f"/bookings/{name}/{step}", body)
        assert (answer.status_code, answer.json["code"]) == (404, "booking"), step
    assert narae.get(f"/bookings/{name}").json["state"] == "held"


def test_a_request_of_another_organisation_is_not_there(narae, gaon_api):
    name = narae.post("/requests", WISH).json["id"]
    assert narae.get(f"/requests/{name}").status_code == 200
    assert gaon_api.get(f"/requests/{name}").status_code == 404


@pytest.mark.parametrize("path", ["/bookings", "/requests"])
def test_lists_hold_the_own_organisation_alone(narae, gaon_api, desk, path):
    narae.hold()
    assert gaon_api.get(path).json["items"] == []
    assert len(narae.get(path).json["items"]) == 1
    assert len(desk.get(path).json["items"]) == 1
    answer = gaon_api.get(path, organisation="demo-narae")
    assert (answer.status_code, answer.json["code"]) == (403, "other_organisation")


@pytest.mark.parametrize("path", ["/requests", "/searches"])
def test_nobody_asks_in_the_name_of_another_organisation(gaon_api, desk, path):
    theirs = {**WISH, "organisation": "demo-narae"}
    answer = gaon_api.post(path, theirs)
    assert (answer.status_code, answer.json["code"]) == (403, "other_organisation")
    assert desk.post(path, theirs).status_code in {200, 201}


def test_in_the_schedule_others_are_only_busy(narae, gaon_api, desk):
    held = narae.hold()
    for reader, state in ((narae, "held"), (desk, "held"), (gaon_api, "busy")):
        uses = reader.get("/schedule", day="2026-12-08", city="hwaseong").json["items"]
        (use,) = [each for each in uses if each["resource"] == held["lines"][0]["resource"]]
        assert use["state"] == state
    hidden = ("units", "vehicles", "mode", "booking", "organisation", "service")
    assert [use[key] for key in hidden] == [None] * len(hidden)


def test_nothing_that_another_organisation_reads_names_the_booking_or_its_owner(narae, gaon_api):
    held = narae.hold()
    asked = {
        "/schedule": {"day": "2026-12-08"},
        "/availability": {"day": "2026-12-08", "resource": held["lines"][0]["resource"]},
        "/bookings": {},
        "/requests": {},
    }
    for path, query in asked.items():
        text = gaon_api.get(path, **query).text
        assert held["id"] not in text
        assert "demo-narae" not in text, path
    text = gaon_api.post("/searches", WISH).text
    assert held["id"] not in text
    assert "demo-narae" not in text


def test_members_read_no_experiments(narae, planner, desk):
    assert narae.get("/experiments").status_code == 403
    assert planner.get("/experiments").status_code == 200
    assert desk.get("/experiments").status_code == 200


def test_me_tells_who_asks_and_what_the_token_permits(narae):
    answer = narae.get("/me").json
    assert answer["email"] == "nari@example.org"
    assert answer["organisation"]["id"] == "demo-narae"
    assert answer["role"] == "member"
    assert answer["scopes"] == ["book", "read"]


def test_a_demonstration_accounts_token_opens_nothing_outside_the_demonstration(app, context):
    person = Member(0, "demo-narae", "member@demo.test", "Nari", Role.MEMBER)
    added = members.add(context, person, "correct horse battery", NOW, SYSTEM)
    token = tokens.create(context, added, "left over", [Scope.READ], NOW).text
    answer = app.test_client().get("/api/v1/me", headers={"Authorization": f"Bearer {token}"})
    assert answer.status_code == 401
