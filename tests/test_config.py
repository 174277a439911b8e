"""The settings file, its order of sources, and its mistakes."""

import tomllib
from dataclasses import asdict
from itertools import pairwise
from pathlib import Path

import pytest

from testbed.config import Settings, load, policy_of
from testbed.domain.errors import InvalidFile
from testbed.domain.policy import Policy

ROOT = Path(__file__).parents[1]


@pytest.fixture(autouse=True)
def quiet_environment(monkeypatch, tmp_path):
    for name in ("TESTBED_CONFIG", "TESTBED_DATABASE_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)


def mistakes(error):
    return {(each.place, each.code) for each in error.value.mistakes}


def test_the_file_of_the_repository_lists_every_setting_with_its_default():
    documented = tomllib.loads((ROOT / "config.toml").read_text())
    assert documented == Settings().model_dump(mode="json")


def test_every_setting_of_the_file_stands_under_a_comment():
    lines = (ROOT / "config.toml").read_text().splitlines()
    bare = [
        line
        for before, line in pairwise(lines)
        if " = " in line and not line.startswith("#") and not before.startswith("#")
    ]
    assert bare == []


def test_without_any_source_the_defaults_hold():
    assert load() == Settings()
    assert policy_of(load()) == Policy(eligibility=True)


def test_an_argument_goes_before_the_environment_and_the_environment_before_the_file(
    monkeypatch, tmp_path
):
    file = tmp_path / "mine.toml"
    file.write_text("[server]\nhost = '127.0.0.2'\nport = 1\nthreads = 1\n")
    monkeypatch.setenv("TESTBED_CONFIG", str(file))
    monkeypatch.setenv("TESTBED_SERVER__PORT", "2")
    monkeypatch.setenv("TESTBED_SERVER__THREADS", "2")
    server = load(arguments={"server": {"threads": 3}}).server
    assert (server.host, server.port, server.threads) == ("127.0.0.2", 2, 3)


def test_the_database_variable_names_the_database(monkeypatch):
    monkeypatch.setenv("TESTBED_DATABASE_URL", "postgresql+psycopg://someone@db/testbed")
    assert load().database.url == "postgresql+psycopg://someone@db/testbed"


def test_the_policy_can_be_set_from_the_environment(monkeypatch):
    monkeypatch.setenv("TESTBED_POLICY__HOLD_MINUTES", "45")
    assert asdict(policy_of(load())) == {
        **asdict(Policy(eligibility=True)),
        "hold_minutes": 45,
    }


def test_every_mistake_of_a_file_is_named_at_once_with_its_place(tmp_path):
    file = tmp_path / "wrong.toml"
    file.write_text(
        "[server]\nprot = 1\nport = 'many'\n[policy]\nhold_minutes = -1\nhodl = 2\n[sever]\n"
    )
    with pytest.raises(InvalidFile) as error:
        load(file)
    assert mistakes(error) == {
        (f"{file}: server.prot", "unknown_key"),
        (f"{file}: server.port", "bad_setting"),
        (f"{file}: policy.hold_minutes", "bad_setting"),
        (f"{file}: policy.hodl", "unknown_key"),
        (f"{file}: sever", "unknown_key"),
    }


@pytest.mark.parametrize(
    ("name", "value", "code"),
    [
        ("TESTBED_SERVER__PROT", "1", "unknown_key"),
        ("TESTBED_SEVER__PORT", "1", "unknown_key"),
        ("TESTBED_SERVER__PORT", "70000", "bad_setting"),
        ("TESTBED_DATABASE_URL", "mysql://somewhere", "bad_setting"),
    ],
)
def test_a_wrong_variable_is_named(monkeypatch, name, value, code):
    monkeypatch.setenv(name, value)
    with pytest.raises(InvalidFile) as error:
        load()
    assert mistakes(error) == {(name, code)}


def test_a_wrong_argument_is_named():
    with pytest.raises(InvalidFile) as error:
        load(arguments={"server": {"port": 0}})
    assert mistakes(error) == {("--port", "bad_setting")}


def test_a_file_that_was_named_must_exist_and_be_readable(tmp_path):
    with pytest.raises(InvalidFile) as error:
        load(tmp_path / "absent.toml")
    assert {code for _, code in mistakes(error)} == {"file_missing"}
    broken = tmp_path / "broken.toml"
    broken.write_text("[server\n")
    with pytest.raises(InvalidFile) as error:
        load(broken)
    assert {code for _, code in mistakes(error)} == {"file_unreadable"}


def test_settings_cannot_be_changed_after_the_start():
    with pytest.raises(ValueError, match="frozen"):
        load().server.port = 1
