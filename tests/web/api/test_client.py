"""The client in docs/client: it is what the document makes of it, its types hold, and it books."""

import importlib.util
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from types import ModuleType

import pytest
from waitress import create_server

from testbed.service import members, tokens
from testbed.service.context import open_context
from tests.web.api.conftest import API
from tests.web.conftest import NOW, Clock, settings_in
from web.app import create_app

CLIENT = Path(__file__).parents[3] / "docs/client"
MODULE = CLIENT / "testbed_client.py"


def loaded(name: str) -> ModuleType:
    """A module of the folder, as a program beside it imports it."""
    spec = importlib.util.spec_from_file_location(name, CLIENT / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


def test_the_client_is_what_the_document_makes_of_it(document, request):
    text = loaded("generate").client(document)
    if request.config.getoption("--rewrite-golden"):
        MODULE.write_text(text, encoding="utf-8")
    is_same = text == MODULE.read_text(encoding="utf-8")
    assert is_same, "run this test with --rewrite-golden"


def test_every_operation_is_a_method(document):
    client = loaded("testbed_client").Client
    count = sum(len(methods) for methods in document["paths"].values())
    assert len([name for name in vars(client) if not name.startswith("_")]) == count


@pytest.mark.slow
def test_its_types_hold(tmp_path):
    run = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", "--config-file=", "--cache-dir", str(tmp_path)]
        + [str(CLIENT / f"{name}.py") for name in ("generate", "testbed_client", "example")],
        capture_output=True,
        text=True,
        cwd=CLIENT,
        check=False,
    )
    assert run.returncode == 0, run.stdout


@pytest.fixture
def served(prepared: Path, tmp_path: Path) -> Iterator[tuple[str, str, Clock]]:
    """A server with a clock that is moved by hand, and the token of a member."""
    shutil.copyfile(prepared / "testbed.db", tmp_path / "testbed.db")
    settings, clock = settings_in(tmp_path), Clock()
    context = open_context(settings)
    owner = members.by_email(context, "nari@example.org")
    token = tokens.create(context, owner, "client", ["read", "book"], NOW).text
    server = create_server(create_app(settings, context, clock), host="127.0.0.1", port=0)

    def run() -> None:
        with suppress(OSError):  # the socket is closed under its feet at the end
            server.run()

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.effective_port}{API}", token, clock
    server.close()
    thread.join(10)
    context.close()


@pytest.mark.slow
def test_the_example_finds_books_waits_for_the_day_and_checks_in(served, capsys):
    address, token, clock = served
    module = loaded("testbed_client")
    example = loaded("example")
    api = module.Client(address, token)
    naps = []

    def nap(seconds: float) -> None:
        naps.append(seconds)
        clock.moment += timedelta(hours=1)

    booking = example.book(api, "2026-12-08T10:00:00+09:00", "fc-kcity-workshop")
    assert example.arrive(api, booking["id"], nap)["state"] == "checked_in"
    assert len(naps) > 24
    assert [each["id"] for each in module.pages(api.bookings, limit=1)] == [booking["id"]]
    said = capsys.readouterr().out.splitlines()
    assert [line.split()[0].strip(":") for line in said] == [
        "Offered",
        "Held",
        "Confirmed",
        "Checked",
    ]


@pytest.mark.slow
def test_a_step_that_is_sent_again_with_its_key_is_answered_as_before(served):
    address, token, _ = served
    module = loaded("testbed_client")
    api = module.Client(address, token)
    wish = {
        "start": "2026-12-08T10:00:00+09:00",
        "minutes": 120,
        "need": {"type": "facility", "resource": "fc-kcity-workshop"},
    }
    first, second = (api.requests_create(wish, key="once") for _ in range(2))
    assert first["booking"]["id"] == second["booking"]["id"]
    with pytest.raises(module.ApiError) as caught:
        api.requests_create({**wish, "minutes": 180}, key="once")
    assert (caught.value.status, caught.value.code) == (409, "idempotency_key_reused")
