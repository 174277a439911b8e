"""What is answered of joint bookings, hand-overs and sharing wishes."""

from typing import Literal

from pydantic import Field

from web.api.answers.booking import BookingAnswer, DecisionAnswer
from web.api.answers.common import Answer, Moment, Next

PartyState = Literal["leads", "invited", "accepted", "declined", "left"]
HandoverState = Literal["offered", "accepted", "declined", "withdrawn", "over"]


class ExtendedAnswer(Answer):
    """The answer to a wish to extend; the booking lasts longer where it was granted."""

    request: str
    decision: DecisionAnswer
    booking: BookingAnswer


class PartyAnswer(Answer):
    """One organisation of a joint booking, and the vehicles for which it answers."""

    organisation: str
    state: PartyState
    vehicles: int


class BesideAnswer(Answer):
    """Who else is on the shared roads meanwhile."""

    vehicles: int = Field(description="Vehicles of all others")
    organisations: list[str] = Field(description="Those that may be named: where both allow it")


class HandoverAnswer(Answer):
    """A booking offered to another organisation; an offer may be answered until `expires_at`."""

    id: str
    booking: str
    giver: str
    receiver: str
    resource: str
    start: Moment
    end: Moment
    offered_at: Moment
    expires_at: Moment
    state: HandoverState


class HandoverPage(Answer):
    """A page of hand-overs, the newest first."""

    items: list[HandoverAnswer]
    next: Next


class TakenOverAnswer(Answer):
    """The answer to who takes a booking over: granted, or the reasons why not."""

    request: str
    handover: HandoverAnswer
    decision: DecisionAnswer


class TogetherAnswer(Answer):
    """What a booking has to do with others."""

    booking: str
    parties: list[PartyAnswer] = Field(description="Empty for a booking of one organisation")
    beside: BesideAnswer
    handover: HandoverAnswer | None = Field(description="The open offer to another organisation")
    booked_for: str | None = Field(description="The member for whom an operator booked")


class PartAnswer(Answer):
    """What an organisation answered to an invitation."""

    booking: str
    organisation: str
    state: PartyState


class SharingAnswer(Answer):
    """The sharing wishes of an organisation."""

    apart: list[str]
    shows_name: bool
