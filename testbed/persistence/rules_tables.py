"""Tables of what rules count: re-confirmations of bookings that came from a series."""

from sqlalchemy import Column, ForeignKey, String, Table

from testbed.persistence.tables import UtcDateTime, metadata

# A booking that moved to another start is to be confirmed again.
reconfirmation = Table(
    "reconfirmation",
    metadata,
    Column("booking", ForeignKey("booking.id"), primary_key=True),
    Column("start_at", UtcDateTime, primary_key=True),
    Column("confirmed_at", UtcDateTime, nullable=False),
    Column("confirmed_by", String, nullable=False),
)
