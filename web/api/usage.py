"""Records of use: enter sessions, list them, and take them away signed."""

from datetime import date, timedelta

from flask import Response

from testbed.domain.grid import local_midnight, moment_of
from testbed.secret import secret
from testbed.service import usage as service
from testbed.service.terms import Terms
from testbed.service.tokens import Scope
from testbed.service.usage import Session, UsageRecord, Wanted
from testbed.service.usage_export import as_document
from web.api.answers.day import SignedUsage, UsageAnswer, UsagePage
from web.api.bearer import caller
from web.api.day_in import ExportWanted, SessionIn, UsageWanted
from web.api.endpoint import CHANGES, endpoint, noun
from web.api.paging import cursor_at, mark_at
from web.api.replying import reply
from web.api.showing import utc
from web.deps import DEFAULT_ZONE, context, doors, now
from web.schemas import Named, Once

blueprint = noun("usage", "What each session was")


@blueprint.post("/bookings/<id>/usage", responses={201: UsageAnswer, **CHANGES})
@endpoint(Scope.BOOK, "submit")
def enter(path: Named, body: SessionIn, header: Once) -> Response:
    """Record a session of a booking whose people have come, until the rule's last day for it."""
    session = Session(
        resource=body.resource,
        started_at=body.started_at,
        ended_at=body.ended_at,
        metres=round(body.km * 1000),
        takeovers=body.takeovers,
        incident=body.incident,
        vehicle=body.vehicle,
        driver=body.driver,
    )
    days = doors().settings.day.report_due_days
    terms = Terms(key=header.idempotency_key)
    kept = service.record(context(), path.id, session, now(), caller(), days=days, terms=terms)
    return reply(_answer(kept), 201)


@blueprint.get("/usage", responses={200: UsagePage})
@endpoint(Scope.READ)
def listing(query: UsageWanted) -> Response:
    """List records by start."""
    wanted = _wanted(query.organisation, query.since, query.until)
    after = mark_at(query.cursor)
    page = service.listing(context(), wanted, caller(), after=after, limit=query.limit)
    items = [_answer(each) for each in page.items]
    return reply(UsagePage(items=items, next=cursor_at(page.next)))


@blueprint.get("/usage/export", responses={200: SignedUsage})
@endpoint(Scope.READ)
def export(query: ExportWanted) -> Response:
    """Take all records of some days as a document that this installation has signed."""
    wanted = _wanted(query.organisation, query.since, query.until)
    found = service.everything(context(), wanted, caller())
    about = {
        "organisation": query.organisation,
        "since": query.since.isoformat() if query.since else None,
        "until": query.until.isoformat() if query.until else None,
    }
    key = secret(doors().settings.security.secret_file)
    return reply(SignedUsage.model_validate(as_document(found, about, now(), key)))


def _wanted(organisation: str | None, since: date | None, until: date | None) -> Wanted:
    following = None if until is None else until + timedelta(days=1)
    return Wanted(
        organisation=organisation,
        since=None if since is None else moment_of(local_midnight(since, DEFAULT_ZONE)),
        until=None if following is None else moment_of(local_midnight(following, DEFAULT_ZONE)),
    )


def _answer(record: UsageRecord) -> UsageAnswer:
    session = record.session
    return UsageAnswer(
        id=record.id,
        booking=record.booking,
        organisation=record.organisation,
        resource=session.resource,
        started_at=utc(session.started_at),
        ended_at=utc(session.ended_at),
        km=session.metres / 1000,
        takeovers=session.takeovers,
        incident=session.incident,
        vehicle=session.vehicle,
        plate=record.plate,
        driver=session.driver,
        driver_name=record.driver_name,
        entered_at=utc(record.entered_at),
    )
