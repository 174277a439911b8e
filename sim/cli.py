"""`testbed sim`: run scenarios and compare options, in a terminal."""

import json
import os
import platform
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import wraps
from pathlib import Path
from typing import ParamSpec, TypeVar

import click
import numpy as np
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from sim import engines, experiment
from sim.comparison import Gain, check_comparable, comparison_of, gain
from sim.engines import Engine, Processes, Serial
from sim.experiment import Experiment
from sim.oracles import oracles
from sim.rows import KPIS
from sim.sentences import sentence
from sim.statistics import estimate
from sim.study import Studied, Study, document_of_study, read_study, run_study
from sim.tables import comparison_table, shown, study_tables
from testbed import clock
from testbed.domain.errors import DomainError, InvalidFile

PAPER_WIDTH = 130
PACKAGED_SCENARIOS = Path(__file__).parent / "scenarios"
P = ParamSpec("P")
R = TypeVar("R")


def _plainly(command: Callable[P, R]) -> Callable[P, R]:
    """Turns the mistakes of a file, and other misuse, into lines for people; exit code 1."""

    @wraps(command)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return command(*args, **kwargs)
        except InvalidFile as error:
            lines = [f"{each.place}: {sentence(each.code, each.fields)}" for each in error.mistakes]
            raise click.ClickException("\n".join([error.source, *lines])) from None
        except DomainError as error:
            raise click.ClickException(sentence(error.code, error.fields)) from None

    return run


@dataclass(frozen=True, slots=True)
class _How:
    """How replications are computed, from the command line."""

    engine: str
    workers: int
    replications: int | None

    @contextmanager
    def open(self) -> Iterator[Engine]:
        """The engine, closed at the end."""
        if self.engine == "serial" or self.workers == 1:
            yield Serial()
            return
        with Processes(self.workers) as processes:
            yield processes

    def asked(self, study: Study) -> Study:
        """The study with the number of replications that the command line asks for."""
        return study if self.replications is None else study.replicated(self.replications)

    def alone(self, name: str) -> Study:
        """The scenario of that name without its levels and options."""
        return self.asked(Study(read_study(_path(name)).main))


def _options(command: Callable[..., None]) -> Callable[..., None]:
    """The options that every command of experiments has."""
    workers = os.cpu_count() or 1
    for option in (
        click.option("--json", "as_json", is_flag=True, help="Print the result as JSON."),
        click.option("--replications", type=click.IntRange(1), help="Instead of the file's."),
        click.option("--workers", type=click.IntRange(1), default=workers, show_default=True),
        click.option("--engine", type=click.Choice(engines.NAMES), default="processes"),
        click.option(
            "--out",
            type=click.Path(file_okay=False, path_type=Path),
            required=True,
            help="Folder for the results.",
        ),
    ):
        command = option(command)
    return command


@click.group()
def sim() -> None:
    """Simulate what capacity to add."""


@sim.command("run")
@click.argument("scenario")
@_options
@_plainly
def run_command(
    *, scenario: str, out: Path, engine: str, workers: int, replications: int | None, as_json: bool
) -> None:
    """Replicate SCENARIO (a file, or the name of a packaged one) and write DIR/result.json."""
    how = _How(engine, workers, replications)
    asked = how.asked(read_study(_path(scenario)))
    with how.open() as running:
        done = _run(asked, running, how, out)
    if as_json:
        click.echo(_json(document_of_study(done)))
        return
    for table in study_tables(done):
        _paper().print(table)
    click.echo(f"{out / 'result.json'}")


@sim.command("compare")
@click.argument("base")
@click.argument("options", nargs=-1, required=True)
@_options
@_plainly
def compare_command(
    *,
    base: str,
    options: tuple[str, ...],
    out: Path,
    engine: str,
    workers: int,
    replications: int | None,
    as_json: bool,
) -> None:
    """Replicate BASE and each of OPTIONS with the same draws, and write DIR/comparison.json."""
    how = _How(engine, workers, replications)
    standard = how.alone(base)
    candidates = [how.alone(each) for each in options]
    check_comparable(standard.main, [each.main for each in candidates])
    with how.open() as running:
        done = _run(standard, running, how, out / "base").main
        gains = [
            gain(_run(each, running, how, out / Path(name).stem).main, done, len(candidates))
            for name, each in zip(options, candidates, strict=True)
        ]
    _report(done, gains, out, as_json=as_json)


@sim.command("validate")
@_plainly
def validate_command() -> None:
    """Hold the model against exact theory; exit code 1 where it lies outside an interval."""
    table = Table("oracle", "figure", "theory", "the model", "")
    agreed = True
    with Processes(os.cpu_count() or 1) as engine:
        for name, oracle in oracles().items():
            for path, found in oracle.measured(engine).items():
                theory = oracle.theory[path]
                inside = found.low <= theory <= found.high
                agreed = agreed and inside
                answer = "agrees" if inside else "DIFFERS"
                table.add_row(name, " ".join(path[1:]), f"{theory:.5f}", shown(found), answer)
    _paper().print(table)
    if not agreed:
        raise click.exceptions.Exit(1)


def _report(base: Experiment, gains: Sequence[Gain], out: Path, *, as_json: bool) -> None:
    document = _json(comparison_of(base, gains))
    (out / "comparison.json").write_text(document + "\n", encoding="utf-8")
    if as_json:
        click.echo(document)
        return
    _paper().print(comparison_table(gains))
    click.echo(f"{out / 'comparison.json'}")


def _path(name: str) -> Path:
    """A file, or a packaged scenario by its bare name."""
    packaged = PACKAGED_SCENARIOS / f"{name}.toml"
    return packaged if not Path(name).exists() and packaged.is_file() else Path(name)


def _run(study: Study, engine: Engine, how: _How, out: Path) -> Studied:
    started = clock.now()
    out.mkdir(parents=True, exist_ok=True)
    for code in experiment.warnings(study.main):
        click.echo(f"{study.main.name}: {sentence(code, {})}", err=True)
    with _progress(study) as watch:
        done = run_study(study, engine, watch)
    finished = clock.now()
    result = _json(document_of_study(done))
    (out / "result.json").write_text(result + "\n", encoding="utf-8")
    times = {
        "started_at": started.isoformat(),
        "finished_at": finished.isoformat(),
        "seconds": (finished - started).total_seconds(),
        "engine": how.engine,
        "workers": how.workers,
        "python": platform.python_version(),
        "numpy": np.__version__,
        "machine": platform.machine(),
    }
    (out / "run.json").write_text(_json(times) + "\n", encoding="utf-8")
    return done


def _paper() -> Console:
    """Where tables go: the terminal as wide as it is, a file wide enough for all of them."""
    return Console() if sys.stdout.isatty() else Console(width=PAPER_WIDTH)


def _json(document: object) -> str:
    return json.dumps(document, sort_keys=True, ensure_ascii=False, indent=1, allow_nan=False)


@contextmanager
def _progress(study: Study) -> Iterator[Callable[[Studied, int], None]]:
    """A bar by replications, with the running estimate of acceptance."""
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("acceptance {task.fields[acceptance]}"),
        TimeElapsedColumn(),
    )
    main = study.main
    most = main.precision.most if main.precision else main.replications
    with Progress(*columns, console=Console(stderr=True)) as bar:
        task = bar.add_task(main.name, total=most * len(study.scenarios), acceptance="–")

        def watch(done: Studied, _: int) -> None:
            found = estimate(done.main.values((KPIS, "acceptance")))
            bar.update(task, advance=1, acceptance=shown(found))

        yield watch
