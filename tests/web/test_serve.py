"""`testbed serve` from an empty folder."""

import signal
import sqlite3
import stat
import time
from datetime import UTC, datetime, timedelta
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest

from testbed.domain.parties import Role
from tests.bench import live
from tests.serving import free_port, serving, start

pytestmark = pytest.mark.slow


def test_an_empty_folder_becomes_a_service_that_answers(tmp_path):
    with serving(tmp_path) as served:
        assert set(served.accounts) == {role.value for role in Role}
        with urlopen(f"{served.address}/healthz") as answer:
            assert answer.read() == b'{"status":"ok"}\n'
        with urlopen(f"{served.address}/sign-in") as answer:
            assert "text/html" in answer.headers["Content-Type"]
        routes = sqlite3.connect(served.database).execute("SELECT count(*) FROM pool").fetchone()
        assert routes[0] > 80
        secret = tmp_path / "var" / "secret.key"
        assert stat.S_IMODE(secret.stat().st_mode) == 0o600


def test_it_refuses_what_a_proxy_forwards_in_demo_mode(tmp_path):
    with serving(tmp_path) as served:
        forwarded = Request(f"{served.address}/sign-in", headers={"X-Forwarded-For": "1.2.3.4"})
        with pytest.raises(HTTPError, match="403") as refused:
            urlopen(forwarded)
        refused.value.close()


def test_it_starts_again_on_what_it_left_and_ends_politely(tmp_path):
    with serving(tmp_path) as first:
        accounts = first.accounts
    assert first.process.returncode == 0
    with serving(tmp_path) as second:
        assert second.accounts == accounts


def test_a_taken_port_is_a_clear_line(tmp_path):
    with serving(tmp_path) as served:
        port = int(served.address.rsplit(":", 1)[-1])
        late = start(tmp_path, port)
        _, said = late.communicate(timeout=30)
    assert late.returncode == 1
    assert "Choose another port with --port." in said
    assert "Traceback" not in said


def test_demo_mode_serves_this_machine_only(tmp_path):
    refused = start(tmp_path, free_port(), "--host", "0.0.0.0")
    _, said = refused.communicate(timeout=30)
    assert refused.returncode == 1
    assert "--host 127.0.0.1" in said


def test_the_jobs_run_beside_the_pages(tmp_path):
    with serving(tmp_path) as served, sqlite3.connect(served.database) as database:
        jobs = set()
        deadline = datetime.now(UTC) + timedelta(seconds=30)
        while "expire-holds" not in jobs and datetime.now(UTC) < deadline:
            signal.sigtimedwait((), 0.1)
            jobs = {job for (job,) in database.execute("SELECT job FROM job_run")}
    database.close()
    assert "expire-holds" in jobs


def test_it_ends_promptly_though_somebody_listens():
    with live.bench() as made, live.listening(made.served, made.tokens, 3):
        began = time.monotonic()
        made.served.process.send_signal(signal.SIGTERM)
        assert made.served.process.wait(timeout=20) == 0
        assert time.monotonic() - began < 5
