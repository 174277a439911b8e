"""What became of a booking, in the reader's words."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from flask_babel import lazy_gettext

from testbed.domain.catalogue import Catalogue
from testbed.service.history import Event, Person
from web.labels import ROLES, RULE_NAMES, label
from web.languages import gettext
from web.present import moment_text, pool_name, when

EVENTS = {
    "booking.held": lazy_gettext("Held"),
    "booking.offered": lazy_gettext("Held for a request that waited"),
    "booking.confirmed": lazy_gettext("Confirmed"),
    "booking.pending": lazy_gettext("Approvals asked for"),
    "booking.rejected": lazy_gettext("Rejected: the place was given free"),
    "booking.rejected_by_silence": lazy_gettext("Not approved in time: the place was given free"),
    "booking.confirmed_by_silence": lazy_gettext("Confirmed: nobody objected in time"),
    "booking.checked_out": lazy_gettext("Checked out"),
    "booking.not_checked_out": lazy_gettext("Completed: nobody had checked out"),
    "booking.stopped": lazy_gettext("Ended: the place was closed at once"),
    "booking.displaced": lazy_gettext("Displaced: the place was closed at once"),
    "booking.restored": lazy_gettext("Has its place again after a closure"),
    "booking.overrun_ahead": lazy_gettext("Told that the booking before it has not left"),
    "booking.moved": lazy_gettext("Moved"),
    "booking.shortened": lazy_gettext("Shortened"),
    "booking.extended": lazy_gettext("Extended"),
    "booking.handed_over": lazy_gettext("Handed over"),
    "booking.partner_invited": lazy_gettext("A partner was invited"),
    "booking.partner_accepted": lazy_gettext("A partner takes part"),
    "booking.partner_declined": lazy_gettext("A partner declined"),
    "booking.partner_left": lazy_gettext("A partner has left"),
    "booking.shared_out": lazy_gettext("Vehicles shared out"),
    "booking.cancelled": lazy_gettext("Cancelled"),
    "booking.expired": lazy_gettext("The hold ran out"),
    "booking.checked_in": lazy_gettext("Checked in"),
    "booking.no_show": lazy_gettext("Nobody checked in: the place was given free"),
    "booking.overridden": lazy_gettext("Rules set aside by an operator"),
    "booking.to_reconfirm": lazy_gettext("Asked to confirm again"),
    "booking.reconfirmed": lazy_gettext("Confirmed again"),
    "booking.not_reconfirmed": lazy_gettext("Not confirmed again: cancelled free of charge"),
    "booking.reminded": lazy_gettext("Reminder mailed"),
    "booking.papers_missing": lazy_gettext("Papers no longer suffice"),
    "booking.crew_named": lazy_gettext("Vehicles and drivers named"),
    "booking.crew_set_aside": lazy_gettext("Let in without papers or crew"),
}


# After these it stands elsewhere or at another time.
PLACED = frozenset({"booking.moved", "booking.shortened", "booking.extended"})


@dataclass(frozen=True, slots=True)
class EventView:
    """One thing that happened; `where` says where it then stood, if that is news.

    `why` names the rules that were set aside, and the reason that was written.
    """

    at: str
    said: str
    who: str
    where: str
    why: str = ""


def event_views(events: Iterable[Event], catalogue: Catalogue, zone: str) -> Iterator[EventView]:
    """The events in their order."""
    stood: tuple[str, int, int] | None = None
    for event in events:
        stands = event.resource, event.start, event.end
        news = stands != stood and (stood is None or event.action in PLACED)
        yield EventView(
            at=moment_text(event.at, zone),
            said=label(EVENTS, event.action),
            who=_who(event.who),
            where=_where(event, catalogue, zone) if news else "",
            why=_why(event),
        )
        stood = stands


def _why(event: Event) -> str:
    if not event.rules:
        return ""
    return f"{', '.join(label(RULE_NAMES, each) for each in event.rules)}: {event.reason}"


def _where(event: Event, catalogue: Catalogue, zone: str) -> str:
    return f"{pool_name(catalogue, event.resource)}, {when(event.start, event.end, zone)}"


def _who(person: Person | None) -> str:
    if person is None:
        return gettext("automatically")
    return person.name or label(ROLES, person.role)
