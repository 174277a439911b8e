"""The clock of the sweeps: expire holds, write standing services ahead.

Each sweep can run twice or late without harm: an expired hold never stands in the way of a booking,
and the bookable horizon only shrinks while standing services wait to be written.
"""

from collections.abc import Callable

import structlog
from apscheduler.schedulers.background import BackgroundScheduler

from testbed import clock
from testbed.config import Jobs
from testbed.service import bookings, standing
from testbed.service.context import Context

log = structlog.get_logger()


def expire_holds(context: Context) -> None:
    """Release the holds that ran out."""
    bookings.release_expired(context, clock.now())


def extend_standing(context: Context) -> None:
    """Write standing services up to the horizon that bookings need."""
    standing.materialise(context, clock.now())


def start(context: Context, jobs: Jobs) -> BackgroundScheduler:
    """Start the sweeps in a thread of this process; `shutdown` of the answer stops them."""
    scheduler = BackgroundScheduler(
        timezone="UTC",
        job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
    )
    sweeps: tuple[tuple[Callable[[Context], None], dict[str, int]], ...] = (
        (expire_holds, {"seconds": jobs.expire_seconds}),
        (extend_standing, {"minutes": jobs.standing_minutes}),
    )
    for sweep, every in sweeps:
        scheduler.add_job(
            _kept_alive(sweep), "interval", args=[context], name=sweep.__name__, **every
        )
    scheduler.start()
    return scheduler


def _kept_alive(sweep: Callable[[Context], None]) -> Callable[[Context], None]:
    """The sweep, logging what stops it: the next tick tries again."""

    def run(context: Context) -> None:
        try:
            sweep(context)
        except Exception:
            log.exception("sweep_failed", sweep=sweep.__name__)

    return run
