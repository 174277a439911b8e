"""Asking the parties whose approval a booking needs, inside the transaction that needs it."""

from collections.abc import Collection
from dataclasses import replace

from testbed.domain import approvals, bookings
from testbed.domain.approvals import Approval
from testbed.domain.bookings import Booking, State
from testbed.domain.catalogue import RuleProfile
from testbed.persistence import approving, convert
from testbed.persistence.store import KeptBooking
from testbed.service.write import Write

PENDING = "booking.pending"
ASKED = "approval.asked"


def confirmed(write: Write, booking: Booking) -> Booking:
    """The held booking, confirmed, or pending where its rule asks for approvals.

    Raises HoldExpired, IllegalTransition.
    """
    bookings.require_held(booking, write.now)
    rule = _asking_rule(write, booking)
    return bookings.confirm(booking, write.now) if rule is None else _asked(write, booking, rule)


def change(write: Write, kept: KeptBooking, after: Booking) -> Booking:
    """Keep a confirmation; where it is pending, with the questions to its parties."""
    if after.state is not State.PENDING:
        return write.change(kept, after, "booking.confirmed")
    changed = write.change(kept, after, PENDING)
    _ask(write, changed)
    return changed


def moved(write: Write, before: Booking, after: Booking) -> Booking:
    """The booking that has moved, in the state that its new place asks for.

    A hold stays one: the parties are asked when it is confirmed. Who is there already stays, too.
    """
    is_theirs = after.state in (State.PENDING, State.CONFIRMED)
    if not is_theirs or not approvals.has_to_ask_again(before, after):
        return after
    rule = _asking_rule(write, after)
    if rule is not None:
        return _asked(write, replace(after, expires_at=None), rule)
    return bookings.step(after, State.CONFIRMED) if after.state is State.PENDING else after


def ask_again(write: Write, before: Booking, after: Booking) -> None:
    """Ask the parties about a booking that has moved, as far as that concerns them."""
    if after.state is State.PENDING and approvals.has_to_ask_again(before, after):
        _ask(write, after)


def _asked(write: Write, booking: Booking, rule: RuleProfile) -> Booking:
    return approvals.asked(booking, rule, write.ctx.policy.min_notice_hours, write.now)


def _ask(write: Write, booking: Booking) -> None:
    """Put the question to each party of the booking's rule, in a new round."""
    catalogue = write.ctx.calendar.content(write.connection).catalogue
    site = catalogue.sites[catalogue.resource(booking.lines[0].resource).site]
    known = approving.known_organisations(write.connection)
    parties = approvals.organisations_of(catalogue.rules[booking.rule], site, known)
    number = approving.last_round(write.connection, booking.id) + 1
    asked = approvals.questions(booking, parties, number, write.now)
    approving.add(write.connection, asked)
    write.note(ASKED, booking.id, about(booking, asked))


def _asking_rule(write: Write, booking: Booking) -> RuleProfile | None:
    """The rule that governs the booking, None where it asks nobody."""
    rules = write.ctx.calendar.content(write.connection).catalogue.rules
    rule = rules.get(booking.rule)
    return rule if rule is not None and rule.approvals else None


def about(booking: Booking, asked: Collection[Approval]) -> convert.Json:
    """What a note of approvals says of its booking and of the parties it is about."""
    return {
        "organisation": booking.organisation,
        "request": booking.request.id,
        "start": booking.start,
        "end": booking.end,
        "lines": [convert.line_to_json(line) for line in booking.lines],
        "parties": [each.party.value for each in asked],
        "deadline": max(each.deadline for each in asked).isoformat(),
    }
