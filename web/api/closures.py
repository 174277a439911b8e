"""Closures: stop at once, reopen, and look at what is closed."""

from collections.abc import Iterable

from flask import Response

from testbed.domain.bookings import Booking
from testbed.domain.closures import Closure
from testbed.domain.grid import moment_of
from testbed.service import closures as service
from testbed.service.closures import Order
from testbed.service.terms import Terms
from testbed.service.tokens import Scope
from web.api.answers.day import ClosureAnswer, ClosurePage, ReopenedAnswer, StoppedAnswer
from web.api.bearer import caller
from web.api.day_in import StopIn
from web.api.endpoint import CHANGES, endpoint, noun
from web.api.paging import cursor_at, mark_at
from web.api.replying import located, reply
from web.api.showing import utc, utc_or_none
from web.deps import context, now
from web.schemas import Named, Once, Paged

blueprint = noun("closures", "What is closed, and what that did to bookings")


@blueprint.post("/closures", responses={201: StoppedAnswer, **CHANGES})
@endpoint(Scope.OPERATE, "submit")
def stop(body: StopIn, header: Once) -> Response:
    """Close something at once: what runs there ends, what is to come there is displaced."""
    order = Order(body.target, body.minutes, body.reason)
    terms = Terms(key=header.idempotency_key)
    struck = service.stop(context(), order, now(), caller(), terms=terms)
    document = StoppedAnswer(
        closure=_answer(struck.closure),
        ended=_ids(struck.ended),
        displaced=_ids(struck.displaced),
    )
    return located(reply(document, 201), "closures", struck.closure.id)


@blueprint.get("/closures", responses={200: ClosurePage})
@endpoint(Scope.OPERATE)
def listing(query: Paged) -> Response:
    """List closures, the newest first."""
    page = service.listing(context(), caller(), after=mark_at(query.cursor), limit=query.limit)
    items = [_answer(each) for each in page.items]
    return reply(ClosurePage(items=items, next=cursor_at(page.next)))


@blueprint.get("/closures/<id>", responses={200: ReopenedAnswer})
@endpoint(Scope.OPERATE)
def one(path: Named) -> Response:
    """Show a closure, and what became of the bookings that it displaced."""
    return reply(_left(service.one(context(), path.id, caller())))


@blueprint.post("/closures/<id>/reopen", responses={200: ReopenedAnswer, **CHANGES})
@endpoint(Scope.OPERATE, "submit")
def reopen(path: Named, header: Once) -> Response:
    """End a closure: what is yet to begin and still fits has its place again."""
    terms = Terms(key=header.idempotency_key)
    return reply(_left(service.reopen(context(), path.id, now(), caller(), terms=terms)))


def _left(done: service.Reopened) -> ReopenedAnswer:
    return ReopenedAnswer(
        closure=_answer(done.closure), restored=_ids(done.restored), displaced=_ids(done.left)
    )


def _ids(found: Iterable[Booking]) -> list[str]:
    return [each.id for each in found]


def _answer(closure: Closure) -> ClosureAnswer:
    return ClosureAnswer(
        id=closure.id,
        kind=closure.kind.value,
        target=closure.target,
        pools=list(closure.pools),
        start=utc(moment_of(closure.start)),
        end=None if closure.end is None else utc(moment_of(closure.end)),
        reason=closure.reason,
        created_at=utc(closure.created_at),
        ended_at=utc_or_none(closure.ended_at),
    )
