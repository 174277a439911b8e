"""Tables of what rules count: which bookings of series are to be confirmed again."""

from sqlalchemy import Column, ForeignKey, Index, String, Table

from testbed.persistence.tables import UtcDateTime, metadata

# A booking that moved to another start is asked for again.
reconfirmation = Table(
    "reconfirmation",
    metadata,
    Column("booking", ForeignKey("booking.id"), primary_key=True),
    Column("start_at", UtcDateTime, primary_key=True),
    Column("asked_at", UtcDateTime, nullable=False),
    Column("due_at", UtcDateTime, nullable=False),
    Column("confirmed_at", UtcDateTime),
    Column("confirmed_by", String),
)
Index(
    "ix_reconfirmation_due_at_open",
    reconfirmation.c.due_at,
    sqlite_where=reconfirmation.c.confirmed_at.is_(None),
    postgresql_where=reconfirmation.c.confirmed_at.is_(None),
)
