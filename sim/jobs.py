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
from sim.rows import Row
from sim.scenario import Scenario
from sim.scenario_file import MOST_REPLICATIONS
from sim.study import Studied, Study, document_of_study, known_so_far, read_study, run_study
from testbed.domain.errors import InvalidFile, Mistake
from testbed.files import PACKAGED

Json = Mapping[str, Any]
Report = Callable[[Mapping[int, Json], Json, int | None], bool]
SOURCES = ("catalogue", "demand")


class Stopped(Exception):
    """Whoever takes the reports says not to go on."""


def study(scenario: str, known: Mapping[int, Json], report: Report, processes: int) -> Json | None:
    """The result of a scenario's text as a document, None where `report` said to stop.

    A scenario from the queue names packaged sources only: it comes from a page, and must not read
    files of the machine. Rows of the study's scenarios are numbered one scenario after the other,
    MOST_REPLICATIONS numbers each. Raises InvalidFile with every mistake.
    """
    read = read_text(scenario)
    with ExitStack() as stack:
        engine = Serial() if processes == 1 else stack.enter_context(Processes(processes))
        resumed = Resumed(engine, _by_scenario(read, known))
        try:
            return document_of_study(run_study(read, resumed, _watch(read, report)))
        except Stopped:
            return None


def _by_scenario(read: Study, known: Mapping[int, Json]) -> dict[tuple[str, int], Row]:
    digests = [each.digest for each in read.scenarios]
    places = ((divmod(number, MOST_REPLICATIONS), row) for number, row in known.items())
    return {(digests[which], number): row_of(row) for (which, number), row in places}


class Resumed:
    """An engine that has some rows already, by the scenario's digest and the replication."""

    def __init__(self, engine: Engine, known: Mapping[tuple[str, int], Row]) -> None:
        self._engine = engine
        self._known = known

    def rows(self, scenario: Scenario, replications: Sequence[int]) -> Iterator[Row]:
        """One row per replication, in their order; those that are missing are queued at once."""
        known = [self._known.get((scenario.digest, each)) for each in replications]
        missing = [each for each, row in zip(replications, known, strict=True) if row is None]
        fresh = self._engine.rows(scenario, missing)
        return (next(fresh) if row is None else row for row in known)


def row_to_json(row: Row) -> Json:
    """A row as a document: its figures with their paths, in the order of the paths."""
    return {"figures": [[list(path), value] for path, value in sorted(row.items())]}


def row_of(json: Json) -> Row:
    """The row of a document."""
    return {tuple(path): value for path, value in json["figures"]}


def _watch(read: Study, report: Report) -> Callable[[Studied, int], None]:
    main = read.main
    total = len(read.scenarios) * main.replications if main.precision is None else None

    def watch(done: Studied, number: int) -> None:
        rows = done.of(read.scenarios[number]).rows
        new = {number * MOST_REPLICATIONS + len(rows) - 1: row_to_json(rows[-1])}
        if not report(new, known_so_far(done), total):
            raise Stopped

    return watch


def read_text(text: str) -> Study:
    """The study of a scenario's text. Raises InvalidFile with every mistake."""
    with tempfile.TemporaryDirectory() as folder:
        file = File(folder) / "scenario.toml"
        file.write_text(text, encoding="utf-8")
        _refuse_paths(text, file.name)
        return read_study(file)


def _refuse_paths(text: str, name: str) -> None:
    try:
        base = tomllib.loads(text).get("base", {})
    except (ValueError, RecursionError):
        return  # reported with its place by the reading itself
    named = base if isinstance(base, dict) else {}
    mistakes = [
        Mistake(f"{name}: base.{key}", "not_packaged", {"value": named[key], "prefix": PACKAGED})
        for key in SOURCES
        if key in named and not str(named[key]).startswith(PACKAGED)
    ]
    if mistakes:
        raise InvalidFile(name, mistakes)
