"""Results as tables for a terminal."""

from collections.abc import Iterator, Mapping, Sequence

from rich.table import Table

from sim.comparison import Gain, told_apart
from sim.experiment import COUNTED, Experiment, unit_of
from sim.rows import KPIS
from sim.statistics import Estimate
from testbed.domain.kpi import SESSION_KPIS

_WHOLE = 1000


def shown(found: Estimate | None) -> str:
    """An estimate with its half-width: "0.914 ± 0.006"."""
    if found is None or found.mean is None:
        return "–"
    if found.half_width is None:
        return _number(found.mean)
    return f"{_number(found.mean)} ± {_number(found.half_width)}"


def _number(value: float) -> str:
    if abs(value) >= _WHOLE:
        return f"{value:,.0f}"
    return f"{value:.1f}" if abs(value) >= 10 else f"{value:.3f}"


def result_tables(experiment: Experiment) -> Iterator[Table]:
    """The tables of one experiment."""
    found = experiment.estimates()
    figures = Table("figure", "mean ± 95 % half-width", "unit", title="Key figures")
    for path, each in found.items():
        if path[0] == KPIS:
            figures.add_row(path[1], shown(each), unit_of(path))
    yield figures
    yield _by("Test kinds", "by_test_kind", ("sessions", "acceptance", "acceptance_hours"), found)
    yield _by("Organisations", "by_organisation_type", ("sessions", "acceptance"), found)
    yield _by("Cities", "by_city", ("utilisation", "occupancy"), found)
    yield _by("Resources", "by_resource", ("utilisation", "occupancy"), found)
    yield _by("Corridors", "by_corridor", ("utilisation", "occupancy"), found)
    yield _refusals(found)
