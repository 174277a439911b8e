"""The tables of notices: what members chose, what waits for a digest, webhooks and deliveries."""

from sqlalchemy import (
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from testbed.persistence.tables import UtcDateTime, metadata

# A group without a row is told at once.
notice_choice = Table(
    "notice_choice",
    metadata,
    Column("member", ForeignKey("member.id"), primary_key=True),
    Column("group", String, primary_key=True),
    Column("choice", String, nullable=False),
)

# What waits for the reader's next digest; the transaction that writes the digest deletes it.
digest_item = Table(
    "digest_item",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("member", ForeignKey("member.id"), nullable=False),
    Column("key", String, nullable=False, unique=True),
    Column("kind", String, nullable=False),
    Column("fields", Text, nullable=False),
    Column("created_at", UtcDateTime, nullable=False, index=True),
    sqlite_autoincrement=True,
)

# `organisation` is null for one of the operators, which hears of everybody's. `events` is a JSON
# list, empty for all. The secret signs, so that it cannot be kept as a digest; the previous one
# signs beside it until `previous_until`.
webhook = Table(
    "webhook",
    metadata,
    Column("id", String, primary_key=True),
    Column("organisation", ForeignKey("organisation.id"), index=True),
    Column("url", String, nullable=False),
    Column("events", Text, nullable=False),
    Column("secret", String, nullable=False),
    Column("previous_secret", String),
    Column("previous_until", UtcDateTime),
    Column("created_at", UtcDateTime, nullable=False),
    Column("created_by", String, nullable=False),
    Column("disabled_at", UtcDateTime),
    Column("disabled_why", String),
)

# One event on its way to one webhook; `note` is the outbox row it tells of, null for a test. `body`
# is the text that is signed, the same at every attempt.
webhook_delivery = Table(
    "webhook_delivery",
    metadata,
    Column("id", String, primary_key=True),
    Column("webhook", ForeignKey("webhook.id"), nullable=False),
    Column("note", Integer),
    Column("kind", String, nullable=False),
    Column("body", Text, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("next_attempt_at", UtcDateTime),
    Column("delivered_at", UtcDateTime),
    Column("given_up_at", UtcDateTime),
    Column("status", Integer),
    Column("last_error", String),
    CheckConstraint("attempts >= 0", name="attempts"),
    UniqueConstraint("webhook", "note"),
    Index(None, "webhook", "created_at"),
)
Index(
    "ix_webhook_delivery_next_attempt_at_due",
    webhook_delivery.c.next_attempt_at,
    sqlite_where=webhook_delivery.c.next_attempt_at.is_not(None),
    postgresql_where=webhook_delivery.c.next_attempt_at.is_not(None),
)
