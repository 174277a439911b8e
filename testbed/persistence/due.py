"""What time has ended and perhaps nobody has written down yet: holds, and bookings nobody came for.

A hold ends at its `expires_at` and a missed booking at the end of its grace, whenever a job or a
write gets round to them: whatever reads the calendar asks here what no longer stands.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import (
    ColumnElement,
    Connection,
    and_,
    bindparam,
    false,
    func,
    literal_column,
    not_,
    or_,
    select,
)

from testbed.domain.bookings import State, grace_end
from testbed.domain.grid import grain_of
from testbed.domain.requests import Claim
from testbed.persistence import store
from testbed.persistence.claims import KeptClaim, kept_claim
from testbed.persistence.run_out import (
    HELD,
    PENDING,
    confirmed_by_silence,
    hold_over,
    ran_out,
    rejected_by_silence,
)
from testbed.persistence.store import KeptBooking
from testbed.persistence.tables import booking
from testbed.persistence.tables import claim as claims

# Claims reach past the longest booking by set-up, clean-up and the offsets of other lines.
MARGIN = timedelta(days=2)

# Literal, so that the partial indexes serve.
_CONFIRMED = booking.c.state == literal_column("'confirmed'")
# Built once: it runs with every change of the calendar.
_FIRST = select(
    select(func.min(booking.c.expires_at)).where(HELD).scalar_subquery(),
    select(func.min(booking.c.expires_at)).where(PENDING).scalar_subquery(),
    select(func.min(booking.c.start_at)).where(HELD).scalar_subquery(),
    select(func.min(booking.c.start_at)).where(PENDING).scalar_subquery(),
    select(func.min(booking.c.start_at))
    .where(_CONFIRMED, booking.c.start_at > bindparam("near"))
    .scalar_subquery(),
)


@dataclass(frozen=True, slots=True)
class Deadlines:
    """When bookings end by time; without `grace_minutes` nobody is ever missed."""

    grace_minutes: int | None
    longest_hours: int

    def shows(self, state: State, now: datetime) -> ColumnElement[bool]:
        """The bookings that show this state at this moment, whatever is written."""
        missed, granted = self._missed(now), confirmed_by_silence(now)
        written = booking.c.state == state.value
        return {
            State.HELD: and_(written, not_(hold_over(now))),
            State.PENDING: and_(written, not_(rejected_by_silence(now) | granted)),
            State.CONFIRMED: and_(written | granted, not_(missed)),
            State.EXPIRED: written | hold_over(now),
            State.REJECTED: written | rejected_by_silence(now),
            State.NO_SHOW: written | missed,
        }.get(state, written)

    def shown(
        self, state: str, start_at: datetime, expires_at: datetime | None, now: datetime
    ) -> str:
        """The state that a booking kept in `state` shows at this moment, if it has not run out."""
        if state == State.PENDING and expires_at is not None and expires_at <= now:
            state = State.CONFIRMED.value
        missed = state == State.CONFIRMED and self.grace_minutes is not None
        return State.NO_SHOW.value if missed and self._end(start_at) <= now else state

    def first(self, connection: Connection, now: datetime) -> datetime | None:
        """The earliest moment at which something ends, or has ended and is not written down.

        A hold or a pending booking may be confirmed without a sign in the calendar, so its grace
        counts as well.
        """
        near = {"near": self._near_since(now)}
        hold, approval, *starts = connection.execute(_FIRST, near).one()
        ends = [] if self.grace_minutes is None else [self._end(each) for each in starts if each]
        return min(filter(None, [hold, approval, *ends]), default=None)

    def lapsed(self, connection: Connection, now: datetime) -> Iterator[tuple[KeptClaim, Claim]]:
        """The kept claims of what has ended, each with the part that stands no more."""
        query = select(claims, booking.c.start_at, booking.c.state).join(booking)
        current = claims.c.released.is_(None)
        for row in connection.execute(query.where(ran_out(now), current)):
            kept = kept_claim(row)
            yield kept, kept.claim
        for row in connection.execute(query.where(self._stands_in_the_way(now), current)):
            kept, end = kept_claim(row), grace_end(grain_of(row.start_at), self.grace_minutes or 0)
            if kept.claim.end > end:
                yield kept, replace(kept.claim, start=max(kept.claim.start, end))

    def revived(self, now: datetime) -> ColumnElement[bool]:
        """Bookings that cannot have lapsed: somebody whose clock was behind took them further."""
        ended = booking.c.state.in_(("held", "expired", "rejected", "no_show"))
        return not_(ended | ran_out(now) | self._missed(now))

    def missed(self, connection: Connection, now: datetime) -> list[KeptBooking]:
        """The bookings that nobody came for, of those whose claims may still be in the way."""
        return store.find_bookings(connection, self._stands_in_the_way(now))

    def all_missed(self, connection: Connection, now: datetime) -> list[str]:
        """The ids of all bookings that nobody came for and that still show as confirmed."""
        query = select(booking.c.id).where(self._missed(now))
        return list(connection.execute(query.order_by(booking.c.start_at, booking.c.id)).scalars())

    def _missed(self, now: datetime) -> ColumnElement[bool]:
        if self.grace_minutes is None:
            return false()
        stands = or_(_CONFIRMED, confirmed_by_silence(now))
        return and_(stands, booking.c.start_at <= now - timedelta(minutes=self.grace_minutes))

    def _stands_in_the_way(self, now: datetime) -> ColumnElement[bool]:
        return and_(self._missed(now), self._near(now))

    def _near(self, now: datetime) -> ColumnElement[bool]:
        """Began so lately that it may not be over; keeps years of unswept bookings out."""
        return booking.c.start_at > self._near_since(now)

    def _near_since(self, now: datetime) -> datetime:
        return now - timedelta(hours=self.longest_hours) - MARGIN

    def _end(self, start: datetime) -> datetime:
        return start + timedelta(minutes=self.grace_minutes or 0)
