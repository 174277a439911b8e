"""From the log of a replication to its row of figures."""

import gc
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date

from sim.model import Log, simulate
from sim.records import session_of, uses_of
from sim.scenario import Scenario
from sim.setting import Setting, setting_of
from testbed.domain import kpi, load
from testbed.domain.grid import local_date
from testbed.domain.kpi import Session
from testbed.domain.load import Load, grouped

Path = tuple[str, ...]
Row = dict[Path, float | None]

KPIS = "kpis"


def replicate(scenario: Scenario, replication: int) -> Row:
    """All figures of one replication; depends on nothing but its arguments."""
    setting = setting_of(scenario)
    with _uncollected():
        return row_of(setting, simulate(setting, replication))


@contextmanager
def _uncollected() -> Iterator[None]:
    """No cyclic garbage collection: the log only grows, and searching it takes a tenth of a run."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


def row_of(setting: Setting, log: Log) -> Row:
    """The figures of a log, by their path in the result."""
    records = (session_of(setting.catalogue, entry) for entry in log.entries)
    sessions = [each for each in records if each.submitted >= setting.start]
    return {
        **_session_row(setting, sessions),
        **_load_row(setting, log),
        **(_slot_row(log) if setting.measures("first_slot") else {}),
    }


def _session_row(setting: Setting, sessions: list[Session]) -> Row:
    row: Row = {(KPIS, each.name): each.formula(sessions) for each in kpi.SESSION_KPIS}
    row |= _groups("by_test_kind", setting.profile.test_kinds, _by_kind(sessions))
    row |= _groups("by_organisation_type", setting.profile.organisation_types, _by_type(sessions))
    row |= _months(setting, sessions)
    if setting.measures("binding"):
        row |= {("refusals", name): value for name, value in kpi.refusals(sessions).items()}
    clusters = {city.id: city.cluster for city in setting.catalogue.cities.values()}
    row |= {("spillover", *way): value for way, value in kpi.spillover(sessions).items()}
    row |= {("linkage", *way): value for way, value in kpi.linkage(sessions, clusters).items()}
    return row


def _by_kind(sessions: list[Session]) -> dict[str, list[Session]]:
    return grouped(sessions, lambda each: each.test_kind)


def _by_type(sessions: list[Session]) -> dict[str, list[Session]]:
    return grouped(sessions, lambda each: each.organisation_type)


def _groups(section: str, names: Mapping[str, object], groups: Mapping[str, list[Session]]) -> Row:
    return {
        (section, name, each.name): each.formula(groups.get(name, []))
        for name in names
        for each in kpi.GROUP_KPIS
    }


def _months(setting: Setting, sessions: list[Session]) -> Row:
    """Sessions and acceptance by month of submission ("2026-03")."""

    def month(day: date) -> str:
        return day.isoformat()[:7]

    groups = grouped(sessions, lambda each: month(local_date(each.submitted, setting.zone)))
    return _groups("by_month", groups, groups)


def _load_row(setting: Setting, log: Log) -> Row:
    uses = list(setting.standing_use)
    for booking in filter(None, (entry.booking for entry in log.entries)):
        if any(claim.end > setting.start for claim in booking.claims):
            uses += uses_of(setting.catalogue, booking)
    pools = setting.pools
    measured = load.loads(pools, uses)
    corridors = {pool.id for pool in pools if not pool.resource}
    row = _loads("by_resource", {k: v for k, v in measured.items() if k not in corridors})
    row |= _loads("by_corridor", {k: v for k, v in measured.items() if k in corridors})
    row |= _loads("by_city", load.loads_by(pools, measured, lambda pool: pool.city))
    row |= _loads("by_kind", load.loads_by(pools, measured, lambda pool: pool.kind))
    everything = load.total(each for name, each in measured.items() if name not in corridors)
    row[KPIS, "utilisation"] = everything.utilisation
    row[KPIS, "occupancy"] = everything.occupancy
    by_hour = load.utilisation_by_hour(pools, uses)
    return row | {("by_hour", cell, "utilisation"): value for cell, value in by_hour.items()}


def _loads(section: str, loads: Mapping[str, Load]) -> Row:
    row: Row = {}
    for name, each in loads.items():
        row[section, name, "utilisation"] = each.utilisation
        row[section, name, "occupancy"] = each.occupancy
    return row


def _slot_row(log: Log) -> Row:
    row: Row = {(KPIS, name): value for name, value in kpi.first_slots(log.first_slots).items()}
    for kind, samples in grouped(log.first_slots, lambda each: each.test_kind).items():
        figures = kpi.first_slots(samples)
        row |= {("by_test_kind", kind, name): value for name, value in figures.items()}
    return row
