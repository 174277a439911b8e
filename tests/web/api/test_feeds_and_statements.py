"""Feeds and statements for programs."""

import pytest

from tests.web.conftest import NOW


def made(program, **changed) -> dict:
    answer = program.post("/feeds", {"name": "phone", "kind": "member", **changed})
    assert answer.status_code == 201, answer.text
    return answer.json


def test_a_feed_is_made_listed_called_otherwise_and_revoked(app, narae):
    feed = made(narae)
    path = "/calendar/" + feed["address"].rsplit("/", 1)[1]
    assert app.test_client().get(path).status_code == 200
    assert narae.get("/feeds").json["items"] == [narae.get(f"/feeds/{feed['id']}").json]
    assert "address" not in narae.get(f"/feeds/{feed['id']}").json
    renamed = narae.post(f"/feeds/{feed['id']}/rename", {"name": "desk"})
    assert renamed.json["name"] == "desk"
    for _ in range(2):  # a client that tries again is told the same
        gone = narae.post(f"/feeds/{feed['id']}/revoke", headers={"Idempotency-Key": "bye"})
        assert gone.status_code == 204
    assert app.test_client().get(path).status_code == 404
    assert narae.get(f"/feeds/{feed['id']}").status_code == 404


def test_feeds_are_read_page_by_page(narae):
    names = [made(narae, name=f"feed {number}")["name"] for number in range(3)]
    first = narae.get("/feeds", limit=2).json
    rest = narae.get("/feeds", limit=2, cursor=first["next"]).json
    assert sorted(each["name"] for each in first["items"] + rest["items"]) == names
    assert rest["next"] is None


def test_a_retry_makes_no_second_feed(narae):
    body = {"name": "phone", "kind": "city", "about": "hwaseong"}
    once, again = (
        narae.post("/feeds", body, headers={"Idempotency-Key": "k"}).json for _ in range(2)
    )
    assert once["id"] == again["id"]
    assert once["address"] != again["address"]
    assert len(narae.get("/feeds").json["items"]) == 1


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"kind": "organisation", "about": "demo-gaon"}, 403, "other_organisation"),
        ({"kind": "resource"}, 404, "resource"),
        ({"kind": "resource", "about": "nowhere"}, 404, "resource"),
        ({"kind": "everything"}, 422, "invalid_fields"),
    ],
)
def test_what_cannot_be_a_feed_is_answered_by_its_code(narae, body, status, code):
    answer = narae.post("/feeds", {"name": "x", **body})
    assert (answer.status_code, answer.json["code"]) == (status, code)


def test_a_statement_has_the_fee_that_the_booking_tells(narae):
    booking = narae.hold()
    narae.post(f"/bookings/{booking['id']}/confirm")
    shown = narae.get("/statements/2026-12").json
    assert shown["krw"] == booking["fee_krw"] > 0
    assert shown["provisional"] is True
    assert {line["booking"] for line in shown["lines"]} == {booking["id"]}
    assert shown["krw"] == sum(each["krw"] for each in shown["by_state"])
    months = [each["month"] for each in narae.get("/statements").json["items"]]
    assert months == ["2026-12", f"{NOW:%Y-%m}"]


def test_a_fee_says_how_it_comes_about(narae):
    booking = narae.hold()
    (charge, *_) = booking["charges"]
    assert charge["krw"] == charge["hours"] * charge["krw_per_hour"] * charge["factor"]
    assert sum(each["krw"] for each in booking["charges"]) == booking["fee_krw"]


def test_a_move_says_what_it_changes_in_won(narae):
    booking = narae.hold()
    wish = {
        "start": "2026-12-09T10:00:00+09:00",
        "minutes": 240,
        "need": {"test_kind": "adverse_weather"},
        "city": "hwaseong",
    }
    moved = narae.post(f"/bookings/{booking['id']}/move", wish).json
    assert moved["fee_change_krw"] == moved["booking"]["fee_krw"] - booking["fee_krw"] > 0


def test_others_months_are_closed_to_members_and_a_running_one_to_operators(narae, desk):
    asked = narae.get("/statements/2026-12", organisation="demo-gaon")
    assert (asked.status_code, asked.json["code"]) == (403, "other_organisation")
    closing = {"organisation": "demo-narae"}
    assert narae.post("/statements/2026-11/close", closing).json["code"] == "scope_missing"
    early = desk.post("/statements/2026-11/close", closing)
    assert early.json["code"] == "month_not_over"
    done = desk.post("/statements/2026-10/close", closing)
    assert done.status_code == 200
    assert done.json["digest"]
