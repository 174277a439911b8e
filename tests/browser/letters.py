"""The mails of a served product: without an SMTP server its worker writes each to a file."""

import email
import time
from email import policy

DELIVERED_WITHIN = 30


def letter(served, recipient, subject=None):
    """The latest mail to an address, of that subject where one is named."""
    until = time.monotonic() + DELIVERED_WITHIN
    while time.monotonic() < until:
        files = sorted(served.folder.glob("var/mail/*.eml"), key=lambda each: each.stat().st_mtime)
        read = (
            email.message_from_bytes(each.read_bytes(), policy=policy.default) for each in files
        )
        to = (each for each in read if each["To"] == recipient)
        found = [each for each in to if subject in {None, each["Subject"]}]
        if found:
            return found[-1]
        time.sleep(0.5)
    raise AssertionError(f"no mail to {recipient} within {DELIVERED_WITHIN} s")


def link(served, message):
    """The path of the link in a mail, which leads to the server that wrote it."""
    body = message.get_content()
    [address] = [word for word in body.split() if word.startswith(served.address)]
    return address.removeprefix(served.address)
