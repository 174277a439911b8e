"""Find what was cancelled lately; keep who confirmed a booking of a series again, and when."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(
        "ix_booking_start_at_cancelled",
        "booking",
        ["start_at"],
        sqlite_where=sa.text("state = 'cancelled'"),
        postgresql_where=sa.text("state = 'cancelled'"),
    )
    op.create_table(
        "reconfirmation",
        sa.Column("booking", sa.String(), nullable=False),
        sa.Column("start_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("confirmed_at", sa.DateTime(timezone=True)),
        sa.Column("confirmed_by", sa.String()),
        sa.ForeignKeyConstraint(
            ["booking"], ["booking.id"], name=op.f("fk_reconfirmation_booking_booking")
        ),
        sa.PrimaryKeyConstraint("booking", "start_at", name=op.f("pk_reconfirmation")),
    )
    op.create_index(
        "ix_reconfirmation_due_at_open",
        "reconfirmation",
        ["due_at"],
        sqlite_where=sa.text("confirmed_at IS NULL"),
        postgresql_where=sa.text("confirmed_at IS NULL"),
    )
