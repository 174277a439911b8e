"""From a search to a booking, and what may become of it."""

from datetime import datetime, timedelta

import pytest

from tests.web.api.conftest import WISH
from tests.web.crewed import with_crew

MOVED = {**WISH, "start": "2026-12-10T10:00:00+09:00"}


def test_offers_come_with_cost_fee_and_the_time_of_the_place(narae):
    answer = narae.post("/searches", {**WISH, "later_minutes": 4320, "limit": 3})
    assert answer.status_code == 200
    first, *rest = answer.json["offers"]
    assert len(rest) == 2
    assert (first["start"], first["end"]) == (
        "2026-12-08T10:00:00+09:00",
        "2026-12-08T13:00:00+09:00",
    )
    assert first["zone"] == "Asia/Seoul"
    assert first["fee_krw"] > 0
    cost = first["cost"]
    assert cost["total"] == sum(value for key, value in cost.items() if key != "total")
    assert [each["cost"]["total"] for each in answer.json["offers"]] == sorted(
        each["cost"]["total"] for each in answer.json["offers"]
    )


def test_an_offer_is_held_by_its_id(narae):
    found = narae.post("/searches", {**WISH, "later_minutes": 4320}).json["offers"]
    answer = narae.post("/requests", {**WISH, "offer": found[-1]["offer"]})
    assert answer.status_code == 201
    assert answer.json["decision"]["status"] == "granted"
    assert answer.json["booking"]["start"] == found[-1]["start"]
    assert answer.json["booking"]["state"] == "held"
    assert answer.json["booking"]["expires_at"] == "2026-11-23T01:30:00Z"
    shown = narae.get(answer.headers["Location"].removeprefix("/api/v1")).json
    assert shown["booking"] == answer.json["booking"]["id"]
    assert shown["wish"]["offer"] == found[-1]["offer"]
    assert shown["wish"]["test_kind"] == "adverse_weather"


def test_a_near_miss_in_another_city_is_held_by_its_id(narae):
    full = {**WISH, "start": "2026-12-06T10:00:00+09:00", "other_city": False}  # a Sunday
    near = narae.post("/searches", full).json["near"]
    assert near
    answer = narae.post("/requests", {**full, "offer": near[0]["offer"]})
    assert answer.json["decision"]["status"] == "granted", answer.json


def test_a_no_is_an_answer_with_its_reasons_and_ways_near_it(narae):
    night = {**WISH, "start": "2026-12-08T03:00:00+09:00"}
    answer = narae.post("/requests", night)
    assert answer.status_code == 201
    decision = answer.json["decision"]
    assert (decision["status"], decision["offer"]) == ("refused", None)
    assert answer.json["booking"] is None
    assert decision["near"]
    reason = next(each for each in decision["reasons"] if each["code"] == "closed_hours")
    assert reason["override"] == "operator"
    assert "is not open long enough at that time" in reason["detail"]


def test_sentences_come_in_the_language_that_is_asked_for(narae):
    night = {**WISH, "start": "2026-12-08T03:00:00+09:00"}
    korean = narae.post("/searches", night, headers={"Accept-Language": "ko"})
    english = narae.post("/searches", night)
    assert korean.headers["Content-Language"] == "ko"
    assert english.headers["Content-Language"] == "en"
    codes = [[each["code"] for each in answer.json["reasons"]] for answer in (korean, english)]
    assert codes[0] == codes[1]
    assert korean.json["reasons"][0]["detail"] != english.json["reasons"][0]["detail"]


def test_extras_are_held_with_their_offsets(narae):
    extra = {"type": "facility", "kinds": ["workshop"], "offset_minutes": -60, "minutes": 60}
    wish = {
        **WISH,
        "need": {"type": "route", "kinds": ["closed-track"]},
        "minutes": 240,
        "extras": [extra],
    }
    answer = narae.post("/requests", {**wish, "later_minutes": 1440})
    main, garage = answer.json["booking"]["lines"]
    assert datetime.fromisoformat(garage["start"]) == datetime.fromisoformat(
        main["start"]
    ) - timedelta(hours=1)
    assert garage["end"] == main["start"]
    assert garage["kind"] == "workshop"


def test_a_need_may_ask_by_odd(narae):
    terms = [{"attribute": "lanes", "test": "min", "value": 4}]
    need = {"type": "route", "odd": terms}
    answer = narae.post("/searches", {**WISH, "need": need, "later_minutes": 10080, "limit": 20})
    named = {each["lines"][0]["resource"] for each in answer.json["offers"]}
    assert named
    for name in named:
        assert narae.get(f"/resources/{name}").json["odd"]["lanes"] >= 4


def test_the_same_key_makes_one_booking(narae):
    key = {"Idempotency-Key": "once"}
    first = narae.post("/requests", WISH, headers=key)
    again = narae.post("/requests", WISH, headers=key)
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json == again.json
    assert len(narae.get("/bookings").json["items"]) == 1


def test_a_key_belongs_to_one_body(narae):
    key = {"Idempotency-Key": "once"}
    narae.post("/requests", WISH, headers=key)
    answer = narae.post("/requests", MOVED, headers=key)
    assert (answer.status_code, answer.json["code"]) == (409, "idempotency_key_reused")


def test_a_key_belongs_to_one_member(narae, desk):
    key = {"Idempotency-Key": "once"}
    first = narae.post("/requests", WISH, headers=key)
    other = desk.post("/requests", WISH, headers=key)
    assert first.json["id"] != other.json["id"]


def test_a_hold_is_confirmed_and_cancelled(narae):
    name = narae.hold()["id"]
    assert narae.get(f"/bookings/{name}").json["steps"] == ["confirm", "cancel", "move"]
    confirmed = narae.post(f"/bookings/{name}/confirm")
    assert (confirmed.status_code, confirmed.json["state"]) == (200, "confirmed")
    assert confirmed.json["steps"] == ["cancel", "move"]
    cancelled = narae.post(f"/bookings/{name}/cancel")
    assert (cancelled.json["state"], cancelled.json["steps"]) == ("cancelled", [])
    again = narae.post(f"/bookings/{name}/cancel")
    assert (again.status_code, again.json["code"]) == (409, "illegal_transition")


def test_a_step_sent_twice_under_one_key_is_done_once(narae):
    name = narae.hold()["id"]
    key = {"Idempotency-Key": "step"}
    first = narae.post(f"/bookings/{name}/confirm", headers=key)
    again = narae.post(f"/bookings/{name}/confirm", headers=key)
    assert first.status_code == again.status_code == 200
    assert first.json == again.json
    other = narae.post(f"/bookings/{name}/cancel", headers=key)
    assert (other.status_code, other.json["code"]) == (409, "idempotency_key_reused")


def test_a_hold_that_ran_out_shows_as_expired_and_takes_no_step(narae, clock):
    name = narae.hold()["id"]
    clock.moment += timedelta(minutes=30)
    shown = narae.get(f"/bookings/{name}").json
    assert (shown["state"], shown["steps"]) == ("expired", [])
    answer = narae.post(f"/bookings/{name}/confirm")
    assert (answer.status_code, answer.json["code"]) == (409, "hold_expired")


def test_a_booking_moves_and_keeps_its_state(narae):
    name = narae.hold()["id"]
    narae.post(f"/bookings/{name}/confirm")
    answer = narae.post(f"/bookings/{name}/move", MOVED)
    assert answer.status_code == 200
    assert answer.json["decision"]["status"] == "granted"
    assert answer.json["booking"]["state"] == "confirmed"
    assert answer.json["booking"]["start"] == MOVED["start"]
    assert narae.get(f"/bookings/{name}").json == answer.json["booking"]


def test_a_booking_that_cannot_move_stays(narae):
    before = narae.hold()
    answer = narae.post(
        f"/bookings/{before['id']}/move", {**WISH, "start": "2026-12-08T03:00:00+09:00"}
    )
    assert answer.status_code == 200
    assert answer.json["decision"]["status"] == "refused"
    assert answer.json["booking"] == before


def test_a_move_sent_twice_under_one_key_is_decided_once(narae):
    name = narae.hold()["id"]
    key = {"Idempotency-Key": "move"}
    first = narae.post(f"/bookings/{name}/move", MOVED, headers=key)
    again = narae.post(f"/bookings/{name}/move", MOVED, headers=key)
    assert first.json == again.json
    assert len(narae.get("/requests").json["items"]) == 2


def test_an_operator_moves_a_booking_for_its_organisation(narae, desk):
    name = narae.hold()["id"]
    answer = desk.post(f"/bookings/{name}/move", MOVED)
    assert answer.json["booking"]["organisation"] == "demo-narae"
    assert answer.json["decision"]["status"] == "granted"


# -- ETags -----------------------------------------------------------------------------------


def test_a_booking_that_has_not_changed_is_not_sent_again(narae, clock):
    path = f"/bookings/{narae.hold()['id']}"
    tag = narae.get(path).headers["ETag"]
    spared = narae.get(path, headers={"If-None-Match": tag})
    assert (spared.status_code, spared.text, spared.headers["ETag"]) == (304, "", tag)
    clock.moment += timedelta(hours=1)
    assert narae.get(path, headers={"If-None-Match": tag}).json["state"] == "expired"


def test_a_step_is_taken_on_what_was_seen_and_on_nothing_else(narae):
    path = f"/bookings/{narae.hold()['id']}"
    seen = narae.get(path).headers["ETag"]
    confirmed = narae.post(f"{path}/confirm", headers={"If-Match": seen})
    assert confirmed.status_code == 200
    for step, body in (("cancel", None), ("move", MOVED)):
        answer = narae.post(f"{path}/{step}", body, headers={"If-Match": seen})
        assert (answer.status_code, answer.json["code"]) == (412, "version_changed"), step
    assert narae.get(path).json["state"] == "confirmed"
    fresh = {"If-Match": confirmed.headers["ETag"]}
    assert narae.post(f"{path}/cancel", headers=fresh).status_code == 200


@pytest.mark.parametrize("sent", ["*", '"9-0000000000000000", {tag}', "W/{tag}"])
def test_any_of_several_tags_will_do(narae, sent):
    path = f"/bookings/{narae.hold()['id']}"
    tag = narae.get(path).headers["ETag"]
    answer = narae.post(f"{path}/confirm", headers={"If-Match": sent.format(tag=tag)})
    assert answer.status_code == 200


@pytest.mark.parametrize("sent", ["", "x", '"x"', '"1-zz"', '""', 'W/"",W/"a"'])
def test_tags_of_nothing_never_match(narae, sent):
    path = f"/bookings/{narae.hold()['id']}"
    answer = narae.post(f"{path}/confirm", headers={"If-Match": sent})
    assert (answer.status_code, answer.json["code"]) == (412, "version_changed")


# -- lists -----------------------------------------------------------------------------------


def pages(program, path, **query):
    """All pages of a list, by their cursors."""
    found, cursor = [], None
    while True:
        more = {} if cursor is None else {"cursor": cursor}
        page = program.get(path, **query, **more).json
        found.append([each["id"] for each in page["items"]])
        cursor = page["next"]
        if cursor is None:
            return found


@pytest.fixture
def five(narae):
    days = ("2026-12-08", "2026-12-09", "2026-12-10", "2026-12-11", "2026-12-14")
    return [narae.hold(start=f"{day}T10:00:00+09:00")["id"] for day in days]


def test_bookings_are_read_page_by_page_in_the_order_of_their_starts(narae, five):
    assert pages(narae, "/bookings", limit=2) == [five[:2], five[2:4], five[4:]]
    assert pages(narae, "/bookings", limit=5) == [five]


def test_a_page_stays_where_it_was_when_bookings_come_before_it(narae, five):
    first = narae.get("/bookings", limit=2).json
    earlier = narae.hold(start="2026-12-03T10:00:00+09:00")["id"]
    second = narae.get("/bookings", limit=2, cursor=first["next"]).json
    assert [each["id"] for each in second["items"]] == five[2:4]
    assert earlier in pages(narae, "/bookings")[0]


def test_requests_are_read_page_by_page_newest_first(narae, clock):
    made = []
    for day in range(8, 12):
        clock.moment += timedelta(minutes=1)
        start = f"2026-12-{day:02}T10:00:00+09:00"
        made.append(narae.post("/requests", {**WISH, "start": start}).json["id"])
    newest = made[::-1]
    assert pages(narae, "/requests", limit=3) == [newest[:3], newest[3:]]


def test_bookings_are_filtered_by_state_resource_and_days(narae, five):
    narae.post(f"/bookings/{five[0]}/confirm")
    assert pages(narae, "/bookings", state="confirmed") == [five[:1]]
    assert pages(narae, "/bookings", state=["confirmed", "held"]) == [five]
    assert pages(narae, "/bookings", since="2026-12-09", until="2026-12-10") == [five[1:3]]
    used = narae.get(f"/bookings/{five[0]}").json["lines"][0]["resource"]
    assert pages(narae, "/bookings", resource=used) == [five]
    assert pages(narae, "/bookings", resource="rt-elsewhere") == [[]]


def test_a_hold_that_ran_out_is_listed_as_expired(narae, clock):
    name = narae.hold()["id"]
    clock.moment += timedelta(hours=1)
    assert pages(narae, "/bookings", state="held") == [[]]
    assert pages(narae, "/bookings", state="expired") == [[name]]


@pytest.mark.parametrize("path", ["/bookings", "/requests", "/resources"])
def test_a_cursor_of_nothing_is_said_to_be_one(desk, path):
    answer = desk.get(path, cursor="AAAAAAAAAAAA")
    assert (answer.status_code, answer.json["code"]) == (404, "cursor")


def test_who_has_come_checks_in(narae, clock, context):
    name = with_crew(context, narae.hold()["id"])
    assert narae.post(f"/bookings/{name}/confirm").json["steps"] == ["cancel", "move"]
    early = narae.post(f"/bookings/{name}/check-in")
    assert (early.status_code, early.json["code"]) == (409, "check_in_too_early")
    clock.moment = datetime.fromisoformat(narae.get(f"/bookings/{name}").json["start"])
    assert narae.get(f"/bookings/{name}").json["steps"] == ["check-in", "cancel"]
    answer = narae.post(f"/bookings/{name}/check-in")
    assert (answer.status_code, answer.json["state"], answer.json["steps"]) == (
        200,
        "checked_in",
        ["check-out"],
    )


def test_a_no_show_is_shown_as_one_at_the_end_of_its_grace(narae, clock):
    name = narae.hold()["id"]
    narae.post(f"/bookings/{name}/confirm")
    start = datetime.fromisoformat(narae.get(f"/bookings/{name}").json["start"])
    clock.moment = start + timedelta(minutes=30)
    assert narae.get(f"/bookings/{name}").json["state"] == "no_show"
    late = narae.post(f"/bookings/{name}/check-in")
    assert (late.status_code, late.json["code"]) == (409, "check_in_too_late")
