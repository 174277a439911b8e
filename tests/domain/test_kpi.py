import math
from dataclasses import replace
from datetime import date

import pytest

from testbed.domain import kpi, load
from testbed.domain.grid import local_midnight
from testbed.domain.kpi import FirstSlot, Session
from testbed.domain.load import MeasuredPool, OpenHours, Part, Use

SEOUL = "Asia/Seoul"
MONDAY = local_midnight(date(2026, 1, 5), SEOUL)

GRANTED = Session(
    request="r1",
    organisation="a",
    organisation_type="tier1",
    test_kind="highway",
    submitted=0,
    wanted_start=100,
    wanted_min=120,
    city="ansan",
    granted=True,
    start=100,
    booked=16,
    granted_city="ansan",
)
REFUSED = replace(GRANTED, granted=False, start=0, booked=0, granted_city=None, wanted_min=360)


def test_acceptance_counts_sessions_and_its_twin_counts_wished_hours():
    assert kpi.acceptance([GRANTED, REFUSED]) == 0.5
    assert kpi.acceptance_hours([GRANTED, REFUSED]) == pytest.approx(2 / 8)


def test_the_acceptance_of_nothing_is_no_figure():
    assert kpi.acceptance([]) is None
    assert kpi.requests_full_share([]) is None


def test_a_request_is_full_only_when_all_its_sessions_are_granted():
    other = replace(GRANTED, request="r2")
    assert kpi.requests_full_share([GRANTED, REFUSED, other]) == 0.5


def test_shifts_are_measured_in_hours_over_granted_sessions_only():
    later = replace(GRANTED, start=106)
    table = {each.name: each.formula([GRANTED, later, REFUSED]) for each in kpi.SESSION_KPIS}
    assert table["shifted_share"] == 0.5
    assert table["shift_hours_p50"] == 0
    assert table["shift_hours_p90"] == 1.5


def test_spillover_leaves_out_wishes_without_a_preferred_city():
    elsewhere = replace(GRANTED, granted_city="suwon")
    anywhere = replace(GRANTED, city=None, granted_city="suwon")
    assert kpi.spillover_share([GRANTED, elsewhere, anywhere]) == 0.5
    assert kpi.spillover([GRANTED, elsewhere, anywhere]) == {
        ("ansan", "ansan"): 1,
        ("ansan", "suwon"): 1,
    }


def test_linkage_adds_up_granted_hours_between_clusters():
    elsewhere = replace(GRANTED, granted_city="seongnam")
    clusters = {"ansan": "components", "seongnam": "autonomy"}
    assert kpi.linkage([GRANTED, elsewhere, REFUSED], clusters) == {
        ("components", "components"): 2,
        ("components", "autonomy"): 2,
    }


def test_cancellations_and_no_shows_are_shares_of_what_was_granted():
    missed, cancelled = replace(GRANTED, no_show=True), replace(GRANTED, cancelled=True)
    sessions = [GRANTED, GRANTED, missed, cancelled, REFUSED]
    assert kpi.no_show_share(sessions) == 0.25
    assert kpi.cancelled_share(sessions) == 0.25


def test_lost_hours_are_booked_hours_of_no_shows_and_of_late_cancellations_alone():
    early = replace(GRANTED, cancelled=True)
    late = replace(early, late=True)
    assert kpi.lost_hours([GRANTED, early]) == 0
    assert kpi.lost_hours([late, replace(GRANTED, no_show=True)]) == 8


def test_gini_is_nought_among_equals_and_grows_when_one_organisation_gets_all():
    other = replace(GRANTED, organisation="b")
    assert kpi.gini([GRANTED, other]) == pytest.approx(0)
    assert kpi.gini([GRANTED, replace(REFUSED, organisation="b")]) == pytest.approx(0.5)
    assert kpi.gini([REFUSED]) is None


def test_cancelled_sessions_pay_no_fee():
    paid = replace(GRANTED, fee_krw=1000)
    assert kpi.fees_krw([paid, replace(paid, cancelled=True)]) == 1000


def test_refusals_are_shares_of_all_sessions():
    full = replace(REFUSED, binding="pool:rt-a")
    assert kpi.refusals([GRANTED, full, full, replace(REFUSED, binding="lead")]) == {
        "pool:rt-a": 0.5,
        "lead": 0.25,
    }


def test_a_percentile_is_a_value_that_was_seen_and_never_is_no_figure():
    assert kpi.percentile([4, 1, 3, 2], 0.5) == 2
    assert kpi.percentile([1, 2, math.inf], 0.9) is None
    assert kpi.percentile([], 0.5) is None


def test_first_slots_give_percentiles_of_the_first_and_of_the_third():
    samples = [FirstSlot("v2x", days, days + 1) for days in range(10)]
    assert kpi.first_slots(samples) == {
        "first_slot_days_p50": 4,
        "first_slot_days_p90": 8,
        "third_slot_days_p50": 5,
        "third_slot_days_p90": 9,
    }


def open_pool(capacity: int = 1, **changes: object) -> MeasuredPool:
    """A pool open on one Monday from 09:00 to 17:00, measured over two days."""
    hours = OpenHours(MONDAY, MONDAY + 192, [(MONDAY + 36, MONDAY + 68)])
    pool = MeasuredPool("rt-a", capacity, "closed-track", "ansan", SEOUL, hours)
    return replace(pool, **changes)


def test_utilisation_counts_booked_grains_inside_open_hours_over_capacity():
    pool = open_pool(capacity=2)
    found = load.load(pool, [Use("rt-a", Part.BOOKED, 1, MONDAY + 28, MONDAY + 52)])
    assert found.offered == 2 * 32
    assert found.utilisation == pytest.approx(16 / 64)


def test_occupancy_adds_set_up_and_clean_up_wherever_they_lie_and_may_exceed_one():
    uses = [
        Use("rt-a", Part.BOOKED, 1, MONDAY + 36, MONDAY + 68),
        Use("rt-a", Part.AROUND, 1, MONDAY + 34, MONDAY + 36),
        Use("rt-a", Part.AROUND, 1, MONDAY + 68, MONDAY + 70),
    ]
    found = load.load(open_pool(), uses)
    assert found.utilisation == 1
    assert found.occupancy == pytest.approx(36 / 32)


def test_blocks_that_lie_over_one_another_take_the_whole_pool_once():
    blocks = [
        Use("rt-a", Part.BLOCK, 1, MONDAY + 40, MONDAY + 48),
        Use("rt-a", Part.BLOCK, 1, MONDAY + 44, MONDAY + 52),
    ]
    found = load.load(open_pool(capacity=3), blocks)
    assert found.utilisation == 0
    assert found.occupancy == pytest.approx(12 / 32)


def test_use_outside_the_measured_window_does_not_count():
    uses = [Use("rt-a", part, 1, MONDAY - 20, MONDAY - 4) for part in Part]
    assert load.load(open_pool(), uses) == load.Load(0, 0, 32)


def test_a_pool_that_is_never_open_has_no_utilisation():
    shut = open_pool(hours=OpenHours(MONDAY, MONDAY + 96, []))
    assert load.load(shut, []).utilisation is None


def test_averages_weight_by_open_unit_grains_and_leave_corridors_out():
    small, large = open_pool(), open_pool(capacity=3, id="rt-b")
    corridor = open_pool(capacity=9, id="cor-a", resource=False)
    pools = [small, large, corridor]
    measured = load.loads(pools, [Use("rt-b", Part.BOOKED, 3, MONDAY + 36, MONDAY + 68)])
    assert load.loads_by(pools, measured, lambda pool: pool.city)["ansan"].utilisation == 0.75
    assert set(measured) == {"rt-a", "rt-b", "cor-a"}


def test_use_by_hour_follows_the_clock_on_the_wall():
    table = load.utilisation_by_hour(
        [open_pool()], [Use("rt-a", Part.BOOKED, 1, MONDAY + 38, MONDAY + 40)]
    )
    assert table["mon 09"] == 0.5
    assert table["mon 10"] == 0
    assert table["tue 09"] is None
    assert len(table) == 168
