"""The calendar as if one booking had left it, for whoever decides about that booking."""

from collections.abc import Iterator
from contextlib import contextmanager

from testbed.domain.bookings import Booking
from testbed.domain.ledger import Ledger


@contextmanager
def without(ledger: Ledger, booking: Booking | None) -> Iterator[None]:
    """The ledger as if the booking were not there, put back afterwards."""
    if booking is None:
        yield
        return
    ledger.give_back(booking.claims)
    _count(ledger, booking, -1)
    try:
        yield
    finally:
        ledger.take(booking.claims)
        _count(ledger, booking, 1)


def _count(ledger: Ledger, booking: Booking, sign: int) -> None:
    grains = sign * (booking.end - booking.start)
    ledger.add_use(booking.organisation, booking.rule, booking.week, grains)
    ledger.add_ahead(booking.organisation, booking.start, grains)
