"""The waitlist, ready to print: what is waited for, where it stands and why, what is held."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import time, timedelta
from hashlib import sha256

from testbed.domain.bookings import Booking, State
from testbed.domain.demand import TestKind
from testbed.domain.grid import local_moment, moment_of
from testbed.domain.requests import Need, NeedType, Request
from testbed.domain.waitlist import Entry, Rank, Waiting
from testbed.service import bookings
from testbed.service.waitlist import Place
from web.booked import name_of, place_of, slot_of, zone_of
from web.booking_view import Hold, hold_of
from web.deps import DEFAULT_ZONE, catalogue, context, me, now, organisations, test_kinds
from web.labels import KINDS, MODES, label, span
from web.languages import gettext, ngettext, text
from web.present import city_name, day_text, moment_text, pool_name


@dataclass(frozen=True, slots=True)
class Figures:
    """The points behind a place in the order; of others nothing but these."""

    position: int
    burden: str
    waited: str
    total: str


@dataclass(frozen=True, slots=True)
class Offered:
    """What is held for a request, and for how long."""

    booking: str
    name: str
    place: str
    when: str
    hold: Hold
    is_part: bool


@dataclass(frozen=True, slots=True)
class Waits:
    """A request that waits or has an offer."""

    id: str
    what: str
    details: str
    window: str
    organisation: str
    since: str
    position: int
    of: int
    own: Figures | None
    ahead: list[Figures]
    offer: Offered | None
    is_partial: bool
    passed: str


def waits(place: Place) -> Waits:
    """An entry as it stands now."""
    asked = place.entry.request
    return Waits(
        id=place.entry.id,
        what=what(asked),
        details=_details(asked),
        window=window(asked),
        organisation=text(organisations()[asked.organisation].name),
        since=moment_text(asked.submitted_at, _zone(asked)),
        position=place.position,
        of=place.rivals + 1,
        own=_figures(place.position, place.rank) if place.rank else None,
        ahead=[_figures(number, each) for number, each in enumerate(place.ahead, 1)],
        offer=_offered(place.entry),
        is_partial=asked.partial,
        passed=_passed(place.entry),
    )


def ended(entry: Entry) -> tuple[str, str, str]:
    """What was waited for, its window, and how the waiting ended."""
    said = {
        Waiting.LAPSED: gettext("the time ran out"),
        Waiting.UNANSWERED: gettext("several offers were not answered"),
    }
    return what(entry.request), window(entry.request), said.get(entry.state, "")


def signature(shown: Iterable[Waits]) -> str:
    """Changes whenever an offer comes or goes, or a place in the order changes."""
    told = [(each.id, each.position, each.of, bool(each.offer)) for each in shown]
    return sha256(repr(told).encode()).hexdigest()[:16]


# -- what is waited for ----------------------------------------------------------------------


def what(asked: Request) -> str:
    """The main need in a few words: the place, the kind of test, or the kind of place."""
    main = asked.needs[0]
    if main.resource:
        return pool_name(catalogue(), main.resource)
    kind: TestKind | None = test_kinds().get(asked.test_kind or "")
    return text(kind.name) if kind else _kind(main)


def _kind(need: Need) -> str:
    if need.kinds:
        return ", ".join(label(KINDS, each) for each in need.kinds)
    return gettext("any route") if need.type is NeedType.ROUTE else gettext("any facility")


def _details(asked: Request) -> str:
    main = asked.needs[0]
    parts = [span(asked.duration_min)]
    if main.type is NeedType.ROUTE:
        parts.append(ngettext("%(num)d vehicle", "%(num)d vehicles", main.vehicles))
        parts.append(label(MODES, main.mode.value))
    elif main.units > 1:
        parts.append(ngettext("%(num)d unit", "%(num)d units", main.units))
    parts += [
        pool_name(catalogue(), each.resource or "") or _kind(each) for each in asked.needs[1:]
    ]
    return ", ".join(parts)


def window(asked: Request) -> str:
    """Between which starts the request waits, and where."""
    said = _starts(asked, _zone(asked))
    if asked.city is None:
        return said
    near = city_name(catalogue(), asked.city)
    if asked.other_city:
        return gettext("%(window)s, near %(city)s", window=said, city=near)
    return gettext("%(window)s, in %(city)s", window=said, city=near)


def _starts(asked: Request, zone: str) -> str:
    """Between which starts; whole days by their dates alone."""
    first, last = local_moment(asked.earliest, zone), local_moment(asked.latest + 1, zone)
    if first.time() == last.time() == time():
        days = day_text(first), day_text(last - timedelta(days=1))
        if days[0] == days[1]:
            return gettext("starting on %(day)s", day=days[0])
        return gettext("starting from %(first)s to %(last)s", first=days[0], last=days[1])
    first_said, last_said = (
        moment_text(moment_of(each), zone) for each in (asked.earliest, asked.latest)
    )
    if first_said == last_said:
        return gettext("starting on %(day)s", day=first_said)
    return gettext("starting from %(first)s to %(last)s", first=first_said, last=last_said)


def _zone(asked: Request) -> str:
    known = {each.id: each.zone for each in catalogue().resources()}
    return known.get(asked.needs[0].resource or "", DEFAULT_ZONE)


# -- where it stands -------------------------------------------------------------------------


def _figures(position: int, rank: Rank) -> Figures:
    return Figures(position, points(rank.burden), points(rank.waited), points(rank.total))


def points(milli: int) -> str:
    """Milli-points as points."""
    return f"{milli / 1000:.2f}"


def _passed(entry: Entry) -> str:
    count = len(entry.passed)
    if not count:
        return ""
    return ngettext("%(num)d offer was not taken.", "%(num)d offers were not taken.", count)


def _offered(entry: Entry) -> Offered | None:
    """The hold of an entry, None where it has none or it has just run out."""
    if entry.state is not Waiting.OFFERED or entry.booking is None:
        return None
    booking = bookings.get(context(), entry.booking, now(), me())
    hold = hold_of(booking, zone_of(booking, catalogue()), now())
    return _offer(entry, booking, hold) if booking.state is State.HELD and hold else None


def _offer(entry: Entry, booking: Booking, hold: Hold) -> Offered:
    main, known = booking.lines[0], catalogue()
    return Offered(
        booking.id,
        name_of(main, known),
        place_of(main, known),
        slot_of(booking, known),
        hold,
        is_part=booking.request.id != entry.id,
    )
