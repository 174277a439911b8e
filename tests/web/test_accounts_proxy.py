"""What the server takes: whose word on a visitor's address, and how long a body."""

import pytest
from werkzeug.test import Client

from testbed.config import Server
from web import cli
from web.planning import result

FORWARDED = {"X-Forwarded-For": "203.0.113.7", "X-Forwarded-Proto": "https"}


def address_seen(environ, start_response):
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [f"{environ['wsgi.url_scheme']} {environ['REMOTE_ADDR']}".encode()]


def serving(trusted_proxy, is_demo):
    """The server of these settings, which ends at once."""
    settings = Server(trusted_proxy=trusted_proxy, threads=1).model_copy(update={"port": 0})
    server = cli._listen(address_seen, settings, is_demo)
    server.task_dispatcher.shutdown()
    server.close()
    return server


def listening(trusted_proxy, is_demo):
    """The application as the server of these settings wraps it."""
    return Client(serving(trusted_proxy, is_demo).application)


def test_no_body_much_longer_than_the_longest_form_is_taken():
    server = serving("", is_demo=False)
    assert result.MOST_BYTES < server.adj.max_request_body_size <= 3 * result.MOST_BYTES


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
    visitor = {"REMOTE_ADDR": "127.0.0.1", "REMOTE_PORT": "40000"}
    client = listening(trusted_proxy, is_demo)
    assert client.get("/", headers=FORWARDED, environ_base=visitor).text == seen
