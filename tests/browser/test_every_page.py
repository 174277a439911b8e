"""Every page of the access table, examined by axe-core and by its width, in both languages."""

import json
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from testbed.domain.parties import Role
from tests.browser.conftest import Visitor
from web.access import ACCESS, PUBLIC, may_open

pytestmark = [pytest.mark.browser, pytest.mark.slow]

AXE = (Path(__file__).parent / "axe/axe.min.js").read_text()
EXAMINE = """async source => {
    (0, eval)(source);
    const report = await axe.run(document, {resultTypes: ["violations"]});
    const places = rule => rule.nodes.slice(0, 3).map(node => node.html.slice(0, 160));
    return JSON.stringify(report.violations.map(rule => [rule.id, places(rule)]));
}"""
# What the table lists beside pages: data, files, and steps that a form sends.
NO_PAGES = {
    "static",
    "openapi",
    "home.healthz",
    "catalogue.map_data",
    "account.sign_out",
    "profile.save",
    "profile.password",
    "profile.sign_out_everywhere",
    "tokens.create",
    "tokens.revoke",
    "organisation.invite",
    "organisation.resend",
    "organisation.withdraw",
    "members.change_role",
    "members.deactivate",
    "members.reactivate",
    "admin.approve",
    "admin.reject",
    "bookings.submit",
    "bookings.confirm",
    "bookings.cancel",
    "bookings.move",
}
# Pages behind a ticket or a registration, examined in the stories that make one.
IN_STORIES = {"entry.invitation", "entry.reset", "admin.registration"}
# Where each page is found; {booking} is one of the example bookings.
PAGES = {
    "account.sign_in": "/sign-in",
    "entry.forgotten": "/forgotten-password",
    "entry.mailed": "/forgotten-password/mailed",
    "entry.register": "/register",
    "entry.registered": "/register/received",
    "profile.index": "/account",
    "tokens.index": "/account/tokens",
    "organisation.index": "/organisation",
    "members.one": "/members/1",
    "admin.index": "/admin",
    "admin.listing": "/admin/organisations",
    "admin.organisation": "/admin/organisations/demo-gaon",
    "admin.members": "/admin/members",
    "admin.waiting": "/admin/registrations",
    "home.index": "/",
    "find.index": "/find",
    "bookings.index": "/bookings",
    "bookings.one": "/bookings/{booking}",
    "schedule.index": "/schedule",
    "catalogue.index": "/catalogue",
    "catalogue.city": "/catalogue/cities/hwaseong",
    "catalogue.one": "/catalogue/rt-kcity-urban",
    "catalogue.all_sources": "/catalogue/sources",
}
SCREENS = [
    (360, "ko-KR", "light"),
    (360, "en-GB", "dark"),
    (1280, "en-GB", "light"),
    (1920, "ko-KR", "dark"),
]
# Who looks at a page: the first of these who may.
READERS = (Role.MANAGER, Role.OPERATOR, Role.PLANNER, Role.ADMINISTRATOR)


@dataclass
class Report:
    """What was found on the pages of one screen."""

    found: list[str] = field(default_factory=list)

    def examine(self, visitor: Visitor, endpoint: str) -> None:
        violations = json.loads(visitor.page.evaluate(EXAMINE, AXE))
        self.found += [f"{endpoint}: {rule}: {nodes}" for rule, nodes in violations]
        if visitor.overflow():
            self.found.append(f"{endpoint}: wider than the screen by {visitor.overflow()} px")
        self.found += [f"{endpoint}: console: {said}" for said in visitor.complaints]
        visitor.complaints.clear()


def test_every_row_of_the_access_table_is_a_page_here_or_none():
    assert set(PAGES) | NO_PAGES | IN_STORIES == set(ACCESS)
    assert len(PAGES) + len(NO_PAGES) + len(IN_STORIES) == len(ACCESS)


@pytest.mark.parametrize(("width", "language", "scheme"), SCREENS)
def test_axe_finds_nothing_on_any_page(visit, in_use, width, language, scheme):
    report = Report()
    for reader in (None, *READERS):
        visitor = visit(width=width, language=language, scheme=scheme, server=in_use)
        if reader is not None:
            visitor.sign_in(reader.value)
        for endpoint, path in PAGES.items():
            if first_reader(endpoint) is reader:
                visitor.go(path.format(booking=in_use.booking()))
                visitor.page.wait_for_load_state("networkidle")
                report.examine(visitor, endpoint)
    assert report.found == []


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
