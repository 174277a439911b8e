"""`testbed token` and `testbed worker` at the terminal."""

from tests.cli.test_commands import Run, files, ready, run

__all__ = ["files", "ready", "run"]

MEMBER = ("a@example.org", "--organisation", "org-a", "--name", "A", "--password", "long enough 1")


def test_a_token_is_made_listed_and_revoked(ready: Run) -> None:
    assert ready("member", "add", *MEMBER).exit_code == 0
    made = ready("token", "create", "a@example.org", "--name", "CI", "--scope", "read")
    assert made.exit_code == 0
    name, _, secret = made.output.strip().partition("-")
    assert len(secret) >= 36
    listed = ready("token", "list", "a@example.org").output
    assert f"{name}  CI  read  last used: never" in listed
    assert secret not in listed
    assert ready("token", "revoke", "a@example.org", name).exit_code == 0
    assert ready("token", "list", "a@example.org").output == ""


def test_a_scope_that_the_role_lacks_is_refused_in_a_plain_line(ready: Run) -> None:
    ready("member", "add", *MEMBER)
    refused = ready("token", "create", "a@example.org", "--name", "CI", "--scope", "operate")
    assert refused.exit_code == 1
    assert "The scope operate is not one that the role member has." in refused.output


def test_a_worker_for_experiments_ends_when_none_waits(ready: Run) -> None:
    done = ready("worker", "--experiments")
    assert (done.exit_code, done.output) == (0, "Experiments run: 0.\n")


def test_a_worker_for_experiments_refuses_a_database_without_schema(run: Run) -> None:
    refused = run("worker", "--experiments")
    assert refused.exit_code == 1
    assert "testbed db upgrade" in refused.output
