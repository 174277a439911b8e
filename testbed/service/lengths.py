"""Making a booking shorter or longer where it stands."""

from datetime import datetime

from testbed.domain import bookings as domain
from testbed.domain import lengths
from testbed.domain.bookings import Booking
from testbed.domain.catalogue import RuleProfile
from testbed.domain.errors import InvalidRequest
from testbed.domain.grid import Slot
from testbed.domain.parties import Member
from testbed.domain.requests import Granted
from testbed.persistence import store
from testbed.persistence.store import KeptBooking
from testbed.service import asking
from testbed.service.actors import name_of
from testbed.service.bookings import Moved, as_of, locked, moved_before, to_change
from testbed.service.context import Context
from testbed.service.leaving import without
from testbed.service.terms import ANY, Terms, named, once
from testbed.service.write import Write, run


def shorten(
    ctx: Context, booking_id: str, slot: Slot, now: datetime, actor: Member, *, terms: Terms = ANY
) -> Booking:
    """Keep only this part of the booking's slot; the rest is free for others at once.

    Hours given up inside the rule's free-cancel limit go on counting where a late cancellation
    would. Raises NotFound, NotAllowed, HoldExpired, IllegalTransition("cannot_change_length"),
    InvalidRequest: "not_shorter", "length_not_offered", "cannot_shorten".
    """
    asked = {"shorten": booking_id, "start": slot.start, "end": slot.end}
    key = None if terms.key is None else named(actor, terms.key, asked)

    def work(write: Write) -> Booking:
        kept = locked(write, booking_id)
        return once(
            write,
            key,
            lambda: _shortened(write, to_change(kept, terms), slot),
            lambda _: {"shorten": booking_id},
            lambda _: as_of(ctx, kept.booking, now),
        )

    return run(ctx, now, actor, work)


def _shortened(write: Write, kept: KeptBooking, slot: Slot) -> Booking:
    booking = lengths.changeable(kept.booking, write.now)
    rule_of(write, booking)
    write.lock([claim.pool for claim in booking.claims])
    # Before anything changes: the calendar in memory must not learn what is not committed.
    with (
        write.ctx.calendar.at(write.connection, write.now) as ledger,
        without(ledger, booking),
    ):
        after, granted = lengths.shortened(booking, slot, ledger, write.now, write.ctx.new_id())
    write.release_ended()
    store.save_request(write.connection, after.request, granted, name_of(write.actor))
    return write.replace(kept, after, "booking.shortened")


def extend(
    ctx: Context, booking_id: str, end: int, now: datetime, actor: Member, *, terms: Terms = ANY
) -> Moved:
    """Keep the booking's places until the grain `end`, if they are free and the rules permit it.

    What the rules ask of the start is judged as of the request, since the start stays. Otherwise
    it stays as it was. Raises NotFound, NotAllowed, HoldExpired,
    IllegalTransition("cannot_change_length"), InvalidRequest: "not_longer", "length_not_offered".
    """
    asked = {"extend": booking_id, "end": end}
    key = None if terms.key is None else named(actor, terms.key, asked)

    def work(write: Write) -> Moved:
        kept = locked(write, booking_id)
        return once(
            write,
            key,
            lambda: _extended(write, to_change(kept, terms), end),
            lambda moved: {"request": moved.request_id},
            lambda stored: moved_before(write, stored, as_of(ctx, kept.booking, now)),
        )

    return run(ctx, now, actor, work)


def _extended(write: Write, kept: KeptBooking, end: int) -> Moved:
    leaving, rule = kept.booking, rule_of(write, kept.booking)
    request = lengths.longer(leaving, end, rule, write.now, write.ctx.new_id())
    decision = lengths.exactly(write.decide(request, leaving, moment=request.submitted_at))
    store.save_request(write.connection, request, decision, name_of(write.actor))
    if not isinstance(decision, Granted):
        return Moved(request.id, decision, leaving)
    longer = domain.placed(lengths.lengthened(leaving, request, end), decision.offer)
    extended = write.replace(kept, asking.moved(write, leaving, longer), "booking.extended")
    asking.ask_again(write, leaving, extended)
    return Moved(request.id, decision, extended)


def rule_of(write: Write, booking: Booking) -> RuleProfile:
    """The booking's rule profile. Raises InvalidRequest("rule_gone") where there is none now."""
    rule = write.ctx.calendar.content(write.connection).catalogue.rules.get(booking.rule)
    if rule is None:
        raise InvalidRequest("rule_gone", rule=booking.rule)
    return rule
