import json

import pytest

from sim import experiment
from sim.comparison import check_comparable, comparison_of, gain, told_apart
from sim.engines import Processes, Serial
from sim.experiment import Experiment, is_precise, result_of, run
from sim.scenario import Precision, YearlyCost
from sim.statistics import Estimate
from testbed.domain.errors import InvalidRequest
from tests.sim.profiles import short


class Canned:
    """An engine that knows its rows."""

    def __init__(self, values):
        self.values = values
        self.asked = []

    def rows(self, _, replications):
        self.asked += replications
        return iter([{("kpis", "acceptance"): self.values[each]} for each in replications])


def canned(values, **changes) -> Experiment:
    return Experiment(
        short(**changes),
        tuple(
            {("kpis", name): value for name, value in zip(KEYS, row, strict=True)} for row in values
        ),
    )


KEYS = ("granted_sessions", "granted_hours", "acceptance", "acceptance_hours")


def as_bytes(done: Experiment) -> bytes:
    return json.dumps(result_of(done), sort_keys=True, allow_nan=False).encode()


def test_replications_are_run_as_often_as_asked_and_watched_one_by_one():
    seen = []
    engine = Canned([0.5, 0.7])
    done = run(short(), engine, lambda rows: seen.append(len(rows)))
    assert engine.asked == [0, 1]
    assert seen == [1, 2]
    assert done.estimates()["kpis", "acceptance"].mean == pytest.approx(0.6)


def test_replicating_ends_when_precise_and_still_so_a_few_replications_later():
    precision = Precision({"acceptance": 0.1}, 50)
    engine = Canned([0.1, 0.9, 0.5, *([0.5] * 100)])
    done = run(short(precision=precision), engine)
    count = len(done.rows)
    assert is_precise(done.rows, precision)
    assert is_precise(done.rows[: count - experiment.LOOK_AHEAD], precision)
    assert not is_precise(done.rows[: count - experiment.LOOK_AHEAD - 1], precision)


def test_a_budget_that_runs_out_is_said_so():
    precision = Precision({"acceptance": 1e-9}, 10)
    done = run(short(precision=precision), Canned([n / 100 for n in range(10)]))
    assert len(done.rows) == 10
    assert result_of(done)["precision"]["reached"] is False


def test_a_figure_carries_mean_half_width_n_and_unit():
    done = run(short(days=7), Serial())
    result = result_of(done)
    found = result["kpis"]["acceptance"]
    assert found.keys() == {"mean", "half_width", "n", "unit"}
    assert found["n"] == result["replications"] == 2
    assert result["by_resource"]["fc-kcity-weather"]["utilisation"]["unit"]
    assert result["by_city"]["hwaseong"]["occupancy"]["mean"] > 0
    for key in ("seed", "model_version", "horizon", "catalogue_digest", "scenario"):
        assert result[key] is not None


def test_what_a_replication_did_not_refuse_counts_as_nought():
    done = Experiment(short(), ({("refusals", "lead"): 0.5}, {}))
    assert done.estimates()["refusals", "lead"] == Estimate(0.25, pytest.approx(3.177, 1e-3), 2)


def test_one_replication_has_no_half_width():
    done = run(short(days=7, replications=1), Serial())
    assert result_of(done)["kpis"]["acceptance"]["half_width"] is None


def test_the_same_scenario_gives_the_same_bytes_again():
    assert as_bytes(run(short(), Serial())) == as_bytes(run(short(), Serial()))


@pytest.mark.slow
def test_one_worker_and_two_give_equal_bytes():
    scenario = short(days=21, replications=5)
    alone = as_bytes(run(scenario, Serial()))
    with Processes(2) as two:
        assert as_bytes(run(scenario, two)) == alone
        assert as_bytes(run(scenario, two)) == alone  # and the pool serves again


def test_a_short_warm_up_is_warned_of():
    assert experiment.warnings(short(warmup_days=7)) == ["warmup_short"]
    assert experiment.warnings(short(warmup_days=90)) == []


def test_gains_are_paired_and_scaled_to_a_year():
    base = canned([(10, 40, 0.5, 0.4), (20, 80, 0.6, 0.5)], days=73)
    option = canned([(12, 44, 0.6, 0.5), (22, 84, 0.7, 0.6)], days=73, cost=YearlyCost(100.0, 10.0))
    found = gain(option, base, 1)
    assert found.differences["sessions_per_year"] == Estimate(10.0, 0.0, 2)
    assert found.differences["hours_per_year"] == Estimate(20.0, 0.0, 2)
    assert found.differences["hours_per_mkrw"] == Estimate(1.0, 0.0, 2)
    document = comparison_of(base, [found])
    assert document["options"]["base"]["hours_per_year"]["told_apart"] is True
    assert document["options"]["base"]["cost_mkrw_year"] == 20.0


def test_an_interval_over_nought_cannot_be_told_apart():
    assert not told_apart(Estimate(3.0, 4.0, 5))
    assert not told_apart(Estimate(3.0, None, 1))
    assert told_apart(Estimate(-5.0, 4.0, 5))


def test_scenarios_of_other_days_or_draws_are_not_compared():
    with pytest.raises(InvalidRequest, match="not_comparable"):
        check_comparable(short(), [short(seed=99)])
    with pytest.raises(InvalidRequest, match="too_many_options"):
        check_comparable(short(), [short()] * 11)


def test_an_option_that_changes_nothing_gains_exactly_nothing():
    scenario = short()
    twin = short(digest="the same by another name")
    found = gain(run(twin, Serial()), run(scenario, Serial()), 1)
    assert found.differences["hours_per_year"] == Estimate(0.0, 0.0, 2)
