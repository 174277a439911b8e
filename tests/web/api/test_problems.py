"""What goes wrong is said in one shape, with every field at once."""

import pytest
from flask import Flask

from testbed.config import Limits, Settings
from testbed.service import members, tokens
from testbed.service.context import Context
from tests.web.api.conftest import API, WISH
from tests.web.conftest import NOW
from web.app import create_app

KEYS = {"type", "title", "status", "code", "detail", "instance"}


def errors(answer):
    """The mistakes of a problem: part, pointer and code."""
    assert answer.mimetype == "application/problem+json"
    assert set(answer.json) == KEYS | {"errors"}
    return {(each["in"], each["pointer"], each["code"]) for each in answer.json["errors"]}


def test_every_mistake_of_every_part_comes_at_once(narae):
    body = {
        "start": "2026-12-08T10:00:00",
        "minutes": 20,
        "need": {"type": "road", "resource": "a b", "odd": [{"attribute": "x", "test": "any"}]},
        "extras": [{"type": "facility"}, {"type": "facility", "kinds": []}],
        "colour": "red",
    }
    answer = narae.post("/requests", body, headers={"Idempotency-Key": "a key"})
    assert answer.status_code == 422
    assert errors(answer) == {
        ("header", "/Idempotency-Key", "bad_shape"),
        ("body", "/start", "naive_time"),
        ("body", "/minutes", "not_multiple"),
        ("body", "/need/type", "unknown_value"),
        ("body", "/need/resource", "bad_id"),
        ("body", "/need/odd/0/value", "missing_key"),
        ("body", "/extras/0", "missing_key"),
        ("body", "/extras/1/kinds", "too_short"),
        ("body", "/colour", "unknown_key"),
    }


@pytest.mark.parametrize(
    ("start", "code"),
    [
        ("2026-12-08T10:00:00", "naive_time"),
        ("2026-12-08T10:07:00+09:00", "off_grain"),
        ("2026-12-08T10:00:01+09:00", "off_grain"),
        ("2026-12-08T10:00:00.5+09:00", "off_grain"),
        ("2026-12-08T10:00:00+09:07", "off_grain"),
        ("2026-02-29T10:00:00+09:00", "bad_moment"),
        ("2026-12-08T24:00:00+09:00", "bad_moment"),
        ("2026-12-08 10:00:00+09:00", "bad_moment"),
        ("1999-12-08T10:00:00+09:00", "bad_moment"),
        ("2026-12-08", "bad_moment"),
        ("٢٠٢٦-12-08T10:00:00+09:00", "bad_moment"),
        ("", "bad_moment"),
        (1796691600, "bad_moment"),
        (None, "bad_moment"),
        (True, "bad_moment"),
    ],
)
def test_a_start_is_a_moment_on_the_grid_with_its_offset(narae, start, code):
    answer = narae.post("/searches", {**WISH, "start": start})
    assert answer.status_code == 422
    assert errors(answer) == {("body", "/start", code)}


def test_any_offset_of_the_same_moment_will_do(narae):
    moments = ("2026-12-08T10:00:00+09:00", "2026-12-08T01:00:00Z", "2026-12-07T19:30:00-05:30")
    found = [narae.post("/searches", {**WISH, "start": each}).json for each in moments]
    assert found[0] == found[1] == found[2]


@pytest.mark.parametrize("day", ["2026-02-29", "20261208", "1796691600", "2026-12-8", "today", ""])
def test_a_day_is_a_date(narae, day):
    answer = narae.get("/schedule", day=day)
    assert answer.status_code == 422
    assert errors(answer) == {("query", "/day", "bad_date")}


@pytest.mark.parametrize(
    ("change", "mistake"),
    [
        ({"city": "a\0b"}, ("body", "/city", "bad_id")),
        ({"city": "x" * 100}, ("body", "/city", "bad_id")),
        ({"minutes": "180"}, ("body", "/minutes", "wrong_type")),
        ({"minutes": True}, ("body", "/minutes", "wrong_type")),
        ({"minutes": 15 * 10**6}, ("body", "/minutes", "too_large")),
        ({"minutes": 0}, ("body", "/minutes", "too_small")),
        ({"other_city": 1}, ("body", "/other_city", "wrong_type")),
        ({"need": []}, ("body", "/need", "wrong_type")),
        ({"need": {"test_kind": "x", "type": "route"}}, ("body", "/need/type", "unknown_key")),
        ({"extras": [{"type": "facility", "kinds": ["x"]}] * 6}, ("body", "/extras", "too_long")),
        ({"limit": 21}, ("body", "/limit", "too_large")),
    ],
)
def test_what_cannot_be_used_is_named_by_its_place(narae, change, mistake):
    answer = narae.post("/searches", {**WISH, **change})
    assert answer.status_code == 422
    assert errors(answer) == {mistake}


@pytest.mark.parametrize("value", ["a\0b", "x" * 81, "", "tab\there"])
def test_text_that_no_database_should_see_is_refused(narae, value):
    need = {"type": "route", "odd": [{"attribute": "lanes", "test": "is", "value": value}]}
    answer = narae.post("/searches", {**WISH, "need": need})
    assert answer.status_code == 422
    assert {place for _, place, _ in errors(answer)} == {"/need/odd/0/value"}


@pytest.mark.parametrize(
    ("query", "mistake"),
    [
        ({"limit": "0"}, ("query", "/limit", "too_small")),
        ({"limit": "201"}, ("query", "/limit", "too_large")),
        ({"limit": "ten"}, ("query", "/limit", "wrong_type")),
        ({"limit": "1_0"}, ("query", "/limit", "wrong_type")),
        ({"limit": ["1", "2"]}, ("query", "/limit", "duplicate_value")),
        ({"state": "gone"}, ("query", "/state/0", "unknown_value")),
        ({"page": "2"}, ("query", "/page", "unknown_key")),
        ({"cursor": "a b"}, ("query", "/cursor", "bad_shape")),
        ({"resource": "%00"}, ("query", "/resource", "bad_id")),
    ],
)
def test_a_query_is_read_as_strictly_as_a_body(narae, query, mistake):
    answer = narae.get("/bookings", **query)
    assert answer.status_code == 422
    assert errors(answer) == {mistake}


def test_ids_that_name_nothing_are_all_reported(narae):
    wish = {
        **WISH,
        "city": "atlantis",
        "need": {
            "type": "route",
            "resource": "rt-nowhere",
            "rules": ["rule-none"],
            "odd": [{"attribute": "colour", "test": "is", "value": "red"}],
        },
        "extras": [{"type": "facility", "resource": "fc-nowhere"}],
    }
    answer = narae.post("/searches", wish)
    assert (answer.status_code, answer.json["code"]) == (404, "unknown_references")
    assert {place for _, place, _ in errors(answer)} == {
        "/city",
        "/need/resource",
        "/need/rules/0",
        "/need/odd/0/attribute",
        "/extras/0/resource",
    }
    kind = narae.post("/searches", {**WISH, "need": {"test_kind": "flying"}})
    assert errors(kind) == {("body", "/need/test_kind", "unknown_reference")}


@pytest.mark.parametrize(
    "offer",
    [
        "20261308T0100Z~fc-kcity-weather",
        "20261208T0107Z~fc-kcity-weather",
        "20261208T0100Z~fc-kcity-weather~fc-kcity-weather",
    ],
)
def test_an_offer_of_nothing_is_not_found(narae, offer):
    answer = narae.post("/requests", {**WISH, "offer": offer})
    assert (answer.status_code, answer.json["code"]) == (404, "offer")


@pytest.mark.parametrize(
    ("kind", "count", "code"),
    [("workshop", 5, "too_many_ways"), ("weather_simulation", 2, "never_together")],
)
def test_extras_that_the_search_would_try_in_vain_are_refused(narae, kind, count, code):
    extra = {"type": "facility", "kinds": [kind]}
    answer = narae.post("/searches", {**WISH, "extras": [extra] * count})
    assert answer.status_code == 422
    assert errors(answer) == {("body", "/extras", code)}


@pytest.mark.parametrize(
    ("data", "content_type", "expected"),
    [
        (b"{", "application/json", (400, "bad_json")),
        (b"", "application/json", (400, "bad_json")),
        (b'{"a": "\\ud800"}', "application/json", (400, "bad_json")),
        (b"\xff\xfe", "application/json", (400, "bad_json")),
        (b"{}", "text/plain", (415, "http_415")),
        (b"a=1", "application/x-www-form-urlencoded", (415, "http_415")),
        (b"[" * 5000, "application/json", (400, "bad_json")),
        (b" " * 100_000, "application/json", (413, "http_413")),
        (b'"{}"', "application/json", (422, "invalid_fields")),
        (b"[]", "application/json", (422, "invalid_fields")),
        (b"null", "application/json", (422, "invalid_fields")),
    ],
)
def test_a_body_is_json_of_a_sensible_size(app: Flask, narae, data, content_type, expected):
    answer = app.test_client().post(
        f"{API}/searches",
        data=data,
        headers={"Authorization": f"Bearer {narae.token}", "Content-Type": content_type},
    )
    assert (answer.status_code, answer.json["code"]) == expected
    assert answer.mimetype == "application/problem+json"


def test_an_address_that_is_none_is_a_problem_whatever_the_client_reads(app: Flask):
    answer = app.test_client().get(f"{API}/nothing", headers={"Accept": "text/html"})
    assert answer.status_code == 404
    assert set(answer.json) == KEYS


def test_a_wrong_method_names_the_right_ones(narae):
    answer = narae.client.delete(f"{API}/bookings")
    assert answer.status_code == 405
    assert {"GET", "HEAD", "OPTIONS"} == set(answer.headers["Allow"].split(", "))
    assert answer.mimetype == "application/problem+json"


def test_who_asks_too_often_is_told_when_to_ask_again(settings: Settings, context: Context):
    few = settings.model_copy(update={"limits": Limits(search="2 per minute", submit="1 per hour")})
    client = create_app(few, context, lambda: NOW).test_client()
    heads = [_head(context, email) for email in ("nari@example.org", "gaon@example.org")]
    asked = [client.post(f"{API}/searches", json=WISH, headers=heads[0]) for _ in range(3)]
    assert [each.status_code for each in asked] == [200, 200, 429]
    assert 1 <= int(asked[-1].headers["Retry-After"]) <= 60
    assert asked[-1].json["code"] == "http_429"
    assert client.get(f"{API}/me", headers=heads[0]).status_code == 200
    assert client.post(f"{API}/searches", json=WISH, headers=heads[1]).status_code == 200
    assert client.post(f"{API}/requests", json=WISH, headers=heads[1]).status_code == 201
    assert client.post(f"{API}/requests", json=WISH, headers=heads[1]).status_code == 429


def _head(context: Context, email: str) -> dict[str, str]:
    owner = members.by_email(context, email)
    token = tokens.create(context, owner, "test", ["read", "book"], NOW)
    return {"Authorization": f"Bearer {token.text}"}


def test_a_lost_race_is_a_conflict(narae, monkeypatch):
    from testbed.domain.errors import Stale  # noqa: PLC0415
    from testbed.service import requests  # noqa: PLC0415

    def lost(*_: object, **__: object) -> None:
        raise Stale("lost_race")

    monkeypatch.setattr(requests, "submit", lost)
    answer = narae.post("/requests", WISH)
    assert (answer.status_code, answer.json["code"]) == (409, "lost_race")


def test_what_breaks_inside_tells_nothing_of_the_inside(app: Flask, narae, monkeypatch):
    from testbed.service import requests  # noqa: PLC0415

    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("a secret of the inside")

    app.testing = False
    monkeypatch.setattr(requests, "submit", broken)
    answer = narae.post("/requests", WISH)
    assert (answer.status_code, answer.json["code"]) == (500, "http_500")
    assert "secret" not in answer.text
