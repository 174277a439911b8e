"""The tables of papers: vehicles, drivers, what they may show, and who is named on a booking.

Names, plates and contacts stand here alone and in no audit row, so that they can be forgotten.
"""

from sqlalchemy import (
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
)

from testbed.persistence.tables import UtcDateTime, metadata

# A new `revision` (a random text) with every change of what an organisation can show.
fleet = Table(
    "fleet",
    metadata,
    Column("organisation", ForeignKey("organisation.id"), primary_key=True),
    Column("revision", String, nullable=False),
)

vehicle = Table(
    "vehicle",
    metadata,
    Column("id", String, primary_key=True),
    Column("organisation", ForeignKey("organisation.id"), nullable=False, index=True),
    Column("name", String, nullable=False),
    Column("plate", String, nullable=False),
    Column("type", String, nullable=False),
    Column("sae_level", Integer, nullable=False),
    Column("entered_at", UtcDateTime, nullable=False),
    Column("retired_at", UtcDateTime),
    CheckConstraint("type IN ('A', 'B', 'C')", name="type"),
    CheckConstraint("sae_level BETWEEN 0 AND 5", name="sae_level"),
)

driver = Table(
    "driver",
    metadata,
    Column("id", String, primary_key=True),
    Column("organisation", ForeignKey("organisation.id"), nullable=False, index=True),
    Column("name", String, nullable=False),
    Column("contact", String, nullable=False),
    Column("entered_at", UtcDateTime, nullable=False),
    Column("retired_at", UtcDateTime),
)

# Of a vehicle, of a driver (a briefing also of a site), or of the whole organisation. `covers` is a
# JSON list of ids of places. `valid_until` is the last day on which it counts.
paper = Table(
    "paper",
    metadata,
    Column("id", String, primary_key=True),
    Column("organisation", ForeignKey("organisation.id"), nullable=False, index=True),
    Column("kind", String, nullable=False),
    Column("vehicle", ForeignKey("vehicle.id")),
    Column("driver", ForeignKey("driver.id")),
    Column("site", String),
    Column("covers", Text, nullable=False),
    Column("number", String, nullable=False),
    Column("valid_from", Date, nullable=False),
    Column("valid_until", Date, nullable=False),
    Column("state", String, nullable=False),
    Column("why", Text, nullable=False),
    Column("entered_at", UtcDateTime, nullable=False),
    Column("decided_at", UtcDateTime),
    Column("version", Integer, nullable=False),
    CheckConstraint("valid_from <= valid_until", name="days"),
    CheckConstraint("state IN ('waiting', 'accepted', 'rejected', 'withdrawn')", name="state"),
)
Index(
    "ix_paper_valid_until_accepted",
    paper.c.valid_until,
    sqlite_where=paper.c.state == "accepted",
    postgresql_where=paper.c.state == "accepted",
)
Index(
    "ix_paper_entered_at_waiting",
    paper.c.entered_at,
    sqlite_where=paper.c.state == "waiting",
    postgresql_where=paper.c.state == "waiting",
)

# The file behind a paper, at most one: in the database, where it is backed up with the paper,
# changes with it in one transaction, and has no path that an address could reach.
paper_document = Table(
    "paper_document",
    metadata,
    Column("paper", ForeignKey("paper.id"), primary_key=True),
    Column("name", String, nullable=False),
    Column("media_type", String, nullable=False),
    Column("digest", String, nullable=False),
    Column("content", LargeBinary, nullable=False),
    Column("uploaded_at", UtcDateTime, nullable=False),
)

# Which warning (so many days before that last day) has been given.
paper_warning = Table(
    "paper_warning",
    metadata,
    Column("paper", ForeignKey("paper.id"), primary_key=True),
    Column("valid_until", Date, primary_key=True),
    Column("days", Integer, primary_key=True, autoincrement=False),
    Column("told_at", UtcDateTime, nullable=False),
)

crew_vehicle = Table(
    "crew_vehicle",
    metadata,
    Column("booking", ForeignKey("booking.id"), primary_key=True),
    Column("vehicle", ForeignKey("vehicle.id"), primary_key=True, index=True),
)

crew_driver = Table(
    "crew_driver",
    metadata,
    Column("booking", ForeignKey("booking.id"), primary_key=True),
    Column("driver", ForeignKey("driver.id"), primary_key=True, index=True),
)
