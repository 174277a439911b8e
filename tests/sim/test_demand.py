"""The demand drawn from the packaged profile, and what common random numbers hold fast."""

from collections import Counter
from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise

import numpy as np
import pytest

from sim.arrivals import clock
from sim.demand import Demand
from sim.setting import Setting
from sim.streams import Streams
from sim.wishes import Wish
from testbed.domain.catalogue import Mode
from testbed.domain.grid import GRAINS_PER_DAY, local_moment
from testbed.domain.requests import NeedType
from tests.sim.profiles import packaged, short

ZONE = "Asia/Seoul"


def wishes_of(scenario, replication=0) -> list[Wish]:
    return Setting(scenario).wishes(Streams(scenario.seed, replication))


@pytest.fixture(scope="module")
def year() -> list[Wish]:
    return wishes_of(packaged())


def by_series(wishes: list[Wish]) -> dict[str, list[Wish]]:
    found: dict[str, list[Wish]] = {}
    for wish in wishes:
        found.setdefault(wish.request.series, []).append(wish)
    return found


def identity(wish: Wish) -> tuple[object, ...]:
    """What must not change with the rate at which an organisation asks."""
    request = wish.request
    return (
        request.needs,
        request.duration_min,
        request.city,
        request.other_city,
        request.test_kind,
        wish.fate,
    )


@pytest.mark.slow
def test_at_another_level_each_organisations_kth_request_keeps_its_draws():
    base = {wish.request.id: identity(wish) for wish in wishes_of(short(days=60))}
    double = {wish.request.id: identity(wish) for wish in wishes_of(short(days=60, level=2.0))}
    assert base.keys() < double.keys()
    assert all(double[name] == known for name, known in base.items())


@pytest.mark.slow
def test_no_capacity_option_moves_a_wish():
    def wished(name):
        return [wish.request for wish in wishes_of(short(name, days=14))]

    base = wished("base")
    for option in packaged().demand.capacity_options:
        assert wished(option) == base, option


def test_another_replication_has_other_draws():
    assert wishes_of(short(), 0) != wishes_of(short(), 1)


@pytest.mark.slow
def test_wishes_come_in_order_of_submission_and_all_within_the_run(year):
    moments = [wish.request.submitted_at for wish in year]
    assert moments == sorted(moments)
    setting = Setting(packaged())
    assert local_moment(setting.begin, ZONE) <= moments[0]
    assert moments[-1] < local_moment(setting.end, ZONE)


def test_the_volume_of_the_base_year_is_that_of_the_profile(year):
    months = 455 / 365 * 12
    requests = len(by_series(year)) / months
    assert 195 <= requests <= 225
    assert 530 <= len(year) / months <= 630


@pytest.mark.slow
def test_submissions_follow_the_month_and_weekday_weights():
    """Thinning: counts per cell against the rate of the profile, over many replications."""
    scenario = short(days=181, warmup_days=0, start=date(2026, 1, 1))
    setting, counts = Setting(scenario), Counter()
    for replication in range(6):
        for series in by_series(setting.wishes(Streams(1, replication))).values():
            moment = series[0].request.submitted_at.astimezone(local_moment(0, ZONE).tzinfo)
            counts[moment.month, moment.weekday()] += 1
    rates = Counter()
    total = sum(
        each.count * each.requests_per_org_month
        for each in scenario.demand.organisation_types.values()
    )
    for offset in range(181):
        day = scenario.start + timedelta(days=offset)
        daily = clock(scenario.demand, day, 1)
        rates[day.month, day.weekday()] += 6 * daily.total * total
    assert counts.keys() == rates.keys()
    distance = sum((counts[cell] - rate) ** 2 / rate for cell, rate in rates.items())
    assert distance < 42 + 3 * np.sqrt(2 * 42)  # chi-squared with 6 x 7 cells


def test_first_sessions_fall_on_weekdays_by_their_weights(year):
    firsts = [series[0] for series in by_series(year).values() if not series[0].clipped]
    counts = Counter(local_moment(wish.request.start, ZONE).weekday() for wish in firsts)
    weights = packaged().demand.wanted_weekday_weight
    for weekday, weight in enumerate(weights):
        share = counts[weekday] / len(firsts)
        assert share == pytest.approx(weight / sum(weights), abs=0.02)


def test_a_series_of_services_goes_on_the_next_weekdays_and_others_one_to_three_days_on(year):
    gaps = {True: Counter(), False: Counter()}
    for series in by_series(year).values():
        days = [local_moment(wish.request.start, ZONE).date() for wish in series]
        if any(wish.clipped for wish in series):
            continue
        service = series[0].request.test_kind in {"shuttle_service", "freight"}
        for before, after in pairwise(days):
            assert not (service and after.weekday() >= 5)
            gaps[service][(after - before).days] += 1
    assert set(gaps[True]) <= {1, 2, 3}
    assert set(gaps[False]) == {1, 2, 3}
    assert gaps[False][1] == pytest.approx(gaps[False][3], rel=0.15)


def test_a_series_asks_for_the_same_test_at_the_same_hour_at_one_moment(year):
    for series in by_series(year).values():
        assert len({wish.request.submitted_at for wish in series}) == 1
        assert len({wish.request.needs for wish in series}) == 1
        assert len({local_moment(wish.request.start, ZONE).time() for wish in series}) == 1


def test_a_start_serves_on_any_hour_of_the_flexible_days(year):
    flex = {each.id: each.flex_days for each in packaged().demand.organisation_types.values()}
    for wish in year[:500]:
        request = wish.request
        days = (request.latest + 1 - request.earliest) / GRAINS_PER_DAY
        assert days == 2 * flex[wish.organisation_type] + 1
        assert local_moment(request.earliest, ZONE).hour == 0


def test_wishes_lie_within_the_lead_bounds_once_clipped(year):
    bounds = {"shuttle_service": (7, 180), "adverse_weather": (5, 90)}
    for wish in year:
        if wish.request.test_kind in bounds:
            least, most = bounds[wish.request.test_kind]
            lead = local_moment(wish.request.start, ZONE) - wish.request.submitted_at
            assert timedelta(days=least) <= lead <= timedelta(days=most)


def test_night_tests_are_wished_at_night_and_track_tests_by_day(year):
    hours = {"night": set(), "track_functional": set()}
    for wish in year:
        if wish.request.test_kind in hours:
            hours[wish.request.test_kind].add(local_moment(wish.request.start, ZONE).hour)
    assert hours["night"] <= {21, 22, 0}
    assert hours["track_functional"] <= set(range(9, 18))


def test_nobody_asks_to_have_a_road_alone_that_is_always_shared(year):
    for wish in year:
        main = wish.request.needs[0]
        if wish.request.test_kind == "v2x" and wish.request.city == "seongnam":
            assert main.mode is Mode.SHARED
    assert any(wish.request.needs[0].mode is Mode.EXCLUSIVE for wish in year)


def test_preferred_cities_have_a_candidate_even_if_it_cannot_be_booked(year):
    cities = {wish.request.city for wish in year if wish.request.test_kind == "track_functional"}
    assert cities == {"hwaseong", "seongnam", "siheung", "suwon"}  # suwon: the closed Ajou ring


def test_facility_tests_take_one_unit_however_many_vehicles_come(year):
    mains = {wish.request.needs[0] for wish in year}
    facilities = [main for main in mains if main.type is NeedType.FACILITY]
    assert {main.units for main in facilities} == {1}
    assert {main.vehicles for main in facilities} >= {1, 2}


def test_with_wishes_by_lead_the_start_is_the_next_grain_after_exactly_the_lead():
    scenario = short()
    types = {
        name: replace(each, wanted_start="lead", flex_days=0, flex_minutes=0)
        for name, each in scenario.demand.organisation_types.items()
    }
    profile = replace(scenario.demand, organisation_types=types)
    setting = Setting(replace(scenario, demand=profile))
    assert isinstance(setting.demand, Demand)
    for series in by_series(setting.wishes(Streams(1, 0))).values():
        for wish in series:
            assert wish.request.earliest == wish.request.start == wish.request.latest
            assert not wish.clipped
