"""The access walk: every address, with every role of two organisations, and with nobody."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from testbed.domain.parties import Member, Role
from testbed.service import bookings, members
from testbed.service.actors import SYSTEM
from tests.web.conftest import NOW, PASSWORD
from tests.web.reading import held
from web import access
from web.access import ACCESS, API, PUBLIC, may_open

OWN, RIVAL, PROVINCE = "demo-narae", "demo-gaon", "org-gyeonggi"
# What would tell a rival who holds the place: the organisation in both languages.
NAMES = ("Narae", "나래", OWN)
# What stands where an address has a hole; {booking} is a booking of demo-narae.
HOLES = {
    "booking_id": "{booking}",
    "filename": "app.css",
    "ticket": "nothing-secret",
    "member_id": "999999",
    "token_id": "nothing",
    "invitation_id": "nothing",
    "registration_id": "nothing",
    "organisation_id": "nothing",
    "entry": "rt-kcity-urban",
    "city": "hwaseong",
}
LAST = {"account.sign_out", "profile.sign_out_everywhere"}
OUTSIDERS = [
    (RIVAL, Role.MEMBER),
    (RIVAL, Role.MANAGER),
    (RIVAL, Role.OBSERVER),
    (PROVINCE, Role.PLANNER),
    (PROVINCE, Role.OBSERVER),
]


@dataclass(frozen=True)
class Door:
    """One address with one method."""

    endpoint: str
    method: str
    path: str

    def open(self, browser: FlaskClient) -> TestResponse:
        return browser.open(self.path, method=self.method)


def walk(app: Flask, booking: str = "nothing") -> Iterator[Door]:
    """Every door of the pages: first those that only read, the way out last."""
    found = [
        Door(rule.endpoint, method, path(rule, booking))
        for rule in app.url_map.iter_rules()
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"})
        if not rule.endpoint.startswith(API)
    ]
    return iter(sorted(found, key=lambda each: (each.endpoint in LAST, each.method, each.path)))


def path(rule: Rule, booking: str) -> str:
    filled = rule.rule
    for name in rule.arguments:
        assert name in HOLES, f"{rule.rule}: say in HOLES what stands for {name}"
        part = next(each for each in filled.split("<") if f"{name}>" in each).split(">")[0]
        filled = filled.replace(f"<{part}>", HOLES[name].format(booking=booking))
    return filled


def person(context, organisation: str, role: Role) -> str:
    """The address of a member of that organisation and role, added where there is none."""
    email = f"{role}@{organisation}.example.org"
    if members.find(context, email) is None:
        members.add(context, Member(0, organisation, email, "Walker", role), PASSWORD, NOW, SYSTEM)
    return email


@pytest.fixture
def booking(nari: FlaskClient) -> str:
    """A hold of demo-narae."""
    return held(nari).rsplit("/", 1)[1]


def without_form_tokens(app: Flask) -> None:
    """Let forms in without their token, so that roles alone decide."""
    app.config["WTF_CSRF_ENABLED"] = False
    app.config["PROPAGATE_EXCEPTIONS"] = False


Visitor = Callable[..., FlaskClient]


@pytest.fixture
def visitor(app, context, booking, sign_in) -> Visitor:
    """A browser of somebody of that organisation and role, in an application open to forms."""

    def comes(organisation: str, role: Role, language: str = "en") -> FlaskClient:
        browser = sign_in(person(context, organisation, role), language)
        without_form_tokens(app)
        return browser

    return comes


def test_every_address_has_its_row(app):
    pages = {rule.endpoint for rule in app.url_map.iter_rules()}
    assert {each for each in pages if not each.startswith(API)} == set(ACCESS)


def test_an_application_with_an_address_outside_the_table_does_not_start(app):
    app._got_first_request = False
    app.add_url_rule("/forgotten", "forgotten", lambda: "")
    with pytest.raises(ValueError, match="forgotten"):
        access.guard(app)


def test_nobody_sees_a_page_before_signing_in_but_the_public_ones(app):
    without_form_tokens(app)
    let_in = set()
    for door in walk(app):
        with door.open(app.test_client()) as answer:
            assert answer.status_code < 500, door
            if not (answer.status_code == 302 and "/sign-in?next=" in (answer.location or "")):
                let_in.add(door.endpoint)
    assert let_in == {endpoint for endpoint, roles in ACCESS.items() if roles is PUBLIC}


@pytest.mark.parametrize("organisation", [OWN, RIVAL, PROVINCE])
@pytest.mark.parametrize("role", list(Role))
def test_each_role_enters_where_the_table_says(app, booking, visitor, role, organisation):
    browser = visitor(organisation, role)
    for door in walk(app, booking):
        with door.open(browser) as answer:
            refused = answer.status_code == 403 and "not for the role" in answer.text
            assert refused is not may_open(role, door.endpoint), (door, answer.status_code)
            assert answer.status_code < 500, (door, answer.text)


@pytest.mark.parametrize("language", ["en", "ko"])
@pytest.mark.parametrize("outsider", OUTSIDERS, ids="-".join)
def test_no_page_tells_an_outsider_whose_booking_it_is(app, booking, visitor, outsider, language):
    browser = visitor(*outsider, language)
    for door in walk(app, booking):
        with door.open(browser) as answer:
            said = answer.get_data(as_text=True)
        secrets = NAMES if booking in door.path else (*NAMES, booking)
        told = [name for name in secrets if name in said]
        assert told == [], (door, answer.status_code)


def test_an_outsiders_walk_changes_nothing_of_the_booking(app, context, booking, visitor):
    before = bookings.get(context, booking, NOW, SYSTEM)
    for outsider in OUTSIDERS:
        browser = visitor(*outsider)
        for door in walk(app, booking):
            door.open(browser).close()
        app.config["WTF_CSRF_ENABLED"] = True
    assert bookings.get(context, booking, NOW, SYSTEM) == before


def test_the_walk_would_notice_a_page_that_tells(booking, visitor, monkeypatch):
    monkeypatch.setattr("testbed.service.actors.ACTS_FOR_ALL", frozenset(Role))
    page = visitor(RIVAL, Role.MEMBER).get(f"/bookings/{booking}").text
    assert any(name in page for name in NAMES)
