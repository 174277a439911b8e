"""Values of the domain as documents of the API: offers, reasons, decisions, bookings."""

from collections.abc import Callable, Iterator
from dataclasses import fields
from datetime import UTC, datetime
from typing import Literal, cast

from testbed.domain.bookings import (
    TRANSITIONS,
    Booking,
    State,
    check_in_span,
    movable,
    require_cancellable,
)
from testbed.domain.catalogue import Name, Resource
from testbed.domain.errors import HoldExpired, IllegalTransition
from testbed.domain.fees import Charge, charges
from testbed.domain.grid import local_moment
from testbed.domain.parties import Role
from testbed.domain.requests import Cost, Decision, Granted, Line, Offer, Reason
from testbed.sentences import template
from testbed.service.actors import acts_for_all
from testbed.service.reconfirmations import asked_of
from web.api.answers.booking import (
    BookingAnswer,
    ChargeAnswer,
    CostAnswer,
    DecisionAnswer,
    LineAnswer,
    OfferAnswer,
    ReasonAnswer,
)
from web.api.answers.common import Named
from web.api.bearer import caller
from web.api.wishes import offer_id
from web.deps import catalogue, charges_of, context, now, organisations
from web.languages import gettext
from web.present import reason_text

Step = Literal["confirm", "check-in", "check-out", "cancel", "move"]
Status = Literal["granted", "offered", "waitlisted", "refused"]


def named(name: Name) -> Named:
    """A name in both languages."""
    return Named(en=name.en, ko=name.ko)


def utc(moment: datetime) -> datetime:
    """The moment in UTC."""
    return moment.astimezone(UTC)


def utc_or_none(moment: datetime | None) -> datetime | None:
    """The moment in UTC, None where there is none."""
    return None if moment is None else utc(moment)


def resource(resource_id: str) -> Resource | None:
    """The route or facility of that id, None for one that the catalogue no longer has."""
    known = catalogue()
    return known.routes.get(resource_id) or known.facilities.get(resource_id)


def zone_of(resource_id: str) -> str:
    """The time zone of a resource; UTC for one that is gone."""
    found = resource(resource_id)
    return found.zone if found else "UTC"


# -- lines and offers ------------------------------------------------------------------------


def line_answer(line: Line) -> LineAnswer:
    """A line of an offer or booking."""
    found = resource(line.resource)
    zone = zone_of(line.resource)
    return LineAnswer(
        resource=line.resource,
        name=named(found.name) if found else Named(en=line.resource, ko=line.resource),
        kind=found.kind if found else None,
        site=found.site if found else None,
        city=found.city if found else None,
        start=local_moment(line.start, zone),
        end=local_moment(line.end, zone),
        units=line.units,
        vehicles=line.vehicles,
        mode=line.mode,
    )


def _offered_charges(lines: tuple[Line, ...], organisation: str) -> tuple[Charge, ...]:
    """What each line costs this organisation; none where the catalogue lost a resource."""
    if not all(resource(line.resource) for line in lines):
        return ()
    payer = organisations().get(organisation)
    return charges(lines, payer.type if payer else "", catalogue())


def fee_krw(booking: Booking) -> int | None:
    """The fee of a booking in whole won; None where nobody can tell any more."""
    found = charges_of(booking)
    return sum(each.krw for each in found) if found else None


def charge_answer(charge: Charge) -> ChargeAnswer:
    """What one line costs, and how that comes about."""
    return ChargeAnswer(
        resource=charge.line.resource,
        hours=charge.hours,
        krw_per_hour=charge.rate,
        factor=charge.factor,
        krw=charge.krw,
        illustrative=not charge.is_recorded,
        basis=charge.basis,
    )


def offer_answer(offer: Offer, organisation: str) -> OfferAnswer:
    """An offer to an organisation."""
    zone = zone_of(offer.lines[0].resource)
    found = _offered_charges(offer.lines, organisation)
    return OfferAnswer(
        offer=offer_id(offer.way),
        start=local_moment(offer.start, zone),
        end=local_moment(offer.end, zone),
        zone=zone,
        rule=offer.rule,
        lines=[line_answer(line) for line in offer.lines],
        cost=cost_answer(offer.cost),
        fee_krw=sum(each.krw for each in found) if found else None,
        fee_illustrative=not (found and all(each.is_recorded for each in found)),
        charges=[charge_answer(each) for each in found],
    )


def cost_answer(cost: Cost) -> CostAnswer:
    """A cost by component, in milli-points."""
    parts = {part.name: getattr(cost, part.name) for part in fields(cost)}
    return CostAnswer(**parts, total=cost.total)


# -- reasons and decisions -------------------------------------------------------------------


def reason_answer(reason: Reason) -> ReasonAnswer:
    """A reason, with its sentence in the caller's language."""
    return ReasonAnswer(
        code=reason.code,
        resource=reason.resource,
        fields=dict(reason.fields),
        override=Role(reason.override) if reason.override else None,
        detail=reason_text(reason, catalogue()),
    )


def decision_answer(decision: Decision, organisation: str) -> DecisionAnswer:
    """A decision for an organisation."""
    offer, near, reasons = _content(decision)
    return DecisionAnswer(
        status=cast("Status", decision.status),
        detail=gettext(template(decision.status)),
        offer=offer_answer(offer, organisation) if offer else None,
        near=[offer_answer(each, organisation) for each in near],
        reasons=[reason_answer(each) for each in reasons],
    )


def _content(decision: Decision) -> tuple[Offer | None, tuple[Offer, ...], tuple[Reason, ...]]:
    """The offer, the ways near the wish, and the reasons; a decision has some of them."""
    if isinstance(decision, Granted):
        return decision.offer, (), ()
    return None, decision.near, decision.reasons


# -- bookings --------------------------------------------------------------------------------


def booking_answer(booking: Booking, version: int) -> BookingAnswer:
    """A booking as it stands now."""
    zone = zone_of(booking.lines[0].resource)
    found = charges_of(booking)
    return BookingAnswer(
        id=booking.id,
        version=version,
        organisation=booking.organisation,
        state=booking.state,
        start=local_moment(booking.start, zone),
        end=local_moment(booking.end, zone),
        zone=zone,
        rule=booking.rule,
        lines=[line_answer(line) for line in booking.lines],
        fee_krw=fee_krw(booking),
        fee_illustrative=not (found and all(each.is_recorded for each in found)),
        charges=[charge_answer(each) for each in found],
        expires_at=utc_or_none(booking.expires_at),
        reconfirm_by=utc_or_none(asked_of(context(), booking)) if booking.request.series else None,
        late=booking.late,
        request=booking.request.id,
        test_kind=booking.request.test_kind,
        steps=list(_steps(booking)),
    )


def _steps(booking: Booking) -> Iterator[Step]:
    moment = now()
    opens, closes = check_in_span(booking, context().grace_minutes)
    leads = acts_for_all(caller()) or caller().organisation == booking.organisation
    if leads and booking.state is State.HELD:
        yield "confirm"
    if booking.state is State.CONFIRMED and opens <= moment < closes:
        yield "check-in"
    if booking.state is State.CHECKED_IN:
        yield "check-out"
    if leads:
        yield from _steps_of_its_own(booking)


def _steps_of_its_own(booking: Booking) -> Iterator[Step]:
    """What partners of a joint booking may not do."""
    if _permits(require_cancellable, booking) and State.CANCELLED in TRANSITIONS[booking.state]:
        yield "cancel"
    if _permits(movable, booking):
        yield "move"


def _permits(rule: Callable[[Booking, datetime], object], booking: Booking) -> bool:
    try:
        rule(booking, now())
    except (HoldExpired, IllegalTransition):
        return False
    return True
