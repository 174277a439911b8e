"""The table of approvals: what each party was asked about a booking, and what it answered."""

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
    false,
)

from testbed.persistence.tables import UtcDateTime, metadata

# A booking that moved is asked about again, in its next `round`; only the last one counts.
# `organisation` is the party's, if it has one; `stands_in`: the province answered in its place.
approval = Table(
    "approval",
    metadata,
    Column("booking", ForeignKey("booking.id"), primary_key=True),
    Column("round", Integer, primary_key=True, autoincrement=False),
    Column("party", String, primary_key=True),
    Column("organisation", ForeignKey("organisation.id"), index=True),
    Column("asked_at", UtcDateTime, nullable=False),
    Column("deadline", UtcDateTime, nullable=False),
    Column("answer", String),
    Column("text", Text, nullable=False),
    Column("answered_by", ForeignKey("member.id")),
    Column("answered_at", UtcDateTime),
    Column("stands_in", Boolean, nullable=False, server_default=false()),
    CheckConstraint("party IN ('operator', 'city', 'road_authority')", name="party"),
    CheckConstraint("answer IN ('accepted', 'rejected')", name="answer"),
    CheckConstraint("answer <> 'rejected' OR text <> ''", name="reason"),
    CheckConstraint("(answer IS NULL) = (answered_at IS NULL)", name="answered"),
)
Index(
    "ix_approval_deadline_open",
    approval.c.deadline,
    sqlite_where=approval.c.answer.is_(None),
    postgresql_where=approval.c.answer.is_(None),
)
