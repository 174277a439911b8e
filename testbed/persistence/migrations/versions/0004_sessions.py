"""Sessions that were signed out of, and when a member last signed in."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("member", sa.Column("signed_in_at", sa.DateTime(timezone=True), nullable=True))
    op.create_table(
        "ended_session",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ended_session")),
    )
    op.create_index("ix_ended_session_ended_at", "ended_session", ["ended_at"])
