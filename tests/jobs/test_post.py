"""Mails: they arrive, in the reader's language, and none is lost on the way."""

import email
import email.policy
import socket
import stat
from collections.abc import Callable, Iterator
from datetime import timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from sqlalchemy import select

from testbed.config import Settings
from testbed.domain.bookings import Booking
from testbed.domain.parties import Member, Role
from testbed.jobs import letters, post
from testbed.jobs.job import Surroundings
from testbed.jobs.post import ServerUnreachable, deliver
from testbed.persistence.engine import Database
from testbed.persistence.job_tables import mail as table
from testbed.service import (
    accounts,
    bookings,
    invitations,
    no_shows,
    notices,
    outbox,
    password_resets,
    reminders,
    requests,
)
from testbed.service.actors import SYSTEM
from testbed.service.context import Context
from testbed.service.outbox import Mail
from tests.catalogues import NOW, facility, route, wish
from tests.people import join, province
from tests.service.test_invitations import tickets_for

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)


class Inbox:
    """A mail server that keeps what it is sent, or answers as it is told."""

    def __init__(self) -> None:
        self.received: list[EmailMessage] = []
        self.answer = "250 OK"
        self.recipient_answer = "250 OK"

    async def handle_RCPT(  # noqa: N802 -- named by the server
        self, _: SMTP, __: Session, envelope: Envelope, address: str, ___: list[Any]
    ) -> str:
        if self.recipient_answer.startswith("250"):
            envelope.rcpt_tos.append(address)
        return self.recipient_answer

    async def handle_DATA(  # noqa: N802 -- the same
        self, _: SMTP, __: Session, envelope: Envelope
    ) -> str:
        if self.answer.startswith("250"):
            content = envelope.content
            assert isinstance(content, bytes)
            self.received.append(
                email.message_from_bytes(content, policy=email.policy.default)  # type: ignore[arg-type]
            )
        return self.answer


@pytest.fixture
def ctx(database: Database) -> Context:
    return province(database)


@pytest.fixture
def inbox() -> Inbox:
    return Inbox()


@pytest.fixture
def around(ctx: Context, inbox: Inbox) -> Iterator[Surroundings]:
    """Surroundings whose mails go to the inbox."""
    server = Controller(inbox, hostname="127.0.0.1", port=free_port())
    server.start()
    yield Surroundings(ctx, smtp(server.port))
    server.stop()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def smtp(port: int) -> Settings:
    host = {"host": "127.0.0.1", "port": port, "encryption": "none"}
    return Settings(mail={**host, "site_url": "https://testbeds.example"})


def into(ctx: Context, folder: Path) -> Surroundings:
    return Surroundings(ctx, Settings(mail={"directory": folder}))


def queue(ctx: Context, key: str = "k", recipient: str = "a@example.org") -> None:
    fields = {"name": "나리", "reason": "because"}
    with ctx.database.writing() as connection:
        outbox.queue(connection, Mail(key, "registration_rejected", recipient, "ko", fields), NOW)


def row(ctx: Context) -> Any:
    with ctx.database.reading() as connection:
        return connection.execute(select(table)).one()


def booked(ctx: Context, member: Member) -> Booking:
    held = requests.submit(ctx, wish(route("rt-a1"), facility("fc-bays")), NOW, member).booking
    assert held is not None
    return bookings.confirm(ctx, held.id, NOW, member)


def test_an_invitation_arrives_with_a_link_that_opens_it(
    ctx: Context, around: Surroundings, inbox: Inbox
) -> None:
    manager = join(ctx, Role.MANAGER)
    invitations.invite(ctx, "org-a", "new@example.org", Role.MEMBER, NOW, actor=manager)
    assert deliver(around, NOW) == "sent 1, failed 0"
    [message] = inbox.received
    assert message["To"] == "new@example.org"
    assert message["Subject"] == "org-a의 초대"
    body = message.get_content()
    [link] = [line for line in body.splitlines() if line.startswith("https://")]
    ticket = link.removeprefix("https://testbeds.example/invitations/")
    assert invitations.look(ctx, ticket, NOW).email == "new@example.org"
    assert "2026-03-09 (월) 09:00 KST" in body


def test_what_a_mail_held_is_forgotten_when_it_has_gone(ctx: Context, around: Surroundings) -> None:
    person = join(ctx)
    password_resets.ask(ctx, person.email, NOW)
    assert len(tickets_for(ctx, person.email)) == 1
    deliver(around, NOW)
    assert tickets_for(ctx, person.email) == []
    assert row(ctx).sent_at == NOW


def test_each_member_reads_their_own_language(
    ctx: Context, around: Surroundings, inbox: Inbox
) -> None:
    korean, english = join(ctx), join(ctx, organisation="org-b")
    accounts.set_profile(ctx, english, english.name, "en", NOW)
    for person in (korean, english):
        wanted = wish(route("rt-s"), organisation=person.organisation)
        held = requests.submit(ctx, wanted, NOW, person).booking
        assert held is not None
        bookings.confirm(ctx, held.id, NOW, person)
    deliver(around, NOW)
    assert {message["To"]: message["Subject"] for message in inbox.received} == {
        korean.email: "예약 확정: 2026-03-16 (월) 10:00–12:00 KST",
        english.email: "Confirmed: 2026-03-16 (Mon) 10:00–12:00 KST",
    }


def test_the_steps_of_a_booking_are_told_to_whoever_asked_for_it(
    ctx: Context, around: Surroundings, inbox: Inbox
) -> None:
    member, _ = join(ctx), join(ctx, name="colleague")
    booking = booked(ctx, member)
    bookings.cancel(ctx, booking.id, NOW, member)
    missed = booked(ctx, member)
    no_shows.release_no_shows(ctx, NOW + timedelta(days=15))
    requests.submit(ctx, wish(route("rt-s")), NOW, member)
    bookings.release_expired(ctx, NOW + HOUR)
    deliver(around, NOW + HOUR)
    with ctx.database.reading() as connection:
        kinds = connection.execute(select(table.c.kind).order_by(table.c.id)).scalars().all()
    assert kinds == [
        "booking.confirmed",
        "booking.cancelled",
        "booking.confirmed",
        "booking.no_show",
        "booking.expired",
    ]
    assert {message["To"] for message in inbox.received} == {member.email}
    assert f"/bookings/{missed.id}" in inbox.received[3].get_content()
    assert "rt-a1 (ansan), fc-bays (ansan)" in inbox.received[0].get_content()


def test_the_managers_hear_where_nobody_of_theirs_asked(
    ctx: Context, around: Surroundings, inbox: Inbox
) -> None:
    manager, _ = join(ctx, Role.MANAGER), join(ctx)
    booked(ctx, join(ctx, Role.OPERATOR, "org-op"))
    deliver(around, NOW)
    assert [message["To"] for message in inbox.received] == [manager.email]


def test_a_second_delivery_sends_nothing_again(
    ctx: Context, around: Surroundings, inbox: Inbox
) -> None:
    booked(ctx, join(ctx))
    for _ in range(3):
        deliver(around, NOW)
    assert len(inbox.received) == 1


def test_two_workers_that_deliver_at_once_send_each_mail_once(
    ctx: Context, around: Surroundings, inbox: Inbox
) -> None:
    queue(ctx)
    [due] = outbox.due(ctx, NOW)
    assert outbox.begin(ctx, due, NOW)
    assert not outbox.begin(ctx, due, NOW)
    assert deliver(around, NOW) == "sent 0, failed 0"


def test_a_mail_whose_worker_was_killed_is_sent_later_with_the_same_message_id(
    ctx: Context, around: Surroundings, inbox: Inbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    queue(ctx)

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(outbox, "sent", killed)
        with pytest.raises(KeyboardInterrupt):
            deliver(around, NOW)
    assert deliver(around, NOW + MINUTE - timedelta(seconds=1)) == "sent 0, failed 0"
    assert deliver(around, NOW + MINUTE) == "sent 1, failed 0"
    first, second = inbox.received
    assert first["Message-ID"] == second["Message-ID"]


def test_an_unreachable_server_loses_nothing_and_is_not_asked_for_every_mail(
    ctx: Context, inbox: Inbox
) -> None:
    for number in range(5):
        queue(ctx, f"k{number}")
    nowhere = Surroundings(ctx, smtp(free_port()))
    with pytest.raises(ServerUnreachable, match="ConnectionRefused"):
        deliver(nowhere, NOW)
    state = outbox.state(ctx)
    assert (state.waiting, state.failing, state.given_up) == (5, 1, 0)
    server = Controller(inbox, hostname="127.0.0.1", port=free_port())
    server.start()
    try:
        deliver(Surroundings(ctx, smtp(server.port)), NOW + MINUTE)
    finally:
        server.stop()
    assert len(inbox.received) == 5
    assert outbox.state(ctx).waiting == 0


def test_a_mail_that_is_put_off_waits_twice_as_long_each_time(
    ctx: Context, around: Surroundings, inbox: Inbox
) -> None:
    queue(ctx)
    inbox.answer = "451 try again later"
    waits = []
    now = NOW
    for _ in range(4):
        deliver(around, now)
        due = row(ctx).next_attempt_at
        waits.append((due - now) / MINUTE)
        now = due
    assert waits == [1, 2, 4, 8]
    inbox.answer = "250 OK"
    assert deliver(around, now) == "sent 1, failed 0"


def test_a_mail_that_is_put_off_for_ever_is_given_up(
    ctx: Context, around: Surroundings, inbox: Inbox
) -> None:
    queue(ctx)
    inbox.answer = "451 try again later"
    now = NOW
    for _ in range(outbox.MOST_ATTEMPTS):
        deliver(around, now)
        now += outbox.LONGEST_DELAY
    kept = row(ctx)
    assert (kept.attempts, kept.next_attempt_at) == (outbox.MOST_ATTEMPTS, None)
    assert kept.given_up_at is not None
    assert "451" in kept.last_error
    assert outbox.state(ctx).given_up == 1


@pytest.mark.parametrize("where", ["recipient_answer", "answer"])
def test_a_mail_that_is_refused_for_good_is_not_tried_again(
    ctx: Context, around: Surroundings, inbox: Inbox, where: str
) -> None:
    queue(ctx, "bad")
    setattr(inbox, where, "550 nobody here")
    assert deliver(around, NOW) == "sent 0, failed 1"
    kept = row(ctx)
    assert (kept.given_up_at, kept.next_attempt_at, kept.fields) == (NOW, None, "{}")


def test_one_refused_mail_does_not_hold_up_the_others(
    ctx: Context, around: Surroundings, inbox: Inbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    queue(ctx, "first")
    queue(ctx, "second", "b@example.org")
    written = letters.written

    def breaks(ctx: Context, mail: Mail, site: str) -> letters.Letter:
        if mail.key == "first":
            raise KeyError("name")
        return written(ctx, mail, site)

    monkeypatch.setattr(post, "written", breaks)
    assert deliver(around, NOW) == "sent 1, failed 1"
    assert [message["To"] for message in inbox.received] == ["b@example.org"]


def test_without_a_server_mails_become_files_for_the_owner_alone(
    ctx: Context, tmp_path: Path
) -> None:
    folder = tmp_path / "out" / "mail"
    queue(ctx)
    assert deliver(into(ctx, folder), NOW) == "sent 1, failed 0"
    [file] = folder.iterdir()
    assert file.suffix == ".eml"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    message = email.message_from_bytes(file.read_bytes(), policy=email.policy.default)
    assert message["Subject"] == "나리 등록 신청 결과"
    assert message["Auto-Submitted"] == "auto-generated"


def test_a_subject_never_breaks_out_of_its_header(ctx: Context, tmp_path: Path) -> None:
    fields = {"name": "x\r\nBcc: all@example.org", "reason": "."}
    with ctx.database.writing() as connection:
        mail = Mail("k", "registration_rejected", "a@example.org", "en", fields)
        outbox.queue(connection, mail, NOW)
    deliver(into(ctx, tmp_path), NOW)
    [file] = tmp_path.glob("*.eml")
    message = email.message_from_bytes(file.read_bytes(), policy=email.policy.default)
    assert message["Bcc"] is None


# -- reminders -------------------------------------------------------------------------------

DAY = timedelta(days=1)
START = NOW + timedelta(days=14, hours=1)  # the Monday at 10:00 in Seoul


def test_a_booking_is_reminded_of_once_when_its_day_comes(
    ctx: Context, around: Surroundings, inbox: Inbox
) -> None:
    booked(ctx, join(ctx))
    second = timedelta(seconds=1)
    assert reminders.remind(ctx, START - DAY - second, DAY) == 0
    assert reminders.remind(ctx, START - DAY, DAY) == 1
    assert reminders.remind(ctx, START - HOUR, DAY) == 0
    deliver(around, START)
    assert any(message["Subject"].startswith("곧 시작") for message in inbox.received)


def test_a_late_sweep_still_reminds_and_never_of_what_has_begun(ctx: Context) -> None:
    booked(ctx, join(ctx))
    assert reminders.remind(ctx, START + timedelta(seconds=1), DAY) == 0
    assert reminders.remind(ctx, START - MINUTE, DAY) == 1


def test_a_moved_booking_is_reminded_of_again_and_a_cancelled_one_is_not(ctx: Context) -> None:
    member = join(ctx)
    booking = booked(ctx, member)
    reminders.remind(ctx, START - DAY, DAY)
    later = wish(route("rt-a1"), start=booking.start + 4, name="moved")
    bookings.move(ctx, booking.id, later, NOW, member)
    assert reminders.remind(ctx, START - HOUR, DAY) == 1
    bookings.cancel(ctx, booking.id, START - HOUR, member)
    assert reminders.remind(ctx, START - HOUR, DAY) == 0


# -- the letters -----------------------------------------------------------------------------


def kinds() -> list[str]:
    return sorted({*notices.MAILED, *notices.WRITTEN_DIRECTLY})


@pytest.mark.parametrize("kind", kinds())
def test_every_kind_of_mail_is_written_in_both_languages_from_the_same_fields(
    ctx: Context, kind: str
) -> None:
    used: dict[str, set[str]] = {}

    class Noted(dict[str, object]):
        def __missing__(self, key: str) -> str:
            self[key] = key
            return key

    for language in invitations.LANGUAGES:
        template = letters._template(kind, language)
        filled = Noted()
        template.format_map(filled)
        used[language] = set(filled)
        assert template.splitlines()[1].strip()
    subject_only = {"when"}
    assert used["ko"] - subject_only == used["en"] - subject_only


def test_no_template_is_left_over() -> None:
    folder = Path(letters.__file__).parent / "mails"
    for language in invitations.LANGUAGES:
        assert sorted(file.stem for file in (folder / language).iterdir()) == kinds()


def test_a_slot_past_midnight_names_both_days(ctx: Context) -> None:
    said: Callable[..., str] = lambda start, end: letters._place_and_time(  # noqa: E731
        ctx, {"lines": [["rt-a1"]], "start": start, "end": end}, "en"
    )["when"]  # type: ignore[assignment, return-value]
    ten = wish().start
    assert said(ten, ten + 12) == "2026-03-16 (Mon) 10:00–13:00 KST"
    assert said(ten, ten + 56) == "2026-03-16 (Mon) 10:00–24:00 KST"
    assert said(ten, ten + 60) == "2026-03-16 (Mon) 10:00 – 2026-03-17 (Tue) 01:00 KST"


def test_a_resource_that_the_catalogue_no_longer_has_is_named_by_its_id(ctx: Context) -> None:
    fields = {"lines": [["rt-gone"]], "start": wish().start, "end": wish().start + 4}
    assert letters._place_and_time(ctx, fields, "ko")["what"] == "rt-gone"


def test_links_lead_to_where_the_pages_are_unless_the_settings_say_otherwise() -> None:
    server = {"port": 8123}
    assert Settings(server=server).site_url == "http://127.0.0.1:8123"
    assert Settings(server={**server, "host": "::1"}).site_url == "http://[::1]:8123"
    given = "https://testbeds.example"
    assert Settings(server=server, mail={"site_url": given}).site_url == given


def test_the_system_is_nobody_to_write_to(ctx: Context) -> None:
    held = requests.submit(ctx, wish(), NOW, SYSTEM).booking
    assert held is not None
    bookings.confirm(ctx, held.id, NOW, SYSTEM)
    outbox.spread(ctx, NOW)
    assert outbox.state(ctx).waiting == 0
