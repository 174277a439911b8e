"""What all replications of a scenario share: days, demand, pools to measure, standing services."""

from datetime import date, timedelta
from functools import lru_cache

from sim.arrivals import Clock, clock
from sim.demand import Demand
from sim.draws import owners
from sim.horizon import STRIDE_DAYS, written_days
from sim.pools import MeasuredDays
from sim.scenario import Scenario
from sim.streams import Streams
from sim.wishes import Wish
from testbed.domain.catalogue import Catalogue
from testbed.domain.demand import DemandProfile, GrowthScenario
from testbed.domain.grid import GRAINS_PER_DAY, local_midnight
from testbed.domain.ledger import Ledger
from testbed.domain.load import Part, Use
from testbed.domain.policy import Policy
from testbed.domain.requests import Claim
from testbed.domain.standing import standing_claims

EVERYBODY = "all"


class Setting:
    """One scenario, prepared. Days are local; grains otherwise.

    The run covers [first_day, last_day), of which [measured_from, last_day) is measured.
    """

    def __init__(self, scenario: Scenario) -> None:
        self.scenario = scenario
        self.catalogue: Catalogue = scenario.catalogue
        self.profile: DemandProfile = scenario.demand
        self.policy: Policy = scenario.policy
        self.seed = scenario.seed
        self.zone = self.profile.zone
        self.measured_from = scenario.start
        self.first_day = scenario.start - timedelta(days=scenario.warmup_days)
        self.last_day = scenario.start + timedelta(days=scenario.days)
        self.begin = local_midnight(self.first_day, self.zone)
        self.start = local_midnight(self.measured_from, self.zone)
        self.end = local_midnight(self.last_day, self.zone)
        self.demand = Demand(self.profile, scenario.base_catalogue, self.catalogue)
        self.clocks = self._clocks()
        days = MeasuredDays(self.catalogue, self.measured_from, self.last_day)
        self.pools = tuple(days.pools())
        self.standing_use = tuple(self._standing_use())
        self._memo: dict[object, object] = {}

    def measures(self, name: str) -> bool:
        """Whether the scenario asks for this costly measurement."""
        return name in self.scenario.measure

    def wishes(self, streams: Streams) -> list[Wish]:
        """All wishes of a replication, warm-up included."""
        return self.demand.wishes(streams, self.clocks, self.scenario.level)

    def _clocks(self) -> dict[str, Clock]:
        days = (self.last_day - self.first_day).days
        return {
            name: clock(self.profile, self.first_day, days, self._yearly(name))
            for name in self.profile.organisation_types
        }

    def _yearly(self, organisation_type: str) -> dict[int, float]:
        """By how much a type's rates are multiplied in each calendar year of the run."""
        growth = self.scenario.growth
        if growth is None or not _applies(growth, organisation_type):
            return {}
        first = self.measured_from.year
        return {
            year: growth.level_factor * (1 + growth.yearly_growth) ** max(0, year - first)
            for year in range(self.first_day.year, self.last_day.year + 1)
        }

    # -- the calendar ------------------------------------------------------------------------

    def kin(self) -> dict[str, tuple[str, ...]]:
        """By organisation: all of its type, as fair share asks."""
        alike = [owners(each) for each in self.profile.organisation_types.values()]
        return {name: names for names in alike for name in names}

    def ledger(self) -> Ledger:
        """A calendar as it stands on the first day: standing services, nothing else."""
        until = self._written_until(self.first_day)
        base = local_midnight(self.first_day - timedelta(days=1), self.zone)
        ledger = Ledger(self.catalogue, self.policy, base, *_ends(until, self.zone))
        ledger.memo = self._memo
        ledger.take(self._standing(self.first_day - timedelta(days=2), until))
        return ledger

    def extend(self, ledger: Ledger, day: date) -> None:
        """Write the standing services of the days that the horizon gains on this day."""
        written = self._written_until(day - timedelta(days=STRIDE_DAYS))
        until = self._written_until(day)
        ledger.extend_to(*_ends(until, self.zone))
        ledger.take(self._standing(written, until))

    def _written_until(self, day: date) -> date:
        """The day before which standing services are written: nothing is booked past it."""
        return day + timedelta(days=written_days(self.catalogue, self.policy))

    def _standing(self, first: date, end: date) -> list[Claim]:
        """The claims of the windows that start in [first, end)."""
        if not self.scenario.standing:
            return []
        services = self.profile.standing_services
        last = end - timedelta(days=1)
        return [claim for _, claim in standing_claims(services, self.catalogue, first, last)]

    def _standing_use(self) -> list[Use]:
        claims = self._standing(self.measured_from - timedelta(days=1), self.last_day)
        return [Use(each.pool, Part.BOOKED, each.units, each.start, each.end) for each in claims]


def _ends(until: date, zone: str) -> tuple[int, int]:
    """End of the horizon and of what may be booked.

    The horizon is longer by what a window of the last day may reach past midnight: claims are
    clipped to it, and a clipped end would be lost when it grows.
    """
    bookable_until = local_midnight(until, zone)
    return bookable_until + 2 * GRAINS_PER_DAY, bookable_until


def _applies(growth: GrowthScenario, organisation_type: str) -> bool:
    return EVERYBODY in growth.applies_to or organisation_type in growth.applies_to


@lru_cache(maxsize=4)
def setting_of(scenario: Scenario) -> Setting:
    """The scenario, prepared once per process."""
    return Setting(scenario)
