"""Whether the service works: for machines that watch it, and for administrators."""

from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from testbed.config import Health
from testbed.domain.parties import Member, Role
from testbed.jobs.job import Surroundings
from testbed.jobs.table import all_jobs
from testbed.jobs.worker import Worker
from testbed.service import deliveries, members, outbox, webhooks
from testbed.service.actors import SYSTEM
from testbed.service.outbox import Mail
from tests.web.conftest import NOW, PASSWORD
from tests.web.reading import held, search, take, text_of
from web.app import create_app

OUTSIDE = {"REMOTE_ADDR": "203.0.113.7"}
SILENT = timedelta(seconds=120)


@pytest.fixture
def app(fresh_app):
    """Its figures count from nothing."""
    return fresh_app


@pytest.fixture
def browser(app):
    return app.test_client()


@pytest.fixture
def worker(context, settings, clock):
    """A worker that leads and has run every job once, by the clock of the test."""
    jobs = [job for job in all_jobs(settings) if job.name not in ("mails", "experiments")]
    made = Worker(Surroundings(context, settings), jobs, clock, "one")
    made.lead()
    for job in jobs:
        made.attempt(job)
    return made


@pytest.fixture
def administrator(context, sign_in):
    person = Member(0, "org-gyeonggi", "ahn@example.org", "Ahn", Role.ADMINISTRATOR)
    members.add(context, person, PASSWORD, NOW, SYSTEM)
    return sign_in("ahn@example.org")


def figures(browser) -> dict[str, float]:
    """The figures by name and labels."""
    lines = browser.get("/metrics").text.splitlines()
    pairs = (line.rsplit(" ", 1) for line in lines if line and not line.startswith("#"))
    return {name: float(value) for name, value in pairs}


# -- readiness -------------------------------------------------------------------------------


def test_a_service_with_a_worker_that_leads_is_ready(browser, worker):
    answer = browser.get("/readyz")
    assert answer.status_code == 200
    assert answer.json == {"status": "ready", "database": "ok", "schema": "ok", "worker": "ok"}


def test_a_service_without_a_worker_is_not(browser):
    answer = browser.get("/readyz")
    assert (answer.status_code, answer.json["worker"]) == (503, "none")


@pytest.mark.parametrize(("more", "said"), [(0, "ok"), (1, "silent")])
def test_a_worker_may_be_silent_for_two_minutes(browser, worker, clock, more, said):
    clock.moment += SILENT + timedelta(seconds=more)
    assert browser.get("/readyz").json["worker"] == said


def test_a_schema_without_its_migrations_is_not_ready(browser, worker, context):
    with context.database.writing() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '0001'"))
    answer = browser.get("/readyz")
    assert (answer.status_code, answer.json["schema"]) == (503, "migrations_missing")


def test_a_database_that_does_not_answer_is_said_and_nothing_of_it_told(
    browser, worker, monkeypatch
):
    def away(_):
        raise OperationalError("SELECT secret", {}, Exception("password=hidden"))

    monkeypatch.setattr("testbed.service.health.schema_of", away)
    answer = browser.get("/readyz")
    assert (answer.status_code, answer.json["database"]) == (503, "no_answer")
    assert "secret" not in answer.text
    assert "hidden" not in answer.text


def test_healthz_says_that_the_process_lives_whatever_the_rest(browser):
    assert browser.get("/healthz").json == {"status": "ok"}


# -- figures ---------------------------------------------------------------------------------


def test_requests_are_counted_by_endpoint_and_status(browser):
    for path in ("/healthz", "/healthz", "/nothing"):
        browser.get(path)
    found = figures(browser)
    counted = 'testbed_requests_total{{endpoint="{}",method="GET",status="{}"}}'
    assert found[counted.format("home.healthz", 200)] == 2
    assert found[counted.format("none", 404)] == 1
    assert found['testbed_request_seconds_count{endpoint="home.healthz"}'] == 2


def test_methods_that_visitors_invent_are_counted_as_one(browser):
    for method in ("ZZ1", "ZZ2"):
        browser.open("/sign-in", method=method)
    counted = 'testbed_requests_total{endpoint="none",method="other",status="405"}'
    assert figures(browser)[counted] == 2


def test_what_waits_and_what_was_decided_is_counted(browser, nari, worker, clock):
    held(nari)
    take(nari, search(nari, city="gwacheon", elsewhere=""))
    found = figures(browser)
    assert found['testbed_waiting{queue="holds"}'] == 2
    assert found['testbed_decisions_last_hour{status="granted"}'] == 2
    assert found['testbed_waiting{queue="notes"}'] > 0
    assert found["testbed_ready"] == 1
    assert found["testbed_calendar_seconds_total"] > 0
    clock.moment += timedelta(seconds=40)
    found = figures(browser)
    assert found["testbed_worker_heartbeat_seconds"] == 40
    assert found['testbed_job_ok_seconds{job="expire-holds"}'] == 40


def test_without_a_token_only_this_machine_reads_the_figures(browser):
    assert browser.get("/metrics").status_code == 200
    assert browser.get("/metrics", environ_overrides=OUTSIDE).status_code == 403


def test_with_a_token_only_who_sends_it_reads_the_figures(settings, context, clock):
    named = settings.model_copy(update={"health": Health(metrics_token="let me in")})
    browser = create_app(named, context, clock).test_client()
    assert browser.get("/metrics").status_code == 403
    for sent, status in (("let me in", 200), ("let me out", 403), ("", 403)):
        answer = browser.get(
            "/metrics",
            headers={"Authorization": f"Bearer {sent}"},
            environ_overrides=OUTSIDE,
        )
        assert answer.status_code == status


def test_no_figure_names_anybody(browser, nari):
    address = held(nari)
    page = browser.get("/metrics").text
    assert "narae" not in page
    assert address.rsplit("/", 1)[-1] not in page


# -- the page --------------------------------------------------------------------------------


def test_the_page_names_every_job_with_its_last_run_and_the_next(administrator, worker, settings):
    page = administrator.get("/admin/health")
    for job in all_jobs(settings):
        assert f"<code>{job.name}</code>" in page.text
    said = text_of(page)
    assert "expire-holds ✓ went well , 0 s ago expired 0" in said
    assert "mails – has not run yet" in said


def test_a_job_that_fell_behind_is_overdue(administrator, worker, clock):
    clock.moment += timedelta(minutes=10)
    said = text_of(administrator.get("/admin/health"))
    assert "! overdue" in said
    assert "✕ has fallen silent; last sign of life 600 s ago" in said


def test_a_mail_that_does_not_get_away_says_why(administrator, context):
    with context.database.writing() as connection:
        outbox.queue(connection, Mail("k", "invitation", "new@example.org", "ko", {}), NOW)
    [mail] = outbox.due(context, NOW)
    outbox.begin(context, mail, NOW)
    outbox.failed(context, mail, "SMTPServerDisconnected: gone", NOW, for_good=False)
    said = text_of(administrator.get("/admin/health"))
    assert "new@example.org 1 2026-11-23 (Mon) 10:01 KST SMTPServerDisconnected: gone" in said
    assert "1 mail waits after a failed attempt." in text_of(administrator.get("/"))
    outbox.failed(context, mail, "SMTPDataError: 550", NOW, for_good=True)
    assert "given up SMTPDataError: 550" in text_of(administrator.get("/admin/health"))


def test_an_event_that_does_not_arrive_says_why(administrator, context):
    desk = members.by_email(context, "oh@example.org")
    hook = webhooks.add(
        context, desk, "https://hooks.example.com/", [], NOW, resolve=lambda *_: ("93.184.215.14",)
    )
    webhooks.send_test(context, hook.webhook.id, desk, NOW)
    [[due]] = deliveries.due(context, NOW)
    deliveries.begin(context, due, NOW)
    deliveries.failed(context, due, 503, "answered 503", NOW)
    said = text_of(administrator.get("/admin/health"))
    assert "hooks.example.com/ 1 2026-11-23 (Mon) 10:01 KST answered 503" in said


@pytest.mark.parametrize("who", ["nari", "operator"])
def test_the_page_is_for_administrators(who, request):
    assert request.getfixturevalue(who).get("/admin/health").status_code == 403
