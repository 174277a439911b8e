"""Who may open which address: one row per endpoint, checked before every view.

The service checks again what belongs to whom; this table is about roles. A test walks every
address with every role.
"""

from collections.abc import Mapping
from typing import cast

from flask import Flask, request
from flask.typing import ResponseReturnValue
from flask_login import current_user

from testbed.domain.errors import NotAllowed
from testbed.domain.parties import Role
from web.security import login

# Whoever comes, signed in or not. An API endpoint of this kind asks for its token itself.
PUBLIC = None
EVERYBODY = frozenset(Role)
BOOKS = frozenset({Role.MEMBER, Role.MANAGER})
RUNS_THE_DAY = frozenset({Role.OPERATOR, Role.ADMINISTRATOR})
MANAGES = frozenset({Role.MANAGER, Role.ADMINISTRATOR})
KEEPS_WEBHOOKS = MANAGES | RUNS_THE_DAY
ADMINISTERS = frozenset({Role.ADMINISTRATOR})
PLANS = frozenset({Role.PLANNER, Role.ADMINISTRATOR})
READS_PLANS = PLANS | {Role.OPERATOR, Role.OBSERVER}
CHANGES_BOOKINGS = BOOKS | RUNS_THE_DAY
MAY_ENTER_PAPERS = frozenset({Role.MANAGER})

ACCESS: Mapping[str, frozenset[Role] | None] = {
    "static": PUBLIC,
    "home.healthz": PUBLIC,
    "health.readyz": PUBLIC,
    # Its view asks for the token of the settings, or that whoever comes is this machine.
    "health.figures": PUBLIC,
    "openapi": PUBLIC,
    # -- sign-in ---------------------------------------------------------------------------------
    "account.sign_in": PUBLIC,
    "account.sign_out": EVERYBODY,
    "entry.forgotten": PUBLIC,
    "entry.mailed": PUBLIC,
    "entry.reset": PUBLIC,
    "entry.invitation": PUBLIC,
    "entry.register": PUBLIC,
    "entry.registered": PUBLIC,
    # -- accounts --------------------------------------------------------------------------------
    "profile.index": EVERYBODY,
    "profile.save": EVERYBODY,
    "profile.password": EVERYBODY,
    "profile.sign_out_everywhere": EVERYBODY,
    "tokens.index": EVERYBODY,
    "tokens.create": EVERYBODY,
    "tokens.revoke": EVERYBODY,
    "notices.index": EVERYBODY,
    "notices.save": EVERYBODY,
    # Whoever holds the signed address of a digest.
    "notices.ask_unsubscribe": PUBLIC,
    "notices.unsubscribe": PUBLIC,
    "webhooks.index": KEEPS_WEBHOOKS,
    "webhooks.create": KEEPS_WEBHOOKS,
    "webhooks.one": KEEPS_WEBHOOKS,
    "webhooks.choose_events": KEEPS_WEBHOOKS,
    "webhooks.test": KEEPS_WEBHOOKS,
    "webhooks.rotate": KEEPS_WEBHOOKS,
    "webhooks.enable": KEEPS_WEBHOOKS,
    "webhooks.remove": KEEPS_WEBHOOKS,
    "feeds.index": EVERYBODY,
    "feeds.create": EVERYBODY,
    "feeds.rename": EVERYBODY,
    "feeds.revoke": EVERYBODY,
    # Its key opens it: a calendar cannot sign in.
    "calendar.feed": PUBLIC,
    "statements.index": CHANGES_BOOKINGS,
    "statements.download": CHANGES_BOOKINGS,
    "statements.close": RUNS_THE_DAY,
    "organisation.index": EVERYBODY,
    "fairness.index": EVERYBODY,
    "organisation.invite": MANAGES,
    "organisation.resend": MANAGES,
    "organisation.withdraw": MANAGES,
    "members.one": MANAGES,
    "members.change_role": MANAGES,
    "members.deactivate": MANAGES,
    "members.reactivate": MANAGES,
    "admin.index": ADMINISTERS,
    "admin.listing": ADMINISTERS,
    "admin.organisation": ADMINISTERS,
    "admin.members": ADMINISTERS,
    "admin.waiting": ADMINISTERS,
    "admin.registration": ADMINISTERS,
    "admin.approve": ADMINISTERS,
    "admin.reject": ADMINISTERS,
    "admin_catalogue.index": ADMINISTERS,
    "admin_catalogue.check": ADMINISTERS,
    "admin_catalogue.load": ADMINISTERS,
    "admin_catalogue.download": ADMINISTERS,
    "health.index": ADMINISTERS,
    # -- pages -----------------------------------------------------------------------------------
    "home.index": EVERYBODY,
    "find.index": CHANGES_BOOKINGS,
    "bookings.index": EVERYBODY,
    "bookings.one": EVERYBODY,
    "bookings.submit": CHANGES_BOOKINGS,
    "bookings.confirm": CHANGES_BOOKINGS,
    "bookings.check_in": CHANGES_BOOKINGS,
    "reconfirm.confirm": CHANGES_BOOKINGS,
    "bookings.ask_cancel": CHANGES_BOOKINGS,
    "bookings.cancel": CHANGES_BOOKINGS,
    "bookings.move": CHANGES_BOOKINGS,
    "waitlist.index": CHANGES_BOOKINGS,
    "waitlist.join": BOOKS,
    "waitlist.withdraw": BOOKS,
    "waitlist.accept": BOOKS,
    "waitlist.decline": BOOKS,
    "approvals.index": RUNS_THE_DAY,
    "approvals.answer": RUNS_THE_DAY,
    # -- together --------------------------------------------------------------------------------
    "together.length": CHANGES_BOOKINGS,
    "together.change_length": CHANGES_BOOKINGS,
    "together.invite": CHANGES_BOOKINGS,
    "together.answer": BOOKS,
    "together.share": CHANGES_BOOKINGS,
    "together.hand_over": CHANGES_BOOKINGS,
    "handovers.index": CHANGES_BOOKINGS,
    "handovers.answer": CHANGES_BOOKINGS,
    "sharing.index": MANAGES,
    "sharing.save": MANAGES,
    "schedule.index": EVERYBODY,
    "schedule.table": EVERYBODY,
    "schedule.data": EVERYBODY,
    "panel.one": EVERYBODY,
    "panel.confirm": CHANGES_BOOKINGS,
    "panel.cancel": CHANGES_BOOKINGS,
    "panel.check_in": CHANGES_BOOKINGS,
    "panel.move": CHANGES_BOOKINGS,
    # -- the day ---------------------------------------------------------------------------------
    "today.index": RUNS_THE_DAY,
    "gate.index": RUNS_THE_DAY,
    "gate.as_csv": RUNS_THE_DAY,
    "gate.instructions": RUNS_THE_DAY,
    "gate.save": RUNS_THE_DAY,
    "closures.index": RUNS_THE_DAY,
    "closures.stop": RUNS_THE_DAY,
    "closures.reopen": RUNS_THE_DAY,
    "visits.one": CHANGES_BOOKINGS,
    "visits.code": CHANGES_BOOKINGS,
    "visits.check_in": CHANGES_BOOKINGS,
    "visits.check_out": CHANGES_BOOKINGS,
    "visits.contact": CHANGES_BOOKINGS,
    "usage.index": CHANGES_BOOKINGS,
    "usage.one": CHANGES_BOOKINGS,
    "usage.enter": CHANGES_BOOKINGS,
    "usage.remove": CHANGES_BOOKINGS,
    "usage.table": CHANGES_BOOKINGS,
    "usage.document": CHANGES_BOOKINGS,
    # -- series and templates --------------------------------------------------------------------
    "series.index": EVERYBODY,
    "series.one": EVERYBODY,
    "series.new": BOOKS,
    "series.submit": BOOKS,
    "series.confirm": CHANGES_BOOKINGS,
    "series.edit": CHANGES_BOOKINGS,
    "series.save": CHANGES_BOOKINGS,
    "series.ask_cancel": CHANGES_BOOKINGS,
    "series.cancel": CHANGES_BOOKINGS,
    "series.ask": CHANGES_BOOKINGS,
    "series.extend": CHANGES_BOOKINGS,
    "templates.index": BOOKS,
    "templates.save": BOOKS,
    "templates.use": BOOKS,
    "templates.rename": BOOKS,
    "templates.delete": BOOKS,
    # -- papers ----------------------------------------------------------------------------------
    "papers.index": CHANGES_BOOKINGS,
    "papers.one": CHANGES_BOOKINGS,
    "papers.document": CHANGES_BOOKINGS,
    "papers.new": MAY_ENTER_PAPERS,
    "papers.change": MAY_ENTER_PAPERS,
    "papers.attach": MAY_ENTER_PAPERS,
    "papers.withdraw": MAY_ENTER_PAPERS,
    "papers.accept": RUNS_THE_DAY,
    "papers.reject": RUNS_THE_DAY,
    "fleet.new_vehicle": MAY_ENTER_PAPERS,
    "fleet.vehicle": MAY_ENTER_PAPERS,
    "fleet.retire_vehicle": MAY_ENTER_PAPERS,
    "fleet.new_driver": MAY_ENTER_PAPERS,
    "fleet.driver": MAY_ENTER_PAPERS,
    "fleet.retire_driver": MAY_ENTER_PAPERS,
    "crew.name": CHANGES_BOOKINGS,
    "crew.let_in": RUNS_THE_DAY,
    # -- planning --------------------------------------------------------------------------------
    "scenarios.index": READS_PLANS,
    "scenarios.as_text": PLANS,
    "runs.index": READS_PLANS,
    "runs.start": PLANS,
    "runs.one": READS_PLANS,
    "runs.progress": READS_PLANS,
    "runs.drawn": READS_PLANS,
    "runs.table": READS_PLANS,
    "runs.scenario": READS_PLANS,
    "runs.result": READS_PLANS,
    "runs.cancel": PLANS,
    "runs.upload": PLANS,
    # -- the catalogue: who considers joining reads it -------------------------------------------
    "catalogue.index": PUBLIC,
    "catalogue.map_data": PUBLIC,
    "catalogue.one": PUBLIC,
    "catalogue.city": PUBLIC,
    "catalogue.all_sources": PUBLIC,
}
# The API knows its callers by token: their roles and scopes are checked where the token is read.
API = "api_"


def guard(app: Flask) -> None:
    """Let nobody in whom the table does not name. Call it once all addresses are known.

    Raises ValueError where an address has no row, or a row no address.
    """
    addresses = {rule.endpoint for rule in app.url_map.iter_rules()}
    pages = {each for each in addresses if not each.startswith(API)}
    if pages != set(ACCESS):
        odd = ", ".join(sorted(pages.symmetric_difference(ACCESS)))
        raise ValueError(f"addresses and the access table differ: {odd}")
    app.before_request(_let_in)


def may_open(role: Role, endpoint: str) -> bool:
    """Whether a person of that role may open the address."""
    allowed = ACCESS[endpoint]
    return allowed is PUBLIC or role in allowed


def _let_in() -> ResponseReturnValue | None:
    """Nothing for who may come in; others sign in first. Raises NotAllowed("role_not_here")."""
    endpoint = request.endpoint
    if endpoint is None or endpoint.startswith(API) or ACCESS[endpoint] is PUBLIC:
        return None
    if not current_user.is_authenticated:
        return cast("ResponseReturnValue", login.unauthorized())
    if not may_open(current_user.member.role, endpoint):
        raise NotAllowed("role_not_here", role=current_user.member.role.value)
    return None
