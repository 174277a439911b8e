"""Approvals: whom a rule profile asks, until when, and what becomes of a booking by their answers.

The parties answer in parallel. All have to accept; one rejection decides; after the deadline
silence means what the profile says.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from testbed.domain.bookings import Booking, State, pend, step
from testbed.domain.catalogue import RuleProfile, Site
from testbed.domain.errors import IllegalTransition, InvalidRequest
from testbed.domain.grid import moment_of
from testbed.domain.parties import Organisation

LONGEST_TEXT = 1000


class Party(StrEnum):
    """Who is asked."""

    OPERATOR = "operator"
    CITY = "city"
    ROAD_AUTHORITY = "road_authority"


class Answer(StrEnum):
    """What a party said."""

    ACCEPTED = "accepted"
    REJECTED = "rejected"


# The sector of the organisation that answers for a party beside the operator.
SECTORS: Mapping[Party, str] = {
    Party.CITY: "local-government",
    Party.ROAD_AUTHORITY: "road-authority",
}
SILENCE = {"accepted": State.CONFIRMED, "rejected": State.REJECTED}


@dataclass(frozen=True, slots=True)
class Approval:
    """What one party was asked in one round, and what it said.

    `organisation` is the party's, None where it has none. `text` holds the conditions of a yes or
    the reason of a no; `stands_in` marks an answer that the province gave for a party without
    accounts.
    """

    booking: str
    round: int
    party: Party
    organisation: str | None
    asked_at: datetime
    deadline: datetime
    answer: Answer | None = None
    text: str = ""
    answered_by: int | None = None
    answered_at: datetime | None = None
    stands_in: bool = False


def deadline(booking: Booking, rule: RuleProfile, notice_hours: int, now: datetime) -> datetime:
    """Until when the parties may answer: the rule's days, and never into the notice of the start.

    Who asks so late that the notice has begun leaves them until the start. Never before the hold,
    if any, would have ended, so that nothing ends sooner by being confirmed.
    """
    start = moment_of(booking.start)
    last = start - timedelta(hours=notice_hours)
    limit = min(now + timedelta(days=rule.approval_days), last if last > now else start)
    return max(limit, booking.expires_at) if booking.expires_at else limit


def asked(booking: Booking, rule: RuleProfile, notice_hours: int, now: datetime) -> Booking:
    """The booking, waiting for the parties of its rule. Raises IllegalTransition."""
    until = deadline(booking, rule, notice_hours, now)
    return pend(booking, until, SILENCE[rule.approval_silence])


def questions(
    booking: Booking, parties: Mapping[Party, str | None], number: int, now: datetime
) -> tuple[Approval, ...]:
    """One question to each of the parties, given with their organisations, about the booking."""
    until = booking.expires_at or now
    return tuple(
        Approval(booking.id, number, party, organisation, now, until)
        for party, organisation in parties.items()
    )


def organisations_of(
    rule: RuleProfile, site: Site, organisations: Iterable[Organisation]
) -> dict[Party, str | None]:
    """Whose organisation answers for each party of the rule, at a site."""
    known = sorted(organisations, key=lambda each: each.id)
    return {party: _organisation_of(party, site, known) for party in map(Party, rule.approvals)}


def _organisation_of(party: Party, site: Site, known: Iterable[Organisation]) -> str | None:
    for each in known:
        if party is Party.OPERATOR:
            found = each.id == site.operator
        else:
            found = (each.sector, each.city) == (SECTORS[party], site.city)
        if found:
            return each.id
    return None


def is_province(organisation: Organisation) -> bool:
    """Whether it is the local government above the cities, which answers for who is absent."""
    return organisation.sector == SECTORS[Party.CITY] and organisation.city is None


def outcome(answers: Iterable[Answer | None]) -> State:
    """What a booking is by the answers so far, in whatever order they came: one no decides."""
    given = list(answers)
    if Answer.REJECTED in given:
        return State.REJECTED
    return State.CONFIRMED if all(given) else State.PENDING


def answered(
    approval: Approval, answer: Answer, text: str, by: int, now: datetime, *, stands_in: bool
) -> Approval:
    """The approval with its answer; a no needs a reason.

    Raises IllegalTransition("approval_answered"), InvalidRequest: "approval_reason_needed",
    "approval_text_too_long".
    """
    written = text.strip()
    if approval.answer is not None:
        raise IllegalTransition("approval_answered", party=approval.party, answer=approval.answer)
    if answer is Answer.REJECTED and not written:
        raise InvalidRequest("approval_reason_needed", party=approval.party)
    if len(written) > LONGEST_TEXT:
        raise InvalidRequest("approval_text_too_long", most=LONGEST_TEXT)
    return replace(
        approval, answer=answer, text=written, answered_by=by, answered_at=now, stands_in=stands_in
    )


def decided(booking: Booking, approvals: Iterable[Approval], now: datetime) -> Booking:
    """The pending booking after its approvals. Raises IllegalTransition once it is too late."""
    require_open(booking, now)
    state = outcome(each.answer for each in approvals)
    return booking if state is State.PENDING else step(booking, state)


def require_open(booking: Booking, now: datetime) -> None:
    """Refuse an answer about what waits for none. Raises IllegalTransition."""
    if booking.state is not State.PENDING:
        raise IllegalTransition("not_pending", booking=booking.id, state=booking.state)
    if booking.expires_at is not None and now >= booking.expires_at:
        raise IllegalTransition("approval_over", booking=booking.id)


def has_to_ask_again(before: Booking, after: Booking) -> bool:
    """Whether a change concerns the parties: who comes, or anything about a line."""
    if before.organisation != after.organisation:
        return True
    return before.rule != after.rule or before.lines != after.lines
