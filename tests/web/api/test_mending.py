"""What would help a wish that finds nothing, and rules that an operator sets aside for it."""

import pytest

from tests.web.api.conftest import WISH

EVENING = {**WISH, "start": "2026-12-08T16:30:00+09:00"}
REASON = "Press day of the province"


@pytest.mark.parametrize(
    ("changed", "detail"),
    [
        ({}, "1 h 30 min earlier"),
        ({"city": "gwacheon", "other_city": False, "start": WISH["start"]}, "other cities too"),
        ({"need": {"type": "route", "kinds": ["public-road"], "mode": "exclusive"}},
         "shared instead of exclusive, 2 h 30 min earlier"),
        ({"start": WISH["start"], "need": {"type": "route", "odd": [
            {"attribute": "junctions", "test": "all", "value": ["roundabout", "toll_gate"]}]}},
         "without “Junction kinds present”"),
        ({"start": WISH["start"],
          "extras": [{"type": "facility", "kinds": ["workshop"], "units": 9}]},
         "without “workshop bay”"),
    ],
)  # fmt: skip
def test_every_repair_is_a_request_that_is_granted(narae, changed, detail):
    repairs = narae.post("/searches", {**EVENING, **changed}).json["repairs"]
    assert detail in [each["detail"] for each in repairs]
    for each in repairs:
        answer = narae.post("/requests", each["request"])
        if each["offer"] is None:
            assert [change["sort"] for change in each["changes"]] == ["wait"]
            assert answer.json["decision"]["status"] == "waitlisted"
            continue
        assert answer.json["decision"]["offer"]["offer"] == each["offer"]["offer"], answer.json
        narae.post(f"/bookings/{answer.json['booking']['id']}/cancel")


def test_a_refused_request_and_a_refused_move_are_answered_with_repairs(narae):
    refused = narae.post("/requests", EVENING).json
    assert refused["booking"] is None
    assert [each["detail"] for each in refused["repairs"]] == ["1 h 30 min earlier"]
    booking = narae.hold()
    moved = narae.post(f"/bookings/{booking['id']}/move", EVENING).json
    [repair] = moved["repairs"]
    again = narae.post(f"/bookings/{booking['id']}/move", repair["request"])
    assert again.json["booking"]["start"] == "2026-12-08T15:00:00+09:00"


def test_who_finds_something_needs_no_repair(narae):
    assert narae.post("/searches", WISH).json["repairs"] == []
    assert narae.post("/requests", WISH).json["repairs"] == []


# -- rules set aside -------------------------------------------------------------------------

LATE = {**EVENING, "organisation": "demo-narae", "override": ["closed_hours"]}


def test_an_operator_sets_a_rule_aside_for_a_written_reason(desk, narae):
    assert desk.post("/searches", LATE).json["offers"]
    answer = desk.post("/requests", {**LATE, "override_reason": REASON})
    assert answer.json["booking"]["end"] == "2026-12-08T19:30:00+09:00"
    shown = narae.get(f"/requests/{answer.json['id']}").json
    assert shown["wish"]["override"] == ["closed_hours"]


@pytest.mark.parametrize(
    ("wrong", "status", "code"),
    [
        ({}, 403, "override_without_reason"),
        ({"override_reason": "  "}, 403, "override_without_reason"),
        ({"override": ["past"], "override_reason": REASON}, 422, "invalid_fields"),
        ({"override": ["pool_full"], "override_reason": REASON}, 422, "invalid_fields"),
        ({"override": ["not_valid_then"], "override_reason": REASON}, 403, "override_above_role"),
        ({"override_reason": "x" * 501}, 422, "invalid_fields"),
    ],
)
def test_what_may_not_be_set_aside_and_what_has_no_reason_is_refused(desk, wrong, status, code):
    answer = desk.post("/requests", {**LATE, **wrong})
    assert (answer.status_code, answer.json["code"]) == (status, code)


@pytest.mark.parametrize("path", ["/searches", "/requests"])
def test_nobody_but_an_operator_sets_a_rule_aside(narae, path):
    body = {**LATE, "override_reason": REASON}
    if path == "/searches":
        del body["override_reason"]
    answer = narae.post(path, body)
    assert (answer.status_code, answer.json["code"]) == (403, "operators_only")


def test_a_move_may_set_a_rule_aside_too_and_only_for_a_reason(desk, narae):
    booking = narae.hold()
    path = f"/bookings/{booking['id']}/move"
    wish = {key: value for key, value in LATE.items() if key != "organisation"}
    assert narae.post(path, {**wish, "override_reason": REASON}).status_code == 403
    assert desk.post(path, wish).json["code"] == "override_without_reason"
    moved = desk.post(path, {**wish, "override_reason": REASON})
    assert moved.json["booking"]["start"] == "2026-12-08T16:30:00+09:00"
