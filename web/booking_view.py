"""One booking, ready to print: its facts, its countdown, and the steps that are open."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from flask import url_for

from testbed.domain.bookings import TRANSITIONS, Booking, State, movable
from testbed.domain.catalogue import Catalogue, Mode
from testbed.domain.demand import TestKind
from testbed.domain.errors import DomainError
from testbed.domain.fees import booking_fee_krw
from testbed.domain.grid import local_moment, moment_of
from testbed.domain.parties import Organisation
from testbed.domain.requests import Request
from web.languages import gettext, text
from web.present import LineView, is_illustrative, line_view, moment_text, slot_text, won


@dataclass(frozen=True, slots=True)
class BookingView:
    """A booking, ready to print; `expires_at`, `now` and `left` are empty unless it is a hold."""

    id: str
    name: str
    place: str
    when: str
    state: str
    test_kind: str
    organisation: str
    lines: tuple[LineView, ...]
    fee: str
    illustrative: bool
    cancelling: str
    expires_at: str
    expires_text: str
    now: str
    left: str
    can_confirm: bool
    can_cancel: bool
    can_move: bool
    move_address: str
    again_address: str


def booking_view(
    booking: Booking,
    now: datetime,
    catalogue: Catalogue,
    organisations: Mapping[str, Organisation],
    test_kinds: Mapping[str, TestKind],
) -> BookingView:
    """The booking as it stands now."""
    lines = tuple(line_view(line, catalogue) for line in booking.lines)
    owner = organisations[booking.organisation]
    kind = test_kinds.get(booking.request.test_kind or "")
    zone = catalogue.resource(booking.lines[0].resource).zone
    expires = booking.expires_at
    left = max(0, math.ceil((expires - now).total_seconds())) if expires else 0
    wish = _wish(booking.request, zone)
    return BookingView(
        id=booking.id,
        name=lines[0].name,
        place=lines[0].place,
        when=slot_text(booking.lines[0], catalogue),
        state=booking.state.value,
        test_kind=text(kind.name) if kind else "",
        organisation=text(owner.name),
        lines=lines,
        fee=won(booking_fee_krw(booking.lines, owner.type, catalogue)),
        illustrative=is_illustrative(booking.lines, catalogue),
        cancelling=_cancelling(booking, catalogue, zone, now),
        expires_at=expires.isoformat() if expires else "",
        expires_text=moment_text(expires, zone) if expires else "",
        now=now.isoformat(),
        left=f"{left // 60}:{left % 60:02}",
        can_confirm=State.CONFIRMED in TRANSITIONS[booking.state] and booking.state is State.HELD,
        can_cancel=State.CANCELLED in TRANSITIONS[booking.state],
        can_move=_can_move(booking, now),
        move_address=url_for("find.index", move=booking.id, choose=1, **wish),
        again_address=url_for("find.index", **wish),
    )


def _can_move(booking: Booking, now: datetime) -> bool:
    try:
        movable(booking, now)
    except DomainError:
        return False
    return True


def _cancelling(booking: Booking, catalogue: Catalogue, zone: str, now: datetime) -> str:
    """What cancelling costs, in a sentence."""
    if State.CANCELLED not in TRANSITIONS[booking.state]:
        return gettext("no longer possible")
    rule = catalogue.rules[booking.rule]
    limit = moment_of(booking.start) - timedelta(hours=rule.free_cancel_until_hours)
    if booking.state is State.HELD or not rule.late_cancel_counts_as_use:
        return (
            gettext("free at any time")
            if booking.state is not State.HELD
            else gettext("free while on hold")
        )
    if now <= limit:
        until = moment_text(limit, zone)
        return gettext("free until %(time)s; later the hours still count for the week", time=until)
    return gettext("possible, but the hours still count for the week")


def _wish(request: Request, zone: str) -> dict[str, Any]:
    """The wish behind a booking, as the fields of the booking form."""
    main = request.needs[0]
    start = local_moment(request.start, zone)
    fields: dict[str, Any] = {
        "kind": request.test_kind or "",
        "city": request.city or "",
        "day": f"{start:%Y-%m-%d}",
        "at": f"{start:%H:%M}",
        "hours": f"{request.duration_min / 60:g}",
        "flex": "3",
        "vehicles": main.vehicles,
        "mode": Mode(main.mode).value,
        "extra": ["+".join(need.kinds) for need in request.needs[1:]],
    }
    return fields | ({"elsewhere": "y"} if request.other_city else {})
