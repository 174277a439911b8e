"""Words for the operational design domain: groups, values, units, and what a term demands."""

from collections.abc import Iterable

from flask_babel import lazy_gettext

from testbed.domain.catalogue import Catalogue, OddTerm, OddValue
from web.labels import label
from web.languages import gettext, text

PROVIDES = "provides"
GROUPS = {
    "scenery": lazy_gettext("Road and surroundings"),
    "environment": lazy_gettext("Light and weather"),
    "dynamic": lazy_gettext("Traffic and people"),
    "connectivity": lazy_gettext("Positioning and communication"),
    "vehicle": lazy_gettext("Automation"),
    PROVIDES: lazy_gettext("What the facility provides"),
}
UNITS = {
    "lanes": lazy_gettext("lanes"),
    "SAE J3016 level": lazy_gettext("(SAE J3016 level)"),
}
VALUES = {
    # road types
    "motorway": lazy_gettext("motorway"),
    "arterial": lazy_gettext("arterial road"),
    "collector": lazy_gettext("collector road"),
    "local": lazy_gettext("local road"),
    "rural": lazy_gettext("rural road"),
    "industrial": lazy_gettext("industrial area"),
    "shared_space": lazy_gettext("shared space"),
    "proving_track": lazy_gettext("proving track"),
    # junctions
    "signalised": lazy_gettext("with signals"),
    "unsignalised": lazy_gettext("without signals"),
    "roundabout": lazy_gettext("roundabout"),
    "merge": lazy_gettext("merge"),
    "diverge": lazy_gettext("exit"),
    "toll_gate": lazy_gettext("toll gate"),
    "rail_crossing": lazy_gettext("rail crossing"),
    "grade_separated": lazy_gettext("interchange"),
    "bus_stop": lazy_gettext("bus stop"),
    # structures and zones
    "tunnel": lazy_gettext("tunnel"),
    "underpass": lazy_gettext("underpass"),
    "bridge": lazy_gettext("bridge"),
    "ramp": lazy_gettext("ramp"),
    "median": lazy_gettext("central reservation"),
    "noise_wall": lazy_gettext("noise wall"),
    "building_facade": lazy_gettext("building fronts"),
    "tree_canopy": lazy_gettext("tree canopy"),
    "unpaved": lazy_gettext("unpaved"),
    "alley": lazy_gettext("alley"),
    "bus_lane": lazy_gettext("bus lane"),
    "bike_lane": lazy_gettext("cycle lane"),
    "crosswalk": lazy_gettext("pedestrian crossing"),
    "school_zone": lazy_gettext("school zone"),
    "speed_bump": lazy_gettext("speed bump"),
    "obstacle": lazy_gettext("obstacles"),
    "heavy_traffic": lazy_gettext("heavy traffic"),
    # positioning and communication
    "open": lazy_gettext("open sky"),
    "urban_canyon": lazy_gettext("between high buildings"),
    "partly_denied": lazy_gettext("partly denied"),
    "denied": lazy_gettext("denied"),
    "wave": "WAVE",
    "c_v2x": "C-V2X",
    "spat": lazy_gettext("signal phases (SPaT)"),
    "lte": "LTE",
    "5g": "5G",
    # light, weather, traffic
    "day": lazy_gettext("daylight"),
    "night_lit": lazy_gettext("night, lit"),
    "night_unlit": lazy_gettext("night, unlit"),
    "rain": lazy_gettext("rain"),
    "fog": lazy_gettext("fog"),
    "none": lazy_gettext("no other traffic"),
    "controlled": lazy_gettext("controlled traffic"),
    "public_mixed": lazy_gettext("public mixed traffic"),
    "public_pedestrian": lazy_gettext("pedestrians of the public"),
    "dummy_pedestrian": lazy_gettext("pedestrian dummies"),
    "dummy_cyclist": lazy_gettext("cyclist dummies"),
    "dummy_motorcycle": lazy_gettext("motorcycle dummies"),
    # what facilities provide
    "gnss_denied": lazy_gettext("no satellite positioning"),
    "low_friction": lazy_gettext("low friction"),
    "open_area": lazy_gettext("open area"),
    "parking_parallel": lazy_gettext("parallel parking"),
    "parking_perpendicular": lazy_gettext("perpendicular parking"),
    "parking_robot": lazy_gettext("robot parking"),
    "parking_structure": lazy_gettext("parking structure"),
}


def attribute_text(attribute: str, catalogue: Catalogue) -> str:
    """The name of an ODD attribute; of an unknown one its id in plain letters."""
    known = catalogue.odd_attributes.get(attribute)
    return text(known.name) if known else label(GROUPS, attribute)


def value_text(value: OddValue) -> str:
    """One value, or several with commas, in the reader's language."""
    if isinstance(value, frozenset):
        return ", ".join(sorted(value_text(each) for each in value))
    if isinstance(value, bool):
        return gettext("yes") if value else gettext("no")
    return label(VALUES, value) if isinstance(value, str) else f"{value:g}"


def unit_text(unit: str) -> str:
    """The unit of an attribute in the reader's language."""
    return str(UNITS.get(unit, unit))


def term_text(term: OddTerm, catalogue: Catalogue) -> str:
    """What a term demands, e.g. "Roadside communication: WAVE or C-V2X"."""
    name = attribute_text(term.attribute, catalogue)
    if term.test == "is" and term.value is True:
        return name
    return f"{name}: {_demand(term, catalogue)}"


def _demand(term: OddTerm, catalogue: Catalogue) -> str:
    if isinstance(term.value, frozenset):
        joint = gettext(" or ") if term.test == "any" else ", "
        return joint.join(_sorted(term.value))
    known = catalogue.odd_attributes.get(term.attribute)
    figure = f"{value_text(term.value)} {unit_text(known.unit if known else '')}".strip()
    if term.test == "min":
        return gettext("at least %(figure)s", figure=figure)
    if term.test == "max":
        return gettext("at most %(figure)s", figure=figure)
    return figure


def _sorted(values: Iterable[str]) -> list[str]:
    return sorted(label(VALUES, each) for each in values)
