"""The table of the waitlist; the order of those who wait is computed, never stored."""

from sqlalchemy import Column, ForeignKey, Index, Integer, String, Table, Text

from testbed.persistence.tables import UtcDateTime, metadata

# `latest_at` is the last start that serves; `booking` what is offered now or was offered last;
# `passed` a JSON list of what was offered and not taken: [main resource, local day as an ordinal].
waitlist = Table(
    "waitlist",
    metadata,
    Column("request", ForeignKey("request.id"), primary_key=True),
    Column("organisation", ForeignKey("organisation.id"), nullable=False, index=True),
    Column("state", String, nullable=False),
    Column("latest_at", UtcDateTime, nullable=False),
    Column("booking", ForeignKey("booking.id"), index=True),
    Column("passed", Text, nullable=False),
    Column("unanswered", Integer, nullable=False),
)
Index(
    "ix_waitlist_latest_at_offered",
    waitlist.c.latest_at,
    sqlite_where=waitlist.c.state == "offered",
    postgresql_where=waitlist.c.state == "offered",
)
Index(
    "ix_waitlist_latest_at_waiting",
    waitlist.c.latest_at,
    sqlite_where=waitlist.c.state == "waiting",
    postgresql_where=waitlist.c.state == "waiting",
)
