"""What waits for whoever is signed in: one line per matter on the first page, in this order."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta

from flask import url_for

from testbed.domain.parties import Member
from testbed.service import approvals, closures, reconfirmations, usage
from web.access import BOOKS, RUNS_THE_DAY
from web.booked import zone_of
from web.deps import catalogue, context, doors, now
from web.languages import gettext, ngettext
from web.present import moment_text


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


# Each looks at the member and yields what waits for them.
MATTERS: tuple[Callable[[Member], Iterator[Line]], ...] = (
    _closed,
    _to_reconfirm,
    _to_approve,
    _unrecorded,
)


def for_member(member: Member) -> list[Line]:
    """Everything that waits, the pressing first."""
    lines = [line for matter in MATTERS for line in matter(member)]
    return sorted(lines, key=lambda line: not line.is_pressing)
