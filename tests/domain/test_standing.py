"""Standing services: the claims with which they occupy their routes first."""

from dataclasses import replace
from datetime import date

import pytest

from testbed.domain.catalogue import Calendar, Name, Window
from testbed.domain.catalogue_file import parse_catalogue
from testbed.domain.demand import StandingService
from testbed.domain.demand_file import parse_standing_services
from testbed.domain.errors import InvalidRequest
from testbed.domain.grid import local_moment
from testbed.domain.requests import ClaimKind
from testbed.domain.standing import standing_claims
from testbed.files import read_catalogue

DOCUMENTS = read_catalogue("packaged:gyeonggi")
CATALOGUE = parse_catalogue(DOCUMENTS)
SERVICES = parse_standing_services(DOCUMENTS["demand"], CATALOGUE)
BUS = next(each for each in SERVICES if each.id == "st-panta-g")


def local(grain):
    return f"{local_moment(grain, 'Asia/Seoul'):%Y-%m-%d %H:%M}"


def claims_of(service, first, last, catalogue=CATALOGUE):
    return [claim for _, claim in standing_claims([service], catalogue, first, last)]


def test_a_service_takes_its_vehicles_from_its_route_and_its_corridor():
    day = date(2026, 3, 6)
    route, corridor = claims_of(BUS, day, day)
    assert (route.pool, corridor.pool) == ("rt-pangyo-bus", "cor-pangyo")
    assert {each.kind for each in (route, corridor)} == {ClaimKind.USE}
    assert {each.units for each in (route, corridor)} == {2}
    assert (local(route.start), local(route.end)) == ("2026-03-06 07:30", "2026-03-06 19:00")


def test_each_window_of_a_day_is_a_claim_of_its_own():
    day = date(2026, 3, 6)
    service = next(each for each in SERVICES if each.id == "st-sn01")
    taken = [each for each in claims_of(service, day, day) if each.pool == "rt-sn01"]
    assert [(local(each.start)[11:], local(each.end)[11:]) for each in taken] == [
        ("10:00", "12:00"),
        ("13:00", "17:00"),
    ]


def test_a_service_rests_on_public_holidays():
    assert claims_of(BUS, date(2026, 1, 1), date(2026, 1, 1)) == []
    assert len(claims_of(BUS, date(2026, 1, 1), date(2026, 1, 2))) == 2


def test_a_service_runs_on_the_weekdays_of_its_calendar():
    day_line = next(each for each in SERVICES if each.id == "st-ay-day")
    monday, tuesday = date(2026, 3, 9), date(2026, 3, 10)
    assert claims_of(day_line, monday, monday) == []
    assert len(claims_of(day_line, tuesday, tuesday)) == 2


def test_a_service_has_neither_set_up_nor_clean_up():
    rule = CATALOGUE.rules[CATALOGUE.routes[BUS.route].rule]
    fussy = replace(CATALOGUE, rules={**CATALOGUE.rules, rule.id: replace(rule, setup_min=60)})
    day = date(2026, 3, 6)
    assert claims_of(BUS, day, day, fussy) == claims_of(BUS, day, day)


def test_a_route_without_corridor_is_claimed_alone():
    route = replace(CATALOGUE.routes[BUS.route], corridor=None)
    catalogue = replace(CATALOGUE, routes={**CATALOGUE.routes, BUS.route: route})
    day = date(2026, 3, 6)
    assert [each.pool for each in claims_of(BUS, day, day, catalogue)] == ["rt-pangyo-bus"]


def test_claims_of_all_services_name_the_service_they_belong_to():
    found = standing_claims(SERVICES, CATALOGUE, date(2026, 3, 9), date(2026, 3, 15))
    named = dict.fromkeys(name for name, _ in found)
    assert list(named) == [each.id for each in SERVICES]


def test_a_week_claimed_by_days_is_the_week_claimed_at_once():
    days = [date(2026, 3, day) for day in range(9, 16)]
    by_days = [pair for day in days for pair in standing_claims(SERVICES, CATALOGUE, day, day)]
    at_once = standing_claims(SERVICES, CATALOGUE, days[0], days[-1])
    assert sorted(by_days) == sorted(at_once)


def test_overlapping_hours_of_a_calendar_are_claimed_once():
    windows = (
        Window(frozenset({0}), 10 * 60, 14 * 60),
        Window(frozenset({0}), 12 * 60, 16 * 60),
        Window(frozenset({0}), 16 * 60, 18 * 60),
    )
    calendar = Calendar("cal-double", Name("double", "double"), windows, True)
    catalogue = replace(CATALOGUE, calendars={**CATALOGUE.calendars, calendar.id: calendar})
    service = StandingService("st-x", Name("x", "x"), BUS.route, 1, calendar.id)
    day = date(2026, 3, 9)
    taken = [each for each in claims_of(service, day, day, catalogue) if each.pool == BUS.route]
    assert [(local(each.start)[11:], local(each.end)[11:]) for each in taken] == [
        ("10:00", "16:00"),
        ("16:00", "18:00"),
    ]


def test_a_day_past_the_known_holidays_is_refused():
    assert claims_of(BUS, date(2028, 12, 29), date(2028, 12, 31))
    with pytest.raises(InvalidRequest) as raised:
        claims_of(BUS, date(2028, 12, 29), date(2029, 1, 1))
    assert raised.value.code == "holidays_unknown"
    assert raised.value.fields == {"day": "2029-01-01", "until": "2028-12-31"}


def test_a_service_that_runs_on_holidays_needs_to_know_none():
    always = CATALOGUE.calendars["cal-control-24h"]
    service = replace(BUS, calendar=always.id)
    assert len(claims_of(service, date(2029, 1, 1), date(2029, 1, 1))) == 2
