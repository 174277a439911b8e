"""Standing public services: the claims with which they occupy their routes first."""

from collections.abc import Iterable, Iterator
from datetime import date

from testbed.domain.catalogue import Calendar, Catalogue
from testbed.domain.demand import StandingService
from testbed.domain.errors import InvalidRequest
from testbed.domain.hours import open_intervals
from testbed.domain.requests import Claim, ClaimKind


def standing_claims(
    services: Iterable[StandingService], catalogue: Catalogue, first_day: date, last_day: date
) -> tuple[tuple[str, Claim], ...]:
    """Pairs of service id and claim, for the hours that begin on these dates, both included.

    A service takes its vehicles from its route's pool and from the corridor's, without set-up and
    clean-up. Overlapping hours of one calendar are claimed once. Order is by service, then by time.
    Raises InvalidRequest("holidays_unknown") where a service rests on public holidays and
    `last_day` lies past the last date for which the catalogue knows them.
    """
    return tuple(
        (service.id, claim)
        for service in services
        for claim in _claims(service, catalogue, first_day, last_day)
    )


def _claims(
    service: StandingService, catalogue: Catalogue, first_day: date, last_day: date
) -> Iterator[Claim]:
    route = catalogue.routes[service.route]
    calendar = catalogue.calendars[service.calendar]
    _check_holidays(catalogue, calendar, last_day)
    pools = (route.id, route.corridor) if route.corridor else (route.id,)
    opened = open_intervals(calendar, catalogue.holidays, route.zone, first_day, last_day)
    for start, end in _merged(opened):
        for pool in pools:
            yield Claim(pool, ClaimKind.USE, service.vehicles, start, end)


def _check_holidays(catalogue: Catalogue, calendar: Calendar, last_day: date) -> None:
    until = catalogue.holidays_until
    if calendar.closed_on_public_holidays and until is not None and last_day > until:
        raise InvalidRequest("holidays_unknown", day=last_day.isoformat(), until=until.isoformat())


def _merged(intervals: Iterable[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """The intervals in order of time; those that overlap become one, those that touch stay two."""
    held: tuple[int, int] | None = None
    for start, end in sorted(intervals):
        if held and start < held[1]:
            held = held[0], max(held[1], end)
            continue
        if held:
            yield held
        held = start, end
    if held:
        yield held
