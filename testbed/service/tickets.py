"""Tickets: long random texts that open one thing, kept by their digest alone.

A ticket's text is its id and its secret, "id-secret": the id finds the row, the secret opens it.
"""

import hmac
from dataclasses import dataclass
from hashlib import sha256

from testbed.service.context import Context

# Three ids of 60 random bits each.
SECRET_IDS = 3
LONGEST_TEXT = 200
_NO_DIGEST = sha256(b"").hexdigest()


@dataclass(frozen=True, slots=True)
class Ticket:
    """An id that may be known, and a secret that is shown once."""

    id: str
    secret: str

    @property
    def text(self) -> str:
        """What its holder is given."""
        return f"{self.id}-{self.secret}"

    @property
    def digest(self) -> str:
        """What is kept of the secret: SHA-256, hexadecimal."""
        return sha256(self.secret.encode()).hexdigest()


NONE = Ticket("", "")


def issue(ctx: Context) -> Ticket:
    """A new ticket."""
    return Ticket(ctx.new_id(), "".join(ctx.new_id() for _ in range(SECRET_IDS)))


def read(text: str) -> Ticket:
    """The ticket of a text; one that is none opens nothing."""
    name, _, secret = text[:LONGEST_TEXT].strip().partition("-")
    plain = name + secret
    return Ticket(name, secret) if plain.isascii() and plain.isalnum() else NONE


def opens(ticket: Ticket, digest: str | None) -> bool:
    """Whether the ticket is the one of the digest; takes as long where there is none."""
    same = hmac.compare_digest(ticket.digest, digest or _NO_DIGEST)
    return same and digest is not None
