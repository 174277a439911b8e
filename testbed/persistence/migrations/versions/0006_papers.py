"""Vehicles, drivers and papers, and who is named on a booking."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _create_fleet()
    _create_vehicle()
    _create_driver()
    _create_paper()
    _create_beside_paper()
    _create_crew("vehicle")
    _create_crew("driver")


def _moment(name: str, *, nullable: bool = False) -> sa.Column[Any]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def _text(name: str, *, nullable: bool = False) -> sa.Column[Any]:
    return sa.Column(name, sa.String(), nullable=nullable)


def _refers(table: str, column: str, other: str) -> sa.ForeignKeyConstraint:
    name = op.f(f"fk_{table}_{column}_{other}")
    return sa.ForeignKeyConstraint([column], [f"{other}.id"], name=name)


def _create_fleet() -> None:
    op.create_table(
        "fleet",
        _text("organisation"),
        _text("revision"),
        _refers("fleet", "organisation", "organisation"),
        sa.PrimaryKeyConstraint("organisation", name=op.f("pk_fleet")),
    )


def _create_vehicle() -> None:
    op.create_table(
        "vehicle",
        _text("id"),
        _text("organisation"),
        _text("name"),
        _text("plate"),
        _text("type"),
        sa.Column("sae_level", sa.Integer(), nullable=False),
        _moment("entered_at"),
        _moment("retired_at", nullable=True),
        sa.CheckConstraint("type IN ('A', 'B', 'C')", name=op.f("ck_vehicle_type")),
        sa.CheckConstraint("sae_level BETWEEN 0 AND 5", name=op.f("ck_vehicle_sae_level")),
        _refers("vehicle", "organisation", "organisation"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_vehicle")),
    )
    op.create_index("ix_vehicle_organisation", "vehicle", ["organisation"])


def _create_driver() -> None:
    op.create_table(
        "driver",
        _text("id"),
        _text("organisation"),
        _text("name"),
        _text("contact"),
        _moment("entered_at"),
        _moment("retired_at", nullable=True),
        _refers("driver", "organisation", "organisation"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_driver")),
    )
    op.create_index("ix_driver_organisation", "driver", ["organisation"])


def _create_paper() -> None:
    op.create_table(
        "paper",
        _text("id"),
        _text("organisation"),
        _text("kind"),
        _text("vehicle", nullable=True),
        _text("driver", nullable=True),
        _text("site", nullable=True),
        sa.Column("covers", sa.Text(), nullable=False),
        _text("number"),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_until", sa.Date(), nullable=False),
        _text("state"),
        sa.Column("why", sa.Text(), nullable=False),
        _moment("entered_at"),
        _moment("decided_at", nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("valid_from <= valid_until", name=op.f("ck_paper_days")),
        sa.CheckConstraint(
            "state IN ('waiting', 'accepted', 'rejected', 'withdrawn')", name=op.f("ck_paper_state")
        ),
        _refers("paper", "organisation", "organisation"),
        _refers("paper", "vehicle", "vehicle"),
        _refers("paper", "driver", "driver"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_paper")),
    )
    op.create_index("ix_paper_organisation", "paper", ["organisation"])
    for column, state in (("valid_until", "accepted"), ("entered_at", "waiting")):
        where = sa.text(f"state = '{state}'")
        name = f"ix_paper_{column}_{state}"
        op.create_index(name, "paper", [column], sqlite_where=where, postgresql_where=where)


def _create_beside_paper() -> None:
    op.create_table(
        "paper_document",
        _text("paper"),
        _text("name"),
        _text("media_type"),
        _text("digest"),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        _moment("uploaded_at"),
        _refers("paper_document", "paper", "paper"),
        sa.PrimaryKeyConstraint("paper", name=op.f("pk_paper_document")),
    )
    op.create_table(
        "paper_warning",
        _text("paper"),
        sa.Column("valid_until", sa.Date(), nullable=False),
        sa.Column("days", sa.Integer(), autoincrement=False, nullable=False),
        _moment("told_at"),
        _refers("paper_warning", "paper", "paper"),
        sa.PrimaryKeyConstraint("paper", "valid_until", "days", name=op.f("pk_paper_warning")),
    )


def _create_crew(what: str) -> None:
    table = f"crew_{what}"
    op.create_table(
        table,
        _text("booking"),
        _text(what),
        _refers(table, "booking", "booking"),
        _refers(table, what, what),
        sa.PrimaryKeyConstraint("booking", what, name=op.f(f"pk_{table}")),
    )
    op.create_index(f"ix_{table}_{what}", table, [what])
