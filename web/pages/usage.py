"""Records of use: what is due, what was entered, the form, and the export for permit holders."""

import json
from datetime import date, datetime, timedelta

from flask import Blueprint, Response, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext
from flask_login import current_user

from testbed.domain.bookings import Booking
from testbed.domain.errors import InvalidRequest
from testbed.domain.grid import local_midnight, moment_of
from testbed.domain.grid import zone as zone_info
from testbed.secret import secret
from testbed.service import bookings, usage, visits
from testbed.service.usage import Session, UsageRecord, Wanted
from testbed.service.usage_crew import crew_of
from testbed.service.usage_export import as_csv, as_document
from web.booked import name_of, place_of, slot_of, zone_of
from web.deps import DEFAULT_ZONE, catalogue, context, doors, me, now, organisations, today
from web.languages import gettext, text
from web.present import day_text, error_text, moment_text, pool_name
from web.problems import status_of
from web.visit_parts import clock_text

SHOWN = 200

blueprint = Blueprint("usage", __name__, url_prefix="/usage")


# What does not fit, by the field that the service names.
WRONG = {
    "resource": lazy_gettext("The place is none of this booking's."),
    "started_at": lazy_gettext("The start lies before the visit could begin."),
    "ended_at": lazy_gettext("The end must lie after the start, and not in the future."),
    "km": lazy_gettext("The kilometres are not a distance that a visit can cover."),
    "takeovers": lazy_gettext("The number of takeovers is too high."),
    "incident": lazy_gettext("What happened is told at too great a length."),
}


def due_days() -> int:
    """Days within which a use is recorded where the rule names no other."""
    return doors().settings.day.report_due_days


@blueprint.get("")
def index() -> ResponseReturnValue:
    """What is still to be recorded, and the records of a span of days."""
    since, until = _span()
    wanted = _wanted(since, until)
    page = usage.listing(context(), wanted, me(), limit=SHOWN)
    due = usage.unrecorded(context(), now(), me(), due_days())
    return render_template(
        "day/usage.html",
        due=[_due(booking, last) for booking, last in due],
        records=[_view(each) for each in page.items],
        more=page.next is not None,
        since=since.isoformat(),
        until=until.isoformat(),
        organisation=wanted.organisation or "",
        organisations=_organisations() if current_user.sees_all else [],
    )


@blueprint.get("/<booking_id>")
def one(booking_id: str) -> ResponseReturnValue:
    """The sessions of one booking, and the form for another."""
    booking = bookings.get(context(), booking_id, now(), me())
    return _form_page(booking)


@blueprint.post("/<booking_id>")
def enter(booking_id: str) -> ResponseReturnValue:
    """Enter a session."""
    booking = bookings.get(context(), booking_id, now(), me())
    session = _session(zone_of(booking, catalogue()))
    if session is None:
        flash(gettext("Fill in both times, the kilometres and the takeovers."), "bad")
        return _form_page(booking), 422
    try:
        usage.record(context(), booking_id, session, now(), me(), days=due_days())
    except InvalidRequest as error:
        said = WRONG.get(str(error.fields.get("field")))
        flash(str(said) if said else error_text(error, catalogue()), "bad")
        return _form_page(booking), status_of(error)
    flash(gettext("The session is recorded."), "good")
    return redirect(url_for("usage.one", booking_id=booking_id), 303)


@blueprint.post("/records/<record_id>/remove")
def remove(record_id: str) -> ResponseReturnValue:
    """Take a mistaken record away."""
    usage.remove(context(), record_id, now(), me(), days=due_days())
    flash(gettext("The record is removed."), "good")
    back = request.form.get("booking", "")
    if back:
        return redirect(url_for("usage.one", booking_id=back), 303)
    return redirect(url_for("usage.index"), 303)


@blueprint.get("/export.csv")
def table() -> ResponseReturnValue:
    """The records of a span of days for a spreadsheet."""
    since, until = _span()
    found = usage.everything(context(), _wanted(since, until), me())
    return _file(as_csv(found), "text/csv", f"usage-{since}-{until}.csv")


@blueprint.get("/export.json")
def document() -> ResponseReturnValue:
    """The same as a signed document."""
    since, until = _span()
    wanted = _wanted(since, until)
    found = usage.everything(context(), wanted, me())
    about = {
        "organisation": wanted.organisation,
        "since": since.isoformat(),
        "until": until.isoformat(),
    }
    signed = as_document(found, about, now(), secret(doors().settings.security.secret_file))
    said = json.dumps(signed, ensure_ascii=False, indent=1)
    return _file(said, "application/json", f"usage-{since}-{until}.json")


def _file(content: str, mimetype: str, name: str) -> Response:
    answer = Response(content, mimetype=mimetype)
    answer.headers["Content-Disposition"] = f"attachment; filename={name}"
    answer.headers["Cache-Control"] = "no-store"
    return answer


# -- what is asked for -----------------------------------------------------------------------


def _span() -> tuple[date, date]:
    """The days of the query, both included; the last four weeks where none are named."""
    since = _day(request.args.get("since", ""), today() - timedelta(days=27))
    return since, _day(request.args.get("until", ""), today())


def _day(given: str, otherwise: date) -> date:
    try:
        day = date.fromisoformat(given) if given else otherwise
    except ValueError:
        abort(400)
    if not 1970 < day.year < 2999:
        abort(400)
    return day


def _wanted(since: date, until: date) -> Wanted:
    chosen = request.args.get("organisation", "") if current_user.sees_all else me().organisation
    return Wanted(
        organisation=chosen or None,
        since=moment_of(local_midnight(since, DEFAULT_ZONE)),
        until=moment_of(local_midnight(until + timedelta(days=1), DEFAULT_ZONE)),
    )


def _session(zone: str) -> Session | None:
    """The session of the form, None where something is missing or is no number."""
    form = request.form
    started, ended = _moment(form.get("started", ""), zone), _moment(form.get("ended", ""), zone)
    try:
        metres = round(float(form.get("km", "").replace(",", ".")) * 1000)
        takeovers = int(form.get("takeovers", ""))
    except (ValueError, OverflowError):
        return None
    if started is None or ended is None:
        return None
    return Session(
        resource=form.get("resource", ""),
        started_at=started,
        ended_at=ended,
        metres=metres,
        takeovers=takeovers,
        incident=form.get("incident_text", "") if form.get("incident") else "",
        vehicle=form.get("vehicle") or None,
        driver=form.get("driver") or None,
    )


def _moment(given: str, zone: str) -> datetime | None:
    """A moment of a field for date and time, on the wall clock of the place."""
    try:
        return datetime.fromisoformat(given).replace(tzinfo=zone_info(zone))
    except ValueError:
        return None


# -- what is shown ---------------------------------------------------------------------------


def _form_page(booking: Booking) -> str:
    moment, found = now(), catalogue()
    zone = zone_of(booking, found)
    visit = visits.visit_of(context(), booking.id, me())
    arrived = visit.arrived_at if visit else moment_of(booking.start)
    ended = min(visits.ended_at(booking, visit), moment)
    # Who was gone again before the booked time was there from when they came.
    started = max(arrived, moment_of(booking.start))
    started = started if started < ended else arrived
    crew = crew_of(context(), booking.id, moment, me())
    return render_template(
        "day/usage_one.html",
        id=booking.id,
        name=name_of(booking.lines[0], found),
        place=place_of(booking.lines[0], found),
        when=slot_of(booking, found),
        records=[_view(each) for each in usage.of_booking(context(), booking.id, moment, me())],
        resources=[(line.resource, name_of(line, found)) for line in booking.lines],
        crew=crew,
        started=_field(started, zone),
        ended=_field(ended, zone),
        until=moment_text(usage.due_at(booking, found, due_days()), zone),
        typed=request.form,
    )


def _field(moment: datetime, zone: str) -> str:
    return f"{moment.astimezone(zone_info(zone)):%Y-%m-%dT%H:%M}"


def _due(booking: Booking, last: datetime) -> dict[str, str]:
    found = catalogue()
    owner = organisations().get(booking.organisation)
    return {
        "id": booking.id,
        "name": name_of(booking.lines[0], found),
        "when": slot_of(booking, found),
        "organisation": text(owner.name) if owner else booking.organisation,
        "until": moment_text(last, zone_of(booking, found)),
    }


def _view(record: UsageRecord) -> dict[str, object]:
    session = record.session
    zone = DEFAULT_ZONE
    owner = organisations().get(record.organisation)
    local = session.started_at.astimezone(zone_info(zone))
    return {
        "id": record.id,
        "booking": record.booking,
        "organisation": text(owner.name) if owner else record.organisation,
        "resource": pool_name(catalogue(), session.resource),
        "day": day_text(local),
        "time": f"{clock_text(session.started_at, zone)}–{clock_text(session.ended_at, zone)}",
        "km": f"{session.metres / 1000:,.1f}",
        "takeovers": session.takeovers,
        "incident": session.incident,
        "vehicle": record.plate or (session.vehicle or ""),
        "driver": record.driver_name or (session.driver or ""),
    }


def _organisations() -> list[tuple[str, str]]:
    found = ((each.id, text(each.name)) for each in organisations().values())
    return sorted(found, key=lambda each: each[1])
