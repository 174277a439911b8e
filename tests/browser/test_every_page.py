"""Every page of the access table, examined by axe-core and by its width, in both languages."""

import pytest

from testbed.domain.parties import Role
from tests.browser.conftest import Visitor
from tests.browser.days import next_working_day
from tests.browser.examination import Report
from web.access import ACCESS, PUBLIC, may_open

pytestmark = [pytest.mark.browser, pytest.mark.slow]

# What the table lists beside pages: data, files, parts of pages, and steps that a form sends.
NO_PAGES = {
    "static",
    "openapi",
    "home.healthz",
    "health.readyz",
    "health.figures",
    "account.sign_out",
    "profile.save",
    "profile.password",
    "profile.sign_out_everywhere",
    "tokens.create",
    "tokens.revoke",
    "notices.save",
    "notices.unsubscribe",
    "webhooks.create",
    "webhooks.choose_events",
    "webhooks.test",
    "webhooks.rotate",
    "webhooks.enable",
    "webhooks.remove",
    "organisation.invite",
    "organisation.resend",
    "organisation.withdraw",
    "members.change_role",
    "members.deactivate",
    "members.reactivate",
    "admin.approve",
    "admin.reject",
    "waitlist.join",
    "waitlist.withdraw",
    "waitlist.accept",
    "waitlist.decline",
    "approvals.answer",
    "bookings.submit",
    "bookings.confirm",
    "bookings.check_in",
    "reconfirm.confirm",
    "bookings.cancel",
    "bookings.move",
    "together.change_length",
    "together.invite",
    "together.answer",
    "together.share",
    "together.hand_over",
    "handovers.answer",
    "sharing.save",
    "schedule.data",
    "feeds.create",
    "feeds.rename",
    "feeds.revoke",
    "calendar.feed",
    "statements.close",
    "statements.download",
    "series.submit",
    "series.confirm",
    "series.save",
    "series.cancel",
    "series.ask",
    "series.extend",
    "templates.save",
    "templates.use",
    "templates.rename",
    "templates.delete",
    "gate.as_csv",
    "gate.save",
    "closures.stop",
    "closures.reopen",
    "visits.check_in",
    "visits.check_out",
    "visits.contact",
    "usage.enter",
    "usage.remove",
    "usage.table",
    "usage.document",
    "panel.one",
    "panel.confirm",
    "panel.cancel",
    "panel.check_in",
    "panel.move",
    "runs.start",
    "runs.progress",
    "runs.drawn",
    "runs.table",
    "runs.scenario",
    "runs.result",
    "runs.cancel",
    "runs.upload",
    "papers.attach",
    "papers.document",
    "papers.withdraw",
    "papers.accept",
    "papers.reject",
    "fleet.retire_vehicle",
    "fleet.retire_driver",
    "crew.name",
    "crew.let_in",
    "catalogue.map_data",
    "admin_catalogue.check",
    "admin_catalogue.load",
    "admin_catalogue.download",
}
# A preview of a series, on a phone as on a wall.
REPEATED = (
    "kind=v2x&city=ansan&elsewhere=y&hours=2&flex=7&vehicles=1&mode=shared&day={day}&at=10:00"
    "&how=rule&every=1&unit=WEEKLY&ends=count&count=4&holidays=y&partly=partly"
)
# Where each page is found; `things` says what stands in the braces.
PAGES = {
    "account.sign_in": "/sign-in",
    "entry.forgotten": "/forgotten-password",
    "entry.mailed": "/forgotten-password/mailed",
    "entry.reset": "/password-reset/over",
    "entry.invitation": "/invitations/over",
    "entry.register": "/register",
    "entry.registered": "/register/received",
    "home.index": "/",
    "find.index": "/find?kind=v2x&city=ansan&elsewhere=y&hours=2&flex=7&vehicles=1&mode=shared"
    "&day={day}&at=10:00",
    "bookings.index": "/bookings",
    "bookings.one": "/bookings/{booking}",
    "bookings.ask_cancel": "/bookings/{booking}/cancel",
    "together.length": "/bookings/{booking}/length",
    "handovers.index": "/handovers",
    "sharing.index": "/organisation/sharing",
    "waitlist.index": "/waitlist",
    "approvals.index": "/approvals?show=all",
    "today.index": "/today",
    "gate.index": "/gate?site=site-kcity&day={day}",
    "gate.instructions": "/gate/site-kcity/instructions",
    "closures.index": "/closures",
    "visits.one": "/visits/{booking}",
    "visits.code": "/visits/{booking}/code",
    "usage.index": "/usage",
    "usage.one": "/usage/{booking}",
    "series.index": "/series",
    "series.new": "/series/new?" + REPEATED,
    "series.one": "/series/{series}",
    "series.edit": "/series/{series}/edit?scope=following",
    "series.ask_cancel": "/series/{series}/cancel?scope=all",
    "templates.index": "/templates",
    "schedule.index": "/schedule?day={day}",
    "schedule.table": "/schedule/table?day={day}",
    "papers.index": "/papers",
    "papers.new": "/papers/new?kind=permit",
    "papers.one": "/papers/ex-c5205b3b-insurance",
    "papers.change": "/papers/ex-c5205b3b-insurance/change",
    "fleet.new_vehicle": "/papers/vehicles/new",
    "fleet.vehicle": "/papers/vehicles/ex-c5205b3b-car-1",
    "fleet.new_driver": "/papers/drivers/new",
    "fleet.driver": "/papers/drivers/ex-c5205b3b-driver-1",
    "catalogue.index": "/catalogue",
    "catalogue.one": "/catalogue/rt-kcity-urban",
    "catalogue.city": "/catalogue/cities/hwaseong",
    "catalogue.all_sources": "/catalogue/sources",
    "profile.index": "/account",
    "tokens.index": "/account/tokens",
    "notices.index": "/account/notices",
    "notices.ask_unsubscribe": "/notices/unsubscribe/over",
    "webhooks.index": "/webhooks",
    "webhooks.one": "/webhooks/{webhook}",
    "feeds.index": "/account/feeds",
    "statements.index": "/organisation/statements",
    "organisation.index": "/organisation",
    "fairness.index": "/organisation/fair-share",
    "members.one": "/members/{member}",
    "scenarios.index": "/scenarios",
    "scenarios.as_text": "/scenarios/text",
    "runs.index": "/runs",
    "runs.one": "/runs/{run}",
    "admin.index": "/admin",
    "admin.listing": "/admin/organisations",
    "admin.organisation": "/admin/organisations/demo-narae",
    "admin.members": "/admin/members",
    "admin_catalogue.index": "/admin/catalogue",
    "admin.waiting": "/admin/registrations",
    "health.index": "/admin/health",
    "admin.registration": "/admin/registrations/{registration}",
}
MISSING = {"entry.reset", "entry.invitation", "notices.ask_unsubscribe"}
SCENARIO = """
[scenario]
name = "a week"
seed = 1
start = 2026-03-02
days = 7
warmup_days = 7
replications = 3
[base]
catalogue = "packaged:gyeonggi"
demand = "packaged:gyeonggi"
level = 2.0
disruptions = false
standing = true
[study]
levels = [1.0, 2.0]
options = ["op-weather-2"]
"""
REGISTRATION = {
    "name_en": "Seorak Robots",
    "name_ko": "설악로봇",
    "contact": "Seo Rak",
    "email": "seo@example.org",
}
SCREENS = [
    (360, "ko-KR", "light"),
    (360, "en-GB", "dark"),
    (1280, "en-GB", "light"),
    (1920, "ko-KR", "dark"),
]
# Who looks at a page: the first of these who may.
READERS = (Role.MANAGER, Role.OPERATOR, Role.PLANNER, Role.ADMINISTRATOR)


@pytest.fixture
def things(visit, in_use) -> dict[str, str]:
    """A booking, a member, a finished run and a waiting registration to look at."""
    return {
        "booking": in_use.booking(),
        "day": next_working_day(2).isoformat(),
        "member": in_use.value("SELECT id FROM member WHERE email = 'member@demo.test'"),
        "run": a_run(visit, in_use),
        "series": a_series(visit, in_use),
        "webhook": a_webhook(visit, in_use),
        "registration": a_registration(visit, in_use),
    }


def a_run(visit, in_use) -> str:
    """The number of a finished run of the planner, made where there is none."""
    done = in_use.values("SELECT id FROM experiment WHERE status = 'done'")
    if not done:
        planner = visit(width=1280, language="en-GB", server=in_use)
        planner.sign_in("planner")
        planner.go("/scenarios/text")
        planner.page.locator("#text").fill(SCENARIO)
        planner.page.get_by_role("button", name="Start the run").click()
        planner.page.wait_for_selector(".run-done", timeout=120_000)
        done = in_use.values("SELECT id FROM experiment WHERE status = 'done'")
    return done[0]


def a_series(visit, in_use) -> str:
    """The number of a series of the manager's organisation, made where there is none."""
    kept = "SELECT id FROM series"
    if not in_use.values(kept):
        manager = visit(width=1280, language="en-GB", server=in_use)
        manager.sign_in("manager")
        manager.go("/series/new?" + REPEATED.format(day=next_working_day(9)))
        manager.page.get_by_role("button", name="Hold these dates").click()
        manager.page.wait_for_selector("h2:has-text('Dates')")
    return in_use.value(kept)


def a_webhook(visit, in_use) -> str:
    """The number of a webhook of the manager's organisation, made where there is none."""
    kept = "SELECT id FROM webhook"
    if not in_use.values(kept):
        manager = visit(width=1280, language="en-GB", server=in_use)
        manager.sign_in("manager")
        manager.go("/webhooks")
        manager.page.locator("#url").fill("https://93.184.215.14/events")
        # An event that never happens here: nothing is to leave this machine.
        manager.page.get_by_label("paper.rejected", exact=True).check()
        manager.page.get_by_role("button", name="Add it").click()
        manager.page.wait_for_selector("#token")
    return in_use.value(kept)


def a_registration(visit, in_use) -> str:
    """The number of a registration, made where there is none."""
    asked = "SELECT id FROM registration"
    if not in_use.values(asked):
        visitor = visit(width=1280, language="en-GB", server=in_use)
        visitor.go("/register")
        for name, typed in REGISTRATION.items():
            visitor.page.locator(f"#{name}").fill(typed)
        visitor.page.locator("main form button").last.click()
        visitor.page.wait_for_url("**/register/received")
    return in_use.value(asked)


def test_every_row_of_the_access_table_is_a_page_here_or_none():
    assert set(PAGES) | NO_PAGES == set(ACCESS)
    assert not set(PAGES) & NO_PAGES


@pytest.mark.parametrize("screen", SCREENS, ids=lambda screen: "-".join(map(str, screen)))
def test_axe_finds_nothing_on_any_page(visit, in_use, things, screen):
    report = Report()
    for reader in (None, *READERS):
        visitor = visit(*screen, server=in_use)
        if reader is not None:
            visitor.sign_in(reader.value)
        for endpoint, path in PAGES.items():
            if first_reader(endpoint) is reader:
                visitor.go(path.format(**things))
                settle(visitor)
                if endpoint in MISSING:  # the browser says so of every page that answers 404
                    visitor.complaints.clear()
                report.examine(visitor, endpoint)
    assert report.found == []


def settle(visitor: Visitor) -> None:
    """Wait until everything is drawn; a page with live events never falls silent."""
    visitor.page.wait_for_load_state("load")
    visitor.page.wait_for_timeout(600)


def first_reader(endpoint: str) -> Role | None:
    """The first who may open the page; nobody needs to be signed in for a public one."""
    if ACCESS[endpoint] is PUBLIC:
        return None
    return next(role for role in READERS if may_open(role, endpoint))


def test_axe_would_find_something(visit, in_use):
    visitor = visit(width=1280, language="en-GB", server=in_use)
    visitor.go("/sign-in")
    visitor.page.evaluate("document.querySelectorAll('label').forEach(each => each.remove())")
    report = Report()
    report.examine(visitor, "account.sign_in")
    assert any("label" in each for each in report.found)
