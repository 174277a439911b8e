"""The question of a run and its answer, each in a sentence; and what stands in the way."""

from collections.abc import Iterator, Mapping

from sim.choices import candidates
from web.languages import gettext
from web.planning.cells import percent
from web.planning.pictures import Names
from web.planning.result import Figure, Known
from web.planning.words import change_texts, constraint_text, kind_text
from web.present import pool_name

Document = Mapping[str, object]


def question(scenario: Document, names: Names) -> str:
    """What a scenario (as TOML says it) asks, in a sentence."""
    base = _table(scenario, "base")
    changes = change_texts(scenario.get("change"), names.catalogue)
    level = _demand(base.get("level", 1.0))
    if changes:
        return gettext(
            "What share of the wished sessions finds a place at %(demand)s, with this change: "
            "%(changes)s?",
            demand=level,
            changes="; ".join(changes),
        )
    return gettext("What share of the wished sessions finds a place at %(demand)s?", demand=level)


def _demand(level: object) -> str:
    if not isinstance(level, int | float) or level == 1:
        return gettext("today's demand")
    return gettext("%(level)s times today's demand", level=f"{level:g}")


def _table(document: Document, key: str) -> Document:
    found = document.get(key)
    return found if isinstance(found, Mapping) else {}


def answer(known: Known) -> str:
    """The share of sessions that find a place, with its interval."""
    found = known.kpis.get("acceptance")
    if found is None or found.mean is None:
        return gettext("Nothing is known yet.")
    share = percent(found)
    if found.half_width is None:
        return gettext(
            "About %(share)s of the wished sessions find a place; one replication has no "
            "interval yet.",
            share=share,
        )
    return gettext(
        "%(share)s of the wished sessions find a place (95 %% interval, %(count)d replications).",
        share=share,
        count=found.n,
    )


def bottleneck(known: Known, names: Names) -> list[str]:
    """What stands in the way of those who find none: constraint, tests, and the fullest place."""
    return [*_constraint(known, names), *_test_and_place(known, names)]


def _constraint(known: Known, names: Names) -> Iterator[str]:
    refusals = {each: share for each, share in known.refusals.items() if share.mean}
    if not refusals:
        return
    order = sorted(refusals, key=lambda each: -(refusals[each].mean or 0))
    most = order[0]
    yield gettext(
        "What binds most: %(constraint)s. It alone stood in the way of %(share)s of all sessions.",
        constraint=constraint_text(most, names.catalogue),
        share=percent(refusals[most]),
    )
    if most == "hours":
        yield gettext(
            "Read this with care: whatever is full by day could be had at night if hours did not "
            "bind, so shortage of places is counted there too."
        )


def _test_and_place(known: Known, names: Names) -> Iterator[str]:
    """The test kind with most refused sessions, and the fullest place that serves it."""
    kind = _most_refused(known)
    if kind is None:
        return
    acceptance = known.by_test_kind[kind]["acceptance"]
    yield gettext(
        "Most refusals fall on %(kind)s: %(share)s of its sessions find a place.",
        kind=kind_text(kind, names.kinds),
        share=percent(acceptance),
    )
    place = _fullest(kind, known, names)
    if place is not None:
        yield gettext(
            "The bottleneck: of the places that serve it, %(place)s is the fullest, occupied for "
            "%(share)s of its open time.",
            place=pool_name(names.catalogue, place),
            share=percent(known.by_resource[place]["occupancy"]),
        )


def _most_refused(known: Known) -> str | None:
    refused = {
        kind: (wished.mean or 0) * (1 - granted.mean)
        for kind, figures in known.by_test_kind.items()
        if (wished := figures.get("sessions")) and (granted := figures.get("acceptance"))
        if granted.mean is not None
    }
    most = max(refused, key=lambda each: refused[each], default=None)
    return most if most is not None and refused[most] > 0 else None


def _fullest(kind: str, known: Known, names: Names) -> str | None:
    if kind not in names.kinds:
        return None
    serving = candidates(names.catalogue, names.kinds[kind], None)
    occupied = {
        each.id: _mean(known.by_resource.get(each.id, {}).get("occupancy")) for each in serving
    }
    fullest = max(occupied, key=lambda each: occupied[each], default=None)
    return fullest if fullest is not None and occupied[fullest] > 0 else None


def _mean(figure: Figure | None) -> float:
    return (figure.mean or 0.0) if figure else 0.0
