"""Webhooks: addresses of programs that want to hear of events, kept by managers and operators.

A manager keeps those of the own organisation, operators and administrators those of the operators,
which hear of every organisation's events.
"""

import secrets
from base64 import b64encode
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, delete, insert, select, update

from testbed.domain.errors import IllegalTransition, InvalidRequest, NotAllowed, NotFound
from testbed.domain.parties import Member, Role
from testbed.persistence import convert
from testbed.persistence.notice_tables import webhook as table
from testbed.persistence.notice_tables import webhook_delivery
from testbed.persistence.records import Key
from testbed.service import deliveries, public_address
from testbed.service.actors import acts_for_all, name_of
from testbed.service.context import Context
from testbed.service.deliveries import Delivery, DeliveryState
from testbed.service.listings import Mark, Page
from testbed.service.notices import EVENTS
from testbed.service.public_address import Resolve
from testbed.service.terms import named_or_none, once
from testbed.service.write import Write, run

MOST_WEBHOOKS = 10
# How a signing secret is written, so that it is known where it turns up.
WRITTEN = "whsec_"
SECRET_BYTES = 32
# Time to bring a new secret to where it is checked: both sign until then.
BOTH_SIGN = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Webhook:
    """A webhook without its secret; `events` empty takes all; `organisation` None: of operators."""

    id: str
    organisation: str | None
    url: str
    events: tuple[str, ...]
    created_at: datetime
    disabled_at: datetime | None
    disabled_why: str | None


@dataclass(frozen=True, slots=True)
class Shown:
    """A webhook with its secret, as its maker sees it this once."""

    webhook: Webhook
    secret: str


def keeps(actor: Member) -> bool:
    """Whether the member keeps webhooks at all."""
    return actor.role is Role.MANAGER or acts_for_all(actor)


def owner_of(actor: Member) -> str | None:
    """For which organisation the member keeps webhooks, None for the operators.

    Raises NotAllowed("managers_only").
    """
    if not keeps(actor):
        raise NotAllowed("managers_only", role=actor.role.value)
    return actor.organisation if actor.role is Role.MANAGER else None


def add(
    ctx: Context,
    actor: Member,
    url: str,
    wanted: Sequence[str],
    now: datetime,
    *,
    key: str | None = None,
    resolve: Resolve = public_address.resolve,
) -> Shown:
    """Keep a new webhook; the answer alone shows its secret.

    Raises NotAllowed: "managers_only", "webhook_host_not_public"; NotFound("webhook_host_unknown");
    InvalidRequest: "bad_webhook_url", "unknown_event", "too_many_webhooks".
    """
    owner, chosen = owner_of(actor), _checked_events(wanted)
    public_address.public_addresses(public_address.read(url), resolve)
    row = {
        "id": ctx.new_id(),
        "organisation": owner,
        "url": url,
        "events": convert.dump(chosen),
        "secret": _new_secret(),
        "created_at": now,
        "created_by": name_of(actor),
    }

    sent = named_or_none(actor, key, "webhook.add", url=url, events=list(chosen))

    def work(write: Write) -> Shown:
        write.lock_organisation(actor.organisation)
        return once(write, sent, lambda: _insert(write, owner, row), _remembered, _recalling(write))

    return run(ctx, now, actor, work)


def listing(ctx: Context, actor: Member) -> tuple[Webhook, ...]:
    """The webhooks that the member keeps, the oldest first. Raises NotAllowed("managers_only")."""
    owner = owner_of(actor)
    with ctx.database.reading() as connection:
        query = select(table).where(_owned(owner)).order_by(table.c.created_at, table.c.id)
        return tuple(_read(row) for row in connection.execute(query))


def get(ctx: Context, webhook_id: str, actor: Member) -> Webhook:
    """One of them. Raises NotAllowed("managers_only"), NotFound("webhook")."""
    owner = owner_of(actor)
    with ctx.database.reading() as connection:
        return _read(_row(connection, webhook_id, owner))


def deliveries_of(
    ctx: Context,
    webhook_id: str,
    actor: Member,
    after: Mark | None = None,
    limit: int = 50,
    *,
    state: DeliveryState | None = None,
) -> Page[Delivery]:
    """What was sent to a webhook, the newest first. Raises as `get` does."""
    get(ctx, webhook_id, actor)
    before = None if after is None else (after.at, after.id)
    with ctx.database.reading() as connection:
        found = deliveries.listing(connection, webhook_id, before, limit + 1, state)
    shown = found[:limit]
    more = len(found) > limit
    return Page(shown, Mark(shown[-1].created_at, shown[-1].id) if more else None)


def choose_events(
    ctx: Context,
    webhook_id: str,
    actor: Member,
    wanted: Sequence[str],
    now: datetime,
    *,
    key: str | None = None,
) -> Webhook:
    """Choose which events a webhook hears of from now on; none named takes all.

    Raises InvalidRequest("unknown_event"), and as `get` does.
    """
    chosen = _checked_events(wanted)

    def step(write: Write, _: Row[*tuple[Any, ...]]) -> Webhook:
        _change(write, webhook_id, {"events": convert.dump(chosen)})
        write.note("webhook.changed", webhook_id, {"events": list(chosen)})
        return _fresh(write, webhook_id)

    sent = named_or_none(actor, key, "webhook.events", id=webhook_id, events=list(chosen))
    return _step(ctx, webhook_id, actor, now, key=sent, step=step)


def rotate(
    ctx: Context, webhook_id: str, actor: Member, now: datetime, key: str | None = None
) -> Shown:
    """Give a webhook a new secret, shown this once; the old one signs beside it for a day.

    Raises as `get` does.
    """
    owner, fresh = owner_of(actor), _new_secret()
    sent = named_or_none(actor, key, "webhook.rotate", id=webhook_id)

    def work(write: Write) -> Shown:
        row = _row(write.connection, webhook_id, owner, lock=True)
        return once(
            write, sent, lambda: _rotated(write, row, fresh), _remembered, _recalling(write)
        )

    return run(ctx, now, actor, work)


def enable(
    ctx: Context, webhook_id: str, actor: Member, now: datetime, key: str | None = None
) -> Webhook:
    """Switch a webhook on again; what waited when it was switched off goes on.

    Raises as `get` does.
    """

    def step(write: Write, row: Row[*tuple[Any, ...]]) -> Webhook:
        if row.disabled_at is not None:
            _change(write, webhook_id, {"disabled_at": None, "disabled_why": None})
            waiting = webhook_delivery.c.next_attempt_at.is_not(None)
            mine = (webhook_delivery.c.webhook == webhook_id) & waiting
            due = {"next_attempt_at": now, "attempts": 0}
            write.connection.execute(update(webhook_delivery).where(mine).values(due))
            write.note("webhook.enabled", webhook_id, {})
        return _fresh(write, webhook_id)

    sent = named_or_none(actor, key, "webhook.enable", id=webhook_id)
    return _step(ctx, webhook_id, actor, now, key=sent, step=step)


def remove(
    ctx: Context, webhook_id: str, actor: Member, now: datetime, key: str | None = None
) -> None:
    """Forget a webhook and what was sent to it. Raises as `get` does."""
    owner = owner_of(actor)
    sent = named_or_none(actor, key, "webhook.remove", id=webhook_id)

    def gone(write: Write) -> None:
        _row(write.connection, webhook_id, owner, lock=True)
        mine = webhook_delivery.c.webhook == webhook_id
        write.connection.execute(delete(webhook_delivery).where(mine))
        write.connection.execute(delete(table).where(table.c.id == webhook_id))
        write.note("webhook.removed", webhook_id, {})

    def work(write: Write) -> None:
        once(write, sent, lambda: gone(write), lambda _: {}, lambda _: None)

    run(ctx, now, actor, work)


def send_test(
    ctx: Context, webhook_id: str, actor: Member, now: datetime, key: str | None = None
) -> str:
    """Send a test event with the next sweep; returns the id of its delivery.

    Raises IllegalTransition("webhook_disabled") where it is off, and as `get` does.
    """
    owner, name = owner_of(actor), ctx.new_id()
    sent = named_or_none(actor, key, "webhook.test", id=webhook_id)

    def written(write: Write, row: Row[*tuple[Any, ...]]) -> str:
        if row.disabled_at is not None:
            raise IllegalTransition("webhook_disabled", id=webhook_id)
        return deliveries.write_test(write, name, webhook_id)

    def work(write: Write) -> str:
        row = _row(write.connection, webhook_id, owner)
        return once(
            write,
            sent,
            lambda: written(write, row),
            lambda made: {"id": made},
            lambda json: str(json["id"]),
        )

    return run(ctx, now, actor, work)


# -- in a transaction ------------------------------------------------------------------------


def _step(
    ctx: Context,
    webhook_id: str,
    actor: Member,
    now: datetime,
    *,
    key: Key | None,
    step: Callable[[Write, Row[*tuple[Any, ...]]], Webhook],
) -> Webhook:
    """A change of one webhook that answers with it; a key sent again answers as it stands now."""
    owner = owner_of(actor)

    def work(write: Write) -> Webhook:
        row = _row(write.connection, webhook_id, owner, lock=True)
        again = lambda _: _fresh(write, webhook_id)  # noqa: E731 -- one use, beside its place
        return once(write, key, lambda: step(write, row), lambda _: {"id": webhook_id}, again)

    return run(ctx, now, actor, work)


def _insert(write: Write, owner: str | None, row: dict[str, Any]) -> Shown:
    known = select(table.c.id).where(_owned(owner))
    if len(write.connection.execute(known).all()) >= MOST_WEBHOOKS:
        raise InvalidRequest("too_many_webhooks", most=MOST_WEBHOOKS)
    write.connection.execute(insert(table), row)
    write.note("webhook.added", row["id"], {"url": row["url"]})
    return Shown(_fresh(write, row["id"]), row["secret"])


def _rotated(write: Write, row: Row[*tuple[Any, ...]], fresh: str) -> Shown:
    old = {"previous_secret": row.secret, "previous_until": write.now + BOTH_SIGN}
    _change(write, row.id, {"secret": fresh, **old})
    write.note("webhook.secret_changed", row.id, {})
    return Shown(_fresh(write, row.id), fresh)


def _naming(name: str) -> convert.Json:
    return {"id": name}


def _remembered(shown: Shown) -> convert.Json:
    return {"id": shown.webhook.id}


def _recalling(write: Write) -> Callable[[convert.Json], Shown]:
    """The answer to a key sent again, read from the row: no second copy of a secret is kept."""

    def recall(json: convert.Json) -> Shown:
        row = write.connection.execute(select(table).where(table.c.id == json["id"])).one_or_none()
        if row is None:
            raise NotFound("webhook", id=json["id"])
        return Shown(_read(row), row.secret)

    return recall


def _change(write: Write, webhook_id: str, values: dict[str, Any]) -> None:
    write.connection.execute(update(table).where(table.c.id == webhook_id).values(values))


def _fresh(write: Write, webhook_id: str) -> Webhook:
    return _read(write.connection.execute(select(table).where(table.c.id == webhook_id)).one())


def _row(
    connection: Connection, webhook_id: str, owner: str | None, *, lock: bool = False
) -> Row[*tuple[Any, ...]]:
    query = select(table).where(table.c.id == webhook_id, _owned(owner))
    row = connection.execute(query.with_for_update() if lock else query).one_or_none()
    if row is None:
        raise NotFound("webhook", id=webhook_id)
    return row


def _owned(owner: str | None) -> ColumnElement[bool]:
    return table.c.organisation.is_(None) if owner is None else table.c.organisation == owner


def _read(row: Row[*tuple[Any, ...]]) -> Webhook:
    return Webhook(
        row.id,
        row.organisation,
        row.url,
        tuple(convert.load(row.events)),
        row.created_at,
        row.disabled_at,
        row.disabled_why,
    )


def _checked_events(wanted: Sequence[str]) -> tuple[str, ...]:
    unknown = sorted(set(wanted) - EVENTS)
    if unknown:
        raise InvalidRequest("unknown_event", event=unknown[0][:80])
    return tuple(sorted(set(wanted)))


def _new_secret() -> str:
    return WRITTEN + b64encode(secrets.token_bytes(SECRET_BYTES)).decode()
