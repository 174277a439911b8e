"""Notices and webhooks by the API: keys, pages, filters, and nobody else's."""

import pytest

from testbed.domain.parties import Member, Role
from testbed.service import members
from testbed.service.actors import SYSTEM
from tests.web.conftest import NOW, PASSWORD

URL = "https://93.184.215.14/events"


@pytest.fixture
def boss(program, context):
    person = Member(0, "demo-narae", "boss@example.org", "Boss", Role.MANAGER)
    members.add(context, person, PASSWORD, NOW, SYSTEM)
    return program("boss@example.org")


def made(boss, key="k1", **body):
    sent = {"url": URL, "events": ["booking.confirmed"], **body}
    return boss.post("/webhooks", sent, headers={"Idempotency-Key": key})


def test_a_webhook_made_twice_with_one_key_is_one_and_its_secret_stands_nowhere_else(boss):
    first, second = made(boss), made(boss)
    assert (first.status_code, first.json) == (201, second.json)
    assert first.json["secret"].startswith("whsec_")
    [listed] = boss.get("/webhooks").json["items"]
    assert listed == {key: value for key, value in first.json.items() if key != "secret"}
    assert "secret" not in boss.get(f"/webhooks/{listed['id']}").json
    assert made(boss, events=[]).json["code"] == "idempotency_key_reused"


def test_where_it_leads_is_checked(boss):
    assert made(boss, "k2", url="https://127.0.0.1/").json["code"] == "webhook_host_not_public"
    assert made(boss, "k3", url="http://example.org/").status_code == 422
    assert made(boss, "k4", events=["booking.forgotten"]).status_code == 422
    assert boss.get("/webhooks").json["items"] == []


def test_its_deliveries_are_listed_by_page_and_state(boss):
    name = made(boss).json["id"]
    sent = [boss.post(f"/webhooks/{name}/test").json["delivery"] for _ in range(3)]
    seen, cursor = [], None
    while True:
        more = {} if cursor is None else {"cursor": cursor}
        page = boss.get(f"/webhooks/{name}/deliveries", limit=2, **more).json
        seen += [each["id"] for each in page["items"]]
        cursor = page["next"]
        if cursor is None:
            break
    assert sorted(seen) == sorted(sent)
    for state, count in {"waiting": 3, "delivered": 0, "given_up": 0, "retrying": 0}.items():
        found = boss.get(f"/webhooks/{name}/deliveries", state=state).json["items"]
        assert len(found) == count


def test_every_step_sent_again_with_its_key_is_answered_as_before(boss):
    name = made(boss).json["id"]
    for step in ("test", "rotate", "enable"):
        headers = {"Idempotency-Key": step}
        answers = [boss.post(f"/webhooks/{name}/{step}", headers=headers) for _ in range(2)]
        assert answers[0].json == answers[1].json
        assert answers[0].status_code == answers[1].status_code < 300
    assert len(boss.get(f"/webhooks/{name}/deliveries").json["items"]) == 1
    path, headers = f"/api/v1/webhooks/{name}", boss._headers({"Idempotency-Key": "away"})
    assert boss.client.delete(path, headers=headers).status_code == 204
    assert boss.get("/webhooks").json["items"] == []


def test_webhooks_of_others_are_not_found_and_members_keep_none(boss, narae, gaon_api, desk):
    name = made(boss).json["id"]
    assert desk.get(f"/webhooks/{name}").status_code == 404
    assert desk.get("/webhooks").json["items"] == []
    for member in (narae, gaon_api):
        assert member.get("/webhooks").json["code"] == "managers_only"


def test_a_member_chooses_a_digest_and_the_same_key_answers_as_before(narae):
    path, headers = "/api/v1/me/notices", narae._headers({"Idempotency-Key": "n1"})
    first, second = (
        narae.client.patch(path, json={"bookings": "daily"}, headers=headers) for _ in range(2)
    )
    assert first.json == second.json
    other = narae.client.patch(path, json={"bookings": "never"}, headers=headers)
    assert other.status_code == 409
    chosen = {each["group"]: each["choice"] for each in narae.get("/me/notices").json["items"]}
    assert (chosen["bookings"], chosen["safety"]) == ("daily", "at_once")
    assert narae.client.patch(path, json={"safety": "never"}, headers=headers).status_code == 422
