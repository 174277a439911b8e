"""A scenario: everything that decides a replication, but its number."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from testbed.domain.catalogue import Catalogue
from testbed.domain.demand import DemandProfile, GrowthScenario
from testbed.domain.policy import Policy

# Counts changes of the model that change figures; results of different versions do not compare.
MODEL_VERSION = "2"
MEASURES = ("binding", "first_slot")
PAYBACK_YEARS = 10
DEFAULT_REPLICATIONS = 20


@dataclass(frozen=True, slots=True)
class Precision:
    """Replicate until every named figure has at most its half-width, or until `most` are done."""

    half_widths: Mapping[str, float]
    most: int


@dataclass(frozen=True, slots=True)
class YearlyCost:
    """What a change costs, in million KRW: the investment spread over ten years, and running it."""

    capex_mkrw: float
    opex_mkrw_year: float

    @property
    def per_year(self) -> float:
        """Million KRW a year."""
        return self.capex_mkrw / PAYBACK_YEARS + self.opex_mkrw_year


@dataclass(frozen=True, eq=False)
class Scenario:
    """Everything that decides a replication, but its number.

    `start` is the local date of the first measured day; the warm-up lies before it. `catalogue` has
    the changes, `base_catalogue` has not. `document` is the file with its defaults, paths as
    written. Two scenarios are equal when their digests are: a digest covers all that can change a
    figure, and not how often the scenario is replicated.
    """

    name: str
    seed: int
    start: date
    days: int
    warmup_days: int
    catalogue: Catalogue
    base_catalogue: Catalogue
    demand: DemandProfile
    digest: str
    level: float = 1.0
    standing: bool = True
    growth: GrowthScenario | None = None
    policy: Policy = field(default_factory=Policy)
    measure: frozenset[str] = frozenset(MEASURES)
    replications: int = DEFAULT_REPLICATIONS
    precision: Precision | None = None
    cost: YearlyCost | None = None
    document: Mapping[str, object] = field(default_factory=dict)
    catalogue_digest: str = ""
    demand_digest: str = ""

    def __hash__(self) -> int:
        return hash(self.digest)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Scenario) and self.digest == other.digest
