"""The calendar as one write transaction has made it so far, for whoever decides further in it."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import Connection

from testbed.domain.bookings import Booking
from testbed.domain.ledger import Ledger
from testbed.domain.requests import Claim
from testbed.persistence.use import inform, inform_of_all
from testbed.service.context import Context


class Scratch:
    """What others have committed, with this transaction's own changes on top; its alone.

    The calendar of the process never learns of it before it is committed. It is read when it is
    first asked for, through a transaction of its own: the pools changed here are locked by then.
    """

    def __init__(self, ctx: Context, connection: Connection, now: datetime) -> None:
        self._ctx = ctx
        self._connection = connection
        self._now = now
        self._changes: list[tuple[bool, tuple[Claim, ...]]] = []
        self._ledger: Ledger | None = None
        self._knows_everybody = False
        self.freed: set[str] = set()

    @property
    def is_needed(self) -> bool:
        """Whether this transaction has changed claims, so that others' calendars are not enough."""
        return bool(self._changes or self.freed)

    def took(self, claims: tuple[Claim, ...]) -> None:
        """Note claims that this transaction has taken."""
        self._note(True, claims)

    def gave_back(self, claims: tuple[Claim, ...], *, by_time: bool) -> None:
        """Note claims that it has released; every calendar knows already what ended `by_time`."""
        self.freed |= {claim.pool for claim in claims}
        if not by_time:
            self._note(False, claims)

    def used(self, booking: Booking) -> None:
        """Note the hours of a booking that this transaction has made for those who wait."""
        if self._ledger is not None:
            grains = booking.end - booking.start
            self._ledger.add_use(booking.organisation, booking.rule, booking.week, grains)
            self._ledger.add_ahead(booking.organisation, booking.start, grains)
            self._ledger.appears(booking.request, booking.claims)

    def _note(self, taken: bool, claims: tuple[Claim, ...]) -> None:
        self._changes.append((taken, claims))
        if self._ledger is not None:
            _apply(self._ledger, taken, claims)

    def ledger(self, organisation: str) -> Ledger:
        """The calendar, informed about an organisation as it stands in this transaction."""
        ledger = self._built()
        inform(self._connection, ledger, organisation, self._now)
        return ledger

    def ledger_of_all(self, organisations: Iterable[str]) -> Ledger:
        """The calendar with what everybody has used, informed about these organisations."""
        ledger = self._built()
        if not self._knows_everybody:
            inform_of_all(self._connection, ledger, self._now)
            self._knows_everybody = True
        for name in sorted(set(organisations)):
            inform(self._connection, ledger, name, self._now)
        return ledger

    def _built(self) -> Ledger:
        if self._ledger is None:
            database, calendar = self._ctx.database, self._ctx.calendar
            with database.reading() as other, calendar.at(other, self._now) as ledger:
                self._ledger = ledger.copy()
            for taken, claims in self._changes:
                _apply(self._ledger, taken, claims)
        return self._ledger


def _apply(ledger: Ledger, taken: bool, claims: tuple[Claim, ...]) -> None:
    if taken:
        ledger.take(claims)
    else:
        ledger.give_back(claims)
