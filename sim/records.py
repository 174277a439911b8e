"""From bookings to the flat records that the key figures are computed from."""

from collections.abc import Iterator

from sim.model import Entry
from testbed.domain.bookings import Booking, State
from testbed.domain.catalogue import Catalogue, Facility, Mode
from testbed.domain.fees import booking_fee_krw
from testbed.domain.grid import floor_grain
from testbed.domain.kpi import Session
from testbed.domain.load import Part, Use
from testbed.domain.requests import Claim, ClaimKind, Line


def session_of(catalogue: Catalogue, entry: Entry) -> Session:
    """The record of one session."""
    request, booking = entry.wish.request, entry.booking
    return Session(
        request=request.series or request.id,
        organisation=request.organisation,
        organisation_type=entry.wish.organisation_type,
        test_kind=request.test_kind or "",
        submitted=floor_grain(request.submitted_at),
        wanted_start=request.start,
        wanted_min=request.duration_min,
        city=request.city,
        clipped=entry.wish.clipped,
        binding=entry.binding,
        granted=booking is not None,
        waited=entry.waited,
        promoted=entry.promoted,
        start=booking.start if booking else 0,
        booked=booking.end - booking.start if booking else 0,
        granted_city=_city(catalogue, booking) if booking else None,
        cancelled=booking is not None and booking.state is State.CANCELLED,
        late=entry.late,
        no_show=booking is not None and booking.state is State.NO_SHOW,
        fee_krw=_fee(catalogue, entry, booking) if booking else 0,
    )


def _city(catalogue: Catalogue, booking: Booking) -> str:
    """Where the main need is met; what is mobile comes to the preferred city."""
    resource = catalogue.resource(booking.lines[0].resource)
    if isinstance(resource, Facility) and resource.mobile and booking.request.city is not None:
        return booking.request.city
    return resource.city


def _fee(catalogue: Catalogue, entry: Entry, booking: Booking) -> int:
    return booking_fee_krw(booking.lines, entry.wish.organisation_type, catalogue)


def uses_of(catalogue: Catalogue, booking: Booking) -> Iterator[Use]:
    """What the booking made of each pool; nothing if it was cancelled."""
    if booking.state is State.CANCELLED:
        return
    for claim in booking.claims:
        if claim.kind is ClaimKind.BLOCK:
            yield Use(claim.pool, Part.BLOCK, claim.units, claim.start, claim.end)
        else:
            yield from _parts(claim, _line_of(catalogue, booking, claim))


def _parts(claim: Claim, line: Line) -> Iterator[Use]:
    """The booked slot of a claim, up to its release, and what lies before and after it."""
    ended = min(line.end, claim.end)
    yield Use(claim.pool, Part.BOOKED, claim.units, line.start, ended)
    if claim.start < line.start:
        yield Use(claim.pool, Part.AROUND, claim.units, claim.start, line.start)
    if ended < claim.end:
        yield Use(claim.pool, Part.AROUND, claim.units, ended, claim.end)


def _line_of(catalogue: Catalogue, booking: Booking, claim: Claim) -> Line:
    """The line that brought the claim: it takes from the pool, and starts inside the claim."""
    return next(
        line
        for line in booking.lines
        if claim.start <= line.start < claim.end and claim.pool in _pools(catalogue, line)
    )


def _pools(catalogue: Catalogue, line: Line) -> tuple[str, ...]:
    route = catalogue.routes.get(line.resource)
    corridor = catalogue.corridors.get(route.corridor or "") if route else None
    if corridor is None:
        return (line.resource,)
    if line.mode is Mode.WHOLE_SITE:
        return (corridor.id, *corridor.routes)
    return (line.resource, corridor.id)
