"""The tables of calendar feeds and of statements that were closed."""

from sqlalchemy import CheckConstraint, Column, Date, ForeignKey, String, Table, Text

from testbed.persistence.tables import UtcDateTime, metadata

# `about` is the organisation, resource or city that the feed shows; empty for a member's own.
feed = Table(
    "feed",
    metadata,
    Column("id", String, primary_key=True),
    Column("digest", String, nullable=False),
    Column("member", ForeignKey("member.id"), nullable=False, index=True),
    Column("name", String, nullable=False),
    Column("kind", String, nullable=False),
    Column("about", String, nullable=False),
    Column("language", String, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("last_used_at", UtcDateTime),
    Column("revoked_at", UtcDateTime),
    CheckConstraint("kind IN ('member', 'organisation', 'resource', 'city')", name="kind"),
)

# A closed month, as it was then; `digest` is the SHA-256 of the document.
statement = Table(
    "statement",
    metadata,
    Column("organisation", ForeignKey("organisation.id"), primary_key=True),
    Column("month", Date, primary_key=True),
    Column("closed_at", UtcDateTime, nullable=False),
    Column("closed_by", String, nullable=False),
    Column("digest", String, nullable=False),
    Column("document", Text, nullable=False),
)
