"""The tables of what organisations do together: joint bookings, hand-overs, sharing wishes."""

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
)

from testbed.persistence.tables import UtcDateTime, metadata

# An organisation that takes part in a booking of another: `invited`, `accepted`, or out of it.
partner = Table(
    "partner",
    metadata,
    Column("booking", ForeignKey("booking.id"), primary_key=True),
    Column("organisation", ForeignKey("organisation.id"), primary_key=True, index=True),
    Column("state", String, nullable=False),
    Column("vehicles", Integer, nullable=False),
    Column("answered_at", UtcDateTime),
    CheckConstraint("state IN ('invited', 'accepted', 'declined', 'left')", name="state"),
    CheckConstraint("vehicles >= 0", name="vehicles"),
)

# A booking offered to another organisation; place and slot as they were, since the giver no longer
# sees the booking once it was taken over.
handover = Table(
    "handover",
    metadata,
    Column("id", String, primary_key=True),
    Column("booking", ForeignKey("booking.id"), nullable=False),
    Column("giver", ForeignKey("organisation.id"), nullable=False, index=True),
    Column("receiver", ForeignKey("organisation.id"), nullable=False, index=True),
    Column("resource", String, nullable=False),
    Column("start_grain", Integer, nullable=False),
    Column("end_grain", Integer, nullable=False),
    Column("offered_at", UtcDateTime, nullable=False),
    Column("offered_by", String, nullable=False),
    Column("expires_at", UtcDateTime, nullable=False),
    Column("state", String, nullable=False),
    Column("answered_at", UtcDateTime),
    Column("answered_by", String),
    CheckConstraint("state IN ('offered', 'accepted', 'declined', 'withdrawn')", name="state"),
    CheckConstraint("giver <> receiver", name="to_another"),
)
Index(
    "ix_handover_booking_offered",
    handover.c.booking,
    unique=True,
    sqlite_where=handover.c.state == "offered",
    postgresql_where=handover.c.state == "offered",
)

# Confidential: beside whom an organisation wants to share nothing.
apart = Table(
    "apart",
    metadata,
    Column("organisation", ForeignKey("organisation.id"), primary_key=True),
    Column("rival", ForeignKey("organisation.id"), primary_key=True, index=True),
    CheckConstraint("organisation <> rival", name="another"),
)

# Whether an organisation lets itself be named to those who share a route with it.
sharing = Table(
    "sharing",
    metadata,
    Column("organisation", ForeignKey("organisation.id"), primary_key=True),
    Column("shows_name", Boolean, nullable=False),
)

# A request that an operator made for a member of the organisation.
booked_for = Table(
    "booked_for",
    metadata,
    Column("request", ForeignKey("request.id"), primary_key=True),
    Column("member", ForeignKey("member.id"), nullable=False),
    Column("operator", String, nullable=False),
)
