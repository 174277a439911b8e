"""What an approver weighs before answering: whom a yes displaces, and what speaks against it."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import Connection

from testbed.domain import waitlist
from testbed.domain.approvals import Approval, Party
from testbed.domain.bookings import Booking
from testbed.domain.grid import GRAINS_PER_HOUR
from testbed.domain.ledger import Ledger
from testbed.domain.parties import Member
from testbed.domain.requests import Reason
from testbed.domain.waitlist import Entry, Proposal
from testbed.persistence import parties, waiting
from testbed.persistence.use import inform, inform_of_all, weekly_use
from testbed.service import eligibility
from testbed.service.actors import require_operator
from testbed.service.context import Context
from testbed.service.leaving import without


class Conflict(StrEnum):
    """Why a party is not neutral: it applies itself, or waits for what the booking takes."""

    APPLIES = "applies"
    WAITS = "waits"


@dataclass(frozen=True, slots=True)
class Assessment:
    """What speaks for and against a pending booking.

    `displaced` is what could be offered at once to those who wait, were it rejected. `used` are the
    hours that its organisation has in the booking's week under the rule, this booking among them,
    and `most` what the rule permits (None where the catalogue no longer knows the rule). `missing`
    are papers that lack so far.
    """

    displaced: tuple[Proposal, ...]
    used: float
    most: int | None
    missing: tuple[Reason, ...]
    conflicts: tuple[tuple[Party, Conflict], ...]


def assess(
    ctx: Context, booking: Booking, asked: Collection[Approval], now: datetime, actor: Member
) -> Assessment:
    """What is known about a pending booking at this moment. Raises NotAllowed("operators_only")."""
    require_operator(actor)
    with ctx.database.reading() as connection, ctx.calendar.at(connection, now) as shared:
        displaced = _displaced(connection, shared, booking, now)
        used = weekly_use(connection, booking.organisation, now)
        rule = shared.catalogue.rules.get(booking.rule)
    ready = eligibility.of_booking(ctx, booking)
    return Assessment(
        displaced,
        used.get((booking.rule, booking.week), 0) / GRAINS_PER_HOUR,
        rule.max_hours_per_org_week if rule else None,
        ready.missing if ready else (),
        tuple(_conflicts(booking, asked, displaced)),
    )


def _displaced(
    connection: Connection, shared: Ledger, booking: Booking, now: datetime
) -> tuple[Proposal, ...]:
    """What those who wait would be offered on a copy of the calendar without the booking."""
    entries = waiting.waiting(connection, now)
    if not entries:
        return ()
    ledger = shared.copy()
    _inform_of_all(connection, ledger, entries, now)
    kin = parties.kin(connection)
    freed = frozenset(claim.pool for claim in booking.claims)
    found = []
    with without(ledger, booking):
        for proposal in waitlist.reconsider(entries, ledger, kin, now, freed):
            ledger.take(proposal.offer.claims)
            found.append(proposal)
        for proposal in found:
            ledger.give_back(proposal.offer.claims)
    return tuple(found)


def _inform_of_all(
    connection: Connection, ledger: Ledger, entries: Collection[Entry], now: datetime
) -> None:
    inform_of_all(connection, ledger, now)
    for name in sorted({entry.request.organisation for entry in entries}):
        inform(connection, ledger, name, now)


def _conflicts(
    booking: Booking, asked: Collection[Approval], displaced: Collection[Proposal]
) -> list[tuple[Party, Conflict]]:
    applying = {booking.organisation, *booking.request.partners}
    wanting = {each.entry.request.organisation for each in displaced}
    return [
        (each.party, conflict)
        for each in asked
        for conflict, organisations in ((Conflict.APPLIES, applying), (Conflict.WAITS, wanting))
        if each.organisation in organisations
    ]
