"""Cancelling and booking again: pairs of a cancelled booking and one that took its place anew."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

WINDOW_DAYS = 30


@dataclass(frozen=True, slots=True)
class Placed:
    """A booking of an organisation on its main resource over [start, end) in grains.

    `at` is when it was cancelled, or asked for.
    """

    booking: str
    organisation: str
    resource: str
    start: int
    end: int
    at: datetime


@dataclass(frozen=True, slots=True)
class Pair:
    """A cancelled booking, and the first one after it that overlaps it on the same resource."""

    cancelled: Placed
    again: Placed


def pairs(cancelled: Iterable[Placed], made: Iterable[Placed], days: int) -> list[Pair]:
    """The pairs, the latest cancellation first; each booking stands in one pair at most as either.

    A booking counts that was asked for within `days` after the cancellation.
    """
    free: dict[tuple[str, str], list[Placed]] = {}
    for each in sorted(made, key=lambda each: (each.at, each.booking)):
        free.setdefault((each.organisation, each.resource), []).append(each)
    found = []
    for gone in sorted(cancelled, key=lambda each: (each.at, each.booking)):
        later = free.get((gone.organisation, gone.resource), [])
        again = next((each for each in later if _is_again(gone, each, days)), None)
        if again is not None:
            later.remove(again)
            found.append(Pair(gone, again))
    return found[::-1]


def _is_again(gone: Placed, made: Placed, days: int) -> bool:
    soon = gone.at < made.at <= gone.at + timedelta(days=days)
    overlaps = made.start < gone.end and gone.start < made.end
    return soon and overlaps and made.booking != gone.booking
