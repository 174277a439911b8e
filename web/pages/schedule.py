"""The day: who is where and when."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby

from babel.dates import format_date
from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import get_locale

from testbed.service import schedule
from web.deps import catalogue, context, me, now, organisations, today
from web.languages import gettext, text
from web.present import DAY_PATTERN, times, use_text

blueprint = Blueprint("schedule", __name__)


@dataclass(frozen=True, slots=True)
class Row:
    """One use of one resource."""

    name: str
    time: str
    state: str
    who: str
    use: str
    address: str | None


@blueprint.get("/schedule")
def index() -> ResponseReturnValue:
    """One day as a table, all cities or one."""
    day, city = _day(), request.args.get("city", "")
    chosen = city if city in catalogue().cities else ""
    cities = sorted((text(each.name), each.id) for each in catalogue().cities.values())
    return render_template(
        "schedule.html",
        day=day,
        day_said=format_date(day, DAY_PATTERN, locale=get_locale()),
        before=day - timedelta(days=1),
        after=day + timedelta(days=1),
        city=chosen,
        cities=[("", gettext("all cities")), *((code, said) for said, code in cities)],
        groups=list(_groups(day, chosen or None)),
    )


def _day() -> date:
    """The day of the address; today where it names none that a calendar can show."""
    try:
        wanted = date.fromisoformat(request.args.get("day", ""))
    except ValueError:
        return today()
    return wanted if abs((wanted - today()).days) < 3660 else today()


def _groups(day: date, city: str | None) -> Iterator[tuple[str, list[Row]]]:
    """The rows of each site under its name, in the order of the service."""
    found = schedule.day(context(), day, now(), me(), city)
    for _, rows in groupby(found, key=lambda row: (row.city, row.site)):
        of_site = list(rows)
        first = of_site[0]
        yield f"{text(first.city_name)} · {text(first.site_name)}", [_row(row) for row in of_site]


def _row(row: schedule.Row) -> Row:
    return Row(
        name=text(row.name),
        time=times(row.start, row.end, row.zone),
        state=row.state,
        who=_who(row),
        use=_use(row),
        address=url_for("bookings.one", booking_id=row.booking) if row.booking else None,
    )


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
