"""A mail a day after a visit whose use is not recorded yet, once per booking."""

from datetime import datetime, timedelta

from sqlalchemy import Connection, select

from testbed.domain.bookings import Booking
from testbed.domain.grid import moment_of
from testbed.persistence.tables import request
from testbed.service import outbox, usage
from testbed.service.actors import SYSTEM
from testbed.service.context import Context
from testbed.service.notice_choices import chosen_by
from testbed.service.notices import Choice, Group
from testbed.service.outbox import Mail
from testbed.service.readers import readers_of

AFTER = timedelta(days=1)


def remind(ctx: Context, now: datetime, days: int) -> int:
    """Write the mails; returns for how many bookings one is due.

    Run twice it writes nothing twice, run late it still reminds of what may be recorded.
    """
    due = [
        (booking, until)
        for booking, until in usage.unrecorded(ctx, now, SYSTEM, days)
        if moment_of(booking.end) + AFTER <= now
    ]
    if due:
        with ctx.database.writing() as connection:
            for booking, until in due:
                for mail in _mails(connection, booking, until):
                    outbox.queue(connection, mail, now)
    return len(due)


def _mails(connection: Connection, booking: Booking, until: datetime) -> list[Mail]:
    actor = select(request.c.actor).where(request.c.id == booking.request.id)
    asked = str(connection.execute(actor).scalar_one()).removeprefix("member:")
    found = readers_of(connection, asked, booking.organisation)
    choices = chosen_by(connection, [reader.id for reader in found], Group.REMINDERS)
    fields = {
        "subject": booking.id,
        "start": booking.start,
        "end": booking.end,
        "lines": [[line.resource] for line in booking.lines],
        "until": until.isoformat(),
    }
    return [
        Mail(f"usage:{booking.id}:{each.email}", "usage_due", each.email, each.language, fields)
        for each in found
        if choices[each.id] is not Choice.NEVER
    ]
