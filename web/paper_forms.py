"""The forms of vehicles, drivers and papers; the service checks everything again."""

from collections.abc import Iterable

from flask_babel import lazy_gettext
from flask_wtf import FlaskForm
from wtforms import DateField, FileField, SelectField, SelectMultipleField, StringField
from wtforms.validators import InputRequired, Length, Optional

from testbed.domain.catalogue import Catalogue
from testbed.domain.papers import OF_DRIVERS, PUBLIC_ROADS, PaperKind, VehicleType
from testbed.service import drivers as driver_service
from testbed.service import register
from testbed.service import vehicles as vehicle_service
from testbed.service.drivers import KeptDriver
from testbed.service.papers import LONGEST_NUMBER
from testbed.service.vehicles import KeptVehicle
from web.languages import gettext, text
from web.paper_words import VEHICLE_TYPES, is_of_places
from web.present import city_name

LEVELS = [(level, f"{level}") for level in range(6)]


class VehicleForm(FlaskForm):  # type: ignore[misc] # Flask-WTF ships no types
    """A vehicle."""

    name = StringField(
        lazy_gettext("What you call it"),
        [InputRequired(), Length(max=register.LONGEST_NAME)],
    )
    plate = StringField(
        lazy_gettext("Plate"), [InputRequired(), Length(max=vehicle_service.LONGEST_PLATE)]
    )
    type = SelectField(lazy_gettext("Type (temporary operation permit)"))
    sae_level = SelectField(lazy_gettext("SAE level"), coerce=int, default=4)

    def __init__(self, **given: object) -> None:
        super().__init__(**given)
        self.type.choices = [(each.value, str(VEHICLE_TYPES[each])) for each in VehicleType]
        self.sae_level.choices = LEVELS


class DriverForm(FlaskForm):  # type: ignore[misc] # as above
    """A driver."""

    name = StringField(lazy_gettext("Name"), [InputRequired(), Length(max=register.LONGEST_NAME)])
    contact = StringField(
        lazy_gettext("Telephone or e-mail"), [Length(max=driver_service.LONGEST_CONTACT)]
    )


class PaperForm(FlaskForm):  # type: ignore[misc] # as above
    """A paper of one kind: only the fields that the kind has are there."""

    vehicle = SelectField(lazy_gettext("Vehicle"), [Optional()])
    driver = SelectField(lazy_gettext("Driver"), [InputRequired()])
    site = SelectField(lazy_gettext("Site"), [InputRequired()])
    covers = SelectMultipleField(lazy_gettext("Where it holds"))
    number = StringField(lazy_gettext("Number on the paper"), [Length(max=LONGEST_NUMBER)])
    valid_from = DateField(lazy_gettext("Valid from"), [InputRequired()])
    valid_until = DateField(lazy_gettext("Valid until (that day included)"), [InputRequired()])

    def offer(
        self,
        kind: PaperKind,
        catalogue: Catalogue,
        vehicles: Iterable[KeptVehicle],
        drivers: Iterable[KeptDriver],
    ) -> "PaperForm":
        """Offer what may be chosen for a paper of the kind."""
        everything = [] if kind is PaperKind.PERMIT else [("", gettext("the whole organisation"))]
        owned = [(each.id, f"{each.name} ({each.plate})") for each in vehicles]
        self.vehicle.choices = [*everything, *owned]
        self.driver.choices = [(each.id, each.name) for each in drivers]
        self.site.choices = _sites(catalogue)
        self.covers.choices = _places(catalogue)
        for name in _needless(kind):
            delattr(self, name)
        return self


class DocumentForm(FlaskForm):  # type: ignore[misc] # as above
    """The file behind a paper."""

    file = FileField(lazy_gettext("File (PDF, PNG or JPEG)"))


def _needless(kind: PaperKind) -> list[str]:
    """The fields that papers of the kind do not have."""
    if kind in OF_DRIVERS:
        of_training = ["site"] if kind is PaperKind.TRAINING else ["valid_until"]
        return ["vehicle", "covers", *of_training]
    return ["driver", "site", *([] if is_of_places(kind) else ["covers"])]


def _sites(catalogue: Catalogue) -> list[tuple[str, str]]:
    """The sites at which some place asks for a briefing, by name."""
    asking = {
        each.site
        for each in catalogue.resources()
        if "safety_briefing_valid_days" in catalogue.rules[each.rule].details
    }
    named = ((each, text(catalogue.sites[each].name)) for each in asking)
    return sorted(named, key=lambda pair: pair[1])


def _places(catalogue: Catalogue) -> dict[str, list[tuple[str, str]]]:
    """All public roads and every city, then the routes of each city."""
    cities = sorted((city_name(catalogue, each), each) for each in catalogue.cities)
    whole = [(PUBLIC_ROADS, gettext("all public roads"))]
    found = {gettext("All of a city"): [*whole, *((each, name) for name, each in cities)]}
    for name, city in cities:
        routes = [each for each in catalogue.routes.values() if each.city == city]
        if routes:
            found[name] = sorted(
                ((each.id, text(each.name)) for each in routes), key=lambda r: r[1]
            )
    return found
