"""`testbed serve` from an empty folder."""

import signal
import sqlite3
import stat
from datetime import UTC, datetime, timedelta
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest

from testbed.config import Jobs
from testbed.domain.bookings import State
from testbed.service import bookings
from testbed.service.actors import SYSTEM
from tests.serving import free_port, serving, start
from tests.web.reading import held
from web import background

pytestmark = pytest.mark.slow


def test_an_empty_folder_becomes_a_service_that_answers(tmp_path):
    with serving(tmp_path) as served:
        assert set(served.accounts) == {"member", "operator"}
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


def test_the_sweep_expires_a_hold_that_ran_out(nari, context, clock, monkeypatch):
    number = held(nari).rsplit("/", 1)[-1]
    late = clock.moment + timedelta(minutes=31)
    monkeypatch.setattr(background.clock, "now", lambda: late)
    background.expire_holds(context)
    background.expire_holds(context)  # twice does no harm
    with context.database.reading() as connection:
        row = connection.exec_driver_sql("SELECT state FROM booking WHERE id = ?", (number,)).one()
    assert row.state == State.EXPIRED
    assert bookings.get(context, number, late, SYSTEM).state is State.EXPIRED


def test_a_sweep_that_fails_does_not_stop_the_clock(context, monkeypatch):
    seen = []

    def fails(_):
        seen.append(datetime.now(UTC))
        raise RuntimeError("the database went away")

    monkeypatch.setattr(background, "expire_holds", fails)
    sweeps = background.start(context, Jobs(expire_seconds=1))
    try:
        deadline = datetime.now(UTC) + timedelta(seconds=10)
        while len(seen) < 2 and datetime.now(UTC) < deadline:
            signal.sigtimedwait((), 0.1)
    finally:
        sweeps.shutdown(wait=True)
    assert len(seen) >= 2
