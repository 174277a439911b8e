"""Opening databases: what SQLite is told, and which addresses are refused."""

from pathlib import Path

import pytest
from sqlalchemy import text

from testbed.domain.errors import InvalidRequest, Stale
from testbed.persistence import engine
from testbed.persistence.engine import open_database


@pytest.mark.parametrize(
    "url", ["nonsense", "mysql://host/db", "sqlite://", "sqlite:///:memory:", "postgresql://h/d"]
)
def test_an_address_that_is_none_of_ours_is_refused(url: str) -> None:
    with pytest.raises(InvalidRequest, match="bad_database_url"):
        open_database(url)


def test_a_refused_address_does_not_show_its_password() -> None:
    with pytest.raises(InvalidRequest) as caught:
        open_database("mysql://user:secret@host/db")
    assert "secret" not in str(caught.value)


def test_an_unknown_synchronous_level_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidRequest, match="bad_synchronous"):
        open_database(f"sqlite:///{tmp_path / 'a.db'}", synchronous="OFF")


@pytest.mark.parametrize(("level", "number"), [("FULL", 2), ("NORMAL", 1)])
def test_sqlite_is_told_how_to_keep_what_was_committed(
    tmp_path: Path, level: str, number: int
) -> None:
    database = open_database(f"sqlite:///{tmp_path / 'new' / 'a.db'}", synchronous=level)
    with database.reading() as connection:
        asked = ("synchronous", "journal_mode", "foreign_keys")
        told = [connection.execute(text(f"PRAGMA {each}")).scalar() for each in asked]
    assert told == [number, "wal", 1]
    database.close()


def test_a_sqlite_writer_holds_the_lock_from_its_start_and_a_second_hears_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "BUSY_SECONDS", 0.01)
    url = f"sqlite:///{tmp_path / 'a.db'}"
    one, other = open_database(url), open_database(url)
    with one.writing(), pytest.raises(Stale, match="database_busy"), other.writing():
        pass
    one.close()
    other.close()


def test_a_reader_sees_one_snapshot_while_another_writes(tmp_path: Path) -> None:
    database = open_database(f"sqlite:///{tmp_path / 'a.db'}")
    with database.writing() as connection:
        connection.execute(text("CREATE TABLE t (n INTEGER)"))
    count = text("SELECT count(*) FROM t")
    with database.reading() as reader:
        before = reader.execute(count).scalar()
        with database.writing() as writer:
            writer.execute(text("INSERT INTO t VALUES (1)"))
        assert reader.execute(count).scalar() == before
    database.close()
