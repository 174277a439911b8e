"""Offering to those who wait what a write transaction has freed, inside that transaction."""

from dataclasses import replace
from typing import TYPE_CHECKING

from testbed.domain import bookings, waitlist
from testbed.domain.bookings import Booking
from testbed.domain.errors import NotFound
from testbed.domain.ledger import Ledger
from testbed.domain.requests import Granted, Request
from testbed.domain.waitlist import Entry, Kin, Passed, Proposal
from testbed.persistence import parties, store, waiting
from testbed.persistence.apart import keep_apart
from testbed.service.actors import SYSTEM, name_of
from testbed.service.locks import Locks

if TYPE_CHECKING:
    from testbed.service.write import Write


def answered(write: "Write", before: Booking, after: Booking) -> None:
    """Note on the waitlist what became of a booking that may have been offered to it."""
    entry = waiting.of_booking(write.connection, before.id)
    if entry is None or after.state is before.state:
        return
    what = _passed(write, before)
    answer = waitlist.after_offer(entry, after, what, write.ctx.policy)
    waiting.update(write.connection, entry, answer)
    write.note(f"waitlist.{answer.state.value}", entry.id, _about(entry))


def _passed(write: "Write", booking: Booking) -> Passed:
    main = booking.lines[0]
    catalogue = write.ctx.calendar.content(write.connection).catalogue
    try:
        return waitlist.passed_at(catalogue.resource(main.resource), main.start)
    except NotFound:  # no longer in the catalogue, so never offered again
        return Passed(main.resource, 0)


def offer_freed(write: "Write", freed: frozenset[str] | None) -> list[Booking]:
    """Hold what is free for those who wait, the first in rank first; the holds made.

    `freed` are the pools that have room now; None asks for all of them.
    """
    entries = waiting.waiting(write.connection, write.now)
    return _offer(write, entries, freed) if entries else []


def join(write: "Write", request: Request) -> None:
    """Put a request on the waitlist; a part of it that fits is offered at once, if that serves."""
    entry = Entry(request)
    waiting.add(write.connection, entry)
    if request.partial:
        _offer(write, [entry], None)


def _offer(write: "Write", entries: list[Entry], freed: frozenset[str] | None) -> list[Booking]:
    kin = parties.kin(write.connection)
    if not write.ctx.database.is_sqlite:
        write.lock(())  # what an earlier beginning asked for, before the calendar is read
        write.require(_needed(write, entries, kin, freed))
    ledger = _ledger(write, entries)
    proposals = waitlist.reconsider(entries, ledger, kin, write.now, freed)
    return [_hold(write, proposal) for proposal in proposals]


def _needed(write: "Write", entries: list[Entry], kin: Kin, freed: frozenset[str] | None) -> Locks:
    """What the offers will touch: found by making them on a copy."""
    trial = _ledger(write, entries).copy()
    organisations, pools = set[str](), set[str]()
    for proposal in waitlist.reconsider(entries, trial, kin, write.now, freed):
        trial.take(proposal.offer.claims)
        trial.appears(proposal.request, proposal.offer.claims)
        organisations.add(proposal.request.organisation)
        pools |= {claim.pool for claim in proposal.offer.claims}
    return Locks(frozenset(organisations), frozenset(pools))


def _ledger(write: "Write", entries: list[Entry]) -> Ledger:
    """The calendar with what the rules ask of everybody who waits."""
    requests = [entry.request for entry in entries]
    ledger = write.scratch.ledger_of_all(request.organisation for request in requests)
    keep_apart(write.connection, ledger, requests, write.ctx.deadlines, write.now)
    return ledger


def _hold(write: "Write", proposal: Proposal) -> Booking:
    entry, request, offer = proposal.entry, proposal.request, proposal.offer
    expires_at = waitlist.answer_by(proposal, write.ctx.policy, write.now)
    if request is not entry.request:
        request = replace(request, id=write.ctx.new_id())
        store.save_request(write.connection, request, Granted(offer), name_of(SYSTEM))
    booking = bookings.hold(write.ctx.new_id(), request, offer, expires_at)
    write.enter(booking, "booking.offered")
    write.scratch.used(booking)
    waiting.update(write.connection, entry, waitlist.offered(entry, booking.id))
    return booking


def _about(entry: Entry) -> dict[str, object]:
    return {"organisation": entry.request.organisation, "request": entry.id}
