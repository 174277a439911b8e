"""Templates: wishes under a name, for the people of one organisation."""

from dataclasses import replace

from flask import Response

from testbed.service import templates as service
from testbed.service.templates import Template
from testbed.service.tokens import Scope
from web.api.answers.series import TemplateAnswer, TemplatePage
from web.api.bearer import caller
from web.api.endpoint import CHANGES, endpoint, noun
from web.api.mending import wish_of
from web.api.paging import cursor_at, mark_at
from web.api.replying import fresh, located, reply
from web.api.series_in import SeriesWanted, TemplateIn, TemplateNameIn
from web.api.showing import utc
from web.api.wishes import request_of, wish_answer
from web.deps import context, now
from web.schemas import Conditional, Named, Once

blueprint = noun("templates", "Wishes under a name")


@blueprint.get("/templates", responses={200: TemplatePage})
@endpoint(Scope.READ)
def listing(query: SeriesWanted) -> Response:
    """List the templates of an organisation, the newest first."""
    after = mark_at(query.cursor)
    page = service.listing(context(), caller(), query.organisation, after=after, limit=query.limit)
    items = [_answer(each) for each in page.items]
    return reply(TemplatePage(items=items, next=cursor_at(page.next)))


@blueprint.post("/templates", responses={201: TemplateAnswer, **CHANGES})
@endpoint(Scope.BOOK, "submit")
def save(body: TemplateIn, header: Once) -> Response:
    """Keep a wish under a name."""
    asked = request_of(body, body.organisation or caller().organisation)
    wish = replace(asked, override=(), partners=())
    made = service.save(context(), body.name, wish, now(), caller(), key=header.idempotency_key)
    return located(reply(_answer(made), 201), "templates", made.id)


@blueprint.get("/templates/<id>", responses={200: TemplateAnswer, 304: None})
@endpoint(Scope.READ)
def one(path: Named, header: Conditional) -> Response:
    """Show one template; its `request` may be searched for or submitted with another start."""
    return fresh(_answer(service.get(context(), path.id, caller())), header)


@blueprint.post("/templates/<id>/rename", responses={200: TemplateAnswer, **CHANGES})
@endpoint(Scope.BOOK, "submit")
def rename(path: Named, body: TemplateNameIn, header: Once) -> Response:
    """Give a template another name."""
    key = header.idempotency_key
    return reply(_answer(service.rename(context(), path.id, body.name, now(), caller(), key=key)))


@blueprint.post("/templates/<id>/delete", responses={204: None, **CHANGES})
@endpoint(Scope.BOOK, "submit")
def delete(path: Named, header: Once) -> Response:
    """Delete a template."""
    service.remove(context(), path.id, now(), caller(), key=header.idempotency_key)
    return Response(status=204)


def _answer(kept: Template) -> TemplateAnswer:
    return TemplateAnswer(
        id=kept.id,
        organisation=kept.organisation,
        name=kept.name,
        created_at=utc(kept.created_at),
        wish=wish_answer(kept.wish),
        request=wish_of(kept.wish),
    )
