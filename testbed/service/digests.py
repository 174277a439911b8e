"""Daily digests: what a member wants to read once a day, one mail per member and day.

An item waits in its table until the transaction that writes the digest deletes it: a day without
a worker makes one digest that covers it, and no item is ever in two.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime, time, timedelta
from itertools import groupby

from sqlalchemy import Connection, Row, delete, select

from testbed.domain.grid import zone
from testbed.persistence import convert
from testbed.persistence.job_tables import mail as mails
from testbed.persistence.notice_tables import digest_item as table
from testbed.service.context import Context
from testbed.service.outbox import Mail, queue
from testbed.service.readers import Reader, by_ids

KIND = "digest"
# What the signed address of a digest serves for.
UNSUBSCRIBE = "stop-digest"
ZONE = "Asia/Seoul"
# A longer one names how many more there are.
MOST_SHOWN = 100


def due_at(now: datetime, hour: int) -> datetime:
    """When the latest digests were due: the last `hour` o'clock, in Korea."""
    local = now.astimezone(zone(ZONE))
    today = datetime.combine(local.date(), time(hour), zone(ZONE))
    return today if today <= local else today - timedelta(days=1)


def gather(ctx: Context, now: datetime, hour: int) -> int:
    """Write the digests that are due, of all that waited by then; returns how many.

    What came later, or after the day's digest was written, waits for the next one.
    """
    until = due_at(now, hour)
    with ctx.database.writing() as connection:
        waiting = select(table).where(table.c.created_at < until)
        rows = connection.execute(waiting.order_by(table.c.member, table.c.id)).all()
        return sum(
            _digest(connection, member, tuple(items), until, now)
            for member, items in groupby(rows, key=lambda row: int(row.member))
        )


def _digest(
    connection: Connection,
    member: int,
    items: Sequence[Row[*tuple[object, ...]]],
    until: datetime,
    now: datetime,
) -> int:
    key = f"{KIND}:{member}:{until.date().isoformat()}"
    if connection.execute(select(mails.c.id).where(mails.c.key == key)).first():
        return 0
    readers = by_ids(connection, [member])
    for mail in _mails(key, readers, items):
        queue(connection, mail, now)
    done = table.c.id.in_([item.id for item in items])
    connection.execute(delete(table).where(done))
    return len(readers)


def _mails(
    key: str, readers: Sequence[Reader], items: Sequence[Row[*tuple[object, ...]]]
) -> Iterator[Mail]:
    """The digest; nothing where the member is not active any more."""
    shown = [{"kind": item.kind, "fields": convert.load(item.fields)} for item in items]
    for reader in readers:
        fields = {
            "member": reader.id,
            "items": shown[:MOST_SHOWN],
            "count": len(shown),
        }
        yield Mail(key, KIND, reader.email, reader.language, fields)
