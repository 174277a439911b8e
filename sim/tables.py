"""Results as tables for a terminal."""

from collections.abc import Iterator, Mapping, Sequence

from rich.table import Table

from sim.comparison import Gain, told_apart
from sim.experiment import Experiment, unit_of
from sim.rows import KPIS, Path
from sim.statistics import Estimate, estimate
from sim.study import Studied

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


def study_tables(done: Studied) -> Iterator[Table]:
    """The tables of a study: those of its scenario, then its levels and options."""
    yield from result_tables(done.main)
    if done.study.levels:
        yield _levels([done.of(each) for each in done.study.levels])
    gains = done.gains()
    if gains:
        yield comparison_table(gains)


def _levels(experiments: Sequence[Experiment]) -> Table:
    names = ("acceptance", "acceptance_hours", "utilisation")
    table = Table("demand level", *names, title="Demand levels")
    for each in experiments:
        figures = [estimate(each.values((KPIS, name))) for name in names]
        table.add_row(f"{each.scenario.level:g}", *map(shown, figures))
    return table


def _by(title: str, section: str, names: Sequence[str], found: Mapping[Path, Estimate]) -> Table:
    """One line per entry of a section; entries without any figure are left out."""
    table = Table("", *names, title=title)
    for entry in dict.fromkeys(path[1] for path in found if path[0] == section):
        figures = [found.get((section, entry, name)) for name in names]
        if any(each is not None and each.mean for each in figures):
            table.add_row(entry, *(shown(each) for each in figures))
    return table


def _refusals(found: Mapping[Path, Estimate]) -> Table:
    table = Table("binding constraint", "share of sessions", title="Refusals")
    refusals = [(each, path[1]) for path, each in found.items() if path[0] == "refusals"]
    for each, name in sorted(refusals, key=lambda entry: -(entry[0].mean or 0)):
        table.add_row(name, shown(each))
    return table


def comparison_table(gains: Sequence[Gain]) -> Table:
    """One line per option, the most hours gained first."""
    table = Table(
        "option",
        "sessions a year",
        "hours a year",
        "M won a year",
        "hours per M won",
        "",
        title="Gain over the base (paired)",
    )
    for each in sorted(gains, key=lambda entry: -(entry.differences["hours_per_year"].mean or 0)):
        hours = each.differences["hours_per_year"]
        table.add_row(
            each.name,
            shown(each.differences["sessions_per_year"]),
            shown(hours),
            "–" if each.cost is None else f"{each.cost:g}",
            shown(each.differences.get("hours_per_mkrw")),
            "" if told_apart(hours) else "cannot be told apart from the base",
        )
    return table
