"""Reads a scenario file and what it names, and reports every mistake at once with its place."""

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, fields, replace
from datetime import date
from pathlib import Path
from typing import Any, TypeVar

from sim.horizon import written_days
from sim.scenario import (
    DEFAULT_REPLICATIONS,
    MEASURES,
    MODEL_VERSION,
    Precision,
    Scenario,
    YearlyCost,
)
from testbed.domain.catalogue import Catalogue
from testbed.domain.catalogue_change import apply_change
from testbed.domain.catalogue_file import parse_catalogue
from testbed.domain.demand import DemandProfile, waiting_profile
from testbed.domain.demand_file import parse_demand
from testbed.domain.errors import InvalidFile, Mistake
from testbed.domain.fields import Notes, Reader
from testbed.domain.kpi import SESSION_KPIS
from testbed.domain.policy import Policy
from testbed.files import PACKAGED, read_catalogue, read_demand

LIVE = "live"
DEFAULT_SOURCE = "packaged:gyeonggi"
DEFAULT_WARMUP_DAYS = 90
DEFAULT_MOST = 200
MOST_DAYS = 366 * 20
MOST_REPLICATIONS = 10_000
T = TypeVar("T")


def read_scenario(path: str | Path) -> Scenario:
    """The scenario of a TOML file, with its catalogue, changes and demand.

    Paths in the file are relative to it. Raises InvalidFile with every mistake of the file, of its
    changes and of the files it names.
    """
    file = Path(path)
    notes: Notes = []
    scenario = scenario_of(Reader(document_of(file), file.name, notes), file.parent, notes)
    if notes or scenario is None:
        raise InvalidFile(str(path), notes)
    return scenario


def document_of(file: Path) -> Mapping[str, object]:
    """What a scenario file says, unjudged. Raises InvalidFile where it cannot be read."""
    if file.is_dir():
        raise InvalidFile(str(file), [Mistake(file.name, "file_missing")])
    return read_demand(file)  # any TOML file: what is in it is judged here


@dataclass(frozen=True, slots=True)
class _Run:
    """The table [scenario]."""

    name: str
    seed: int
    start: date
    days: int
    warmup_days: int
    replications: int
    precision: Precision | None
    measure: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Base:
    """The table [base]; `catalogue` and `demand` are the sources as written."""

    catalogue: str
    demand: str
    level: float
    standing: bool
    waits_share: float | None


@dataclass(frozen=True, slots=True)
class _Material:
    """The values of the files that [base] names, and the digests of their documents."""

    catalogue: Catalogue
    demand: DemandProfile
    catalogue_digest: str
    demand_digest: str


def scenario_of(root: Reader, folder: Path, notes: Notes) -> Scenario | None:
    """The scenario of a document, None where it has mistakes; they are noted."""
    run, base = _read_run(root.table("scenario")), _read_base(root.table("base"))
    policy = _read_policy(root.table("policy"))
    cost = _read_cost(root)
    changes = [each for _, each in root.items("change")]
    root.finish()
    material = _load(base, folder, notes)
    if material is None:
        return None
    changed, growths = _apply(changes, material, root.at("change"), notes)
    _check_holidays(run, changed, policy, root, notes)
    if notes:
        return None
    plain = _plain(run, base, policy, changes)
    return Scenario(
        name=run.name,
        seed=run.seed,
        start=run.start,
        days=run.days,
        warmup_days=run.warmup_days,
        catalogue=changed,
        base_catalogue=material.catalogue,
        demand=material.demand,
        digest=digest_of([MODEL_VERSION, plain, material.catalogue_digest, material.demand_digest]),
        level=base.level,
        standing=base.standing,
        growth=next((material.demand.growth_scenarios[each] for each in growths), None),
        policy=policy,
        measure=frozenset(run.measure),
        replications=run.replications,
        precision=run.precision,
        cost=cost or _cost_of_option(changes, material.demand),
        document=plain | {"name": run.name},
        catalogue_digest=material.catalogue_digest,
        demand_digest=material.demand_digest,
    )


def digest_of(document: object) -> str:
    """SHA-256 of a document in canonical JSON."""
    text = json.dumps(document, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def _plain(run: _Run, base: _Base, policy: Policy, changes: list[object]) -> dict[str, object]:
    """What decides the figures, with its defaults, as JSON knows it."""
    return {
        "seed": run.seed,
        "start": run.start.isoformat(),
        "days": run.days,
        "warmup_days": run.warmup_days,
        "measure": sorted(run.measure),
        "base": asdict(base),
        "policy": asdict(policy),
        "change": changes,
    }


# -- the tables of the file ------------------------------------------------------------------


def _read_run(table: Reader) -> _Run:
    found = _Run(
        name=table.text("name"),
        seed=table.whole("seed"),
        start=_start(table),
        days=table.whole("days", least=1, most=MOST_DAYS),
        warmup_days=table.whole("warmup_days", DEFAULT_WARMUP_DAYS, most=MOST_DAYS),
        replications=table.whole("replications", DEFAULT_REPLICATIONS, 1, MOST_REPLICATIONS),
        precision=_precision(table),
        measure=table.choices("measure", MEASURES, MEASURES),
    )
    table.finish()
    return found


def _start(table: Reader) -> date:
    found = table.day("start")
    if found is None and not table.has("start"):
        table.note(Mistake(table.at("start"), "missing_key", {"key": "start"}))
    return found or date(1970, 1, 1)


def _precision(table: Reader) -> Precision | None:
    if not table.has("precision"):
        return None
    if table.has("replications"):
        keys = {"keys": "replications, precision"}
        table.note(Mistake(table.at("precision"), "several_targets", {**keys}))
    asked = table.table("precision")
    most = asked.whole("max_replications", DEFAULT_MOST, 2, MOST_REPLICATIONS)
    names = [each.name for each in SESSION_KPIS if asked.has(each.name)]
    asked.expect([each.name for each in SESSION_KPIS])
    half_widths = {name: asked.number(name) for name in names}
    if not names:
        asked.note(Mistake(asked.place, "missing_key", {"key": "acceptance_hours"}))
    asked.finish()
    return Precision(half_widths, most)


def _read_base(table: Reader) -> _Base:
    found = _Base(
        catalogue=table.text("catalogue", DEFAULT_SOURCE),
        demand=table.text("demand", DEFAULT_SOURCE),
        level=table.number("level", 1.0),
        standing=table.flag("standing", default=True),
        waits_share=table.share("waits_share", 0.0) if table.has("waits_share") else None,
    )
    if table.flag("disruptions", default=False):
        table.note(Mistake(table.at("disruptions"), "not_modelled", {"what": "disruptions"}))
    if found.catalogue == LIVE:
        table.note(Mistake(table.at("catalogue"), "not_modelled", {"what": "the live calendar"}))
    table.finish()
    return found


def _read_policy(table: Reader) -> Policy:
    """The policy with what the scenario sets otherwise.

    Near misses are offered to people; the simulation decides without them unless told to.
    """
    plain = Policy(near_misses=0)
    values: dict[str, Any] = {
        each.name: table.whole(each.name, getattr(plain, each.name))
        for each in fields(plain)
        if each.name != "eligibility"
    }
    if table.flag("eligibility", default=False):
        table.note(Mistake(table.at("eligibility"), "not_modelled", {"what": "papers"}))
    table.finish()
    return replace(plain, **values)


def _read_cost(root: Reader) -> YearlyCost | None:
    if not root.has("cost"):
        return None
    table = root.table("cost")
    found = YearlyCost(table.number("capex_mkrw", 0.0), table.number("opex_mkrw_year", 0.0))
    table.finish()
    return found


def _cost_of_option(changes: list[object], demand: DemandProfile) -> YearlyCost | None:
    """The cost of the capacity option whose change this is."""
    for option in demand.capacity_options.values():
        if changes == [dict(option.change)]:
            return YearlyCost(option.capex_mkrw, option.opex_mkrw_year)
    return None


# -- what the file names ---------------------------------------------------------------------


def _load(base: _Base, folder: Path, notes: Notes) -> _Material | None:
    if base.catalogue == LIVE:
        return None
    documents = _noted(lambda: read_catalogue(_source(base.catalogue, folder)), notes)
    demand = _noted(lambda: read_demand(_source(base.demand, folder)), notes)
    if documents is None:
        return None
    catalogue = _noted(lambda: parse_catalogue(documents, base.catalogue), notes)
    if catalogue is None or demand is None:
        return None
    profile = _noted(lambda: parse_demand(demand, catalogue), notes)
    if profile is None:
        return None
    if base.waits_share is not None:
        profile = waiting_profile(profile, base.waits_share)
    return _Material(catalogue, profile, digest_of(documents), digest_of(demand))


def _source(written: str, folder: Path) -> str | Path:
    return written if written.startswith(PACKAGED) else folder / written


def _noted(read: Callable[[], T], notes: Notes) -> T | None:
    """What is read, or None with its mistakes noted."""
    try:
        return read()
    except InvalidFile as error:
        notes.extend(error.mistakes)
        return None


def _apply(
    changes: list[object], material: _Material, place: str, notes: Notes
) -> tuple[Catalogue, list[str]]:
    """The changed catalogue, and the growth scenarios that were named."""
    catalogue, growths = material.catalogue, []
    for number, change in enumerate(changes):
        at = f"{place}[{number}]"
        if isinstance(change, Mapping) and "growth" in change:
            growths.append(_growth(Reader(change, at, notes), material.demand))
        elif isinstance(change, Mapping):
            catalogue = _changed(catalogue, change, at, notes)
        else:
            Reader(change, at, notes)  # notes that this is no table
    if len(growths) > 1:
        notes.append(Mistake(place, "several_targets", {"keys": "growth, growth"}))
    return catalogue, growths


def _growth(table: Reader, demand: DemandProfile) -> str:
    name = table.reference("growth", demand.growth_scenarios, "growth scenario")
    table.finish()
    return name


def _changed(
    catalogue: Catalogue, change: Mapping[str, object], place: str, notes: Notes
) -> Catalogue:
    return _noted(lambda: apply_change(catalogue, change, place), notes) or catalogue


def _check_holidays(
    run: _Run, catalogue: Catalogue, policy: Policy, root: Reader, notes: Notes
) -> None:
    """Bookings reach past the last day of the run: holidays must be known that far."""
    ahead = run.days + written_days(catalogue, policy)
    reach = date.fromordinal(min(run.start.toordinal() + ahead, date.max.toordinal()))
    until = catalogue.holidays_until
    if until is not None and reach > until:
        shown: dict[str, object] = {"day": reach.isoformat(), "until": until.isoformat()}
        notes.append(Mistake(root.at("scenario.days"), "holidays_unknown", shown))
