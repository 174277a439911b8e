"""The tables of series and templates."""

from sqlalchemy import (
    Boolean,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from testbed.persistence.tables import UtcDateTime, metadata

# `document` is the plan; `version` counts its changes. Once confirmed, dates that come within the
# horizon are confirmed as they are granted.
series = Table(
    "series",
    metadata,
    Column("id", String, primary_key=True),
    Column("organisation", ForeignKey("organisation.id"), nullable=False),
    Column("name", String, nullable=False),
    Column("actor", String, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("confirmed_at", UtcDateTime),
    Column("version", Integer, nullable=False),
    Column("document", Text, nullable=False),
    Index(None, "organisation", "created_at"),
)

# One row per date, named by the day that the rule gives it: it stays whatever is done with it.
# `due_at` is when a date beyond the horizon is asked for.
occurrence = Table(
    "occurrence",
    metadata,
    Column("series", ForeignKey("series.id"), primary_key=True),
    Column("day", Date, primary_key=True),
    Column("outcome", String, nullable=False),
    Column("start_grain", Integer, nullable=False),
    Column("request", ForeignKey("request.id")),
    Column("booking", ForeignKey("booking.id"), index=True),
    Column("apart", Boolean, nullable=False),
    Column("due_at", UtcDateTime),
)
Index(
    "ix_occurrence_due_at_awaited",
    occurrence.c.due_at,
    sqlite_where=occurrence.c.outcome == "awaited",
    postgresql_where=occurrence.c.outcome == "awaited",
)

# A wish under a name, for the organisation's own people; `document` is a request.
template = Table(
    "template",
    metadata,
    Column("id", String, primary_key=True),
    Column("organisation", ForeignKey("organisation.id"), nullable=False),
    Column("name", String, nullable=False),
    Column("actor", String, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("document", Text, nullable=False),
    UniqueConstraint("organisation", "name"),
)
