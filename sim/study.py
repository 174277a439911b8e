"""Studies: one scenario, the same at other demand levels, and options against it, run together.

A scenario file with a table [study] is a study; one without is the study of its scenario alone.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from sim.comparison import (
    MOST_OPTIONS,
    UNITS,
    Gain,
    behind_best,
    comparison_of,
    difference_of,
    gain,
)
from sim.engines import Engine
from sim.experiment import Experiment, figures_of, result_of, run_together
from sim.rows import Row
from sim.scenario import Scenario
from sim.scenario_file import document_of, scenario_of
from testbed.domain.errors import InvalidFile, Mistake
from testbed.domain.fields import Notes, Reader

TABLE = "study"
VERSION = 1
MOST_LEVELS = 8
HIGHEST_LEVEL = 20.0
# What the result says of each demand level.
LEVEL_SECTIONS = ("kpis", "by_test_kind", "by_city", "by_resource", "refusals")
SECTIONS_SO_FAR = ("kpis", "by_hour", "by_test_kind", "by_resource", "refusals")

Document = Mapping[str, object]


@dataclass(frozen=True)
class Study:
    """A scenario, itself at each demand level, and itself with each capacity option.

    `levels` and `options` are None where the file has no table [study].
    """

    main: Scenario
    levels: tuple[Scenario, ...] | None = None
    options: tuple[Scenario, ...] | None = None

    @property
    def scenarios(self) -> tuple[Scenario, ...]:
        """All that is to be run, each once, the main one first."""
        every = (self.main, *(self.levels or ()), *(self.options or ()))
        return tuple(dict.fromkeys(every))

    def replicated(self, replications: int) -> "Study":
        """The study with another number of replications."""

        def asked(scenario: Scenario) -> Scenario:
            return replace(scenario, replications=replications, precision=None)

        return Study(
            asked(self.main),
            None if self.levels is None else tuple(map(asked, self.levels)),
            None if self.options is None else tuple(map(asked, self.options)),
        )


@dataclass(frozen=True)
class Studied:
    """What is known of a study: an experiment per scenario, by digest."""

    study: Study
    experiments: Mapping[str, Experiment]

    @property
    def main(self) -> Experiment:
        """The experiment of the scenario itself."""
        return self.of(self.study.main)

    def of(self, scenario: Scenario) -> Experiment:
        """The experiment of one of the study's scenarios."""
        return self.experiments[scenario.digest]

    def all_options(self) -> list[Experiment]:
        """The experiments of the options, over the replications that all of them have."""
        options = [self.of(each) for each in self.study.options or ()]
        return _level(options)

    def gains(self) -> list[Gain]:
        """What each option adds, over the replications that all have."""
        options = self.all_options()
        pairs = [_level([each, self.main]) for each in options]
        return [gain(option, base, len(options)) for option, base in pairs]


Watch = Callable[[Studied, int], None]


def run_study(study: Study, engine: Engine, watch: Watch = lambda _, __: None) -> Studied:
    """Run all scenarios of a study in rounds.

    `watch` sees what is known so far, and the number of the scenario that has got one row more.
    """

    def seen(rows: Sequence[Sequence[Row]], number: int) -> None:
        watch(_studied(study, [tuple(each) for each in rows]), number)

    done = run_together(study.scenarios, engine, seen)
    return _studied(study, [each.rows for each in done])


def _studied(study: Study, rows: Sequence[tuple[Row, ...]]) -> Studied:
    pairs = zip(study.scenarios, rows, strict=True)
    return Studied(study, {each.digest: Experiment(each, known) for each, known in pairs})


def _level(experiments: Sequence[Experiment]) -> list[Experiment]:
    """All with the replications that all have."""
    common = min((len(each.rows) for each in experiments), default=0)
    return [replace(each, rows=each.rows[:common]) for each in experiments]


# -- the file --------------------------------------------------------------------------------


def read_study(path: str | Path) -> Study:
    """The study of a scenario file. Raises InvalidFile with every mistake."""
    file = Path(path)
    notes: Notes = []
    document = document_of(file)
    study = _study(document, file.name, file.parent, notes)
    if notes or study is None:
        raise InvalidFile(str(path), notes)
    return study


def _study(document: Document, name: str, folder: Path, notes: Notes) -> Study | None:
    plain = {key: value for key, value in document.items() if key != TABLE}
    main = scenario_of(Reader(plain, name, notes), folder, notes)
    if TABLE not in document:
        return None if main is None else Study(main)
    table = Reader(document[TABLE], f"{name}.{TABLE}", notes)
    levels, options = _read_levels(table), _read_options(table, main)
    table.finish()
    if notes or main is None:
        return None

    def variant(changed: Document) -> list[Scenario]:
        found = scenario_of(Reader(changed, name, notes), folder, notes)
        return [] if found is None else [found]

    return Study(
        main,
        tuple(each for level in sorted(levels) for each in variant(_at_level(plain, level))),
        tuple(each for option in options for each in variant(_with_option(plain, option, main))),
    )


def _read_levels(table: Reader) -> tuple[float, ...]:
    levels = table.numbers("levels", most=HIGHEST_LEVEL) if table.has("levels") else ()
    if len(set(levels)) < len(levels):
        twice = next(each for each in levels if levels.count(each) > 1)
        table.note(Mistake(table.at("levels"), "duplicate_value", {"value": twice}))
    _check_count(table, "levels", len(levels), MOST_LEVELS)
    return levels


def _read_options(table: Reader, main: Scenario | None) -> tuple[str, ...]:
    if main is None:  # its mistakes come first: the options are those of its demand
        return table.texts("options")
    options = table.references("options", main.demand.capacity_options, "capacity option")
    _check_count(table, "options", len(options), MOST_OPTIONS)
    return options


def _check_count(table: Reader, key: str, count: int, most: int) -> None:
    if count > most:
        fields: dict[str, object] = {"value": count, "least": 0, "most": most}
        table.note(Mistake(table.at(key), "out_of_range", fields))


def _at_level(plain: Document, level: float) -> Document:
    return {**plain, "base": {**_table(plain, "base"), "level": level}}


def _with_option(plain: Document, option: str, main: Scenario) -> Document:
    """The document with the option's change and cost; only its key figures are asked for."""
    changes = plain.get("change", [])
    found = main.demand.capacity_options[option]
    return {
        **plain,
        "scenario": {**_table(plain, "scenario"), "name": option, "measure": []},
        "change": [*(changes if isinstance(changes, list) else []), dict(found.change)],
        "cost": {"capex_mkrw": found.capex_mkrw, "opex_mkrw_year": found.opex_mkrw_year},
    }


def _table(document: Document, key: str) -> Document:
    found = document.get(key)
    return found if isinstance(found, Mapping) else {}


# -- the result ------------------------------------------------------------------------------


def document_of_study(done: Studied) -> dict[str, object]:
    """The result of the scenario, and under "study" its levels and options where it has them."""
    return result_of(done.main) | _together(done, LEVEL_SECTIONS)


def known_so_far(done: Studied) -> dict[str, object]:
    """The part of the result that is worth showing while the study runs."""
    return figures_of(done.main, SECTIONS_SO_FAR) | _together(done, ("kpis",))


def _together(done: Studied, sections: Collection[str]) -> dict[str, object]:
    if done.study.levels is None:
        return {}
    gains = done.gains()
    levels = [_level_of(done.of(each), sections) for each in done.study.levels]
    comparison = comparison_of(done.main, gains) | _behind(done) if gains else None
    return {TABLE: {"version": VERSION, "levels": levels, "comparison": comparison}}


def _behind(done: Studied) -> dict[str, object]:
    options = done.all_options()
    return {
        "behind_best": {
            name: difference_of(found, UNITS["hours_per_year"])
            for name, found in behind_best(options).items()
        }
    }


def _level_of(experiment: Experiment, sections: Collection[str]) -> dict[str, object]:
    about = {
        "level": experiment.scenario.level,
        "scenario_digest": experiment.scenario.digest,
        "replications": len(experiment.rows),
    }
    return about | figures_of(experiment, sections)
