"""A result as a document: what the pages read of it, whether it was computed here or uploaded."""

import json
from collections.abc import Mapping
from math import isfinite
from typing import NoReturn

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from sim.study import VERSION
from testbed.domain.errors import InvalidRequest

MOST_BYTES = 4 * 1024 * 1024
# Beyond any figure of a run, and far from where a scaled one would no longer be a number of JSON.
MOST_FIGURE = 1e15


class Part(BaseModel):
    """A part of the document; what the pages do not read may stand in it."""

    model_config = ConfigDict(frozen=True, extra="ignore", allow_inf_nan=False)


class Figure(Part):
    """A mean over replications with the half-width of its 95 % interval."""

    mean: float | None = Field(ge=-MOST_FIGURE, le=MOST_FIGURE)
    half_width: float | None = Field(None, ge=0, le=MOST_FIGURE)
    n: int = Field(ge=0)

    @property
    def low(self) -> float | None:
        """The lower end of the interval; None where it has no width yet."""
        return None if self.mean is None or self.half_width is None else self.mean - self.half_width

    @property
    def high(self) -> float | None:
        """The upper end of the interval; None where it has no width yet."""
        return None if self.mean is None or self.half_width is None else self.mean + self.half_width


Figures = Mapping[str, Figure]
Groups = Mapping[str, Figures]


class Difference(Figure):
    """A paired difference, and whether its sign is beyond doubt."""

    told_apart: bool = False


class Option(Part):
    """What an option adds to the base."""

    hours_per_year: Difference
    sessions_per_year: Difference
    hours_per_mkrw: Difference | None = None
    cost_mkrw_year: float | None = None


class Comparison(Part):
    """Options against the scenario, and against the best of them."""

    options: Mapping[str, Option] = Field(min_length=1, max_length=10)
    behind_best: Mapping[str, Difference] = Field(default_factory=dict)


class Figured(Part):
    """The sections of figures that a scenario's result, or a level's, may have."""

    kpis: Figures = Field(default_factory=dict)
    by_test_kind: Groups = Field(default_factory=dict)
    by_city: Groups = Field(default_factory=dict)
    by_resource: Groups = Field(default_factory=dict)
    by_hour: Groups = Field(default_factory=dict)
    refusals: Figures = Field(default_factory=dict)


class Level(Figured):
    """The same scenario at another demand level."""

    level: float = Field(ge=0)


class StudyPart(Part):
    """Demand levels and options of a study."""

    version: int = Field(ge=1, le=VERSION)
    levels: tuple[Level, ...] = Field(default=(), max_length=50)
    comparison: Comparison | None = None


class Horizon(Part):
    """Which days were measured."""

    start: str
    days: int
    warmup_days: int


class Known(Figured):
    """What is known of a run, finished or not."""

    study: StudyPart | None = None


class Result(Known):
    """A finished result."""

    scenario: Mapping[str, object]
    seed: int
    model_version: str
    replications: int = Field(ge=1)
    horizon: Horizon
    scenario_digest: str
    catalogue_digest: str
    demand_digest: str
    kpis: Figures = Field(min_length=1)
    warnings: tuple[str, ...] = ()


def checked_result(text: bytes) -> tuple[Result, Mapping[str, object]]:
    """The result of an uploaded file, and its whole document.

    Raises InvalidRequest("bad_result").
    """
    try:
        found = Result.model_validate_json(text)
        return found, json.loads(text, parse_constant=_refused, parse_float=_finite)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(map(str, first["loc"])) or "result.json"
        raise InvalidRequest("bad_result", place=place, detail=first["msg"]) from None
    except ValueError as error:
        raise InvalidRequest("bad_result", place="result.json", detail=str(error)) from None


def _refused(constant: str) -> NoReturn:
    raise ValueError(constant)


def _finite(written: str) -> float:
    """Raises ValueError for a number that only JSON can write, such as 1e999."""
    found = float(written)
    return found if isfinite(found) else _refused(written)
