"""What an organisation owes for a month: its bookings, line by line, and their sums."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from testbed.domain.bookings import Booking, State
from testbed.domain.catalogue import Catalogue, Mode, Name, Resource
from testbed.domain.errors import NotFound
from testbed.domain.fees import Charge, charge
from testbed.domain.grid import GRAINS_PER_HOUR, local_date


class Charging(StrEnum):
    """How a state is charged: the booked time, that time if it was given up late, or nothing."""

    BOOKED = "booked"
    IF_LATE = "if_late"
    FREE = "free"


# Booked time is paid for, used or not: who leaves early or does not come has kept others out. What
# was never granted is free, and so is what an operator or a closure took away.
CHARGED: dict[State, Charging] = {
    State.CONFIRMED: Charging.BOOKED,
    State.CHECKED_IN: Charging.BOOKED,
    State.COMPLETED: Charging.BOOKED,
    State.NO_SHOW: Charging.BOOKED,
    State.CANCELLED: Charging.IF_LATE,
    State.HELD: Charging.FREE,
    State.PENDING: Charging.FREE,
    State.EXPIRED: Charging.FREE,
    State.REJECTED: Charging.FREE,
    State.DISPLACED: Charging.FREE,
}
# The kind of what no catalogue knows.
UNKNOWN = "unknown"
# Free states that a statement still lists: something may come of them, or came in the way.
LISTED_FREE = frozenset({State.HELD, State.PENDING, State.DISPLACED})


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a booking as it is charged; [start, end) in grains.

    It holds the names and figures of the day of booking, so that it can be read without the
    catalogue. `krw` is 0 where the state is free, or where the fee is not known any more.
    """

    booking: str
    resource: str
    name: Name
    kind: str
    zone: str
    start: int
    end: int
    mode: Mode
    units: int
    vehicles: int
    rate: int
    factor: float
    is_recorded: bool
    state: State
    is_late: bool
    krw: int

    @property
    def hours(self) -> float:
        """The booked hours."""
        return (self.end - self.start) / GRAINS_PER_HOUR


@dataclass(frozen=True, slots=True)
class Sum:
    """What entries of one kind of resource, or of one state, come to."""

    key: str
    hours: float
    krw: int


@dataclass(frozen=True, slots=True)
class Statement:
    """The month that begins on the day `month`; `is_provisional` while it is not over."""

    organisation: str
    month: date
    is_provisional: bool
    entries: tuple[Entry, ...]

    @property
    def krw(self) -> int:
        """What the month comes to."""
        return sum(entry.krw for entry in self.entries)

    @property
    def is_recorded(self) -> bool:
        """Whether every figure that something was charged by is on public record."""
        return all(entry.is_recorded for entry in self.entries if entry.krw)

    def by_kind(self) -> tuple[Sum, ...]:
        """The sums by kind of resource, the dearest first."""
        return _sums(self.entries, lambda entry: entry.kind)

    def by_state(self) -> tuple[Sum, ...]:
        """The sums by state, the dearest first."""
        return _sums(self.entries, lambda entry: entry.state.value)


def _sums(entries: Iterable[Entry], key: Callable[[Entry], str]) -> tuple[Sum, ...]:
    hours: dict[str, float] = {}
    amounts: dict[str, int] = {}
    for entry in entries:
        name = key(entry)
        hours[name] = hours.get(name, 0) + entry.hours
        amounts[name] = amounts.get(name, 0) + entry.krw
    sums = (Sum(name, hours[name], amounts[name]) for name in hours)
    return tuple(sorted(sums, key=lambda each: (-each.krw, each.key)))


def is_charged(booking: Booking) -> bool:
    """Whether the booking costs anything as it stands."""
    charging = CHARGED[booking.state]
    return charging is Charging.BOOKED or (charging is Charging.IF_LATE and booking.late)


def entries_of(booking: Booking, payer: str, catalogue: Catalogue) -> tuple[Entry, ...]:
    """The booking on a statement, by the catalogue under which it was booked.

    Nothing for what was given back in time or never came about. `payer` is the organisation's type.
    """
    charged = is_charged(booking)
    if not charged and booking.state not in LISTED_FREE:
        return ()
    found = ((_known(line.resource, catalogue), line) for line in booking.lines)
    return tuple(
        _entry(
            booking,
            charge(line, payer, catalogue) if resource else Charge(line, 0, 1.0, is_recorded=False),
            resource,
            charged=charged,
        )
        for resource, line in found
    )


def _known(resource: str, catalogue: Catalogue) -> Resource | None:
    """The resource; None where nobody can tell any more what it was, and so what it cost."""
    try:
        return catalogue.resource(resource)
    except NotFound:
        return None


def _entry(booking: Booking, charge: Charge, resource: Resource | None, *, charged: bool) -> Entry:
    line = charge.line
    return Entry(
        booking=booking.id,
        resource=line.resource,
        name=resource.name if resource else Name(line.resource, line.resource),
        kind=resource.kind if resource else UNKNOWN,
        zone=resource.zone if resource else "UTC",
        start=line.start,
        end=line.end,
        mode=line.mode,
        units=line.units,
        vehicles=line.vehicles,
        rate=charge.rate,
        factor=charge.factor,
        is_recorded=charge.is_recorded,
        state=booking.state,
        is_late=booking.late,
        krw=charge.krw if charged else 0,
    )


def month_of(booking: Booking, catalogue: Catalogue) -> date:
    """The first day of the month in which the booking starts, where its main resource stands."""
    resource = _known(booking.lines[0].resource, catalogue)
    return local_date(booking.start, resource.zone if resource else "UTC").replace(day=1)


def following(month: date) -> date:
    """The first day of the month after."""
    return date(month.year + month.month // 12, month.month % 12 + 1, 1)
