"""The command line, from an empty database to a day's schedule."""

import json
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from testbed import clock
from testbed.cli import main
from testbed.persistence.engine import open_database
from tests.catalogues import NOW, documents, entry

Run = Callable[..., Result]

WISH = ("rt-s", "--for", "org-a", "--start", "2026-03-16T10:00+09:00", "--flex-days", "0")


@pytest.fixture
def files(tmp_path: Path) -> Path:
    """A folder with the small catalogue as an export."""
    (tmp_path / "catalogue.json").write_text(json.dumps(documents()), encoding="utf-8")
    return tmp_path


@pytest.fixture
def run(files: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs `testbed` on a database of its own at `NOW`, in the folder of the files."""
    monkeypatch.chdir(files)
    monkeypatch.setenv("TESTBED_DATABASE_URL", f"sqlite:///{files / 'test.db'}")
    monkeypatch.setattr(clock, "now", lambda: NOW)
    monkeypatch.setenv("COLUMNS", "160")
    return lambda *arguments, **options: CliRunner().invoke(main, list(arguments), **options)


@pytest.fixture
def ready(run: Run) -> Run:
    """The same, with the schema and the catalogue in place."""
    for step in (("db", "upgrade"), ("catalogue", "import", "catalogue.json")):
        assert run(*step).exit_code == 0
    return run


def one_of(result: Result, word: str) -> str:
    """The first word of the first line that has `word` as its second."""
    lines = [line.split() for line in result.output.splitlines()]
    return next(line[0] for line in lines if line[1:2] == [word])


def test_from_an_empty_machine_to_a_confirmed_booking_and_back(ready: Run) -> None:
    found = ready("search", *WISH)
    assert (found.exit_code, "Mon 2026-03-16 10:00-12:00 KST" in found.output) == (0, True)
    booked = ready("book", *WISH)
    assert booked.exit_code == 0
    booking = one_of(booked, "is")
    assert "Mon 2026-03-02 09:30 KST" in booked.output
    assert ready("confirm", booking).output == f"{booking} is confirmed.\n"
    listed = ready("schedule", "--day", "2026-03-16")
    assert booking in listed.output
    assert "Bus" in listed.output
    assert ready("cancel", booking).output == f"{booking} is cancelled.\n"
    assert booking not in ready("schedule", "--day", "2026-03-16").output
    assert ready("db", "check").exit_code == 0


def test_booking_may_confirm_at_once(ready: Run) -> None:
    assert "is confirmed." in ready("book", *WISH, "--confirm").output


def test_a_start_local_to_a_named_zone_is_the_same_moment(ready: Run) -> None:
    local = [*WISH[:4], "2026-03-16T10:00", *WISH[5:], "--zone", "Asia/Seoul", "--json"]
    found = ready("search", *local)
    assert json.loads(found.output) == json.loads(ready("search", *WISH, "--json").output)
    assert json.loads(found.output)["offers"][0]["lines"][0][0] == "rt-s"


@pytest.mark.parametrize(
    ("start", "said"),
    [
        ("2026-03-16T10:00", "names no time zone"),
        ("2026-03-16T10:07+09:00", "15"),
        ("next week", "next week"),
    ],
)
def test_a_start_that_is_no_grain_is_a_plain_line(ready: Run, start: str, said: str) -> None:
    result = ready("search", *WISH[:4], start)
    assert result.exit_code == 1
    assert result.output.startswith("Error: ")
    assert said in result.output
    assert len(result.output.splitlines()) == 1


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("rt-nowhere", *WISH[1:]), "rt-nowhere"),
        ((*WISH, "--city", "atlantis"), "atlantis"),
        ((*WISH[:2], "org-z", *WISH[3:]), "org-z"),
        ((*WISH[:4], "2026-03-16T10:00", "--zone", "Mars/Base"), "Mars/Base"),
        (("--odd", "lans_min=2", *WISH[1:]), "lans_min"),
        (("--odd", "lanes=many", *WISH[1:]), "lanes"),
        (("--odd", "lanes", *WISH[1:]), "lanes"),
    ],
)
def test_what_the_catalogue_does_not_know_is_named(
    ready: Run, arguments: tuple[str, ...], said: str
) -> None:
    result = ready("search", *arguments)
    assert result.exit_code == 1
    assert said in result.output
    assert "Traceback" not in result.output


def test_a_route_is_found_by_what_it_offers(ready: Run) -> None:
    found = ready("search", "--odd", "lanes_min=4", *WISH[1:], "--json")
    assert [offer["lines"][0][0] for offer in json.loads(found.output)["offers"]] == ["rt-a2"]


def test_what_is_asked_for_beside_it_comes_with_it(ready: Run) -> None:
    found = ready("search", *WISH, "--also", "workshop", "--json")
    assert len(json.loads(found.output)["offers"][0]["lines"]) == 2


@pytest.mark.parametrize(
    ("start", "reason"),
    [
        ("2026-03-16T03:00+09:00", "not open"),
        ("2026-03-01T10:00+09:00", "already passed"),
        ("2026-03-02T12:00+09:00", "days ahead"),
    ],
)
def test_a_refusal_gives_its_reasons_and_exit_code_1(ready: Run, start: str, reason: str) -> None:
    result = ready("book", *WISH[:4], start, "--flex-days", "0")
    assert result.exit_code == 1
    assert reason in result.output
    assert "held" not in result.output


def test_a_search_without_an_answer_says_why_and_what_lies_near(ready: Run) -> None:
    result = ready("search", *WISH[:4], "2026-03-16T03:00+09:00", "--flex-days", "0")
    assert result.exit_code == 0
    assert "Nothing fits" in result.output
    assert "Near it" in result.output


def test_a_search_that_finds_nothing_says_what_would_help(ready: Run) -> None:
    late = (*WISH[:4], "2026-03-16T17:30+09:00", "--flex-days", "0")
    said = ready("search", *late).output
    assert "What would help:\n" in said
    assert "  - start 1.5 h earlier\n" in said
    found = json.loads(ready("search", *late, "--json").output)["repairs"]
    earlier = next(each for each in found if each["changes"][0]["sort"] == "earlier")
    assert earlier["offer"]["start"] == earlier["request"]["earliest"]


def test_wrong_usage_is_exit_code_2(ready: Run) -> None:
    assert ready("search", "--bad").exit_code == 2
    assert ready("schedule", "--day", "tomorrow").exit_code == 2
    assert ready("search", "--odd", "lanes=2", *WISH).exit_code == 2


def test_unknown_bookings_and_cities_are_plain_lines(ready: Run) -> None:
    assert "nix" in ready("cancel", "nix").output
    assert "atlantis" in ready("schedule", "--city", "atlantis").output


def test_a_member_acts_for_their_own_organisation_only(ready: Run) -> None:
    password = ("--password", "correct horse battery")
    added = ready(
        "member", "add", "A@Example.org", "--organisation", "org-b", "--name", "A", *password
    )
    assert added.exit_code == 0, added.output
    refused = ready("book", *WISH, "--as", "a@example.org")
    assert (refused.exit_code, "Error:" in refused.output) == (1, True)
    own = ready("book", *WISH[:2], "org-b", *WISH[3:], "--as", "a@example.org")
    assert own.exit_code == 0


def test_a_member_is_added_once_and_to_a_known_organisation(ready: Run) -> None:
    options = ("--name", "A", "--password", "correct horse battery")
    add = ("member", "add", "a@example.org", *options, "--organisation")
    assert ready(*add, "org-z").exit_code == 1
    assert ready(*add, "org-a").exit_code == 0
    assert ready(*add, "org-a").exit_code == 1


def test_a_broken_catalogue_lists_every_mistake_and_changes_nothing(
    ready: Run, files: Path
) -> None:
    broken = documents()
    entry(broken, "route", "rt-s")["site"] = "nowhere"
    entry(broken, "facility", "fc-bays")["unitz"] = 3
    (files / "broken.json").write_text(json.dumps(broken), encoding="utf-8")
    for verb in ("validate", "import"):
        result = ready("catalogue", verb, "broken.json")
        assert result.exit_code == 1
        assert "nowhere" in result.output
        assert "unitz" in result.output
    again = ready("catalogue", "import", "catalogue.json")
    assert "version 1 was already current" in again.output


def test_an_export_is_imported_again(ready: Run, files: Path) -> None:
    assert ready("catalogue", "export", "out.json").exit_code == 0
    assert json.loads((files / "out.json").read_text(encoding="utf-8")) == {
        **documents(),
        "routes": {},
        "sources": {},
    }
    assert "was already current" in ready("catalogue", "import", "out.json").output


def test_the_packaged_catalogue_validates(run: Run) -> None:
    result = run("catalogue", "validate", "packaged:gyeonggi")
    assert "11 cities, 27 sites, 35 routes, 45 facilities" in result.output


def test_a_file_that_is_not_there_is_a_plain_line(run: Run) -> None:
    result = run("catalogue", "validate", "nothing.toml")
    assert result.exit_code == 1
    assert "nothing.toml" in result.output


def test_doctor_says_what_is_missing_and_when_all_is_well(run: Run) -> None:
    empty = run("doctor")
    assert empty.exit_code == 1
    assert "testbed db upgrade" in empty.output
    run("db", "upgrade")
    assert "FAIL" in run("doctor").output
    run("catalogue", "import", "catalogue.json")
    well = run("doctor")
    assert (well.exit_code, "FAIL" in well.output) == (0, False)


def test_doctor_notices_that_nobody_extends_the_calendar(
    ready: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clock, "now", lambda: NOW.replace(month=4, day=15))
    result = ready("doctor")
    assert (result.exit_code, "FAIL" in result.output) == (1, True)


def test_damage_is_found_by_db_check(ready: Run, files: Path) -> None:
    ready("book", *WISH)
    database = open_database(f"sqlite:///{files / 'test.db'}")
    with database.writing() as connection:
        connection.exec_driver_sql("UPDATE occupancy SET used = 0")
    database.close()
    result = ready("db", "check")
    assert result.exit_code == 1
    assert "occupancy_differs" in result.output


def test_a_database_out_of_reach_is_a_plain_line(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TESTBED_DATABASE_URL", "postgresql+psycopg://127.0.0.1:1/none")
    result = run("db", "check")
    assert result.exit_code == 1
    assert result.output.startswith("Error: The database does not answer")


def test_every_command_explains_itself(run: Run) -> None:
    assert run("--help").exit_code == 0
    for name in main.list_commands(None):  # type: ignore[arg-type] # it needs no context
        result = run(name, "--help")
        assert result.exit_code == 0
        assert len(result.output.splitlines()) > 3


def test_naive_time_never_becomes_a_booking(ready: Run) -> None:
    assert ready("book", *WISH[:4], datetime(2026, 3, 16, 10).isoformat()).exit_code == 1  # noqa: DTZ001
    assert "rt-s" not in ready("schedule", "--day", "2026-03-16").output
