"""The booking form: what is typed on the page, checked, and turned into a request."""

from collections.abc import Mapping
from dataclasses import replace
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
    StringField,
    ValidationError,
)
from wtforms.validators import InputRequired, NumberRange

from testbed.domain.catalogue import Catalogue, Facility, Mode, Resource, Route
from testbed.domain.demand import TestKind, need_of
from testbed.domain.fit import matching
from testbed.domain.grid import (
    EPOCH,
    GRAIN_MINUTES,
    ceil_grain,
    grains_in,
    local_midnight,
    zone,
)
from testbed.domain.requests import Need, NeedType, Request, Way
from testbed.domain.rules import booked_grains
from testbed.domain.together import MOST_WAYS, can_be_met_together, ways
from web.extra_needs import MOST_UNITS, Extras
from web.labels import KINDS, MODES, label
from web.languages import gettext, text
from web.odd_choice import OddChoice
from web.odd_words import term_text
from web.wish_address import ASIDE, FOR, OWN_KINDS, Pairs, completed

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
OWN = {
    NeedType.ROUTE.value: lazy_gettext("a route, by its ODD"),
    NeedType.FACILITY.value: lazy_gettext("a facility, by its kind"),
}
HALF_HOURS = [f"{hour:02}:{minute}" for hour in range(24) for minute in ("00", "30")]


def quiet(value: Decimal | None) -> Decimal | None:
    """A number as it is; a NaN that raises when it is compared as one that does not."""
    return Decimal("NaN") if value is not None and value.is_nan() else value


class WishForm(FlaskForm):  # type: ignore[misc] # Flask-WTF ships no types
    """One form of plain fields: test kind, ODD, size, extras, time and place.

    `odd` and `extras` are its two lists; `resource` narrows the search to one place.
    """

    class Meta:
        """A search changes nothing, so it carries no token and lives in the address."""

        csrf = False

    kind = SelectField(lazy_gettext("What do you test?"))
    of = SelectField(lazy_gettext("Kind of place"))
    resource = StringField(lazy_gettext("Only this place"))
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
    units = IntegerField(lazy_gettext("Units"), [NumberRange(1, MOST_UNITS)])
    mode = RadioField(lazy_gettext("Use"))

    def __init__(
        self,
        given: MultiDict[str, str],
        kinds: Mapping[str, TestKind],
        catalogue: Catalogue,
        today: date,
    ) -> None:
        self._today = today
        self._kinds = kinds
        self._catalogue = catalogue
        self.typed = completed(given, kinds, catalogue, today)
        self.typed.setdefault("units", "1")
        self.typed.setdefault("city", "")
        self.typed.setdefault("of", "")
        super().__init__(self.typed)
        self._choose()
        self.odd = OddChoice(self.typed, self.need_type, catalogue)
        self.extras = Extras(self.typed, self.preset, catalogue)
        self.bundle_error = ""

    def _choose(self) -> None:
        """Give the fields their choices."""
        cities = sorted((text(each.name), each.id) for each in self._catalogue.cities.values())
        self.kind.choices = {
            gettext("Kinds of test"): [(each.id, text(each.name)) for each in self._kinds.values()],
            gettext("Say it yourself"): list(OWN.items()),
        }
        kinds = sorted((label(KINDS, each), each) for each in self._kinds_of_place())
        self.of.choices = [("", gettext("any that fits")), *((name, said) for said, name in kinds)]
        self.city.choices = [("", gettext("any city")), *((name, said) for said, name in cities)]
        self.at.choices = sorted({*HALF_HOURS, self.at.data or HALF_HOURS[0]})
        self.flex.choices = list(FLEXIBILITY.items())
        self.mode.choices = list(MODES.items())

    # -- what the form shows -----------------------------------------------------------------

    @property
    def preset(self) -> TestKind | None:
        """The chosen kind of test; None where the need is said without one."""
        return self._kinds.get(self.kind.data or "")

    @property
    def need_type(self) -> NeedType:
        """Whether the main need is met by a route or by a facility."""
        if self.preset:
            return self.preset.main.type
        return NeedType(self.kind.data) if self.kind.data in OWN_KINDS else NeedType.ROUTE

    @property
    def place(self) -> Resource | None:
        """The one resource to which the search is narrowed."""
        known = self._catalogue
        return known.routes.get(self.resource.data or "") or known.facilities.get(
            self.resource.data or ""
        )

    @property
    def signature(self) -> str:
        """What of the form depends on an answer; while it stays, the form need not be sent."""
        rows = ",".join(f"{each.id}:{each.when}" for each in self.extras.rows)
        wrong = ",".join(sorted(self.errors))
        listed = (self.kind.data, rows, self.of.data, self.resource.data, wrong, self.bundle_error)
        lists = (self.odd.valid(), self.extras.valid())
        return " ".join(str(each or "-") for each in (*listed, *lists))

    def preset_terms(self) -> list[str]:
        """What the chosen kind of test asks for, in words."""
        if self.preset is None:
            return []
        main = self.preset.main
        said = [gettext(" or ").join(label(KINDS, each) for each in main.kinds)]
        said += [term_text(each, self._catalogue) for each in main.odd]
        if main.rules:
            named = (text(self._catalogue.rules[each].name) for each in main.rules)
            said.append(gettext("under the rule: %(rules)s", rules=gettext(" or ").join(named)))
        return said + ([gettext("inside 21:00–06:00")] if main.night else [])

    def own_terms(self) -> list[str]:
        """What was added to it, in words."""
        return [term_text(each, self._catalogue) for each in self.odd.terms()]

    def pairs(self) -> Pairs:
        """The wish as it stands in an address, without what says nothing."""
        names = ("kind", "of", "resource", "vehicles", "units", "mode")
        where = ("day", "at", "hours", "flex", "city", "elsewhere")
        said = {name: self.typed.get(name, "") for name in (*names, *where)}
        if self.preset or said["units"] == "1":
            del said["units"]
        lists = [*self.odd.pairs(), *(pair for each in self.extras.ticked for pair in each.pairs())]
        kept = (*ASIDE, FOR)
        lists += [(name, each) for name in kept for each in self.typed.getlist(name) if each]
        return [pair for pair in said.items() if pair[1]] + lists

    # -- checks ------------------------------------------------------------------------------

    def validate(self, extra_validators: Mapping[str, object] | None = None) -> bool:
        """Whether all of it can be searched; each mistake stands beside its field."""
        readable = super().validate(extra_validators)
        if not (readable & self.odd.valid() & self.extras.valid()):
            return False
        asked = self.request("", EPOCH, None)
        if ways(asked, self._catalogue) > MOST_WAYS:
            self.bundle_error = gettext("Too many ways to combine these extras: ask for fewer.")
        elif not can_be_met_together(asked, self._catalogue):
            self.bundle_error = gettext("No place can give all of this at the same time.")
        return not self.bundle_error

    def validate_at(self, field: SelectField) -> None:
        """The start is a time of day on the grid."""
        if _minutes(field.data) % GRAIN_MINUTES:
            raise ValidationError(gettext("Choose a start on a quarter of an hour."))

    def validate_day(self, field: DateField) -> None:
        """The date lies where a calendar can exist."""
        last = self._today + timedelta(days=FARTHEST_DAYS)
        if field.data and not self._today <= field.data <= last:
            raise ValidationError(gettext("Choose a date from today on, at most two years ahead."))

    def validate_resource(self, field: StringField) -> None:
        """The one place, if any, is in the catalogue."""
        if field.data and self.place is None:
            raise ValidationError(gettext("That place is no longer in the catalogue."))

    # -- the request -------------------------------------------------------------------------

    def request(self, organisation: str, now: datetime, way: Way | None) -> Request:
        """The checked form as a request; a `way` outside the wished window widens it."""
        where = self._zone()
        start = _grain(self.day.data, self.at.data, where)
        earliest, latest = self._window(start, where)
        minutes = int(self.hours.data * 60)
        main = self._main()
        return Request(
            id="",
            organisation=organisation,
            submitted_at=now,
            needs=(main, *self.extras.needs(self._booked(main, minutes))),
            duration_min=minutes,
            start=start,
            earliest=min(earliest, way.start) if way else earliest,
            latest=max(latest, way.start) if way else latest,
            city=self.city.data or None,
            other_city=not self.city.data or self.elsewhere.data or way is not None,
            way=way,
            test_kind=self.preset.id if self.preset else None,
        )

    def _main(self) -> Need:
        mode, vehicles = Mode(self.mode.data), self.vehicles.data
        if self.preset:
            need = need_of(self.preset, vehicles, mode)
        else:
            need = Need(self.need_type, vehicles=vehicles, units=self.units.data, mode=mode)
        return replace(
            need,
            kinds=(self.of.data,) if self.of.data else need.kinds,
            odd=(*need.odd, *self.odd.terms()),
            resource=self.resource.data or None,
        )

    def _booked(self, main: Need, minutes: int) -> int:
        """The longest that any place would book for the test: an extra after it starts later."""
        rules = self._catalogue.rules
        lengths = (booked_grains(minutes, rules[each.rule]) for each in self._matching(main))
        return max(lengths, default=grains_in(minutes))

    def _matching(self, main: Need) -> tuple[Resource, ...]:
        return matching(self._catalogue, main)

    def _kinds_of_place(self) -> set[str]:
        if self.preset and self.preset.main.kinds:
            return set(self.preset.main.kinds)
        wanted = Route if self.need_type is NeedType.ROUTE else Facility
        return {each.kind for each in self._catalogue.resources() if isinstance(each, wanted)}

    def _window(self, start: int, where: str) -> tuple[int, int]:
        """The starts that serve (grains, both included)."""
        if self.flex.data == EXACT:
            return start, start
        days = timedelta(days=int(self.flex.data))
        after = local_midnight(self.day.data + days + timedelta(days=1), where)
        return min(start, local_midnight(self.day.data - days, where)), after - 1

    @property
    def days(self) -> tuple[date, date]:
        """The first and last day of the wish, not before today."""
        day = self.day.data or self._today
        either = timedelta(days=0 if self.flex.data in {None, EXACT} else int(self.flex.data))
        return max(self._today, day - either), max(self._today, day + either)

    def _zone(self) -> str:
        """The wall clock by which the typed time is read: the chosen city's, else the first."""
        sites = list(self._catalogue.sites.values())
        there = [each for each in sites if each.city == self.city.data]
        return (there or sites)[0].zone


def _minutes(at: str | None) -> int:
    try:
        read = time.fromisoformat(at or "")
    except ValueError:
        raise ValidationError(gettext("Choose a start such as 10:00.")) from None
    return read.hour * 60 + read.minute + (1 if read.second or read.microsecond else 0)


def _grain(day: date, at: str, where: str) -> int:
    return ceil_grain(datetime.combine(day, time.fromisoformat(at), tzinfo=zone(where)))
