"""`testbed usage verify` at the terminal."""

import json
from datetime import UTC, datetime
from pathlib import Path

from testbed.config import Settings
from testbed.secret import secret
from testbed.service.usage_export import as_document
from tests.cli.test_commands import Run, files, ready, run

__all__ = ["files", "ready", "run"]

NOW = datetime(2026, 12, 8, tzinfo=UTC)


def test_a_document_is_genuine_until_somebody_changes_it(ready: Run, tmp_path: Path) -> None:
    file = tmp_path / "usage.json"
    key = secret(Settings().security.secret_file)
    document = as_document([], {"organisation": "org-a"}, NOW, key)
    file.write_text(json.dumps(document, indent=2))
    genuine = ready("usage", "verify", str(file))
    assert (genuine.exit_code, "genuine, 0 records" in genuine.output) == (0, True)
    for changed in ({**document, "organisation": "org-b"}, {"records": []}, []):
        file.write_text(json.dumps(changed))
        assert ready("usage", "verify", str(file)).exit_code == 1


def test_what_is_no_document_is_said_in_a_plain_line(ready: Run, tmp_path: Path) -> None:
    secret(Settings().security.secret_file)
    assert "does not exist" in ready("usage", "verify", str(tmp_path / "nothing.json")).output
    file = tmp_path / "torn.json"
    file.write_text("{")
    assert "cannot be read" in ready("usage", "verify", str(file)).output
