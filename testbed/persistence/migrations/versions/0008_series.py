"""Series and templates."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _series()
    _occurrences()
    _templates()


def _series() -> None:
    op.create_table(
        "series",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("organisation", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation"], ["organisation.id"], name=op.f("fk_series_organisation_organisation")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_series")),
    )
    op.create_index(
        op.f("ix_series_organisation_created_at"), "series", ["organisation", "created_at"]
    )


def _occurrences() -> None:
    op.create_table(
        "occurrence",
        sa.Column("series", sa.String(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("outcome", sa.String(), nullable=False),
        sa.Column("start_grain", sa.Integer(), nullable=False),
        sa.Column("request", sa.String(), nullable=True),
        sa.Column("booking", sa.String(), nullable=True),
        sa.Column("apart", sa.Boolean(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["series"], ["series.id"], name=op.f("fk_occurrence_series_series")
        ),
        sa.ForeignKeyConstraint(
            ["request"], ["request.id"], name=op.f("fk_occurrence_request_request")
        ),
        sa.ForeignKeyConstraint(
            ["booking"], ["booking.id"], name=op.f("fk_occurrence_booking_booking")
        ),
        sa.PrimaryKeyConstraint("series", "day", name=op.f("pk_occurrence")),
    )
    op.create_index(op.f("ix_occurrence_booking"), "occurrence", ["booking"])
    awaited = sa.text("outcome = 'awaited'")
    op.create_index(
        "ix_occurrence_due_at_awaited",
        "occurrence",
        ["due_at"],
        sqlite_where=awaited,
        postgresql_where=awaited,
    )


def _templates() -> None:
    op.create_table(
        "template",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("organisation", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation"],
            ["organisation.id"],
            name=op.f("fk_template_organisation_organisation"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_template")),
        sa.UniqueConstraint("organisation", "name", name=op.f("uq_template_organisation_name")),
    )
