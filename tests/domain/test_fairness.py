"""Fair share: decayed use as whole numbers, and what ranks those who wait."""

import pytest

from testbed.domain.fairness import burden, decayed_hours
from testbed.domain.policy import Policy

WEEK = 202610
POLICY = Policy(fair_share_per_hour=10, fair_share_type_per_hour=1, rebook_points=500)


@pytest.mark.parametrize(
    ("used_in", "counts"), [(202610, 8), (202612, 8), (202607, 8), (202606, 4), (202602, 2)]
)
def test_an_hour_counts_half_after_every_half_life_and_in_full_when_it_is_to_come(
    used_in: int, counts: int
) -> None:
    assert decayed_hours({used_in: 8 * 4}, WEEK, 4) == counts


def test_use_of_more_than_half_a_year_ago_is_forgotten() -> None:
    assert decayed_hours({202535: 10_000 * 4}, WEEK, 52) == 0


def test_own_use_weighs_by_its_hours_and_the_use_of_the_type_by_its_mean() -> None:
    own, of_type = {WEEK: 5 * 4}, {WEEK: 5 * 4 + 40 * 4}
    assert burden(own, of_type, 3, WEEK, POLICY) == 5 * 10 + 15 * 1


def test_who_has_used_more_of_the_same_type_is_served_later() -> None:
    of_type = {WEEK: 60 * 4}
    more, less = ({WEEK: hours * 4} for hours in (40, 20))
    assert burden(less, of_type, 2, WEEK, POLICY) < burden(more, of_type, 2, WEEK, POLICY)


def test_cancelling_and_booking_again_costs_only_beyond_what_is_let_pass() -> None:
    let_pass = POLICY.rebooks_before_wait
    assert burden({}, {}, 0, WEEK, POLICY, rebooks=let_pass) == 0
    assert burden({}, {}, 0, WEEK, POLICY, rebooks=let_pass + 2) == 1000
