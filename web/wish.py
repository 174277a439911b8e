"""The booking form: what is typed on the page, checked, and turned into a request."""

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from decimal import Decimal

from flask_babel import lazy_gettext
from flask_wtf import FlaskForm
from werkzeug.datastructures import MultiDict
from wtforms import (
    BooleanField,
    DateField,
    DecimalField,
    IntegerField,
    RadioField,
    SelectField,
    SelectMultipleField,
    ValidationError,
)
from wtforms.validators import InputRequired, NumberRange

from testbed.domain.catalogue import Catalogue, Mode
from testbed.domain.demand import ExtraNeed, TestKind, extra_need_of, need_of
from testbed.domain.grid import GRAIN_MINUTES, ceil_grain, local_midnight, zone
from testbed.domain.requests import Need, Request, Way
from web.labels import KINDS, MODES, label
from web.languages import gettext, text

DAYS_AHEAD = 7
FARTHEST_DAYS = 730
MOST_VEHICLES = 20
MOST_HOURS = 14 * 24
EXACT = "exact"
FLEXIBILITY = {
    EXACT: lazy_gettext("exactly then"),
    "0": lazy_gettext("any hour of that day"),
    "1": lazy_gettext("± 1 day"),
    "3": lazy_gettext("± 3 days"),
    "7": lazy_gettext("± 7 days"),
    "14": lazy_gettext("± 14 days"),
}
HALF_HOURS = [f"{hour:02}:{minute}" for hour in range(24) for minute in ("00", "30")]


def quiet(value: Decimal | None) -> Decimal | None:
    """A number as it is; a NaN that raises when it is compared as one that does not."""
    return Decimal("NaN") if value is not None and value.is_nan() else value


class WishForm(FlaskForm):  # type: ignore[misc] # Flask-WTF ships no types
    """One form of plain fields: test kind, place, time, size, extras."""

    class Meta:
        """A search changes nothing, so it carries no token and lives in the address."""

        csrf = False

    kind = SelectField(lazy_gettext("What do you test?"))
    city = SelectField(lazy_gettext("Near which city?"))
    elsewhere = BooleanField(lazy_gettext("Other cities too, nearest first"))
    day = DateField(lazy_gettext("Date"), [InputRequired()])
    at = SelectField(lazy_gettext("Start"), validate_choice=False)
    hours = DecimalField(
        lazy_gettext("Hours"),
        [InputRequired(), NumberRange(Decimal("0.25"), MOST_HOURS)],
        places=None,
        filters=[quiet],
    )
    flex = SelectField(lazy_gettext("Flexible by"))
    vehicles = IntegerField(
        lazy_gettext("Vehicles"), [InputRequired(), NumberRange(1, MOST_VEHICLES)]
    )
    mode = RadioField(lazy_gettext("Use"))
    extra = SelectMultipleField(lazy_gettext("Also needed at the same time"))

    def __init__(
        self,
        typed: MultiDict[str, str],
        kinds: Mapping[str, TestKind],
        catalogue: Catalogue,
        today: date,
    ) -> None:
        self._today = today
        self._kinds = kinds
        self._catalogue = catalogue
        super().__init__(typed if "kind" in typed else None, data=_suggestion(kinds, today))
        self.kind.choices = [(each.id, text(each.name)) for each in kinds.values()]
        cities = sorted((text(each.name), each.id) for each in catalogue.cities.values())
        self.city.choices = [("", gettext("any city")), *((name, said) for said, name in cities)]
        self.at.choices = sorted({*HALF_HOURS, self.at.data or HALF_HOURS[0]})
        self.flex.choices = list(FLEXIBILITY.items())
        self.mode.choices = list(MODES.items())
        self.extra.choices = [(name, said) for name, said, _ in self.extras()]

    def validate_at(self, field: SelectField) -> None:
        """The start is a time of day on the grid."""
        if _minutes(field.data) % GRAIN_MINUTES:
            raise ValidationError(gettext("Choose a start on a quarter of an hour."))

    def validate_day(self, field: DateField) -> None:
        """The date lies where a calendar can exist."""
        last = self._today + timedelta(days=FARTHEST_DAYS)
        if field.data and not self._today <= field.data <= last:
            raise ValidationError(gettext("Choose a date from today on, at most two years ahead."))

    def extras(self) -> list[tuple[str, str, tuple[str, ...]]]:
        """Every extra: its value, its words, and the test kinds that it usually comes with."""
        found: dict[str, tuple[ExtraNeed, list[str]]] = {}
        for kind in self._kinds.values():
            for extra in kind.extras:
                found.setdefault(_extra_id(extra), (extra, []))[1].append(kind.id)
        named = ((key, _extra_text(extra), tuple(used)) for key, (extra, used) in found.items())
        return sorted(named, key=lambda each: each[1])

    def request(self, organisation: str, now: datetime, way: Way | None) -> Request:
        """The checked form as a request; a `way` outside the wished window widens it."""
        where = self._zone()
        start = _grain(self.day.data, self.at.data, where)
        earliest, latest = self._window(start, where)
        return Request(
            id="",
            organisation=organisation,
            submitted_at=now,
            needs=self._needs(),
            duration_min=int(self.hours.data * 60),
            start=start,
            earliest=min(earliest, way.start) if way else earliest,
            latest=max(latest, way.start) if way else latest,
            city=self.city.data or None,
            other_city=not self.city.data or self.elsewhere.data or way is not None,
            way=way,
            test_kind=self.kind.data,
        )

    def has_extras(self) -> bool:
        """Whether the chosen test kind usually comes with any extra."""
        return any(self.kind.data in kinds for _, _, kinds in self.extras())

    def _needs(self) -> tuple[Need, ...]:
        kind = self._kinds[self.kind.data]
        extras = [extra_need_of(each) for each in kind.extras if _extra_id(each) in self.extra.data]
        return (need_of(kind, self.vehicles.data, Mode(self.mode.data)), *extras)

    def _window(self, start: int, where: str) -> tuple[int, int]:
        """The starts that serve (grains, both included)."""
        if self.flex.data == EXACT:
            return start, start
        days = timedelta(days=int(self.flex.data))
        after = local_midnight(self.day.data + days + timedelta(days=1), where)
        return min(start, local_midnight(self.day.data - days, where)), after - 1

    def _zone(self) -> str:
        """The wall clock by which the typed time is read: the chosen city's, else the first."""
        sites = list(self._catalogue.sites.values())
        there = [each for each in sites if each.city == self.city.data]
        return (there or sites)[0].zone


def _suggestion(kinds: Mapping[str, TestKind], today: date) -> dict[str, object]:
    """What an untouched form shows: a weekday about a week ahead, in the morning."""
    day = today + timedelta(days=DAYS_AHEAD)
    day += timedelta(days=(7 - day.weekday()) % 7 if day.weekday() > 4 else 0)
    return {
        "kind": next(iter(kinds), None),
        "city": "",
        "elsewhere": True,
        "day": day,
        "at": "10:00",
        "hours": Decimal(3),
        "flex": "3",
        "vehicles": 1,
        "mode": Mode.SHARED.value,
        "extra": [],
    }


def _extra_id(extra: ExtraNeed) -> str:
    return "+".join(extra.kinds)


def _extra_text(extra: ExtraNeed) -> str:
    words = gettext(" or ").join(label(KINDS, each) for each in extra.kinds)
    return f"{words} × {extra.units}" if extra.units > 1 else words


def _minutes(at: str | None) -> int:
    try:
        read = time.fromisoformat(at or "")
    except ValueError:
        raise ValidationError(gettext("Choose a start such as 10:00.")) from None
    return read.hour * 60 + read.minute + (1 if read.second or read.microsecond else 0)


def _grain(day: date, at: str, where: str) -> int:
    return ceil_grain(datetime.combine(day, time.fromisoformat(at), tzinfo=zone(where)))
