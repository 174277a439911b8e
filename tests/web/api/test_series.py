"""Series and templates as a program asks for them."""

import pytest

from tests.web.api.conftest import WISH

ROUTE = {"type": "route", "resource": "rt-kcity-urban", "mode": "exclusive"}
SERIES = {**WISH, "need": ROUTE, "repeat": {"rule": "FREQ=WEEKLY;BYDAY=TU;COUNT=4"}}
TAKEN = {"need": ROUTE, "start": "2026-12-15T10:00:00+09:00"}


def made(program, **changed) -> dict:
    answer = program.post("/series", {**SERIES, **changed})
    assert answer.status_code == 201, answer.text
    return answer.json["series"]


def outcomes(document) -> list[str]:
    return [each["outcome"] for each in document["dates"]]


def test_a_preview_answers_every_date_and_keeps_nothing(narae, gaon_api):
    gaon_api.hold(**TAKEN)
    found = narae.post("/series-previews", SERIES).json
    assert outcomes(found) == ["booked", "left_out", "booked", "booked"]
    assert found["pattern"].startswith("every week on Tue, 10:00 KST")
    assert narae.get("/series").json["items"] == []


def test_a_series_is_held_confirmed_and_read_again(narae):
    series = made(narae)
    assert {each["booking"]["state"] for each in series["dates"]} == {"held"}
    assert len({each["booking"]["expires_at"] for each in series["dates"]}) == 1
    done = narae.post(f"/series/{series['id']}/confirm").json
    assert {each["booking"]["state"] for each in done["dates"]} == {"confirmed"}
    assert narae.get(f"/series/{series['id']}").json == done
    assert [each["id"] for each in narae.get("/series").json["items"]] == [series["id"]]


def test_the_same_key_makes_one_series(narae):
    sent = {"headers": {"Idempotency-Key": "weekly"}}
    first = narae.post("/series", SERIES, **sent)
    again = narae.post("/series", SERIES, **sent)
    assert again.json == first.json
    assert len(narae.get("/series").json["items"]) == 1


def test_a_member_in_a_zone_with_summer_time_keeps_the_wall_time_of_seoul(narae):
    berlin = "2027-03-09T02:00:00+01:00"  # 10:00 in Seoul; Berlin changes its clock on 28 March
    found = narae.post("/series-previews", {**SERIES, "start": berlin}).json
    assert [each["start"] for each in found["dates"]] == [
        f"2027-03-{day}T10:00:00+09:00" for day in ("09", "16", "23", "30")
    ]


def test_what_was_left_out_is_repaired_by_the_request_of_a_repair(narae, gaon_api):
    gaon_api.hold(**TAKEN)
    series = made(narae)
    left = series["dates"][1]
    assert left["decision"]["status"] in {"offered", "refused"}
    repair = next(each for each in left["repairs"] if each["offer"])
    body = {"day": left["day"], "request": repair["request"]}
    answer = narae.post(f"/series/{series['id']}/ask", body)
    assert answer.json["changed"] == [left["day"]], answer.text
    assert answer.json["series"]["dates"][1]["apart"] is True
    again = narae.post(f"/series/{series['id']}/ask", body)
    assert (again.status_code, again.json["code"]) == (409, "date_is_booked")


@pytest.mark.slow
def test_all_or_nothing_names_what_stood_in_the_way(narae, gaon_api):
    gaon_api.hold(**TAKEN)
    answer = narae.post("/series", {**SERIES, "all_or_nothing": True})
    assert answer.status_code == 200
    assert answer.json["series"] is None
    assert [each["day"] for each in answer.json["refused"]] == ["2026-12-15"]


def test_dates_are_changed_cancelled_and_added(narae):
    number = made(narae)["id"]
    body = {"scope": "following", "day": "2026-12-22", "at": "13:00"}
    done = narae.post(f"/series/{number}/edit", body).json
    assert done["changed"] == ["2026-12-22", "2026-12-29"]
    asked = {"scope": "this", "day": "2026-12-15"}
    costs = narae.post(f"/series/{number}/cancel", {**asked, "preview": True}).json
    assert [each["counts_as_use"] for each in costs["costs"]] == [False]
    assert outcomes(costs["series"])[1] == "booked"
    assert narae.post(f"/series/{number}/cancel", asked).json["changed"] == ["2026-12-15"]
    more = narae.post(f"/series/{number}/extend", {"until": "2027-01-05"}).json
    assert more["changed"] == ["2027-01-05"]
    assert outcomes(more["series"])[:4] == ["booked", "skipped", "booked", "booked"]


@pytest.mark.parametrize(
    "repeat",
    [{"rule": "FREQ=WEEKLY"}, {"rule": "FREQ=YEARLY;COUNT=3"}, {"dates": []}, {}, "weekly"],
)
def test_a_rhythm_that_cannot_be_read_is_named(narae, repeat):
    answer = narae.post("/series", {**SERIES, "repeat": repeat})
    assert answer.status_code == 422
    assert {each["pointer"].split("/")[1] for each in answer.json["errors"]} == {"repeat"}


@pytest.mark.slow
def test_a_series_by_chosen_dates(narae):
    days = ["2026-12-08", "2026-12-17"]
    assert [each["day"] for each in made(narae, repeat={"dates": days})["dates"]] == days


def test_a_rival_finds_no_series_and_no_template(narae, gaon_api, desk):
    number = made(narae)["id"]
    template = narae.post("/templates", {**WISH, "name": "Rain"}).json["id"]
    assert gaon_api.get(f"/series/{number}").status_code == 404
    assert gaon_api.post(f"/series/{number}/confirm").status_code == 404
    assert gaon_api.get(f"/templates/{template}").status_code == 404
    assert gaon_api.get("/series").json["items"] == gaon_api.get("/templates").json["items"] == []
    assert gaon_api.get("/series", organisation="demo-narae").status_code == 403
    assert desk.get(f"/series/{number}").status_code == 200


def test_a_template_is_kept_renamed_and_deleted(narae):
    kept = narae.post("/templates", {**WISH, "name": "Rain"}).json
    assert kept["request"]["need"]["test_kind"] == "adverse_weather"
    assert narae.post("/templates", {**WISH, "name": "Rain"}).status_code == 409
    renamed = narae.post(f"/templates/{kept['id']}/rename", {"name": "Fog"}).json
    assert renamed["name"] == "Fog"
    assert narae.post("/searches", renamed["request"]).status_code == 200
    assert [each["name"] for each in narae.get("/templates").json["items"]] == ["Fog"]
    assert narae.post(f"/templates/{kept['id']}/delete").status_code == 204
    assert narae.get(f"/templates/{kept['id']}").status_code == 404
