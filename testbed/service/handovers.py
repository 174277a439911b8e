"""Handing a booking over to another organisation: offered to one, taken over by a member of it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import or_
from sqlalchemy import true as anything

from testbed.domain import bookings as domain
from testbed.domain import sharing
from testbed.domain.bookings import Booking
from testbed.domain.errors import IllegalTransition, NotFound
from testbed.domain.lengths import exactly
from testbed.domain.parties import Member
from testbed.domain.requests import Decision, Granted
from testbed.domain.sharing import Handover
from testbed.persistence import convert, handovers, store
from testbed.persistence.parties import require_organisations
from testbed.persistence.together_tables import handover as table
from testbed.service import asking
from testbed.service.actors import acts_for_all, name_of, require_books
from testbed.service.bookings import as_of, locked, to_change
from testbed.service.context import Context
from testbed.service.listings import Mark, Page
from testbed.service.terms import ANY, Terms, named, once
from testbed.service.write import Write, run

Side = Callable[[Handover], str]


@dataclass(frozen=True, slots=True)
class TakenOver:
    """The answer to who takes a booking over: the decision, and the hand-over as it stands."""

    handover: Handover
    request_id: str
    decision: Decision


def _giver(each: Handover) -> str:
    return each.giver


def _receiver(each: Handover) -> str:
    return each.receiver


# -- the giver -------------------------------------------------------------------------------


def offer(
    ctx: Context,
    booking_id: str,
    receiver: str,
    now: datetime,
    actor: Member,
    *,
    terms: Terms = ANY,
) -> Handover:
    """Offer a booking to one other organisation; it stays the giver's until it is taken over.

    Raises NotFound: "booking", "organisation"; NotAllowed, InvalidRequest("already_yours"), and
    IllegalTransition: "cannot_hand_over", "joint_stays", "handed_over_already".
    """
    asked = {"hand over": booking_id, "to": receiver}
    key = None if terms.key is None else named(actor, terms.key, asked)

    def work(write: Write) -> Handover:
        kept = locked(write, booking_id)
        return once(
            write,
            key,
            lambda: _offered(write, to_change(kept, terms).booking, receiver),
            lambda made: {"handover": made.id},
            lambda stored: handovers.find(write.connection, stored["handover"]).as_of(now),
        )

    return run(ctx, now, actor, work)


def _offered(write: Write, booking: Booking, receiver: str) -> Handover:
    sharing.offerable(as_of(write.ctx, booking, write.now), write.now)
    sharing.handed(booking, receiver, "")
    require_organisations(write.connection, [receiver])
    _make_way(write, booking.id)
    made = Handover(
        id=write.ctx.new_id(),
        booking=booking.id,
        giver=booking.organisation,
        receiver=receiver,
        resource=booking.lines[0].resource,
        start=booking.start,
        end=booking.end,
        offered_at=write.now.replace(microsecond=0),  # as the address of a next page tells it
        expires_at=sharing.answered_until(booking, write.now),
        state="offered",
    )
    handovers.add(write.connection, made, name_of(write.actor))
    _note(write, "handover.offered", made)
    return made


def _make_way(write: Write, booking_id: str) -> None:
    """Close an offer that ran out; a second one beside one that is open is refused."""
    before = handovers.open_of(write.connection, booking_id)
    if before is None:
        return
    if before.as_of(write.now).state == "offered":
        raise IllegalTransition("handed_over_already", booking=booking_id)
    handovers.answer(write.connection, before, "withdrawn", write.now, name_of(write.actor))


def withdraw(
    ctx: Context, handover_id: str, now: datetime, actor: Member, *, terms: Terms = ANY
) -> Handover:
    """Take an offer back. Raises NotFound("handover"), IllegalTransition("handover_closed")."""
    return _answered(ctx, (handover_id, _giver, "withdrawn"), now, actor, terms)


# -- the receiver ----------------------------------------------------------------------------


def decline(
    ctx: Context, handover_id: str, now: datetime, actor: Member, *, terms: Terms = ANY
) -> Handover:
    """Say no to an offer. Raises NotFound("handover"), IllegalTransition("handover_closed")."""
    return _answered(ctx, (handover_id, _receiver, "declined"), now, actor, terms)


def accept(
    ctx: Context, handover_id: str, now: datetime, actor: Member, *, terms: Terms = ANY
) -> TakenOver:
    """Take the booking over, if the rules permit it to the receiver at exactly that place.

    The lead counts from the giver's request; everything else is judged as of now. Where a rule
    says no, the booking stays the giver's and the offer open; where one asks for approvals, they
    are asked for anew. Raises NotFound("handover"), and
    IllegalTransition: "handover_closed", "cannot_hand_over", "joint_stays".
    """
    asked = {"take over": handover_id}
    key = None if terms.key is None else named(actor, terms.key, asked)

    def work(write: Write) -> TakenOver:
        found = _of(write, handover_id, _receiver)
        write.lock_organisation(found.giver, found.receiver)
        return once(
            write,
            key,
            lambda: _accepted(write, handover_id),
            lambda taken: {"request": taken.request_id},
            lambda stored: _accepted_before(write, handover_id, stored),
        )

    return run(ctx, now, actor, work)


def _accepted(write: Write, handover_id: str) -> TakenOver:
    found = handovers.find(write.connection, handover_id).open_at(write.now)
    kept = store.find_booking(write.connection, found.booking)
    booking = sharing.offerable(as_of(write.ctx, kept.booking, write.now), write.now)
    if (booking.lines[0].resource, booking.start, booking.end) != found.place:
        raise IllegalTransition("handover_closed", handover=found.id, state="over")
    request = sharing.handed(booking, found.receiver, write.ctx.new_id())
    # The rules about the start were kept by the giver's request; the receiver's own are asked now.
    decision = exactly(write.decide(request, booking, moment=request.submitted_at))
    store.save_request(write.connection, request, decision, name_of(write.actor))
    if isinstance(decision, Granted):
        placed = domain.placed(sharing.taken_over(booking, request), decision.offer)
        # What the parties approved was the giver's test: they are asked about the receiver's.
        mine = write.replace(kept, asking.moved(write, booking, placed), "booking.handed_over")
        asking.ask_again(write, booking, mine)
        handovers.leave_behind(write.connection, booking.id)
        handovers.answer(write.connection, found, "accepted", write.now, name_of(write.actor))
        _note(write, "handover.accepted", found)
    after = handovers.find(write.connection, handover_id).as_of(write.now)
    return TakenOver(after, request.id, decision)


def _accepted_before(write: Write, handover_id: str, stored: convert.Json) -> TakenOver:
    _, decision = store.decided(write.connection, stored["request"])
    found = handovers.find(write.connection, handover_id).as_of(write.now)
    return TakenOver(found, stored["request"], decision)


# -- both ------------------------------------------------------------------------------------


def _answered(
    ctx: Context, what: tuple[str, Side, str], now: datetime, actor: Member, terms: Terms
) -> Handover:
    """An offer closed by one side of it."""
    handover_id, side, state = what
    asked = {state: handover_id}
    key = None if terms.key is None else named(actor, terms.key, asked)

    def work(write: Write) -> Handover:
        write.lock_organisation(_of(write, handover_id, side).giver)
        found = handovers.find(write.connection, handover_id)
        return once(
            write,
            key,
            lambda: _close(write, found.open_at(now), state),
            lambda _: asked,
            lambda _: found.as_of(now),
        )

    return run(ctx, now, actor, work)


def _close(write: Write, found: Handover, state: str) -> Handover:
    handovers.answer(write.connection, found, state, write.now, name_of(write.actor))
    _note(write, f"handover.{state}", found)
    return handovers.find(write.connection, found.id)


def _of(write: Write, handover_id: str, side: Side) -> Handover:
    """The hand-over, if the actor acts for that side of it. Raises NotFound("handover")."""
    found = handovers.find(write.connection, handover_id)
    if not acts_for_all(write.actor) and write.actor.organisation != side(found):
        raise NotFound("handover", id=handover_id)
    require_books(write.actor)
    return found


def _note(write: Write, action: str, made: Handover) -> None:
    """The note of a step: told to the receiver where it is offered, else to the giver."""
    to_receiver = action in ("handover.offered", "handover.withdrawn")
    about = {
        "organisation": made.receiver if to_receiver else made.giver,
        "booking": made.booking,
        "from": made.giver,
        "to": made.receiver,
        "start": made.start,
        "end": made.end,
        "until": made.expires_at.isoformat(),
    }
    write.note(action, made.id, about)


def one(ctx: Context, handover_id: str, now: datetime, actor: Member) -> Handover:
    """A hand-over, for both sides. Raises NotFound("handover")."""
    with ctx.database.reading() as connection:
        found = handovers.find(connection, handover_id).as_of(now)
    if not acts_for_all(actor) and actor.organisation not in (found.giver, found.receiver):
        raise NotFound("handover", id=handover_id)
    return found


def of_booking(ctx: Context, booking_id: str, now: datetime) -> Handover | None:
    """The open offer of a booking, for whoever sees the booking."""
    with ctx.database.reading() as connection:
        found = handovers.open_of(connection, booking_id)
    return found if found and found.as_of(now).state == "offered" else None


def offered_to(ctx: Context, now: datetime, actor: Member) -> tuple[Handover, ...]:
    """What waits for the answer of the actor's organisation."""
    mine = (table.c.receiver == actor.organisation) & (table.c.state == "offered")
    with ctx.database.reading() as connection:
        found = handovers.listed(connection, mine & (table.c.expires_at > now))
    return tuple(found)


def listing(
    ctx: Context, now: datetime, actor: Member, *, after: Mark | None = None, limit: int = 50
) -> Page[Handover]:
    """A page of what the actor's organisation gave or was offered, the newest first."""
    own = actor.organisation
    mine = or_(table.c.giver == own, table.c.receiver == own)
    where = anything() if acts_for_all(actor) else mine
    if after is not None:
        beside = (table.c.offered_at == after.at) & (table.c.id < after.id)
        where &= or_(table.c.offered_at < after.at, beside)
    with ctx.database.reading() as connection:
        found = handovers.listed(connection, where, limit + 1)
    items = tuple(each.as_of(now) for each in found[:limit])
    more = len(found) > limit
    return Page(items, Mark(items[-1].offered_at, items[-1].id) if more else None)
