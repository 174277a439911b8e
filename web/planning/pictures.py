"""What the pictures of a run draw: plain numbers and words as JSON, which `charts.js` draws."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from testbed.domain.catalogue import Catalogue
from testbed.domain.demand import TestKind
from testbed.domain.load import DAYS
from web.languages import gettext
from web.planning.cells import Amount, Cell, Share, Table, number, percent
from web.planning.ranking import Ranked, ranked
from web.planning.result import Figure, Figured, Known, Level
from web.planning.words import KPIS, WEEKDAYS, constraint_text, kind_text
from web.present import city_name, pool_name

FULLEST = 15
HOURS = 24
Json = dict[str, object]


@dataclass(frozen=True, slots=True)
class Names:
    """What names the ids of a result."""

    catalogue: Catalogue
    kinds: Mapping[str, TestKind]


@dataclass(frozen=True, slots=True)
class Picture:
    """One picture: its heading, what it shows in a sentence, its data, and the table behind it."""

    id: str
    title: str
    lead: str
    data: Json
    table: Table


def pictures(known: Known, names: Names) -> list[Picture]:
    """The pictures for which something is known, in their order on the page."""
    drawn = (
        _curve(known),
        _ranking(known),
        _week(known),
        _places(known, names),
        _kinds(known, names),
    )
    return [each for each in drawn if each is not None]


def _ends(figure: Figure | None, scale: float = 100) -> Json:
    """Mean and interval in the unit of the axis; nulls where they are not known."""
    if figure is None:
        return {"mean": None, "low": None, "high": None}
    found = {"mean": figure.mean, "low": figure.low, "high": figure.high}
    return {key: None if value is None else value * scale for key, value in found.items()}


# -- demand curve ----------------------------------------------------------------------------


def _curve(known: Known) -> Picture | None:
    levels = [each for each in _levels(known) if "acceptance" in each.kpis]
    if len(levels) < 2:
        return None
    sessions, hours = str(KPIS["acceptance"]), str(KPIS["acceptance_hours"])
    points = [
        {
            "level": each.level,
            "sessions": _ends(each.kpis.get("acceptance")),
            "hours": _ends(each.kpis.get("acceptance_hours")),
        }
        for each in levels
    ]
    rows: list[tuple[Cell, ...]] = [
        (each.level, *(Share(each.kpis.get(key)) for key in ("acceptance", "acceptance_hours")))
        for each in levels
    ]
    first, last = levels[0], levels[-1]
    lead = gettext(
        "From %(low)s to %(high)s times today's demand, the sessions that find a place go from "
        "%(first)s to %(last)s.",
        low=f"{first.level:g}",
        high=f"{last.level:g}",
        first=percent(first.kpis["acceptance"]),
        last=percent(last.kpis["acceptance"]),
    )
    demand = gettext("demand, times today's")
    data: Json = {
        "draw": "curve",
        "points": points,
        "x": demand,
        "names": {"sessions": sessions, "hours": hours, "band": gettext("interval (95 %)")},
    }
    table = Table("demand-curve", gettext("Demand curve"), (demand, sessions, hours), rows)
    return Picture("curve", gettext("How many find a place as demand grows"), lead, data, table)


def _levels(known: Known) -> Iterable[Level]:
    return known.study.levels if known.study else ()


# -- options against the scenario ------------------------------------------------------------


def _ranking(known: Known) -> Picture | None:
    options = ranked(known)
    if not options:
        return None
    tied = sum(each.tied for each in options)
    data: Json = {
        "draw": "ranking",
        "bars": [
            {**_ends(each.gain, 1), "name": each.name, "tied": each.tied, "sure": each.sure}
            for each in options
        ],
        "x": gettext("hours gained a year"),
        "tied": gettext("cannot be told apart from the best") if tied > 1 else "",
    }
    header = (
        gettext("option"),
        gettext("hours gained a year"),
        gettext("sessions gained a year"),
        gettext("million won a year"),
        gettext("hours per million won"),
        gettext("verdict"),
    )
    rows = [
        (
            each.name,
            Amount(each.gain, 0, signed=True),
            Amount(each.option.sessions_per_year, 0, signed=True),
            "–" if each.option.cost_mkrw_year is None else f"{each.option.cost_mkrw_year:g}",
            Amount(each.option.hours_per_mkrw, 2),
            each.verdict,
        )
        for each in options
    ]
    table = Table("options", gettext("Options against the scenario"), header, rows)
    return Picture("ranking", gettext("What each option adds"), _best(options), data, table)


def _best(options: list[Ranked]) -> str:
    best = options[0]
    if not best.sure:
        return gettext("No option can be told apart from the scenario with so few replications.")
    tied = [each.name for each in options[1:] if each.tied]
    first = gettext(
        "%(name)s adds most: %(gain)s wished hours a year.",
        name=best.name,
        gain=number(best.gain, signed=True),
    )
    if not tied:
        return first
    return f"{first} " + gettext("It cannot be told apart from: %(names)s.", names=", ".join(tied))


# -- where and when it is full ---------------------------------------------------------------


def _week(known: Known) -> Picture | None:
    hours = [f"{each:02}" for each in range(HOURS)]
    names = [f"{day} {hour}" for day in DAYS for hour in hours]
    cells = {each: known.by_hour.get(each, {}).get("utilisation") for each in names}
    means = {name: each.mean for name, each in cells.items() if each and each.mean is not None}
    if not means:
        return None
    days = [str(WEEKDAYS[each]) for each in DAYS]
    data: Json = {
        "draw": "heat",
        "columns": hours,
        "rows": days,
        "cells": [
            [column, row, round(means[f"{day} {hour}"] * 100, 1)]
            for row, day in enumerate(DAYS)
            for column, hour in enumerate(hours)
            if f"{day} {hour}" in means
        ],
        "x": gettext("hour of the day (KST)"),
        "value": gettext("open time booked (%)"),
    }
    day, hour = max(means, key=lambda each: means[each]).split(" ")
    lead = gettext(
        "Of the time in which places are open, most is booked on %(day)s from %(hour)s:00: "
        "%(share)s.",
        day=str(WEEKDAYS[day]),
        hour=hour,
        share=percent(cells[f"{day} {hour}"]),
    )
    rows = [
        (str(WEEKDAYS[day]), f"{hour}:00", Share(cells.get(f"{day} {hour}")))
        for day in DAYS
        for hour in hours
        if f"{day} {hour}" in means
    ]
    header = (gettext("weekday"), gettext("from"), gettext("booked, of the open time"))
    table = Table("week", gettext("Use by weekday and hour"), header, rows)
    return Picture("week", gettext("When places are full"), lead, data, table)


def _places(known: Known, names: Names) -> Picture | None:
    columns = list(_columns(known))
    fullest = _fullest(columns[-1][1]) if columns else []
    if not fullest:
        return None
    share = gettext("open time occupied (%)")
    data = _level_map(columns, fullest, names, share)
    if len(columns) == 1:
        data = _place_bars(columns[0][1], fullest, names, share)
    lead = gettext(
        "The fullest places, with set-up, clean-up and blocks. Fullest of all: %(place)s, "
        "%(share)s.",
        place=pool_name(names.catalogue, fullest[0]),
        share=percent(columns[-1][1].by_resource[fullest[0]].get("occupancy")),
    )
    table = _places_table(columns, names)
    return Picture("places", gettext("Which places are full"), lead, data, table)


def _place_bars(figures: Figured, fullest: list[str], names: Names, share: str) -> Json:
    bars = [
        {
            **_ends(figures.by_resource[each].get("occupancy")),
            "name": pool_name(names.catalogue, each),
        }
        for each in fullest
    ]
    return {"draw": "shares", "bars": bars, "x": share}


def _level_map(
    columns: list[tuple[str, Figured]], fullest: list[str], names: Names, share: str
) -> Json:
    return {
        "draw": "heat",
        "columns": [name for name, _ in columns],
        "rows": [pool_name(names.catalogue, each) for each in fullest],
        "cells": [
            [column, row, round(mean * 100, 1)]
            for column, (_, figures) in enumerate(columns)
            for row, place in enumerate(fullest)
            if (mean := _occupancy(figures, place)) is not None
        ],
        "x": gettext("demand, times today's"),
        "value": share,
        "labels": True,
    }


def _columns(known: Known) -> Iterator[tuple[str, Figured]]:
    """The demand levels of which places are known, or the scenario alone."""
    levels = [each for each in _levels(known) if each.by_resource]
    if levels:
        yield from ((f"{each.level:g} ×", each) for each in levels)
    elif known.by_resource:
        yield gettext("this run"), known


def _occupancy(figures: Figured, place: str) -> float | None:
    found = figures.by_resource.get(place, {}).get("occupancy")
    return found.mean if found else None


def _fullest(figures: Figured) -> list[str]:
    known = {each: _occupancy(figures, each) for each in figures.by_resource}
    used = {each: share for each, share in known.items() if share}
    return sorted(used, key=lambda each: (-used[each], each))[:FULLEST]


def _places_table(columns: list[tuple[str, Figured]], names: Names) -> Table:
    catalogue = names.catalogue
    every = sorted(
        columns[-1][1].by_resource, key=lambda each: -(_occupancy(columns[-1][1], each) or 0)
    )
    rows: list[tuple[Cell, ...]] = [
        (
            pool_name(catalogue, each),
            _city(each, catalogue),
            *(Share(figures.by_resource.get(each, {}).get("occupancy")) for _, figures in columns),
        )
        for each in every
    ]
    header = (gettext("place"), gettext("city"), *(name for name, _ in columns))
    return Table("places", gettext("Occupied, of the open time, by place"), header, rows)


def _city(place: str, catalogue: Catalogue) -> str:
    known = catalogue.routes.get(place) or catalogue.facilities.get(place)
    return city_name(catalogue, known.city) if known else ""


# -- whose wishes fail -----------------------------------------------------------------------


def _kinds(known: Known, names: Names) -> Picture | None:
    shares = {each: figures.get("acceptance") for each, figures in known.by_test_kind.items()}
    found = {each: share for each, share in shares.items() if share and share.mean is not None}
    if not found:
        return None
    worst = sorted(found, key=lambda each: (found[each].mean or 0, each))
    data: Json = {
        "draw": "shares",
        "bars": [{**_ends(found[each]), "name": kind_text(each, names.kinds)} for each in worst],
        "x": gettext("wished sessions granted (%)"),
    }
    header = (
        gettext("test kind"),
        gettext("sessions wished"),
        gettext("granted"),
        gettext("hours granted"),
    )
    rows = [
        (
            kind_text(each, names.kinds),
            Amount(known.by_test_kind[each].get("sessions")),
            Share(found[each]),
            Share(known.by_test_kind[each].get("acceptance_hours")),
        )
        for each in worst
    ]
    lead = gettext(
        "Hardest to place: %(kind)s, %(share)s of the sessions.",
        kind=kind_text(worst[0], names.kinds),
        share=percent(found[worst[0]]),
    )
    table = Table("test-kinds", gettext("By test kind"), header, rows)
    return Picture("kinds", gettext("Which tests find a place"), lead, data, table)


# -- tables without a picture ----------------------------------------------------------------


def figure_table(known: Known) -> Table:
    """The key figures."""
    rows = [
        (str(said), Share(figure) if _is_share(name) else Amount(figure, _decimals(name)))
        for name, said in KPIS.items()
        if (figure := known.kpis.get(name)) is not None
    ]
    header = (gettext("figure"), gettext("mean ± half-width (95 %)"))
    return Table("key-figures", gettext("Key figures"), header, rows)


def _is_share(name: str) -> bool:
    return name in {"acceptance", "acceptance_hours", "utilisation", "occupancy"} or name.endswith(
        "_share"
    )


def _decimals(name: str) -> int:
    if name == "gini":
        return 3
    return 1 if "_days_" in name or name.startswith("shift_hours") else 0


def refusal_table(known: Known, names: Names) -> Table:
    """What refused, the most frequent first."""
    order = sorted(known.refusals, key=lambda each: (-(known.refusals[each].mean or 0), each))
    rows = [(constraint_text(each, names.catalogue), Share(known.refusals[each])) for each in order]
    header = (gettext("what alone stood in the way"), gettext("of all sessions"))
    return Table("refusals", gettext("Refused sessions by binding constraint"), header, rows)


def tables(known: Known, names: Names) -> list[Table]:
    """Every table of a run."""
    drawn = [each.table for each in pictures(known, names)]
    return [figure_table(known), *drawn, refusal_table(known, names)]
