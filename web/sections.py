"""What a booking's page says beside the booking itself: one section per matter, in this order."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from flask_login import current_user

from testbed.domain.bookings import Booking
from testbed.service import reconfirmations
from web import approval_view, crew_parts, series_words, together_view, visit_parts
from web.booked import zone_of
from web.deps import catalogue, context
from web.present import moment_text


@dataclass(frozen=True, slots=True)
class Section:
    """A template of the booking's page and what it reads, as the variable `data`."""

    template: str
    data: Mapping[str, Any]


def _series(booking: Booking) -> Section | None:
    data = series_words.of_booking(booking)
    return None if data is None else Section("bookings/_series.html", data)


def _visit(booking: Booking) -> Section | None:
    data = visit_parts.of_booking(booking)
    return None if data is None else Section("bookings/_visit.html", data)


def _approvals(booking: Booking) -> Section | None:
    view = approval_view.of_booking(booking)
    return None if view is None else Section("bookings/_approvals.html", {"view": view})


def _reconfirm(booking: Booking) -> Section | None:
    due = reconfirmations.asked_of(context(), booking)
    if due is None:
        return None
    said = moment_text(due, zone_of(booking, catalogue()))
    may_act = current_user.sees_all or current_user.books
    data = {"booking": booking.id, "due": said, "may_act": may_act}
    return Section("bookings/_reconfirm.html", data)


def _together(booking: Booking) -> Section | None:
    view = together_view.of_booking(booking)
    return None if view is None else Section("bookings/_together.html", {"view": view})


def _crew(booking: Booking) -> Section | None:
    view = crew_parts.of_booking(booking)
    return None if view is None else Section("bookings/_crew.html", {"view": view})


# Each looks at a booking that the reader may see, and answers None where it has nothing to say.
SECTIONS: tuple[Callable[[Booking], Section | None], ...] = (
    _crew,
    _reconfirm,
    _approvals,
    _visit,
    _series,
    _together,
)


def of_booking(booking: Booking) -> list[Section]:
    """The sections that have something to say of the booking."""
    return [section for look in SECTIONS if (section := look(booking)) is not None]
