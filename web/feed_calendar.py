"""A feed as an iCalendar text (RFC 5545): what calendars on phones and desks subscribe to."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

from icalendar import Calendar, Event, Timezone

from testbed.domain.bookings import Booking
from testbed.domain.catalogue import Catalogue, Name, Resource
from testbed.domain.grid import local_moment
from testbed.domain.parties import Organisation
from testbed.domain.requests import Line
from testbed.service.feed_entries import Entry, Standing
from testbed.service.feeds import Feed
from web.booked import name_of, place_of, zone_of
from web.deps import DEFAULT_ZONE
from web.feed_words import shows
from web.labels import STATES, label
from web.languages import gettext, text
from web.present import use_text, when

PRODUCT = "-//Gyeonggi Testbeds//Calendar feed//EN"
# What follows the @ of every name: no host, so that names stay when the service moves.
DOMAIN = "gyeonggi-testbeds"
REFRESH = timedelta(minutes=15)
# Summer time is described for these years.
FIRST_DAY, LAST_DAY = date(2020, 1, 1), date(2038, 1, 1)


@dataclass(frozen=True, slots=True)
class Reading:
    """What a feed is read against; `instructions` say how one enters a site."""

    catalogue: Catalogue
    organisations: Mapping[str, Organisation]
    site_url: str
    tells_whose: bool
    instructions: Mapping[str, Name]


def as_text(feed: Feed, entries: Iterable[Entry], reading: Reading) -> bytes:
    """The calendar; equal entries are equal bytes, so that an unchanged one can be left unsent."""
    calendar = _head(shows(feed, reading.catalogue, reading.organisations))
    zones = {each.zone for each in reading.catalogue.sites.values()} | {DEFAULT_ZONE}
    for name in sorted(zones):
        calendar.add_component(_zone(name))
    for entry in entries:
        calendar.add_component(_event(entry, reading))
    written: bytes = calendar.to_ical()
    return written


def _head(about: str) -> Calendar:
    calendar = Calendar()
    for name, value in (
        ("VERSION", "2.0"),
        ("PRODID", PRODUCT),
        ("CALSCALE", "GREGORIAN"),
        ("METHOD", "PUBLISH"),
        ("NAME", _printable(about)),
        ("X-WR-CALNAME", _printable(about)),
        ("X-WR-TIMEZONE", DEFAULT_ZONE),
        ("X-PUBLISHED-TTL", "PT15M"),
    ):
        calendar.add(name, value)
    calendar.add("REFRESH-INTERVAL", REFRESH, parameters={"VALUE": "DURATION"})
    return calendar


@lru_cache(maxsize=8)
def _zone(name: str) -> Timezone:
    """What a zone's clock does; clocks that change are described until the last day."""
    described = Timezone.from_tzid(name, first_date=FIRST_DAY, last_date=LAST_DAY)
    described.pop("COMMENT", None)
    return described


def _printable(words: str) -> str:
    """Words without what no text of a calendar may hold."""
    return "".join(each for each in words if each == "\n" or each.isprintable())


# -- one entry -------------------------------------------------------------------------------


def _event(entry: Entry, reading: Reading) -> Event:
    event = Event()
    for name, value in _told_to_all(entry, reading):
        event.add(name, value)
    if entry.booking is not None:
        for name, value in _told(entry.booking, reading):
            event.add(name, value)
    return event


def _told_to_all(entry: Entry, reading: Reading) -> Iterator[tuple[str, object]]:
    """What everybody is told who may read the feed."""
    resource = _resource(entry.resource, reading.catalogue)
    zone = resource.zone if resource else DEFAULT_ZONE
    yield "UID", f"{entry.name}@{DOMAIN}"
    yield "DTSTAMP", entry.changed_at
    yield "CREATED", entry.created_at
    yield "LAST-MODIFIED", entry.changed_at
    yield "SEQUENCE", entry.sequence
    yield "DTSTART", local_moment(entry.start, zone)
    yield "DTEND", local_moment(entry.end, zone)
    yield "STATUS", entry.standing.value.upper()
    yield "TRANSP", "TRANSPARENT" if entry.standing is Standing.CANCELLED else "OPAQUE"
    yield "SUMMARY", _printable(_summary(entry, resource, reading))
    if resource is not None:
        yield from _place(resource, reading.catalogue)


def _resource(name: str, catalogue: Catalogue) -> Resource | None:
    return catalogue.routes.get(name) or catalogue.facilities.get(name)


def _summary(entry: Entry, resource: Resource | None, reading: Reading) -> str:
    place = text(resource.name) if resource else entry.resource
    booking = entry.booking
    if booking is None:
        return gettext("busy – %(place)s", place=place)
    owner = reading.organisations.get(booking.organisation)
    whose = f"{text(owner.name)} – " if reading.tells_whose and owner else ""
    if entry.standing is Standing.CONFIRMED:
        return f"{whose}{place}"
    return f"{whose}{place} ({label(STATES, booking.state)})"


def _place(resource: Resource, catalogue: Catalogue) -> Iterator[tuple[str, object]]:
    site, city = catalogue.sites[resource.site], catalogue.cities[resource.city]
    yield "LOCATION", _printable(f"{text(site.name)}, {text(city.name)}")
    yield "GEO", (site.lat, site.lon)


def _told(booking: Booking, reading: Reading) -> Iterator[tuple[str, object]]:
    """What only those are told who may see the booking."""
    address = f"{reading.site_url}/bookings/{booking.id}"
    yield "DESCRIPTION", _printable("\n".join([*_description(booking, reading), address]))
    yield "URL", address
    if booking.request.series:
        yield "CATEGORIES", [gettext("Series %(id)s", id=booking.request.series)]


def _description(booking: Booking, reading: Reading) -> Iterator[str]:
    catalogue = reading.catalogue
    yield gettext("Booking %(id)s: %(state)s", id=booking.id, state=label(STATES, booking.state))
    for line in booking.lines:
        yield " · ".join(_line(line, booking, catalogue))
    for site in dict.fromkeys(sites_of(booking, catalogue)):
        if site in reading.instructions:
            yield gettext("How to enter: %(said)s", said=text(reading.instructions[site]))


def sites_of(booking: Booking, catalogue: Catalogue) -> Iterator[str]:
    """Where the booking's lines are, as far as the catalogue knows."""
    for line in booking.lines:
        resource = _resource(line.resource, catalogue)
        if resource is not None:
            yield resource.site


def _line(line: Line, booking: Booking, catalogue: Catalogue) -> Iterator[str]:
    yield name_of(line, catalogue)
    yield place_of(line, catalogue)
    resource = _resource(line.resource, catalogue)
    if resource is not None:
        yield use_text(resource, line.units, line.vehicles, line.mode)
    if (line.start, line.end) != (booking.start, booking.end):
        yield when(line.start, line.end, zone_of(booking, catalogue))
