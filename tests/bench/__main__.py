"""`make bench`: measure the speed table, print it, and write docs/benchmarks.md."""

import platform
from collections.abc import Iterable
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table

from tests.bench import live, service, simulation
from tests.bench.measure import Figure

REPORT = Path("docs/benchmarks.md")
HEADINGS = ("what", "figure", "bar", "holds")


@click.command()
@click.option("--past", default=100_000, show_default=True, help="Past bookings in the database.")
@click.option("--write/--no-write", default=True, show_default=True, help="Write the report.")
def bench(past: int, write: bool) -> None:
    """Measure search, submit, live pages and simulation, beside the idiomatic SimPy program."""
    figures = []
    for group in (service.figures(past), live.figures(), simulation.figures()):
        for figure in group:
            click.echo(" | ".join(figure.cells()))
            figures.append(figure)
    _show(figures)
    if write:
        REPORT.write_text(_report(figures, past), encoding="utf-8")


def _show(figures: Iterable[Figure]) -> None:
    table = Table(*HEADINGS)
    for figure in figures:
        table.add_row(*figure.cells())
    Console().print(table)


def _report(figures: Iterable[Figure], past: int) -> str:
    rows = "\n".join(f"| {' | '.join(figure.cells())} |" for figure in figures)
    return f"""# Benchmarks

Written by `make bench` (here: `python -m tests.bench --past {past}`) on Python
{platform.python_version()}, {platform.machine()}, two shared cores. Absolute times vary with the
machine; the ratio to the yardstick (`tests/bench/yardstick.py`, held to equal decisions by
`tests/bench/test_yardstick.py`) is measured side by side, as the median of five pairs. The bars are
those of the quality plan.

| {" | ".join(HEADINGS)} |
|---|---|---|---|
{rows}

Past bookings are completed ones of five years without occupancy rows, as after archiving; ahead of
now stand the standing services and what the service itself decided. Search and submit are measured
inside the process, without HTTP. The rows over HTTP are of a served process of its own, asked in
turn with nobody and with everybody listening to live events (`python -m tests.bench.live` measures
them alone).
"""


if __name__ == "__main__":
    bench()
