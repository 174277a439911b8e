"""Webhooks: signed events to programs of an organisation, or of the operators."""

from flask import Response

from testbed.service import webhooks as service
from testbed.service.deliveries import Delivery
from testbed.service.listings import Mark
from testbed.service.tokens import Scope
from testbed.service.webhooks import Shown, Webhook
from web.api.answers.notices import (
    DeliveryAnswer,
    DeliveryPage,
    TestSent,
    WebhookAnswer,
    WebhookPage,
    WebhookSecret,
)
from web.api.bearer import caller
from web.api.endpoint import CHANGES, endpoint, noun
from web.api.notices_in import DeliveriesWanted, EventsIn, WebhookIn
from web.api.paging import cursor_at, mark_at
from web.api.replying import located, reply
from web.api.showing import utc, utc_or_none
from web.deps import context, now
from web.schemas import Named, Once, Paged

blueprint = noun("webhooks", "Where events are sent")


@blueprint.get("/webhooks", responses={200: WebhookPage})
@endpoint(Scope.READ)
def listing(query: Paged) -> Response:
    """List the webhooks of the manager's organisation, or those of the operators."""
    after = mark_at(query.cursor)
    found = [each for each in service.listing(context(), caller()) if _is_after(each, after)]
    shown = found[: query.limit]
    more = len(found) > query.limit
    following = Mark(shown[-1].created_at, shown[-1].id) if more else None
    return reply(WebhookPage(items=[_answer(each) for each in shown], next=cursor_at(following)))


@blueprint.post("/webhooks", responses={201: WebhookSecret, **CHANGES})
@endpoint(Scope.BOOK, "submit")
def create(body: WebhookIn, header: Once) -> Response:
    """Add a webhook; this answer alone holds the secret that signs its events."""
    made = service.add(
        context(), caller(), body.url, body.events, now(), key=header.idempotency_key
    )
    return located(reply(_with_secret(made), 201), "webhooks", made.webhook.id)


@blueprint.get("/webhooks/<id>", responses={200: WebhookAnswer})
@endpoint(Scope.READ)
def one(path: Named) -> Response:
    """Show one webhook."""
    return reply(_answer(service.get(context(), path.id, caller())))


@blueprint.patch("/webhooks/<id>", responses={200: WebhookAnswer, **CHANGES})
@endpoint(Scope.BOOK, "submit")
def choose_events(path: Named, body: EventsIn, header: Once) -> Response:
    """Choose which events a webhook hears of from now on."""
    key = header.idempotency_key
    changed = service.choose_events(context(), path.id, caller(), body.events, now(), key=key)
    return reply(_answer(changed))


@blueprint.delete("/webhooks/<id>", responses={204: None, **CHANGES})
@endpoint(Scope.BOOK, "submit")
def remove(path: Named, header: Once) -> Response:
    """Remove a webhook with all that was sent to it."""
    service.remove(context(), path.id, caller(), now(), header.idempotency_key)
    return Response(status=204)


@blueprint.post("/webhooks/<id>/test", responses={202: TestSent, **CHANGES})
@endpoint(Scope.BOOK, "submit")
def test(path: Named, header: Once) -> Response:
    """Send a test event; its delivery is listed."""
    sent = service.send_test(context(), path.id, caller(), now(), header.idempotency_key)
    return reply(TestSent(delivery=sent), 202)


@blueprint.post("/webhooks/<id>/rotate", responses={200: WebhookSecret, **CHANGES})
@endpoint(Scope.BOOK, "submit")
def rotate(path: Named, header: Once) -> Response:
    """Give a webhook a new secret; the old one signs beside it for a day."""
    made = service.rotate(context(), path.id, caller(), now(), header.idempotency_key)
    return reply(_with_secret(made))


@blueprint.post("/webhooks/<id>/enable", responses={200: WebhookAnswer, **CHANGES})
@endpoint(Scope.BOOK, "submit")
def enable(path: Named, header: Once) -> Response:
    """Switch a webhook on again; what waited for it goes on."""
    hook = service.enable(context(), path.id, caller(), now(), header.idempotency_key)
    return reply(_answer(hook))


@blueprint.get("/webhooks/<id>/deliveries", responses={200: DeliveryPage})
@endpoint(Scope.READ)
def deliveries(path: Named, query: DeliveriesWanted) -> Response:
    """List what was sent to a webhook, the newest first."""
    page = service.deliveries_of(
        context(), path.id, caller(), mark_at(query.cursor), query.limit, state=query.state
    )
    items = [_delivery(each) for each in page.items]
    return reply(DeliveryPage(items=items, next=cursor_at(page.next)))


def _is_after(hook: Webhook, mark: Mark | None) -> bool:
    return mark is None or (hook.created_at, hook.id) > (mark.at, mark.id)


def _fields(hook: Webhook) -> dict[str, object]:
    return {
        "id": hook.id,
        "organisation": hook.organisation,
        "url": hook.url,
        "events": list(hook.events),
        "created_at": utc(hook.created_at),
        "disabled_at": utc_or_none(hook.disabled_at),
        "disabled_why": hook.disabled_why,
    }


def _answer(hook: Webhook) -> WebhookAnswer:
    return WebhookAnswer.model_validate(_fields(hook))


def _with_secret(made: Shown) -> WebhookSecret:
    return WebhookSecret.model_validate({**_fields(made.webhook), "secret": made.secret})


def _delivery(sent: Delivery) -> DeliveryAnswer:
    return DeliveryAnswer(
        id=sent.id,
        event=sent.kind,
        state=sent.state,
        created_at=utc(sent.created_at),
        attempts=sent.attempts,
        next_attempt_at=utc_or_none(sent.next_attempt_at),
        delivered_at=utc_or_none(sent.delivered_at),
        status=sent.status,
        error=sent.error,
        body=sent.body,
    )
