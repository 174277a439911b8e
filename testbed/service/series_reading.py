"""Reading series: each with its dates as they stand at this moment."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection, and_, or_, select

from testbed.domain.bookings import Booking, State
from testbed.domain.errors import NotFound
from testbed.domain.parties import Member
from testbed.domain.requests import Decision, Request
from testbed.domain.series import Occurrence, Outcome
from testbed.persistence import convert, series_store, store
from testbed.persistence.series_store import KeptSeries
from testbed.persistence.series_tables import series as table
from testbed.persistence.store import KeptBooking
from testbed.persistence.tables import booking as bookings_table
from testbed.persistence.tables import request as requests_table
from testbed.service.actors import acts_for_all, require_acts_for
from testbed.service.bookings import as_of
from testbed.service.context import Context
from testbed.service.listings import Mark, Page


@dataclass(frozen=True, slots=True)
class Dated:
    """One date of a series: its booking as it stands now, and the no that was said to it last."""

    occurrence: Occurrence
    booking: Booking | None = None
    request: Request | None = None
    decision: Decision | None = None
    version: int = 0


@dataclass(frozen=True, slots=True)
class Shown:
    """A series with its dates, in their order."""

    kept: KeptSeries
    dates: tuple[Dated, ...]

    def of(self, *states: State) -> tuple[Booking, ...]:
        """Its bookings in any of these states."""
        return tuple(
            each.booking for each in self.dates if each.booking and each.booking.state in states
        )


def require_sees(actor: Member, kept: KeptSeries) -> None:
    """Refuse a member of another organisation as if there were none. Raises NotFound("series")."""
    if not acts_for_all(actor) and actor.organisation != kept.organisation:
        raise NotFound("series", id=kept.id)


def get(ctx: Context, series_id: str, now: datetime, actor: Member) -> Shown:
    """A series with its dates as they stand now. Raises NotFound("series")."""
    with ctx.database.reading() as connection:
        kept = series_store.find_series(connection, series_id)
        require_sees(actor, kept)
        return _shown(ctx, connection, [kept], now)[0]


def listing(
    ctx: Context,
    now: datetime,
    actor: Member,
    organisation: str | None = None,
    *,
    after: Mark | None = None,
    limit: int = 50,
) -> Page[Shown]:
    """A page of series, the newest first, after the mark.

    A mere member sees those of their own organisation. Raises NotAllowed("other_organisation").
    """
    query = select(table).order_by(table.c.created_at.desc(), table.c.id.desc()).limit(limit + 1)
    if organisation is not None:
        require_acts_for(actor, organisation)
    chosen = organisation or (None if acts_for_all(actor) else actor.organisation)
    if chosen is not None:
        query = query.where(table.c.organisation == chosen)
    if after is not None:
        beside = and_(table.c.created_at == after.at, table.c.id < after.id)
        query = query.where(or_(table.c.created_at < after.at, beside))
    with ctx.database.reading() as connection:
        rows = [series_store.kept_series(row) for row in connection.execute(query)]
        shown = _shown(ctx, connection, rows[:limit], now)
    more = len(rows) > limit
    return Page(shown, Mark(rows[limit - 1].created_at, rows[limit - 1].id) if more else None)


def of_booking(ctx: Context, booking_id: str, now: datetime, actor: Member) -> Shown | None:
    """The series of a booking, None for one by itself or of another organisation."""
    with ctx.database.reading() as connection:
        found = series_store.occurrence_of_booking(connection, booking_id)
    if found is None:
        return None
    try:
        return get(ctx, found[0], now, actor)
    except NotFound:
        return None


def _shown(
    ctx: Context, connection: Connection, rows: Sequence[KeptSeries], now: datetime
) -> tuple[Shown, ...]:
    dates = series_store.occurrences_of(connection, [each.id for each in rows])
    every = [each for listed in dates.values() for each in listed]
    kept = as_they_stand(ctx, connection, every, now)
    standing = {each.booking.id: each for each in kept}
    decided = _decisions(connection, every)
    return tuple(
        Shown(row, tuple(_dated(each, standing, decided) for each in dates.get(row.id, ())))
        for row in rows
    )


def _decisions(
    connection: Connection, dates: Iterable[Occurrence]
) -> dict[str, tuple[Request, Decision]]:
    """What was asked and decided of the dates that were left out."""
    names = [each.request for each in dates if each.outcome is Outcome.LEFT_OUT and each.request]
    query = select(requests_table).where(requests_table.c.id.in_(names))
    return {
        row.id: (
            convert.request_from_json(convert.load(row.document)),
            convert.decision_from_json(convert.load(row.decision)),
        )
        for row in (connection.execute(query) if names else ())
    }


def _dated(
    each: Occurrence,
    standing: Mapping[str, KeptBooking],
    decided: Mapping[str, tuple[Request, Decision]],
) -> Dated:
    request, decision = decided.get(each.request or "", (None, None))
    kept = standing.get(each.booking or "")
    if kept is None:
        return Dated(each, None, request, decision)
    return Dated(each, kept.booking, request, decision, kept.version)


def as_they_stand(
    ctx: Context, connection: Connection, dates: Iterable[Occurrence], now: datetime
) -> list[KeptBooking]:
    """The bookings of these dates as they stand at this moment, by start."""
    names = [each.booking for each in dates if each.booking]
    found = store.find_bookings(connection, bookings_table.c.id.in_(names)) if names else []
    return [replace(each, booking=as_of(ctx, each.booking, now)) for each in found]
