"""Lists that are read page by page: bookings by start, requests by age."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Generic, TypeVar

from sqlalchemy import ColumnElement, Connection, and_, or_, select
from sqlalchemy import true as anything

from testbed.domain.bookings import State
from testbed.domain.errors import NotFound
from testbed.domain.parties import Member
from testbed.domain.requests import Decision, Request
from testbed.persistence import convert, partners, store
from testbed.persistence.store import KeptBooking
from testbed.persistence.tables import booking, line, request
from testbed.service.actors import acts_for_all, require_acts_for
from testbed.service.bookings import as_of
from testbed.service.context import Context

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Mark:
    """Where a page ends: the moment by which the list is ordered, and the id of its last entry."""

    at: datetime
    id: str


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """Some entries of a list; `next` is where the next page begins, None on the last one."""

    items: tuple[T, ...]
    next: Mark | None


@dataclass(frozen=True, slots=True)
class Sought:
    """What a typed word may mean: a booking's id, or whose or where it is; any of these serves."""

    booking: str
    organisations: frozenset[str] = frozenset()
    resources: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class BookingsWanted:
    """Which bookings are listed, and in which order; None takes all. They meet [since, until)."""

    organisation: str | None = None
    states: frozenset[State] | None = None
    resource: str | None = None
    resources: frozenset[str] | None = None
    since: datetime | None = None
    until: datetime | None = None
    over_by: datetime | None = None
    sought: Sought | None = None
    latest_first: bool = False


@dataclass(frozen=True, slots=True)
class KeptRequest:
    """A request, what was decided, and the booking that now stands where it asked, if any."""

    request: Request
    decision: Decision
    booking: str | None


def bookings(
    ctx: Context,
    wanted: BookingsWanted,
    now: datetime,
    actor: Member,
    *,
    after: Mark | None = None,
    limit: int = 50,
) -> Page[KeptBooking]:
    """A page of bookings by start and id, or the other way round, after the mark.

    A mere member sees those of their own organisation. Raises NotAllowed("other_organisation").
    """
    names = select(booking.c.id, booking.c.start_at).where(_wanted(ctx, wanted, now, actor))
    order = (booking.c.start_at, booking.c.id)
    if after is not None:
        names = names.where(_beyond(after, latest_first=wanted.latest_first))
    if wanted.latest_first:
        names = names.order_by(*(each.desc() for each in order))
    else:
        names = names.order_by(*order)
    with ctx.database.reading() as connection:
        rows = connection.execute(names.limit(limit + 1)).all()
        shown = [row.id for row in rows[:limit]]
        found = store.find_bookings(connection, booking.c.id.in_(shown)) if shown else []
    ranks = {name: rank for rank, name in enumerate(shown)}
    found.sort(key=lambda each: ranks[each.booking.id])
    items = [replace(each, booking=as_of(ctx, each.booking, now)) for each in found]
    return _page(items, len(rows) > limit, lambda: Mark(rows[limit - 1].start_at, shown[-1]))


def _beyond(mark: Mark, *, latest_first: bool) -> ColumnElement[bool]:
    """What comes after the mark in the order of the list."""
    start, name = booking.c.start_at, booking.c.id
    if latest_first:
        return or_(start < mark.at, and_(start == mark.at, name < mark.id))
    return or_(start > mark.at, and_(start == mark.at, name > mark.id))


def _wanted(
    ctx: Context, wanted: BookingsWanted, now: datetime, actor: Member
) -> ColumnElement[bool]:
    chosen = _organisation(wanted.organisation, actor)
    conditions: list[ColumnElement[bool]] = [anything()]
    if chosen is not None:
        conditions.append(partners.involves(chosen))
    if wanted.states is not None:
        conditions.append(
            or_(*(ctx.deadlines.shows(state, now) for state in sorted(wanted.states)))
        )
    if wanted.resource is not None:
        conditions.append(_takes(frozenset({wanted.resource})))
    if wanted.resources is not None:
        conditions.append(_takes(wanted.resources))
    if wanted.sought is not None:
        conditions.append(_means(wanted.sought))
    return and_(*conditions, *_in_span(wanted))


def _in_span(wanted: BookingsWanted) -> Iterator[ColumnElement[bool]]:
    if wanted.since is not None:
        yield booking.c.end_at > wanted.since
    if wanted.until is not None:
        yield booking.c.start_at < wanted.until
    if wanted.over_by is not None:
        yield booking.c.end_at <= wanted.over_by


def _takes(resources: frozenset[str]) -> ColumnElement[bool]:
    return booking.c.id.in_(select(line.c.booking).where(line.c.resource.in_(sorted(resources))))


def _means(sought: Sought) -> ColumnElement[bool]:
    return or_(
        booking.c.id == sought.booking,
        booking.c.organisation.in_(sorted(sought.organisations)),
        _takes(sought.resources),
    )


def requests(
    ctx: Context,
    actor: Member,
    organisation: str | None = None,
    *,
    after: Mark | None = None,
    limit: int = 50,
) -> Page[KeptRequest]:
    """A page of requests, the newest first, after the mark.

    A mere member sees those of their own organisation. Raises NotAllowed("other_organisation").
    """
    query = select(request)
    chosen = _organisation(organisation, actor)
    if chosen is not None:
        query = query.where(request.c.organisation == chosen)
    if after is not None:
        beside = and_(request.c.submitted_at == after.at, request.c.id < after.id)
        query = query.where(or_(request.c.submitted_at < after.at, beside))
    ordered = query.order_by(request.c.submitted_at.desc(), request.c.id.desc()).limit(limit + 1)
    with ctx.database.reading() as connection:
        rows = connection.execute(ordered).all()
        placed = _placed(connection, [row.id for row in rows[:limit]])
    items = [_kept_request(row.document, row.decision, placed) for row in rows[:limit]]
    last = rows[:limit][-1:]
    return _page(items, len(rows) > limit, lambda: Mark(last[0].submitted_at, last[0].id))


def one_request(ctx: Context, request_id: str, actor: Member) -> KeptRequest:
    """A request. Raises NotFound("request"), also for one of another organisation."""
    with ctx.database.reading() as connection:
        row = connection.execute(select(request).where(request.c.id == request_id)).one_or_none()
        placed = _placed(connection, [request_id])
    if row is None or not (acts_for_all(actor) or actor.organisation == row.organisation):
        raise NotFound("request", id=request_id)
    return _kept_request(row.document, row.decision, placed)


def _organisation(asked: str | None, actor: Member) -> str | None:
    """Whose entries are listed; None means everybody's."""
    if asked is not None:
        require_acts_for(actor, asked)
        return asked
    return None if acts_for_all(actor) else actor.organisation


def _placed(connection: Connection, requests: Sequence[str]) -> dict[str, str]:
    """The bookings that stand where these requests asked, by request."""
    query = select(booking.c.request, booking.c.id).where(booking.c.request.in_(requests))
    return {row.request: row.id for row in connection.execute(query)}


def _kept_request(document: str, decision: str, placed: dict[str, str]) -> KeptRequest:
    asked = convert.request_from_json(convert.load(document))
    answer = convert.decision_from_json(convert.load(decision))
    return KeptRequest(asked, answer, placed.get(asked.id))


def _page(items: Sequence[T], more: bool, mark: Callable[[], Mark]) -> Page[T]:
    return Page(tuple(items), mark() if more else None)
