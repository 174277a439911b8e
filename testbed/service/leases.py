"""Leases: of several processes one leads, the others stand by until it falls silent.

Clocks of several machines must agree to well within the time to live; what a leader does beside
its lease is harmless all the same, since every job can run twice.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import case, or_, select, update

from testbed.persistence.conflicts import insert_missing
from testbed.persistence.job_tables import lease as table
from testbed.service.context import Context


@dataclass(frozen=True, slots=True)
class Lease:
    """Who leads until when; `epoch` is higher for every later leadership."""

    name: str
    holder: str
    epoch: int
    expires_at: datetime


def acquire(ctx: Context, name: str, holder: str, now: datetime, lasts: timedelta) -> Lease | None:
    """Begin or renew the holder's lease, None while another holder's lasts."""
    free = or_(table.c.holder == holder, table.c.expires_at <= now)
    same = (table.c.holder == holder) & (table.c.expires_at > now)
    values = {
        "holder": holder,
        "epoch": case((same, table.c.epoch), else_=table.c.epoch + 1),
        "expires_at": now + lasts,
    }
    nobody = {"name": name, "holder": "", "epoch": 0, "expires_at": now}
    with ctx.database.writing() as connection:
        insert_missing(connection, table, [nobody])
        taken = update(table).where(table.c.name == name, free).values(values).returning(table)
        row = connection.execute(taken).one_or_none()
    return None if row is None else Lease(row.name, row.holder, row.epoch, row.expires_at)


def give_up(ctx: Context, lease: Lease, now: datetime) -> None:
    """End a lease before its time, so that another need not wait for it."""
    mine = (table.c.name == lease.name) & (table.c.epoch == lease.epoch)
    with ctx.database.writing() as connection:
        connection.execute(
            update(table).where(mine, table.c.holder == lease.holder).values(expires_at=now)
        )


def current(ctx: Context, name: str) -> Lease | None:
    """The lease as it stands, perhaps over already; None before the first."""
    with ctx.database.reading() as connection:
        row = connection.execute(select(table).where(table.c.name == name)).one_or_none()
    return None if row is None else Lease(row.name, row.holder, row.epoch, row.expires_at)
