"""A receiver of webhooks on this machine: it speaks TLS, keeps what comes, answers as told."""

import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from testbed.jobs.door import Door

TLS = Path(__file__).parent / "tls"
HOST = "hooks.example.com"


@dataclass
class Receiver:
    """What came, and what is answered; `gate` holds answers back where it is not set."""

    port: int = 0
    status: int = 204
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    came: list[dict[str, str]] = field(default_factory=list)
    gate: threading.Event = field(default_factory=threading.Event)
    most_at_once: int = 0
    _now: int = 0

    @property
    def url(self) -> str:
        return f"https://{HOST}:{self.port}/events?of=org-a"

    def door(self, **changes: Any) -> Door:
        """A way out that leads here, whatever the name, and trusts this receiver."""
        tls = ssl.create_default_context(cafile=TLS / "receiver.pem")
        return Door(addresses=lambda *_: ("127.0.0.1",), tls=tls, **changes)

    def take(self, headers: dict[str, str], body: bytes) -> None:
        self._now += 1
        self.most_at_once = max(self.most_at_once, self._now)
        self.came.append({**{name.lower(): value for name, value in headers.items()}})
        self.came[-1]["body"] = body.decode()
        self.gate.wait(10)
        self._now -= 1


@contextmanager
def receiving() -> Iterator[Receiver]:
    """A receiver that runs in threads of this process."""
    receiver = Receiver()
    receiver.gate.set()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            receiver.take(dict(self.headers), self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(receiver.status)
            for name, value in receiver.headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(receiver.body)

        def log_message(self, *_: object) -> None:
            pass

    class Quiet(ThreadingHTTPServer):
        def handle_error(self, *_: object) -> None:
            """A door that breaks off is what some tests are about."""

    server = Quiet(("127.0.0.1", 0), Handler)
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(TLS / "receiver.pem", TLS / "receiver.key")
    server.socket = tls.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    receiver.port = server.server_port
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield receiver
    finally:
        receiver.gate.set()
        server.shutdown()
        thread.join()
        server.server_close()
