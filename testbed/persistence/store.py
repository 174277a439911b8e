"""Rows of requests and bookings, to and from the values of the domain."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, bindparam, insert, select, update
from sqlalchemy.exc import IntegrityError

from testbed.domain.bookings import Booking, State
from testbed.domain.catalogue import Mode
from testbed.domain.errors import InvalidRequest, NotFound, Stale
from testbed.domain.grid import grain_of, moment_of
from testbed.domain.requests import Claim, Decision, Line, Request
from testbed.persistence import convert, partners
from testbed.persistence.claims import claims_of
from testbed.persistence.run_out import ran_out
from testbed.persistence.tables import booking as bookings
from testbed.persistence.tables import line as lines
from testbed.persistence.tables import organisation
from testbed.persistence.tables import request as requests


@dataclass(frozen=True, slots=True)
class KeptBooking:
    """A booking as the database keeps it; `version` grows with every change of it."""

    booking: Booking
    version: int


# -- requests --------------------------------------------------------------------------------


def save_request(connection: Connection, request: Request, decision: Decision, actor: str) -> None:
    """Keep a request with what was decided.

    Raises InvalidRequest("request_known") for an id that is already kept.
    """
    row = {
        "id": request.id,
        "organisation": request.organisation,
        "actor": actor,
        "submitted_at": request.submitted_at,
        "status": decision.status,
        "document": convert.dump(convert.request_to_json(request)),
        "decision": convert.dump(convert.decision_to_json(decision)),
    }
    try:
        connection.execute(insert(requests), row)
    except IntegrityError as error:
        if "request" in str(error.orig) and _is_duplicate(error):
            raise InvalidRequest("request_known", request=request.id) from error
        raise


def _is_duplicate(error: IntegrityError) -> bool:
    told = str(error.orig)
    return "UNIQUE constraint failed" in told or "duplicate key" in told


def decided(connection: Connection, request_id: str) -> tuple[Request, Decision]:
    """A request and what was decided. Raises NotFound("request")."""
    query = select(requests).where(requests.c.id == request_id)
    row = connection.execute(query).one_or_none()
    if row is None:
        raise NotFound("request", id=request_id)
    request = convert.request_from_json(convert.load(row.document))
    return request, convert.decision_from_json(convert.load(row.decision))


def lock_organisation(connection: Connection, organisation_id: str) -> None:
    """Lock an organisation's row until the transaction ends, so that its quota is decided alone.

    Raises NotFound("organisation"). SQLite's write lock covers it already.
    """
    found = connection.execute(_LOCK_ORGANISATION, {"name": organisation_id})
    if found.one_or_none() is None:
        raise NotFound("organisation", id=organisation_id)


_LOCK_ORGANISATION = (
    select(organisation.c.id)
    .where(organisation.c.id == bindparam("name"))
    .with_for_update(key_share=True)
)


# -- bookings --------------------------------------------------------------------------------


def add_booking(connection: Connection, booking: Booking) -> None:
    """Keep a new booking and its lines; its claims are taken apart from it."""
    connection.execute(insert(bookings), {"id": booking.id, "version": 1, **_columns(booking)})
    _add_lines(connection, booking)
    partners.invite(connection, booking)


def change_booking(connection: Connection, kept: KeptBooking, booking: Booking) -> None:
    """Replace a kept booking by its next state.

    Raises Stale("booking_changed") where somebody else changed it since it was read.
    """
    mine = (bookings.c.id == booking.id) & (bookings.c.version == kept.version)
    changed = update(bookings).where(mine).values(version=kept.version + 1, **_columns(booking))
    if connection.execute(changed).rowcount != 1:
        raise Stale("booking_changed", booking=booking.id)
    if booking.lines != kept.booking.lines:
        connection.execute(lines.delete().where(lines.c.booking == booking.id))
        _add_lines(connection, booking)


def _columns(booking: Booking) -> dict[str, object]:
    return {
        "request": booking.request.id,
        "organisation": booking.organisation,
        "state": booking.state.value,
        "start_at": moment_of(booking.start),
        "end_at": moment_of(booking.end),
        "rule": booking.rule,
        "week": booking.week,
        "counted": booking.counted,
        "late": booking.late,
        "forfeited": booking.forfeited,
        "expires_at": booking.expires_at,
        "silence": booking.silence and booking.silence.value,
    }


def _add_lines(connection: Connection, booking: Booking) -> None:
    rows = [
        {
            "booking": booking.id,
            "position": position,
            "resource": line.resource,
            "start_grain": line.start,
            "end_grain": line.end,
            "units": line.units,
            "vehicles": line.vehicles,
            "mode": line.mode.value,
        }
        for position, line in enumerate(booking.lines)
    ]
    connection.execute(insert(lines), rows)


def find_booking(connection: Connection, booking_id: str) -> KeptBooking:
    """The booking of that id. Raises NotFound("booking")."""
    found = find_bookings(connection, bookings.c.id == booking_id)
    if not found:
        raise NotFound("booking", id=booking_id)
    return found[0]


def expired_holds(connection: Connection, now: datetime) -> list[KeptBooking]:
    """The holds and pending bookings that ran out and that nobody has released yet."""
    return find_bookings(connection, ran_out(now))


def find_bookings(connection: Connection, where: ColumnElement[bool]) -> list[KeptBooking]:
    """The bookings that a condition on the booking table selects, by start and id."""
    query = (
        select(bookings, requests.c.document)
        .join(requests, requests.c.id == bookings.c.request)
        .where(where)
        .order_by(bookings.c.start_at, bookings.c.id)
    )
    rows = connection.execute(query).all()
    if not rows:
        return []
    names = [row.id for row in rows]
    held_lines = _lines_of(connection, names)
    held_claims = _claims_by_booking(connection, names)
    found = [
        KeptBooking(
            _booking(row, held_lines.get(row.id, ()), held_claims.get(row.id, ())), row.version
        )
        for row in rows
    ]
    return _with_partners(connection, found)


def _with_partners(connection: Connection, found: list[KeptBooking]) -> list[KeptBooking]:
    """The bookings, joint ones with the partners who still take part in them."""
    joint = [kept.booking.id for kept in found if kept.booking.request.partners]
    if not joint:
        return found
    now = partners.taking_part(connection, joint)
    return [
        KeptBooking(_joint(kept.booking, now[kept.booking.id]), kept.version)
        if kept.booking.id in now
        else kept
        for kept in found
    ]


def _joint(booking: Booking, names: tuple[str, ...]) -> Booking:
    return replace(booking, request=replace(booking.request, partners=names))


def _booking(
    row: Row[*tuple[Any, ...]], kept_lines: Iterable[Line], kept_claims: Iterable[Claim]
) -> Booking:
    return Booking(
        id=row.id,
        request=convert.request_from_json(convert.load(row.document)),
        state=State(row.state),
        start=grain_of(row.start_at),
        end=grain_of(row.end_at),
        rule=row.rule,
        week=row.week,
        lines=tuple(kept_lines),
        claims=tuple(kept_claims),
        expires_at=row.expires_at,
        late=row.late,
        forfeited=row.forfeited,
        silence=State(row.silence) if row.silence else None,
    )


def _lines_of(connection: Connection, names: Collection[str]) -> dict[str, list[Line]]:
    query = select(lines).where(lines.c.booking.in_(names))
    found: dict[str, list[Line]] = {}
    for row in connection.execute(query.order_by(lines.c.booking, lines.c.position)):
        line = Line(
            row.resource, row.start_grain, row.end_grain, row.units, row.vehicles, Mode(row.mode)
        )
        found.setdefault(row.booking, []).append(line)
    return found


def _claims_by_booking(connection: Connection, names: Collection[str]) -> dict[str, list[Claim]]:
    found: dict[str, list[Claim]] = {}
    for kept in claims_of(connection, names):
        found.setdefault(str(kept.owner.booking), []).append(kept.claim)
    return found
