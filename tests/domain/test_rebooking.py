"""Cancelling and booking again, told from booking something else."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from testbed.domain.rebooking import Placed, pairs

AT = datetime(2026, 3, 2, tzinfo=UTC)
GONE = Placed("old", "org-a", "rt-a", 100, 108, AT)
AGAIN = Placed("new", "org-a", "rt-a", 104, 112, AT + timedelta(days=1))


def test_the_same_place_over_an_overlapping_slot_is_booked_again() -> None:
    [pair] = pairs([GONE], [AGAIN], days=7)
    assert (pair.cancelled, pair.again) == (GONE, AGAIN)


@pytest.mark.parametrize(
    "other",
    [
        {"organisation": "org-b"},
        {"resource": "rt-b"},
        {"start": 108, "end": 116},
        {"at": AT + timedelta(days=8)},
        {"at": AT - timedelta(minutes=1)},
        {"booking": "old"},
    ],
    ids=["another organisation", "another place", "touches", "later", "before", "moved"],
)
def test_anything_else_is_not(other: dict[str, object]) -> None:
    assert pairs([GONE], [replace(AGAIN, **other)], days=7) == []  # type: ignore[arg-type]


def test_each_booking_is_counted_once_and_the_latest_comes_first() -> None:
    second = replace(GONE, booking="older", at=AT - timedelta(hours=1))
    more = replace(AGAIN, booking="newer", at=AT + timedelta(days=2))
    assert [each.cancelled for each in pairs([GONE, second], [AGAIN], days=7)] == [second]
    both = pairs([GONE, second], [AGAIN, more], days=7)
    assert [(each.cancelled.booking, each.again.booking) for each in both] == [
        ("old", "newer"),
        ("older", "new"),
    ]
