"""Sharing wishes as they are kept, and where the organisations are that they name."""

from collections.abc import Collection, Iterable
from datetime import datetime

from sqlalchemy import Connection, and_, bindparam, or_, select

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
) -> None:
    """Let the ledger know who is apart from whom in these requests, and where those are now."""
    listed = list(requests)
    wishes = _wishes_about(connection, frozenset().union(*(parties(each) for each in listed)))
    named = frozenset().union(*(rivals(each, wishes) for each in listed))
    uses = _uses(connection, ledger, named, deadlines, now) if named else []
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


def _uses(
    connection: Connection,
    ledger: Ledger,
    organisations: Collection[str],
    deadlines: Deadlines,
    now: datetime,
) -> list[Use]:
    """What these organisations use, alone or as partners, as far as it stands at this moment."""
    stands = or_(*(deadlines.shows(state, now) for state in sorted(OCCUPYING)))
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
