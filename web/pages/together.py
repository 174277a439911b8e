"""A booking and others: its length, its partners, and to whom it is handed over."""

from collections.abc import Callable, Iterable

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from testbed.domain.bookings import Booking, State, is_late_cancel
from testbed.domain.errors import DomainError
from testbed.domain.grid import Slot, grains_in, moment_of
from testbed.domain.lengths import changeable
from testbed.domain.requests import Decision, Granted
from testbed.service import bookings as booking_service
from testbed.service import handovers, lengths, partners
from web import limits
from web.booked import zone_of
from web.booking_view import Known, booking_view
from web.deps import catalogue, context, me, now, organisations, test_kinds
from web.languages import gettext
from web.present import error_text, moment_text, reason_texts
from web.problems import status_of
from web.together_view import name_of

# How many steps of the rule beyond the present end are offered.
MORE_STEPS = 24

blueprint = Blueprint("together", __name__, url_prefix="/bookings")

ANSWERS: dict[str, Callable[..., Booking]] = {
    "accept": partners.accept,
    "decline": partners.decline,
    "leave": partners.leave,
}


# -- lengths ---------------------------------------------------------------------------------


@blueprint.get("/<booking_id>/length")
def length(booking_id: str) -> ResponseReturnValue:
    """Choose another start or end; a booking whose length stands shows itself."""
    booking = booking_service.get(context(), booking_id, now(), me())
    try:
        changeable(booking, now())
    except DomainError:
        return redirect(url_for("bookings.one", booking_id=booking_id), 303)
    return _length_page(booking, Slot(booking.start, booking.end))


@blueprint.post("/<booking_id>/length")
def change_length(booking_id: str) -> ResponseReturnValue:
    """Give a part of the time back, or keep the place for longer."""
    limits.hit("submit", str(me().id))
    booking = booking_service.get(context(), booking_id, now(), me())
    start, end = _grain("start"), _grain("end")
    if start >= end:
        return _length_page(booking, Slot(booking.start, booking.end), [_too_short()]), 400
    slot = Slot(start, end)
    try:
        reasons = _changed(booking, slot)
    except DomainError as error:
        return _length_page(booking, slot, [error_text(error)]), status_of(error)
    if reasons:
        return _length_page(booking, slot, reasons), 409
    return redirect(url_for("bookings.one", booking_id=booking_id), 303)


def _changed(booking: Booking, slot: Slot) -> list[str]:
    """Change the length, or say why not."""
    if slot.end > booking.end and slot.start == booking.start:
        moved = lengths.extend(context(), booking.id, slot.end, now(), me())
        if not isinstance(moved.decision, Granted):
            return _reasons(moved.decision)
        flash(gettext("Extended: the place is yours for longer."), "good")
        return []
    lengths.shorten(context(), booking.id, slot, now(), me())
    flash(gettext("Shortened: what you gave up is free for others."), "good")
    return []


def _length_page(booking: Booking, slot: Slot, reasons: Iterable[str] = ()) -> str:
    known = Known(catalogue(), organisations(), test_kinds(), context().grace_minutes)
    rule = catalogue().rules.get(booking.rule)
    step = grains_in(rule.slot_step_min) if rule else 1
    # Never less than the place gives, but what is booked stays among the choices.
    least = min(grains_in(rule.slot_min) if rule else step, booking.end - booking.start)
    runs = booking.state is State.CHECKED_IN
    starts = [booking.start] if runs else range(booking.start, booking.end - least + 1, step)
    ends = range(booking.start + least, booking.end + MORE_STEPS * step + 1, step)
    zone = zone_of(booking, catalogue())
    late = rule is not None and is_late_cancel(booking, rule, now())
    return render_template(
        "together/length.html",
        view=booking_view(booking, now(), known),
        reasons=list(reasons),
        starts=[(each, moment_text(moment_of(each), zone)) for each in starts],
        ends=[(each, moment_text(moment_of(each), zone)) for each in ends],
        start=slot.start,
        end=slot.end,
        is_late=late and rule is not None and rule.late_cancel_counts_as_use,
    )


def _too_short() -> str:
    return gettext("The end comes after the start.")


def _grain(name: str) -> int:
    typed = request.form.get(name, "")
    if not (typed.isascii() and typed.isdecimal() and len(typed) <= 9):
        abort(400)
    return int(typed)


def _reasons(decision: Decision) -> list[str]:
    """Why a decision is a no, in sentences."""
    if isinstance(decision, Granted):
        return []
    return reason_texts(decision.reasons, catalogue())


# -- partners --------------------------------------------------------------------------------


@blueprint.post("/<booking_id>/partners")
def invite(booking_id: str) -> ResponseReturnValue:
    """Invite one more organisation to a hold."""
    chosen = request.form.get("organisation", "")
    invited = partners.invite(context(), booking_id, chosen, now(), me())
    if isinstance(invited.decision, Granted):
        flash(gettext("Invited: %(name)s has a day to answer.", name=name_of(chosen)), "good")
    else:
        said = " ".join(_reasons(invited.decision))
        flash(gettext("This cannot be booked together: %(reasons)s", reasons=said), "bad")
    return _back(booking_id)


@blueprint.post("/<booking_id>/partners/<answer>")
def answer(booking_id: str, answer: str) -> ResponseReturnValue:
    """Answer an invitation, or take part no longer."""
    if answer not in ANSWERS:
        abort(404)
    ANSWERS[answer](context(), booking_id, now(), me())
    if answer == "accept":
        flash(gettext("Your organisation takes part and answers for its vehicles."), "good")
        return _back(booking_id)
    flash(gettext("Your organisation takes no part in that booking."), "good")
    return redirect(url_for("bookings.index"), 303)


@blueprint.post("/<booking_id>/shares")
def share(booking_id: str) -> ResponseReturnValue:
    """Share the vehicles out among the partners."""
    prefix = "vehicles_"
    names = [name.removeprefix(prefix) for name in request.form if name.startswith(prefix)]
    shares = {name: _grain(prefix + name) for name in names}
    partners.share(context(), booking_id, shares, now(), me())
    flash(gettext("Saved: each organisation names its own vehicles and drivers."), "good")
    return _back(booking_id)


# -- hand-over -------------------------------------------------------------------------------


@blueprint.post("/<booking_id>/handover")
def hand_over(booking_id: str) -> ResponseReturnValue:
    """Offer the booking to another organisation."""
    chosen = request.form.get("organisation", "")
    handovers.offer(context(), booking_id, chosen, now(), me())
    flash(gettext("Offered to %(name)s.", name=name_of(chosen)), "good")
    return _back(booking_id)


def _back(booking_id: str) -> ResponseReturnValue:
    return redirect(url_for("bookings.one", booking_id=booking_id, _anchor="together"), 303)
