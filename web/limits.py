"""How often one caller may ask: limits that count by member, and the answer 429."""

import math
import time
from dataclasses import dataclass
from typing import Literal, cast

from flask import Flask, current_app
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from limits import RateLimitItem, parse
from werkzeug.exceptions import TooManyRequests

from testbed.config import Limits

EXTENSION = "testbed.limits"
Kind = Literal["search", "submit"]


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
    }
    app.extensions[EXTENSION] = Counters(limiter, rates)


def hit(kind: Kind, who: str) -> None:
    """Count one use of this kind by the caller. Raises TooManyRequests, saying when to retry."""
    counters = cast("Counters", current_app.extensions[EXTENSION])
    rate = counters.rates[kind]
    strategy = counters.limiter.limiter
    if strategy.hit(rate, kind, who):
        return
    reset_at, _ = strategy.get_window_stats(rate, kind, who)
    raise TooManyRequests(retry_after=max(1, math.ceil(reset_at - time.time())))
