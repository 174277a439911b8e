"""The calendar of one process: the ledger in memory, brought up to date by the pools' revisions.

It serves search and the first decision and is never trusted for a write: a write locks its pools,
brings the calendar up to date again, and stands under the guard.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cache
from time import perf_counter
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Integer,
    Row,
    Select,
    and_,
    bindparam,
    func,
    or_,
    select,
)

from testbed.domain.errors import InvalidRequest, NotFound, Stale
from testbed.domain.grid import GRAINS_PER_DAY, floor_grain
from testbed.domain.ledger import Ledger
from testbed.domain.policy import Policy
from testbed.domain.requests import Claim
from testbed.persistence import catalogues
from testbed.persistence.catalogues import Content
from testbed.persistence.claims import KeptClaim, kept_claim
from testbed.persistence.due import Deadlines
from testbed.persistence.tables import booking, catalogue_version, horizon, pool
from testbed.persistence.tables import claim as claims
from testbed.persistence.use import inform

# How far the ledger reaches back: what runs now, and the gaps that a cost looks at before a start.
KEPT_DAYS = 8

POOLS_AT_ONCE = 16


@dataclass(frozen=True, slots=True)
class Stamp:
    """What a calendar was read from; equal stamps mean that nothing has changed."""

    catalogue: int
    standing_until: int
    base: int
    revisions: int


@dataclass
class Loaded:
    """A ledger with the pools' revisions it stands at.

    `lapsed` are the parts of claims that time has ended before anybody wrote it down, already given
    back. `first_due` is the earliest moment at which something ends.
    """

    stamp: Stamp
    ledger: Ledger
    revisions: dict[str, int]
    lapsed: dict[int, Claim] = field(default_factory=dict)
    first_due: datetime | None = None

    def has_ended(self, now: datetime) -> bool:
        """Whether some hold has run out by now, or some booking been missed."""
        return self.first_due is not None and self.first_due <= now


@dataclass
class Work:
    """How often a process read its calendar anew or caught up with changes, and for how long."""

    loads: int = 0
    catch_ups: int = 0
    seconds: float = 0.0


class CachedCalendar:
    """The ledger of one process, shared by its threads one after the other."""

    def __init__(self, policy: Policy, deadlines: Deadlines) -> None:
        self._policy = policy
        self._deadlines = deadlines
        self.work = Work()
        self._lock = threading.RLock()
        self._loaded: Loaded | None = None
        self._content: tuple[int, Content] | None = None

    @contextmanager
    def at(
        self, connection: Connection, now: datetime, organisation: str | None = None
    ) -> Iterator[Ledger]:
        """The ledger as the connection's transaction sees it now, with the organisation's use.

        The ledger is this caller's alone inside the block and must be left as it was. Raises
        NotFound("catalogue") before the first import.
        """
        with self._lock:
            ledger = self._refreshed(connection, now)
            if organisation is not None:
                inform(connection, ledger, organisation, now)
            yield ledger

    def _refreshed(self, connection: Connection, now: datetime) -> Ledger:
        begun = perf_counter()
        try:
            return self._up_to_date(connection, now)
        except BaseException:
            self.forget()  # it stopped half-way: the next caller reads anew
            raise
        finally:
            self.work.seconds += perf_counter() - begun

    def forget(self) -> None:
        """Drop what is in memory; the next caller reads the database anew."""
        with self._lock:
            self._loaded = None

    def content(self, connection: Connection) -> Content:
        """What the current catalogue holds. Raises NotFound("catalogue") before there is one."""
        with self._lock:
            return self._content_of(connection, catalogues.current_version(connection) or 0)

    def has_ended(self, now: datetime) -> bool:
        """Whether something ended by now that is not written down; asked inside `at`."""
        with self._lock:
            return self._loaded is None or self._loaded.has_ended(now)

    def revisions(self) -> dict[str, int]:
        """The pools' revisions at which the ledger in memory stands; asked inside `at`."""
        with self._lock:
            return dict(self._loaded.revisions) if self._loaded else {}

    # -- bringing it up to date --------------------------------------------------------------

    def _up_to_date(self, connection: Connection, now: datetime) -> Ledger:
        stamp = _stamp(connection, now)
        loaded = self._loaded
        if (
            loaded is None
            or _of_another_time(loaded.stamp, stamp)
            or self._has_revived(connection, loaded, now)
        ):
            loaded = self._load(connection, stamp, now)
        elif loaded.stamp != stamp:
            loaded = self._caught_up(connection, loaded, stamp, now)
        if loaded.has_ended(now):
            self._lapse(connection, loaded, now)
        self._loaded = loaded
        return loaded.ledger

    def _load(self, connection: Connection, stamp: Stamp, now: datetime) -> Loaded:
        self.work.loads += 1
        catalogue = self._content_of(connection, stamp.catalogue).catalogue
        # A day more than may be booked: clean-up reaches past the last booked grain.
        end = max(stamp.standing_until, stamp.base) + GRAINS_PER_DAY
        ledger = Ledger(catalogue, self._policy, stamp.base, end, stamp.standing_until)
        revisions, current = _standing_claims(connection, ledger, stamp)
        loaded = Loaded(stamp, ledger, revisions)
        for kept in current:
            if kept.stands_at(revisions.get(kept.claim.pool, -1)):
                _take(ledger, kept.claim, stamp)
        loaded.first_due = self._deadlines.first(connection, now)
        return loaded

    def _caught_up(
        self, connection: Connection, loaded: Loaded, stamp: Stamp, now: datetime
    ) -> Loaded:
        """The ledger with what changed; read anew where its past does not fit what pools hold now.

        A pool may hold less than stood in it when its claims began.
        """
        self.work.catch_ups += 1
        try:
            self._catch_up(connection, loaded, stamp)
        except (Stale, InvalidRequest):
            return self._load(connection, stamp, now)
        loaded.first_due = self._deadlines.first(connection, now)
        return loaded

    def _catch_up(self, connection: Connection, loaded: Loaded, stamp: Stamp) -> None:
        changed = {
            name: (loaded.revisions[name], revision)
            for name, revision in _revisions(connection, loaded.ledger).items()
            if revision != loaded.revisions[name]
        }
        _apply_changes(connection, loaded, changed)
        loaded.stamp = stamp

    def _lapse(self, connection: Connection, loaded: Loaded, now: datetime) -> None:
        """Give back what has ended and nobody has written down yet."""
        for kept, ended in self._deadlines.lapsed(connection, now):
            revision = loaded.revisions.get(kept.claim.pool, -1)
            if kept.stands_at(revision) and kept.id not in loaded.lapsed:
                loaded.ledger.give_back([ended])
                loaded.lapsed[kept.id] = ended
        # A hold confirmed meanwhile is none any more.
        loaded.first_due = self._deadlines.first(connection, now)

    def _has_revived(self, connection: Connection, loaded: Loaded, now: datetime) -> bool:
        """Whether what had ended here was confirmed or checked in after all, by a slower clock.

        That changes no claim, so no revision tells it.
        """
        if not loaded.lapsed:
            return False
        which = claims.c.id.in_(loaded.lapsed), self._deadlines.revived(now)
        query = select(claims.c.id).join(booking).where(*which)
        return connection.execute(query.limit(1)).first() is not None

    def _content_of(self, connection: Connection, version: int) -> Content:
        if not version:
            raise NotFound("catalogue")
        if self._content is None or self._content[0] != version:
            self._content = version, catalogues.load(connection, version)
        return self._content[1]


def _stamp(connection: Connection, now: datetime) -> Stamp:
    today = floor_grain(now) // GRAINS_PER_DAY * GRAINS_PER_DAY
    catalogue, until, revisions = connection.execute(_STAMP).one()
    base = today - KEPT_DAYS * GRAINS_PER_DAY
    return Stamp(catalogue or 0, until or base, base, int(revisions or 0))


def _of_another_time(old: Stamp, new: Stamp) -> bool:
    return (old.catalogue, old.standing_until, old.base) != (
        new.catalogue,
        new.standing_until,
        new.base,
    )


def _revisions(connection: Connection, ledger: Ledger) -> dict[str, int]:
    rows = connection.execute(_REVISIONS).all()  # at once: a row at a time costs three times more
    pools = ledger.pools
    return {name: revision for name, revision in rows if name in pools}


def _standing_claims(
    connection: Connection, ledger: Ledger, stamp: Stamp
) -> tuple[dict[str, int], list[KeptClaim]]:
    """The pools' revisions and the claims that stand at them.

    A write transaction of PostgreSQL sees what others commit between two statements, so it reads
    until no revision has grown meanwhile.
    """
    current = claims.c.released.is_(None) & (claims.c.end_grain > stamp.base)
    while True:
        revisions = _revisions(connection, ledger)
        rows = connection.execute(select(claims).where(current)).all()
        found = [kept_claim(row) for row in rows]
        if _revisions(connection, ledger) == revisions:
            return revisions, found


def _take(ledger: Ledger, claim: Claim, stamp: Stamp) -> None:
    try:
        ledger.take([claim])
    except Stale:
        # What is over may be more than the pool holds since its capacity was lowered.
        if claim.end > stamp.base + KEPT_DAYS * GRAINS_PER_DAY:
            raise


def _apply_changes(
    connection: Connection, loaded: Loaded, changed: dict[str, tuple[int, int]]
) -> None:
    """Bring the ledger's claims from one revision of each changed pool to another."""
    arriving: list[Claim] = []
    for row in _changes(connection, changed):
        kept = kept_claim(row)
        known, revision = changed[kept.claim.pool]
        if kept.stands_at(revision):
            arriving.append(kept.claim)
        elif kept.stands_at(known):
            loaded.ledger.give_back(_left(kept.claim, loaded.lapsed.pop(kept.id, None)))
    loaded.ledger.take(arriving)
    loaded.revisions |= {name: revision for name, (_, revision) in changed.items()}


def _left(claim: Claim, ended: Claim | None) -> list[Claim]:
    """What of a claim still stands after a part at its end was given back."""
    if ended is None:
        return [claim]
    return [replace(claim, end=ended.start)] if claim.start < ended.start else []


def _changes(
    connection: Connection, changed: dict[str, tuple[int, int]]
) -> Iterator[Row[tuple[Any, ...]]]:
    """The claims taken or released between two revisions of their pools; a few pools at once."""
    pools = list(changed.items())
    for first in range(0, len(pools), POOLS_AT_ONCE):
        some = pools[first : first + POOLS_AT_ONCE]
        span: dict[str, str | int] = {}
        for number, (name, (known, revision)) in enumerate(some):
            span |= {f"pool_{number}": name, f"known_{number}": known, f"now_{number}": revision}
        yield from connection.execute(_changes_of(len(some)), span)


# -- statements: built once, since building costs more than running them -----------------------

# Revisions only grow, so their sum tells whether any of them did.
_STAMP = select(
    select(func.max(catalogue_version.c.id)).scalar_subquery(),
    select(func.max(horizon.c.standing_until)).scalar_subquery(),
    select(func.sum(pool.c.revision)).scalar_subquery(),
)
_REVISIONS = select(pool.c.id, pool.c.revision)


@cache
def _changes_of(pools: int) -> Select[tuple[Any, ...]]:
    """The statement for so many pools; one statement for several saves the way to the database."""
    return select(claims).where(or_(*map(_changed, range(pools)))).order_by(claims.c.id)


def _changed(number: int) -> ColumnElement[bool]:
    since: ColumnElement[int] = bindparam(f"known_{number}", type_=Integer) + 1
    until: ColumnElement[int] = bindparam(f"now_{number}", type_=Integer)
    return and_(
        claims.c.pool == bindparam(f"pool_{number}"),
        or_(claims.c.taken.between(since, until), claims.c.released.between(since, until)),
    )
