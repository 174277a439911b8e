"""People who listen do not slow those who work; generous, since other tests run beside it."""

import statistics

import pytest

from tests.bench.live import CLIENTS, bench, measure

pytestmark = pytest.mark.slow
MOST_RATIO = 4
MOST_MS = 300


def test_fifty_live_clients_do_not_slow_a_request():
    with bench() as made:
        alone, beside, heard = measure(made, rounds=2)
    for one, many in ((alone.page, beside.page), (alone.submit, beside.submit)):
        before, after = statistics.median(one), statistics.median(many)
        assert after < max(MOST_RATIO * before, MOST_MS), (before, after)
    assert heard >= CLIENTS, "everybody who listens hears of a booking"
