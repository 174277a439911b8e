"""What organisations have used and have ahead of them, as the rules and fair share ask."""

from datetime import datetime, timedelta

from sqlalchemy import Connection, bindparam, func, not_, select

from testbed.domain import bookings, fairness
from testbed.domain.grid import grain_of, week_of
from testbed.domain.ledger import Ledger
from testbed.persistence import fleets, rebooking
from testbed.persistence.run_out import ran_out
from testbed.persistence.tables import booking

REMEMBERED_WEEKS = fairness.REMEMBERED_WEEKS + 1


def inform(connection: Connection, ledger: Ledger, organisation: str, now: datetime) -> None:
    """Let a ledger know what the rules ask of an organisation, as the transaction sees it now."""
    ledger.replace_use(organisation, weekly_use(connection, organisation, now))
    if ledger.policy.eligibility:
        fleets.inform(connection, ledger, organisation)
    if ledger.policy.max_open_hours:
        ledger.replace_ahead(organisation, hours_ahead(connection, organisation, now))


def inform_of_all(connection: Connection, ledger: Ledger, now: datetime) -> None:
    """Let a ledger know what fair share asks of all organisations."""
    for name, use in everybodys_use(connection, now).items():
        ledger.replace_use(name, use)
    if ledger.policy.rebook_points:
        ledger.replace_rebooks(rebooking.counts(connection, now, ledger.policy.rebook_days))


def everybodys_use(connection: Connection, now: datetime) -> dict[str, dict[tuple[str, int], int]]:
    """What `weekly_use` says of each organisation that has used anything."""
    rows = connection.execute(_EVERYBODYS_USE, {"since": _remembered_since(now), "now": now})
    found: dict[str, dict[tuple[str, int], int]] = {}
    for organisation, rule, week, grains in rows:
        found.setdefault(organisation, {})[rule, week] = int(grains)
    return found


def _remembered_since(now: datetime) -> int:
    return week_of((now - timedelta(weeks=REMEMBERED_WEEKS)).date())


def weekly_use(
    connection: Connection, organisation: str, now: datetime
) -> dict[tuple[str, int], int]:
    """Booked grains of an organisation that count, by rule profile and ISO week.

    From as many weeks ago as fairness remembers on; a hold that ran out counts no more.
    """
    asked = {"organisation": organisation, "since": _remembered_since(now), "now": now}
    rows = connection.execute(_WEEKLY_USE, asked)
    return {(rule, week): int(grains) for rule, week, grains in rows}


def hours_ahead(connection: Connection, organisation: str, now: datetime) -> dict[int, int]:
    """Booked grains of an organisation that have not begun, by the grain at which they begin."""
    ahead: dict[int, int] = {}
    for start_at, end_at in connection.execute(_AHEAD, {"organisation": organisation, "now": now}):
        start = grain_of(start_at)
        ahead[start] = ahead.get(start, 0) + grain_of(end_at) - start
    return ahead


# -- statements: built once, since building costs more than running them -----------------------

_RAN_OUT = ran_out(bindparam("now"))
_WEEKLY_USE = (
    select(booking.c.rule, booking.c.week, func.sum(booking.c.counted))
    .where(booking.c.organisation == bindparam("organisation"))
    .where(booking.c.week >= bindparam("since"), booking.c.counted > 0, not_(_RAN_OUT))
    .group_by(booking.c.rule, booking.c.week)
)

_AHEAD = select(booking.c.start_at, booking.c.end_at).where(
    booking.c.organisation == bindparam("organisation"),
    booking.c.start_at >= bindparam("now"),
    booking.c.state.in_([each.value for each in bookings.OCCUPYING]),
    not_(_RAN_OUT),
)
_EVERYBODYS_USE = (
    select(booking.c.organisation, booking.c.rule, booking.c.week, func.sum(booking.c.counted))
    .where(booking.c.week >= bindparam("since"), booking.c.counted > 0, not_(_RAN_OUT))
    .group_by(booking.c.organisation, booking.c.rule, booking.c.week)
)
