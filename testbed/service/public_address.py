"""Where a webhook may lead: https to a public address, checked after its name is resolved.

Checked when a webhook is saved and again at every delivery, which then connects to the very
address that was checked: a name that changes its mind in between gains nothing.
"""

import socket
from collections.abc import Callable
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from urllib.parse import SplitResult, urlsplit

from testbed.domain.errors import InvalidRequest

LONGEST_URL = 500
HTTPS_PORT = 443
# IPv6 addresses that stand for IPv4 ones; nobody needs them here, and they hide what they mean.
_DISGUISES = tuple(
    ip_network(each)
    for each in (
        "::ffff:0:0/96",
        "::/96",
        "64:ff9b::/96",
        "64:ff9b:1::/48",
        "2001::/32",
        "2002::/16",
    )
)

Resolve = Callable[[str, int], tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Target:
    """An address of the web taken apart; `path` holds the query too."""

    host: str
    port: int
    path: str

    @property
    def authority(self) -> str:
        """What the Host header says."""
        shown = f"[{self.host}]" if ":" in self.host else self.host
        return shown if self.port == HTTPS_PORT else f"{shown}:{self.port}"


def resolve(host: str, port: int) -> tuple[str, ...]:
    """The addresses of a name, as the system finds them. Raises OSError where there are none."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return tuple(dict.fromkeys(str(each[4][0]) for each in found))


def is_public(address: str) -> bool:
    """Whether the address is one of the open internet, and of a single host."""
    try:
        found = ip_address(address)
    except ValueError:
        return False
    return found.is_global and not (
        found.is_multicast or found.is_reserved or found.is_unspecified or _is_disguised(found)
    )


def read(url: str) -> Target:
    """The target of an address. Raises InvalidRequest("bad_webhook_url")."""
    try:
        parts = urlsplit(url)
        port = parts.port or HTTPS_PORT
    except ValueError:
        raise InvalidRequest("bad_webhook_url", longest=LONGEST_URL) from None
    if not _is_plain(url) or not _is_web(parts):
        raise InvalidRequest("bad_webhook_url", longest=LONGEST_URL)
    query = f"?{parts.query}" if parts.query else ""
    return Target(str(parts.hostname), port, (parts.path or "/") + query)


def public_addresses(target: Target, found: Resolve = resolve) -> tuple[str, ...]:
    """The addresses behind a target, every one of them public.

    Raises InvalidRequest: "webhook_host_unknown", "webhook_host_not_public".
    """
    try:
        addresses = found(target.host, target.port)
    except (OSError, UnicodeError):
        raise InvalidRequest("webhook_host_unknown", host=target.host[:80]) from None
    if not addresses or not all(is_public(each) for each in addresses):
        raise InvalidRequest("webhook_host_not_public", host=target.host[:80])
    return addresses


def _is_plain(url: str) -> bool:
    printable = all("!" <= each <= "~" for each in url)
    return printable and len(url) <= LONGEST_URL and "\\" not in url


def _is_web(parts: SplitResult) -> bool:
    is_bare = parts.username is None and parts.password is None and not parts.fragment
    return parts.scheme == "https" and bool(parts.hostname) and is_bare


def _is_disguised(address: IPv4Address | IPv6Address) -> bool:
    return any(address.version == each.version and address in each for each in _DISGUISES)
