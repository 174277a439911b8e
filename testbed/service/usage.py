"""Records of use: what each session on a route was, entered by whoever drove it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, and_, delete, exists, insert, or_, select

from testbed.domain.bookings import CHECK_IN_OPENS_MINUTES, Booking, State
from testbed.domain.catalogue import Catalogue
from testbed.domain.errors import IllegalTransition, InvalidRequest, NotAllowed, NotFound
from testbed.domain.grid import GRAINS_PER_DAY, floor_grain, moment_of
from testbed.domain.parties import Member
from testbed.persistence import store
from testbed.persistence.paper_tables import driver, vehicle
from testbed.persistence.tables import booking as bookings_table
from testbed.persistence.tables import line
from testbed.persistence.visit_tables import usage_record as table
from testbed.service import bookings
from testbed.service.actors import acts_for_all, name_of, require_books
from testbed.service.context import Context
from testbed.service.eligibility import require_reads
from testbed.service.listings import Mark, Page
from testbed.service.terms import ANY, Terms, named, once
from testbed.service.write import Write, run

LONGEST_TEXT = 2000
MOST_METRES = 10_000_000
MOST_TAKEOVERS = 100_000
DUE_DETAIL = "report_due_days"
# Nothing is due for longer.
LOOKED_BACK_DAYS = 120


@dataclass(frozen=True, slots=True)
class Session:
    """What one vehicle did on one resource; `vehicle` and `driver` are ids of papers."""

    resource: str
    started_at: datetime
    ended_at: datetime
    metres: int
    takeovers: int
    incident: str = ""
    vehicle: str | None = None
    driver: str | None = None


@dataclass(frozen=True, slots=True)
class UsageRecord:
    """A session as it is kept; plate and driver's name as the papers have them, if they do."""

    id: str
    booking: str
    organisation: str
    session: Session
    entered_at: datetime
    entered_by: str
    plate: str = ""
    driver_name: str = ""


def due_at(booking: Booking, catalogue: Catalogue, days: int) -> datetime:
    """Until when the use is to be recorded; `days` where the rule names none."""
    rule = catalogue.rules.get(booking.rule)
    named_days = rule.details.get(DUE_DETAIL) if rule else None
    count = named_days if isinstance(named_days, int) else days
    return moment_of(booking.end) + timedelta(days=count)


# -- entering --------------------------------------------------------------------------------


def record(
    ctx: Context,
    booking_id: str,
    session: Session,
    now: datetime,
    actor: Member,
    *,
    days: int,
    terms: Terms = ANY,
) -> UsageRecord:
    """Enter a session of a booking whose people have come.

    Raises NotFound: "booking", "vehicle", "driver"; IllegalTransition("nothing_used"),
    InvalidRequest("bad_session") with the field, NotAllowed("usage_too_late") for a member after
    the last day.
    """
    booking = bookings.get(ctx, booking_id, now, actor)
    require_books(actor)
    _require_open(ctx, booking, now, actor, days)
    _check(booking, session, now)
    owner = booking.organisation if acts_for_all(actor) else actor.organisation
    kept = UsageRecord(ctx.new_id(), booking_id, owner, session, now, name_of(actor))
    asked = {"usage": booking_id, **_asked(session)}
    key = None if terms.key is None else named(actor, terms.key, asked)

    def work(write: Write) -> UsageRecord:
        return once(
            write,
            key,
            lambda: _enter(write, kept),
            lambda done: {"record": done.id},
            lambda stored: _one(write.connection, stored["record"]),
        )

    return run(ctx, now, actor, work)


def _require_open(ctx: Context, booking: Booking, now: datetime, actor: Member, days: int) -> None:
    if booking.state not in (State.CHECKED_IN, State.COMPLETED):
        raise IllegalTransition("nothing_used", booking=booking.id, state=booking.state)
    until = due_at(booking, ctx.catalogue(), days)
    if now > until and not acts_for_all(actor):
        raise NotAllowed("usage_too_late", until=until.isoformat())


def _check(booking: Booking, session: Session, now: datetime) -> None:
    """Refuse what cannot have been."""
    earliest = moment_of(booking.start) - timedelta(minutes=CHECK_IN_OPENS_MINUTES)
    sound = {
        "resource": session.resource in {line.resource for line in booking.lines},
        "started_at": earliest <= session.started_at,
        "ended_at": session.started_at < session.ended_at <= now,
        "km": 0 <= session.metres <= MOST_METRES,
        "takeovers": 0 <= session.takeovers <= MOST_TAKEOVERS,
        "incident": len(session.incident) <= LONGEST_TEXT and "\0" not in session.incident,
    }
    wrong = next((name for name, is_sound in sound.items() if not is_sound), None)
    if wrong is not None:
        raise InvalidRequest("bad_session", field=wrong)


def _asked(session: Session) -> dict[str, object]:
    return {
        "resource": session.resource,
        "started_at": session.started_at.isoformat(),
        "ended_at": session.ended_at.isoformat(),
        "metres": session.metres,
        "takeovers": session.takeovers,
        "incident": session.incident,
        "vehicle": session.vehicle,
        "driver": session.driver,
    }


def _enter(write: Write, kept: UsageRecord) -> UsageRecord:
    connection, session = write.connection, kept.session
    for name, papers, chosen in (
        ("vehicle", vehicle, session.vehicle),
        ("driver", driver, session.driver),
    ):
        mine = (papers.c.id == chosen) & (papers.c.organisation == kept.organisation)
        if (
            chosen is not None
            and connection.execute(select(papers.c.id).where(mine)).first() is None
        ):
            raise NotFound(name, id=chosen)
    row = {
        "id": kept.id,
        "booking": kept.booking,
        "organisation": kept.organisation,
        "vehicle": session.vehicle,
        "driver": session.driver,
        "resource": session.resource,
        "started_at": session.started_at,
        "ended_at": session.ended_at,
        "metres": session.metres,
        "takeovers": session.takeovers,
        "incident": bool(session.incident.strip()),
        "incident_text": session.incident.strip(),
        "entered_at": kept.entered_at,
        "entered_by": kept.entered_by,
    }
    connection.execute(insert(table), row)
    about = {"organisation": kept.organisation, "booking": kept.booking}
    write.note("usage.recorded", kept.id, about)
    return _one(connection, kept.id)


def remove(ctx: Context, record_id: str, now: datetime, actor: Member, *, days: int) -> None:
    """Delete a record that was entered by mistake, while one may still be entered.

    Raises NotFound("usage_record"), NotAllowed("usage_too_late").
    """
    with ctx.database.reading() as connection:
        kept = _one(connection, record_id)
    if not acts_for_all(actor) and actor.organisation != kept.organisation:
        raise NotFound("usage_record", id=record_id)
    _require_open(ctx, bookings.get(ctx, kept.booking, now, actor), now, actor, days)

    def work(write: Write) -> None:
        write.connection.execute(delete(table).where(table.c.id == record_id))
        about = {"organisation": kept.organisation, "booking": kept.booking}
        write.note("usage.removed", record_id, about)

    run(ctx, now, actor, work)


# -- looking ---------------------------------------------------------------------------------


def of_booking(
    ctx: Context, booking_id: str, now: datetime, actor: Member
) -> tuple[UsageRecord, ...]:
    """The sessions of a booking by start, of a partner's own. Raises NotFound("booking")."""
    bookings.get(ctx, booking_id, now, actor)
    where = table.c.booking == booking_id
    if not acts_for_all(actor):
        where &= table.c.organisation == actor.organisation
    with ctx.database.reading() as connection:
        return tuple(_found(connection, where))


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which records: of one organisation, that began in [since, until); None takes all."""

    organisation: str | None = None
    since: datetime | None = None
    until: datetime | None = None


def listing(
    ctx: Context, wanted: Wanted, actor: Member, *, after: Mark | None = None, limit: int = 50
) -> Page[UsageRecord]:
    """Records by start and id; they name drivers, as papers do.

    Raises NotAllowed: "other_organisation", "role_not_here".
    """
    where = _where(wanted, actor)
    if after is not None:
        same = and_(table.c.started_at == after.at, table.c.id > after.id)
        where &= or_(table.c.started_at > after.at, same)
    with ctx.database.reading() as connection:
        found = _found(connection, where, limit + 1)
    last = found[limit - 1] if len(found) > limit else None
    mark = None if last is None else Mark(last.session.started_at, last.id)
    return Page(tuple(found[:limit]), mark)


def everything(ctx: Context, wanted: Wanted, actor: Member) -> tuple[UsageRecord, ...]:
    """All of them at once, for an export."""
    with ctx.database.reading() as connection:
        return tuple(_found(connection, _where(wanted, actor)))


def _where(wanted: Wanted, actor: Member) -> ColumnElement[bool]:
    chosen = wanted.organisation
    if not acts_for_all(actor):
        chosen = chosen or actor.organisation
    where: ColumnElement[bool] = table.c.id.is_not(None)
    if chosen is not None:
        require_reads(actor, chosen)
        where &= table.c.organisation == chosen
    if wanted.since is not None:
        where &= table.c.started_at >= wanted.since
    if wanted.until is not None:
        where &= table.c.started_at < wanted.until
    return where


def unrecorded(
    ctx: Context, now: datetime, actor: Member, days: int
) -> tuple[tuple[Booking, datetime], ...]:
    """Completed bookings without a record that may still get one, and until when, by start."""
    with ctx.database.reading() as connection:
        found = _unrecorded(connection, now, None if acts_for_all(actor) else actor.organisation)
    return tuple(_still_open(found, ctx.catalogue(), now, days))


def _unrecorded(connection: Connection, now: datetime, organisation: str | None) -> list[Booking]:
    recorded = exists().where(table.c.booking == bookings_table.c.id)
    first = floor_grain(now) - LOOKED_BACK_DAYS * GRAINS_PER_DAY
    lately = select(line.c.booking).where(line.c.start_grain >= first)
    where = (
        (bookings_table.c.state == State.COMPLETED.value)
        & bookings_table.c.id.in_(lately.where(line.c.start_grain <= floor_grain(now)))
        & ~recorded
    )
    if organisation is not None:
        where &= bookings_table.c.organisation == organisation
        where &= bookings_table.c.start_at >= now - timedelta(days=LOOKED_BACK_DAYS)
    return [each.booking for each in store.find_bookings(connection, where)]


def _still_open(
    found: Iterable[Booking], catalogue: Catalogue, now: datetime, days: int
) -> Iterable[tuple[Booking, datetime]]:
    for each in found:
        until = due_at(each, catalogue, days)
        if now <= until:
            yield each, until


def _one(connection: Connection, record_id: str) -> UsageRecord:
    found = _found(connection, table.c.id == record_id)
    if not found:
        raise NotFound("usage_record", id=record_id)
    return found[0]


def _found(
    connection: Connection, where: ColumnElement[bool], limit: int | None = None
) -> list[UsageRecord]:
    query = (
        select(table, vehicle.c.plate, driver.c.name)
        .outerjoin(vehicle, vehicle.c.id == table.c.vehicle)
        .outerjoin(driver, driver.c.id == table.c.driver)
        .where(where)
        .order_by(table.c.started_at, table.c.id)
    )
    return [_record(row) for row in connection.execute(query.limit(limit))]


def _record(row: Row[*tuple[Any, ...]]) -> UsageRecord:
    session = Session(
        resource=row.resource,
        started_at=row.started_at,
        ended_at=row.ended_at,
        metres=row.metres,
        takeovers=row.takeovers,
        incident=row.incident_text,
        vehicle=row.vehicle,
        driver=row.driver,
    )
    return UsageRecord(
        id=row.id,
        booking=row.booking,
        organisation=row.organisation,
        session=session,
        entered_at=row.entered_at,
        entered_by=row.entered_by,
        plate=row.plate or "",
        driver_name=row.name or "",
    )
