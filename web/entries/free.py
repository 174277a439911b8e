"""The free time of a resource over the next days, as its reader may book it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from testbed.domain.catalogue import Catalogue, Mode, Resource, Route
from testbed.domain.grid import GRAINS_PER_DAY, GRAINS_PER_HOUR, floor_grain
from testbed.domain.requests import Need, NeedType, Request
from testbed.service import availability
from testbed.service.availability import DayUse, FreeDay, Span
from web.deps import context, me, now
from web.labels import MODES, label, span
from web.languages import gettext, text
from web.present import day_text, reason_texts, times

DAYS = 14
_MINUTES = 60


@dataclass(frozen=True, slots=True)
class Bar:
    """A piece of a drawn day: where it begins and how long it is, in grains of 96."""

    kind: str
    start: int
    length: int


@dataclass(frozen=True, slots=True)
class Day:
    """One local day: its bars, the free hours in words, or why there are none."""

    name: str
    bars: list[Bar]
    free: str
    why_not: str


@dataclass(frozen=True, slots=True)
class FreeTime:
    """What is free for the shortest booking in one mode; `reasons` where it can never be booked."""

    asked: str
    modes: list[tuple[str, str, bool]]
    days: list[Day]
    reasons: list[str]


def free_time(resource: Resource, catalogue: Catalogue, today: date, wished: str) -> FreeTime:
    """The next days of a resource for the reader's organisation, in the wished mode if it can."""
    modes = _modes(resource)
    mode = next((each for each in modes if each == wished), modes[0])
    request = _request(resource, catalogue, mode)
    last = today + timedelta(days=DAYS - 1)
    found = availability.of_need(context(), request, today, last, now())
    here = next((each for each in found if each.resource.id == resource.id), None)
    return FreeTime(
        asked=_asked(request, mode, here.duration if here else 0),
        modes=[(each.value, label(MODES, each), each is mode) for each in modes],
        days=list(_days(resource, catalogue, request, here.days)) if here else [],
        reasons=reason_texts(here.reasons, catalogue) if here else [],
    )


def _modes(resource: Resource) -> list[Mode]:
    if isinstance(resource, Route):
        return sorted(resource.modes, reverse=True)
    return [Mode.SHARED, Mode.EXCLUSIVE] if resource.sharing == "shared" else [Mode.SHARED]


def _request(resource: Resource, catalogue: Catalogue, mode: Mode) -> Request:
    """The shortest booking of one vehicle or unit; its start is of no account."""
    kind = NeedType.ROUTE if isinstance(resource, Route) else NeedType.FACILITY
    return Request(
        id="",
        organisation=me().organisation,
        submitted_at=now(),
        needs=(Need(kind, resource=resource.id, mode=mode),),
        duration_min=catalogue.rules[resource.rule].slot_min,
        start=0,
        earliest=0,
        latest=0,
    )


def _asked(request: Request, mode: Mode, grains: int) -> str:
    """What the free hours are free for."""
    minutes = grains * _MINUTES // GRAINS_PER_HOUR or request.duration_min
    one = gettext("one vehicle") if request.needs[0].type is NeedType.ROUTE else gettext("one unit")
    return f"{span(minutes)}, {one}, {label(MODES, mode)}"


def _days(
    resource: Resource, catalogue: Catalogue, request: Request, days: tuple[FreeDay, ...]
) -> Iterator[Day]:
    uses = availability.day_uses(context(), request, [(resource, each.day) for each in days], now())
    for free, use in zip(days, uses, strict=True):
        yield Day(
            name=day_text(datetime.combine(free.day, time())),
            bars=[
                *_bars("open", use.opened, use),
                *_bars("busy", use.busy, use),
                *_bars("free", free.free, use),
            ],
            free=", ".join(times(start, end, resource.zone) for start, end in free.free),
            why_not=_why_not(resource, catalogue, free.day, use),
        )


def _bars(kind: str, spans: tuple[Span, ...], use: DayUse) -> list[Bar]:
    scale = GRAINS_PER_DAY / (use.end - use.first)  # a day of a change of the clock has 92 or 100
    return [
        Bar(kind, int((start - use.first) * scale), int((end - start) * scale))
        for start, end in spans
    ]


def _why_not(resource: Resource, catalogue: Catalogue, day: date, use: DayUse) -> str:
    """Why nothing of a day is free; of use only where that is so."""
    holiday = catalogue.holidays.get(day)
    if not use.opened:
        keeps = catalogue.calendars[resource.calendar].closed_on_public_holidays
        return text(holiday) if holiday and keeps else gettext("closed")
    if sum(map(_length, use.busy)) == sum(map(_length, use.opened)):
        return gettext("taken")
    lead = catalogue.rules[resource.rule].min_lead_days
    if use.opened[-1][1] <= floor_grain(now()) + lead * GRAINS_PER_DAY:
        return gettext("too soon: book %(days)d days ahead", days=lead)
    return gettext("nothing that is long enough and permitted")


def _length(piece: Span) -> int:
    return piece[1] - piece[0]
