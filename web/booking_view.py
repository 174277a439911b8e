"""One booking, ready to print: its facts, what it commits to, and the steps that are open now."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from flask import url_for

from testbed.domain.bookings import (
    TRANSITIONS,
    Booking,
    State,
    check_in_span,
    movable,
    require_cancellable,
)
from testbed.domain.catalogue import Catalogue, RuleProfile
from testbed.domain.demand import TestKind
from testbed.domain.errors import DomainError
from testbed.domain.grid import moment_of
from testbed.domain.grid import zone as zone_info
from testbed.domain.parties import Organisation
from web.booked import BookedLine, Fee, booked_lines, fee_of, slot_of, zone_of
from web.labels import label
from web.languages import gettext, text
from web.place_words import PARTIES
from web.present import moment_text
from web.together_view import is_awaited
from web.together_view import leads as leads_it
from web.wish_again import fields_of


@dataclass(frozen=True, slots=True)
class Hold:
    """How long a hold is kept; `left` counts down from `now` on."""

    expires_at: str
    said: str
    now: str
    left: str


@dataclass(frozen=True, slots=True)
class Visit:
    """When the booking may be checked in; `is_open` while it may, `is_late` once it has begun.

    `closes_at` is the time of day alone.
    """

    opens: str
    closes: str
    closes_at: str
    is_open: bool
    is_late: bool


@dataclass(frozen=True, slots=True)
class BookingView:
    """A booking, ready to print; `hold` and `visit` are None where there is nothing to await."""

    id: str
    name: str
    place: str
    when: str
    state: str
    test_kind: str
    organisation: str
    lines: tuple[BookedLine, ...]
    fee: Fee
    asks: str
    cancelling: str
    missing: str
    hold: Hold | None
    visit: Visit | None
    can_confirm: bool
    can_cancel: bool
    can_move: bool
    cancels_late: bool
    move_address: str
    again_address: str


@dataclass(frozen=True, slots=True)
class Known:
    """What a booking is read against: catalogue, organisations, test kinds and the grace."""

    catalogue: Catalogue
    organisations: Mapping[str, Organisation]
    test_kinds: Mapping[str, TestKind]
    grace_minutes: int | None


def booking_view(booking: Booking, now: datetime, known: Known) -> BookingView:
    """The booking as it stands now."""
    catalogue, leads = known.catalogue, leads_it(booking)
    lines = booked_lines(booking, catalogue)
    owner = known.organisations[booking.organisation]
    kind = known.test_kinds.get(booking.request.test_kind or "")
    zone = zone_of(booking, catalogue)
    rule = catalogue.rules.get(booking.rule)
    wish: dict[str, Any] = dict(
        fields_of(booking.request, zone, known.test_kinds, booking.end - booking.start)
    )
    return BookingView(
        id=booking.id,
        name=lines[0].name,
        place=lines[0].place,
        when=slot_of(booking, catalogue),
        state=booking.state.value,
        test_kind=text(kind.name) if kind else "",
        organisation=text(owner.name),
        lines=lines,
        fee=fee_of(booking, catalogue),
        asks=_asks(booking, rule),
        cancelling=_cancelling(booking, rule, zone, now),
        missing=_missing(booking, known.grace_minutes, zone),
        hold=hold_of(booking, zone, now),
        visit=visit_of(booking, known.grace_minutes, zone, now),
        can_confirm=leads and booking.state is State.HELD and not is_awaited(booking),
        can_cancel=leads and _can_cancel(booking, now),
        can_move=leads and _can_move(booking, now),
        cancels_late=_cancels_late(booking, rule, now),
        move_address=url_for("find.index", move=booking.id, choose=1, **wish),
        again_address=url_for("find.index", choose=1, **wish),
    )


def visit_of(booking: Booking, grace_minutes: int | None, zone: str, now: datetime) -> Visit | None:
    """When a confirmed booking may be checked in, None once nobody can any more."""
    opens, closes = check_in_span(booking, grace_minutes)
    if booking.state is not State.CONFIRMED or now >= closes:
        return None
    return Visit(
        moment_text(opens, zone),
        moment_text(closes, zone),
        f"{closes.astimezone(zone_info(zone)):%H:%M %Z}",
        is_open=now >= opens,
        is_late=now >= moment_of(booking.start),
    )


def hold_of(booking: Booking, zone: str, now: datetime) -> Hold | None:
    """How long the booking is kept as a hold, None for another."""
    expires = booking.expires_at
    if expires is None or booking.state is not State.HELD:
        return None
    seconds = max(0, math.ceil((expires - now).total_seconds()))
    hours, minutes = divmod(seconds // 60, 60)
    left = f"{hours}:{minutes:02}:{seconds % 60:02}" if hours else f"{minutes}:{seconds % 60:02}"
    return Hold(expires.isoformat(), moment_text(expires, zone), now.isoformat(), left)


def _can_move(booking: Booking, now: datetime) -> bool:
    try:
        movable(booking, now)
    except DomainError:
        return False
    return True


def _can_cancel(booking: Booking, now: datetime) -> bool:
    try:
        require_cancellable(booking, now)
    except DomainError:
        return False
    return State.CANCELLED in TRANSITIONS[booking.state]


# -- what it commits to ----------------------------------------------------------------------


def _asks(booking: Booking, rule: RuleProfile | None) -> str:
    """Whose approval confirming a hold asks for; empty where nobody's."""
    if rule is None or booking.state is not State.HELD:
        return ""
    return ", ".join(label(PARTIES, each) for each in rule.approvals)


def _free_until(booking: Booking, rule: RuleProfile) -> datetime:
    return moment_of(booking.start) - timedelta(hours=rule.free_cancel_until_hours)


def _cancels_late(booking: Booking, rule: RuleProfile | None, now: datetime) -> bool:
    """Whether the hours of a booking that is cancelled now still count."""
    if rule is None or booking.state is State.HELD or not rule.late_cancel_counts_as_use:
        return False
    return now > _free_until(booking, rule)


def _cancelling(booking: Booking, rule: RuleProfile | None, zone: str, now: datetime) -> str:
    """What cancelling costs, now and later, in a sentence."""
    if rule is None or not _can_cancel(booking, now):
        return gettext("no longer possible")
    later = _once_confirmed(booking, rule, zone, now)
    if booking.state is State.HELD:
        return gettext("free while on hold; once confirmed, %(later)s", later=later)
    return later


def _once_confirmed(booking: Booking, rule: RuleProfile, zone: str, now: datetime) -> str:
    if not rule.late_cancel_counts_as_use:
        return gettext("free until the start")
    if now > _free_until(booking, rule):
        return gettext("possible until the start, but the hours still count for the week")
    until = moment_text(_free_until(booking, rule), zone)
    return gettext("free until %(time)s; later the hours still count for the week", time=until)


def _missing(booking: Booking, grace_minutes: int | None, zone: str) -> str:
    """What comes of it when nobody turns up, in a sentence; empty where it no longer matters."""
    if grace_minutes is None or booking.state not in (State.HELD, State.CONFIRMED):
        return ""
    _, closes = check_in_span(booking, grace_minutes)
    return gettext(
        "Who has not checked in by %(time)s is a no-show: the place is free for others from then "
        "on, and the hours still count for the week.",
        time=moment_text(closes, zone),
    )
