"""The statement of an organisation for a month: computed until it is closed, then kept as it is."""

from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime, time, timedelta
from hashlib import sha256
from typing import Any

from sqlalchemy import Connection, Row, func, insert, select

from testbed.domain.bookings import State
from testbed.domain.catalogue import Mode, Name
from testbed.domain.errors import InvalidRequest
from testbed.domain.grid import zone
from testbed.domain.parties import Member
from testbed.domain.statements import Entry, Statement, entries_of, following, month_of
from testbed.persistence import convert, store
from testbed.persistence.feed_tables import statement as table
from testbed.persistence.tables import booking
from testbed.service import tariffs
from testbed.service.actors import name_of, require_operator
from testbed.service.bookings import as_of
from testbed.service.context import Context
from testbed.service.eligibility import require_reads
from testbed.service.terms import named, once
from testbed.service.write import Write, run

# No place is farther than this from UTC.
FARTHEST = timedelta(hours=26)
FIRST_YEAR, LAST_YEAR = 2000, 2098


@dataclass(frozen=True, slots=True)
class Closing:
    """When a month was closed, by whom as records name people, and the digest of what was kept."""

    at: datetime
    by: str
    digest: str


@dataclass(frozen=True, slots=True)
class Shown:
    """A statement, and its closing where it was closed."""

    statement: Statement
    closing: Closing | None


@dataclass(frozen=True, slots=True)
class Month:
    """A month that has a statement, by its first day."""

    first: date
    is_provisional: bool
    is_closed: bool


def of_month(ctx: Context, organisation: str, month: date, now: datetime, actor: Member) -> Shown:
    """The statement of the month that begins on that day.

    Raises NotAllowed: "other_organisation", "role_not_here"; InvalidRequest("bad_month").
    """
    require_reads(actor, organisation)
    first = _checked(month)
    with ctx.database.reading() as connection:
        kept = _kept(connection, organisation, first)
        return kept or Shown(_computed(ctx, connection, organisation, first, now), None)


def months(ctx: Context, organisation: str, now: datetime, actor: Member) -> tuple[Month, ...]:
    """The months from the first booking to this month or the last booking, the newest first.

    Raises NotAllowed: "other_organisation", "role_not_here".
    """
    require_reads(actor, organisation)
    with ctx.database.reading() as connection:
        present = _present(ctx, now)
        starts = select(func.min(booking.c.start_at), func.max(booking.c.start_at))
        ends = connection.execute(starts.where(booking.c.organisation == organisation)).one()
        known = [_local_month(ctx, _aware(each)) for each in ends if each is not None]
        closed = select(table.c.month).where(table.c.organisation == organisation)
        done = set(connection.execute(closed).scalars())
    month, last = min([present, *known]), max([present, *known])
    found = []
    while month <= last:
        found.append(Month(month, month >= present, month in done))
        month = following(month)
    return tuple(reversed(found))


def close(
    ctx: Context,
    organisation: str,
    month: date,
    now: datetime,
    actor: Member,
    *,
    key: str | None = None,
) -> Shown:
    """Keep the statement of a month that is over as it is; a closed one stays what it was.

    Raises NotAllowed("operators_only"), NotFound("organisation"), InvalidRequest: "bad_month",
    "month_not_over".
    """
    require_operator(actor)
    first = _checked(month)
    asked = {"close": organisation, "month": _said(first)}
    kept_key = None if key is None else named(actor, key, asked)

    def closed(write: Write) -> Shown:
        kept = _kept(write.connection, organisation, first)
        return kept or _closed(write, organisation, first)

    def work(write: Write) -> Shown:
        write.lock_organisation(organisation)
        return once(
            write, kept_key, lambda: closed(write), lambda _: asked, lambda _: closed(write)
        )

    return run(ctx, now, actor, work)


def _closed(write: Write, organisation: str, month: date) -> Shown:
    statement = _computed(write.ctx, write.connection, organisation, month, write.now)
    if statement.is_provisional:
        raise InvalidRequest("month_not_over", month=_said(month))
    document = convert.dump([_to_json(each) for each in statement.entries])
    closing = Closing(write.now, name_of(write.actor), sha256(document.encode()).hexdigest())
    row = {
        "organisation": organisation,
        "month": month,
        "closed_at": closing.at,
        "closed_by": closing.by,
        "digest": closing.digest,
        "document": document,
    }
    write.connection.execute(insert(table), row)
    about = {"month": _said(month), "krw": statement.krw, "digest": closing.digest}
    write.note("statement.closed", organisation, about)
    return Shown(statement, closing)


# -- computing -------------------------------------------------------------------------------


def _computed(
    ctx: Context, connection: Connection, organisation: str, month: date, now: datetime
) -> Statement:
    begins, ends = (datetime.combine(each, time(), UTC) for each in (month, following(month)))
    near = (booking.c.start_at >= begins - FARTHEST) & (booking.c.start_at < ends + FARTHEST)
    found = store.find_bookings(connection, near & (booking.c.organisation == organisation))
    standing = [as_of(ctx, kept.booking, now) for kept in found]
    by_booking = tariffs.of_bookings(ctx, connection, standing)
    entries: list[Entry] = []
    for each in standing:
        tariff = by_booking[each.id]
        if month_of(each, tariff.catalogue) == month:
            entries += entries_of(each, tariff.payer, tariff.catalogue)
    return Statement(organisation, month, month >= _present(ctx, now), tuple(entries))


def _present(ctx: Context, now: datetime) -> date:
    """The month that has not ended yet, wherever a site stands."""
    zones = {site.zone for site in ctx.catalogue().sites.values()} or {"UTC"}
    return min(now.astimezone(zone(each)).date().replace(day=1) for each in zones)


def _local_month(ctx: Context, moment: datetime) -> date:
    zones = {site.zone for site in ctx.catalogue().sites.values()} or {"UTC"}
    return moment.astimezone(zone(min(zones))).date().replace(day=1)


def _aware(moment: datetime) -> datetime:
    """An aggregate of SQLite comes without the zone that all stored moments have."""
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment


def _checked(month: date) -> date:
    if not FIRST_YEAR <= month.year <= LAST_YEAR or month.day != 1:
        raise InvalidRequest("bad_month", month=month.isoformat())
    return month


def _said(month: date) -> str:
    return f"{month:%Y-%m}"


# -- closed months ---------------------------------------------------------------------------


def _kept(connection: Connection, organisation: str, month: date) -> Shown | None:
    mine = (table.c.organisation == organisation) & (table.c.month == month)
    row = connection.execute(select(table).where(mine)).one_or_none()
    return None if row is None else _shown(row)


def _shown(row: Row[*tuple[Any, ...]]) -> Shown:
    entries = tuple(_from_json(each) for each in convert.load(row.document))
    statement = Statement(row.organisation, row.month, is_provisional=False, entries=entries)
    return Shown(statement, Closing(row.closed_at, row.closed_by, row.digest))


def _to_json(entry: Entry) -> convert.Json:
    return asdict(entry)


def _from_json(kept: dict[str, Any]) -> Entry:
    typed = {
        "name": Name(**kept["name"]),
        "mode": Mode(kept["mode"]),
        "state": State(kept["state"]),
    }
    return Entry(**{**kept, **typed})
