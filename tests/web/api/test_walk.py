"""The access walk of the API: every address, with a token of every role of three organisations."""

import pytest
from werkzeug.routing import Rule

from testbed.domain.parties import Member, Role
from testbed.service import experiments, members, tokens
from testbed.service.actors import SYSTEM
from testbed.service.tokens import SCOPES_OF
from tests.web.api.conftest import API, WISH
from tests.web.conftest import NOW, PASSWORD

OWN, RIVAL, PROVINCE = "demo-narae", "demo-gaon", "org-gyeonggi"
SECRETS = ("Narae", "나래", OWN, "nari@example.org")
SEES_ALL = {Role.OPERATOR, Role.ADMINISTRATOR}
LIVE = f"{API}/events"  # an answer without an end; tests/web/test_live.py asks who may listen


def doors(app, things):
    """Method, path and scope of every address."""
    for rule in app.url_map.iter_rules():
        view = app.view_functions[rule.endpoint]
        if rule.rule.startswith(API) and rule.rule != LIVE and hasattr(view, "scope"):
            for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
                yield method, filled(rule, things), view.scope


def filled(rule: Rule, things) -> str:
    noun = rule.rule.removeprefix(f"{API}/").split("/")[0]
    return rule.rule.replace("<id>", things.get(noun, "nothing"))


@pytest.fixture
def things(narae, context):
    """Things of demo-narae behind the addresses."""
    booking = narae.hold()
    planner = Member(0, OWN, "walk@example.org", "Walk", Role.PLANNER)
    owner = members.add(context, planner, PASSWORD, NOW, SYSTEM)
    run = experiments.queue(context, "walk", "[scenario]", NOW, owner)
    series = narae.post("/series", {**WISH, "repeat": {"dates": ["2026-12-10"]}}).json["series"]
    template = narae.post("/templates", {**WISH, "name": "Walk"}).json
    return {
        "series": series["id"],
        "templates": template["id"],
        "papers": "ex-c5205b3b-insurance",
        "vehicles": "ex-c5205b3b-car-1",
        "drivers": "ex-c5205b3b-driver-1",
        "bookings": booking["id"],
        "requests": booking["request"],
        "experiments": run.id,
    }


@pytest.mark.parametrize(
    "organisation",
    [RIVAL, *(pytest.param(each, marks=pytest.mark.slow) for each in (OWN, PROVINCE))],
)
@pytest.mark.parametrize("role", list(Role))
def test_a_token_opens_what_its_scopes_say_and_tells_no_outsider(
    app, context, things, role, organisation
):
    person = Member(0, organisation, "walker@example.org", "Walker", role)
    owner = members.add(context, person, PASSWORD, NOW, SYSTEM)
    scopes = SCOPES_OF[role]
    token = tokens.create(context, owner, "walk", sorted(scopes), NOW).text
    outside = organisation != OWN and role not in SEES_ALL
    headers = {"Authorization": f"Bearer {token}"}
    seen = []
    for method, path, scope in doors(app, things):
        body = {"json": WISH} if method == "POST" else {}
        answer = app.test_client().open(path, method=method, headers=headers, **body)
        seen.append(path)
        assert answer.status_code < 500, (method, path, answer.text)
        missing = answer.status_code == 403 and answer.json["code"] == "scope_missing"
        assert missing is (scope not in scopes), (method, path, answer.status_code)
        if outside:
            told = [name for name in SECRETS if name in answer.text]
            assert told == [], (method, path)
    assert len(seen) > 15
