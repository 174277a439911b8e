"""Searches: offers for a wish, or why there are none; nothing is kept."""

from flask import Response

from testbed.service import requests as service
from testbed.service.actors import require_acts_for
from testbed.service.overrides import require_may_override
from testbed.service.tokens import Scope
from web.api.answers.booking import FoundAnswer
from web.api.bearer import caller
from web.api.endpoint import CHANGES, endpoint, noun
from web.api.mending import repairs_of
from web.api.replying import reply
from web.api.showing import offer_answer, reason_answer
from web.api.wishes import request_of
from web.deps import context, now
from web.schemas import SearchIn

blueprint = noun("searches", "Ranked offers for a wish")


@blueprint.post("/searches", responses={200: FoundAnswer, **CHANGES})
@endpoint(Scope.READ, "search")
def search(body: SearchIn) -> Response:
    """Find offers for a wish, best first, or all reasons why there are none and what would help."""
    organisation = body.organisation or caller().organisation
    require_acts_for(caller(), organisation)
    asked = request_of(body, organisation)
    require_may_override(caller(), asked)
    found = service.search(context(), asked, now(), body.limit)
    return reply(
        FoundAnswer(
            offers=[offer_answer(each, organisation) for each in found.offers],
            near=[offer_answer(each, organisation) for each in found.near],
            reasons=[reason_answer(each) for each in found.reasons],
            repairs=[] if found.offers else repairs_of(asked),
        )
    )
