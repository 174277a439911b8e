"""Lengths, joint bookings, hand-overs and sharing wishes by API."""

import pytest

from testbed.domain.parties import Member, Role
from testbed.service import members
from testbed.service.actors import SYSTEM
from testbed.service.context import Context
from tests.web.api.conftest import WISH, Program, Programs
from tests.web.conftest import NOW, PASSWORD

# Everything that only those who take part in a booking may ask of it.
OF_BOOKING = {
    "shorten": {"end": "2026-12-08T12:00:00+09:00"},
    "extend": {"end": "2026-12-08T16:00:00+09:00"},
    "partners/accept": None,
    "partners/decline": None,
    "partners/leave": None,
    "partners/shares": {"shares": [{"organisation": "demo-gaon", "vehicles": 0}]},
    "handover": {"organisation": "demo-gaon"},
}


def booked(narae: Program, **more) -> str:
    name = narae.hold(**more)["id"]
    assert narae.post(f"/bookings/{name}/confirm").status_code == 200
    return name


@pytest.fixture
def manager(program: Programs, context: Context) -> Program:
    person = Member(0, "demo-narae", "mina@example.org", "Mina", Role.MANAGER)
    members.add(context, person, PASSWORD, NOW, SYSTEM)
    return program("mina@example.org")


def test_a_booking_is_made_shorter_and_longer_again(narae: Program) -> None:
    name = booked(narae, minutes=240)
    shorter = narae.post(f"/bookings/{name}/shorten", {"end": "2026-12-08T12:00:00+09:00"})
    assert (shorter.status_code, shorter.json["end"]) == (200, "2026-12-08T12:00:00+09:00")
    longer = narae.post(f"/bookings/{name}/extend", {"end": "2026-12-08T14:00:00+09:00"})
    assert longer.json["decision"]["status"] == "granted"
    assert longer.json["booking"]["end"] == "2026-12-08T14:00:00+09:00"
    refused = narae.post(f"/bookings/{name}/shorten", {})
    assert (refused.status_code, refused.json["code"]) == (409, "not_shorter")


def test_a_booking_goes_to_another_organisation(narae: Program, gaon_api: Program) -> None:
    name = booked(narae)
    offered = narae.post(f"/bookings/{name}/handover", {"organisation": "demo-gaon"})
    assert offered.status_code == 201
    address = f"/handovers/{offered.json['id']}"
    assert offered.headers["Location"].endswith(address)
    assert narae.get(f"/bookings/{name}/together").json["handover"]["id"] == offered.json["id"]
    assert gaon_api.get(address).json == offered.json
    taken = gaon_api.post(f"{address}/accept", headers={"Idempotency-Key": "take"})
    assert taken.json["decision"]["status"] == "granted"
    again = gaon_api.post(f"{address}/accept", headers={"Idempotency-Key": "take"})
    assert again.json["request"] == taken.json["request"]
    assert gaon_api.get(f"/bookings/{name}").json["organisation"] == "demo-gaon"
    assert narae.get(f"/bookings/{name}").status_code == 404
    assert [each["state"] for each in narae.get("/handovers").json["items"]] == ["accepted"]


def test_a_joint_booking_is_confirmed_once_the_partner_accepted(
    narae: Program, gaon_api: Program
) -> None:
    name = narae.hold(partners=["demo-gaon"])["id"]
    early = narae.post(f"/bookings/{name}/confirm")
    assert (early.status_code, early.json["code"]) == (409, "partners_missing")
    accepted = gaon_api.post(f"/bookings/{name}/partners/accept")
    assert (accepted.status_code, accepted.json["state"]) == (200, "accepted")
    assert narae.post(f"/bookings/{name}/confirm").status_code == 200
    assert [each["id"] for each in gaon_api.get("/bookings").json["items"]] == [name]
    parties = gaon_api.get(f"/bookings/{name}/together").json["parties"]
    assert [(each["organisation"], each["state"]) for each in parties] == [
        ("demo-narae", "leads"),
        ("demo-gaon", "accepted"),
    ]
    refused = gaon_api.post(f"/bookings/{name}/cancel")
    assert (refused.status_code, refused.json["code"]) == (403, "lead_organisation_only")


def test_nothing_of_it_is_there_for_others(narae: Program, gaon_api: Program) -> None:
    name = booked(narae)
    assert gaon_api.get(f"/bookings/{name}/together").status_code == 404
    for step, body in OF_BOOKING.items():
        answer = gaon_api.post(f"/bookings/{name}/{step}", body)
        assert (answer.status_code, answer.json["code"]) == (404, "booking"), step


def test_wishes_are_the_managers_and_keep_rivals_off_the_route(
    narae: Program, gaon_api: Program, manager: Program
) -> None:
    wishes = {"apart": ["demo-gaon"], "shows_name": True}
    assert (
        manager.client.put("/api/v1/sharing", json=wishes, headers=manager._headers(None)).json
        == wishes
    )
    assert manager.get("/sharing").json == wishes
    assert (narae.get("/sharing").status_code) == 403
    route = {
        "start": "2026-12-08T10:00:00+09:00",
        "minutes": 180,
        "need": {"type": "route", "resource": "rt-kcity-urban"},
    }
    first = narae.post("/requests", {**WISH, **route}).json
    assert first["booking"], first
    second = gaon_api.post("/requests", {**WISH, **route}).json
    assert {each["code"] for each in second["decision"]["reasons"]} == {"shared_with_other"}
    assert "narae" not in str(second["decision"]["reasons"])


def test_an_operator_books_for_a_member(desk: Program, narae: Program) -> None:
    nari = narae.get("/me").json["id"]
    wish = {**WISH, "organisation": "demo-narae", "member": nari}
    name = desk.post("/requests", wish).json["booking"]["id"]
    assert narae.get(f"/bookings/{name}/together").json["booked_for"] == "Nari"
    stranger = desk.post("/requests", {**wish, "organisation": "demo-gaon"})
    assert (stranger.status_code, stranger.json["code"]) == (400, "member_elsewhere")
