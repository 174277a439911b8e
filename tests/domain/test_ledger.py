"""The ledger counts use, blocks and closed units exactly, and refuses what does not fit."""

from collections import Counter
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from testbed.domain.errors import InvalidRequest, Stale
from testbed.domain.ledger import Ledger
from testbed.domain.policy import Policy
from testbed.domain.requests import Claim, ClaimKind
from tests.domain.small import BASE, HOLIDAY, MONDAY, ZONE, at, valley

VALLEY = valley()
END = BASE + 2 * 96
USE, BLOCK, CLOSED = ClaimKind.USE, ClaimKind.BLOCK, ClaimKind.CLOSED


def ledger(end: int = END) -> Ledger:
    return Ledger(VALLEY, Policy(), BASE, end)


@st.composite
def claim(draw: st.DrawFn) -> Claim:
    pool = draw(st.sampled_from(["rt-b", "fc-tunnel", "cor"]))
    kind = draw(st.sampled_from(list(ClaimKind)))
    units = 1 if kind is BLOCK else draw(st.integers(1, 3))
    start = BASE + draw(st.integers(0, 12))
    return Claim(pool, kind, units, start, start + draw(st.integers(1, 8)))


class Counts:
    """The same in dictionaries: how many of each kind lie on each grain of each pool."""

    def __init__(self) -> None:
        self.counts: Counter[tuple[str, ClaimKind, int]] = Counter()

    def add(self, claim: Claim, sign: int) -> None:
        for grain in range(claim.start, claim.end):
            self.counts[claim.pool, claim.kind, grain] += sign * claim.units

    def legal(self) -> bool:
        return all(self.legal_at(pool, grain) for pool, _, grain in list(self.counts))

    def legal_at(self, pool: str, grain: int) -> bool:
        capacity = VALLEY.pools()[pool]
        used, blocked = self.counts[pool, USE, grain], self.counts[pool, BLOCK, grain]
        closed = min(capacity, self.counts[pool, CLOSED, grain])
        return used + closed <= capacity and not (used and blocked)


@settings(max_examples=300, deadline=None)
@given(st.lists(st.tuples(claim(), st.booleans()), max_size=25))
def test_claims_are_taken_exactly_when_they_fit_and_come_out_again(
    steps: list[tuple[Claim, bool]],
) -> None:
    book, counts, taken = ledger(), Counts(), []
    for each, give_back in steps:
        if give_back and taken:
            gone = taken.pop(0)
            book.give_back([gone])
            counts.add(gone, -1)
        counts.add(each, 1)
        assert book.fits([each]) == counts.legal()
        if counts.legal():
            book.take([each])
            taken.append(each)
        else:
            counts.add(each, -1)
            with pytest.raises(Stale):
                book.take([each])
    book.give_back(taken)
    assert all(not any([*p.used, *p.blocked, *p.closed]) for p in book.pools.values())


def test_claims_are_taken_all_or_none() -> None:
    book = ledger()
    fitting = Claim("fc-tunnel", USE, 2, BASE, BASE + 4)
    with pytest.raises(Stale) as refused:
        book.take([fitting, Claim("fc-tunnel", USE, 1, BASE + 3, BASE + 5)])
    assert refused.value.fields["pool"] == "fc-tunnel"
    assert book.fits([fitting])


def test_giving_back_what_was_never_taken_is_misuse() -> None:
    with pytest.raises(InvalidRequest, match="claim_not_taken"):
        ledger().give_back([Claim("rt-a", USE, 1, BASE, BASE + 1)])


def test_back_to_back_claims_touch_and_one_shared_grain_collides_on_each_side() -> None:
    book = ledger()
    book.take([Claim("fc-bay-east", USE, 1, BASE + 10, BASE + 20)])
    assert book.fits([Claim("fc-bay-east", USE, 1, BASE + 5, BASE + 10)])
    assert book.fits([Claim("fc-bay-east", USE, 1, BASE + 20, BASE + 25)])
    assert not book.fits([Claim("fc-bay-east", USE, 1, BASE + 5, BASE + 11)])
    assert not book.fits([Claim("fc-bay-east", USE, 1, BASE + 19, BASE + 25)])


def test_any_number_of_blocks_lie_together_and_the_last_one_frees_the_pool() -> None:
    book = ledger()
    block = Claim("rt-b", BLOCK, 1, BASE, BASE + 8)
    book.take([block, block])
    use = Claim("rt-b", USE, 1, BASE + 7, BASE + 9)
    book.give_back([block])
    assert not book.fits([use])
    book.give_back([block])
    assert book.fits([use])


def test_closures_over_one_another_close_no_more_than_there_is() -> None:
    book = ledger()
    closure = Claim("fc-tunnel", CLOSED, 2, BASE, BASE + 4)
    book.take([closure, closure])
    assert not book.fits([Claim("fc-tunnel", USE, 1, BASE, BASE + 1)])
    book.give_back([closure])
    assert not book.fits([Claim("fc-tunnel", USE, 1, BASE, BASE + 1)])
    book.give_back([closure])
    assert book.fits([Claim("fc-tunnel", USE, 2, BASE, BASE + 1)])


def test_a_sliding_horizon_keeps_what_is_ahead() -> None:
    book, whole = ledger(BASE + 96), ledger(BASE + 30 * 96)
    ahead = Claim("fc-tunnel", USE, 1, BASE + 3 * 96 + 40, BASE + 3 * 96 + 60)
    whole.take([ahead])
    for days in range(2, 31):
        book.open_grains("late", ZONE)
        book.night_grains(ZONE)
        book.extend_to(BASE + days * 96)
        if days == 5:
            book.take([ahead])
        book.forget_before(BASE + max(0, days - 28) * 96 + 5)
    whole.forget_before(book.base)
    assert (book.base, book.end) == (BASE + 2 * 96, BASE + 30 * 96)
    assert book.pools["fc-tunnel"].used == whole.pools["fc-tunnel"].used
    assert book.open_grains("late", ZONE) == whole.open_grains("late", ZONE)
    assert book.night_grains(ZONE) == whole.night_grains(ZONE)
    assert book.weeks(ZONE) == whole.weeks(ZONE)


def test_opening_hours_pass_midnight_and_leave_holidays_out() -> None:
    book = ledger(BASE + 7 * 96)
    late, day = book.open_grains("late", ZONE), book.open_grains("day", ZONE)
    assert late >> (at("2026-03-03 01:45") - BASE) & 1
    assert not late >> (at("2026-03-03 02:00") - BASE) & 1
    assert day >> (at("2026-03-03 09:00") - BASE) & 1
    assert not day >> (at(f"{HOLIDAY} 09:00") - BASE) & 1
    assert late >> (at("2026-03-02 00:15") - BASE) & 1, "Sunday's window reaches into Monday"


def test_night_is_from_21_to_6_local_time() -> None:
    night = ledger().night_grains(ZONE)
    clock = {hour: night >> (at(f"{MONDAY} {hour:02}:00") - BASE) & 1 for hour in range(24)}
    assert {hour for hour, dark in clock.items() if dark} == {21, 22, 23, 0, 1, 2, 3, 4, 5}


def test_a_copy_is_independent() -> None:
    book = ledger()
    twin = book.copy()
    twin.take([Claim("rt-b", USE, 1, BASE, BASE + 4)])
    twin.add_use("org", "track", 202610, 8)
    assert book.fits([Claim("rt-b", USE, 1, BASE, BASE + 4)])
    assert (book.use("org", "track", 202610), twin.use("org", "track", 202610)) == (0, 8)


def test_use_is_summed_by_week_over_rule_profiles() -> None:
    book = ledger()
    book.add_use("org", "track", 202610, 8)
    book.add_use("org", "road", 202610, 4)
    book.add_use("org", "road", 202611, 2)
    book.add_use("org", "road", 202611, -2)
    assert book.use_by_week("org") == {202610: 12}
    assert timedelta(minutes=15) * book.use("org", "track", 202610) == timedelta(hours=2)
