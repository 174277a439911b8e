"""Joint bookings: who takes part, what each brings, and the answers of those invited.

The organisation that asked leads: its hours count, it pays, and it alone moves or cancels. Every
party answers for its own vehicles and papers.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection, select

from testbed.domain import bookings as domain
from testbed.domain import lengths, sharing
from testbed.domain.bookings import Booking, State
from testbed.domain.errors import IllegalTransition, InvalidRequest
from testbed.domain.grid import Slot
from testbed.domain.parties import Member
from testbed.domain.requests import Granted, Request
from testbed.persistence import partners as rows
from testbed.persistence import store
from testbed.persistence.parties import require_organisations
from testbed.persistence.store import KeptBooking
from testbed.persistence.tables import booking as bookings
from testbed.persistence.together_tables import partner as table
from testbed.service.actors import name_of
from testbed.service.bookings import Moved, as_of, locked, moved_before, take_step, to_change
from testbed.service.context import Context
from testbed.service.lengths import rule_of
from testbed.service.terms import ANY, Terms, named, once
from testbed.service.write import Write, run

MOST_PARTNERS = 5
LEADS = "leads"


@dataclass(frozen=True, slots=True)
class Party:
    """One organisation of a joint booking: "leads", "invited", "accepted", "declined" or "left"."""

    organisation: str
    state: str
    vehicles: int


def of_booking(ctx: Context, booking: Booking) -> tuple[Party, ...]:
    """Every party of a joint booking, the leading one first; none where it is nobody's but one's.

    For whoever sees the booking.
    """
    with ctx.database.reading() as connection:
        return _parties(connection, booking)


def _parties(connection: Connection, booking: Booking) -> tuple[Party, ...]:
    query = select(table).where(table.c.booking == booking.id).order_by(table.c.organisation)
    found = [Party(row.organisation, row.state, row.vehicles) for row in connection.execute(query)]
    if not found:
        return ()
    left = rows.vehicles_of(booking) - sum(each.vehicles for each in found)
    return (Party(booking.organisation, LEADS, max(0, left)), *found)


def waits(ctx: Context, booking: Booking) -> bool:
    """Whether a partner has not answered yet, so that the booking cannot be confirmed."""
    if not booking.request.partners:
        return False
    with ctx.database.reading() as connection:
        return bool(rows.unanswered(connection, booking))


def checked(connection: Connection, request: Request) -> None:
    """Refuse partners that make no joint booking.

    Raises InvalidRequest: "partner_twice", "too_many_partners"; NotFound("organisation").
    """
    partners = request.partners
    if len({request.organisation, *partners}) != len(partners) + 1:
        raise InvalidRequest("partner_twice")
    if len(partners) > MOST_PARTNERS:
        raise InvalidRequest("too_many_partners", most=MOST_PARTNERS)
    require_organisations(connection, (*partners, *request.apart))


def accept(
    ctx: Context, booking_id: str, now: datetime, actor: Member, *, terms: Terms = ANY
) -> Booking:
    """Take part: the actor's organisation answers for its share of the vehicles from now on.

    Raises NotFound("booking"), HoldExpired, IllegalTransition("not_invited").
    """
    return _step(ctx, (booking_id, "accepted"), now, actor, terms)


def decline(
    ctx: Context, booking_id: str, now: datetime, actor: Member, *, terms: Terms = ANY
) -> Booking:
    """Say no to an invitation; the booking may be confirmed without.

    Raises NotFound("booking"), HoldExpired, IllegalTransition("not_invited").
    """
    return _step(ctx, (booking_id, "declined"), now, actor, terms)


def leave(
    ctx: Context, booking_id: str, now: datetime, actor: Member, *, terms: Terms = ANY
) -> Booking:
    """Take part no longer; the vehicles fall to the leading organisation.

    While the booking could be cancelled without consequence. Raises NotFound("booking"),
    IllegalTransition: "not_invited", "too_late_to_leave".
    """
    return _step(ctx, (booking_id, "left"), now, actor, terms)


# From which state of a party each answer leads on.
_BEFORE = {"accepted": "invited", "declined": "invited", "left": "accepted"}


def _step(
    ctx: Context, what: tuple[str, str], now: datetime, actor: Member, terms: Terms
) -> Booking:
    booking_id, to = what

    def answered(write: Write, kept: KeptBooking) -> Booking:
        _require_open(kept.booking, now)
        _require_state(write, kept.booking, to)
        if to == "left" and domain.is_late_cancel(kept.booking, rule_of(write, kept.booking), now):
            raise IllegalTransition("too_late_to_leave", booking=booking_id)
        rows.answer(write.connection, booking_id, actor.organisation, to, now)
        after = kept.booking if to == "accepted" else _without(kept.booking, actor.organisation)
        return write.change(kept, after, f"booking.partner_{to}")

    return take_step(
        ctx,
        booking_id,
        now,
        actor,
        terms=terms,
        name=f"partner {to}",
        change=answered,
        by_partners=True,
    )


def _require_open(booking: Booking, now: datetime) -> None:
    """Refuse answers once the booking has begun or ended. Raises IllegalTransition, HoldExpired."""
    domain.movable(booking, now)


def _require_state(write: Write, booking: Booking, to: str) -> None:
    own = write.actor.organisation
    found = {each.organisation: each.state for each in _parties(write.connection, booking)}
    if found.get(own) != _BEFORE[to]:
        raise IllegalTransition("not_invited", booking=booking.id, state=found.get(own, ""))


def _without(booking: Booking, organisation: str) -> Booking:
    left = tuple(each for each in booking.request.partners if each != organisation)
    return replace(booking, request=replace(booking.request, partners=left))


def invite(
    ctx: Context,
    booking_id: str,
    organisation: str,
    now: datetime,
    actor: Member,
    *,
    terms: Terms = ANY,
) -> Moved:
    """Invite one more organisation to a hold, and keep it until that one may have answered.

    Decided anew at the same place, since a partner's sharing wishes hold as well; it stays as it
    was where that is refused. Raises NotFound: "booking", "organisation"; NotAllowed, HoldExpired,
    IllegalTransition("only_holds_invite"), InvalidRequest: "partner_twice", "too_many_partners".
    """
    asked = {"invite": booking_id, "organisation": organisation}
    key = None if terms.key is None else named(actor, terms.key, asked)

    def work(write: Write) -> Moved:
        kept = locked(write, booking_id)
        return once(
            write,
            key,
            lambda: _invited(write, to_change(kept, terms), organisation),
            lambda moved: {"request": moved.request_id},
            lambda stored: moved_before(write, stored, as_of(ctx, kept.booking, now)),
        )

    return run(ctx, now, actor, work)


def _invited(write: Write, kept: KeptBooking, organisation: str) -> Moved:
    leaving = domain.movable(kept.booking, write.now)
    if leaving.state is not State.HELD:
        raise IllegalTransition("only_holds_invite", booking=leaving.id, state=leaving.state)
    slot = Slot(leaving.start, leaving.end)
    request = lengths.at_length(leaving, slot, write.ctx.new_id())
    joined = tuple(sorted((*leaving.request.partners, organisation)))
    # What an operator set aside was looked at without this partner.
    request = replace(request, partners=joined, wait=leaving.request.wait, override=())
    checked(write.connection, request)
    decision = lengths.exactly(write.decide(request, leaving, moment=request.submitted_at))
    store.save_request(write.connection, request, decision, name_of(write.actor))
    if not isinstance(decision, Granted):
        return Moved(request.id, decision, leaving)
    minutes = write.ctx.policy.hold_minutes
    until = sharing.kept_on(leaving, sharing.kept_until(request, minutes, leaving.start, write.now))
    joint = domain.placed(replace(leaving, request=request, expires_at=until), decision.offer)
    rows.invite_one(write.connection, joint, organisation)
    return Moved(request.id, decision, write.replace(kept, joint, "booking.partner_invited"))


def invitations(ctx: Context, now: datetime, actor: Member) -> tuple[Booking, ...]:
    """The joint bookings to which the actor's organisation is invited and has not answered."""
    mine = (table.c.organisation == actor.organisation) & (table.c.state == "invited")
    waiting = select(table.c.booking).where(mine)
    with ctx.database.reading() as connection:
        found = store.find_bookings(connection, bookings.c.id.in_(waiting))
    shown = (as_of(ctx, each.booking, now) for each in found)
    return tuple(each for each in shown if each.state is State.HELD)


def share(
    ctx: Context,
    booking_id: str,
    vehicles: Mapping[str, int],
    now: datetime,
    actor: Member,
    *,
    terms: Terms = ANY,
) -> Booking:
    """Share the vehicles out anew among the partners; the rest are the leading organisation's.

    Raises NotFound("booking"), NotAllowed, IllegalTransition, InvalidRequest: "no_partner",
    "too_many_shared".
    """

    def shared(write: Write, kept: KeptBooking) -> Booking:
        _require_open(kept.booking, now)
        _require_shares(kept.booking, vehicles)
        rows.share(write.connection, booking_id, vehicles)
        return write.change(kept, kept.booking, "booking.shared_out")

    return take_step(
        ctx, booking_id, now, actor, terms=terms, name=f"share {dict(vehicles)}", change=shared
    )


def _require_shares(booking: Booking, vehicles: Mapping[str, int]) -> None:
    for each in vehicles:
        if each not in booking.request.partners:
            raise InvalidRequest("no_partner", organisation=each)
    most = rows.vehicles_of(booking)
    if min(vehicles.values(), default=0) < 0 or sum(vehicles.values()) > most:
        raise InvalidRequest("too_many_shared", most=most)
