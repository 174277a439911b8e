"""What a booking costs, in whole KRW."""

from collections.abc import Iterable
from dataclasses import dataclass

from testbed.domain.catalogue import Catalogue, Facility, Mode, Resource, Route
from testbed.domain.grid import GRAINS_PER_HOUR
from testbed.domain.requests import Line


@dataclass(frozen=True, slots=True)
class Charge:
    """The fee of one booking line, and how it comes about.

    `rate` is what an hour costs for all that the line takes, before the factor of the type of
    organisation. `is_recorded` says whether every figure behind it is on public record; `basis` is
    the catalogue's own remark on them.
    """

    line: Line
    rate: int
    factor: float
    is_recorded: bool
    basis: str = ""

    @property
    def hours(self) -> float:
        """The booked hours: set-up and clean-up cost nothing."""
        return (self.line.end - self.line.start) / GRAINS_PER_HOUR

    @property
    def krw(self) -> int:
        """The fee; halves round up to the next won."""
        return int(self.rate * self.hours * self.factor + 0.5)


def charge(line: Line, organisation_type: str, catalogue: Catalogue) -> Charge:
    """What one booking line costs: booked hours (without set-up) times the hourly rate.

    A route costs its rate once however many vehicles it carries, a whole site the exclusive
    rates of all its routes, a facility its rate for each unit. The type of organisation may bring
    a factor.
    """
    resource = catalogue.resource(line.resource)
    factor = resource.fee.factors.get(organisation_type, 1.0)
    if isinstance(resource, Facility):
        rate = resource.fee.per_hour_shared * line.units
        return Charge(line, rate, factor, _is_recorded(resource, line.mode), resource.fee.basis)
    routes = _routes(line, resource, catalogue)
    rate = sum(_hourly(each, line.mode) for each in routes)
    recorded = all(_is_recorded(each, line.mode) for each in routes)
    return Charge(line, rate, factor, recorded, resource.fee.basis)


def _routes(line: Line, route: Route, catalogue: Catalogue) -> list[Route]:
    """The routes that are paid for: of a whole site, all of them."""
    corridor = catalogue.corridors.get(route.corridor or "")
    if line.mode is Mode.WHOLE_SITE and corridor is not None:
        return [catalogue.routes[each] for each in corridor.routes]
    return [route]


def _hourly(route: Route, mode: Mode) -> int:
    return route.fee.per_hour_shared if mode is Mode.SHARED else route.fee.per_hour_exclusive


def _is_recorded(resource: Resource, mode: Mode) -> bool:
    if isinstance(resource, Facility):
        return resource.provenance.is_recorded("fee_krw_per_hour")
    shared = mode is Mode.SHARED
    return resource.provenance.is_recorded(f"fee.per_hour_{'shared' if shared else 'exclusive'}")


def charges(
    lines: Iterable[Line], organisation_type: str, catalogue: Catalogue
) -> tuple[Charge, ...]:
    """What each line of a booking costs."""
    return tuple(charge(line, organisation_type, catalogue) for line in lines)


def fee_krw(line: Line, organisation_type: str, catalogue: Catalogue) -> int:
    """The fee of one booking line."""
    return charge(line, organisation_type, catalogue).krw


def booking_fee_krw(lines: Iterable[Line], organisation_type: str, catalogue: Catalogue) -> int:
    """The fee of all lines of a booking."""
    return sum(fee_krw(line, organisation_type, catalogue) for line in lines)
