"""Fair share through the API."""

from datetime import timedelta

from tests.web.api.conftest import WISH


def test_programs_read_their_own_place_and_operators_all(narae, gaon_api, desk, clock):
    booking = narae.hold()
    narae.post(f"/bookings/{booking['id']}/confirm")
    mine = narae.get("/fairness").json
    assert (mine["organisation"], mine["hours"], mine["place"]) == ("demo-narae", 3, mine["of"])
    assert narae.get("/fairness", organisation="demo-gaon").status_code == 403
    assert narae.get("/fairness/standings").status_code == 403
    other = gaon_api.hold(start="2026-12-10T10:00:00+09:00", minutes=60)
    gaon_api.post(f"/bookings/{other['id']}/confirm")
    first = desk.get("/fairness/standings", limit=1).json
    rest = desk.get("/fairness/standings", limit=200, cursor=first["next"]).json
    names = [each["organisation"] for each in (*first["items"], *rest["items"])]
    assert names == ["demo-gaon", "demo-narae"]
    narae.post(f"/bookings/{booking['id']}/cancel")
    clock.moment += timedelta(minutes=5)
    again = narae.post("/requests", WISH).json["booking"]
    [pair] = narae.get("/fairness/rebookings").json["items"]
    assert pair["again"]["booking"] == again["id"]
    assert gaon_api.get("/fairness/rebookings").json["items"] == []
    assert gaon_api.get("/fairness/rebookings", organisation="demo-narae").status_code == 403
    assert len(desk.get("/fairness/rebookings").json["items"]) == 1
