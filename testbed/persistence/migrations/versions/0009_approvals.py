"""Approvals by several parties."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("booking", sa.Column("silence", sa.String(), nullable=True))
    pending = sa.text("state = 'pending'")
    op.create_index(
        "ix_booking_expires_at_pending",
        "booking",
        ["expires_at"],
        sqlite_where=pending,
        postgresql_where=pending,
    )
    _create_approval()


def _create_approval() -> None:
    op.create_table(
        "approval",
        sa.Column("booking", sa.String(), nullable=False),
        sa.Column("round", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("party", sa.String(), nullable=False),
        sa.Column("organisation", sa.String(), nullable=True),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("deadline", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answer", sa.String(), nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("answered_by", sa.Integer(), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("stands_in", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.CheckConstraint(
            "party IN ('operator', 'city', 'road_authority')", name=op.f("ck_approval_party")
        ),
        sa.CheckConstraint("answer IN ('accepted', 'rejected')", name=op.f("ck_approval_answer")),
        sa.CheckConstraint("answer <> 'rejected' OR text <> ''", name=op.f("ck_approval_reason")),
        sa.CheckConstraint(
            "(answer IS NULL) = (answered_at IS NULL)", name=op.f("ck_approval_answered")
        ),
        sa.ForeignKeyConstraint(
            ["booking"], ["booking.id"], name=op.f("fk_approval_booking_booking")
        ),
        sa.ForeignKeyConstraint(
            ["organisation"],
            ["organisation.id"],
            name=op.f("fk_approval_organisation_organisation"),
        ),
        sa.ForeignKeyConstraint(
            ["answered_by"], ["member.id"], name=op.f("fk_approval_answered_by_member")
        ),
        sa.PrimaryKeyConstraint("booking", "round", "party", name=op.f("pk_approval")),
    )
    op.create_index("ix_approval_organisation", "approval", ["organisation"])
    op.create_index(
        "ix_approval_deadline_open",
        "approval",
        ["deadline"],
        sqlite_where=sa.text("answer IS NULL"),
        postgresql_where=sa.text("answer IS NULL"),
    )
