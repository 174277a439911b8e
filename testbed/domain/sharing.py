"""Who takes part in a booking, who is kept apart from whom, and to whom a booking may go."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from testbed.domain.bookings import Booking, State
from testbed.domain.errors import IllegalTransition, InvalidRequest
from testbed.domain.grid import GRAIN_MINUTES, moment_of
from testbed.domain.requests import Claim, ClaimKind, Request, Way

# An organisation to whom a booking is offered may sleep over it; the holder is not kept for long.
HANDOVER_HOURS = 48
# Partners answer within a day; a plain hold would be over before they have read of it.
JOINT_HOLD_HOURS = 24

Wishes = Mapping[str, Collection[str]]


# -- kept apart ------------------------------------------------------------------------------


def parties(request: Request) -> frozenset[str]:
    """Everybody who takes part: the organisation that asks, and its partners."""
    return frozenset({request.organisation, *request.partners})


def rivals(request: Request, wishes: Wishes) -> frozenset[str]:
    """The organisations beside whom the request may share nothing.

    `wishes` name for each organisation those that it wants to be kept apart from: what either of
    two wishes holds for both, and neither hears whose wish it is.
    """
    own = parties(request)
    named = {*request.apart}
    for organisation, unwanted in wishes.items():
        if organisation in own:
            named.update(unwanted)
        elif not own.isdisjoint(unwanted):
            named.add(organisation)
    return frozenset(named) - own


@dataclass(frozen=True, slots=True)
class Use:
    """Where an organisation is: it uses the pool over [start, end) in grains."""

    organisation: str
    pool: str
    start: int
    end: int


def uses_of(request: Request, claims: Iterable[Claim]) -> Iterator[Use]:
    """Where everybody is who takes part; a block keeps others away and shares nothing."""
    used = [claim for claim in claims if claim.kind is ClaimKind.USE]
    for organisation in sorted(parties(request)):
        for claim in used:
            yield Use(organisation, claim.pool, claim.start, claim.end)


# -- joint bookings --------------------------------------------------------------------------


def kept_until(request: Request, hold_minutes: int, start: int, now: datetime) -> datetime:
    """Until when a hold is kept: longer where partners have to answer, never past its start."""
    plain = now + timedelta(minutes=hold_minutes)
    if not request.partners:
        return plain
    return max(plain, min(now + timedelta(hours=JOINT_HOLD_HOURS), moment_of(start)))


def own_share(request: Request, vehicles: int) -> int:
    """The vehicles for which the organisation that asks shows papers; partners show their own."""
    return shares(vehicles, (request.organisation, *request.partners))[request.organisation]


def kept_on(hold: Booking, until: datetime) -> datetime:
    """Until when a hold is kept that invites once more: two days after its request at the most.

    Otherwise a place could be kept for ever, by inviting whoever declines. Never earlier than it
    was kept before.
    """
    latest = hold.request.submitted_at + timedelta(hours=2 * JOINT_HOLD_HOURS)
    return max(hold.expires_at or until, min(until, latest))


def shares(vehicles: int, organisations: Collection[str]) -> dict[str, int]:
    """The vehicles shared out evenly in the order given, the first taking what is left over."""
    listed = list(organisations)
    each, over = divmod(vehicles, len(listed))
    return {name: each + (number < over) for number, name in enumerate(listed)}


# -- hand-over -------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Handover:
    """A booking offered by `giver` to `receiver`: what stands where, and what became of it.

    Kept as "offered", "accepted", "declined" or "withdrawn"; once its deadline has passed without
    an answer it shows as "over".
    """

    id: str
    booking: str
    giver: str
    receiver: str
    resource: str
    start: int
    end: int
    offered_at: datetime
    expires_at: datetime
    state: str

    @property
    def place(self) -> tuple[str, int, int]:
        """Where and when the booking stood when it was offered."""
        return self.resource, self.start, self.end

    def as_of(self, now: datetime) -> "Handover":
        """The hand-over as it is at this moment, whatever is written."""
        over = self.state == "offered" and now >= self.expires_at
        return replace(self, state="over") if over else self

    def open_at(self, now: datetime) -> "Handover":
        """The hand-over, if it may be answered. Raises IllegalTransition("handover_closed")."""
        shown = self.as_of(now)
        if shown.state != "offered":
            raise IllegalTransition("handover_closed", handover=self.id, state=shown.state)
        return self


def offerable(booking: Booking, now: datetime) -> Booking:
    """The booking, if it may go to another organisation: confirmed, not begun, nobody's but one's.

    One that was shortened late stays: the hours that it forfeited are its organisation's to count.

    Raises IllegalTransition: "cannot_hand_over", "joint_stays".
    """
    begun = now >= moment_of(booking.start)
    if booking.state is not State.CONFIRMED or begun or booking.forfeited:
        raise IllegalTransition("cannot_hand_over", booking=booking.id, state=booking.state)
    if booking.request.partners:
        raise IllegalTransition("joint_stays", booking=booking.id)
    return booking


def answered_until(booking: Booking, now: datetime) -> datetime:
    """Until when an offered booking may be taken over."""
    return min(now + timedelta(hours=HANDOVER_HOURS), moment_of(booking.start))


def handed(booking: Booking, receiver: str, request_id: str) -> Request:
    """What the receiver asks for when it takes the booking over: exactly what the giver had.

    The lead counts from the giver's request. What was the giver's alone does not go with it: its
    series, its wishes for others, and rules that an operator set aside for it.
    """
    if receiver == booking.organisation:
        raise InvalidRequest("already_yours", booking=booking.id)
    main = replace(booking.request.needs[0], duration=None)
    return replace(
        booking.request,
        id=request_id,
        organisation=receiver,
        needs=(main, *booking.request.needs[1:]),
        duration_min=(booking.end - booking.start) * GRAIN_MINUTES,
        start=booking.start,
        earliest=booking.start,
        latest=booking.start,
        other_city=True,
        wait=False,
        way=Way(booking.start, tuple(line.resource for line in booking.lines)),
        series=None,
        override=(),
        apart=(),
    )


def taken_over(booking: Booking, request: Request) -> Booking:
    """The booking as the receiver's."""
    return replace(booking, request=request)
