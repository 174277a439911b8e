"""Experiments from the queue: a scenario's text in, rows as they come, the result at the end.

What a worker reports of an earlier attempt is not computed again; the figures are the same either
way, since a replication depends on nothing but the scenario and its number.
"""

import tempfile
import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path as File
from typing import Any

from sim.engines import Engine, Processes, Serial
from sim.experiment import result_of, run
from sim.rows import KPIS, Row
from sim.scenario import Scenario
from sim.scenario_file import read_scenario
from sim.statistics import estimate
from testbed.domain.errors import InvalidFile, Mistake
from testbed.domain.kpi import SESSION_KPIS
from testbed.files import PACKAGED

Json = Mapping[str, Any]
Report = Callable[[Mapping[int, Json], Json, int | None], bool]
SOURCES = ("catalogue", "demand")


class Stopped(Exception):
    """Whoever takes the reports says not to go on."""


def study(scenario: str, known: Mapping[int, Json], report: Report, processes: int) -> Json | None:
    """The result of a scenario's text as a document, None where `report` said to stop.

    A scenario from the queue names packaged sources only: it comes from a page, and must not read
    files of the machine. Raises InvalidFile with every mistake.
    """
    read = _read(scenario)
    with ExitStack() as stack:
        engine = Serial() if processes == 1 else stack.enter_context(Processes(processes))
        resumed = Resumed(engine, {number: row_of(row) for number, row in known.items()})
        try:
            return result_of(run(read, resumed, _watch(read, report)))
        except Stopped:
            return None


class Resumed:
    """An engine that has some rows already."""

    def __init__(self, engine: Engine, known: Mapping[int, Row]) -> None:
        self._engine = engine
        self._known = known

    def rows(self, scenario: Scenario, replications: Sequence[int]) -> Iterator[Row]:
        """One row per replication, in their order."""
        missing = [each for each in replications if each not in self._known]
        fresh = self._engine.rows(scenario, missing)
        for each in replications:
            known = self._known.get(each)
            yield next(fresh) if known is None else known


def row_to_json(row: Row) -> Json:
    """A row as a document: its figures with their paths, in the order of the paths."""
    return {"figures": [[list(path), value] for path, value in sorted(row.items())]}


def row_of(json: Json) -> Row:
    """The row of a document."""
    return {tuple(path): value for path, value in json["figures"]}


def _watch(scenario: Scenario, report: Report) -> Callable[[Sequence[Row]], None]:
    total = scenario.replications if scenario.precision is None else None

    def watch(rows: Sequence[Row]) -> None:
        new = {len(rows) - 1: row_to_json(rows[-1])}
        if not report(new, _estimates(rows), total):
            raise Stopped

    return watch


def _estimates(rows: Sequence[Row]) -> Json:
    """What is known so far of the figures of the province."""
    found = {
        each.name: estimate(row.get((KPIS, each.name)) for row in rows) for each in SESSION_KPIS
    }
    return {
        name: {"mean": each.mean, "half_width": each.half_width, "n": each.n}
        for name, each in found.items()
    }


def _read(text: str) -> Scenario:
    with tempfile.TemporaryDirectory() as folder:
        file = File(folder) / "scenario.toml"
        file.write_text(text, encoding="utf-8")
        _refuse_paths(text, file.name)
        return read_scenario(file)


def _refuse_paths(text: str, name: str) -> None:
    try:
        base = tomllib.loads(text).get("base", {})
    except tomllib.TOMLDecodeError:
        return  # reported with its place by the reading itself
    named = base if isinstance(base, dict) else {}
    mistakes = [
        Mistake(f"{name}: base.{key}", "not_packaged", {"value": named[key], "prefix": PACKAGED})
        for key in SOURCES
        if key in named and not str(named[key]).startswith(PACKAGED)
    ]
    if mistakes:
        raise InvalidFile(name, mistakes)
