"""The planner's pages: start, watch, read, cancel, download, upload."""

import json
from io import BytesIO

import pytest
from flask.testing import FlaskClient

from testbed.domain.parties import Member, Role
from testbed.service import experiments, members
from testbed.service.actors import SYSTEM
from testbed.service.experiment_record import Status
from tests.web.conftest import NOW, PASSWORD
from tests.web.planning.documents import STUDY, result
from tests.web.planning.test_form import PLAIN
from tests.web.reading import sent, text_of, token_of
from web.planning.result import MOST_BYTES


def person(context, role: Role) -> Member:
    member = Member(0, "org-gyeonggi", f"{role}@example.org", "Park", role)
    members.add(context, member, PASSWORD, NOW, SYSTEM)
    return members.by_email(context, member.email)


@pytest.fixture
def park(context) -> Member:
    return person(context, Role.PLANNER)


@pytest.fixture
def planner(park, sign_in) -> FlaskClient:
    return sign_in(park.email)


def post(browser, path, form_page="/scenarios", **typed):
    token = token_of(browser.get(form_page).text)
    return browser.post(path, data={"csrf_token": token, **typed})


def started(planner) -> str:
    answer = post(planner, "/runs", **PLAIN)
    assert answer.status_code == 303, text_of(answer)
    return answer.location.rsplit("/", 1)[1]


def finished(context, planner, document=None) -> str:
    run = started(planner)
    experiments.claim(context, "w", NOW)
    experiments.finish(context, run, "w", document or result(study=STUDY), NOW)
    return run


def test_the_scenarios_say_what_they_change(planner):
    said = text_of(planner.get("/scenarios"))
    assert "Second rain-and-fog tunnel at K-City" in said
    assert "Rain and fog simulation tunnel: 1 unit more" in said
    assert "K-City autonomous-driving test city: open Mon–Fri 09:00–21:00; Sat 09:00–17:00" in said
    assert "Mon–Thu 22:00–02:00" in said


def test_a_run_from_the_form_waits_in_the_queue(context, planner, park):
    run = experiments.get(context, started(planner), park)
    assert (run.status, run.total, run.name) == (
        Status.QUEUED,
        3,
        "The valley as it is, demand × 2",
    )
    assert "level = 2" in run.scenario


def test_a_mistake_of_the_form_comes_back_at_its_field(context, planner, park):
    answer = post(planner, "/runs", **{**PLAIN, "levels": "one, two"})
    assert answer.status_code == 422
    assert "Write numbers with commas" in text_of(answer)
    assert 'value="one, two"' in answer.text
    assert experiments.listing(context, park) == ()


def test_the_form_can_be_carried_on_as_text(planner):
    answer = post(planner, "/scenarios/text", **PLAIN)
    assert "[scenario]" in answer.text
    assert "replications = 3" in answer.text


def test_every_mistake_of_a_text_is_shown_with_its_place_and_nothing_typed_is_lost(planner):
    text = "[scenario]\nname = 'x'\nsed = 1\nstart = 2026-01-01\ndays = 7\n[base]\nlevl = 1\n"
    answer = post(planner, "/runs", text=text, name="mine")
    said = text_of(answer)
    assert answer.status_code == 422
    assert "3 mistakes" in said
    assert "scenario.sed" in said
    assert "base.levl" in said
    assert "levl = 1" in answer.text
    assert 'value="mine"' in answer.text


@pytest.mark.parametrize("text", ["x=" + "[" * 3000, "x=" + "9" * 5000])
def test_a_text_that_no_reader_takes_is_a_mistake_like_any_other(planner, text):
    answer = post(planner, "/runs", text=text)
    assert answer.status_code == 422
    assert "1 mistake" in text_of(answer)


def test_a_text_reads_no_file_of_the_machine(planner):
    text = '[scenario]\nname="x"\nseed=1\nstart=2026-01-01\ndays=7\n[base]\ndemand="/etc/hosts"\n'
    answer = post(planner, "/runs", text=text)
    assert answer.status_code == 422
    assert "names packaged:NAME only" in text_of(answer)


def test_while_it_runs_the_page_shows_the_bar_and_the_estimate(context, planner):
    run = started(planner)
    experiments.claim(context, "w", NOW)
    so_far = {"kpis": {"acceptance": {"mean": 0.8, "half_width": 0.1, "n": 2}}}
    experiments.progress(context, run, "w", NOW, new_rows={0: {}, 1: {}}, estimate=so_far)
    part = planner.get(f"/runs/{run}/progress")
    assert "2 of 3 replications" in text_of(part)
    assert "80.0 ± 10.0 %" in text_of(part)
    assert 'hx-trigger="every 2s"' in part.text
    assert 'value="2" max="3"' in part.text


def test_a_finished_run_answers_and_names_the_bottleneck(context, planner):
    run = finished(context, planner)
    page = planner.get(f"/runs/{run}")
    said = text_of(page)
    assert "79.3 ± 0.8 % of the wished sessions find a place" in said
    assert "What binds most: opening hours." in said
    assert "The bottleneck" in said
    assert "cannot be told apart from: Four more safety drivers" in said
    assert "testbed sim run scenario.toml" in said
    assert "data-over" in page.text
    assert "illustrative" in said


def test_the_pictures_come_as_numbers_in_the_order_of_the_page(context, planner):
    run = finished(context, planner)
    found = planner.get(f"/runs/{run}/pictures").json
    assert [each["id"] for each in found] == ["curve", "ranking", "week", "places", "kinds"]


def test_tables_scenario_and_result_can_be_downloaded(context, planner, park):
    run = finished(context, planner)
    table = planner.get(f"/runs/{run}/tables/demand-curve.csv")
    named = table.headers["Content-Disposition"]
    assert named == f'attachment; filename="demand-curve-{run}.csv"'
    assert "2.0,0.8,0.01" in table.text
    assert planner.get(f"/runs/{run}/tables/nothing.csv").status_code == 404
    kept = experiments.get(context, run, park)
    assert planner.get(f"/runs/{run}/scenario.toml").text == kept.scenario
    assert planner.get(f"/runs/{run}/result.json").json == result(study=STUDY)


def test_a_failed_run_says_what_happened_and_what_to_do(context, planner):
    run = started(planner)
    experiments.claim(context, "w", NOW)
    mistake = {"place": "scenario.toml.base", "code": "unknown_key", "fields": {"key": "levl"}}
    experiments.fail(context, run, "w", {"code": "invalid_file", "mistakes": [mistake]}, NOW)
    said = text_of(planner.get(f"/runs/{run}"))
    assert "Its scenario has mistakes" in said
    assert "base" in said
    assert "levl" in said
    assert "Mend the text" in said


def test_a_run_that_waits_is_cancelled_at_once(context, planner, park):
    run = started(planner)
    assert post(planner, f"/runs/{run}/cancel", f"/runs/{run}").status_code == 303
    assert experiments.get(context, run, park).status is Status.CANCELLED
    assert "This run was cancelled" in text_of(planner.get(f"/runs/{run}"))


def upload(browser, document: bytes):
    token = token_of(browser.get("/runs").text)
    file = BytesIO(document), "result.json"
    return sent(browser, "/runs/results", csrf_token=token, result=file)


def test_a_result_of_the_command_line_is_shown_and_marked(context, planner):
    answer = upload(planner, json.dumps(result(study=STUDY)).encode())
    assert answer.status_code == 303
    said = text_of(planner.get(answer.location))
    assert "trial" in said
    assert "uploaded" in said
    assert "79.3 ± 0.8 %" in said
    assert "2 times today's demand" in said
    listed = text_of(planner.get("/runs"))
    assert "trial uploaded" in listed
    assert "79.3 ± 0.8 %" in listed


def test_a_result_may_be_longer_than_a_form(planner):
    padded = {**result(), "more": "x" * 500_000}
    assert upload(planner, json.dumps(padded).encode()).status_code == 303


@pytest.mark.parametrize("document", [b"", b"{}", b"not json", b"x" * 100_000])
def test_what_is_no_result_is_refused_and_said(context, planner, park, document):
    answer = upload(planner, document)
    assert answer.status_code == 422
    assert "This is no result of a simulation run" in text_of(answer)
    assert experiments.listing(context, park) == ()


def test_a_file_beyond_the_limit_is_refused(planner):
    long = b"x" * (MOST_BYTES + 1)
    form = "multipart/form-data; boundary=edge"
    assert planner.post("/runs/results", data=long, content_type=form).status_code == 413


def test_an_upload_needs_the_token_of_the_form(planner):
    data = {"result": (BytesIO(json.dumps(result()).encode()), "result.json")}
    assert planner.post("/runs/results", data=data).status_code == 400


@pytest.mark.parametrize("role", [Role.OPERATOR, Role.OBSERVER])
def test_operators_and_observers_read_without_the_buttons(context, planner, sign_in, role):
    run = finished(context, planner)
    reader = sign_in(person(context, role).email)
    assert "79.3 ± 0.8 %" in text_of(reader.get(f"/runs/{run}"))
    assert "Start the run" not in text_of(reader.get("/scenarios"))
    assert "Upload" not in text_of(reader.get("/runs"))
    assert reader.post("/runs").status_code in {400, 403}


def test_members_see_no_runs(nari):
    assert nari.get("/runs").status_code == 403
    assert nari.get("/scenarios").status_code == 403


def test_the_pages_speak_korean(context, planner):
    run = finished(context, planner)
    said = text_of(planner.get(f"/runs/{run}?lang=ko"))
    assert "희망 시험의 79.3 ± 0.8 %가 자리를 얻습니다" in said
    assert "K-City 기상환경재현시설 두 번째 동" in said
    assert "K-City 저녁·토요일 운영" in text_of(planner.get("/scenarios"))
