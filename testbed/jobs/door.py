"""The way out to addresses that members name: strict about where it leads and how long it takes.

A name is resolved once, every address that it has is checked, and the connection goes to one of
those; the certificate must be that of the name. No redirect is followed, no proxy is asked.
"""

import hmac
import socket
import ssl
import threading
from base64 import b64decode, b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.client import HTTPException, HTTPSConnection

import testbed
from testbed.service import public_address
from testbed.service.public_address import Resolve, Target
from testbed.service.webhooks import WRITTEN

CONNECT_SECONDS = 5
ATTEMPT_SECONDS = 10
# What an endpoint answers beyond its status is read so far, and thrown away.
MOST_READ = 4096
AGENT = f"gyeonggi-testbed/{testbed.__version__}"


class DoorShut(Exception):
    """The endpoint broke off, took too long, or spoke something else than HTTP."""


@dataclass(frozen=True)
class Door:
    """How the outside is reached. The arguments are for tests, which have a receiver of their own.

    `addresses` answers where a target lies, and raises DomainError where nothing may go.
    """

    addresses: Resolve | None = None
    tls: ssl.SSLContext = field(default_factory=ssl.create_default_context)
    seconds: float = ATTEMPT_SECONDS

    def post(self, url: str, headers: Mapping[str, str], body: bytes) -> int:
        """Send the body; returns the status that came back.

        Raises DomainError where the address is none to send to, DoorShut or OSError where no
        answer came.
        """
        target = public_address.read(url)
        connection = _Pinned(target, self._address(target), self.tls)
        over = threading.Timer(self.seconds, connection.break_off)
        over.start()
        try:
            sent = {"Host": target.authority, "User-Agent": AGENT, "Connection": "close", **headers}
            connection.request("POST", target.path, body, sent)
            answer = connection.getresponse()
            answer.read(MOST_READ)
        except HTTPException as error:
            raise DoorShut(f"{type(error).__name__}: {str(error)[:100]}") from error
        finally:
            over.cancel()
            connection.close()
        return answer.status

    def _address(self, target: Target) -> str:
        if self.addresses is not None:
            return self.addresses(target.host, target.port)[0]
        return public_address.public_addresses(target)[0]


class _Pinned(HTTPSConnection):
    """A connection to one address, under the name that its certificate must hold."""

    def __init__(self, target: Target, address: str, tls: ssl.SSLContext) -> None:
        super().__init__(target.host, target.port, timeout=CONNECT_SECONDS, context=tls)
        self._address, self._tls = address, tls
        self._raw: socket.socket | None = None

    def connect(self) -> None:
        """Connect to the address that was checked, whatever the name says by now."""
        self._raw = socket.create_connection((self._address, self.port), CONNECT_SECONDS)
        self.sock = self._tls.wrap_socket(self._raw, server_hostname=self.host)

    def break_off(self) -> None:
        """End whatever is under way: a receiver that answers a byte at a time is no longer read."""
        for each in (self.sock, self._raw):
            if each is not None:
                try:
                    each.shutdown(socket.SHUT_RDWR)
                except OSError:
                    continue


def signature(secret: str, name: str, moment: str, body: str) -> str:
    """The signature of Standard Webhooks, version 1: HMAC-SHA256 over id, time and body."""
    key = b64decode(secret.removeprefix(WRITTEN))
    text = f"{name}.{moment}.{body}".encode()
    return "v1," + b64encode(hmac.digest(key, text, "sha256")).decode()
