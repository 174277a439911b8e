"""The schema: one description in the tables, one in the migrations, and they agree."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import CheckConstraint, Table, insert, inspect, select, text, update
from sqlalchemy.exc import DBAPIError

from testbed.domain.errors import InvalidRequest
from testbed.persistence import tables
from testbed.persistence.engine import Database, open_database
from testbed.persistence.schema import require_current, upgrade


def test_the_migrations_make_exactly_the_tables(database: Database) -> None:
    with database.reading() as connection:
        context = MigrationContext.configure(connection)
        assert compare_metadata(context, tables.metadata) == []


def test_the_migrations_make_every_check_of_the_tables(database: Database) -> None:
    with database.reading() as connection:
        inspector = inspect(connection)
        made = {
            (name, check["name"])
            for name in tables.metadata.tables
            for check in inspector.get_check_constraints(name)
        }
    assert made == {
        (name, f"ck_{name}_{check}")
        for name, table in tables.metadata.tables.items()
        for check in _checks(table)
    }


def _checks(table: Table) -> set[str]:
    prefix = f"ck_{table.name}_"
    return {
        str(each.name).removeprefix(prefix)
        for each in table.constraints
        if isinstance(each, CheckConstraint)
    }


def test_an_upgrade_twice_changes_nothing(database: Database) -> None:
    assert upgrade(database) == upgrade(database)


def test_a_newer_schema_than_the_code_is_refused(database: Database) -> None:
    with database.writing() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    for step in (upgrade, require_current):
        with pytest.raises(InvalidRequest, match="schema_newer"):
            step(database)


def test_an_empty_database_is_not_served(database_url: str) -> None:
    empty = open_database(database_url)
    with pytest.raises(InvalidRequest, match="schema_older"):
        require_current(empty)
    empty.close()


def test_audit_rows_can_neither_change_nor_go(database: Database) -> None:
    row = {"at": datetime(2026, 1, 1, tzinfo=UTC), "actor": "a", "action": "b", "subject": "c"}
    with database.writing() as connection:
        connection.execute(insert(tables.audit).values(**row, document="{}"))
    for statement in (update(tables.audit).values(actor="x"), tables.audit.delete()):
        with pytest.raises(DBAPIError, match="append only"), database.writing() as connection:
            connection.execute(statement)


def test_a_moment_is_kept_to_the_microsecond_and_comes_back_in_utc(database: Database) -> None:
    seoul = timezone(timedelta(hours=9))
    moment = datetime(2026, 3, 1, 8, 59, 59, 123456, tzinfo=seoul)
    with database.writing() as connection:
        connection.execute(
            insert(tables.outbox).values(at=moment, kind="k", subject="s", document="{}")
        )
    with database.reading() as connection:
        kept = connection.execute(select(tables.outbox.c.at)).scalar_one()
    assert kept == moment
    assert kept.tzinfo is UTC


def test_a_naive_moment_is_refused(database: Database) -> None:
    naive = datetime(2026, 3, 1)  # noqa: DTZ001 -- what the test is about
    with pytest.raises(Exception, match="naive_time"), database.writing() as connection:
        connection.execute(
            insert(tables.outbox).values(at=naive, kind="k", subject="s", document="{}")
        )
