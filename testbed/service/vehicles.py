"""Vehicles of an organisation: enter, change, retire, list."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, insert, select, update

from testbed.domain.errors import InvalidRequest, NotFound
from testbed.domain.papers import VehicleType
from testbed.domain.parties import Member
from testbed.persistence.paper_tables import vehicle as table
from testbed.service.actors import require_manages
from testbed.service.context import Context
from testbed.service.eligibility import may_read, rechecked, require_reads
from testbed.service.terms import named, once
from testbed.service.write import Write, run

LONGEST_NAME = 80
LONGEST_PLATE = 20
HIGHEST_LEVEL = 5


@dataclass(frozen=True, slots=True)
class KeptVehicle:
    """A vehicle as its organisation knows it; `sae_level` is 0 to 5 (SAE J3016)."""

    id: str
    organisation: str
    name: str
    plate: str
    type: VehicleType
    sae_level: int
    retired_at: datetime | None = None


Step = Callable[[Write, KeptVehicle], KeptVehicle]


def listing(
    ctx: Context, organisation: str, actor: Member, *, with_retired: bool = False
) -> tuple[KeptVehicle, ...]:
    """The vehicles of the organisation by name. Raises NotAllowed("other_organisation")."""
    require_reads(actor, organisation)
    query = select(table).where(table.c.organisation == organisation)
    if not with_retired:
        query = query.where(table.c.retired_at.is_(None))
    with ctx.database.reading() as connection:
        rows = connection.execute(query.order_by(table.c.name, table.c.id)).all()
    return tuple(_kept(row) for row in rows)


def one(ctx: Context, vehicle_id: str, actor: Member) -> KeptVehicle:
    """One vehicle. Raises NotFound("vehicle"), also for one of another organisation."""
    with ctx.database.reading() as connection:
        return find(connection, vehicle_id, actor)


def find(connection: Connection, vehicle_id: str, actor: Member) -> KeptVehicle:
    """One vehicle in a transaction. Raises NotFound("vehicle")."""
    row = connection.execute(select(table).where(table.c.id == vehicle_id)).one_or_none()
    if row is None or not may_read(actor, row.organisation):
        raise NotFound("vehicle", id=vehicle_id)
    return _kept(row)


def enter(
    ctx: Context, wanted: KeptVehicle, now: datetime, actor: Member, key: str | None = None
) -> KeptVehicle:
    """Enter a vehicle (whatever its id); returns it with its id.

    Raises NotAllowed: "managers_only", "other_organisation"; InvalidRequest: "bad_name",
    "bad_plate", "bad_sae_level".
    """
    require_manages(actor, wanted.organisation)
    checked = _checked(replace(wanted, id=ctx.new_id(), retired_at=None))
    own = None if key is None else named(actor, key, {"vehicle": {**columns(checked), "id": ""}})

    def work(write: Write) -> KeptVehicle:
        write.lock_organisation(checked.organisation)
        return once(
            write,
            own,
            lambda: _entered(write, checked),
            lambda made: {"vehicle": made.id},
            lambda stored: find(write.connection, stored["vehicle"], actor),
        )

    return run(ctx, now, actor, work)


def _entered(write: Write, vehicle: KeptVehicle) -> KeptVehicle:
    with rechecked(write, vehicle.organisation):
        row = {**columns(vehicle), "entered_at": write.now}
        write.connection.execute(insert(table), row)
    _note(write, "vehicle.entered", vehicle)
    return vehicle


def change(
    ctx: Context, wanted: KeptVehicle, now: datetime, actor: Member, key: str | None = None
) -> KeptVehicle:
    """Change name, plate, type or level of the vehicle of that id.

    Raises NotFound("vehicle"), and what `enter` raises.
    """
    asked = {"change": {**columns(wanted), "organisation": ""}}

    def changed(write: Write, before: KeptVehicle) -> KeptVehicle:
        owner, retired_at = before.organisation, before.retired_at
        after = _checked(replace(wanted, organisation=owner, retired_at=retired_at))
        write.connection.execute(
            update(table).where(table.c.id == after.id).values(**columns(after))
        )
        _note(write, "vehicle.changed", after)
        return after

    return _step(ctx, wanted.id, now, actor, changed, asked=asked, key=key)


def retire(
    ctx: Context, vehicle_id: str, now: datetime, actor: Member, key: str | None = None
) -> KeptVehicle:
    """Retire a vehicle for good; bookings that rely on it are checked again.

    Raises NotFound("vehicle"), NotAllowed("managers_only").
    """

    def retired(write: Write, before: KeptVehicle) -> KeptVehicle:
        if before.retired_at is not None:
            return before
        after = replace(before, retired_at=now)
        write.connection.execute(update(table).where(table.c.id == after.id).values(retired_at=now))
        _note(write, "vehicle.retired", after)
        return after

    return _step(ctx, vehicle_id, now, actor, retired, asked={"retire": vehicle_id}, key=key)


def _step(
    ctx: Context,
    vehicle_id: str,
    now: datetime,
    actor: Member,
    step: Step,
    *,
    asked: dict[str, Any],
    key: str | None,
) -> KeptVehicle:
    own = None if key is None else named(actor, key, asked)

    def work(write: Write) -> KeptVehicle:
        before = find(write.connection, vehicle_id, actor)
        require_manages(actor, before.organisation)
        write.lock_organisation(before.organisation)

        def taken() -> KeptVehicle:
            with rechecked(write, before.organisation):
                return step(write, before)

        return once(write, own, taken, lambda _: asked, lambda _: before)

    return run(ctx, now, actor, work)


def _checked(vehicle: KeptVehicle) -> KeptVehicle:
    name, plate = vehicle.name.strip(), vehicle.plate.strip()
    if not 0 < len(name) <= LONGEST_NAME or not name.isprintable():
        raise InvalidRequest("bad_name", longest=LONGEST_NAME)
    if not 0 < len(plate) <= LONGEST_PLATE or not plate.isprintable():
        raise InvalidRequest("bad_plate", longest=LONGEST_PLATE)
    if not 0 <= vehicle.sae_level <= HIGHEST_LEVEL:
        raise InvalidRequest("bad_sae_level", value=vehicle.sae_level, most=HIGHEST_LEVEL)
    return replace(vehicle, name=name, plate=plate)


def columns(vehicle: KeptVehicle) -> dict[str, Any]:
    """The row of a vehicle, but for its moments."""
    return {
        "id": vehicle.id,
        "organisation": vehicle.organisation,
        "name": vehicle.name,
        "plate": vehicle.plate,
        "type": vehicle.type.value,
        "sae_level": vehicle.sae_level,
    }


def _kept(row: Row[*tuple[Any, ...]]) -> KeptVehicle:
    return KeptVehicle(
        row.id,
        row.organisation,
        row.name,
        row.plate,
        VehicleType(row.type),
        row.sae_level,
        row.retired_at,
    )


def _note(write: Write, action: str, vehicle: KeptVehicle) -> None:
    """What the audit holds: neither name nor plate."""
    about = {
        "organisation": vehicle.organisation,
        "type": vehicle.type.value,
        "sae_level": vehicle.sae_level,
    }
    write.note(action, vehicle.id, about)
