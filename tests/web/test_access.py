"""The access walk: every address, with every role of two organisations, and with nobody."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from importlib.resources import files

import pytest
from _pytest.mark import ParameterSet
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from testbed.domain.parties import Member, Role
from testbed.domain.series import plan_of, rule_of
from testbed.service import (
    bookings,
    experiments,
    feeds,
    invitations,
    members,
    registrations,
    series,
    templates,
    tokens,
    webhooks,
)
from testbed.service.actors import SYSTEM
from testbed.service.feeds import Kind, Wanted
from testbed.service.registrations import Proposal
from tests.catalogues import ZONE, at, route, wish
from tests.web.conftest import NOW, PASSWORD
from tests.web.reading import held
from web import access
from web.access import ACCESS, API, PUBLIC, may_open

NEXT_DAY = date(2026, 12, 15)
OWN, RIVAL, PROVINCE = "demo-narae", "demo-gaon", "org-gyeonggi"
# What would tell a rival whose the place is: the organisation in both languages, and its people.
NAMES = ("Narae", "나래", OWN, "nari@example.org", "guest@example.org")
SCENARIO = files("sim").joinpath("scenarios/base.toml").read_text()
DIRECTORIES = {"sharing.index"}
LAST = {"account.sign_out", "profile.sign_out_everywhere"}
OUTSIDERS = [
    (RIVAL, Role.MEMBER),
    (RIVAL, Role.MANAGER),
    (RIVAL, Role.OBSERVER),
    (PROVINCE, Role.PLANNER),
    (PROVINCE, Role.OBSERVER),
]


def later(value: object) -> ParameterSet:
    """A case for the slow tests: one of each kind stays among the fast ones."""
    return pytest.param(value, marks=pytest.mark.slow)


@dataclass(frozen=True)
class Door:
    """One address with one method."""

    endpoint: str
    method: str
    path: str

    def open(self, browser: FlaskClient) -> TestResponse:
        return browser.open(self.path, method=self.method)


def walk(app: Flask, things: Mapping[str, str]) -> Iterator[Door]:
    """Every door of the pages: first those that only read, the way out last."""
    found = [
        Door(rule.endpoint, method, path(rule, things))
        for rule in app.url_map.iter_rules()
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"})
        if not rule.endpoint.startswith(API)
    ]
    return iter(sorted(found, key=lambda each: (each.endpoint in LAST, each.method, each.path)))


def path(rule: Rule, things: Mapping[str, str]) -> str:
    filled = rule.rule
    for name in rule.arguments:
        assert name in things, f"{rule.rule}: say in `things` what stands for {name}"
        part = next(each for each in filled.split("<") if f"{name}>" in each).split(">")[0]
        filled = filled.replace(f"<{part}>", things[name])
    return filled


def person(context, organisation: str, role: Role) -> str:
    """The address of a member of that organisation and role, added where there is none."""
    email = f"{role}@{organisation}.example.org"
    if members.find(context, email) is None:
        members.add(context, Member(0, organisation, email, "Walker", role), PASSWORD, NOW, SYSTEM)
    return email


@pytest.fixture
def app(fresh_app: Flask) -> Flask:
    """Its form tokens are switched off, and addresses added."""
    return fresh_app


@pytest.fixture
def things(context, nari: FlaskClient) -> dict[str, str]:
    """What stands where an address has a hole: things of demo-narae, wherever it has some."""
    owner = members.by_email(context, "nari@example.org")
    planner = members.by_email(context, person(context, OWN, Role.PLANNER))
    about = Proposal("Seorak Robots", "설악로봇", "startup_sme", None, "industry", "Seo")
    manager = members.by_email(context, person(context, OWN, Role.MANAGER))
    address = "https://hooks.example.com/"
    hook = webhooks.add(context, manager, address, [], NOW, resolve=lambda *_: ("93.184.215.14",))
    return {
        "booking_id": held(nari).rsplit("/", 1)[1],
        "member_id": str(owner.id),
        "paper_id": "ex-c5205b3b-insurance",
        "vehicle_id": "ex-c5205b3b-car-1",
        "driver_id": "ex-c5205b3b-driver-1",
        "organisation_id": OWN,
        "token_id": tokens.create(context, owner, "walk", ["read"], NOW).token.id,
        "invitation_id": invitations.invite(
            context, OWN, "guest@example.org", Role.MEMBER, NOW, actor=SYSTEM
        ).id,
        "registration_id": registrations.ask(context, about, "seo@example.org", NOW),
        "run_id": experiments.queue(context, "walk", SCENARIO, NOW, planner).id,
        "party": "operator",
        "request_id": "nothing",
        "handover_id": "nothing",
        "answer": "accept",
        "table": "levels",
        "site": next(iter(context.catalogue().sites)),
        "closure_id": "nothing",
        "record_id": "nothing",
        "ticket": "nothing-secret",
        "digest_token": "nothing-secret",
        "webhook_id": hook.webhook.id,
        "key": "nothing-secret",
        "feed_id": feeds.create(context, owner, Wanted("walk", Kind.MEMBER, "", "en"), NOW).feed.id,
        **repeated(context),
        "entry": "rt-kcity-urban",
        "city": "hwaseong",
        "filename": "app.css",
    }


def repeated(context) -> dict[str, str]:
    """A series of the organisation by its id and first day, and a template."""
    owner = members.by_email(context, "nari@example.org")
    shared = wish(route("rt-kcity-urban"), start=at(10, NEXT_DAY), organisation=OWN, now=NOW)
    plan = plan_of(shared, ZONE, rule_of("FREQ=DAILY;COUNT=2"))
    made = series.submit(context, series.wanted(OWN, plan), NOW, owner)
    kept = templates.save(context, "Walk", shared, NOW, owner)
    return {
        "series_id": made.series or "",
        "day": NEXT_DAY.isoformat(),
        "template_id": kept.id,
    }


def without_form_tokens(app: Flask) -> None:
    """Let forms in without their token, so that roles alone decide."""
    app.config["WTF_CSRF_ENABLED"] = False
    app.config["PROPAGATE_EXCEPTIONS"] = False


Visitor = Callable[..., FlaskClient]


@pytest.fixture
def visitor(app, context, things, sign_in) -> Visitor:
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
    app.add_url_rule("/forgotten", "forgotten", lambda: "")
    with pytest.raises(ValueError, match="forgotten"):
        access.guard(app)


def test_nobody_sees_a_page_before_signing_in_but_the_public_ones(app, things):
    without_form_tokens(app)
    let_in = set()
    for door in walk(app, things):
        with door.open(app.test_client()) as answer:
            assert answer.status_code != 500, door
            if not (answer.status_code == 302 and "/sign-in?next=" in (answer.location or "")):
                let_in.add(door.endpoint)
    assert let_in == {endpoint for endpoint, roles in ACCESS.items() if roles is PUBLIC}


@pytest.mark.parametrize("organisation", [OWN, *map(later, (RIVAL, PROVINCE))])
@pytest.mark.parametrize("role", [Role.MEMBER, *map(later, list(Role)[1:])])
def test_each_role_enters_where_the_table_says(app, things, visitor, role, organisation):
    browser = visitor(organisation, role)
    for door in walk(app, things):
        with door.open(browser) as answer:
            refused = answer.status_code == 403 and "not for the role" in answer.text
            assert refused is not may_open(role, door.endpoint), (door, answer.status_code)
            assert answer.status_code != 500, (door, answer.text)


@pytest.mark.parametrize("language", ["en", later("ko")])
@pytest.mark.parametrize("outsider", [OUTSIDERS[0], *map(later, OUTSIDERS[1:])], ids="-".join)
def test_no_page_tells_an_outsider_whose_booking_it_is(app, things, visitor, outsider, language):
    browser = visitor(*outsider, language)
    for door in walk(app, things):
        with door.open(browser) as answer:
            said = answer.get_data(as_text=True)
        # A list of who takes part in the valley says nothing of bookings.
        names = () if door.endpoint in DIRECTORIES else NAMES
        secrets = (*names, things["booking_id"])
        told = [name for name in secrets if name in said and name not in door.path]
        assert told == [], (door, answer.status_code)


@pytest.mark.slow
def test_an_outsiders_walk_changes_nothing_of_the_booking(app, context, things, visitor):
    before = bookings.get(context, things["booking_id"], NOW, SYSTEM)
    for outsider in OUTSIDERS:
        browser = visitor(*outsider)
        for door in walk(app, things):
            door.open(browser).close()
        app.config["WTF_CSRF_ENABLED"] = True
    assert bookings.get(context, things["booking_id"], NOW, SYSTEM) == before


def test_the_walk_would_notice_a_page_that_tells(things, visitor, monkeypatch):
    monkeypatch.setattr("testbed.service.actors.ACTS_FOR_ALL", frozenset(Role))
    page = visitor(RIVAL, Role.MEMBER).get(f"/bookings/{things['booking_id']}").text
    assert any(name in page for name in NAMES)
