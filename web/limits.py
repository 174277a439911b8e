"""How often one caller may ask: by member, account or network address, and the answer 429."""

import math
import time
from dataclasses import dataclass
from ipaddress import IPv4Address, ip_address, ip_network
from typing import Literal, cast

from flask import Flask, current_app
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from limits import RateLimitItem, parse
from werkzeug.exceptions import TooManyRequests

from testbed.config import Limits

EXTENSION = "testbed.limits"
Kind = Literal["search", "submit", "sign_in", "sign_in_address", "ask", "invite", "feed"]


@dataclass(frozen=True, slots=True)
class Counters:
    """The limits of one application, and what counts against them."""

    limiter: Limiter
    rates: dict[Kind, RateLimitItem]


def count(app: Flask, limits: Limits) -> None:
    """Give the application its limits; in memory each process counts for itself."""
    limiter = Limiter(get_remote_address, storage_uri=limits.storage, strategy="moving-window")
    limiter.init_app(app)
    rates: dict[Kind, RateLimitItem] = {
        "search": parse(limits.search),
        "submit": parse(limits.submit),
        "sign_in": parse(limits.sign_in),
        "sign_in_address": parse(limits.sign_in_address),
        "ask": parse(limits.ask),
        "invite": parse(limits.invite),
        "feed": parse(limits.feed),
    }
    app.extensions[EXTENSION] = Counters(limiter, rates)


def network_address() -> str:
    """Where the visitor comes from; a proxy's own address where none is trusted.

    Of an IPv6 address the first half: whoever has one address has all that begin so.
    """
    found = get_remote_address()
    try:
        address = ip_address(found)
    except ValueError:
        return found
    if isinstance(address, IPv4Address):
        return found
    return str(address.ipv4_mapped or ip_network((address.packed[:8] + bytes(8), 64)))


def hit(kind: Kind, who: str) -> None:
    """Count one use of this kind by the caller. Raises TooManyRequests, saying when to retry."""
    counters = _counters()
    if not counters.limiter.limiter.hit(counters.rates[kind], kind, who):
        raise _too_many(counters, kind, who)


def require_room(kind: Kind, who: str) -> None:
    """Refuse a caller who has used up this kind; counts nothing. Raises TooManyRequests."""
    counters = _counters()
    if not counters.limiter.limiter.test(counters.rates[kind], kind, who):
        raise _too_many(counters, kind, who)


def _counters() -> Counters:
    return cast("Counters", current_app.extensions[EXTENSION])


def _too_many(counters: Counters, kind: Kind, who: str) -> TooManyRequests:
    reset_at, _ = counters.limiter.limiter.get_window_stats(counters.rates[kind], kind, who)
    return TooManyRequests(retry_after=max(1, math.ceil(reset_at - time.time())))
