"""The schedule: who is where and when, as a timeline and as a table."""

import json
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import groupby

from babel.dates import format_date
from flask import Blueprint, Response, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import get_locale

from testbed.domain.grid import local_midnight
from testbed.service import changes, schedule
from web.access import CHANGES_BOOKINGS
from web.deps import catalogue, context, me, now, organisations, today
from web.labels import KINDS, SIGNS, STATES, label
from web.languages import gettext, text
from web.pages import schedule_view, timeline
from web.pages.schedule_view import DAY, WEEK, Filter, View
from web.present import DAY_PATTERN, times, use_text

blueprint = Blueprint("schedule", __name__, url_prefix="/schedule")
# The states of bookings that occupy or occupied, and of what is no booking of the reader's.
SHOWN = (*schedule.SHOWN, schedule.STANDING, schedule.BUSY)
# A page of more entries helps nobody; the filters narrow it.
MOST_ENTRIES = 500


@dataclass(frozen=True, slots=True)
class Entry:
    """One use of one place in the table; `booking` is empty for what cannot be opened."""

    name: str
    kind: str
    time: str
    around: str
    state: str
    who: str
    use: str
    booking: str


@dataclass(frozen=True, slots=True)
class Site:
    """What is used of one site on one day."""

    name: str
    entries: list[Entry]


@dataclass(frozen=True, slots=True)
class Day:
    """One day of the table."""

    said: str
    sites: list[Site]


@blueprint.get("")
def index() -> ResponseReturnValue:
    """The timeline; under it, for phones and without scripts, its first day as a table."""
    view = _view()
    return _page("schedule/index.html", view, replace(view, days=DAY))


@blueprint.get("/table")
def table() -> ResponseReturnValue:
    """The same as a table with forms, at most a week at once."""
    view = _view()
    view = view if view.days <= WEEK else replace(view, days=WEEK)
    return _page("schedule/table.html", view, view)


@blueprint.get("/data")
def data() -> ResponseReturnValue:
    """What the timeline draws; unchanged data is not sent again."""
    reached = changes.revision(context())
    told = {"revision": reached, **timeline.board(_view())}
    answer = Response(json.dumps(told, ensure_ascii=False), mimetype="application/json")
    answer.add_etag()
    answer.headers["Cache-Control"] = "private, no-cache"
    return answer.make_conditional(request)


def _view() -> View:
    return schedule_view.read(request.args, today())


def _page(template: str, view: View, tabled: View) -> str:
    """The page of a view; its table shows another one, where that is shorter."""
    days, more = _days(tabled)
    return render_template(
        template,
        view=view,
        said=_said(view),
        tabled_said=_said(tabled),
        today=today(),
        chips=schedule_view.chips(view, _chip),
        choices=_choices(),
        days=days,
        more=more,
        may_act=me().role in CHANGES_BOOKINGS,
        words=_words(),
        SIGNS=SIGNS,
    )


# -- words -----------------------------------------------------------------------------------


def _said(view: View) -> str:
    """The day, or the first and the last of several."""
    first = format_date(view.day, DAY_PATTERN, locale=get_locale())
    if view.days == DAY:
        return str(first)
    return f"{first} – {format_date(view.last_day, DAY_PATTERN, locale=get_locale())}"


def _chip(name: str, value: str) -> str:
    """A filter that is set, in words."""
    if name == "booked":
        return gettext("only what is booked")
    if name == "q":
        return f"“{value}”"
    return dict(_choices()[name]).get(value, value)


def _choices() -> dict[str, list[tuple[str, str]]]:
    """What each filter may be: value and words; other organisations for operators alone."""
    known = catalogue()
    kinds = {each.kind for each in known.resources()}
    seen = organisations().values() if timeline.sees_all() else ()
    return {
        "city": _sorted((each.id, text(each.name)) for each in known.cities.values()),
        "kind": _sorted((each, label(KINDS, each)) for each in kinds),
        "state": [(each, label(STATES, each)) for each in SHOWN if _meets(each)],
        "organisation": _sorted((each.id, text(each.name)) for each in seen),
    }


def _sorted(pairs: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    return sorted(pairs, key=lambda pair: pair[1])


def _meets(state: str) -> bool:
    """Whether the reader meets that state: to operators nothing is merely busy."""
    return state != schedule.BUSY or not timeline.sees_all()


def _words() -> dict[str, object]:
    """What the timeline says, in the reader's language."""
    return {
        "states": {each: label(STATES, each) for each in SHOWN},
        "signs": {each: SIGNS[each] for each in SHOWN},
        "setup": gettext("set-up"),
        "cleanup": gettext("clean-up"),
        "minutes": gettext("min"),
        "now": gettext("now"),
        "starting": gettext("%(place)s, starting %(time)s", place="{place}", time="{time}"),
        "region": gettext("Timeline, scrolls in both directions"),
        "none": gettext("Nothing matches these filters."),
        "failed": gettext("That did not work. Try again in a moment."),
    }


# -- the table -------------------------------------------------------------------------------


def _days(view: View) -> tuple[list[Day], int]:
    """The days that have entries, and how many entries were left out as too many."""
    shown = Filter(view, catalogue(), organisations())
    found = schedule.days(context(), view.day, view.last_day, now(), me())
    rows = [row for row in found if shown.use(row)]
    kept = rows[:MOST_ENTRIES]
    days = (view.day + timedelta(days=number) for number in range(view.days))
    made = (_day(day, [row for row in kept if _begins_on(row, day, view)]) for day in days)
    return [each for each in made if each.sites], len(rows) - len(kept)


def _begins_on(row: schedule.Row, day: date, view: View) -> bool:
    """Whether the row stands under that day: once, under the first shown day that it meets."""
    starts = max(row.start, local_midnight(view.day, row.zone))
    after = local_midnight(day + timedelta(days=1), row.zone)
    return local_midnight(day, row.zone) <= starts < after


def _day(day: date, rows: list[schedule.Row]) -> Day:
    sites = groupby(rows, key=lambda row: (row.city, row.site))
    return Day(
        str(format_date(day, DAY_PATTERN, locale=get_locale())),
        [_site(list(of_site)) for _, of_site in sites],
    )


def _site(rows: list[schedule.Row]) -> Site:
    first = rows[0]
    name = f"{text(first.city_name)} · {text(first.site_name)}"
    return Site(name, [_entry(row) for row in rows])


def _entry(row: schedule.Row) -> Entry:
    return Entry(
        name=text(row.name),
        kind=label(KINDS, row.kind),
        time=times(row.start, row.end, row.zone),
        around=_around(row),
        state=row.state,
        who=_who(row),
        use=_use(row),
        booking=row.booking or "",
    )


def _around(row: schedule.Row) -> str:
    """When the place is taken, with set-up and clean-up; empty where there is neither."""
    if not row.before and not row.after:
        return ""
    span = times(row.start - row.before, row.end + row.after, row.zone)
    return gettext("taken %(span)s", span=span)


def _use(row: schedule.Row) -> str:
    """How much is taken; nothing for what is only busy."""
    if row.mode is None:
        return "–"
    resource = catalogue().resource(row.resource)
    return use_text(resource, row.units or 0, row.vehicles or 0, row.mode)


def _who(row: schedule.Row) -> str:
    if row.service is not None:
        return text(row.service)
    return text(organisations()[row.organisation].name) if row.organisation else "–"
