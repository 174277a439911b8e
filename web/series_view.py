"""A series date by date, ready to print: what stands, what was left out and what would mend it."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from testbed.domain.bookings import Booking
from testbed.domain.fees import booking_fee_krw
from testbed.domain.grid import local_moment
from testbed.domain.repairs import Repair
from testbed.domain.requests import Decision, Granted, Offer
from testbed.domain.series import Outcome, Plan, may_change, stands_apart
from testbed.service import availability
from testbed.service.series import Foreseen
from testbed.service.series_edits import Costing, Edited, Left
from testbed.service.series_reading import Dated, Shown
from web.booked import Fee, fee_of, name_of, place_of, slot_of
from web.deps import catalogue, context, now, organisations
from web.languages import gettext
from web.present import day_text, is_illustrative, slot_text, won
from web.reason_groups import ReasonGroup, reason_groups
from web.repairs import repair_text
from web.series_words import OUTCOME_SIGNS, OUTCOMES, date_text

# Repairs are looked for while the page is made: of so many dates at once.
MOST_MENDED = 6
NO_FEE = Fee("", illustrative=False, charges=())


@dataclass(frozen=True, slots=True)
class Mend:
    """A repair of one date: the change in words, what it finds, and what names it in a form."""

    said: str
    finds: str
    choice: str


@dataclass(frozen=True, slots=True)
class Row:
    """One date of a series; `said` and `sign` tell its outcome where it has no booking."""

    day: str
    when: str
    place: str
    said: str
    sign: str
    outcome: str
    fee: Fee
    state: str = ""
    booking: str = ""
    apart: bool = False
    may_change: bool = False
    may_ask: bool = False
    reasons: tuple[ReasonGroup, ...] = ()
    mends: tuple[Mend, ...] = ()


def rows(shown: Shown) -> list[Row]:
    """The dates of a series in order."""
    mended = 0
    found = []
    for each in shown.dates:
        mends: tuple[Mend, ...] = ()
        if _may_ask(each) and each.occurrence.outcome is Outcome.LEFT_OUT and mended < MOST_MENDED:
            mended += 1
            mends = tuple(mend_view(one) for one in repairs_of(shown, each.occurrence.day))
        found.append(_row(shown.kept.plan, each, mends))
    return found


def repairs_of(shown: Shown, day: date) -> list[Repair]:
    """The repairs of a date that was left out, as the calendar stands now."""
    asked = shown.kept.plan.request(day, now(), shown.kept.id)
    return [each for each in availability.mended(context(), asked, now()) if each.offer]


def mend_view(repair: Repair) -> Mend:
    """A repair, ready to print."""
    return Mend(repair_text(repair, catalogue()), _finds(repair.offer), choice_of(repair))


def choice_of(repair: Repair) -> str:
    """What names a repair in a form: the offer that it finds, and how long."""
    if repair.offer is None:
        return ""
    way = repair.offer.way
    return "~".join([str(way.start), str(repair.request.duration_min), *way.resources])


def _finds(offer: Offer | None) -> str:
    if offer is None:
        return ""
    line = offer.lines[0]
    return f"{slot_text(line, catalogue())}, {name_of(line, catalogue())}"


def _row(plan: Plan, each: Dated, mends: tuple[Mend, ...]) -> Row:
    one, booking = each.occurrence, each.booking
    is_booked = booking is not None and one.outcome is Outcome.BOOKED
    reasons = () if each.decision is None else _reasons(each.decision)
    return Row(
        day=one.day.isoformat(),
        when=slot_of(booking, catalogue()) if booking and is_booked else _planned(plan, one.start),
        place=_place(booking) if booking and is_booked else "",
        said=str(OUTCOMES[one.outcome]),
        sign=OUTCOME_SIGNS[one.outcome],
        outcome=one.outcome.value,
        fee=fee_of(booking, catalogue()) if is_booked and booking else NO_FEE,
        state=booking.state.value if booking and is_booked else "",
        booking=booking.id if booking else "",
        apart=stands_apart(one, booking),
        may_change=may_change(one, booking, now())
        and (is_booked or one.outcome is Outcome.AWAITED),
        may_ask=_may_ask(each),
        reasons=reasons,
        mends=mends,
    )


def _may_ask(each: Dated) -> bool:
    """Whether the date has no place and is still to come."""
    if each.booking is not None and each.booking.occupies:
        return False
    return each.occurrence.outcome is not Outcome.AWAITED and may_change(
        each.occurrence, None, now()
    )


def _reasons(decision: Decision) -> tuple[ReasonGroup, ...]:
    if isinstance(decision, Granted):
        return ()
    return tuple(reason_groups(decision.reasons, catalogue()))


def _place(booking: Booking) -> str:
    line = booking.lines[0]
    return f"{name_of(line, catalogue())}, {place_of(line, catalogue())}"


def _planned(plan: Plan, start: int) -> str:
    begins = local_moment(start, plan.zone)
    return f"{day_text(begins)} {begins:%H:%M %Z}"


# -- before it is kept -----------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ForeseenRow:
    """A date as it would be decided: where it would be, or why not and what lies near."""

    when: str
    place: str
    said: str
    sign: str
    outcome: str
    fee: Fee
    reasons: tuple[ReasonGroup, ...]
    near: tuple[str, ...]


def foreseen_rows(plan: Plan, found: Iterable[Foreseen]) -> list[ForeseenRow]:
    """The dates of a preview."""
    return [_foreseen(plan, each) for each in found]


def _foreseen(plan: Plan, each: Foreseen) -> ForeseenRow:
    outcome, decision = each.occurrence.outcome, each.decision
    offer = decision.offer if isinstance(decision, Granted) else None
    shown = outcome is Outcome.LEFT_OUT and decision is not None
    return ForeseenRow(
        when=_slot(offer) if offer else _planned(plan, each.occurrence.start),
        place=_place_of(offer) if offer else "",
        said=str(OUTCOMES[outcome]),
        sign=OUTCOME_SIGNS[outcome],
        outcome=outcome.value,
        fee=_fee_of(offer, each.request.organisation) if offer else NO_FEE,
        reasons=_reasons(decision) if shown and decision else (),
        near=tuple(_near(decision)) if shown and decision else (),
    )


def _near(decision: Decision) -> Iterator[str]:
    if not isinstance(decision, Granted):
        yield from (_finds(each) for each in decision.near)


def _payer(organisation: str) -> str:
    return organisations()[organisation].type


def _fee_of(offer: Offer, organisation: str) -> Fee:
    known = catalogue()
    amount = won(booking_fee_krw(offer.lines, _payer(organisation), known))
    return Fee(amount, is_illustrative(offer.lines, known), ())


def _slot(offer: Offer) -> str:
    return slot_text(offer.lines[0], catalogue())


def _place_of(offer: Offer) -> str:
    line = offer.lines[0]
    return f"{name_of(line, catalogue())}, {place_of(line, catalogue())}"


def refused_rows(refused: Iterable[tuple[date, Decision]]) -> list[tuple[str, list[ReasonGroup]]]:
    """The dates that stood in the way of a whole series, each with its reasons."""
    return [(date_text(day), list(_reasons(decision))) for day, decision in refused]


# -- what a change did -----------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class EditedView:
    """What a change did: the dates that it changed, and those that stayed with the reasons."""

    days: tuple[str, ...]
    left: tuple[tuple[str, tuple[ReasonGroup, ...], str], ...]


def edited_view(done: Edited) -> EditedView:
    """A change of a series, ready to print."""
    return EditedView(
        tuple(date_text(each) for each in done.days), tuple(_left(each) for each in done.left)
    )


def _left(left: Left) -> tuple[str, tuple[ReasonGroup, ...], str]:
    groups = _reasons(left.decision) if left.decision else ()
    said = gettext("it has begun or is over") if left.code else ""
    return date_text(left.day), groups, said


def costing_rows(costs: Iterable[Costing]) -> list[tuple[str, str, bool]]:
    """The bookings that would be cancelled: when, where, and whether their hours still count."""
    known = catalogue()
    return [
        (slot_of(booking, known), _place(booking), each.is_late)
        for each in costs
        if (booking := each.dated.booking)
    ]
