"""The composition root of the pages: one application per settings."""

from collections.abc import Callable
from datetime import datetime
from importlib.resources import files
from urllib.parse import urlencode

from flask import Flask, request, url_for
from flask_babel import lazy_gettext
from flask_login import current_user

from testbed import clock
from testbed.config import Settings
from testbed.service.context import Context, open_context
from web import access, compression, languages, limits, live, metrics, problems, security, tabs
from web.api import document
from web.deps import EXTENSION, Doors
from web.labels import ROLES, SIGNS, STATES, label
from web.pages import (
    account,
    admin,
    admin_catalogue,
    approvals,
    bookings,
    calendar,
    catalogue,
    closures,
    crew,
    entry,
    fairness,
    feeds,
    find,
    fleet,
    gate,
    handovers,
    health,
    home,
    members,
    notices,
    organisation,
    panel,
    papers,
    profile,
    reconfirm,
    runs,
    scenarios,
    schedule,
    series,
    sharing,
    statements,
    templates,
    today,
    together,
    tokens,
    usage,
    visits,
    waitlist,
    webhooks,
)

PAGES = (
    home,
    health,
    account,
    entry,
    find,
    bookings,
    reconfirm,
    waitlist,
    approvals,
    series,
    templates,
    schedule,
    panel,
    today,
    visits,
    usage,
    gate,
    closures,
    catalogue,
    scenarios,
    runs,
    papers,
    fleet,
    crew,
    organisation,
    fairness,
    members,
    statements,
    profile,
    tokens,
    notices,
    webhooks,
    feeds,
    calendar,
    admin,
    admin_catalogue,
    together,
    handovers,
    sharing,
)
# What stands in the menu, by endpoint, for those who may open it.
MENU = {
    "find.index": lazy_gettext("Find a slot"),
    "bookings.index": lazy_gettext("Bookings"),
    "today.index": lazy_gettext("Today"),
    "approvals.index": lazy_gettext("Approvals"),
    "schedule.index": lazy_gettext("Schedule"),
    "papers.index": lazy_gettext("Papers"),
    "catalogue.index": lazy_gettext("Catalogue"),
    "scenarios.index": lazy_gettext("Scenarios"),
    "runs.index": lazy_gettext("Runs"),
    "organisation.index": lazy_gettext("Organisation"),
    "admin.index": lazy_gettext("Administration"),
}


def create_app(
    settings: Settings,
    context: Context | None = None,
    now: Callable[[], datetime] = clock.now,
    demo: bool = False,
) -> Flask:
    """The application; opens the service's context itself where none is given.

    In `demo` only this machine is answered, and the demonstration accounts may sign in.
    """
    app = document.application("web", str(files("web")))
    doors = Doors(context or open_context(settings), now, demo, settings)
    app.extensions[EXTENSION] = doors
    metrics.measure(app, doors.context, settings, now)
    security.secure(app, settings.security, demo)
    limits.count(app, settings.limits)
    live.attach(app, doors.context, settings.server)
    languages.speak(app)
    problems.handle(app)
    for page in PAGES:
        app.register_blueprint(page.blueprint)
    document.mount(app)
    access.guard(app)
    compression.compress(app)
    app.jinja_env.globals.update(
        menu=_menu,
        tabs_of=lambda group: tabs.tabs_of(group, current_user.member.role),
        in_language=_in_language,
        role_text=lambda role: label(ROLES, role),
        state_text=lambda state: label(STATES, state),
        sign=lambda state: SIGNS.get(state, ""),
    )
    return app


def _menu() -> list[tuple[str, str]]:
    """The pages that whoever is signed in may open."""
    role = current_user.member.role
    return [
        (endpoint, str(said)) for endpoint, said in MENU.items() if access.may_open(role, endpoint)
    ]


def _in_language(code: str) -> str:
    """This page in another language; after a form was sent, the first page."""
    if request.method != "GET" or request.endpoint is None:
        return url_for("home.index", lang=code)
    # Not by url_for: names of its own, such as _scheme, are nothing that an address may set.
    kept = [pair for pair in request.args.items(multi=True) if pair[0] != "lang"]
    here = url_for(request.endpoint, **(request.view_args or {}))
    return f"{here}?{urlencode([*kept, ('lang', code)])}"
