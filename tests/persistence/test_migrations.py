"""Migrations on a database that holds something already."""

from alembic import command
from sqlalchemy import select, text

from testbed.persistence.engine import open_database
from testbed.persistence.schema import _config, upgrade
from testbed.persistence.tables import member


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
