"""What a booking's page says beside the booking itself: one section per matter, in this order."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from testbed.domain.bookings import Booking


@dataclass(frozen=True, slots=True)
class Section:
    """A template of the booking's page and what it reads, as the variable `data`."""

    template: str
    data: Mapping[str, Any]


# Each looks at a booking that the reader may see, and answers None where it has nothing to say.
SECTIONS: tuple[Callable[[Booking], Section | None], ...] = ()


def of_booking(booking: Booking) -> list[Section]:
    """The sections that have something to say of the booking."""
    return [section for look in SECTIONS if (section := look(booking)) is not None]
