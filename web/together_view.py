"""What a booking has to do with others, ready to print: partners, neighbours, hand-overs."""

from dataclasses import dataclass
from datetime import datetime

from flask_babel import lazy_gettext
from flask_login import current_user

from testbed.domain import lengths, sharing
from testbed.domain.bookings import Booking, State, movable
from testbed.domain.errors import DomainError
from testbed.domain.sharing import Handover
from testbed.service import beside, handovers, on_behalf, partners
from testbed.service.partners import MOST_PARTNERS, Party
from web.deps import catalogue, context, me, now, organisations
from web.labels import label
from web.languages import gettext, ngettext, text
from web.present import moment_text, pool_name, when

PARTY_STATES = {
    "leads": lazy_gettext("leads and pays"),
    "invited": lazy_gettext("invited"),
    "accepted": lazy_gettext("takes part"),
    "declined": lazy_gettext("declined"),
    "left": lazy_gettext("has left"),
}
PARTY_SIGNS = {"leads": "★", "invited": "◐", "accepted": "✓", "declined": "✕", "left": "✕"}
PARTY_CLASSES = {
    "leads": "confirmed",
    "invited": "pending",
    "accepted": "confirmed",
    "declined": "rejected",
    "left": "cancelled",
}
HANDOVER_STATES = {
    "offered": lazy_gettext("offered"),
    "accepted": lazy_gettext("taken over"),
    "declined": lazy_gettext("declined"),
    "withdrawn": lazy_gettext("withdrawn"),
    "over": lazy_gettext("ran out"),
}
HANDOVER_SIGNS = {"offered": "◐", "accepted": "✓", "declined": "✕", "withdrawn": "✕", "over": "✕"}
HANDOVER_CLASSES = {
    "offered": "pending",
    "accepted": "confirmed",
    "declined": "rejected",
    "withdrawn": "cancelled",
    "over": "expired",
}


@dataclass(frozen=True, slots=True)
class PartyView:
    """One organisation of a joint booking."""

    id: str
    name: str
    state: str
    said: str
    sign: str
    look: str
    vehicles: int


@dataclass(frozen=True, slots=True)
class HandoverView:
    """A hand-over; while it is open the receiver may answer and the giver withdraw."""

    id: str
    booking: str
    place: str
    slot: str
    giver: str
    receiver: str
    state: str
    said: str
    sign: str
    look: str
    until: str
    may_answer: bool
    may_withdraw: bool
    is_mine_now: bool


@dataclass(frozen=True, slots=True)
class TogetherView:
    """What a booking's page says of others, and the steps that are open to the reader."""

    booking: str
    parties: tuple[PartyView, ...]
    vehicles: int
    beside: str
    booked_for: str
    handover: HandoverView | None
    is_awaited: bool
    may_answer: bool
    may_leave: bool
    may_share: bool
    may_invite: bool
    may_hand_over: bool
    may_change_length: bool
    others: tuple[tuple[str, str], ...]


def of_booking(booking: Booking) -> TogetherView | None:
    """The view of a booking that the reader may see; None where there is nothing to say or do."""
    moment, parties = now(), partners.of_booking(context(), booking)
    own = {each.organisation: each.state for each in parties}.get(me().organisation, "")
    acts = current_user.books or current_user.sees_all
    leads = acts and (current_user.sees_all or me().organisation == booking.organisation)
    offered = handovers.of_booking(context(), booking.id, moment)
    is_open = _permits(movable, booking, moment)
    may_invite = leads and is_open and booking.state is State.HELD
    may_hand_over = leads and offered is None and _permits(sharing.offerable, booking, moment)
    view = TogetherView(
        booking=booking.id,
        parties=tuple(_party(each) for each in parties),
        vehicles=sum(each.vehicles for each in parties),
        beside=_beside(booking, moment),
        booked_for=_booked_for(booking),
        handover=handover_view(offered) if offered else None,
        is_awaited=booking.state is State.HELD and is_awaited(booking),
        may_answer=current_user.books and is_open and own == "invited",
        may_leave=current_user.books and is_open and own == "accepted",
        may_share=leads and is_open and len(booking.request.partners) > 0,
        may_invite=may_invite and len(booking.request.partners) < MOST_PARTNERS,
        may_hand_over=may_hand_over,
        may_change_length=leads and _permits(lengths.changeable, booking, moment),
        others=_others(booking) if may_invite or may_hand_over else (),
    )
    return view if _says(view) else None


def leads(booking: Booking) -> bool:
    """Whether the reader may confirm, move and cancel: a partner only takes part."""
    return bool(current_user.sees_all) or me().organisation == booking.organisation


def is_awaited(booking: Booking) -> bool:
    """Whether a partner has not answered yet, so that the booking cannot be confirmed."""
    return partners.waits(context(), booking)


def _says(view: TogetherView) -> bool:
    said = view.parties or view.beside or view.booked_for or view.handover
    return bool(said or view.others or view.may_change_length)


def _permits(rule: object, booking: Booking, moment: datetime) -> bool:
    try:
        rule(booking, moment)  # type: ignore[operator] # each asks a booking and a moment
    except DomainError:
        return False
    return True


def _party(party: Party) -> PartyView:
    return PartyView(
        id=party.organisation,
        name=name_of(party.organisation),
        state=party.state,
        said=label(PARTY_STATES, party.state),
        sign=PARTY_SIGNS[party.state],
        look=PARTY_CLASSES[party.state],
        vehicles=party.vehicles,
    )


def name_of(organisation: str) -> str:
    """The name of an organisation, its id where it is gone."""
    found = organisations().get(organisation)
    return text(found.name) if found else organisation


def _beside(booking: Booking, moment: datetime) -> str:
    found = beside.of_booking(context(), booking, moment, me())
    if not found.vehicles:
        return ""
    counted = ngettext(
        "%(num)d vehicle of others shares these roads meanwhile.",
        "%(num)d vehicles of others share these roads meanwhile.",
        found.vehicles,
    )
    names = ", ".join(sorted(name_of(each) for each in found.organisations))
    return f"{counted} {gettext('Among them: %(names)s.', names=names)}" if names else counted


def _booked_for(booking: Booking) -> str:
    found = on_behalf.of_booking(context(), booking, me())
    if found is None:
        return ""
    if found.member == me().id:
        return gettext("Booked for you by the operator.")
    return gettext("Booked by the operator for %(name)s.", name=found.name)


def _others(booking: Booking) -> tuple[tuple[str, str], ...]:
    """Every organisation that takes no part yet, by name."""
    own = sharing.parties(booking.request)
    named = [(each.id, text(each.name)) for each in organisations().values() if each.id not in own]
    return tuple(sorted(named, key=lambda each: each[1]))


def handover_view(made: Handover) -> HandoverView:
    """A hand-over as one of its two sides, or an operator, sees it."""
    known = catalogue()
    resource = known.routes.get(made.resource) or known.facilities.get(made.resource)
    zone = resource.zone if resource else "UTC"
    is_open = made.state == "offered"
    own, sees_all = me().organisation, current_user.sees_all
    holder = made.receiver if made.state == "accepted" else made.giver
    return HandoverView(
        id=made.id,
        booking=made.booking,
        place=pool_name(known, made.resource),
        slot=when(made.start, made.end, zone),
        giver=name_of(made.giver),
        receiver=name_of(made.receiver),
        state=made.state,
        said=label(HANDOVER_STATES, made.state),
        sign=HANDOVER_SIGNS[made.state],
        look=HANDOVER_CLASSES[made.state],
        until=moment_text(made.expires_at, zone),
        may_answer=is_open and current_user.books and own == made.receiver,
        may_withdraw=is_open and (sees_all or (current_user.books and own == made.giver)),
        is_mine_now=sees_all or own == holder,
    )
