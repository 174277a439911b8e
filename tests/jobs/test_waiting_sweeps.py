"""The sweeps over approvals and the waitlist, stopped for a day and run twice."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from testbed.config import Settings
from testbed.domain.bookings import State
from testbed.jobs import sweeps
from testbed.jobs.job import Surroundings
from testbed.persistence.check import check
from testbed.persistence.engine import Database
from testbed.persistence.tables import audit
from testbed.service import bookings, outbox
from testbed.service.actors import SYSTEM
from testbed.service.context import Context
from tests.catalogues import NOW
from tests.service.test_approvals import DAYS, opened, pending

LATE = NOW + DAYS + timedelta(days=1)


def _noted(ctx: Context) -> list[str]:
    with ctx.database.reading() as connection:
        return list(connection.execute(select(audit.c.action).order_by(audit.c.id)).scalars())


@pytest.mark.parametrize(
    ("silence", "state", "action"),
    [
        ("accepted", State.CONFIRMED, "booking.confirmed_by_silence"),
        ("rejected", State.REJECTED, "booking.rejected_by_silence"),
    ],
)
def test_after_a_day_without_jobs_silence_is_written_and_told_once(
    database: Database, silence: str, state: State, action: str
) -> None:
    ctx = opened(database, silence)
    booking = pending(ctx)
    around = Surroundings(ctx, Settings())
    for _ in range(2):
        sweeps.expire_holds(around, LATE)
        sweeps.settle_approvals(around, LATE)
        sweeps.serve_waitlist(around, LATE)
        outbox.spread(ctx, LATE)
    assert bookings.get(ctx, booking.id, LATE, SYSTEM).state is state
    assert _noted(ctx).count(action) == 1
    assert check(database, LATE) == ()
