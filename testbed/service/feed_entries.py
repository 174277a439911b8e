"""What stands in a calendar feed at a moment: who may know what, and how each entry has changed."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from hashlib import sha256
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, Row, exists, func, or_, select, true

from testbed.domain.bookings import Booking, State, grace_end
from testbed.domain.catalogue import Catalogue
from testbed.domain.grid import ceil_grain, moment_of
from testbed.domain.parties import Member
from testbed.persistence import partners, store
from testbed.persistence.store import KeptBooking
from testbed.persistence.tables import audit, booking, line, request
from testbed.persistence.together_tables import booked_for
from testbed.service.actors import acts_for_all, name_of, takes_part
from testbed.service.bookings import as_of
from testbed.service.context import Context
from testbed.service.feeds import Feed, Kind, Opened

# How far back a calendar reaches.
PAST = timedelta(days=31)


class Standing(StrEnum):
    """How sure an entry is, as calendars tell it."""

    TENTATIVE = "tentative"
    CONFIRMED = "confirmed"
    CANCELLED = "cancelled"


STANDING: dict[State, Standing] = {
    State.HELD: Standing.TENTATIVE,
    State.PENDING: Standing.TENTATIVE,
    State.CONFIRMED: Standing.CONFIRMED,
    State.CHECKED_IN: Standing.CONFIRMED,
    State.COMPLETED: Standing.CONFIRMED,
    State.NO_SHOW: Standing.CONFIRMED,
    State.CANCELLED: Standing.CANCELLED,
    State.EXPIRED: Standing.CANCELLED,
    State.REJECTED: Standing.CANCELLED,
    State.DISPLACED: Standing.CANCELLED,
}
GONE = tuple(state.value for state, how in STANDING.items() if how is Standing.CANCELLED)


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of a calendar: [start, end) in grains on a resource.

    `name` never changes and tells nothing; `sequence` rises with every change. `booking` is None
    for what the reader's organisation takes no part in: it is only busy.
    """

    name: str
    sequence: int
    created_at: datetime
    changed_at: datetime
    resource: str
    start: int
    end: int
    standing: Standing
    booking: Booking | None


class Known(NamedTuple):
    """Who reads which feed at which moment, and when the bookings were made and last changed."""

    feed: Feed
    reader: Member
    now: datetime
    changes: dict[str, tuple[datetime, datetime]]
    resources: frozenset[str]


def entries(ctx: Context, opened: Opened, now: datetime) -> tuple[Entry, ...]:
    """Everything in the feed, by start: a month back, and all that is to come.

    What was cancelled stays as such until its time is over, so that every calendar drops it.
    """
    feed, reader = opened
    with ctx.database.reading() as connection:
        catalogue = ctx.calendar.content(connection).catalogue
        resources = _resources(feed, catalogue)
        where = _concerned(ctx, feed, reader, resources, now) & _near(now)
        found = store.find_bookings(connection, where)
        changes = _changes(connection, [kept.booking.id for kept in found])
    known = Known(feed, reader, now, changes, resources)
    return tuple(entry for kept in found for entry in _entries(ctx, kept, known))


# -- which bookings --------------------------------------------------------------------------


def _near(now: datetime) -> ColumnElement[bool]:
    stands = booking.c.state.not_in(GONE)
    return (booking.c.end_at > now - PAST) & (stands | (booking.c.end_at > now))


def _resources(feed: Feed, catalogue: Catalogue) -> frozenset[str]:
    """The resources whose bookings the feed shows, each with an entry of its own; else none."""
    if feed.kind is Kind.RESOURCE:
        return frozenset({feed.about})
    if feed.kind is Kind.CITY:
        return frozenset(each.id for each in catalogue.resources() if each.city == feed.about)
    return frozenset()


def _concerned(
    ctx: Context, feed: Feed, reader: Member, resources: frozenset[str], now: datetime
) -> ColumnElement[bool]:
    if feed.kind is Kind.MEMBER:
        return _asked_for(reader)
    if feed.kind is Kind.ORGANISATION:
        return partners.involves(feed.about)
    since = ceil_grain(now - PAST - timedelta(hours=ctx.policy.longest_booking_hours))
    taken = select(line.c.booking).where(line.c.start_grain > since)
    return booking.c.id.in_(taken.where(line.c.resource.in_(sorted(resources))))


def _asked_for(member: Member) -> ColumnElement[bool]:
    """What the member asked for, held or had booked, as far as it is still theirs to see."""
    held = exists().where(
        audit.c.subject == booking.c.id,
        audit.c.action == "booking.held",
        audit.c.actor == name_of(member),
    )
    theirs = true() if acts_for_all(member) else partners.involves(member.organisation)
    for_them = request.c.id.in_(
        select(booked_for.c.request).where(booked_for.c.member == member.id)
    )
    return theirs & or_(request.c.actor == name_of(member), held, for_them)


def _changes(
    connection: Connection, names: Collection[str]
) -> dict[str, tuple[datetime, datetime]]:
    """When each booking was made and last changed."""
    ends = func.min(audit.c.id).label("first"), func.max(audit.c.id).label("last")
    changed = audit.c.subject.in_(names) & audit.c.action.startswith("booking.")
    span = select(audit.c.subject, *ends).where(changed).group_by(audit.c.subject).subquery()
    first, last = audit.alias(), audit.alias()
    query = (
        select(span.c.subject, first.c.at.label("made"), last.c.at.label("changed"))
        .join(first, first.c.id == span.c.first)
        .join(last, last.c.id == span.c.last)
    )
    rows: list[Row[*tuple[Any, ...]]] = list(connection.execute(query))
    return {row.subject: (row.made, row.changed) for row in rows}


# -- what is told of them --------------------------------------------------------------------


class Slot(NamedTuple):
    """Where an entry stands; `part` tells the entries of one booking apart."""

    part: str
    resource: str
    start: int
    end: int


def _entries(ctx: Context, kept: KeptBooking, known: Known) -> Iterator[Entry]:
    shown = as_of(ctx, kept.booking, known.now)
    is_ours = takes_part(known.reader, shown)
    made, changed = known.changes[shown.id]
    # What time has ended is written down later, once: the entry is by then what it will be.
    ended = _ended_at(ctx, kept.booking) if shown.state is not kept.booking.state else None
    for slot in _slots(shown, known.resources):
        yield Entry(
            name=_name(shown.id + slot.part, known.feed, is_ours=is_ours),
            sequence=kept.version - 1 + (ended is not None),
            created_at=made,
            changed_at=ended or changed,
            resource=slot.resource,
            start=slot.start,
            end=slot.end,
            standing=_standing(shown.state, is_ours=is_ours),
            booking=shown if is_ours else None,
        )


def _slots(shown: Booking, resources: frozenset[str]) -> Iterator[Slot]:
    """One entry for the whole booking, or one for each of its lines on these resources."""
    if not resources:
        yield Slot("", shown.lines[0].resource, shown.start, shown.end)
    for position, each in enumerate(shown.lines):
        if each.resource in resources:
            yield Slot(f"-{position}", each.resource, each.start, each.end)


def _name(part: str, feed: Feed, *, is_ours: bool) -> str:
    """The lasting name of an entry; that of another's booking leads nowhere, in no other feed."""
    return part if is_ours else sha256(f"{feed.id}:{part}".encode()).hexdigest()[:24]


def _standing(state: State, *, is_ours: bool) -> Standing:
    """How sure it is; that another's booking waits for something is nobody's business."""
    standing = STANDING[state]
    return standing if is_ours or standing is Standing.CANCELLED else Standing.CONFIRMED


def _ended_at(ctx: Context, booking: Booking) -> datetime:
    if booking.expires_at is not None:
        return booking.expires_at
    return moment_of(grace_end(booking.start, ctx.policy.no_show_grace_minutes))
