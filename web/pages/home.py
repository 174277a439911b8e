"""The first page: what needs the reader now, by role."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext
from flask_login import current_user

from testbed.domain.bookings import Booking, State
from testbed.domain.grid import local_midnight, moment_of
from testbed.domain.parties import Role
from testbed.service import experiments, invitations, listings, outbox, registrations
from testbed.service.experiment_record import OPEN, Experiment, Status
from testbed.service.listings import BookingsWanted
from web import agenda, attention
from web.access import RUNS_THE_DAY
from web.deps import DEFAULT_ZONE, context, me, now, test_kinds, today
from web.languages import text
from web.pages.bookings import reading
from web.pages.health import job_rows, readiness

AHEAD = timedelta(days=7)
MOST_HOLDS = 50
MOST_ROWS = 20
MOST_RUNS = 6
RUN_STATES = {
    Status.QUEUED: lazy_gettext("waiting"),
    Status.RUNNING: lazy_gettext("running"),
    Status.DONE: lazy_gettext("done"),
    Status.FAILED: lazy_gettext("failed"),
    Status.CANCELLED: lazy_gettext("cancelled"),
}

blueprint = Blueprint("home", __name__)


@dataclass(frozen=True, slots=True)
class Board:
    """The day of an operator: who should have come, who is there, who comes next."""

    late: list[agenda.Row]
    present: list[agenda.Row]
    following: list[agenda.Row]


@dataclass(frozen=True, slots=True)
class Troubles:
    """What an administrator sees to."""

    registrations: int
    not_ready: bool
    failed_jobs: list[str]
    failing_mails: int
    given_up_mails: int


@blueprint.get("/")
def index() -> ResponseReturnValue:
    """What needs whoever is signed in, the most pressing thing first."""
    shown = _for_role(me().role)
    return render_template(
        "home.html",
        today=agenda.day_words(today()),
        waiting=attention.for_member(me()),
        run_states=RUN_STATES,
        **shown,
    )


@blueprint.get("/healthz")
def healthz() -> ResponseReturnValue:
    """That the process answers; says nothing of the database."""
    return {"status": "ok"}


def _for_role(role: Role) -> Mapping[str, Any]:
    if current_user.books:
        return {"holds": _holds(), "ahead": _ahead(), "kinds": _kinds(), **_for_manager(role)}
    if role in RUNS_THE_DAY:
        return {"holds": _holds(), "board": _board(), **_for_administrator(role)}
    if role is Role.PLANNER:
        return {"runs": _runs()}
    return {"ahead": _ahead()}


# -- bookings --------------------------------------------------------------------------------


def _holds() -> list[agenda.Row]:
    """The holds that run, the one that ends first in front."""
    found = _listed(BookingsWanted(states=frozenset({State.HELD})), MOST_HOLDS)
    found.sort(key=lambda each: (each.expires_at or now(), each.id))
    return [agenda.row(each, reading()) for each in found]


def _ahead() -> list[agenda.Day]:
    """What runs now and what begins within a week."""
    return agenda.days(_taken_place(now() + AHEAD), reading())


def _board() -> Board:
    """The rest of the day in all cities."""
    midnight = moment_of(local_midnight(today() + timedelta(days=1), DEFAULT_ZONE))
    rows = [agenda.row(each, reading()) for each in _taken_place(midnight)]
    late = [each for each in rows if each.visit and each.visit.is_late]
    present = [each for each in rows if each.state == State.CHECKED_IN]
    return Board(late, present, [each for each in rows if each not in (*late, *present)])


def _taken_place(until: datetime) -> list[Booking]:
    """The confirmed bookings that are not over and begin before then, by start."""
    states = frozenset({State.CONFIRMED, State.CHECKED_IN})
    return _listed(BookingsWanted(states=states, since=now(), until=until), MOST_ROWS)


def _listed(wanted: BookingsWanted, most: int) -> list[Booking]:
    page = listings.bookings(context(), wanted, now(), me(), limit=most)
    return [each.booking for each in page.items]


def _kinds() -> list[tuple[str, str]]:
    """The presets of the search."""
    return [(each.id, text(each.name)) for each in test_kinds().values()]


# -- managers, planners, administrators ------------------------------------------------------


def _for_manager(role: Role) -> Mapping[str, Any]:
    if role is not Role.MANAGER:
        return {}
    listed = invitations.listing(context(), me().organisation, now(), me())
    return {"invitations": [each for each in listed if each.is_open(now())]}


def _runs() -> Mapping[str, list[Experiment]]:
    """The studies that run or wait, and those that ended last."""
    found = experiments.listing(context(), me(), limit=MOST_RUNS * 2)
    running = [each for each in found if each.status in OPEN]
    ended = [each for each in found if each.status not in OPEN]
    return {"running": running, "ended": ended[:MOST_RUNS]}


def _for_administrator(role: Role) -> Mapping[str, Any]:
    if role is not Role.ADMINISTRATOR:
        return {}
    mails = outbox.state(context())
    return {
        "troubles": Troubles(
            registrations=len(registrations.waiting(context(), me())),
            not_ready=not readiness().is_ready,
            failed_jobs=[each.purpose for each in job_rows() if each.outcome == "failed"],
            failing_mails=mails.failing,
            given_up_mails=mails.given_up,
        )
    }
