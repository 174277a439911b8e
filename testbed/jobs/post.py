"""Carrying letters away: to an SMTP server, or into files where none is named."""

import os
import smtplib
import ssl
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from datetime import datetime
from email.message import EmailMessage
from email.policy import default
from email.utils import format_datetime
from hashlib import sha256
from pathlib import Path
from typing import Protocol

import structlog

from testbed.config import MailSettings
from testbed.jobs.job import Surroundings
from testbed.jobs.letters import Letter, written
from testbed.secret import secret, signed
from testbed.service import digests, outbox
from testbed.service.outbox import DueMail

TIMEOUT_SECONDS = 20
PERMANENT = range(500, 600)
# What is the letter's or its recipient's fault; everything else is the server's or the network's.
LETTER_REFUSED = (
    smtplib.SMTPRecipientsRefused,
    smtplib.SMTPSenderRefused,
    smtplib.SMTPDataError,
    smtplib.SMTPNotSupportedError,
)

log = structlog.get_logger()


class Carrier(Protocol):
    """Takes one message away, or raises OSError (smtplib's errors are such)."""

    def __call__(self, message: EmailMessage, name: str, /) -> None:
        """Take the message; `name` is its own, the same if it comes a second time."""


class ServerUnreachable(Exception):
    """No letter can be carried at present; the ones not tried stay due."""


def deliver(around: Surroundings, now: datetime) -> str:
    """Write the mails of what was noted, and send every mail whose attempt is due.

    Raises ServerUnreachable at the first attempt that finds no server.
    """
    while outbox.spread(around.ctx, now):
        pass
    gone = failed = 0
    with ExitStack() as stack:
        carrier = None
        for mail in outbox.due(around.ctx, now):
            if not outbox.begin(around.ctx, mail, now):
                continue
            carrier = carrier or _connected(stack, around, mail, now)
            done = _attempt(around, mail, carrier, now)
            gone, failed = gone + done, failed + (not done)
    return f"sent {gone}, failed {failed}"


def _connected(stack: ExitStack, around: Surroundings, mail: DueMail, now: datetime) -> Carrier:
    settings = around.settings.mail
    opened = _server(settings) if settings.host else _folder(settings.directory)
    try:
        return stack.enter_context(opened)
    except OSError as error:
        outbox.failed(around.ctx, mail, _said(error), now, for_good=False)
        raise ServerUnreachable(_said(error)) from error


def _attempt(around: Surroundings, mail: DueMail, carrier: Carrier, now: datetime) -> bool:
    settings = around.settings.mail
    try:
        ready = _with_way_out(around, mail)
        letter = written(around.ctx, ready.mail, around.settings.site_url)
        message = _message(letter, ready, settings, now)
    except Exception as error:
        log.exception("mail_not_written", mail=mail.id, kind=mail.mail.kind)
        outbox.failed(around.ctx, mail, type(error).__name__, now, for_good=False)
        return False
    try:
        carrier(message, f"{mail.id:010d}")
    except LETTER_REFUSED as error:
        outbox.failed(around.ctx, mail, _said(error), now, for_good=_is_permanent(error))
        return False
    except OSError as error:
        outbox.failed(around.ctx, mail, _said(error), now, for_good=False)
        raise ServerUnreachable(_said(error)) from error
    outbox.sent(around.ctx, mail, now)
    return True


def _with_way_out(around: Surroundings, mail: DueMail) -> DueMail:
    """The mail; a digest with the address by which its reader ends it."""
    if mail.mail.kind != digests.KIND:
        return mail
    secret_file = around.settings.security.secret_file
    token = signed(secret(secret_file), digests.UNSUBSCRIBE, str(mail.mail.fields["member"]))
    address = f"{around.settings.site_url}/notices/unsubscribe/{token}"
    fields = {**mail.mail.fields, "unsubscribe": address}
    return replace(mail, mail=replace(mail.mail, fields=fields))


# An address that is folded would be written as an encoded word, which no mail program follows.
_UNFOLDED = default.clone(max_line_length=998)


def _message(letter: Letter, mail: DueMail, settings: MailSettings, now: datetime) -> EmailMessage:
    message = EmailMessage(_UNFOLDED)
    message["From"] = settings.sender
    message["To"] = mail.mail.recipient
    message["Subject"] = letter.subject
    message["Date"] = format_datetime(now)
    # The same for a second copy, so that a reader's program can drop it.
    own = sha256(mail.mail.key.encode()).hexdigest()[:32]
    message["Message-ID"] = f"<{own}@{settings.sender.partition('@')[2]}>"
    message["Auto-Submitted"] = "auto-generated"
    message["Content-Language"] = mail.mail.language
    if "unsubscribe" in mail.mail.fields:
        # RFC 8058: the reader's mail program may offer it as one click.
        message["List-Unsubscribe"] = f"<{mail.mail.fields['unsubscribe']}>"
        message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    message.set_content(letter.body, cte=None if letter.body.isascii() else "base64")
    return message


@contextmanager
def _server(settings: MailSettings) -> Iterator[Carrier]:
    tls = ssl.create_default_context()
    opened: smtplib.SMTP
    if settings.encryption == "tls":
        opened = smtplib.SMTP_SSL(
            settings.host, settings.port, timeout=TIMEOUT_SECONDS, context=tls
        )
    else:
        opened = smtplib.SMTP(settings.host, settings.port, timeout=TIMEOUT_SECONDS)
    with opened as server:
        if settings.encryption == "starttls":
            server.starttls(context=tls)
        if settings.user:
            server.login(settings.user, settings.password.get_secret_value())

        def carry(message: EmailMessage, _: str, /) -> None:
            server.send_message(message)

        yield carry


@contextmanager
def _folder(directory: Path) -> Iterator[Carrier]:
    """Files that appear whole: a second copy of a mail replaces the first."""
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)

    def carry(message: EmailMessage, name: str, /) -> None:
        fresh = directory / f".{name}.{os.getpid()}"
        with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            file.write(bytes(message))
        fresh.replace(directory / f"{name}.eml")

    yield carry


def _is_permanent(error: OSError) -> bool:
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return all(code in PERMANENT for code, _ in error.recipients.values())
    return isinstance(error, smtplib.SMTPResponseException) and error.smtp_code in PERMANENT


def _said(error: OSError) -> str:
    return f"{type(error).__name__}: {error}"
