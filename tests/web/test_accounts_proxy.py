"""Whose word on a visitor's address the server takes: limits count by that address."""

import threading
import urllib.request
from contextlib import contextmanager

import pytest

from testbed.config import Server
from web import cli


def address_seen(environ, start_response):
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [f"{environ['wsgi.url_scheme']} {environ['REMOTE_ADDR']}".encode()]


@contextmanager
def listening(trusted_proxy, is_demo=False):
    settings = Server(trusted_proxy=trusted_proxy, threads=1).model_copy(update={"port": 0})
    server = cli._listen(address_seen, settings, is_demo)
    serving = threading.Thread(target=server.run, daemon=True)
    serving.start()
    try:
        yield f"http://127.0.0.1:{server.effective_port}/"
    finally:
        server.close()
        server.task_dispatcher.shutdown()


def forwarded(address):
    headers = {"X-Forwarded-For": "203.0.113.7", "X-Forwarded-Proto": "https"}
    request = urllib.request.Request(address, headers=headers)
    with urllib.request.urlopen(request, timeout=5) as answer:
        return answer.read().decode()


@pytest.mark.parametrize(
    ("trusted_proxy", "is_demo", "seen"),
    [
        ("127.0.0.1", False, "https 203.0.113.7"),
        ("10.0.0.1", False, "http 127.0.0.1"),
        ("", False, "http 127.0.0.1"),
        ("127.0.0.1", True, "http 127.0.0.1"),
    ],
)
def test_only_a_trusted_proxy_says_who_comes(trusted_proxy, is_demo, seen):
    with listening(trusted_proxy, is_demo) as address:
        assert forwarded(address) == seen
