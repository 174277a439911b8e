"""Approvals, ready to print: what each party said, and what an approver weighs."""

from collections.abc import Collection
from dataclasses import dataclass

from flask_babel import lazy_gettext

from testbed.domain.approvals import LONGEST_TEXT, Answer, Approval, Party
from testbed.domain.bookings import Booking, State
from testbed.domain.parties import Organisation
from testbed.domain.waitlist import Proposal
from testbed.service import approvals as service
from testbed.service import assessment
from testbed.service.approvals import Wait
from testbed.service.assessment import Assessment, Conflict
from web.booked import name_of, place_of, slot_of, zone_of
from web.deps import catalogue, context, me, now, organisations
from web.labels import label
from web.languages import gettext, text
from web.place_words import PARTIES
from web.present import moment_text, pool_name, reason_texts, slot_text

CONFLICTS = {
    Conflict.APPLIES: lazy_gettext("%(party)s: its own organisation applies here"),
    Conflict.WAITS: lazy_gettext("%(party)s: its own organisation waits for this place"),
}
SIGNS = {"": "◐", "accepted": "✓", "rejected": "✕"}


@dataclass(frozen=True, slots=True)
class PartyView:
    """What one party was asked and said; `may_answer` where the reader may speak for it."""

    code: str
    name: str
    organisation: str
    answer: str
    sign: str
    said: str
    text: str
    text_name: str
    remark: str
    may_answer: bool


@dataclass(frozen=True, slots=True)
class SectionView:
    """The approvals of a booking; `deadline` while they are open."""

    id: str
    parties: list[PartyView]
    deadline: str
    silence: str
    most: int


@dataclass(frozen=True, slots=True)
class WaitView:
    """A booking in the queue, with what an approver weighs."""

    id: str
    name: str
    place: str
    when: str
    organisation: str
    approvals: SectionView
    is_mine: bool
    displaced: list[str]
    quota: str
    is_over_quota: bool
    missing: list[str]
    conflicts: list[str]


def of_booking(booking: Booking) -> SectionView | None:
    """The approvals of a booking that the reader may see, None where nobody was asked."""
    asked, open_to_me = service.of_booking(context(), booking, now(), me())
    return section_view(booking, asked, open_to_me) if asked else None


def section_view(
    booking: Booking, asked: Collection[Approval], open_to_me: Collection[Party]
) -> SectionView:
    """What the parties said."""
    zone = zone_of(booking, catalogue())
    is_open = booking.state is State.PENDING and booking.expires_at is not None
    return SectionView(
        booking.id,
        [_party(each, zone, each.party in open_to_me) for each in asked],
        moment_text(booking.expires_at, zone) if is_open and booking.expires_at else "",
        _silence(booking),
        LONGEST_TEXT,
    )


def _silence(booking: Booking) -> str:
    if booking.silence is State.CONFIRMED:
        return gettext("Without an answer by then the booking is confirmed.")
    return gettext("Without an answer by then the booking is rejected.")


def _party(asked: Approval, zone: str, may_answer: bool) -> PartyView:
    answer = asked.answer.value if asked.answer else ""
    return PartyView(
        asked.party.value,
        label(PARTIES, asked.party.value),
        _organisation_of(asked.organisation),
        answer,
        SIGNS[answer],
        _said(asked, zone),
        asked.text,
        gettext("Reason") if asked.answer is Answer.REJECTED else gettext("Conditions"),
        gettext("answered by the province in its place") if asked.stands_in else "",
        may_answer,
    )


def _organisation_of(name: str | None) -> str:
    found: Organisation | None = organisations().get(name or "")
    return text(found.name) if found else gettext("no organisation on record")


def _said(asked: Approval, zone: str) -> str:
    if asked.answered_at is None:
        return gettext("not answered yet")
    moment = moment_text(asked.answered_at, zone)
    if asked.answer is Answer.ACCEPTED:
        return gettext("accepted, %(time)s", time=moment)
    return gettext("rejected, %(time)s", time=moment)


def wait_view(wait: Wait) -> WaitView:
    """A booking in the queue, as it stands now."""
    booking, known = wait.booking, catalogue()
    found = assessment.assess(context(), booking, wait.approvals, now(), me())
    return WaitView(
        id=booking.id,
        name=name_of(booking.lines[0], known),
        place=place_of(booking.lines[0], known),
        when=slot_of(booking, known),
        organisation=_organisation_of(booking.organisation),
        approvals=section_view(booking, wait.approvals, wait.open_to_me),
        is_mine=bool(wait.open_to_me),
        displaced=[_displaced(each) for each in found.displaced],
        quota=_quota(found),
        is_over_quota=found.most is not None and found.used > found.most,
        missing=reason_texts(found.missing, known),
        conflicts=[
            gettext(str(CONFLICTS[conflict]), party=label(PARTIES, party.value))
            for party, conflict in found.conflicts
        ],
    )


def _displaced(proposal: Proposal) -> str:
    """Who waits, and what could be offered to them."""
    main = proposal.offer.lines[0]
    waits = _organisation_of(proposal.entry.request.organisation)
    return f"{waits}: {pool_name(catalogue(), main.resource)}, {slot_text(main, catalogue())}"


def _quota(found: Assessment) -> str:
    if found.most is None:
        return gettext("%(used)g h in that week", used=found.used)
    return gettext("%(used)g of %(most)d h in that week", used=found.used, most=found.most)
