"""Rules by themselves: who may set one aside, and the hours that may be open at once."""

from dataclasses import replace
from datetime import timedelta

import pytest

from testbed.domain.allocator import decide
from testbed.domain.grid import GRAINS_PER_HOUR, ceil_grain
from testbed.domain.ledger import Ledger
from testbed.domain.parties import Role
from testbed.domain.policy import Policy
from testbed.domain.requests import Claim, ClaimKind, Granted, Need, NeedType
from testbed.domain.rules import OVERRIDES, RULES, STANDING_RULES, DatedRule
from tests.domain.small import NOW, at
from tests.domain.test_allocator import codes, granted, ledger, wish

LOT = Need(NeedType.FACILITY, resource="fc-lot")


def test_every_rule_but_the_calendar_s_own_limits_may_be_set_aside_by_somebody() -> None:
    dated = {rule.code for rule in RULES if isinstance(rule, DatedRule)}
    assert dated - OVERRIDES.keys() >= {"past", "beyond_horizon"}
    assert "booking_too_long" in OVERRIDES
    assert len(STANDING_RULES) == 4
    assert set(OVERRIDES.values()) == {Role.OPERATOR, Role.ADMINISTRATOR}


def test_an_override_lets_a_request_pass_the_rule_that_it_names_and_no_other() -> None:
    soon = wish("2026-02-20 18:30", submitted_at=NOW)
    reasons = codes(soon, ledger())
    assert reasons == {"lead_too_short", "notice_too_short", "closed_hours", "past"} - {"past"}
    for missing in sorted(reasons):
        some = tuple(sorted(reasons - {missing}))
        assert codes(replace(soon, override=some), ledger()) == {missing}
    assert granted(replace(soon, override=tuple(sorted(reasons))), ledger())


def test_an_override_of_a_standing_rule_lets_a_longer_booking_pass() -> None:
    long = wish("2026-03-02 10:00", LOT, minutes=240)
    assert codes(long, ledger()) == {"booking_too_long"}
    assert granted(replace(long, override=("booking_too_long",)), ledger()).offer.end == at(
        "2026-03-02 14:00"
    )


@pytest.mark.parametrize("code", ["past", "beyond_horizon", "not_bookable", "pool_full"])
def test_what_nobody_may_override_stands_whatever_the_request_names(code: str) -> None:
    assert code not in OVERRIDES
    past = replace(wish("2026-02-19 10:00"), override=(code, *OVERRIDES))
    assert "past" in codes(past, ledger())


def test_no_override_puts_two_bookings_where_one_has_room() -> None:
    book = ledger()
    book.take([Claim("rt-a", ClaimKind.USE, 2, at("2026-03-02 06:00"), at("2026-03-02 18:00"))])
    asked = replace(wish("2026-03-02 10:00"), override=tuple(OVERRIDES))
    assert codes(asked, book) == {"pool_full"}


def test_hours_to_come_are_limited_and_what_has_begun_no_longer_counts() -> None:
    book = ledger(policy=Policy(max_open_hours=3))
    book.add_ahead("org", at("2026-03-03 10:00"), 2 * GRAINS_PER_HOUR)
    assert granted(wish("2026-03-02 10:00"), book)
    two = wish("2026-03-06 10:00", LOT, minutes=120, submitted_at=NOW)
    decision = decide(two, book, NOW)
    assert not isinstance(decision, Granted)
    open_hours = next(each for each in decision.reasons if each.code == "open_hours")
    assert open_hours.fields == (("hours", "2"), ("most", 3))
    assert granted(replace(two, organisation="other"), book)
    assert granted(replace(two, override=("open_hours",)), book)
    after = NOW + timedelta(days=12)
    assert ceil_grain(after) > at("2026-03-03 10:00")
    assert granted(replace(two, submitted_at=NOW), book, after)


def test_without_a_limit_any_number_of_hours_may_be_open() -> None:
    book = ledger(policy=Policy(max_open_hours=0))
    book.add_ahead("org", at("2026-03-03 10:00"), 10_000)
    assert granted(wish("2026-03-02 10:00"), book)


def test_hours_to_come_are_forgotten_and_copied_with_the_ledger() -> None:
    book: Ledger = ledger()
    start = at("2026-03-03 10:00")
    book.add_ahead("org", start, 8)
    twin = book.copy()
    book.add_ahead("org", start, -8)
    assert (book.ahead("org", start), twin.ahead("org", start), twin.ahead("org", start + 1)) == (
        0,
        8,
        0,
    )
    twin.forget_before(start + 96)
    assert twin.ahead("org", 0) == 0
