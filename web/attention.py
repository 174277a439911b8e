"""What waits for whoever is signed in: one line per matter on the first page, in this order."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta

from flask import url_for

from testbed.domain.parties import Member
from testbed.domain.waitlist import Waiting
from testbed.service import (
    approvals,
    closures,
    eligibility,
    handovers,
    paper_counts,
    partners,
    reconfirmations,
    usage,
    waitlist,
)
from web.access import BOOKS, CHANGES_BOOKINGS, RUNS_THE_DAY
from web.booked import zone_of
from web.deps import catalogue, context, doors, now, today
from web.languages import gettext, ngettext
from web.present import moment_text

# Days before its end from which on a paper stands on the first page.
PAPERS_AHEAD = 14


@dataclass(frozen=True, slots=True)
class Line:
    """A sentence, where it is seen to, and whether it is pressing."""

    said: str
    address: str
    link: str
    is_pressing: bool = False


def _closed(member: Member) -> Iterator[Line]:
    """What is closed, for those who reopen it."""
    if member.role in RUNS_THE_DAY and (shut := closures.in_force(context(), now())):
        said = ngettext("%(num)d closure is in force.", "%(num)d closures are in force.", len(shut))
        yield Line(said, url_for("closures.index"), gettext("Closures"), is_pressing=True)


def _displaced(member: Member) -> Iterator[Line]:
    """Own bookings that lost their place to a closure."""
    if member.role not in BOOKS:
        return
    if lost := closures.displaced(context(), now(), member):
        said = ngettext(
            "%(num)d displaced booking has lost its place.",
            "%(num)d displaced bookings have lost their places.",
            len(lost),
        )
        address = url_for("bookings.one", booking_id=lost[0].id)
        yield Line(said, address, gettext("Look at it"), is_pressing=True)


def _unrecorded(member: Member) -> Iterator[Line]:
    """Visits whose use is still to be recorded, for those who drove."""
    if member.role not in BOOKS:
        return
    days = doors().settings.day.report_due_days
    if due := usage.unrecorded(context(), now(), member, days):
        said = ngettext(
            "The use of %(num)d booking is to be recorded.",
            "The use of %(num)d bookings is to be recorded.",
            len(due),
        )
        yield Line(said, url_for("usage.index"), gettext("Record it"))


def _offered(member: Member) -> Iterator[Line]:
    """What is held for requests of the organisation that wait."""
    if member.role not in BOOKS:
        return
    if held := waitlist.entries_of(context(), member.organisation, {Waiting.OFFERED}):
        said = ngettext(
            "%(num)d place from the waitlist is held for you.",
            "%(num)d places from the waitlist are held for you.",
            len(held),
        )
        yield Line(said, url_for("waitlist.index"), gettext("Answer"), is_pressing=True)


def _to_approve(member: Member) -> Iterator[Line]:
    """Bookings that wait for an answer of the reader."""
    if member.role not in RUNS_THE_DAY:
        return
    if waits := approvals.queue(context(), now(), member, mine=True):
        said = ngettext(
            "%(num)d booking waits for your approval.",
            "%(num)d bookings wait for your approval.",
            len(waits),
        )
        soon = now() + timedelta(hours=doors().settings.jobs.approval_hours)
        until = waits[0].booking.expires_at
        is_pressing = until is not None and until <= soon
        yield Line(said, url_for("approvals.index"), gettext("Approvals"), is_pressing)


def _to_reconfirm(member: Member) -> Iterator[Line]:
    """Bookings of series that the reader's organisation is to confirm again."""
    if member.role not in BOOKS:
        return
    for each in reconfirmations.listing(context(), now(), member):
        until = moment_text(each.due_at, zone_of(each.booking, catalogue()))
        yield Line(
            gettext("A booking of a series is to be confirmed again by %(time)s.", time=until),
            url_for("bookings.one", booking_id=each.booking.id),
            gettext("Confirm again"),
            is_pressing=each.due_at <= now() + timedelta(days=1),
        )


def _invited(member: Member) -> Iterator[Line]:
    """Joint bookings to which the reader's organisation is invited, and bookings offered to it."""
    if member.role not in BOOKS:
        return
    for each in partners.invitations(context(), now(), member):
        until = moment_text(each.expires_at or now(), zone_of(each, catalogue()))
        yield Line(
            gettext("Your organisation is invited to a joint booking until %(time)s.", time=until),
            url_for("bookings.one", booking_id=each.id, _anchor="together"),
            gettext("Answer"),
            is_pressing=True,
        )
    if offered := handovers.offered_to(context(), now(), member):
        said = ngettext(
            "%(num)d booking is offered to your organisation.",
            "%(num)d bookings are offered to your organisation.",
            len(offered),
        )
        yield Line(said, url_for("handovers.index"), gettext("Hand-overs"), is_pressing=True)


def _papers(member: Member) -> Iterator[Line]:
    """Papers that end or were rejected, and bookings that lack some; for operators what waits."""
    if member.role not in CHANGES_BOOKINGS:
        return
    if waits := paper_counts.waiting(context(), member):
        said = ngettext(
            "%(num)d paper waits for acceptance.", "%(num)d papers wait for acceptance.", waits
        )
        yield Line(said, url_for("papers.index"), gettext("Papers"))
    if ending := paper_counts.ending(context(), member, today(), PAPERS_AHEAD):
        said = ngettext(
            "%(num)d paper ends soon or has ended.",
            "%(num)d papers end soon or have ended.",
            ending,
        )
        yield Line(said, url_for("papers.index"), gettext("Papers"))
    if lacking := len(eligibility.lapsing(context(), now(), member)):
        said = ngettext(
            "%(num)d booking to come lacks papers.",
            "%(num)d bookings to come lack papers.",
            lacking,
        )
        yield Line(said, url_for("papers.index"), gettext("Papers"), is_pressing=True)


# Each looks at the member and yields what waits for them.
MATTERS: tuple[Callable[[Member], Iterator[Line]], ...] = (
    _closed,
    _displaced,
    _to_reconfirm,
    _offered,
    _to_approve,
    _unrecorded,
    _invited,
    _papers,
)


def for_member(member: Member) -> list[Line]:
    """Everything that waits, the pressing first."""
    lines = [line for matter in MATTERS for line in matter(member)]
    return sorted(lines, key=lambda line: not line.is_pressing)
