"""Migrations on a database that holds something already."""

import pytest
from alembic import command
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError

from testbed.persistence.engine import open_database
from testbed.persistence.schema import _config, upgrade
from testbed.persistence.tables import claim, member
from testbed.persistence.visit_tables import visit


def test_members_of_the_first_schema_stay_active_and_signed_in(database_url: str) -> None:
    database = open_database(database_url)
    with database.writing() as connection:
        config = _config()
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
        connection.execute(
            text("INSERT INTO organisation VALUES ('o', 'O', 'O', 't', NULL, 's', '[]', '{}')")
        )
        connection.execute(
            text(
                "INSERT INTO member (organisation, email, name, role, password_hash, created_at) "
                "VALUES ('o', 'a@b.org', 'A', 'member', 'x', '2026-03-01 00:00:00+00:00')"
            )
        )
    upgrade(database)
    with database.reading() as connection:
        kept = connection.execute(select(member)).one()
    database.close()
    assert (kept.email, kept.active, kept.session_epoch, kept.language) == (
        "a@b.org",
        True,
        0,
        "ko",
    )


def test_claims_and_check_ins_of_before_closures_are_kept(database_url: str) -> None:
    """Audit rows tell who had come; the claims stand as they stood, and take no second owner."""
    moment = "'2026-03-01 00:00:00+00:00'"
    database = open_database(database_url)
    with database.writing() as connection:
        config = _config()
        config.attributes["connection"] = connection
        command.upgrade(config, "0009")
        for statement in (
            "INSERT INTO organisation VALUES ('o', 'O', 'O', 't', NULL, 's', '[]', '{}')",
            "INSERT INTO pool (id, capacity) VALUES ('p', 2)",
            "INSERT INTO request (id, organisation, actor, submitted_at, status, document, "
            f"decision) VALUES ('r', 'o', 'system', {moment}, 'granted', '{{}}', '{{}}')",
            "INSERT INTO booking (id, request, organisation, state, start_at, end_at, rule, week, "
            f"counted, late, version) VALUES ('b', 'r', 'o', 'checked_in', {moment}, {moment}, "
            "'x', 202609, 4, false, 1)",
            "INSERT INTO claim (booking, position, pool, kind, units, start_grain, end_grain, "
            "taken) VALUES ('b', 0, 'p', 'use', 1, 10, 14, 0)",
            "INSERT INTO claim (standing, position, pool, kind, units, start_grain, end_grain, "
            "taken) VALUES ('s', 0, 'p', 'use', 1, 20, 24, 0)",
            "INSERT INTO audit (at, actor, action, subject, document) "
            f"VALUES ({moment}, 'member:7', 'booking.checked_in', 'b', '{{}}')",
        ):
            connection.execute(text(statement))
    upgrade(database)
    with database.reading() as connection:
        claims = connection.execute(select(claim.c.id, claim.c.booking, claim.c.standing)).all()
        [came] = connection.execute(select(visit)).all()
    assert [tuple(each) for each in claims] == [(1, "b", None), (2, None, "s")]
    assert (came.booking, came.arrived_by, came.left_at) == ("b", "member:7", None)
    with pytest.raises(IntegrityError, match="one_owner"), database.writing() as connection:
        connection.execute(text("UPDATE claim SET standing = 's'"))
    database.close()
