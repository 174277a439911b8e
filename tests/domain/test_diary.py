"""Bookings in memory: the legal steps, what they free, and when."""

from contextlib import suppress
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from testbed.domain import bookings
from testbed.domain.bookings import TRANSITIONS, State
from testbed.domain.diary import Diary
from testbed.domain.errors import HoldExpired, IllegalTransition, NotFound
from testbed.domain.grid import moment_of
from testbed.domain.ledger import Ledger
from testbed.domain.policy import Policy
from testbed.domain.requests import Granted, Need, NeedType
from tests.domain.brute import Brute
from tests.domain.small import BASE, NOW, at, valley
from tests.domain.test_allocator import wish

BAY = Need(NeedType.FACILITY, resource="fc-bay-east")
ROAD = Need(NeedType.ROUTE, resource="rt-west", vehicles=2)


def diary() -> Diary:
    return Diary(Ledger(valley(), Policy(near_misses=0), BASE, BASE + 30 * 96))


def test_a_hold_keeps_its_slot_until_it_expires_and_not_a_moment_longer() -> None:
    book, request = diary(), wish("2026-03-03 10:00", BAY)
    assert book.submit(request, NOW, "one").status == "granted"
    other = replace(request, organisation="other")
    almost = NOW + timedelta(minutes=30) - timedelta(microseconds=1)
    assert book.submit(other, almost, "two").status == "offered"
    assert book.submit(other, NOW + timedelta(minutes=30), "two").status == "granted"
    assert book.booking("one").state is State.EXPIRED


def test_an_expired_hold_cannot_be_confirmed_released_or_not() -> None:
    book = diary()
    book.submit(wish("2026-03-03 10:00", BAY), NOW, "one")
    for _ in range(2):
        with pytest.raises(HoldExpired):
            book.confirm("one", NOW + timedelta(minutes=30))
        book.settle(NOW + timedelta(minutes=30))


def test_a_confirmed_booking_does_not_expire_and_a_cancelled_one_frees_its_slot() -> None:
    book, request = diary(), wish("2026-03-03 10:00", BAY)
    book.submit(request, NOW, "one")
    book.confirm("one", NOW)
    later = NOW + timedelta(days=3)
    assert book.submit(request, later, "two").status == "offered"
    book.cancel("one", later)
    assert book.submit(request, later, "three").status == "granted"


def test_a_late_cancellation_counts_as_use_where_the_rule_says_so() -> None:
    for hours, counted in ((24, 0), (23, 4)):
        book = diary()
        book.submit(wish("2026-03-03 14:00", ROAD), NOW, "one")
        booking = book.confirm("one", NOW)
        book.cancel("one", moment_of(booking.start) - timedelta(hours=hours))
        assert book.ledger.use("org", "road", booking.week) == counted


def test_a_booking_can_be_cancelled_until_it_begins_and_not_after() -> None:
    for seconds, cancels in ((0, True), (1, False)):
        book = diary()
        book.submit(wish("2026-03-03 14:00", ROAD), NOW, "one")
        start = moment_of(book.confirm("one", NOW).start) + timedelta(seconds=seconds)
        if cancels:
            assert book.cancel("one", start).state is State.CANCELLED
        else:
            with pytest.raises(IllegalTransition):
                book.cancel("one", start)


def test_a_move_sees_its_own_claims_as_free() -> None:
    book, request = diary(), wish("2026-03-03 10:00", BAY)
    book.submit(request, NOW, "one")
    later = wish("2026-03-03 10:30", BAY)
    assert book.move("one", later, NOW).status == "granted"
    moved = book.booking("one")
    assert (moved.start, moved.state) == (at("2026-03-03 10:30"), State.HELD)
    assert book.ledger.use("org", "support", moved.week) == moved.end - moved.start


def test_a_move_that_does_not_fit_leaves_the_booking_as_it_was() -> None:
    book = diary()
    book.submit(wish("2026-03-03 10:00", BAY), NOW, "one")
    book.submit(wish("2026-03-03 13:00", BAY), NOW, "two")
    before = book.booking("one")
    assert book.move("one", wish("2026-03-03 13:00", BAY), NOW).status == "offered"
    assert book.booking("one") == before


def test_a_no_show_is_released_at_start_plus_grace() -> None:
    book = diary()
    book.submit(wish("2026-03-03 10:00", BAY, minutes=180), NOW, "one")
    book.confirm("one", NOW)
    missed = book.no_show("one", NOW)
    assert {claim.end for claim in missed.claims} == {at("2026-03-03 10:30")}
    assert missed.counts
    assert book.submit(wish("2026-03-03 11:00", BAY), NOW, "two").status == "granted"


def test_states_step_only_as_the_table_says() -> None:
    book = diary()
    book.submit(wish("2026-03-03 10:00", BAY), NOW, "one")
    held = book.booking("one")
    for state, legal in TRANSITIONS.items():
        for to in State:
            if to in legal:
                assert bookings.step(replace(held, state=state), to).state is to
            else:
                with pytest.raises(IllegalTransition):
                    bookings.step(replace(held, state=state), to)


def test_a_booking_that_started_or_ended_cannot_move() -> None:
    book = diary()
    book.submit(wish("2026-03-03 10:00", BAY), NOW, "one")
    confirmed = book.confirm("one", NOW)
    with pytest.raises(IllegalTransition):
        bookings.movable(confirmed, moment_of(confirmed.start))
    book.cancel("one", NOW)
    with pytest.raises(IllegalTransition):
        book.move("one", wish("2026-03-03 11:00", BAY), NOW)


def test_an_unknown_booking_is_not_found() -> None:
    with pytest.raises(NotFound):
        diary().cancel("nobody", NOW)


def test_what_is_over_is_forgotten() -> None:
    book = diary()
    for day in (3, 10):
        book.submit(wish(f"2026-03-{day:02} 10:00", BAY), NOW, f"day-{day}")
        book.confirm(f"day-{day}", NOW)
    book.forget_before(at("2026-03-05 00:00"))
    assert set(book.bookings) == {"day-10"}
    assert book.ledger.base == at("2026-03-05 00:00")


class DiaryMachine(RuleBasedStateMachine):
    """Random members at a running clock; afterwards every grain is counted by hand."""

    @initialize()
    def start(self) -> None:
        self.diary = diary()
        self.now = NOW
        self.names = 0

    @rule(minutes=st.integers(0, 20))
    def time_passes(self, minutes: int) -> None:
        self.now += timedelta(minutes=minutes)

    @rule(
        hour=st.sampled_from([9, 10, 14, 15]),
        need=st.sampled_from([BAY, ROAD, Need(NeedType.FACILITY, kinds=("tunnel",))]),
        flex=st.integers(0, 8),
    )
    def submit(self, hour: int, need: Need, flex: int) -> None:
        self.names += 1
        request = wish(f"2026-03-03 {hour:02}:00", need, flex=flex)
        request = replace(request, submitted_at=self.now)
        decision = self.diary.submit(request, self.now, str(self.names))
        assert isinstance(decision, Granted) == (str(self.names) in self.diary.bookings)

    @precondition(lambda self: self.names)
    @rule(data=st.data(), verb=st.sampled_from(["confirm", "cancel", "move"]))
    def step(self, data: st.DataObject, verb: str) -> None:
        name = str(data.draw(st.integers(1, self.names)))
        with suppress(NotFound, HoldExpired, IllegalTransition):
            if verb == "move":
                self.diary.move(name, wish("2026-03-03 14:00", ROAD, flex=8), self.now)
            else:
                getattr(self.diary, verb)(name, self.now)

    @invariant()
    def the_ledger_is_the_sum_of_the_bookings(self) -> None:
        if not hasattr(self, "diary"):
            return
        standing = [each for each in self.diary.bookings.values() if each.occupies]
        claims = [claim for each in standing for claim in each.claims]
        brute = Brute(valley(), Policy(), claims, BASE)
        assert brute.legal()
        total = sum(c.units * (c.end - c.start) for c in claims if c.kind != "block")
        pools = self.diary.ledger.pools.values()
        assert sum(level.bit_count() for pool in pools for level in pool.used) == total


DiaryMachine.TestCase.settings = settings(max_examples=40, stateful_step_count=25, deadline=None)
TestDiaryMachine = DiaryMachine.TestCase
