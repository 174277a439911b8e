"""The pools whose use is measured, each with its open hours inside the measured days."""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta

from testbed.domain.catalogue import Catalogue, Corridor, Resource
from testbed.domain.grid import local_midnight
from testbed.domain.hours import open_intervals
from testbed.domain.load import MeasuredPool, OpenHours

CORRIDOR = "corridor"


class MeasuredDays:
    """The local days [first, end) of a catalogue; pools with equal calendars share their hours."""

    def __init__(self, catalogue: Catalogue, first: date, end: date) -> None:
        self.catalogue = catalogue
        self.first, self.end = first, end
        self._hours: dict[tuple[frozenset[str], str], OpenHours] = {}

    def pools(self) -> Iterator[MeasuredPool]:
        """Every route, facility and corridor."""
        yield from (self._of_resource(each) for each in self.catalogue.resources())
        yield from (self._of_corridor(each) for each in self.catalogue.corridors.values())

    def _of_resource(self, resource: Resource) -> MeasuredPool:
        return MeasuredPool(
            id=resource.id,
            capacity=resource.capacity,
            kind=resource.kind,
            city=resource.city,
            zone=resource.zone,
            hours=self._open((resource,), resource.zone),
        )

    def _of_corridor(self, corridor: Corridor) -> MeasuredPool:
        routes = [self.catalogue.routes[name] for name in corridor.routes]
        first = routes[0]
        return MeasuredPool(
            id=corridor.id,
            capacity=corridor.max_vehicles,
            kind=CORRIDOR,
            city=first.city,
            zone=first.zone,
            hours=self._open(routes, first.zone),
            resource=False,
        )

    def _open(self, resources: Sequence[Resource], zone: str) -> OpenHours:
        """When any of the resources is open; what is not bookable offers no hours."""
        calendars = frozenset(each.calendar for each in resources if each.bookable)
        if (calendars, zone) not in self._hours:
            self._hours[calendars, zone] = self._union(calendars, zone)
        return self._hours[calendars, zone]

    def _union(self, calendars: frozenset[str], zone: str) -> OpenHours:
        # The windows of the day before may reach past midnight into the first one.
        before, last = self.first - timedelta(days=1), self.end - timedelta(days=1)
        intervals = [
            interval
            for name in sorted(calendars)
            for interval in open_intervals(
                self.catalogue.calendars[name], self.catalogue.holidays, zone, before, last
            )
        ]
        return OpenHours(
            local_midnight(self.first, zone), local_midnight(self.end, zone), intervals
        )
