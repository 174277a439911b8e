"""Drivers of an organisation: enter, change, retire, list."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, insert, select, update

from testbed.domain.errors import InvalidRequest, NotFound
from testbed.domain.parties import Member
from testbed.persistence.paper_tables import driver as table
from testbed.service.actors import require_manages
from testbed.service.context import Context
from testbed.service.eligibility import may_read, rechecked, require_reads
from testbed.service.terms import named, once
from testbed.service.write import Write, run

LONGEST_NAME = 80
LONGEST_CONTACT = 120


@dataclass(frozen=True, slots=True)
class KeptDriver:
    """A driver as the organisation knows them; `contact` is a telephone number or address."""

    id: str
    organisation: str
    name: str
    contact: str
    retired_at: datetime | None = None


Step = Callable[[Write, KeptDriver], KeptDriver]


def listing(
    ctx: Context, organisation: str, actor: Member, *, with_retired: bool = False
) -> tuple[KeptDriver, ...]:
    """The drivers of the organisation by name. Raises NotAllowed("other_organisation")."""
    require_reads(actor, organisation)
    query = select(table).where(table.c.organisation == organisation)
    if not with_retired:
        query = query.where(table.c.retired_at.is_(None))
    with ctx.database.reading() as connection:
        rows = connection.execute(query.order_by(table.c.name, table.c.id)).all()
    return tuple(_kept(row) for row in rows)


def one(ctx: Context, driver_id: str, actor: Member) -> KeptDriver:
    """One driver. Raises NotFound("driver"), also for one of another organisation."""
    with ctx.database.reading() as connection:
        return find(connection, driver_id, actor)


def find(connection: Connection, driver_id: str, actor: Member) -> KeptDriver:
    """One driver in a transaction. Raises NotFound("driver")."""
    row = connection.execute(select(table).where(table.c.id == driver_id)).one_or_none()
    if row is None or not may_read(actor, row.organisation):
        raise NotFound("driver", id=driver_id)
    return _kept(row)


def enter(
    ctx: Context, wanted: KeptDriver, now: datetime, actor: Member, key: str | None = None
) -> KeptDriver:
    """Enter a driver (whatever the id); returns them with their id.

    Raises NotAllowed: "managers_only", "other_organisation"; InvalidRequest: "bad_name",
    "bad_contact".
    """
    require_manages(actor, wanted.organisation)
    checked = _checked(replace(wanted, id=ctx.new_id(), retired_at=None))
    own = None if key is None else named(actor, key, {"driver": {**columns(checked), "id": ""}})

    def work(write: Write) -> KeptDriver:
        write.lock_organisation(checked.organisation)
        return once(
            write,
            own,
            lambda: _entered(write, checked),
            lambda made: {"driver": made.id},
            lambda stored: find(write.connection, stored["driver"], actor),
        )

    return run(ctx, now, actor, work)


def _entered(write: Write, driver: KeptDriver) -> KeptDriver:
    with rechecked(write, driver.organisation):
        row = {**columns(driver), "entered_at": write.now}
        write.connection.execute(insert(table), row)
    _note(write, "driver.entered", driver)
    return driver


def change(
    ctx: Context, wanted: KeptDriver, now: datetime, actor: Member, key: str | None = None
) -> KeptDriver:
    """Change name or contact of the driver of that id.

    Raises NotFound("driver"), and what `enter` raises.
    """
    asked = {"change": {**columns(wanted), "organisation": ""}}

    def changed(write: Write, before: KeptDriver) -> KeptDriver:
        owner, retired_at = before.organisation, before.retired_at
        after = _checked(replace(wanted, organisation=owner, retired_at=retired_at))
        write.connection.execute(
            update(table).where(table.c.id == after.id).values(**columns(after))
        )
        _note(write, "driver.changed", after)
        return after

    return _step(ctx, wanted.id, now, actor, changed, asked=asked, key=key)


def retire(
    ctx: Context, driver_id: str, now: datetime, actor: Member, key: str | None = None
) -> KeptDriver:
    """Retire a driver for good; bookings that rely on them are checked again.

    Raises NotFound("driver"), NotAllowed("managers_only").
    """

    def retired(write: Write, before: KeptDriver) -> KeptDriver:
        if before.retired_at is not None:
            return before
        after = replace(before, retired_at=now)
        write.connection.execute(update(table).where(table.c.id == after.id).values(retired_at=now))
        _note(write, "driver.retired", after)
        return after

    return _step(ctx, driver_id, now, actor, retired, asked={"retire": driver_id}, key=key)


def _step(
    ctx: Context,
    driver_id: str,
    now: datetime,
    actor: Member,
    step: Step,
    *,
    asked: dict[str, Any],
    key: str | None,
) -> KeptDriver:
    own = None if key is None else named(actor, key, asked)

    def work(write: Write) -> KeptDriver:
        before = find(write.connection, driver_id, actor)
        require_manages(actor, before.organisation)
        write.lock_organisation(before.organisation)

        def taken() -> KeptDriver:
            with rechecked(write, before.organisation):
                return step(write, before)

        return once(write, own, taken, lambda _: asked, lambda _: before)

    return run(ctx, now, actor, work)


def _checked(driver: KeptDriver) -> KeptDriver:
    name, contact = driver.name.strip(), driver.contact.strip()
    if not 0 < len(name) <= LONGEST_NAME or not name.isprintable():
        raise InvalidRequest("bad_name", longest=LONGEST_NAME)
    if len(contact) > LONGEST_CONTACT or not contact.isprintable():
        raise InvalidRequest("bad_contact", longest=LONGEST_CONTACT)
    return replace(driver, name=name, contact=contact)


def columns(driver: KeptDriver) -> dict[str, Any]:
    """The row of a driver, but for its moments."""
    return {
        "id": driver.id,
        "organisation": driver.organisation,
        "name": driver.name,
        "contact": driver.contact,
    }


def _kept(row: Row[*tuple[Any, ...]]) -> KeptDriver:
    return KeptDriver(row.id, row.organisation, row.name, row.contact, row.retired_at)


def _note(write: Write, action: str, driver: KeptDriver) -> None:
    """What the audit holds: nothing personal."""
    write.note(action, driver.id, {"organisation": driver.organisation})
