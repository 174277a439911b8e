"""Closing at once and reopening: what runs ends, what is to come is displaced, all are told."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from testbed.domain import closures
from testbed.domain.bookings import Booking, State
from testbed.domain.closures import Closure, Kind
from testbed.domain.errors import IllegalTransition, InvalidRequest
from testbed.domain.grid import ceil_grain, floor_grain, grains_in
from testbed.domain.parties import Member
from testbed.domain.visits import Ending
from testbed.persistence import catalogues, closings, convert, store, visiting
from testbed.persistence.claims import users_of
from testbed.persistence.closings import Displacement
from testbed.persistence.guard import fits
from testbed.persistence.store import KeptBooking
from testbed.persistence.tables import booking as table
from testbed.service import standing
from testbed.service.actors import acts_for_all, name_of, require_operator
from testbed.service.context import Context
from testbed.service.emergency import printable
from testbed.service.listings import Mark, Page
from testbed.service.terms import ANY, Terms, named, once
from testbed.service.write import Write, run

LONGEST_REASON = 500
LONGEST_MINUTES = 366 * 24 * 60


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be closed at once: a resource, corridor or site, for so many minutes, and why.

    Without minutes it is closed until somebody reopens it.
    """

    target: str
    minutes: int | None
    reason: str


@dataclass(frozen=True, slots=True)
class Struck:
    """A closure, and the bookings that it ended and displaced."""

    closure: Closure
    ended: tuple[Booking, ...]
    displaced: tuple[Booking, ...]


@dataclass(frozen=True, slots=True)
class Reopened:
    """A closure that is over; the bookings that have their place again, and those that do not."""

    closure: Closure
    restored: tuple[Booking, ...]
    left: tuple[Booking, ...]


# -- closing ---------------------------------------------------------------------------------


def stop(ctx: Context, order: Order, now: datetime, actor: Member, *, terms: Terms = ANY) -> Struck:
    """Close something at once.

    Running bookings on it end as it closes, others that meet it are displaced; everybody on it is
    told. Raises NotAllowed("operators_only"), NotFound("closable"), InvalidRequest: "bad_reason",
    "bad_length".
    """
    require_operator(actor)
    checked = _checked(order)
    asked = {"stop": checked.target, "minutes": checked.minutes, "reason": checked.reason}
    key = None if terms.key is None else named(actor, terms.key, asked)

    def work(write: Write) -> Struck:
        return once(
            write,
            key,
            lambda: _stop(write, _closure(write, ctx.new_id(), checked)),
            lambda done: {"closure": done.closure.id},
            lambda stored: _struck(write, stored["closure"]),
        )

    return run(ctx, now, actor, work)


def _checked(order: Order) -> Order:
    said = printable(order.reason)
    if not 0 < len(said) <= LONGEST_REASON:
        raise InvalidRequest("bad_reason", longest=LONGEST_REASON)
    if order.minutes is not None and not 0 < order.minutes <= LONGEST_MINUTES:
        raise InvalidRequest("bad_length", most=LONGEST_MINUTES)
    return replace(order, reason=said)


def _closure(write: Write, name: str, order: Order) -> Closure:
    catalogue = write.ctx.calendar.content(write.connection).catalogue
    start = ceil_grain(write.now)
    return Closure(
        id=name,
        kind=Kind.STOP,
        target=order.target,
        pools=closures.pools_of(catalogue, order.target),
        start=start,
        end=None if order.minutes is None else start + grains_in(order.minutes),
        reason=order.reason,
        created_at=write.now,
        created_by=name_of(write.actor),
    )


def _stop(write: Write, closure: Closure) -> Struck:
    # Bookings on its pools have claims in others: all at once, or a crowd could make it start anew.
    write.lock(catalogues.pools(write.connection))
    write.release_ended()
    closings.add(write.connection, closure)
    # What silence has confirmed by now has been confirmed, whoever has written it down.
    met = [write.settled(kept) for kept in _meeting(write, closure)]
    write.about = {"closure": closure.id, "reason": closure.reason}
    struck = [_strike(write, kept, closure) for kept in met]
    write.about = {}
    until = _cut_services(write)
    capacities = catalogues.capacities(write.connection)
    write.close(closure.id, closures.claims(closure, capacities, until))
    write.note("closure.stopped", closure.id, _note(closure, struck))
    return Struck(
        closure,
        tuple(each for each in struck if each.state is State.COMPLETED),
        tuple(each for each in struck if each.state is State.DISPLACED),
    )


def _meeting(write: Write, closure: Closure) -> list[KeptBooking]:
    """The bookings that meet a closure, kept from changing."""
    connection = write.connection
    there = store.find_bookings(connection, visiting.CHECKED_IN)
    names = {
        *users_of(connection, closure.pools, floor_grain(write.now)),
        *(each.booking.id for each in there if closures.meets(each.booking, closure)),
    }
    closings.lock_bookings(connection, names)
    found = store.find_bookings(connection, table.c.id.in_(names)) if names else []
    return [
        each for each in found if each.booking.occupies and closures.meets(each.booking, closure)
    ]


def _strike(write: Write, kept: KeptBooking, closure: Closure) -> Booking:
    after = closures.struck(kept.booking, closure)
    closings.displace(write.connection, closure.id, kept.booking)
    if kept.booking.state is State.CHECKED_IN:
        who = name_of(write.actor)
        visiting.leave(write.connection, after.id, write.now, who, Ending.STOPPED)
    if after.state is State.COMPLETED:
        return write.shorten(kept, after, closure.start, "booking.stopped")
    return write.leave(kept, after, "booking.displaced")


def _cut_services(write: Write) -> int:
    """Take standing services out of what is shut, and back into what is not; how far they reach."""
    content = write.ctx.calendar.content(write.connection)
    written = catalogues.standing_until(write.connection)
    found = standing.difference(write, content.catalogue, content.standing, written)
    standing.release_surplus(write, found)
    write.scratch.gave_back(tuple(each.claim for each in found.surplus), by_time=False)
    standing.take_lacking(write, found)
    write.scratch.took(tuple(claim for _, claim in found.lacking))
    return found.until


def _note(closure: Closure, touched: Iterable[Booking]) -> convert.Json:
    return {
        "target": closure.target,
        "pools": list(closure.pools),
        "start": closure.start,
        "end": closure.end,
        "reason": closure.reason,
        "bookings": [each.id for each in touched],
    }


def _struck(write: Write, name: str) -> Struck:
    """What a closure of before did, with the bookings as they stand now."""
    connection = write.connection
    found = [
        store.find_booking(connection, each.booking).booking
        for each in closings.struck_by(connection, name)
    ]
    return Struck(
        closings.find(connection, name),
        tuple(each for each in found if each.state is State.COMPLETED),
        tuple(each for each in found if each.state is not State.COMPLETED),
    )


# -- reopening -------------------------------------------------------------------------------


def reopen(
    ctx: Context, name: str, now: datetime, actor: Member, *, terms: Terms = ANY
) -> Reopened:
    """End a closure; what it displaced, is yet to begin and still fits has its place again.

    Raises NotAllowed("operators_only"), NotFound("closure"), IllegalTransition("closure_over").
    """
    require_operator(actor)
    asked = {"reopen": name}
    key = None if terms.key is None else named(actor, terms.key, asked)

    def work(write: Write) -> Reopened:
        return once(
            write,
            key,
            lambda: _reopen(write, name),
            lambda _: asked,
            lambda _: _as_left(write, name),
        )

    return run(ctx, now, actor, work)


def _reopen(write: Write, name: str) -> Reopened:
    connection = write.connection
    write.lock(catalogues.pools(connection))
    write.release_ended()
    closure = closings.find(connection, name)
    if not closure.in_force(write.now):
        raise IllegalTransition("closure_over", closure=name)
    closings.end(connection, name, write.now, name_of(write.actor))
    write.reopen(name, ceil_grain(write.now))
    _cut_services(write)
    struck = closings.struck_by(connection, name)
    closings.lock_bookings(connection, [each.booking for each in struck])
    write.about = {"closure": name, "reason": closure.reason}
    restored = [each for one in struck if (each := _restored(write, one)) is not None]
    write.about = {}
    write.note("closure.reopened", name, _note(closure, restored))
    return _as_left(write, name)


def _restored(write: Write, struck: Displacement) -> Booking | None:
    """The booking at its former place, None where it may not return or its place is gone."""
    kept = store.find_booking(write.connection, struck.booking)
    if not closures.may_return(kept.booking, struck.before, write.now):
        return None
    if not fits(write.connection, struck.claims, catalogues.capacities(write.connection)):
        return None
    closings.restore(write.connection, struck.closure, struck.booking, write.now)
    booking = closures.restored(kept.booking, struck.claims)
    return write.replace(kept, booking, "booking.restored")


def _as_left(write: Write, name: str) -> Reopened:
    connection = write.connection
    struck = closings.struck_by(connection, name)
    found = {each.booking: store.find_booking(connection, each.booking).booking for each in struck}
    back = [each for each in struck if each.restored_at is not None]
    return Reopened(
        closings.find(connection, name),
        tuple(found[each.booking] for each in back),
        tuple(each for each in found.values() if each.state is State.DISPLACED),
    )


# -- looking ---------------------------------------------------------------------------------


def in_force(ctx: Context, now: datetime) -> tuple[Closure, ...]:
    """What is closed at this moment or will be, the oldest first; it concerns everybody."""
    with ctx.database.reading() as connection:
        return tuple(closings.in_force(connection, now))


def listing(
    ctx: Context, actor: Member, *, after: Mark | None = None, limit: int = 50
) -> Page[Closure]:
    """Closures by age, the newest first. Raises NotAllowed("operators_only")."""
    require_operator(actor)
    before = None if after is None else (after.at, after.id)
    with ctx.database.reading() as connection:
        found = closings.newest(connection, before, limit + 1)
    last = found[limit - 1] if len(found) > limit else None
    following = None if last is None else Mark(last.created_at, last.id)
    return Page(tuple(found[:limit]), following)


def one(ctx: Context, name: str, actor: Member) -> Reopened:
    """A closure with what has its place again and what is displaced still.

    Raises NotAllowed("operators_only"), NotFound("closure").
    """
    require_operator(actor)
    with ctx.database.reading() as connection:
        struck = closings.struck_by(connection, name)
        closure = closings.find(connection, name)
        names = [each.booking for each in struck]
        found = store.find_bookings(connection, table.c.id.in_(names)) if names else []
    back = {each.booking for each in struck if each.restored_at is not None}
    all_of_them = [each.booking for each in found]
    return Reopened(
        closure,
        tuple(each for each in all_of_them if each.id in back),
        tuple(each for each in all_of_them if each.state is State.DISPLACED),
    )


def displaced(ctx: Context, now: datetime, actor: Member) -> tuple[Booking, ...]:
    """The displaced bookings that are not over, by start, of those whom the actor acts for."""
    where = (table.c.state == State.DISPLACED.value) & (table.c.end_at > now)
    if not acts_for_all(actor):
        where &= table.c.organisation == actor.organisation
    with ctx.database.reading() as connection:
        return tuple(each.booking for each in store.find_bookings(connection, where))


def behind(ctx: Context, booking: Booking) -> Closure | None:
    """The closure that displaced or ended this booking, if one did."""
    with ctx.database.reading() as connection:
        found = closings.last_of(connection, booking.id)
        return None if found is None else closings.find(connection, found.closure)
