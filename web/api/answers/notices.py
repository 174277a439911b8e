"""Documents of notices, webhooks and deliveries."""

from typing import Annotated

from pydantic import Field

from testbed.service.deliveries import DeliveryState
from testbed.service.notices import Choice, Group
from web.api.answers.common import Answer, Moment, Next


class GroupAnswer(Answer):
    """A group of notices: how it is told, and how it may be."""

    group: Group
    choice: Choice
    choices: list[Choice]


class NoticesAnswer(Answer):
    """How the member is told of each group; `digest_hour` is an hour of the day in Korea."""

    items: list[GroupAnswer]
    digest_hour: int


class WebhookAnswer(Answer):
    """A webhook; `events` empty takes all, `organisation` null is the operators' (everybody's)."""

    id: str
    organisation: str | None
    url: str
    events: list[str]
    created_at: Moment
    disabled_at: Moment | None
    disabled_why: str | None


class WebhookSecret(WebhookAnswer):
    """A webhook with the secret that signs its events; no later answer holds it."""

    secret: Annotated[str, Field(examples=["whsec_c2VjcmV0IG9mIHRoaXMgZXhhbXBsZQ=="])]


class WebhookPage(Answer):
    """A page of webhooks, the oldest first."""

    items: list[WebhookAnswer]
    next: Next


class TestSent(Answer):
    """The delivery of a test event, which goes out within seconds."""

    delivery: str


class DeliveryAnswer(Answer):
    """An event on its way; `id` is its webhook-id, `body` what is signed and sent."""

    id: str
    event: str
    state: DeliveryState
    created_at: Moment
    attempts: int
    next_attempt_at: Moment | None
    delivered_at: Moment | None
    status: int | None
    error: str | None
    body: str


class DeliveryPage(Answer):
    """A page of deliveries, the newest first."""

    items: list[DeliveryAnswer]
    next: Next
