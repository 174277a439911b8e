"""The tables of jobs: who leads, what ran, mails on their way, reminders, and experiments."""

from sqlalchemy import (
    BigInteger,
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

# `epoch` grows with every change of the holder; what an older epoch left unfinished is dead.
lease = Table(
    "lease",
    metadata,
    Column("name", String, primary_key=True),
    Column("holder", String, nullable=False),
    Column("epoch", Integer, nullable=False),
    Column("expires_at", UtcDateTime, nullable=False),
)

# One row per job and tick (whole periods since 1970): whoever writes it runs the job, nobody else.
job_run = Table(
    "job_run",
    metadata,
    Column("job", String, primary_key=True),
    Column("tick", BigInteger, primary_key=True, autoincrement=False),
    Column("epoch", Integer, nullable=False),
    Column("holder", String, nullable=False),
    Column("started_at", UtcDateTime, nullable=False, index=True),
    Column("finished_at", UtcDateTime),
    Column("outcome", String, nullable=False),
    Column("note", Text, nullable=False),
)

# `key` names what the mail is about and for whom, so that nothing is written twice. `fields` (JSON)
# may hold a secret link; it is emptied when the mail has gone or been given up.
mail = Table(
    "mail",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("key", String, nullable=False, unique=True),
    Column("kind", String, nullable=False),
    Column("recipient", String, nullable=False),
    Column("language", String, nullable=False),
    Column("fields", Text, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("next_attempt_at", UtcDateTime),
    Column("sent_at", UtcDateTime),
    Column("given_up_at", UtcDateTime),
    Column("last_error", String),
    CheckConstraint("attempts >= 0", name="attempts"),
    sqlite_autoincrement=True,
)
Index(
    "ix_mail_next_attempt_at_due",
    mail.c.next_attempt_at,
    sqlite_where=mail.c.next_attempt_at.is_not(None),
    postgresql_where=mail.c.next_attempt_at.is_not(None),
)

# `estimate` (what is known so far) and `result` are JSON; `attempts` counts how often it was begun.
experiment = Table(
    "experiment",
    metadata,
    Column("id", String, primary_key=True),
    Column("owner", ForeignKey("member.id"), nullable=False, index=True),
    Column("name", String, nullable=False),
    Column("scenario", Text, nullable=False),
    Column("status", String, nullable=False),
    Column("done", Integer, nullable=False),
    Column("total", Integer),
    Column("estimate", Text),
    Column("result", Text),
    Column("error", Text),
    Column("worker", String),
    Column("heartbeat_at", UtcDateTime),
    Column("attempts", Integer, nullable=False),
    Column("cancel_asked_at", UtcDateTime),
    Column("created_at", UtcDateTime, nullable=False, index=True),
    Column("started_at", UtcDateTime),
    Column("finished_at", UtcDateTime),
    CheckConstraint("done >= 0", name="done"),
    CheckConstraint(
        "status IN ('queued', 'running', 'done', 'failed', 'cancelled')", name="status"
    ),
)
Index(
    "ix_experiment_created_at_open",
    experiment.c.created_at,
    sqlite_where=experiment.c.finished_at.is_(None),
    postgresql_where=experiment.c.finished_at.is_(None),
)

experiment_row = Table(
    "experiment_row",
    metadata,
    Column("experiment", ForeignKey("experiment.id"), primary_key=True),
    Column("replication", Integer, primary_key=True, autoincrement=False),
    Column("row", Text, nullable=False),
)
