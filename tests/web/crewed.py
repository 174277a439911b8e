"""Vehicles and drivers for a booking, so that it may be checked in."""

from testbed.service import bookings, crew
from testbed.service.actors import SYSTEM
from testbed.service.context import Context
from tests.web.conftest import NOW
from web import example_papers


def with_crew(context: Context, booking_id: str) -> str:
    """Name on the booking the example vehicles and drivers that it needs; returns its id."""
    booking = bookings.get(context, booking_id, NOW, SYSTEM)
    crew.name(context, booking_id, example_papers.crew_of(context, booking), NOW, SYSTEM)
    return booking_id
