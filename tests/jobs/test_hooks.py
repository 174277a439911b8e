"""Webhooks: signed events arrive at least once, at public addresses only, and nothing stalls."""

import hmac
import json
from base64 import b64decode, b64encode
from collections.abc import Iterator
from datetime import timedelta
from time import monotonic

import pytest
from sqlalchemy import select

from testbed.config import Settings
from testbed.domain.bookings import Booking
from testbed.domain.errors import IllegalTransition, InvalidRequest, NotAllowed, NotFound
from testbed.domain.parties import Member, Role
from testbed.jobs.door import Door
from testbed.jobs.hooks import deliver
from testbed.jobs.job import Surroundings
from testbed.persistence.engine import Database
from testbed.persistence.job_tables import mail
from testbed.persistence.notice_tables import webhook_delivery as table
from testbed.service import bookings, deliveries, outbox, public_address, requests, webhooks
from testbed.service.context import Context
from tests.catalogues import NOW, route, wish
from tests.jobs.receivers import Receiver, receiving
from tests.people import join, province

MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)
PUBLIC = "93.184.215.14"


def anywhere(host: str, port: int) -> tuple[str, ...]:
    return (PUBLIC,)


@pytest.fixture
def ctx(database: Database) -> Context:
    return province(database)


@pytest.fixture
def around(ctx: Context) -> Surroundings:
    return Surroundings(ctx, Settings())


@pytest.fixture
def manager(ctx: Context) -> Member:
    return join(ctx, Role.MANAGER)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as running:
        yield running


def added(ctx: Context, who: Member, url: str, *events: str) -> webhooks.Shown:
    return webhooks.add(ctx, who, url, events, NOW, resolve=anywhere)


def booked(ctx: Context, member: Member) -> Booking:
    asked = wish(route("rt-s"), organisation=member.organisation)
    held = requests.submit(ctx, asked, NOW, member).booking
    assert held is not None
    return bookings.confirm(ctx, held.id, NOW, member)


def states(ctx: Context, who: Member, hook: str) -> list[tuple[str, int | None, bool]]:
    page = webhooks.deliveries_of(ctx, hook, who)
    return [(each.kind, each.status, each.delivered_at is not None) for each in page.items]


# -- what arrives ----------------------------------------------------------------------------


def test_an_event_arrives_signed_over_its_id_its_time_and_its_body(
    ctx: Context, around: Surroundings, manager: Member, receiver: Receiver
) -> None:
    made = added(ctx, manager, receiver.url, "booking.confirmed")
    booking = booked(ctx, manager)
    assert deliver(around, NOW, receiver.door()) == "sent 1, failed 0"
    [came] = receiver.came
    text = f"{came['webhook-id']}.{int(NOW.timestamp())}.{came['body']}".encode()
    key = b64decode(made.secret.removeprefix("whsec_"))
    expected = b64encode(hmac.digest(key, text, "sha256")).decode()
    assert came["webhook-signature"] == f"v1,{expected}"
    assert came["host"] == f"hooks.example.com:{receiver.port}"
    assert json.loads(came["body"]) == {
        "type": "booking.confirmed",
        "timestamp": "2026-03-02T00:00:00Z",
        "version": 1,
        "data": {
            "id": booking.id,
            "organisation": "org-a",
            "request": booking.request.id,
            "state": "confirmed",
            "start": "2026-03-16T01:00:00Z",
            "end": "2026-03-16T03:00:00Z",
            "resources": ["rt-s"],
        },
    }
    assert states(ctx, manager, made.webhook.id) == [("booking.confirmed", 204, True)]


def test_an_organisation_hears_of_its_own_events_only_and_operators_of_all(
    ctx: Context, around: Surroundings, manager: Member, receiver: Receiver
) -> None:
    other, operator = join(ctx, Role.MANAGER, "org-b"), join(ctx, Role.OPERATOR, "org-op")
    mine = added(ctx, manager, receiver.url).webhook.id
    theirs = added(ctx, other, receiver.url).webhook.id
    all_of_them = added(ctx, operator, receiver.url).webhook.id
    booked(ctx, manager)
    deliver(around, NOW, receiver.door())
    assert [kind for kind, _, _ in states(ctx, manager, mine)] == [
        "booking.confirmed",
        "booking.held",
    ]
    assert states(ctx, other, theirs) == []
    assert len(states(ctx, operator, all_of_them)) == 2
    for stranger in (other, operator):
        with pytest.raises(NotFound):
            webhooks.get(ctx, mine, stranger)
    with pytest.raises(NotAllowed):
        webhooks.listing(ctx, join(ctx))


def test_a_new_secret_signs_beside_the_old_one_for_a_day(
    ctx: Context, around: Surroundings, manager: Member, receiver: Receiver
) -> None:
    made = added(ctx, manager, receiver.url)
    fresh = webhooks.rotate(ctx, made.webhook.id, manager, NOW)
    assert fresh.secret != made.secret
    webhooks.send_test(ctx, made.webhook.id, manager, NOW)
    deliver(around, NOW, receiver.door())
    webhooks.send_test(ctx, made.webhook.id, manager, NOW + DAY)
    deliver(around, NOW + DAY, receiver.door())
    assert [len(each["webhook-signature"].split()) for each in receiver.came] == [2, 1]


def test_a_key_sent_again_makes_no_second_webhook_and_shows_the_same_secret(
    ctx: Context, manager: Member
) -> None:
    made = [
        webhooks.add(ctx, manager, "https://a.example/", [], NOW, key="k1", resolve=anywhere)
        for _ in range(2)
    ]
    assert made[0] == made[1]
    assert len(webhooks.listing(ctx, manager)) == 1
    with pytest.raises(InvalidRequest, match="idempotency_key_reused"):
        webhooks.rotate(ctx, made[0].webhook.id, manager, NOW, key="k1")


# -- what does not arrive --------------------------------------------------------------------


def test_a_worker_that_is_killed_between_sending_and_noting_sends_again_with_the_same_id(
    ctx: Context,
    around: Surroundings,
    manager: Member,
    receiver: Receiver,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    made = added(ctx, manager, receiver.url)
    webhooks.send_test(ctx, made.webhook.id, manager, NOW)

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(deliveries, "arrived", killed)
        with pytest.raises(KeyboardInterrupt):
            deliver(around, NOW, receiver.door())
    assert deliver(around, NOW + MINUTE / 2, receiver.door()) == "sent 0, failed 0"
    assert deliver(around, NOW + MINUTE, receiver.door()) == "sent 1, failed 0"
    first, second = receiver.came
    assert (first["webhook-id"], first["body"]) == (second["webhook-id"], second["body"])
    assert int(second["webhook-timestamp"]) - int(first["webhook-timestamp"]) == 60


def test_an_endpoint_that_fails_is_tried_for_about_two_days_then_off_and_its_managers_told(
    ctx: Context, around: Surroundings, manager: Member, receiver: Receiver
) -> None:
    hook = added(ctx, manager, receiver.url).webhook.id
    webhooks.send_test(ctx, hook, manager, NOW)
    receiver.status, now = 503, NOW
    while webhooks.get(ctx, hook, manager).disabled_at is None:
        deliver(around, now, receiver.door())
        now += MINUTE * 61
    assert DAY < now - NOW < 3 * DAY
    assert len(receiver.came) == deliveries.MOST_ATTEMPTS
    outbox.spread(ctx, now)
    with ctx.database.reading() as connection:
        told = connection.execute(select(mail.c.recipient, mail.c.kind)).all()
    assert told == [(manager.email, "webhook.disabled")]
    with pytest.raises(IllegalTransition):
        webhooks.send_test(ctx, hook, manager, now)


def test_what_waited_behind_the_failure_goes_on_when_the_webhook_is_switched_on_again(
    ctx: Context, around: Surroundings, manager: Member, receiver: Receiver
) -> None:
    hook = added(ctx, manager, receiver.url).webhook.id
    for second in range(3):
        webhooks.send_test(ctx, hook, manager, NOW + timedelta(seconds=second))
    later = NOW + MINUTE
    receiver.status = 410
    assert deliver(around, later, receiver.door()) == "sent 0, failed 1"
    assert webhooks.get(ctx, hook, manager).disabled_why == "answered 410"
    receiver.status = 200
    assert deliver(around, later + DAY, receiver.door()) == "sent 0, failed 0"
    webhooks.enable(ctx, hook, manager, later + DAY)
    assert deliver(around, later + DAY, receiver.door()) == "sent 2, failed 0"


def test_a_redirect_is_an_answer_like_any_failure_and_is_not_followed(
    ctx: Context, around: Surroundings, manager: Member, receiver: Receiver
) -> None:
    hook = added(ctx, manager, receiver.url).webhook.id
    webhooks.send_test(ctx, hook, manager, NOW)
    receiver.status, receiver.headers = 307, {"Location": receiver.url}
    assert deliver(around, NOW, receiver.door()) == "sent 0, failed 1"
    assert len(receiver.came) == 1
    assert states(ctx, manager, hook) == [("webhook.test", 307, False)]


def test_a_slow_endpoint_holds_up_no_other_and_gets_one_event_at_a_time(
    ctx: Context, around: Surroundings, manager: Member, receiver: Receiver
) -> None:
    slow = added(ctx, manager, receiver.url).webhook.id
    with receiving() as quick:
        fine = added(ctx, manager, quick.url).webhook.id
        for second in range(2):
            for hook in (slow, fine):
                webhooks.send_test(ctx, hook, manager, NOW + timedelta(seconds=second))
        receiver.gate.clear()
        begun = monotonic()
        door = receiver.door(seconds=0.3)
        assert deliver(around, NOW + MINUTE, door) == "sent 2, failed 1"
        assert monotonic() - begun < 3
        assert (len(receiver.came), receiver.most_at_once) == (1, 1)
        assert quick.most_at_once == 1


def test_a_long_answer_is_not_read_to_its_end(
    ctx: Context, around: Surroundings, manager: Member, receiver: Receiver
) -> None:
    hook = added(ctx, manager, receiver.url).webhook.id
    webhooks.send_test(ctx, hook, manager, NOW)
    receiver.body = b"x" * 5_000_000
    receiver.status = 200
    assert deliver(around, NOW, receiver.door()) == "sent 1, failed 0"


def test_a_certificate_that_nobody_vouches_for_is_no_endpoint(
    ctx: Context, around: Surroundings, manager: Member, receiver: Receiver
) -> None:
    hook = added(ctx, manager, receiver.url).webhook.id
    webhooks.send_test(ctx, hook, manager, NOW)
    stranger = Door(addresses=lambda *_: ("127.0.0.1",))
    assert deliver(around, NOW, stranger) == "sent 0, failed 1"
    assert receiver.came == []
    [tried] = webhooks.deliveries_of(ctx, hook, manager).items
    assert "CERTIFICATE_VERIFY_FAILED" in (tried.error or "")


# -- where it may lead -----------------------------------------------------------------------


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "10.1.2.3",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "0.0.0.0",
        "224.0.0.1",
        "255.255.255.255",
        "240.0.0.1",
        "192.0.2.1",
        "::1",
        "::",
        "fe80::1",
        "fe80::1%eth0",
        "fc00::1",
        "fec0::1",
        "ff02::1",
        "::ffff:127.0.0.1",
        "::ffff:8.8.8.8",
        "::127.0.0.1",
        "64:ff9b::7f00:1",
        "2002:7f00:1::",
        "2001:db8::1",
        "not an address",
    ],
)
def test_no_event_goes_to_an_address_that_is_not_public(address: str) -> None:
    target = public_address.read("https://hooks.example.com/")
    with pytest.raises(NotAllowed, match="webhook_host_not_public"):
        public_address.public_addresses(target, lambda *_: (PUBLIC, address))


def test_public_addresses_of_both_kinds_are_fine() -> None:
    target = public_address.read("https://hooks.example.com/")
    both = (PUBLIC, "2606:2800:21f:cb07:6820:80da:af6b:8b2c")
    assert public_address.public_addresses(target, lambda *_: both) == both


@pytest.mark.parametrize(
    "url",
    [
        "http://hooks.example.com/",
        "ftp://hooks.example.com/",
        "https://user@hooks.example.com/",
        "https://user:word@hooks.example.com/",
        "https:///path",
        "https://hooks.example.com/#part",
        "https://hooks.example.com:99999/",
        "https://hooks.example.com/a b",
        "https://hooks.example.com\\@127.0.0.1/",
        "https://hooks.example.com/\r\nHost: x",
        "https://[::1]/",
        "https://hooks.example.com",
        "https://-hooks.example.com/",
        "https://hooks.example.com/" + "x" * 500,
        "",
    ],
)
def test_an_address_that_is_no_plain_https_is_refused(url: str) -> None:
    with pytest.raises(InvalidRequest, match="bad_webhook_url"):
        public_address.read(url)


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "2130706433", "0x7f.1"])
def test_names_and_numbers_of_this_machine_are_refused_when_a_webhook_is_saved(
    ctx: Context, manager: Member, host: str
) -> None:
    with pytest.raises(NotAllowed, match="webhook_host_not_public"):
        webhooks.add(ctx, manager, f"https://{host}/", [], NOW)


def test_a_name_that_changes_its_mind_after_it_was_saved_gets_nothing(
    ctx: Context,
    around: Surroundings,
    manager: Member,
    receiver: Receiver,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    hook = added(ctx, manager, receiver.url).webhook.id
    webhooks.send_test(ctx, hook, manager, NOW)
    home = [(2, 1, 6, "", ("127.0.0.1", receiver.port))]
    asked: list[object] = []
    monkeypatch.setattr(
        public_address.socket, "getaddrinfo", lambda *named, **_: asked.append(named) or home
    )
    assert deliver(around, NOW) == "sent 0, failed 1"
    assert (receiver.came, len(asked)) == ([], 1)
    assert [each.error for each in webhooks.deliveries_of(ctx, hook, manager).items] == [
        "webhook_host_not_public"
    ]


def test_a_delivery_that_another_process_has_taken_is_left_to_it(
    ctx: Context, around: Surroundings, manager: Member, receiver: Receiver
) -> None:
    hook = added(ctx, manager, receiver.url).webhook.id
    webhooks.send_test(ctx, hook, manager, NOW)
    [[found]] = deliveries.due(ctx, NOW)
    assert deliveries.begin(ctx, found, NOW)
    assert not deliveries.begin(ctx, found, NOW)
    assert deliver(around, NOW, receiver.door()) == "sent 0, failed 0"


def test_removing_a_webhook_forgets_what_was_sent(
    ctx: Context, around: Surroundings, manager: Member
) -> None:
    hook = added(ctx, manager, "https://hooks.example.com/").webhook.id
    webhooks.send_test(ctx, hook, manager, NOW)
    webhooks.remove(ctx, hook, manager, NOW)
    with ctx.database.reading() as connection:
        assert connection.execute(select(table)).all() == []
    assert deliver(around, NOW) == "sent 0, failed 0"
