"""What the API takes of series and templates."""

from datetime import time
from typing import Annotated, Literal

from pydantic import BeforeValidator, ConfigDict, Discriminator, Field, StringConstraints, Tag

from testbed.domain.series import MOST_DATES, MOST_SHIFT_DAYS, Change, Extent, Scope
from testbed.service.series import LONGEST_NAME
from web.schemas import EXAMPLE, Body, Day, Id, Minutes, Paged, RequestIn, Wish

_WEEKDAY = "(MO|TU|WE|TH|FR|SA|SU)"
_DATE = r"((0[1-9]|1[0-2])(0[1-9]|1[0-9]|2[0-8])|(0[13-9]|1[0-2])(29|30)|(0[13578]|1[02])31)"
RRULE = (
    r"^FREQ=(DAILY|WEEKLY)(;INTERVAL=([1-9]|[1-4][0-9]|5[0-2]))?"
    rf"(;BYDAY={_WEEKDAY}(,{_WEEKDAY}){{0,6}})?"
    rf";(COUNT=([1-9]|[1-5][0-9]|60)|UNTIL=20[0-9]{{2}}{_DATE})$"
)
CLOCK = r"^([01][0-9]|2[0-3]):(00|15|30|45)$"
# It begins with a letter or digit; control characters are refused.
CALLED = r"^[A-Za-z0-9가-힣][^\x00-\x1f\x7f]{0,79}$"
Called = Annotated[str, StringConstraints(max_length=LONGEST_NAME, pattern=CALLED)]
Days = Annotated[list[Day], Field(min_length=1, max_length=MOST_DATES)]
Chosen = Literal["this", "following", "all"]


def _whole(value: object) -> object:
    """A whole number as an int: JSON does not tell 7 from 7.0."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


Shift = Annotated[int, Field(ge=-MOST_SHIFT_DAYS, le=MOST_SHIFT_DAYS), BeforeValidator(_whole)]


class Rhythm(Body):
    """A recurrence rule (RFC 5545): by days or weeks, at most 60 dates."""

    rule: Annotated[str, StringConstraints(pattern=RRULE)] = Field(
        description="FREQ, INTERVAL, BYDAY, then COUNT or UNTIL (a local day)",
        examples=["FREQ=WEEKLY;INTERVAL=2;BYDAY=TU,TH;COUNT=8"],
    )


class Listed(Body):
    """Chosen days."""

    dates: Days


def _kind_of_days(value: object) -> str:
    return "chosen days" if isinstance(value, dict) and "dates" in value else "a rhythm"


When = Annotated[
    Annotated[Rhythm, Tag("a rhythm")] | Annotated[Listed, Tag("chosen days")],
    Discriminator(_kind_of_days),
]


class SeriesIn(Wish):
    """A wish that repeats: its start tells the first day and the time of day, at the place."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                **EXAMPLE,
                "later_minutes": 0,
                "repeat": {"rule": "FREQ=WEEKLY;BYDAY=TU;COUNT=6"},
                "skip_holidays": True,
            }
        }
    )

    repeat: When
    name: Called | None = None
    organisation: Id | None = Field(default=None, description="For those who act for all")
    skip_holidays: bool = Field(default=False, description="Leave Korean public holidays out")
    all_or_nothing: bool = Field(default=False, description="Keep nothing unless every date fits")


class ExtentIn(Body):
    """The dates that a change concerns, as seen from one of them."""

    scope: Chosen = "this"
    day: Day = Field(description="The date's `day`")

    @property
    def extent(self) -> Extent:
        """The same, as the domain has it."""
        return Extent(Scope(self.scope), self.day)


class SeriesEditIn(ExtentIn):
    """What is to be otherwise; what is not named stays."""

    model_config = ConfigDict(
        json_schema_extra={"example": {"scope": "following", "day": "2026-12-15", "at": "13:00"}}
    )

    at: Annotated[str, StringConstraints(pattern=CLOCK)] | None = Field(
        default=None, description="New start on the wall clock of the place"
    )
    days: Shift = Field(default=0, description="Move by so many days; may be negative")
    minutes: Minutes | None = None
    resource: Id | None = Field(default=None, description="The one place for the main need")

    @property
    def change(self) -> Change:
        """The same, as the domain has it."""
        begins = None if self.at is None else time.fromisoformat(self.at)
        at_min = None if begins is None else begins.hour * 60 + begins.minute
        return Change(at_min, self.days, self.minutes, self.resource)


class SeriesCancelIn(ExtentIn):
    """Which dates are given back."""

    model_config = ConfigDict(
        json_schema_extra={"example": {"scope": "following", "day": "2026-12-15", "preview": True}}
    )

    preview: bool = Field(default=False, description="Only say what it would cost")


class AskAgainIn(Body):
    """A date without a place that is asked for again."""

    model_config = ConfigDict(json_schema_extra={"example": {"day": "2026-12-15"}})

    day: Day
    request: RequestIn | None = Field(
        default=None, description="Another wish for that day, such as the `request` of a repair"
    )


class SeriesExtendIn(Body):
    """More dates: by its rule until a day, or chosen ones where it has no rule."""

    model_config = ConfigDict(json_schema_extra={"example": {"until": "2027-02-23"}})

    until: Day | None = None
    dates: list[Day] = Field(default=[], max_length=MOST_DATES)


class SeriesWanted(Paged):
    """Which series, or templates, are listed."""

    organisation: Id | None = Field(default=None, description="For those who act for all")


class TemplateIn(Wish):
    """A wish under a name; the date of its start tells the weekday alone."""

    model_config = ConfigDict(json_schema_extra={"example": {**EXAMPLE, "name": "Rain, 3 hours"}})

    name: Called
    organisation: Id | None = Field(default=None, description="For those who act for all")


class TemplateNameIn(Body):
    """What a template is to be called."""

    model_config = ConfigDict(json_schema_extra={"example": {"name": "Rain, 3 hours"}})

    name: Called
