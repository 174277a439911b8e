"""Vehicles, drivers and papers, ready to print: words, signs, and how soon something ends."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from babel.dates import format_date
from flask import url_for
from flask_babel import get_locale, lazy_gettext

from testbed.domain.catalogue import Catalogue
from testbed.domain.papers import PUBLIC_ROADS, PaperKind
from testbed.service.drivers import KeptDriver
from testbed.service.eligibility import Lapsing
from testbed.service.kept_papers import KeptPaper, PaperState
from testbed.service.vehicles import KeptVehicle
from web.booked import name_of, slot_of
from web.labels import label
from web.languages import gettext, ngettext, text
from web.present import DAY_PATTERN, city_name, pool_name, reason_texts

SOON_DAYS = 30
VERY_SOON_DAYS = 7
PAPER_KINDS = {
    "permit": lazy_gettext("Temporary operation permit"),
    "transport_permit": lazy_gettext("Limited-transport permit"),
    "insurance": lazy_gettext("Insurance"),
    "training": lazy_gettext("Driver training"),
    "briefing": lazy_gettext("Safety briefing"),
}
PAPER_HINTS = {
    "permit": lazy_gettext("of one vehicle, for routes, cities or all public roads"),
    "transport_permit": lazy_gettext("of the organisation or one vehicle, for pilot zones"),
    "insurance": lazy_gettext("of one vehicle or of all of them"),
    "training": lazy_gettext("of one driver"),
    "briefing": lazy_gettext("of one driver, for one site"),
}
PAPER_STATES = {
    "waiting": lazy_gettext("waits for acceptance"),
    "accepted": lazy_gettext("accepted"),
    "rejected": lazy_gettext("rejected"),
    "withdrawn": lazy_gettext("withdrawn"),
}
PAPER_SIGNS = {"waiting": "◐", "accepted": "✓", "rejected": "✕", "withdrawn": "∅"}
# The look of a state, by that of a booking's.
PAPER_LOOKS = {
    "waiting": "pending",
    "accepted": "confirmed",
    "rejected": "rejected",
    "withdrawn": "cancelled",
}
VEHICLE_TYPES = {
    "A": lazy_gettext("Type A: with a driver's seat"),
    "B": lazy_gettext("Type B: without a driver's seat"),
    "C": lazy_gettext("Type C: unmanned"),
}


@dataclass(frozen=True, slots=True)
class Known:
    """What papers are read against."""

    catalogue: Catalogue
    vehicles: Mapping[str, KeptVehicle]
    drivers: Mapping[str, KeptDriver]
    today: date


@dataclass(frozen=True, slots=True)
class PaperView:
    """A paper; `ending` says how soon it ends, `left` the days (negative once it has ended)."""

    id: str
    kind: str
    about: str
    places: str
    number: str
    days: str
    state: str
    state_said: str
    sign: str
    look: str
    ending: str
    left: int
    is_pressing: bool
    why: str
    document: str
    version: int
    address: str


@dataclass(frozen=True, slots=True)
class LapsingView:
    """A booking to come that lacks papers."""

    name: str
    when: str
    organisation: str
    address: str
    missing: list[str]


def day_said(day: date) -> str:
    """A date with its weekday, e.g. `2026-12-08 (Tue)`."""
    return format_date(day, DAY_PATTERN, locale=get_locale())


def paper_view(paper: KeptPaper, known: Known) -> PaperView:
    """The paper as it stands today."""
    left = (paper.valid_until - known.today).days
    counts = paper.state is PaperState.ACCEPTED
    return PaperView(
        id=paper.id,
        kind=label(PAPER_KINDS, paper.kind),
        about=about(paper, known),
        places=places_said(paper.covers, known.catalogue),
        number=paper.number,
        days=f"{day_said(paper.valid_from)} – {day_said(paper.valid_until)}",
        state=paper.state.value,
        state_said=label(PAPER_STATES, paper.state),
        sign=PAPER_SIGNS[paper.state],
        look=PAPER_LOOKS[paper.state],
        ending=_ending(left) if counts and left <= SOON_DAYS else "",
        left=left,
        is_pressing=left <= VERY_SOON_DAYS or paper.state is PaperState.REJECTED,
        why=paper.why,
        document=paper.document or "",
        version=paper.version,
        address=url_for("papers.one", paper_id=paper.id),
    )


def about(paper: KeptPaper, known: Known) -> str:
    """Whose paper it is: a vehicle's, a driver's (at a site), or all vehicles'."""
    if paper.driver is not None:
        driver = known.drivers.get(paper.driver)
        name = driver.name if driver else paper.driver
        site = known.catalogue.sites.get(paper.site or "")
        return f"{name} · {text(site.name)}" if site else name
    if paper.vehicle is None:
        return gettext("the whole organisation")
    vehicle = known.vehicles.get(paper.vehicle)
    return f"{vehicle.name} ({vehicle.plate})" if vehicle else paper.vehicle


def places_said(covers: Iterable[str], catalogue: Catalogue) -> str:
    """The names of the places that a permit covers."""
    return ", ".join(place_said(each, catalogue) for each in covers)


def place_said(place: str, catalogue: Catalogue) -> str:
    """The name of a route, facility or city, or that all public roads are meant."""
    if place == PUBLIC_ROADS:
        return gettext("all public roads")
    return city_name(catalogue, place) if place in catalogue.cities else pool_name(catalogue, place)


def _ending(left: int) -> str:
    if left < 0:
        return gettext("has ended")
    if not left:
        return gettext("ends today")
    return ngettext("ends in %(num)d day", "ends in %(num)d days", left)


def lapsing_view(lapsing: Lapsing, catalogue: Catalogue, organisation: str) -> LapsingView:
    """The booking and what it lacks."""
    booking = lapsing.booking
    return LapsingView(
        name_of(booking.lines[0], catalogue),
        slot_of(booking, catalogue),
        organisation,
        url_for("bookings.one", booking_id=booking.id),
        reason_texts(lapsing.missing, catalogue),
    )


def is_of_places(kind: PaperKind) -> bool:
    """Whether papers of the kind name routes, cities or roads."""
    return kind in (PaperKind.PERMIT, PaperKind.TRANSPORT_PERMIT)
