"""Documents of series and templates."""

from datetime import date
from typing import Literal

from pydantic import Field

from web.api.answers.booking import BookingAnswer, DecisionAnswer, RepairAnswer, WishAnswer
from web.api.answers.common import Answer, Moment, Next

Outcome = Literal["booked", "left_out", "skipped", "holiday", "awaited"]


class DateAnswer(Answer):
    """One date of a series; `day` names it, whatever is done with it.

    `booking` is null where there is none; `decision` and `repairs` stand with a date left out.
    """

    day: date
    start: Moment
    outcome: Outcome
    apart: bool = Field(description="Changed by itself: edits of the series leave it alone")
    booking: BookingAnswer | None
    decision: DecisionAnswer | None
    repairs: list[RepairAnswer]


class SeriesAnswer(Answer):
    """A series with its dates in order."""

    id: str
    organisation: str
    name: str
    created_at: Moment
    confirmed_at: Moment | None
    version: int
    zone: str
    rule: str | None
    pattern: str = Field(description="The same in words")
    skip_holidays: bool
    wish: WishAnswer
    dates: list[DateAnswer]


class SeriesSummary(Answer):
    """A series in a few words."""

    id: str
    organisation: str
    name: str
    created_at: Moment
    pattern: str
    standing: str


class SeriesPage(Answer):
    """A page of series, the newest first."""

    items: list[SeriesSummary]
    next: Next


class ForeseenAnswer(Answer):
    """What would become of a date; a public holiday has no decision."""

    day: date
    start: Moment
    outcome: Outcome
    decision: DecisionAnswer | None


class SeriesPreview(Answer):
    """What would become of every date; nothing is kept."""

    pattern: str
    dates: list[ForeseenAnswer]


class RefusedDate(Answer):
    """A date that stood in the way of a whole series."""

    day: date
    decision: DecisionAnswer


class StartedAnswer(Answer):
    """The answer to a series: null where all or nothing was asked and some dates do not fit."""

    series: SeriesAnswer | None
    refused: list[RefusedDate]


class LeftAnswer(Answer):
    """A date that stayed as it was: by a decision, or because it has begun or is over."""

    day: date
    decision: DecisionAnswer | None
    code: str | None


class CancelCost(Answer):
    """A booking that would be given back, and whether its hours would still count."""

    day: date
    booking: str
    counts_as_use: bool


class EditedAnswer(Answer):
    """What a change did; the same key again changes nothing, and names no dates."""

    changed: list[date]
    left: list[LeftAnswer]
    costs: list[CancelCost]
    series: SeriesAnswer


class TemplateAnswer(Answer):
    """A wish under a name."""

    id: str
    organisation: str
    name: str
    created_at: Moment
    wish: WishAnswer
    request: dict[str, object] = Field(description="As a search or request takes it")


class TemplatePage(Answer):
    """A page of templates, by name."""

    items: list[TemplateAnswer]
    next: Next
