"""What a booking costs, in whole KRW."""

from collections.abc import Iterable

from testbed.domain.catalogue import Catalogue, Facility, Mode, Route
from testbed.domain.grid import GRAINS_PER_HOUR
from testbed.domain.requests import Line


def fee_krw(line: Line, organisation_type: str, catalogue: Catalogue) -> int:
    """The fee of one booking line: booked hours (without set-up) times the hourly rate.

    A route costs its rate once however many vehicles it carries, a whole site the exclusive
    rates of all its routes, a facility its rate for each unit. The type of organisation may bring
    a factor; halves round up to the next won.
    """
    resource = catalogue.resource(line.resource)
    if isinstance(resource, Facility):
        hourly = resource.fee.per_hour_shared * line.units
    else:
        hourly = _route_rate(line, resource, catalogue)
    factor = resource.fee.factors.get(organisation_type, 1.0)
    hours = (line.end - line.start) / GRAINS_PER_HOUR
    return int(hourly * hours * factor + 0.5)


def _route_rate(line: Line, route: Route, catalogue: Catalogue) -> int:
    if line.mode is Mode.SHARED:
        return route.fee.per_hour_shared
    corridor = catalogue.corridors.get(route.corridor or "")
    if line.mode is Mode.WHOLE_SITE and corridor is not None:
        return sum(catalogue.routes[each].fee.per_hour_exclusive for each in corridor.routes)
    return route.fee.per_hour_exclusive


def booking_fee_krw(lines: Iterable[Line], organisation_type: str, catalogue: Catalogue) -> int:
    """The fee of all lines of a booking."""
    return sum(fee_krw(line, organisation_type, catalogue) for line in lines)
