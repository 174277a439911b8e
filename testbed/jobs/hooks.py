"""Carrying events to webhooks: a few endpoints at a time, one event after the other at each.

Nothing waits for a slow endpoint but its own events: mails are another job, and every attempt and
every run ends after a fixed time.
"""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from functools import partial
from time import monotonic

import structlog

from testbed.domain.errors import DomainError
from testbed.jobs.door import Door, DoorShut, signature
from testbed.jobs.job import Surroundings
from testbed.service import deliveries, outbox
from testbed.service.deliveries import Due

ENDPOINTS_AT_ONCE = 8
# An endpoint gets no further event in a run that has lasted this long.
RUN_SECONDS = 20
GONE = 410
TAKEN = range(200, 300)

log = structlog.get_logger()


def deliver(around: Surroundings, now: datetime, door: Door | None = None) -> str:
    """Send every event that is due; `door` is the way out, a stricter one only in tests."""
    while outbox.spread(around.ctx, now):
        pass
    waiting = deliveries.due(around.ctx, now)
    if not waiting:
        return "sent 0, failed 0"
    out = door or Door()
    serve = partial(_serve, around, now, out, monotonic() + RUN_SECONDS)
    with ThreadPoolExecutor(min(ENDPOINTS_AT_ONCE, len(waiting))) as threads:
        results = [each for done in threads.map(serve, waiting) for each in done]
    return f"sent {sum(results)}, failed {len(results) - sum(results)}"


def _serve(
    around: Surroundings, now: datetime, door: Door, until: float, queue: Sequence[Due]
) -> list[bool]:
    """The events of one endpoint, up to the first that it does not take."""
    done = []
    for each in queue:
        if monotonic() >= until or not deliveries.begin(around.ctx, each, now):
            break
        done.append(_attempt(around, each, door, now))
        if not done[-1]:
            break
    return done


def _attempt(around: Surroundings, found: Due, door: Door, now: datetime) -> bool:
    ctx = around.ctx
    try:
        status = door.post(found.url, _headers(found, now), found.body.encode())
    except DomainError as error:
        deliveries.failed(ctx, found, None, error.code, now)
        return False
    except (DoorShut, OSError) as error:
        deliveries.failed(ctx, found, None, f"{type(error).__name__}: {error}", now)
        return False
    if status in TAKEN:
        deliveries.arrived(ctx, found, status, now)
        return True
    off = deliveries.failed(ctx, found, status, f"answered {status}", now, gone=status == GONE)
    if off:
        log.warning("webhook_disabled", webhook=found.webhook, status=status)
    return False


def _headers(found: Due, now: datetime) -> dict[str, str]:
    """What Standard Webhooks asks for; the id is the same at every attempt, the time is not."""
    moment = str(int(now.timestamp()))
    signs = [signature(each, found.id, moment, found.body) for each in found.secrets]
    return {
        "Content-Type": "application/json",
        "webhook-id": found.id,
        "webhook-timestamp": moment,
        "webhook-signature": " ".join(signs),
    }
