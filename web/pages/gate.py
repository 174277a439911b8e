"""The gate list of a site and day, as a page, a sheet and a table; and how one enters."""

from datetime import date

from flask import Blueprint, Response, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from testbed.domain.catalogue import Name
from testbed.service import emergency, gate
from testbed.service.gate import Entry
from testbed.service.usage_export import table
from web import agenda
from web.booked import name_of
from web.deps import catalogue, context, me, now, organisations, today
from web.languages import gettext, text
from web.present import times
from web.visit_parts import clock_text

blueprint = Blueprint("gate", __name__, url_prefix="/gate")


@blueprint.get("")
def index() -> ResponseReturnValue:
    """Who comes to a site on a day: people, plates, and whom to call."""
    site, day = _asked()
    place = catalogue().sites[site]
    return render_template(
        "day/gate.html",
        site=site,
        site_name=text(place.name),
        day=day.isoformat(),
        day_said=agenda.day_words(day),
        sites=_sites(),
        rows=[_row(each, place.zone) for each in gate.at(context(), site, day, now(), me())],
        instructions=emergency.instructions(context(), [site]).get(site),
    )


@blueprint.get("/list.csv")
def as_csv() -> ResponseReturnValue:
    """The same as a table."""
    site, day = _asked()
    zone = catalogue().sites[site].zone
    rows = [_row(each, zone) for each in gate.at(context(), site, day, now(), me())]
    head = [
        gettext("Time"),
        gettext("Organisation"),
        gettext("Place"),
        gettext("People"),
        gettext("Plates"),
        gettext("Emergency contact"),
        gettext("Arrived"),
        gettext("Left"),
        gettext("Booking"),
    ]
    keys = ("time", "organisation", "places", "people", "plates", "call", "arrived", "left", "id")
    answer = Response(table(head, [[row[key] for key in keys] for row in rows]))
    answer.mimetype = "text/csv"
    answer.headers["Content-Disposition"] = f"attachment; filename=gate-{site}-{day}.csv"
    answer.headers["Cache-Control"] = "no-store"
    return answer


@blueprint.get("/<site>/instructions")
def instructions(site: str) -> ResponseReturnValue:
    """The form of a site's entry instructions."""
    if site not in catalogue().sites:
        abort(404)
    said = emergency.instructions(context(), [site]).get(site, Name("", ""))
    name = text(catalogue().sites[site].name)
    return render_template("day/instructions.html", site=site, site_name=name, said=said)


@blueprint.post("/<site>/instructions")
def save(site: str) -> ResponseReturnValue:
    """Say how one enters a site."""
    texts = Name(en=request.form.get("en", ""), ko=request.form.get("ko", ""))
    emergency.save_instructions(context(), site, texts, now(), me())
    flash(gettext("The entry instructions are kept; bookings of this site show them."), "good")
    return redirect(url_for("gate.index", site=site), 303)


def _asked() -> tuple[str, date]:
    """The site and day of the query; today at the first site where nothing is asked for."""
    sites = _sites()
    site = request.args.get("site") or (sites[0][0] if sites else "")
    if site not in catalogue().sites:
        abort(404)
    given = request.args.get("day", "")
    try:
        day = date.fromisoformat(given) if given else today()
    except ValueError:
        abort(400)
    if not 1970 < day.year < 2999:
        abort(400)
    return site, day


def _sites() -> list[tuple[str, str]]:
    found = ((each.id, text(each.name)) for each in catalogue().sites.values())
    return sorted(found, key=lambda each: each[1])


def _row(entry: Entry, zone: str) -> dict[str, str]:
    booking, first = entry.booking, entry.lines[0]
    owner = organisations().get(booking.organisation)
    call = entry.contact
    return {
        "id": booking.id,
        "state": booking.state.value,
        "time": times(first.start, max(each.end for each in entry.lines), zone),
        "organisation": text(owner.name) if owner else booking.organisation,
        "places": ", ".join(name_of(each, catalogue()) for each in entry.lines),
        "people": ", ".join(entry.people),
        "plates": ", ".join(entry.plates),
        "call": f"{call.name} {call.phone}" if call else "",
        "arrived": clock_text(entry.arrived_at, zone) if entry.arrived_at else "",
        "left": clock_text(entry.left_at, zone) if entry.left_at else "",
    }
