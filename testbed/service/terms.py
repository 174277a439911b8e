"""The terms on which a client asks for a change: what it has seen, and its name for the attempt."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import TypeVar

from sqlalchemy import delete

from testbed.domain.errors import InvalidRequest, Stale
from testbed.domain.parties import Member
from testbed.domain.requests import Request
from testbed.persistence import convert, records
from testbed.persistence.records import Key
from testbed.persistence.store import KeptBooking
from testbed.persistence.tables import idempotency
from testbed.service.actors import name_of
from testbed.service.context import Context
from testbed.service.write import Write

LONGEST_KEY = 200
# A client that tries again does so within hours; a day off the network is forgiven twice over.
KEPT_FOR = timedelta(days=3)
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Terms:
    """The versions of the booking that serve (None: any), and the idempotency key (None: none)."""

    versions: frozenset[int] | None = None
    key: str | None = None

    def admit(self, kept: KeptBooking) -> None:
        """Refuse to change what the client has not seen. Raises Stale("version_changed")."""
        if self.versions is not None and kept.version not in self.versions:
            raise Stale("version_changed", booking=kept.booking.id, version=kept.version)


ANY = Terms()


def named(actor: Member, key: str, asked: convert.Json) -> Key:
    """The actor's key, bound to what is asked. Raises InvalidRequest("bad_idempotency_key")."""
    if not 0 < len(key) <= LONGEST_KEY or not key.isprintable():
        raise InvalidRequest("bad_idempotency_key", longest=LONGEST_KEY)
    return Key(name_of(actor), key, sha256(convert.dump(asked).encode()).hexdigest())


def named_or_none(actor: Member, key: str | None, verb: str, **asked: object) -> Key | None:
    """The actor's key for a step that is told apart by its name and what it is done to.

    None where no key was given. Raises InvalidRequest("bad_idempotency_key").
    """
    return None if key is None else named(actor, key, {"verb": verb, **asked})


def lasting(request: Request) -> convert.Json:
    """The part of a request that stays when a client tries again: the same wish, later."""
    body = dict(convert.request_to_json(request))
    del body["id"], body["submitted_at"]
    return body


def forget(ctx: Context, now: datetime) -> int:
    """Delete the answers to keys that no client sends again; returns how many."""
    old = delete(idempotency).where(idempotency.c.at < now - KEPT_FOR)
    with ctx.database.writing() as connection:
        return connection.execute(old).rowcount


def once(
    write: Write,
    key: Key | None,
    work: Callable[[], T],
    remember: Callable[[T], convert.Json],
    recall: Callable[[convert.Json], T],
) -> T:
    """Do the work the first time the key comes; later answer by `recall` of what it remembered.

    What fails is not remembered: a client may try again. Without a key the work is always done.
    Raises InvalidRequest("idempotency_key_reused").
    """
    if key is None:
        return work()
    stored = records.stored_answer(write.connection, key)
    if stored is not None:
        return recall(stored)
    done = work()
    records.store_answer(write.connection, key, remember(done), write.now)
    return done
