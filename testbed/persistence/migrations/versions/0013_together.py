"""Joint bookings, rivals and hand-overs."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "booking",
        sa.Column("forfeited", sa.Integer(), server_default=sa.text("0"), nullable=False),
    )
    _create_partner()
    _create_handover()
    _create_apart()
    _create_sharing()
    _create_booked_for()


def _create_partner() -> None:
    op.create_table(
        "partner",
        sa.Column("booking", sa.String(), nullable=False),
        sa.Column("organisation", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("vehicles", sa.Integer(), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True)),
        sa.CheckConstraint(
            "state IN ('invited', 'accepted', 'declined', 'left')", name=op.f("ck_partner_state")
        ),
        sa.CheckConstraint("vehicles >= 0", name=op.f("ck_partner_vehicles")),
        sa.ForeignKeyConstraint(
            ["booking"], ["booking.id"], name=op.f("fk_partner_booking_booking")
        ),
        _organisation("partner", "organisation"),
        sa.PrimaryKeyConstraint("booking", "organisation", name=op.f("pk_partner")),
    )
    op.create_index("ix_partner_organisation", "partner", ["organisation"])


def _create_handover() -> None:
    op.create_table(
        "handover",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("booking", sa.String(), nullable=False),
        sa.Column("giver", sa.String(), nullable=False),
        sa.Column("receiver", sa.String(), nullable=False),
        sa.Column("resource", sa.String(), nullable=False),
        sa.Column("start_grain", sa.Integer(), nullable=False),
        sa.Column("end_grain", sa.Integer(), nullable=False),
        sa.Column("offered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("offered_by", sa.String(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True)),
        sa.Column("answered_by", sa.String()),
        sa.CheckConstraint(
            "state IN ('offered', 'accepted', 'declined', 'withdrawn')",
            name=op.f("ck_handover_state"),
        ),
        sa.CheckConstraint("giver <> receiver", name=op.f("ck_handover_to_another")),
        sa.ForeignKeyConstraint(
            ["booking"], ["booking.id"], name=op.f("fk_handover_booking_booking")
        ),
        _organisation("handover", "giver"),
        _organisation("handover", "receiver"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_handover")),
    )
    op.create_index("ix_handover_giver", "handover", ["giver"])
    op.create_index("ix_handover_receiver", "handover", ["receiver"])
    op.create_index(
        "ix_handover_booking_offered",
        "handover",
        ["booking"],
        unique=True,
        sqlite_where=sa.text("state = 'offered'"),
        postgresql_where=sa.text("state = 'offered'"),
    )


def _create_apart() -> None:
    op.create_table(
        "apart",
        sa.Column("organisation", sa.String(), nullable=False),
        sa.Column("rival", sa.String(), nullable=False),
        sa.CheckConstraint("organisation <> rival", name=op.f("ck_apart_another")),
        _organisation("apart", "organisation"),
        _organisation("apart", "rival"),
        sa.PrimaryKeyConstraint("organisation", "rival", name=op.f("pk_apart")),
    )
    op.create_index("ix_apart_rival", "apart", ["rival"])


def _create_sharing() -> None:
    op.create_table(
        "sharing",
        sa.Column("organisation", sa.String(), nullable=False),
        sa.Column("shows_name", sa.Boolean(), nullable=False),
        _organisation("sharing", "organisation"),
        sa.PrimaryKeyConstraint("organisation", name=op.f("pk_sharing")),
    )


def _create_booked_for() -> None:
    op.create_table(
        "booked_for",
        sa.Column("request", sa.String(), nullable=False),
        sa.Column("member", sa.Integer(), nullable=False),
        sa.Column("operator", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["request"], ["request.id"], name=op.f("fk_booked_for_request_request")
        ),
        sa.ForeignKeyConstraint(
            ["member"], ["member.id"], name=op.f("fk_booked_for_member_member")
        ),
        sa.PrimaryKeyConstraint("request", name=op.f("pk_booked_for")),
    )


def _organisation(table: str, column: str) -> sa.ForeignKeyConstraint:
    """A column that names an organisation."""
    name = op.f(f"fk_{table}_{column}_organisation")
    return sa.ForeignKeyConstraint([column], ["organisation.id"], name=name)
