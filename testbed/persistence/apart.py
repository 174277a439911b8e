"""Sharing wishes as they are kept, and where the organisations are that they name."""

from collections.abc import Collection, Iterable
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, and_, bindparam, or_, select

from testbed.domain.bookings import OCCUPYING
from testbed.domain.ledger import Ledger
from testbed.domain.requests import ClaimKind, Request
from testbed.domain.sharing import Use, parties, rivals
from testbed.persistence.due import Deadlines
from testbed.persistence.partners import TAKING_PART
from testbed.persistence.tables import booking as bookings
from testbed.persistence.tables import claim as claims
from testbed.persistence.together_tables import apart, partner


def keep_apart(
    connection: Connection,
    ledger: Ledger,
    requests: Iterable[Request],
    deadlines: Deadlines,
    now: datetime,
    *,
    leaving: str = "",
) -> None:
    """Let the ledger know who is apart from whom in these requests, and where those are now.

    `leaving` is the id of a booking that is not in the way: it may go to another organisation.
    """
    listed = list(requests)
    wishes = _wishes_about(connection, frozenset().union(*(parties(each) for each in listed)))
    named = frozenset().union(*(rivals(each, wishes) for each in listed))
    uses: list[Use] = []
    if named:
        stands = and_(_stands(deadlines, now), bookings.c.id != leaving)
        uses = _uses(connection, ledger, named, stands)
    ledger.keep_apart(wishes, uses)


def _wishes_about(
    connection: Connection, organisations: Collection[str]
) -> dict[str, frozenset[str]]:
    """The wishes of these organisations, and those of others about them."""
    wishes: dict[str, frozenset[str]] = {}
    for each in sorted(organisations):
        for organisation, rival in connection.execute(_WISHES, {"name": each}).all():
            wishes[organisation] = wishes.get(organisation, frozenset()) | {rival}
    return wishes


def _stands(deadlines: Deadlines, now: datetime) -> ColumnElement[bool]:
    """The bookings that stand at this moment, whatever is written."""
    return or_(*(deadlines.shows(state, now) for state in sorted(OCCUPYING)))


def _uses(
    connection: Connection,
    ledger: Ledger,
    organisations: Collection[str],
    stands: ColumnElement[bool],
) -> list[Use]:
    """What these organisations use, alone or as partners, of the bookings that stand."""
    told = (claims.c.pool, claims.c.start_grain, claims.c.end_grain)
    standing = and_(
        claims.c.released.is_(None),
        claims.c.kind == ClaimKind.USE.value,
        claims.c.end_grain > ledger.base,
        stands,
    )
    own = select(bookings.c.organisation, *told).join(claims, claims.c.booking == bookings.c.id)
    joint = (
        select(partner.c.organisation, *told)
        .select_from(partner)
        .join(bookings, bookings.c.id == partner.c.booking)
        .join(claims, claims.c.booking == bookings.c.id)
        .where(partner.c.state.in_(TAKING_PART), partner.c.organisation.in_(organisations))
    )
    rows = [
        *connection.execute(own.where(bookings.c.organisation.in_(organisations), standing)),
        *connection.execute(joint.where(standing)),
    ]
    return [Use(*row) for row in rows]


# Built once, of plain comparisons: it runs with every decision, mostly to find nothing.
_WISHES = select(apart.c.organisation, apart.c.rival).where(
    or_(apart.c.organisation == bindparam("name"), apart.c.rival == bindparam("name"))
)
