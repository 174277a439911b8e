"""The waitlist."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "waitlist",
        sa.Column("request", sa.String(), nullable=False),
        sa.Column("organisation", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("latest_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("booking", sa.String(), nullable=True),
        sa.Column("passed", sa.Text(), nullable=False),
        sa.Column("unanswered", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("request", name=op.f("pk_waitlist")),
        sa.ForeignKeyConstraint(
            ["request"], ["request.id"], name=op.f("fk_waitlist_request_request")
        ),
        sa.ForeignKeyConstraint(
            ["organisation"],
            ["organisation.id"],
            name=op.f("fk_waitlist_organisation_organisation"),
        ),
        sa.ForeignKeyConstraint(
            ["booking"], ["booking.id"], name=op.f("fk_waitlist_booking_booking")
        ),
    )
    op.create_index("ix_waitlist_organisation", "waitlist", ["organisation"])
    op.create_index("ix_waitlist_booking", "waitlist", ["booking"])
    op.create_index(
        "ix_waitlist_latest_at_offered",
        "waitlist",
        ["latest_at"],
        sqlite_where=sa.text("state = 'offered'"),
        postgresql_where=sa.text("state = 'offered'"),
    )
    op.create_index(
        "ix_waitlist_latest_at_waiting",
        "waitlist",
        ["latest_at"],
        sqlite_where=sa.text("state = 'waiting'"),
        postgresql_where=sa.text("state = 'waiting'"),
    )
