"""Visits, usage records and closures; a claim may belong to a closure."""

from datetime import datetime

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

ONE_OWNER = (
    "(CASE WHEN booking IS NULL THEN 0 ELSE 1 END)"
    " + (CASE WHEN standing IS NULL THEN 0 ELSE 1 END)"
    " + (CASE WHEN closure IS NULL THEN 0 ELSE 1 END) = 1"
)
CLOSED_BY_CLOSURE = "(kind = 'closed') = (closure IS NOT NULL)"
KEPT = "id, booking, standing, position, pool, kind, units, start_grain, end_grain, taken, released"


def upgrade() -> None:
    _create_closure()
    if op.get_bind().dialect.name == "sqlite":
        _copy_claims()
    else:
        _alter_claims()
    op.create_index(
        "ix_claim_pool_of_closure",
        "claim",
        ["pool"],
        sqlite_where=sa.text("closure IS NOT NULL AND released IS NULL"),
        postgresql_where=sa.text("closure IS NOT NULL AND released IS NULL"),
    )
    op.create_index(
        "ix_booking_end_at_checked_in",
        "booking",
        ["end_at"],
        sqlite_where=sa.text("state = 'checked_in'"),
        postgresql_where=sa.text("state = 'checked_in'"),
    )
    _create_visit()
    op.execute(
        "INSERT INTO visit (booking, arrived_at, arrived_by) "
        "SELECT subject, MIN(at), MIN(actor) FROM audit "
        "WHERE action = 'booking.checked_in' AND subject IN (SELECT id FROM booking) "
        "GROUP BY subject"
    )
    _create_displacement()
    _create_usage_record()
    _create_for_emergencies()


def _moment(name: str, *, nullable: bool = False) -> sa.Column[datetime]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def _booking_of(table: str, column: str = "booking") -> sa.ForeignKeyConstraint:
    name = op.f(f"fk_{table}_{column}_booking")
    return sa.ForeignKeyConstraint([column], ["booking.id"], name=name)


def _create_closure() -> None:
    op.create_table(
        "closure",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("target", sa.String(), nullable=False),
        sa.Column("pools", sa.Text(), nullable=False),
        sa.Column("start_grain", sa.Integer(), nullable=False),
        sa.Column("end_grain", sa.Integer(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        _moment("created_at"),
        sa.Column("created_by", sa.String(), nullable=False),
        _moment("ended_at", nullable=True),
        sa.Column("ended_by", sa.String(), nullable=True),
        sa.CheckConstraint(
            "end_grain IS NULL OR start_grain < end_grain", name=op.f("ck_closure_slot")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_closure")),
    )
    op.create_index(op.f("ix_closure_created_at"), "closure", ["created_at"])


def _alter_claims() -> None:
    op.add_column("claim", sa.Column("closure", sa.String(), nullable=True))
    op.create_foreign_key(op.f("fk_claim_closure_closure"), "claim", "closure", ["closure"], ["id"])
    op.drop_constraint(op.f("ck_claim_one_owner"), "claim", type_="check")
    op.create_check_constraint(op.f("ck_claim_one_owner"), "claim", ONE_OWNER)
    op.create_check_constraint(op.f("ck_claim_closed_by_closure"), "claim", CLOSED_BY_CLOSURE)


def _copy_claims() -> None:
    """SQLite changes no constraint of a table: the claims go into a new one."""
    op.create_table(
        "claim_with_closure",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("booking", sa.String(), nullable=True),
        sa.Column("standing", sa.String(), nullable=True),
        sa.Column("closure", sa.String(), nullable=True),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("pool", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("units", sa.Integer(), nullable=False),
        sa.Column("start_grain", sa.Integer(), nullable=False),
        sa.Column("end_grain", sa.Integer(), nullable=False),
        sa.Column("taken", sa.Integer(), nullable=False),
        sa.Column("released", sa.Integer(), nullable=True),
        sa.CheckConstraint(ONE_OWNER, name=op.f("ck_claim_one_owner")),
        sa.CheckConstraint(CLOSED_BY_CLOSURE, name=op.f("ck_claim_closed_by_closure")),
        sa.CheckConstraint("start_grain < end_grain", name=op.f("ck_claim_slot")),
        sa.CheckConstraint("units > 0", name=op.f("ck_claim_units")),
        sa.ForeignKeyConstraint(["booking"], ["booking.id"], name=op.f("fk_claim_booking_booking")),
        sa.ForeignKeyConstraint(["closure"], ["closure.id"], name=op.f("fk_claim_closure_closure")),
        sa.ForeignKeyConstraint(["pool"], ["pool.id"], name=op.f("fk_claim_pool_pool")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_claim")),
        sqlite_autoincrement=True,
    )
    op.execute(f"INSERT INTO claim_with_closure ({KEPT}) SELECT {KEPT} FROM claim")  # noqa: S608 -- both texts are this file's
    op.drop_table("claim")
    op.rename_table("claim_with_closure", "claim")
    op.create_index(op.f("ix_claim_booking"), "claim", ["booking"])
    op.create_index(op.f("ix_claim_pool_taken"), "claim", ["pool", "taken"])
    for name, columns, where in (
        ("ix_claim_pool_end_grain_current", ["pool", "end_grain"], "released IS NULL"),
        ("ix_claim_end_grain_of_standing", ["end_grain"], "standing IS NOT NULL"),
        ("ix_claim_pool_released", ["pool", "released"], "released IS NOT NULL"),
    ):
        op.create_index(name, "claim", columns, sqlite_where=sa.text(where))


def _create_visit() -> None:
    op.create_table(
        "visit",
        sa.Column("booking", sa.String(), nullable=False),
        _moment("arrived_at"),
        sa.Column("arrived_by", sa.String(), nullable=False),
        _moment("left_at", nullable=True),
        sa.Column("left_by", sa.String(), nullable=True),
        sa.Column("ending", sa.String(), nullable=True),
        sa.CheckConstraint("(left_at IS NULL) = (ending IS NULL)", name=op.f("ck_visit_ended_how")),
        _booking_of("visit"),
        sa.PrimaryKeyConstraint("booking", name=op.f("pk_visit")),
    )
    op.create_table(
        "overrun",
        sa.Column("booking", sa.String(), nullable=False),
        sa.Column("following", sa.String(), nullable=False),
        _moment("told_at"),
        _booking_of("overrun"),
        _booking_of("overrun", "following"),
        sa.PrimaryKeyConstraint("booking", "following", name=op.f("pk_overrun")),
    )
    op.create_index(op.f("ix_overrun_following"), "overrun", ["following"])


def _create_displacement() -> None:
    op.create_table(
        "displacement",
        sa.Column("closure", sa.String(), nullable=False),
        sa.Column("booking", sa.String(), nullable=False),
        sa.Column("before", sa.String(), nullable=False),
        sa.Column("claims", sa.Text(), nullable=False),
        _moment("restored_at", nullable=True),
        sa.ForeignKeyConstraint(
            ["closure"], ["closure.id"], name=op.f("fk_displacement_closure_closure")
        ),
        _booking_of("displacement"),
        sa.PrimaryKeyConstraint("closure", "booking", name=op.f("pk_displacement")),
    )
    op.create_index(op.f("ix_displacement_booking"), "displacement", ["booking"])


def _create_usage_record() -> None:
    op.create_table(
        "usage_record",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("booking", sa.String(), nullable=False),
        sa.Column("organisation", sa.String(), nullable=False),
        sa.Column("vehicle", sa.String(), nullable=True),
        sa.Column("driver", sa.String(), nullable=True),
        sa.Column("resource", sa.String(), nullable=False),
        _moment("started_at"),
        _moment("ended_at"),
        sa.Column("metres", sa.Integer(), nullable=False),
        sa.Column("takeovers", sa.Integer(), nullable=False),
        sa.Column("incident", sa.Boolean(), nullable=False),
        sa.Column("incident_text", sa.Text(), nullable=False),
        _moment("entered_at"),
        sa.Column("entered_by", sa.String(), nullable=False),
        sa.CheckConstraint("started_at < ended_at", name=op.f("ck_usage_record_slot")),
        sa.CheckConstraint("metres >= 0 AND takeovers >= 0", name=op.f("ck_usage_record_counts")),
        _booking_of("usage_record"),
        sa.ForeignKeyConstraint(
            ["organisation"],
            ["organisation.id"],
            name=op.f("fk_usage_record_organisation_organisation"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_usage_record")),
    )
    op.create_index(op.f("ix_usage_record_booking"), "usage_record", ["booking"])
    op.create_index(op.f("ix_usage_record_started_at"), "usage_record", ["started_at"])
    op.create_index(
        op.f("ix_usage_record_organisation_started_at"),
        "usage_record",
        ["organisation", "started_at"],
    )


def _create_for_emergencies() -> None:
    op.create_table(
        "emergency_contact",
        sa.Column("booking", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("phone", sa.String(), nullable=False),
        _moment("saved_at"),
        _booking_of("emergency_contact"),
        sa.PrimaryKeyConstraint("booking", name=op.f("pk_emergency_contact")),
    )
    op.create_table(
        "entry_instruction",
        sa.Column("site", sa.String(), nullable=False),
        sa.Column("text_ko", sa.Text(), nullable=False),
        sa.Column("text_en", sa.Text(), nullable=False),
        _moment("saved_at"),
        sa.Column("saved_by", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("site", name=op.f("pk_entry_instruction")),
    )
