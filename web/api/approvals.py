"""Approvals: what waits, and the answers of the parties."""

from typing import Annotated, Literal

from flask import Response
from pydantic import ConfigDict, Field, StringConstraints

from testbed.domain.approvals import LONGEST_TEXT, Answer, Approval, Party
from testbed.domain.bookings import State
from testbed.service import approvals as service
from testbed.service import bookings
from testbed.service.approvals import Given, Wait
from testbed.service.listings import Mark
from testbed.service.tokens import Scope
from web.api.answers import common
from web.api.answers.booking import BookingAnswer
from web.api.answers.common import Moment, Next
from web.api.bearer import caller
from web.api.endpoint import CHANGES, endpoint, noun, problems
from web.api.paging import cursor_at, mark_at
from web.api.replying import changed_booking, reply, terms_of
from web.api.showing import booking_answer, utc
from web.deps import context, now
from web.schemas import Body, Careful, Named, Paged

PartyName = Literal["operator", "city", "road_authority"]
Text = Annotated[str, StringConstraints(max_length=LONGEST_TEXT)]

blueprint = noun("approvals", "Bookings that parties have to approve")


class ApprovalAnswer(common.Answer):
    """What one party was asked and said; `text` holds conditions, or the reason of a no."""

    party: PartyName
    organisation: str | None
    asked_at: Moment
    deadline: Moment
    answer: Literal["accepted", "rejected"] | None
    text: str
    answered_at: Moment | None
    stands_in: bool = Field(description="The province answered for a party without accounts")
    may_answer: bool = Field(description="Whether the caller may answer now")


class WaitAnswer(common.Answer):
    """A booking and what was asked about it, in the last round."""

    booking: BookingAnswer
    silence: Literal["confirmed", "rejected"] | None = Field(
        description="What the booking becomes at its expires_at; null once it is decided"
    )
    approvals: list[ApprovalAnswer]


class WaitPage(common.Answer):
    """Bookings that wait for approval, the earliest deadline first."""

    items: list[WaitAnswer]
    next: Next


class WaitsWanted(Paged):
    """Which bookings are listed."""

    mine: bool = Field(default=False, description="Only those that the caller may answer")


class AnswerIn(Body):
    """The answer of one party."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {"party": "operator", "answer": "accepted", "text": "Cones as last time."}
        }
    )

    party: PartyName
    answer: Literal["accepted", "rejected"]
    text: Text = Field(default="", description="Conditions; a rejection needs a reason")


@blueprint.get("/approvals", responses={200: WaitPage})
@endpoint(Scope.READ)
def listing(query: WaitsWanted) -> Response:
    """List bookings that wait for approval; for operators."""
    after = mark_at(query.cursor)
    waits = service.queue(context(), now(), caller(), mine=query.mine)
    left = [each for each in waits if after is None or _after(each.mark, after)]
    page = left[: query.limit]
    last = page[-1].mark if len(left) > query.limit else None
    return reply(WaitPage(items=[_wait(each) for each in page], next=cursor_at(last)))


def _after(mark: Mark, other: Mark) -> bool:
    return (mark.at, mark.id) > (other.at, other.id)


@blueprint.get("/approvals/<id>", responses={200: WaitAnswer})
@endpoint(Scope.READ)
def one(path: Named) -> Response:
    """Show what was asked about a booking, for who may see it."""
    kept = bookings.get_kept(context(), path.id, now(), caller())
    asked, mine = service.of_booking(context(), kept.booking, now(), caller())
    return reply(_wait(Wait(kept, asked, mine)))


@blueprint.post("/approvals/<id>", responses={200: BookingAnswer, **CHANGES, **problems(412)})
@endpoint(Scope.BOOK, "submit")
def answer(path: Named, body: AnswerIn, header: Careful) -> Response:
    """Answer for a party: the last yes confirms the booking, one no frees its place at once."""
    given = Given(Party(body.party), Answer(body.answer), body.text)
    service.answer(context(), path.id, given, now(), caller(), terms=terms_of(header))
    kept = bookings.get_kept(context(), path.id, now(), caller())
    return changed_booking(kept.booking, kept.version)


def _wait(wait: Wait) -> WaitAnswer:
    booking = wait.booking
    silence: Literal["confirmed", "rejected"] | None = None
    if booking.silence is not None:
        silence = "confirmed" if booking.silence is State.CONFIRMED else "rejected"
    return WaitAnswer(
        booking=booking_answer(booking, wait.kept.version),
        silence=silence,
        approvals=[_approval(each, wait) for each in wait.approvals],
    )


def _approval(one: Approval, wait: Wait) -> ApprovalAnswer:
    return ApprovalAnswer(
        party=one.party.value,
        organisation=one.organisation,
        asked_at=utc(one.asked_at),
        deadline=utc(one.deadline),
        answer=one.answer.value if one.answer else None,
        text=one.text,
        answered_at=utc(one.answered_at) if one.answered_at else None,
        stands_in=one.stands_in,
        may_answer=one.party in wait.open_to_me,
    )
