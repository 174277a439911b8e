"""Words for the codes of the catalogue: kinds of sites, clusters, ways of sharing, units, rules."""

from collections.abc import Mapping

from flask_babel import lazy_gettext

SITE_KINDS: Mapping[str, object] = {
    "pilot-zone": lazy_gettext("pilot zone"),
    "road-section": lazy_gettext("road section"),
    "proving-ground": lazy_gettext("proving ground"),
    "laboratory": lazy_gettext("laboratory"),
    "control-centre": lazy_gettext("control centre"),
    "demo-complex": lazy_gettext("demonstration complex"),
    "campus": lazy_gettext("campus"),
}
CLUSTERS: Mapping[str, object] = {
    "av-technology": lazy_gettext("autonomous-driving technology"),
    "component-southwest": lazy_gettext("auto components of the south-west"),
    "research": lazy_gettext("research"),
    "participant": lazy_gettext("partner city"),
}
ACCESSES: Mapping[str, object] = {
    "open-application": lazy_gettext("open to every organisation that applies"),
    "restricted": lazy_gettext("only with the consent of the owner"),
}
SHARINGS: Mapping[str, object] = {
    "exclusive": lazy_gettext("one organisation at a time"),
    "pooled": lazy_gettext("equal units; each booking has its own"),
    "shared": lazy_gettext("units beside other organisations, or all of them alone"),
}
SAFETY_DRIVERS: Mapping[str, object] = {
    "none": lazy_gettext("No safety driver is asked for."),
    "per-vehicle-type": lazy_gettext("A safety driver as the type of the vehicle asks."),
    "required-type-A-B": lazy_gettext("Vehicles of types A and B carry a safety driver."),
    "on-board-safety-manager": lazy_gettext("A safety manager rides on board."),
}
PARTIES: Mapping[str, object] = {
    "operator": lazy_gettext("Operator of the site"),
    "city": lazy_gettext("City"),
    "road_authority": lazy_gettext("Road authority"),
}
UNITS: Mapping[str, object] = {
    "bay": lazy_gettext("bay"),
    "bay group": lazy_gettext("group of bays"),
    "desk": lazy_gettext("desk"),
    "seat": lazy_gettext("seat"),
    "room": lazy_gettext("room"),
    "set": lazy_gettext("set"),
    "unit": lazy_gettext("unit"),
    "bench": lazy_gettext("bench"),
    "tunnel": lazy_gettext("tunnel"),
    "system": lazy_gettext("system"),
    "building": lazy_gettext("building"),
    "lane": lazy_gettext("lane"),
    "area": lazy_gettext("area"),
    "chamber": lazy_gettext("chamber"),
    "kit": lazy_gettext("kit"),
    "lot": lazy_gettext("lot"),
    "person": lazy_gettext("person"),
    "vehicle": lazy_gettext("vehicle"),
}
WEEKDAYS = (
    lazy_gettext("Monday"),
    lazy_gettext("Tuesday"),
    lazy_gettext("Wednesday"),
    lazy_gettext("Thursday"),
    lazy_gettext("Friday"),
    lazy_gettext("Saturday"),
    lazy_gettext("Sunday"),
)
TABLES: Mapping[str, object] = {
    "city": lazy_gettext("city"),
    "site": lazy_gettext("site"),
    "route": lazy_gettext("route"),
    "facility": lazy_gettext("facility"),
    "corridor": lazy_gettext("corridor"),
    "calendar": lazy_gettext("opening hours"),
    "rule": lazy_gettext("rule profile"),
    "source": lazy_gettext("source"),
}
DIFFERENCES: Mapping[str, object] = {
    "added": lazy_gettext("+ new"),
    "removed": lazy_gettext("− gone"),
    "changed": lazy_gettext("≠ changed"),
}
