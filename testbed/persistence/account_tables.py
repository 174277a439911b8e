"""The tables of accounts: invitations, registrations, resets of passwords, tokens, sessions.

Secrets are kept as SHA-256 digests: they are random and long, so nothing slower is needed.
"""

from sqlalchemy import Column, ForeignKey, Index, String, Table, Text

from testbed.persistence.tables import UtcDateTime, metadata

# `role` is the role that whoever accepts will have.
invitation = Table(
    "invitation",
    metadata,
    Column("id", String, primary_key=True),
    Column("digest", String, nullable=False),
    Column("organisation", ForeignKey("organisation.id"), nullable=False, index=True),
    Column("email", String, nullable=False),
    Column("role", String, nullable=False),
    Column("language", String, nullable=False),
    Column("invited_by", String, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("expires_at", UtcDateTime, nullable=False),
    Column("accepted_at", UtcDateTime),
    Column("withdrawn_at", UtcDateTime),
)

# An organisation that asks to take part; it has no row of its own until it is approved.
registration = Table(
    "registration",
    metadata,
    Column("id", String, primary_key=True),
    Column("document", Text, nullable=False),
    Column("email", String, nullable=False),
    Column("language", String, nullable=False),
    Column("asked_at", UtcDateTime, nullable=False, index=True),
    Column("status", String, nullable=False),
    Column("decided_at", UtcDateTime),
    Column("decided_by", String),
    Column("organisation", ForeignKey("organisation.id")),
)

password_reset = Table(
    "password_reset",
    metadata,
    Column("id", String, primary_key=True),
    Column("digest", String, nullable=False),
    Column("member", ForeignKey("member.id"), nullable=False, index=True),
    Column("created_at", UtcDateTime, nullable=False),
    Column("expires_at", UtcDateTime, nullable=False),
    Column("used_at", UtcDateTime),
)

# `scopes` is a JSON list; what a token may do is never more than what its member may do now.
api_token = Table(
    "api_token",
    metadata,
    Column("id", String, primary_key=True),
    Column("digest", String, nullable=False),
    Column("member", ForeignKey("member.id"), nullable=False, index=True),
    Column("name", String, nullable=False),
    Column("scopes", Text, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("last_used_at", UtcDateTime),
    Column("revoked_at", UtcDateTime),
)

# Sessions that were signed out of before their cookies expired.
ended_session = Table(
    "ended_session",
    metadata,
    Column("id", String, primary_key=True),
    Column("ended_at", UtcDateTime, nullable=False, index=True),
)

Index(
    "ix_invitation_email_open",
    invitation.c.email,
    sqlite_where=invitation.c.accepted_at.is_(None),
    postgresql_where=invitation.c.accepted_at.is_(None),
)
