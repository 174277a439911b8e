"""The form by which dates of a series change: when, how long, where."""

from dataclasses import replace
from datetime import time

from flask_babel import lazy_gettext
from flask_wtf import FlaskForm
from werkzeug.datastructures import MultiDict
from wtforms import DecimalField, IntegerField, SelectField
from wtforms.validators import InputRequired, NumberRange, Optional

from testbed.domain.catalogue import Catalogue, Resource
from testbed.domain.fit import matching
from testbed.domain.grid import GRAIN_MINUTES
from testbed.domain.series import MINUTES_PER_DAY, MOST_SHIFT_DAYS, Change, Era
from web.languages import gettext, text
from web.wish import MOST_HOURS, quiet

SAME, ANY = "=", "*"


class ChangeForm(FlaskForm):  # type: ignore[misc] # Flask-WTF ships no types
    """What of the dates is to be otherwise; what stays as it is changes nothing."""

    class Meta:
        """The page sends the token beside it."""

        csrf = False

    at = SelectField(lazy_gettext("Start"))
    days = IntegerField(
        lazy_gettext("Move by days (minus: earlier)"),
        [Optional(), NumberRange(-MOST_SHIFT_DAYS, MOST_SHIFT_DAYS)],
    )
    hours = DecimalField(
        lazy_gettext("Hours"),
        [InputRequired(), NumberRange(0.25, MOST_HOURS)],
        places=None,
        filters=[quiet],
    )
    place = SelectField(lazy_gettext("Place"))

    def __init__(self, given: "MultiDict[str, str]", era: Era, catalogue: Catalogue) -> None:
        self._era = era
        usual = {
            "at": f"{era.at_min // 60:02}:{era.at_min % 60:02}",
            "days": "0",
            "hours": f"{era.wish.duration_min / 60:g}",
            "place": SAME,
        }
        sent = {name: given[name] for name in usual if name in given}
        super().__init__(MultiDict({**usual, **sent}))
        minutes = range(0, MINUTES_PER_DAY, GRAIN_MINUTES)
        self.at.choices = [f"{each // 60:02}:{each % 60:02}" for each in minutes]
        named = sorted((text(each.name), each.id) for each in _places(era, catalogue))
        self.place.choices = [
            (SAME, gettext("as it is")),
            (ANY, gettext("any that fits")),
            *((name, said) for said, name in named),
        ]

    def change(self) -> Change:
        """The checked form as a change."""
        begins = time.fromisoformat(self.at.data)
        at_min, minutes = begins.hour * 60 + begins.minute, int(self.hours.data * 60)
        place = {SAME: None, ANY: ""}.get(self.place.data, self.place.data)
        return Change(
            at_min=None if at_min == self._era.at_min else at_min,
            days=self.days.data or 0,
            minutes=None if minutes == self._era.wish.duration_min else minutes,
            resource=place,
        )


def _places(era: Era, catalogue: Catalogue) -> tuple[Resource, ...]:
    """Every place that could meet the main need."""
    return matching(catalogue, replace(era.wish.needs[0], resource=None))
