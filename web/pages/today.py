"""Today, for operators: per site who should be there, is there, has overrun, comes next."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from testbed.domain.bookings import Booking, State
from testbed.domain.closures import Closure
from testbed.domain.grid import local_midnight, moment_of
from testbed.domain.visits import Visit, overruns
from testbed.service import closures, emergency, visits
from testbed.service.emergency import Contact
from web import agenda
from web.booked import resource_of, zone_of
from web.booking_view import visit_of
from web.closed_words import ClosureView, closure_view
from web.deps import DEFAULT_ZONE, catalogue, context, me, now, organisations, today
from web.languages import text
from web.present import times
from web.visit_parts import clock_text, over_minutes

blueprint = Blueprint("today", __name__)


@dataclass(frozen=True, slots=True)
class Row:
    """One booking on the board; `said` holds a moment or minutes, by the group it stands in."""

    id: str
    name: str
    organisation: str
    time: str
    state: str
    said: str
    minutes: int
    contact: Contact | None
    can_check_in: bool
    can_check_out: bool


@dataclass(frozen=True, slots=True)
class Board:
    """One site: who is late, is there, has overrun, comes next, and is gone or never came."""

    site: str
    name: str
    city: str
    closures: list[ClosureView]
    late: list[Row]
    here: list[Row]
    over: list[Row]
    following: list[Row]
    gone: list[Row]

    @property
    def is_quiet(self) -> bool:
        """Whether there is nothing to show."""
        rows = (self.late, self.here, self.over, self.following, self.gone)
        return not self.closures and not any(rows)


@blueprint.get("/today")
def index() -> ResponseReturnValue:
    """Every site with something going on today; one site alone where it is asked for."""
    asked = request.args.get("site", "")
    boards = [each for each in _boards() if not asked or each.site == asked]
    return render_template(
        "day/today.html",
        today=agenda.day_words(today()),
        at=clock_text(now(), DEFAULT_ZONE),
        boards=[each for each in boards if not each.is_quiet or asked],
        asked=asked,
        sites=sorted(
            ((each.id, text(each.name)) for each in catalogue().sites.values()),
            key=lambda each: each[1],
        ),
    )


def _boards() -> list[Board]:
    first = moment_of(local_midnight(today(), DEFAULT_ZONE))
    end = moment_of(local_midnight(today() + timedelta(days=1), DEFAULT_ZONE))
    day = visits.between(context(), first, end, now(), me())
    calls = emergency.contacts(context(), [each.id for each in day.bookings], me())
    shut = closures.in_force(context(), now())
    by_site: dict[str, list[Booking]] = {}
    for each in day.bookings:
        resource = resource_of(each.lines[0], catalogue())
        if resource is not None:
            by_site.setdefault(resource.site, []).append(each)
    return [
        _board(site, by_site.get(site, []), day.visits, calls, shut) for site in catalogue().sites
    ]


def _board(
    site: str,
    found: list[Booking],
    made: Mapping[str, Visit],
    calls: Mapping[str, Contact],
    shut: Iterable[Closure],
) -> Board:
    groups: dict[str, list[Row]] = {}
    for each in found:
        visit = made.get(each.id)
        groups.setdefault(_group(each), []).append(_row(each, visit, calls.get(each.id)))
    place = catalogue().sites[site]
    own = {each.id for each in catalogue().resources() if each.site == site}
    return Board(
        site=site,
        name=text(place.name),
        city=text(catalogue().cities[place.city].name),
        closures=[closure_view(each) for each in shut if own.intersection(each.pools)],
        late=groups.get("late", []),
        here=groups.get("here", []),
        over=groups.get("over", []),
        following=groups.get("following", []),
        gone=groups.get("gone", []),
    )


def _group(booking: Booking) -> str:
    if booking.state is State.CHECKED_IN:
        return "over" if overruns(booking, now()) else "here"
    if booking.state in (State.CONFIRMED, State.PENDING):
        return "late" if now() >= moment_of(booking.start) else "following"
    return "gone"


def _row(booking: Booking, visit: Visit | None, contact: Contact | None) -> Row:
    found = catalogue()
    zone = zone_of(booking, found)
    owner = organisations().get(booking.organisation)
    span = visit_of(booking, context().grace_minutes, zone, now())
    row = agenda.row(booking, agenda.Reading(found, {}, context().grace_minutes, now(), today()))
    moment = visit and (visit.left_at or visit.arrived_at)
    return Row(
        id=booking.id,
        name=row.name,
        organisation=text(owner.name) if owner else booking.organisation,
        time=times(booking.start, booking.end, zone),
        state=booking.state.value,
        said=clock_text(moment, zone) if moment else (span.closes_at if span else ""),
        minutes=over_minutes(booking, visit),
        contact=contact,
        can_check_in=bool(span and span.is_open),
        can_check_out=booking.state is State.CHECKED_IN,
    )
