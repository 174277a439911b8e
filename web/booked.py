"""What a booking takes, ready to print, also where the catalogue no longer knows a resource."""

from collections.abc import Sequence
from dataclasses import dataclass

from flask import url_for

from testbed.domain.bookings import Booking
from testbed.domain.catalogue import Catalogue, Resource
from testbed.domain.errors import NotFound
from testbed.domain.grid import local_moment
from testbed.domain.requests import Claim, Line
from web.deps import DEFAULT_ZONE, charges_of
from web.labels import KINDS, label
from web.languages import gettext, text
from web.present import charge_texts, city_name, site_name, times, use_text, when, won


@dataclass(frozen=True, slots=True)
class BookedLine:
    """One line of a booking; `around` names set-up and clean-up, `address` its catalogue page."""

    name: str
    kind: str
    place: str
    use: str
    time: str
    around: str
    address: str
    illustrative: bool


@dataclass(frozen=True, slots=True)
class Fee:
    """What a booking costs, and how that comes about; empty where nobody can tell any more."""

    amount: str
    illustrative: bool
    charges: tuple[str, ...]


def resource_of(line: Line, catalogue: Catalogue) -> Resource | None:
    """The line's resource, None where the catalogue no longer has it."""
    try:
        return catalogue.resource(line.resource)
    except NotFound:
        return None


def zone_of(booking: Booking, catalogue: Catalogue) -> str:
    """The time zone of the booking's place."""
    resource = resource_of(booking.lines[0], catalogue)
    return resource.zone if resource else DEFAULT_ZONE


def name_of(line: Line, catalogue: Catalogue) -> str:
    """The name of what is booked; the id of what is gone."""
    resource = resource_of(line, catalogue)
    return text(resource.name) if resource else line.resource


def place_of(line: Line, catalogue: Catalogue) -> str:
    """Site and city of what is booked."""
    resource = resource_of(line, catalogue)
    if resource is None:
        return gettext("no longer in the catalogue")
    return f"{site_name(catalogue, resource)}, {city_name(catalogue, resource.city)}"


def slot_of(booking: Booking, catalogue: Catalogue) -> str:
    """When the booking is, on the wall clock of its place."""
    return when(booking.start, booking.end, zone_of(booking, catalogue))


def booked_lines(booking: Booking, catalogue: Catalogue) -> tuple[BookedLine, ...]:
    """Every line of the booking."""
    zone = zone_of(booking, catalogue)
    return tuple(_line(each, booking.claims, catalogue, zone) for each in booking.lines)


def fee_of(booking: Booking, catalogue: Catalogue) -> Fee:
    """The fee, by the fees under which it was booked."""
    charges = charges_of(booking)
    if not charges:
        return Fee("", illustrative=False, charges=())
    return Fee(
        amount=won(sum(each.krw for each in charges)),
        illustrative=not all(each.is_recorded for each in charges),
        charges=charge_texts(charges, catalogue),
    )


def _line(line: Line, claims: Sequence[Claim], catalogue: Catalogue, zone: str) -> BookedLine:
    resource = resource_of(line, catalogue)
    return BookedLine(
        name=name_of(line, catalogue),
        kind=label(KINDS, resource.kind) if resource else "",
        place=place_of(line, catalogue),
        use=use_text(resource, line.units, line.vehicles, line.mode) if resource else "",
        time=times(line.start, line.end, zone),
        around=" · ".join(_around(line, claims, zone)),
        address=url_for("catalogue.one", entry=line.resource) if resource else "",
        illustrative=bool(resource and resource.provenance.kind == "illustrative"),
    )


def _around(line: Line, claims: Sequence[Claim], zone: str) -> list[str]:
    """Set-up before the booked slot and clean-up behind it, as the calendar keeps them."""
    own = [each for each in claims if each.pool == line.resource]
    begins = min((each.start for each in own), default=line.start)
    ends = max((each.end for each in own), default=line.end)
    said = []
    if begins < line.start:
        said.append(gettext("set-up from %(time)s", time=_clock(begins, zone)))
    if ends > line.end:
        said.append(gettext("clean-up until %(time)s", time=_clock(ends, zone)))
    return said


def _clock(grain: int, zone: str) -> str:
    return f"{local_moment(grain, zone):%H:%M}"
