"""Requests: a wish is decided and kept; a granted one becomes a hold."""

from flask import Response

from testbed.service import listings
from testbed.service import requests as service
from testbed.service.listings import KeptRequest
from testbed.service.tokens import Scope
from web.api.answers.booking import RequestAnswer, RequestPage, SubmittedAnswer
from web.api.bearer import caller
from web.api.endpoint import CHANGES, endpoint, noun
from web.api.mending import repairs_of
from web.api.paging import cursor_at, mark_at
from web.api.replying import fresh, located, reply
from web.api.showing import booking_answer, decision_answer, utc
from web.api.wishes import request_of, wish_answer
from web.deps import context, now
from web.queries import RequestsWanted
from web.schemas import Conditional, Named, Once, RequestIn

# A new booking is in its first version.
FIRST_VERSION = 1

blueprint = noun("requests", "Wishes, decided and kept")


@blueprint.post("/requests", responses={201: SubmittedAnswer, **CHANGES})
@endpoint(Scope.BOOK, "submit")
def submit(body: RequestIn, header: Once) -> Response:
    """Decide a wish and keep it; where it is granted the place is held, else repairs are named."""
    organisation = body.organisation or caller().organisation
    asked = request_of(body, organisation)
    given = service.submit(
        context(),
        asked,
        now(),
        caller(),
        header.idempotency_key,
        why=body.override_reason,
        for_member=body.member,
    )
    document = SubmittedAnswer(
        id=given.request_id,
        decision=decision_answer(given.decision, organisation),
        booking=booking_answer(given.booking, FIRST_VERSION) if given.booking else None,
        repairs=[] if given.booking else repairs_of(asked),
    )
    return located(reply(document, 201), "requests", given.request_id)


@blueprint.get("/requests", responses={200: RequestPage})
@endpoint(Scope.READ)
def listing(query: RequestsWanted) -> Response:
    """List requests with what was decided, the newest first."""
    after = mark_at(query.cursor)
    page = listings.requests(
        context(), caller(), query.organisation, after=after, limit=query.limit
    )
    items = [_answer(each) for each in page.items]
    return reply(RequestPage(items=items, next=cursor_at(page.next)))


@blueprint.get("/requests/<id>", responses={200: RequestAnswer, 304: None})
@endpoint(Scope.READ)
def one(path: Named, header: Conditional) -> Response:
    """Show one request and what was decided."""
    return fresh(_answer(listings.one_request(context(), path.id, caller())), header)


def _answer(kept: KeptRequest) -> RequestAnswer:
    return RequestAnswer(
        id=kept.request.id,
        organisation=kept.request.organisation,
        submitted_at=utc(kept.request.submitted_at),
        wish=wish_answer(kept.request),
        decision=decision_answer(kept.decision, kept.request.organisation),
        booking=kept.booking,
    )
