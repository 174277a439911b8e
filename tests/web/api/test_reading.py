"""Reading the catalogue, what is free, the day, and experiments."""

from datetime import timedelta

import pytest

from testbed.service import experiments, members
from testbed.service.context import Context
from tests.web.api.conftest import WISH
from tests.web.conftest import NOW

DAY = "2026-12-08"


def test_resources_are_listed_once_over_all_pages(narae):
    found, query = [], {"limit": 7}
    while True:
        page = narae.get("/resources", **query).json
        found += [each["id"] for each in page["items"]]
        if page["next"] is None:
            break
        query["cursor"] = page["next"]
    assert len(found) == len(set(found)) > 40
    assert found == [each["id"] for each in narae.get("/resources", limit=200).json["items"]]


def test_resources_are_filtered(narae):
    asked = {"type": "facility", "city": "hwaseong", "bookable": "true", "kind": "workshop"}
    items = narae.get("/resources", **asked).json["items"]
    assert items
    for each in items:
        assert (each["type"], each["city"], each["bookable"], each["kind"]) == (
            "facility",
            "hwaseong",
            True,
            "workshop",
        )


def test_a_resource_shows_its_rules_hours_fees_and_sources(narae):
    (route,) = narae.get("/resources", type="route", limit=1).json["items"]
    shown = narae.get(f"/resources/{route['id']}")
    assert shown.json == route
    assert route["rule"]["slot_min"] > 0
    assert route["opening"]["windows"]
    assert route["provenance"]["kind"] in {"public-record", "illustrative"}
    assert set(route["name"]) == {"en", "ko"}


def test_what_has_not_changed_is_not_sent_again(narae):
    for path in ("/resources", "/test-kinds", "/resources/fc-kcity-weather"):
        tag = narae.get(path).headers["ETag"]
        assert narae.get(path, headers={"If-None-Match": tag}).status_code == 304
        assert narae.get(path, headers={"If-None-Match": '"other"'}).status_code == 200


def test_the_needs_of_a_kind_of_test_can_be_sent_back(narae):
    kinds = {each["id"]: each for each in narae.get("/test-kinds").json["items"]}
    need = dict(kinds["adverse_weather"]["need"])
    assert (need.pop("offset_minutes"), need.pop("minutes")) == (0, None)
    by_need = narae.post("/searches", {**WISH, "need": need}).json
    assert by_need["offers"] == narae.post("/searches", WISH).json["offers"]


# -- availability ----------------------------------------------------------------------------


def free(program, **query):
    answer = program.get("/availability", **{"day": DAY, "days": 1, **query})
    assert answer.status_code == 200, answer.text
    return answer.json["items"]


def test_what_is_free_is_what_can_be_booked(narae):
    (tunnel,) = free(narae, resource="fc-kcity-weather", minutes=180)
    (day,) = tunnel["days"]
    assert day["day"] == DAY
    first = day["starts"][0]["first"]
    wish = {**WISH, "need": {"type": "facility", "resource": "fc-kcity-weather"}, "start": first}
    assert narae.post("/searches", wish).json["offers"][0]["start"] == first
    assert day["free_minutes"] == sum(minutes(span) for span in day["free"])


def minutes(span):
    from datetime import datetime  # noqa: PLC0415

    return (
        datetime.fromisoformat(span["end"]) - datetime.fromisoformat(span["start"])
    ) // timedelta(minutes=1)


def test_a_booking_takes_its_hours_out_of_what_is_free(narae, gaon_api):
    asked = {"resource": "fc-kcity-weather", "minutes": 60}
    (before,) = free(gaon_api, **asked)
    held = narae.hold()
    (after,) = free(gaon_api, **asked)
    assert after["days"][0]["free_minutes"] < before["days"][0]["free_minutes"] - 180 + 1
    begins = [each["first"] for each in after["days"][0]["starts"]]
    assert held["start"] not in begins


def test_availability_of_a_need_lists_every_resource_that_matches(narae):
    routes = free(narae, type="route", city="hwaseong", days=2)
    assert len(routes) > 1
    assert {each["city"] for each in routes} == {"hwaseong"}
    assert {len(each["days"]) for each in routes if not each["reasons"]} == {2}


def test_what_can_never_be_booked_says_why(narae):
    (tunnel,) = free(narae, resource="fc-kcity-weather", units=900)
    assert tunnel["days"] == []
    assert [each["code"] for each in tunnel["reasons"]] == ["too_many"]


def test_there_is_no_availability_of_what_does_not_exist(narae):
    answer = narae.get("/availability", day=DAY, resource="rt-nowhere")
    assert (answer.status_code, answer.json["code"]) == (404, "resource")


# -- schedule and experiments ----------------------------------------------------------------


def test_the_day_shows_bookings_and_standing_services(narae):
    held = narae.hold()
    items = narae.get("/schedule", day=DAY).json["items"]
    assert {each["state"] for each in items} >= {"held", "standing"}
    (own,) = [each for each in items if each["booking"] == held["id"]]
    assert (own["start"], own["end"]) == (held["start"], held["end"])
    cities = [each["city"] for each in items]
    assert cities == sorted(cities)


def test_there_is_no_schedule_of_a_city_that_does_not_exist(narae):
    answer = narae.get("/schedule", day=DAY, city="atlantis")
    assert (answer.status_code, answer.json["code"]) == (404, "city")


@pytest.fixture
def queued(planner, context: Context):
    owner = members.by_email(context, "plan@example.org")
    return [
        experiments.queue(
            context, f"Number {number}", "x = 1", NOW + timedelta(minutes=number), owner
        )
        for number in range(3)
    ]


def test_experiments_are_read_newest_first(planner, queued):
    first = planner.get("/experiments", limit=2).json
    rest = planner.get("/experiments", limit=2, cursor=first["next"]).json
    names = [each["name"] for each in (*first["items"], *rest["items"])]
    assert names == ["Number 2", "Number 1", "Number 0"]
    assert rest["next"] is None


def test_an_experiment_shows_its_scenario_and_that_there_is_no_result_yet(planner, queued):
    shown = planner.get(f"/experiments/{queued[0].id}").json
    assert (shown["status"], shown["scenario"], shown["result"]) == ("queued", "x = 1", None)
    assert planner.get("/experiments/nosuch").status_code == 404
