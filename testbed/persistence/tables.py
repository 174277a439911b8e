"""The tables, the same on both databases.

Moments are aware UTC; slots of claims and lines are half-open in grains. Documents are canonical
JSON texts, so that equal values are equal bytes.
"""

from datetime import UTC, datetime

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    DateTime,
    Dialect,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
    text,
    true,
)

from testbed.domain.errors import InvalidRequest

CONVENTION = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


class UtcDateTime(TypeDecorator[datetime]):
    """An aware moment, kept in UTC. Raises InvalidRequest("naive_time") for one without a zone."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(
        self,
        value: datetime | None,
        dialect: Dialect,  # noqa: ARG002 -- the signature is SQLAlchemy's
    ) -> datetime | None:
        """The moment in UTC; SQLite then drops the zone."""
        if value is not None and value.tzinfo is None:
            raise InvalidRequest("naive_time", value=value.isoformat())
        return None if value is None else value.astimezone(UTC)

    def process_result_value(
        self,
        value: datetime | None,
        dialect: Dialect,  # noqa: ARG002 -- the same
    ) -> datetime | None:
        """The moment, aware again."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


metadata = MetaData(naming_convention=CONVENTION)

catalogue_version = Table(
    "catalogue_version",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("imported_at", UtcDateTime, nullable=False),
    Column("imported_by", String, nullable=False),
    Column("digest", String, nullable=False),
    Column("document", Text, nullable=False),
    sqlite_autoincrement=True,
)

# One row: up to which grain the standing services of the current catalogue are written.
horizon = Table(
    "horizon",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("standing_until", Integer, nullable=False),
    CheckConstraint("id = 1", name="one_row"),
)

# `revision` counts the transactions that changed claims of the pool.
pool = Table(
    "pool",
    metadata,
    Column("id", String, primary_key=True),
    Column("capacity", Integer, nullable=False),
    Column("revision", Integer, nullable=False, server_default=text("0")),
    CheckConstraint("capacity >= 0", name="capacity"),
)

organisation = Table(
    "organisation",
    metadata,
    Column("id", String, primary_key=True),
    Column("name_en", String, nullable=False),
    Column("name_ko", String, nullable=False),
    Column("type", String, nullable=False),
    Column("city", String),
    Column("sector", String, nullable=False),
    Column("roles", Text, nullable=False),
    Column("provenance", Text, nullable=False),
)

# `language` is the one of their mails; sessions signed in under a lower `session_epoch` have ended.
member = Table(
    "member",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("organisation", ForeignKey("organisation.id"), nullable=False, index=True),
    Column("email", String, nullable=False, unique=True),
    Column("name", String, nullable=False),
    Column("role", String, nullable=False),
    Column("password_hash", String, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("language", String, nullable=False, server_default="ko"),
    Column("active", Boolean, nullable=False, server_default=true()),
    Column("session_epoch", Integer, nullable=False, server_default=text("0")),
    Column("signed_in_at", UtcDateTime),
    sqlite_autoincrement=True,
)

# Every request that was decided, whatever the answer: refused demand is data.
request = Table(
    "request",
    metadata,
    Column("id", String, primary_key=True),
    Column("organisation", ForeignKey("organisation.id"), nullable=False, index=True),
    Column("actor", String, nullable=False),
    Column("submitted_at", UtcDateTime, nullable=False, index=True),
    Column("status", String, nullable=False),
    Column("document", Text, nullable=False),
    Column("decision", Text, nullable=False),
)

# `counted` is the number of booked grains that count against the weekly hours as it stands, with
# the `forfeited` ones: hours given up so late that they still count.
booking = Table(
    "booking",
    metadata,
    Column("id", String, primary_key=True),
    Column("request", ForeignKey("request.id"), nullable=False),
    Column("organisation", ForeignKey("organisation.id"), nullable=False),
    Column("state", String, nullable=False),
    Column("start_at", UtcDateTime, nullable=False),
    Column("end_at", UtcDateTime, nullable=False),
    Column("rule", String, nullable=False),
    Column("week", Integer, nullable=False),
    Column("counted", Integer, nullable=False),
    Column("late", Boolean, nullable=False),
    Column("expires_at", UtcDateTime),
    Column("silence", String),
    Column("version", Integer, nullable=False),
    Column("forfeited", Integer, nullable=False, server_default=text("0")),
    CheckConstraint("counted >= 0", name="counted"),
    Index(None, "organisation", "week"),
    Index(None, "organisation", "start_at"),
)
Index(
    "ix_booking_start_at_confirmed",
    booking.c.start_at,
    sqlite_where=booking.c.state == "confirmed",
    postgresql_where=booking.c.state == "confirmed",
)
Index(
    "ix_booking_start_at_cancelled",
    booking.c.start_at,
    sqlite_where=booking.c.state == "cancelled",
    postgresql_where=booking.c.state == "cancelled",
)
Index(
    "ix_booking_expires_at_pending",
    booking.c.expires_at,
    sqlite_where=booking.c.state == "pending",
    postgresql_where=booking.c.state == "pending",
)
Index(
    "ix_booking_expires_at_held",
    booking.c.expires_at,
    sqlite_where=booking.c.state == "held",
    postgresql_where=booking.c.state == "held",
)
Index(
    "ix_booking_end_at_checked_in",
    booking.c.end_at,
    sqlite_where=booking.c.state == "checked_in",
    postgresql_where=booking.c.state == "checked_in",
)

line = Table(
    "line",
    metadata,
    Column("booking", ForeignKey("booking.id"), primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("resource", String, nullable=False),
    Column("start_grain", Integer, nullable=False, index=True),
    Column("end_grain", Integer, nullable=False),
    Column("units", Integer, nullable=False),
    Column("vehicles", Integer, nullable=False),
    Column("mode", String, nullable=False),
)

# A closure keeps its pools (JSON) shut over [start_grain, end_grain); one without an end grain is
# shut until somebody reopens it. `target` is the resource, corridor or site that was named.
closure = Table(
    "closure",
    metadata,
    Column("id", String, primary_key=True),
    Column("kind", String, nullable=False),
    Column("target", String, nullable=False),
    Column("pools", Text, nullable=False),
    Column("start_grain", Integer, nullable=False),
    Column("end_grain", Integer),
    Column("reason", Text, nullable=False),
    Column("created_at", UtcDateTime, nullable=False, index=True),
    Column("created_by", String, nullable=False),
    Column("ended_at", UtcDateTime),
    Column("ended_by", String),
    CheckConstraint("end_grain IS NULL OR start_grain < end_grain", name="slot"),
)

# A claim lives from the pool's revision `taken` until its revision `released` (null: it stands).
# Nothing is deleted: the rows between two revisions bring a cached calendar up to date.
claim = Table(
    "claim",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("booking", ForeignKey("booking.id"), index=True),
    Column("standing", String),
    Column("closure", ForeignKey("closure.id")),
    Column("position", Integer, nullable=False),
    Column("pool", ForeignKey("pool.id"), nullable=False),
    Column("kind", String, nullable=False),
    Column("units", Integer, nullable=False),
    Column("start_grain", Integer, nullable=False),
    Column("end_grain", Integer, nullable=False),
    Column("taken", Integer, nullable=False),
    Column("released", Integer),
    CheckConstraint("units > 0", name="units"),
    CheckConstraint("start_grain < end_grain", name="slot"),
    CheckConstraint(
        "(CASE WHEN booking IS NULL THEN 0 ELSE 1 END)"
        " + (CASE WHEN standing IS NULL THEN 0 ELSE 1 END)"
        " + (CASE WHEN closure IS NULL THEN 0 ELSE 1 END) = 1",
        name="one_owner",
    ),
    CheckConstraint("(kind = 'closed') = (closure IS NOT NULL)", name="closed_by_closure"),
    Index(None, "pool", "taken"),
    sqlite_autoincrement=True,
)
Index(
    "ix_claim_pool_released",
    claim.c.pool,
    claim.c.released,
    sqlite_where=claim.c.released.is_not(None),
    postgresql_where=claim.c.released.is_not(None),
)
Index(
    "ix_claim_pool_end_grain_current",
    claim.c.pool,
    claim.c.end_grain,
    sqlite_where=claim.c.released.is_(None),
    postgresql_where=claim.c.released.is_(None),
)

Index(
    "ix_claim_end_grain_of_standing",
    claim.c.end_grain,
    sqlite_where=claim.c.standing.is_not(None),
    postgresql_where=claim.c.standing.is_not(None),
)

Index(
    "ix_claim_pool_of_closure",
    claim.c.pool,
    sqlite_where=claim.c.closure.is_not(None) & claim.c.released.is_(None),
    postgresql_where=claim.c.closure.is_not(None) & claim.c.released.is_(None),
)

# The guard: whatever writes, the schema refuses more than a pool holds (persistence.guard).
GUARD = "used + closed <= capacity AND (used = 0 OR blocked = 0)"
occupancy = Table(
    "occupancy",
    metadata,
    Column("pool", ForeignKey("pool.id"), primary_key=True),
    Column("grain", Integer, primary_key=True, autoincrement=False),
    Column("used", Integer, nullable=False),
    Column("blocked", Integer, nullable=False),
    Column("closed", Integer, nullable=False),
    Column("capacity", Integer, nullable=False),
    CheckConstraint(GUARD, name="within_capacity"),
    CheckConstraint("used >= 0 AND blocked >= 0 AND closed >= 0", name="counts"),
    sqlite_with_rowid=False,
)

# Append only: triggers refuse to change or delete a row.
audit = Table(
    "audit",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("at", UtcDateTime, nullable=False),
    Column("actor", String, nullable=False),
    Column("action", String, nullable=False),
    Column("subject", String, nullable=False, index=True),
    Column("document", Text, nullable=False),
    sqlite_autoincrement=True,
)

outbox = Table(
    "outbox",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("at", UtcDateTime, nullable=False),
    Column("kind", String, nullable=False),
    Column("subject", String, nullable=False),
    Column("document", Text, nullable=False),
    Column("delivered_at", UtcDateTime),
    sqlite_autoincrement=True,
)
Index(
    "ix_outbox_id_undelivered",
    outbox.c.id,
    sqlite_where=outbox.c.delivered_at.is_(None),
    postgresql_where=outbox.c.delivered_at.is_(None),
)

# The answer given to a key, bound to the actor and to the digest of what was asked.
idempotency = Table(
    "idempotency",
    metadata,
    Column("actor", String, primary_key=True),
    Column("key", String, primary_key=True),
    Column("digest", String, nullable=False),
    Column("response", Text, nullable=False),
    Column("at", UtcDateTime, nullable=False, index=True),
)
