"""The form of a series: how often, on which days, until when; beside the form of the wish."""

from collections.abc import Iterable
from datetime import date, timedelta

from flask_babel import lazy_gettext
from flask_wtf import FlaskForm
from werkzeug.datastructures import MultiDict
from wtforms import (
    BooleanField,
    DateField,
    IntegerField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
)
from wtforms.validators import Length, NumberRange, Optional
from wtforms.widgets import CheckboxInput, ListWidget

from testbed.domain.series import MOST_DATES, MOST_INTERVAL, Frequency, Rule
from testbed.service.series import LONGEST_NAME
from web.languages import gettext
from web.series_words import weekday_names

RULE, DATES = "rule", "dates"
UNTIL, COUNT = "until", "count"
PARTLY, ALL = "partly", "all"
# What tells a sent form from a link that only names the wish.
SENT = "how"
BLANK_DATES = 4
HOW = [(RULE, lazy_gettext("by a rhythm")), (DATES, lazy_gettext("on chosen dates"))]
UNITS = [
    (Frequency.WEEKLY.value, lazy_gettext("weeks")),
    (Frequency.DAILY.value, lazy_gettext("days")),
]
ENDS = [(COUNT, lazy_gettext("after so many dates")), (UNTIL, lazy_gettext("on a day"))]
IF_NOT = [
    (PARTLY, lazy_gettext("hold the others, and list what was left out")),
    (ALL, lazy_gettext("hold nothing")),
]
# Fields that the wish's own form does not have.
OWN = ("name", "how", "every", "unit", "on", "ends", "until", "count", "date", "holidays", "partly")


class SeriesForm(FlaskForm):  # type: ignore[misc] # Flask-WTF ships no types
    """One form of plain fields beside those of the wish; `dates` are the listed ones."""

    class Meta:
        """A preview changes nothing, so it carries no token; the page that keeps asks for one."""

        csrf = False

    name = StringField(lazy_gettext("Name of the series"), [Length(max=LONGEST_NAME)])
    how = RadioField(lazy_gettext("When"))
    every = IntegerField(lazy_gettext("Every"), [Optional(), NumberRange(1, MOST_INTERVAL)])
    unit = SelectField(lazy_gettext("Unit of the rhythm"))
    on = SelectMultipleField(
        lazy_gettext("On these weekdays"),
        coerce=int,
        option_widget=CheckboxInput(),
        widget=ListWidget(prefix_label=False),
    )
    ends = RadioField(lazy_gettext("Ends"))
    count = IntegerField(lazy_gettext("How many dates"), [Optional(), NumberRange(1, MOST_DATES)])
    until = DateField(lazy_gettext("Last day"), [Optional()])
    holidays = BooleanField(lazy_gettext("Skip Korean public holidays"))
    partly = RadioField(lazy_gettext("If a date does not fit"))

    def __init__(self, given: "MultiDict[str, str]", first: date) -> None:
        self._first = first
        super().__init__(given if SENT in given else _suggested(given, first))
        self.how.choices, self.unit.choices = HOW, UNITS
        self.ends.choices, self.partly.choices = ENDS, IF_NOT
        self.on.choices = list(enumerate(weekday_names()))
        self.dates, self.date_errors = _dates(given.getlist("date"))

    @property
    def rule(self) -> Rule | None:
        """The rule as it was said; None for a list of dates."""
        if self.how.data == DATES:
            return None
        weekly = self.unit.data == Frequency.WEEKLY.value
        by_count = self.ends.data == COUNT
        return Rule(
            Frequency(self.unit.data),
            self.every.data or 1,
            tuple(sorted(self.on.data)) if weekly else (),
            self.count.data if by_count else None,
            None if by_count else self.until.data,
        )

    @property
    def blanks(self) -> range:
        """How many empty fields for further dates are shown."""
        return range(len(self.dates), len(self.dates) + BLANK_DATES)

    def validate(self, extra_validators: object = None) -> bool:
        """Whether all of it can be asked for; each mistake stands beside its field."""
        readable = super().validate(extra_validators)
        self._look_at_the_end()
        if self.how.data == DATES and not self.dates:
            self.date_errors.append(gettext("Choose at least one date."))
        return bool(readable) and not (self.date_errors or self.count.errors or self.until.errors)

    def _look_at_the_end(self) -> None:
        """A rhythm says after how many dates it ends, or on which day after the first."""
        if self.how.data != RULE:
            return
        if self.ends.data == COUNT and not self.count.data:
            self.count.errors = [*self.count.errors, gettext("Say after how many dates.")]
        late = self.until.data is not None and self.until.data >= self._first
        if self.ends.data == UNTIL and not late:
            self.until.errors = [*self.until.errors, gettext("Choose a day after the first one.")]

    def pairs(self) -> list[tuple[str, str]]:
        """The form as it was sent, for the button that keeps it."""
        said = [
            (name, value) for name in ("name", "how", "unit", "ends") if (value := self[name].data)
        ]
        numbers = [(name, str(self[name].data)) for name in ("every", "count") if self[name].data]
        until = [("until", self.until.data.isoformat())] if self.until.data else []
        holidays = [("holidays", "y")] if self.holidays.data else []
        days = [("on", str(each)) for each in self.on.data]
        dates = [("date", each.isoformat()) for each in self.dates]
        return [*said, *numbers, *until, *holidays, *days, *dates, ("partly", self.partly.data)]


def _suggested(given: "MultiDict[str, str]", first: date) -> "MultiDict[str, str]":
    """Weekly on the weekday of the wish, six times."""
    typed: MultiDict[str, str] = MultiDict(given.items(multi=True))
    usual = {
        "how": DATES if given.get("dates") else RULE,
        "every": "1",
        "unit": Frequency.WEEKLY.value,
        "on": str(first.weekday()),
        "ends": COUNT,
        "count": "6",
        "until": (first + timedelta(weeks=5)).isoformat(),
        "holidays": "y",
        "partly": PARTLY,
    }
    typed.update(usual)
    return typed


def _dates(typed: Iterable[str]) -> tuple[list[date], list[str]]:
    found, wrong = set(), []
    for each in typed:
        try:
            found |= {date.fromisoformat(each)} if each else set()
        except ValueError:
            wrong.append(gettext("%(value)s is no date.", value=each[:20]))
    return sorted(found), wrong
