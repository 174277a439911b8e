"""Rows of series and their dates, to and from the values of the domain."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, Row, and_, insert, select, update

from testbed.domain.errors import NotFound, Stale
from testbed.domain.series import Era, Occurrence, Outcome, Plan, rule_of
from testbed.persistence import convert
from testbed.persistence.series_tables import occurrence as occurrences
from testbed.persistence.series_tables import series


@dataclass(frozen=True, slots=True)
class KeptSeries:
    """A series as the database keeps it; `version` grows with every change of it."""

    id: str
    organisation: str
    name: str
    actor: str
    created_at: datetime
    confirmed_at: datetime | None
    version: int
    plan: Plan


def add_series(connection: Connection, kept: KeptSeries) -> None:
    """Keep a new series; its dates are kept apart from it."""
    connection.execute(insert(series), _columns(kept))


def change_series(connection: Connection, kept: KeptSeries, version: int) -> None:
    """Replace a kept series that was read in that version. Raises Stale("series_changed")."""
    mine = and_(series.c.id == kept.id, series.c.version == version)
    row = {**_columns(kept), "version": version + 1}
    if connection.execute(update(series).where(mine).values(row)).rowcount != 1:
        raise Stale("series_changed", series=kept.id)


def find_series(connection: Connection, series_id: str) -> KeptSeries:
    """The series of that id. Raises NotFound("series")."""
    row = connection.execute(select(series).where(series.c.id == series_id)).one_or_none()
    if row is None:
        raise NotFound("series", id=series_id)
    return kept_series(row)


def kept_series(row: Row[*tuple[Any, ...]]) -> KeptSeries:
    """The series of a row."""
    return KeptSeries(
        row.id,
        row.organisation,
        row.name,
        row.actor,
        row.created_at,
        row.confirmed_at,
        row.version,
        plan_from_json(convert.load(row.document)),
    )


def _columns(kept: KeptSeries) -> dict[str, object]:
    return {
        "id": kept.id,
        "organisation": kept.organisation,
        "name": kept.name,
        "actor": kept.actor,
        "created_at": kept.created_at,
        "confirmed_at": kept.confirmed_at,
        "version": kept.version,
        "document": convert.dump(plan_to_json(kept.plan)),
    }


# -- dates -----------------------------------------------------------------------------------


def occurrences_of(
    connection: Connection, series_ids: Iterable[str]
) -> dict[str, list[Occurrence]]:
    """The dates of several series, each in the order of their days."""
    query = select(occurrences).where(occurrences.c.series.in_(list(series_ids)))
    found: dict[str, list[Occurrence]] = {}
    for row in connection.execute(query.order_by(occurrences.c.series, occurrences.c.day)):
        found.setdefault(row.series, []).append(_occurrence(row))
    return found


def occurrence_of_booking(connection: Connection, booking: str) -> tuple[str, date] | None:
    """The series and the day of which this booking is, None for a booking by itself."""
    query = select(occurrences.c.series, occurrences.c.day).where(occurrences.c.booking == booking)
    row = connection.execute(query).first()
    return None if row is None else (row.series, row.day)


def add_occurrence(
    connection: Connection, series_id: str, each: Occurrence, due_at: datetime | None = None
) -> None:
    """Keep a new date of a series."""
    row = {"series": series_id, "day": each.day, "due_at": due_at, **_facts(each)}
    connection.execute(insert(occurrences), row)


def change_occurrence(
    connection: Connection, series_id: str, each: Occurrence, due_at: datetime | None = None
) -> None:
    """Replace what is kept of a date."""
    mine = and_(occurrences.c.series == series_id, occurrences.c.day == each.day)
    connection.execute(update(occurrences).where(mine).values(due_at=due_at, **_facts(each)))


def due_series(connection: Connection, now: datetime) -> list[str]:
    """The confirmed series with dates that are to be asked for by now, by their ids."""
    due = and_(occurrences.c.outcome == Outcome.AWAITED.value, occurrences.c.due_at <= now)
    query = select(series.c.id).distinct().join(occurrences, occurrences.c.series == series.c.id)
    wanted = query.where(due, series.c.confirmed_at.is_not(None))
    return list(connection.execute(wanted.order_by(series.c.id)).scalars())


def due_days(connection: Connection, series_id: str, now: datetime) -> set[date]:
    """The days of a series that are to be asked for by now."""
    due = and_(
        occurrences.c.series == series_id,
        occurrences.c.outcome == Outcome.AWAITED.value,
        occurrences.c.due_at <= now,
    )
    return set(connection.execute(select(occurrences.c.day).where(due)).scalars())


def _facts(each: Occurrence) -> dict[str, object]:
    return {
        "outcome": each.outcome.value,
        "start_grain": each.start,
        "request": each.request,
        "booking": each.booking,
        "apart": each.apart,
    }


def _occurrence(row: Row[*tuple[Any, ...]]) -> Occurrence:
    outcome = Outcome(row.outcome)
    return Occurrence(row.day, outcome, row.start_grain, row.request, row.booking, row.apart)


# -- plans -----------------------------------------------------------------------------------


def plan_to_json(plan: Plan) -> convert.Json:
    """A plan as a JSON object."""
    return {
        "zone": plan.zone,
        "rule": plan.rule.text if plan.rule else None,
        "skip_holidays": plan.skip_holidays,
        "all_or_nothing": plan.all_or_nothing,
        "eras": [
            {
                "since": each.since.isoformat(),
                "at_min": each.at_min,
                "shift_days": each.shift_days,
                "wish": convert.request_to_json(each.wish),
            }
            for each in plan.eras
        ],
    }


def plan_from_json(json: convert.Json) -> Plan:
    """The plan of a JSON object."""
    eras = tuple(
        Era(
            date.fromisoformat(each["since"]),
            each["at_min"],
            convert.request_from_json(each["wish"]),
            each["shift_days"],
        )
        for each in json["eras"]
    )
    rule = json["rule"] and rule_of(json["rule"])
    return Plan(json["zone"], eras, rule, json["skip_holidays"], json["all_or_nothing"])
