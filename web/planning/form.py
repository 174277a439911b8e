"""The form of a run: what is chosen on the page, checked, and written as a scenario's text."""

import json
from collections.abc import Iterable, Mapping

from flask_babel import lazy_gettext
from flask_wtf import FlaskForm
from wtforms import (
    FloatField,
    IntegerField,
    SelectField,
    SelectMultipleField,
    StringField,
    ValidationError,
)
from wtforms.validators import InputRequired, Length, NumberRange, Optional
from wtforms.widgets import CheckboxInput, ListWidget

from sim.study import HIGHEST_LEVEL, MOST_LEVELS
from testbed.service.experiments import LONGEST_NAME
from web.languages import gettext, text
from web.planning.packaged import BASE, options, packaged

LEVELS = (1.0, 1.45, 2.0, 4.0)
QUICK_REPLICATIONS = 5
MOST_REPLICATIONS = 200
MOST_DAYS = 730
SEED = 20260105
FIXED = "fixed"
PRECISIONS = {
    FIXED: lazy_gettext("the number given here"),
    "0.02": lazy_gettext("until acceptance is known to ± 2 percentage points"),
    "0.01": lazy_gettext("until acceptance is known to ± 1 percentage point"),
    "0.005": lazy_gettext("until acceptance is known to ± 0.5 percentage points"),
}


def _number_text(value: float) -> str:
    return f"{value:g}"


class RunForm(FlaskForm):  # type: ignore[misc] # Flask-WTF ships no types
    """One run: a scenario, its demand, what it is compared with, and how exactly.

    The list of levels is typed, so that any level can be in the curve.
    """

    name = StringField(lazy_gettext("Name"), [Optional(), Length(max=LONGEST_NAME)])
    scenario = SelectField(lazy_gettext("Scenario"))
    level = FloatField(
        lazy_gettext("Demand, times today's"),
        [InputRequired(), NumberRange(min=0.05, max=HIGHEST_LEVEL)],
        default=1,
    )
    levels = StringField(lazy_gettext("Demand curve over the levels"), [Length(max=100)])
    options = SelectMultipleField(
        lazy_gettext("Compare with"),
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
    )
    until = SelectField(lazy_gettext("How many replications"), choices=[], default=FIXED)
    replications = IntegerField(
        lazy_gettext("Replications"),
        [InputRequired(), NumberRange(min=1, max=MOST_REPLICATIONS)],
        default=QUICK_REPLICATIONS,
    )
    days = IntegerField(
        lazy_gettext("Days measured"),
        [InputRequired(), NumberRange(min=7, max=MOST_DAYS)],
        default=365,
    )
    seed = IntegerField(
        lazy_gettext("Seed"), [InputRequired(), NumberRange(min=0, max=2**31)], default=SEED
    )

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.scenario.choices = [(name, scenario_name(name)) for name in packaged()]
        self.options.choices = [(each.id, text(each.name)) for each in options().values()]
        self.until.choices = [(code, str(said)) for code, said in PRECISIONS.items()]
        # Without scripts an empty field would come as nothing: say the defaults again.
        self.scenario.data = self.scenario.data or BASE
        self.until.data = self.until.data or FIXED

    def validate_levels(self, field: StringField) -> None:
        """A list of numbers, few enough for one run."""
        try:
            found = listed_levels(field.data)
        except ValueError:
            raise ValidationError(
                gettext("Write numbers with commas between them, such as 1, 1.45, 2, 4.")
            ) from None
        if len(found) > MOST_LEVELS or any(not 0.05 <= each <= HIGHEST_LEVEL for each in found):
            raise ValidationError(
                gettext(
                    "At most %(most)d levels from 0.05 to %(highest)s are possible.",
                    most=MOST_LEVELS,
                    highest=_number_text(HIGHEST_LEVEL),
                )
            )

    def validate_options(self, field: SelectMultipleField) -> None:
        """An option is not compared with itself."""
        if self.scenario.data in (field.data or ()):
            raise ValidationError(gettext("The scenario has this option already; compare others."))

    @property
    def title(self) -> str:
        """The name given, or one that says what is run."""
        given = (self.name.data or "").strip()
        return given or gettext(
            "%(scenario)s, demand × %(level)s",
            scenario=scenario_name(self.scenario.data),
            level=_number_text(self.level.data),
        )

    def toml(self) -> str:
        """The scenario's text."""
        chosen = packaged()[self.scenario.data]
        return "\n".join(
            [
                *_identity(self),
                "",
                *_base(self.level.data),
                *_study(listed_levels(self.levels.data), self.options.data or []),
                *_change(chosen.option.change if chosen.option else {}),
                "",
            ]
        )


def scenario_name(name: str) -> str:
    """What a packaged scenario is called."""
    found = packaged().get(name)
    if found is None or found.option is None:
        return gettext("The valley as it is")
    return text(found.option.name)


def listed_levels(typed: str | None) -> list[float]:
    """The levels of a typed list, each once, in order. Raises ValueError."""
    parts = (typed or "").replace(";", ",").replace("、", ",").split(",")
    found = {float(each) for each in parts if each.strip()}
    if any(each != each for each in found):  # noqa: PLR0124 -- only NaN differs from itself
        raise ValueError(typed)
    return sorted(found)


# -- the text --------------------------------------------------------------------------------


def _identity(form: RunForm) -> list[str]:
    scenario = packaged()[form.scenario.data].scenario
    return [
        "[scenario]",
        f"name = {_quoted(form.title)}",
        f"seed = {form.seed.data}",
        f"start = {scenario.start.isoformat()}        # local date of the first measured day",
        f"days = {form.days.data}",
        f"warmup_days = {scenario.warmup_days}        # before it, not measured",
        _target(form),
    ]


def _target(form: RunForm) -> str:
    if form.until.data == FIXED:
        return f"replications = {form.replications.data}"
    most = MOST_REPLICATIONS
    return f"precision = {{ acceptance = {form.until.data}, max_replications = {most} }}"


def _base(level: float) -> list[str]:
    return [
        "[base]",
        'catalogue = "packaged:gyeonggi"',
        'demand = "packaged:gyeonggi"',
        f"level = {_number_text(level)}        # multiplies the request rates",
    ]


def _study(levels: Iterable[float], compared: Iterable[str]) -> list[str]:
    curve, others = list(levels), list(compared)
    if not curve and not others:
        return []
    shown = ", ".join(map(_number_text, curve))
    names = ", ".join(map(_quoted, others))
    return ["", "[study]", f"levels = [{shown}]", f"options = [{names}]"]


def _change(change: Mapping[str, object]) -> list[str]:
    if not change:
        return []
    return ["", "[[change]]", *(f"{key} = {_value(each)}" for key, each in change.items())]


def _value(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return _quoted(value) if isinstance(value, str) else f"{value}"


def _quoted(text_: str) -> str:
    """A TOML text: JSON's escapes are TOML's."""
    return json.dumps(text_, ensure_ascii=False)
