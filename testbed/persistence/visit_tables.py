"""The tables of the day: visits, overruns, records of use, and what is kept for an emergency."""

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Text,
)

from testbed.persistence.tables import UtcDateTime, metadata

# `ending` says how a visit ended: left, stopped (by a closure), or not_checked_out.
visit = Table(
    "visit",
    metadata,
    Column("booking", ForeignKey("booking.id"), primary_key=True),
    Column("arrived_at", UtcDateTime, nullable=False),
    Column("arrived_by", String, nullable=False),
    Column("left_at", UtcDateTime),
    Column("left_by", String),
    Column("ending", String),
    CheckConstraint("(left_at IS NULL) = (ending IS NULL)", name="ended_how"),
)

# Who was told that the one before them on the same pools has not left.
overrun = Table(
    "overrun",
    metadata,
    Column("booking", ForeignKey("booking.id"), primary_key=True),
    Column("following", ForeignKey("booking.id"), primary_key=True, index=True),
    Column("told_at", UtcDateTime, nullable=False),
)

# What a closure did to a booking: its state and claims (JSON) before, and how it was settled.
displacement = Table(
    "displacement",
    metadata,
    Column("closure", ForeignKey("closure.id"), primary_key=True),
    Column("booking", ForeignKey("booking.id"), primary_key=True, index=True),
    Column("before", String, nullable=False),
    Column("claims", Text, nullable=False),
    Column("restored_at", UtcDateTime),
)

# One session of one vehicle. `vehicle` and `driver` are ids of the organisation's papers.
usage_record = Table(
    "usage_record",
    metadata,
    Column("id", String, primary_key=True),
    Column("booking", ForeignKey("booking.id"), nullable=False, index=True),
    Column("organisation", ForeignKey("organisation.id"), nullable=False),
    Column("vehicle", String),
    Column("driver", String),
    Column("resource", String, nullable=False),
    Column("started_at", UtcDateTime, nullable=False),
    Column("ended_at", UtcDateTime, nullable=False),
    Column("metres", Integer, nullable=False),
    Column("takeovers", Integer, nullable=False),
    Column("incident", Boolean, nullable=False),
    Column("incident_text", Text, nullable=False),
    Column("entered_at", UtcDateTime, nullable=False),
    Column("entered_by", String, nullable=False),
    CheckConstraint("started_at < ended_at", name="slot"),
    CheckConstraint("metres >= 0 AND takeovers >= 0", name="counts"),
    Index(None, "organisation", "started_at"),
    Index(None, "started_at"),
)

# Personal data: deleted some days after the booking has ended.
emergency_contact = Table(
    "emergency_contact",
    metadata,
    Column("booking", ForeignKey("booking.id"), primary_key=True),
    Column("name", String, nullable=False),
    Column("phone", String, nullable=False),
    Column("saved_at", UtcDateTime, nullable=False),
)

entry_instruction = Table(
    "entry_instruction",
    metadata,
    Column("site", String, primary_key=True),
    Column("text_ko", Text, nullable=False),
    Column("text_en", Text, nullable=False),
    Column("saved_at", UtcDateTime, nullable=False),
    Column("saved_by", String, nullable=False),
)
