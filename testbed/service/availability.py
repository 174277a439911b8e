"""What is free: starts, days, and ways to mend a wish that cannot be met."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from testbed.domain import allocator, bitset, repairs
from testbed.domain.catalogue import Resource
from testbed.domain.fit import Fit, demands, refused
from testbed.domain.grid import local_midnight
from testbed.domain.ledger import Ledger
from testbed.domain.repairs import Candidate, Repair
from testbed.domain.requests import Offer, Reason, Request
from testbed.domain.search import Search
from testbed.persistence.apart import keep_apart
from testbed.service.context import Context
from testbed.service.leaving import without
from testbed.service.requests import standing_booking

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class FreeDay:
    """A local day: half-open spans (grains) that are free, and spans of starts that serve.

    At every grain of `starts` a booking of the asked length may begin; `free` is what such bookings
    could cover of the day.
    """

    day: date
    free: tuple[Span, ...]
    starts: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class Availability:
    """A resource that the need matches: booked length in grains, and its days.

    `reasons` say why it can never serve; then there are no days.
    """

    resource: Resource
    duration: int
    days: tuple[FreeDay, ...]
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class DayUse:
    """A local day [first, end) of one resource as one need finds it; all in grains.

    `opened` are the opening hours, `busy` the part of them in which what is asked has no room:
    whose use that is, it does not say.
    """

    first: int
    end: int
    opened: tuple[Span, ...]
    busy: tuple[Span, ...]


@contextmanager
def _ledger(ctx: Context, request: Request, now: datetime, moving: str | None) -> Iterator[Ledger]:
    """The calendar as who asks finds it, without the claims of a booking on the move."""
    with (
        ctx.database.reading() as connection,
        ctx.calendar.at(connection, now, request.organisation) as ledger,
        without(ledger, standing_booking(ctx, connection, moving, now)),
    ):
        keep_apart(connection, ledger, [request], ctx.deadlines, now)
        yield ledger


def of_need(
    ctx: Context,
    request: Request,
    first_day: date,
    last_day: date,
    now: datetime,
    *,
    moving: str | None = None,
) -> tuple[Availability, ...]:
    """What is free for a request of one need on local days, `last_day` included.

    The request's own start and window are not looked at; all the rules are, also those on lead and
    weekly hours. Resources come cheapest first. The claims of the booking `moving` are not in the
    way. Raises NotFound("booking").
    """
    with _ledger(ctx, request, now, moving) as ledger:
        mains = Search(request, ledger, now).mains()
        search = Search(_over(request, mains, first_day, last_day), ledger, now)
        return tuple(_of_fit(search, main, first_day, last_day) for main in mains)


def day_uses(
    ctx: Context,
    request: Request,
    wanted: Iterable[tuple[Resource, date]],
    now: datetime,
    *,
    moving: str | None = None,
) -> tuple[DayUse, ...]:
    """How those days of those resources look to the request's main need, in the order asked."""
    with _ledger(ctx, request, now, moving) as ledger:
        return tuple(_day_use(ledger, request, resource, day) for resource, day in wanted)


def _day_use(ledger: Ledger, request: Request, resource: Resource, day: date) -> DayUse:
    first = local_midnight(day, resource.zone)
    length = local_midnight(day + timedelta(days=1), resource.zone) - first
    offset = first - ledger.base
    opened = ledger.open_grains(resource.calendar, resource.zone)
    taken = 0
    for demand in demands(ledger.catalogue, request.needs[0], resource):
        taken |= refused(ledger, demand)
    return DayUse(
        first,
        first + length,
        _spans(opened, ledger.base, first, first + length),
        _spans(bitset.window(opened & taken, offset, length), first, first, first + length),
    )


def first_offer(
    ctx: Context, request: Request, now: datetime, *, moving: str | None = None
) -> Offer | None:
    """The best offer within the wish, None where nothing fits; asks for no reasons."""
    with _ledger(ctx, request, now, moving) as ledger:
        return next(iter(allocator.offers(request, ledger, now, 1)), None)


def mended(
    ctx: Context,
    request: Request,
    now: datetime,
    *,
    moving: str | None = None,
    also: Iterable[Candidate] = (),
) -> tuple[Repair, ...]:
    """The nearest repairs of a request that finds nothing; `also` are the caller's own changes.

    Raises NotFound("booking").
    """
    with _ledger(ctx, request, now, moving) as ledger:
        return repairs.repairs(request, ledger, now, also)


def _over(request: Request, mains: tuple[Fit, ...], first_day: date, last_day: date) -> Request:
    """The request with a window of every start that could cover a grain of these days."""
    zones = {main.resource.zone for main in mains} or {"UTC"}
    longest = max((main.duration for main in mains), default=0)
    earliest = min(local_midnight(first_day, zone) for zone in zones) - longest
    latest = max(local_midnight(last_day + timedelta(days=1), zone) for zone in zones)
    return replace(request, start=earliest, earliest=earliest, latest=latest)


def _of_fit(search: Search, main: Fit, first_day: date, last_day: date) -> Availability:
    days: tuple[FreeDay, ...] = ()
    if not main.reasons:
        starts, _ = search.starts(main, search.permitted(main))
        days = tuple(_days(search.first, starts, main, first_day, last_day))
    return Availability(main.resource, main.duration, days, main.reasons)


def _days(first: int, starts: int, main: Fit, first_day: date, last_day: date) -> Iterator[FreeDay]:
    """The days of a set of starts (bits from the grain `first`)."""
    covered = _covered(starts, main.duration)
    zone = main.resource.zone
    for number in range((last_day - first_day).days + 1):
        day = first_day + timedelta(days=number)
        begins, ends = local_midnight(day, zone), local_midnight(day + timedelta(days=1), zone)
        yield FreeDay(
            day, _spans(covered, first, begins, ends), _spans(starts, first, begins, ends)
        )


def _covered(starts: int, length: int) -> int:
    """The grains that runs of `length` from these starts cover, in O(log length) steps."""
    covered = 1
    while covered < length and starts:
        shift = min(covered, length - covered)
        starts |= starts << shift
        covered += shift
    return starts


def _spans(bits: int, first: int, begins: int, ends: int) -> tuple[Span, ...]:
    """The runs of set bits inside [begins, ends), in grains."""
    inside = bitset.window(bits, begins - first, ends - begins)
    return tuple((begins + start, begins + end) for start, end in bitset.spans(inside))
