"""Bookings whose time to confirm or to approve is over, as conditions on the booking table."""

from datetime import datetime

from sqlalchemy import BindParameter, ColumnElement, and_, literal_column, or_

from testbed.persistence.tables import booking

Moment = datetime | BindParameter[datetime]

# Literal, so that the partial indexes serve.
HELD = booking.c.state == literal_column("'held'")
PENDING = booking.c.state == literal_column("'pending'")
_YES = booking.c.silence == literal_column("'confirmed'")
_NO = booking.c.silence == literal_column("'rejected'")


def hold_over(now: Moment) -> ColumnElement[bool]:
    """Holds that ran out."""
    return and_(HELD, booking.c.expires_at <= now)


def rejected_by_silence(now: Moment) -> ColumnElement[bool]:
    """Pending bookings that nobody approved in time, where silence means no."""
    return and_(PENDING, _NO, booking.c.expires_at <= now)


def confirmed_by_silence(now: Moment) -> ColumnElement[bool]:
    """Pending bookings that nobody rejected in time, where silence means yes."""
    return and_(PENDING, _YES, booking.c.expires_at <= now)


def ran_out(now: Moment) -> ColumnElement[bool]:
    """What no longer occupies anything, whatever is written: both kinds that end by a no."""
    return or_(hold_over(now), rejected_by_silence(now))
