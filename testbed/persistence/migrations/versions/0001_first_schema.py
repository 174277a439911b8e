"""The first schema: catalogue, parties, requests, bookings, claims, the guard, and the records."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    _create_audit()
    _create_catalogue_version()
    _create_horizon()
    _create_idempotency()
    _create_organisation()
    _create_outbox()
    _create_pool()
    _create_member()
    _create_occupancy()
    _create_request()
    _create_booking()
    _create_claim()
    _create_line()
    _make_audit_append_only()


def _create_audit() -> None:
    op.create_table(
        "audit",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("action", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_audit_subject"), "audit", ["subject"], unique=False)


def _create_catalogue_version() -> None:
    op.create_table(
        "catalogue_version",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("imported_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("imported_by", sa.String(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_catalogue_version")),
        sqlite_autoincrement=True,
    )


def _create_horizon() -> None:
    op.create_table(
        "horizon",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("standing_until", sa.Integer(), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_horizon_one_row")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_horizon")),
    )


def _create_idempotency() -> None:
    op.create_table(
        "idempotency",
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("response", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("actor", "key", name=op.f("pk_idempotency")),
    )
    op.create_index(op.f("ix_idempotency_at"), "idempotency", ["at"], unique=False)


def _create_organisation() -> None:
    op.create_table(
        "organisation",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("name_en", sa.String(), nullable=False),
        sa.Column("name_ko", sa.String(), nullable=False),
        sa.Column("type", sa.String(), nullable=False),
        sa.Column("city", sa.String(), nullable=True),
        sa.Column("sector", sa.String(), nullable=False),
        sa.Column("roles", sa.Text(), nullable=False),
        sa.Column("provenance", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_organisation")),
    )


def _create_outbox() -> None:
    op.create_table(
        "outbox",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("delivered_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox")),
        sqlite_autoincrement=True,
    )


def _create_pool() -> None:
    op.create_table(
        "pool",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("capacity", sa.Integer(), nullable=False),
        sa.Column("revision", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.CheckConstraint("capacity >= 0", name=op.f("ck_pool_capacity")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pool")),
    )


def _create_member() -> None:
    op.create_table(
        "member",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("organisation", sa.String(), nullable=False),
        sa.Column("email", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("password_hash", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation"], ["organisation.id"], name=op.f("fk_member_organisation_organisation")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_member")),
        sa.UniqueConstraint("email", name=op.f("uq_member_email")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_member_organisation"), "member", ["organisation"], unique=False)


def _create_occupancy() -> None:
    op.create_table(
        "occupancy",
        sa.Column("pool", sa.String(), nullable=False),
        sa.Column("grain", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("used", sa.Integer(), nullable=False),
        sa.Column("blocked", sa.Integer(), nullable=False),
        sa.Column("closed", sa.Integer(), nullable=False),
        sa.Column("capacity", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "used + closed <= capacity AND (used = 0 OR blocked = 0)",
            name=op.f("ck_occupancy_within_capacity"),
        ),
        sa.CheckConstraint(
            "used >= 0 AND blocked >= 0 AND closed >= 0", name=op.f("ck_occupancy_counts")
        ),
        sa.ForeignKeyConstraint(["pool"], ["pool.id"], name=op.f("fk_occupancy_pool_pool")),
        sa.PrimaryKeyConstraint("pool", "grain", name=op.f("pk_occupancy")),
        sqlite_with_rowid=False,
    )


def _create_request() -> None:
    op.create_table(
        "request",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("organisation", sa.String(), nullable=False),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("decision", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation"], ["organisation.id"], name=op.f("fk_request_organisation_organisation")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_request")),
    )
    op.create_index(op.f("ix_request_organisation"), "request", ["organisation"], unique=False)
    op.create_index(op.f("ix_request_submitted_at"), "request", ["submitted_at"], unique=False)


def _create_booking() -> None:
    op.create_table(
        "booking",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("request", sa.String(), nullable=False),
        sa.Column("organisation", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("start_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("end_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("rule", sa.String(), nullable=False),
        sa.Column("week", sa.Integer(), nullable=False),
        sa.Column("counted", sa.Integer(), nullable=False),
        sa.Column("late", sa.Boolean(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("counted >= 0", name=op.f("ck_booking_counted")),
        sa.ForeignKeyConstraint(
            ["organisation"], ["organisation.id"], name=op.f("fk_booking_organisation_organisation")
        ),
        sa.ForeignKeyConstraint(
            ["request"], ["request.id"], name=op.f("fk_booking_request_request")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_booking")),
    )
    op.create_index(
        "ix_booking_expires_at_held",
        "booking",
        ["expires_at"],
        unique=False,
        sqlite_where=sa.text("state = 'held'"),
        postgresql_where=sa.text("state = 'held'"),
    )
    op.create_index(
        op.f("ix_booking_organisation_start_at"),
        "booking",
        ["organisation", "start_at"],
        unique=False,
    )
    op.create_index(
        op.f("ix_booking_organisation_week"), "booking", ["organisation", "week"], unique=False
    )


def _create_claim() -> None:
    op.create_table(
        "claim",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("booking", sa.String(), nullable=True),
        sa.Column("standing", sa.String(), nullable=True),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("pool", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("units", sa.Integer(), nullable=False),
        sa.Column("start_grain", sa.Integer(), nullable=False),
        sa.Column("end_grain", sa.Integer(), nullable=False),
        sa.Column("taken", sa.Integer(), nullable=False),
        sa.Column("released", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "(booking IS NULL) <> (standing IS NULL)", name=op.f("ck_claim_one_owner")
        ),
        sa.CheckConstraint("start_grain < end_grain", name=op.f("ck_claim_slot")),
        sa.CheckConstraint("units > 0", name=op.f("ck_claim_units")),
        sa.ForeignKeyConstraint(["booking"], ["booking.id"], name=op.f("fk_claim_booking_booking")),
        sa.ForeignKeyConstraint(["pool"], ["pool.id"], name=op.f("fk_claim_pool_pool")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_claim")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_claim_booking"), "claim", ["booking"], unique=False)
    op.create_index(
        "ix_claim_pool_end_grain_current",
        "claim",
        ["pool", "end_grain"],
        unique=False,
        sqlite_where=sa.text("released IS NULL"),
        postgresql_where=sa.text("released IS NULL"),
    )
    op.create_index(
        "ix_claim_end_grain_of_standing",
        "claim",
        ["end_grain"],
        unique=False,
        sqlite_where=sa.text("standing IS NOT NULL"),
        postgresql_where=sa.text("standing IS NOT NULL"),
    )
    op.create_index(
        "ix_claim_pool_released",
        "claim",
        ["pool", "released"],
        unique=False,
        sqlite_where=sa.text("released IS NOT NULL"),
        postgresql_where=sa.text("released IS NOT NULL"),
    )
    op.create_index(op.f("ix_claim_pool_taken"), "claim", ["pool", "taken"], unique=False)


def _create_line() -> None:
    op.create_table(
        "line",
        sa.Column("booking", sa.String(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("resource", sa.String(), nullable=False),
        sa.Column("start_grain", sa.Integer(), nullable=False),
        sa.Column("end_grain", sa.Integer(), nullable=False),
        sa.Column("units", sa.Integer(), nullable=False),
        sa.Column("vehicles", sa.Integer(), nullable=False),
        sa.Column("mode", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["booking"], ["booking.id"], name=op.f("fk_line_booking_booking")),
        sa.PrimaryKeyConstraint("booking", "position", name=op.f("pk_line")),
    )
    op.create_index(op.f("ix_line_start_grain"), "line", ["start_grain"], unique=False)


def _make_audit_append_only() -> None:
    if op.get_bind().dialect.name == "sqlite":
        for verb in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER audit_no_{verb.lower()} BEFORE {verb} ON audit "
                "BEGIN SELECT RAISE(ABORT, 'audit is append only'); END"
            )
        return
    op.execute(
        "CREATE FUNCTION audit_append_only() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'audit is append only'; END $$"
    )
    op.execute(
        "CREATE TRIGGER audit_append_only BEFORE UPDATE OR DELETE ON audit "
        "FOR EACH ROW EXECUTE FUNCTION audit_append_only()"
    )
