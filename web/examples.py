"""Example bookings of the fictional organisations: a first look finds days in use, not empty ones.

They are asked for like any other, of the allocator, under the rules; nothing is drawn by chance.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import cycle, islice

from testbed.domain.bookings import Booking, State
from testbed.domain.demand import TestKind, extra_need_of, need_of
from testbed.domain.grid import GRAINS_PER_DAY, grains_in, local_midnight, moment_of
from testbed.domain.grid import zone as zone_info
from testbed.domain.requests import Need, Request
from testbed.service import bookings, crew, listings, members, no_shows, requests
from testbed.service.actors import SYSTEM
from testbed.service.context import Context
from testbed.service.listings import BookingsWanted
from web import example_papers

FICTIONAL = "demo-"
ZONE = "Asia/Seoul"
SATURDAY = 5
WORKDAYS = 10
PER_DAY = 9
# Minutes after midnight at which they would like to start, and how long they stay.
STARTS = (9 * 60, 13 * 60, 10 * 60, 15 * 60, 9 * 60 + 30, 14 * 60)
LENGTHS = (180, 120, 240, 60)
# Each extra comes with every second request; every tenth one is held now and not confirmed.
EXTRA_EVERY = 2
HELD_EVERY = 10
MISSED_EVERY = 6
ASKED_BEFORE = timedelta(days=14)


def book(context: Context, now: datetime) -> int:
    """Book today and the coming two weeks of working days, unless somebody has booked already.

    They were asked for a fortnight ago, so that today has some too; whoever should have begun by
    now has come, but for a few. A few others are held now. Returns how many were granted.
    """
    if listings.bookings(context, BookingsWanted(), now, SYSTEM, limit=1).items:
        return 0
    granted = 0
    for number, asked in enumerate(_wishes(context, now)):
        is_held = number % HELD_EVERY == HELD_EVERY - 1
        moment = now if is_held else now - ASKED_BEFORE
        wish = replace(asked, submitted_at=moment)
        made = requests.submit(context, wish, moment, SYSTEM).booking
        if made is not None:
            granted += 1
            if not is_held:
                _go_on(context, made, moment, now, came=granted % MISSED_EVERY != 0)
    return granted


def _go_on(
    context: Context, made: Booking, asked_at: datetime, now: datetime, *, came: bool
) -> None:
    """Confirm a booking; let them come to one that has begun."""
    confirmed = bookings.confirm(context, made.id, asked_at, SYSTEM)
    start = moment_of(made.start)
    named = example_papers.crew_of(context, bookings.get(context, made.id, asked_at, SYSTEM))
    crew.name(context, made.id, named, asked_at, SYSTEM)
    if came and start <= now and confirmed.state is State.CONFIRMED:
        no_shows.check_in(context, made.id, start, SYSTEM)


def _wishes(context: Context, now: datetime) -> Iterator[Request]:
    """What they ask for: kinds of test, organisations, hours and lengths taken in turn."""
    known = members.all_organisations(context).values()
    who = cycle(each for each in known if each.id.startswith(FICTIONAL))
    kinds, starts, lengths = cycle(context.content().test_kinds), cycle(STARTS), cycle(LENGTHS)
    for number, midnight in enumerate(_midnights(now)):
        organisation, kind = next(who), next(kinds)
        yield Request(
            id="",
            organisation=organisation.id,
            submitted_at=now,
            needs=_needs(kind, with_extras=number % EXTRA_EVERY == 0),
            duration_min=next(lengths),
            start=midnight + grains_in(next(starts)),
            earliest=midnight,
            latest=midnight + GRAINS_PER_DAY,
            city=organisation.city,
            test_kind=kind.id,
        )


def _midnights(now: datetime) -> Iterator[int]:
    """The first grain of today and of each coming working day, once per wish."""
    today = now.astimezone(zone_info(ZONE)).date()
    ahead = (today + timedelta(days=days) for days in range(1, 3 * WORKDAYS))
    coming = islice((each for each in ahead if each.weekday() < SATURDAY), WORKDAYS)
    for day in (today, *coming):
        yield from [local_midnight(day, ZONE)] * PER_DAY


def _needs(kind: TestKind, *, with_extras: bool) -> tuple[Need, ...]:
    extras = kind.extras if with_extras else ()
    return need_of(kind), *map(extra_need_of, extras)
