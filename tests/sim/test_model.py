"""One replication as a whole: what the log, the records and the row must agree on."""

from dataclasses import replace

import pytest

from sim.first_slots import sample
from sim.model import Log, simulate
from sim.records import session_of, uses_of
from sim.rows import row_of
from sim.setting import Setting
from sim.streams import Streams
from testbed.domain import load
from testbed.domain.bookings import State
from testbed.domain.demand import waiting_profile
from testbed.domain.grid import moment_of
from testbed.domain.load import Part
from tests.sim.profiles import short


@pytest.fixture(scope="module")
def setting() -> Setting:
    return Setting(short(days=28, warmup_days=14, level=2.0))


@pytest.fixture(scope="module")
def log(setting) -> Log:
    return simulate(setting, 0)


def test_no_request_is_lost_and_none_is_answered_twice(setting, log):
    wishes = setting.wishes(Streams(setting.seed, 0))
    assert [entry.wish.request.id for entry in log.entries] == [each.request.id for each in wishes]


def test_at_no_grain_is_a_pool_used_beyond_its_capacity(setting, log):
    """Counted from the claims alone, without the ledger."""
    used: dict[tuple[str, int], int] = {}
    uses = [use for use in setting.standing_use if use.end > setting.start]
    for entry in log.entries:
        if entry.booking is not None:
            uses += uses_of(setting.catalogue, entry.booking)
    for use in uses:
        for grain in range(use.start, use.end) if use.part is not Part.BLOCK else ():
            used[use.pool, grain] = used.get((use.pool, grain), 0) + use.units
    capacity = setting.catalogue.pools()
    assert used
    assert all(units <= capacity[pool] for (pool, _), units in used.items())


def test_every_booking_starts_within_its_wish_and_in_open_hours(setting, log):
    hours = {pool.id: pool.hours for pool in setting.pools}
    for entry in log.entries:
        if entry.booking is None:
            continue
        booking, request = entry.booking, entry.wish.request
        assert request.earliest <= booking.start <= request.latest
        for line in booking.lines:
            if line.start >= setting.start and line.end <= setting.end:
                assert hours[line.resource].between(line.start, line.end) == line.end - line.start


def test_each_fate_comes_true_for_what_was_granted(log):
    for entry in log.entries:
        if entry.booking is None:
            continue
        fate = entry.wish.fate
        expected = State.CONFIRMED
        if fate.cancels:
            expected = State.CANCELLED
        elif fate.no_show:
            expected = State.NO_SHOW
        assert entry.booking.state is expected
    states = {entry.booking.state for entry in log.entries if entry.booking}
    assert states == {State.CONFIRMED, State.CANCELLED, State.NO_SHOW}


def test_late_cancellations_come_inside_the_free_cancel_limit_and_others_before(setting, log):
    granted = [entry for entry in log.entries if entry.booking is not None]
    assert any(entry.late for entry in granted)
    for entry in granted:
        if entry.late:
            assert entry.wish.fate.cancels
        rule = setting.catalogue.rules[entry.booking.rule]
        room = moment_of(entry.booking.start) - entry.wish.request.submitted_at
        if entry.wish.fate.cancels and room.total_seconds() > rule.free_cancel_until_hours * 3600:
            assert entry.late == entry.wish.fate.late


def test_a_no_show_is_used_until_the_grace_is_over(setting, log):
    missed = [e.booking for e in log.entries if e.booking and e.booking.state is State.NO_SHOW]
    grace = -(-setting.policy.no_show_grace_minutes // 15)
    for booking in missed:
        booked = [use for use in uses_of(setting.catalogue, booking) if use.part is Part.BOOKED]
        assert max(use.end for use in booked) == booking.start + grace


def test_a_cancelled_booking_is_no_use(setting, log):
    cancelled = next(e.booking for e in log.entries if e.wish.fate.cancels and e.booking)
    assert list(uses_of(setting.catalogue, cancelled)) == []


def test_the_use_of_a_booking_is_its_claims_in_parts(setting, log):
    for entry in log.entries:
        if entry.booking is None or entry.booking.state is State.CANCELLED:
            continue
        uses = list(uses_of(setting.catalogue, entry.booking))
        claimed = sum(claim.units * (claim.end - claim.start) for claim in entry.booking.claims)
        assert sum(use.units * (use.end - use.start) for use in uses) == claimed


def test_only_sessions_submitted_after_the_warm_up_are_measured(setting, log):
    row = row_of(setting, log)
    records = [session_of(setting.catalogue, entry) for entry in log.entries]
    measured = [each for each in records if each.submitted >= setting.start]
    assert 0 < len(measured) < len(records)
    assert row["kpis", "sessions"] == len(measured)
    assert row["kpis", "acceptance"] == sum(each.granted for each in measured) / len(measured)


def test_every_refused_session_has_a_binding_constraint(setting, log):
    row = row_of(setting, log)
    refused = 1 - row["kpis", "acceptance"]
    shares = sum(value for path, value in row.items() if path[0] == "refusals")
    assert shares == pytest.approx(refused)


def test_standing_services_are_used_as_their_calendars_say(setting):
    quiet = Setting(replace(setting.scenario, level=1e-9, digest="quiet"))
    row = row_of(quiet, simulate(quiet, 0))
    assert row["by_resource", "rt-pangyo-bus", "utilisation"] == pytest.approx(2 / 3)
    assert row["kpis", "acceptance"] is None
    empty = Setting(replace(setting.scenario, level=1e-9, standing=False, digest="empty"))
    assert row_of(empty, simulate(empty, 0))["kpis", "utilisation"] == 0


def test_a_newcomers_first_slot_leaves_the_calendar_as_it_was(setting):
    ledger = setting.ledger()
    before = {name: pool.used[:] for name, pool in ledger.pools.items()}
    now = moment_of(setting.begin + 48)
    found = {each.test_kind: each for each in sample(setting.profile, ledger, now)}
    assert {name: pool.used for name, pool in ledger.pools.items()} == before
    assert found.keys() == setting.profile.test_kinds.keys()
    for each in found.values():
        assert each.days <= each.third_days
    assert found["track_functional"].days >= 3  # the shortest lead of a closed track


def test_closed_resources_offer_no_hours_and_have_no_utilisation(setting):
    pools = {pool.id: pool for pool in setting.pools}
    assert load.load(pools["rt-ny-hwado"], []).utilisation is None
    assert pools["cor-kcity"].hours.total == pools["rt-kcity-urban"].hours.total


def test_nobody_waits_unless_the_scenario_says_so(log):
    assert not any(entry.waited or entry.promoted for entry in log.entries)


@pytest.fixture(scope="module")
def waiting() -> Setting:
    scenario = short(days=28, warmup_days=14, level=4.0)
    return Setting(replace(scenario, demand=waiting_profile(scenario.demand, 0.8), digest="waits"))


def test_who_waits_is_served_from_what_others_gave_back(waiting):
    log = simulate(waiting, 0)
    promoted = [entry for entry in log.entries if entry.promoted]
    assert promoted
    for entry in promoted:
        assert entry.waited
        assert entry.booking is not None
        request = entry.wish.request
        assert request.earliest <= entry.booking.start <= request.latest
        assert entry.binding is None


def test_waiting_moves_no_wish_of_anybody(setting, waiting):
    plain = short(days=28, warmup_days=14, level=4.0)
    streams = Streams(waiting.seed, 0)
    for one, other in zip(Setting(plain).wishes(streams), waiting.wishes(streams), strict=True):
        assert replace(other.request, wait=False) == one.request
        assert replace(other.fate, patience=one.fate.patience) == one.fate
