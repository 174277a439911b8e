"""The API does what its document says: schemathesis with every check, on every address."""

import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from waitress import create_server

from testbed.config import Limits
from testbed.service import experiments, members, tokens
from testbed.service.actors import SYSTEM
from testbed.service.context import Context, open_context
from tests.web.api.conftest import OTHERS
from tests.web.conftest import NOW, PASSWORD, settings_in
from web.app import create_app

UNLIMITED = Limits(search="999999 per second", submit="999999 per second")
EXAMPLES = 20
SECONDS = 600
# A precondition that does not hold (412) says nothing against the data that came with it.
CONFIG = """\
[checks.positive_data_acceptance]
expected-statuses = ["2xx", "3xx", "401", "403", "404", "409", "412", "429"]
"""

pytestmark = pytest.mark.slow


@dataclass(frozen=True)
class Served:
    address: str
    context: Context

    def token(self, email: str) -> str:
        owner = members.by_email(self.context, email)
        scopes = sorted(tokens.SCOPES_OF[owner.role])
        return tokens.create(self.context, owner, "fuzz", scopes, NOW).text


@pytest.fixture
def served(prepared: Path, tmp_path: Path) -> Iterator[Served]:
    """The application behind the server that ships, without limits."""
    shutil.copyfile(prepared / "testbed.db", tmp_path / "testbed.db")
    chosen = settings_in(tmp_path).model_copy(update={"limits": UNLIMITED})
    context = open_context(chosen)
    planner = members.add(context, OTHERS[0], PASSWORD, NOW, SYSTEM)
    experiments.queue(context, "To be read", "x = 1", NOW, planner)
    server = create_server(create_app(chosen, context, lambda: NOW), host="127.0.0.1", port=0)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    yield Served(f"http://127.0.0.1:{server.effective_port}", context)
    server.close()
    thread.join(10)
    context.close()


@pytest.mark.parametrize("email", ["oh@example.org", "nari@example.org"])
def test_every_address_does_what_the_document_says(served: Served, email: str, tmp_path: Path):
    (tmp_path / "schemathesis.toml").write_text(CONFIG)
    run = subprocess.run(
        [
            *(sys.executable, "-m", "schemathesis.cli", "run"),
            f"{served.address}/api/v1/openapi.json",
            *("--header", f"Authorization: Bearer {served.token(email)}"),
            *("--checks", "all", "--phases", "examples,coverage,fuzzing,stateful"),
            *("--max-examples", str(EXAMPLES), "--seed", "1", "--generation-deterministic"),
            *("--no-color", "--continue-on-failure"),
        ],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    assert run.returncode == 0, run.stdout[-20_000:] + run.stderr
