"""Where a webhook may lead: https to a public address, checked after its name is resolved.

Checked when a webhook is saved and again at every delivery, which then connects to the very
address that was checked: a name that changes its mind in between gains nothing.
"""

import re
import socket
from collections.abc import Callable
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from urllib.parse import urlsplit

from testbed.domain.errors import InvalidRequest, NotAllowed, NotFound

LONGEST_URL = 500
# No user name, no fragment, no address written as numbers in brackets; a path, so that it is plain
# what is signed for. The API's document says the same.
URL = (
    r"^https://[A-Za-z0-9]([A-Za-z0-9.-]{0,250}[A-Za-z0-9])?(:([1-9][0-9]{0,3}|[1-5][0-9]{4}))?"
    r"/[!\"$-\[\]-~]{0,240}$"
)
HTTPS_PORT = 443
# Addresses of a site's own network by an older name, which some networks still use (RFC 3879).
_SITE_LOCAL = ip_network("fec0::/10")
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
        return self.host if self.port == HTTPS_PORT else f"{self.host}:{self.port}"


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
        found.is_multicast or found.is_reserved or found.is_unspecified or _is_refused(found)
    )


def read(url: str) -> Target:
    """The target of an address. Raises InvalidRequest("bad_webhook_url")."""
    if not re.fullmatch(URL, url):
        raise InvalidRequest("bad_webhook_url", longest=LONGEST_URL)
    parts = urlsplit(url)
    query = f"?{parts.query}" if parts.query else ""
    return Target(str(parts.hostname), parts.port or HTTPS_PORT, parts.path + query)


def public_addresses(target: Target, found: Resolve = resolve) -> tuple[str, ...]:
    """The addresses behind a target, every one of them public.

    Raises NotFound("webhook_host_unknown"), NotAllowed("webhook_host_not_public").
    """
    try:
        addresses = found(target.host, target.port)
    except (OSError, UnicodeError):
        raise NotFound("webhook_host_unknown", host=target.host[:80]) from None
    if not addresses or not all(is_public(each) for each in addresses):
        raise NotAllowed("webhook_host_not_public", host=target.host[:80])
    return addresses


def _is_refused(address: IPv4Address | IPv6Address) -> bool:
    return any(
        address.version == each.version and address in each for each in (_SITE_LOCAL, *_DISGUISES)
    )
