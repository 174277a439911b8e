"""Words for the codes that pages show: states, roles, kinds, modes and components of cost."""

from collections.abc import Mapping

from flask_babel import lazy_gettext

from web.languages import gettext

STATES = {
    "held": lazy_gettext("on hold"),
    "pending": lazy_gettext("waits for approval"),
    "confirmed": lazy_gettext("confirmed"),
    "checked_in": lazy_gettext("checked in"),
    "completed": lazy_gettext("completed"),
    "cancelled": lazy_gettext("cancelled"),
    "expired": lazy_gettext("hold expired"),
    "rejected": lazy_gettext("rejected"),
    "displaced": lazy_gettext("displaced"),
    "no_show": lazy_gettext("no-show"),
    "standing": lazy_gettext("standing service"),
    "busy": lazy_gettext("busy"),
}
# A sign beside every colour, so that nothing is told by colour alone.
SIGNS = {
    "held": "◌",
    "pending": "◐",
    "confirmed": "●",
    "checked_in": "▶",
    "completed": "✓",
    "cancelled": "✕",
    "expired": "✕",
    "rejected": "✕",
    "displaced": "!",
    "no_show": "∅",
    "standing": "⇄",
    "busy": "■",
}
ROLES = {
    "member": lazy_gettext("member"),
    "manager": lazy_gettext("organisation manager"),
    "operator": lazy_gettext("operator"),
    "planner": lazy_gettext("planner"),
    "observer": lazy_gettext("observer"),
    "administrator": lazy_gettext("administrator"),
}
ORGANISATION_TYPES = {
    "oem": lazy_gettext("vehicle maker"),
    "tier1": lazy_gettext("component maker"),
    "startup_sme": lazy_gettext("start-up or SME"),
    "telecom_ict": lazy_gettext("telecom or ICT company"),
    "university": lazy_gettext("university"),
    "research_institute": lazy_gettext("research institute"),
    "public_service": lazy_gettext("city or public service operator"),
}
# What a role may do, for whoever gives it.
ROLE_HINTS = {
    "member": lazy_gettext("books for the organisation"),
    "manager": lazy_gettext("books, and manages the members"),
    "observer": lazy_gettext("looks, changes nothing"),
    "operator": lazy_gettext("runs the day; sees and changes every organisation's bookings"),
    "planner": lazy_gettext("studies use and capacity; books nothing"),
    "administrator": lazy_gettext("everything, in every organisation"),
}
SCOPES = {
    "read": lazy_gettext("read: catalogue, free times, own bookings"),
    "book": lazy_gettext("book: hold, confirm, move and cancel"),
    "operate": lazy_gettext("operate: bookings of every organisation"),
    "plan": lazy_gettext("plan: experiments and their results"),
    "admin": lazy_gettext("admin: what administrators may do"),
}
MODES = {
    "shared": lazy_gettext("shared"),
    "exclusive": lazy_gettext("exclusive"),
    "whole_site": lazy_gettext("whole site"),
}
RULE_NAMES = {
    "booking_too_long": lazy_gettext("longest booking"),
    "lead_too_short": lazy_gettext("shortest lead"),
    "lead_too_long": lazy_gettext("longest lead"),
    "notice_too_short": lazy_gettext("notice to the operators"),
    "not_valid_then": lazy_gettext("dates for which the place is valid"),
    "closed_hours": lazy_gettext("opening hours"),
    "not_at_night": lazy_gettext("night only"),
    "weekly_hours": lazy_gettext("weekly hours"),
    "open_hours": lazy_gettext("hours to come"),
    "papers_not_together": lazy_gettext("all papers for the whole time"),
    "vehicle_missing": lazy_gettext("enough vehicles"),
    "driver_missing": lazy_gettext("a driver"),
    "permit_missing": lazy_gettext("temporary operation permit"),
    "transport_permit_missing": lazy_gettext("limited-transport permit"),
    "insurance_missing": lazy_gettext("insurance"),
    "training_missing": lazy_gettext("driver training"),
    "briefing_missing": lazy_gettext("safety briefing"),
    "permit_ends": lazy_gettext("end of the temporary operation permit"),
    "transport_permit_ends": lazy_gettext("end of the limited-transport permit"),
    "insurance_ends": lazy_gettext("end of the insurance"),
    "training_ends": lazy_gettext("end of the driver training"),
    "briefing_ends": lazy_gettext("end of the safety briefing"),
    "vehicle_not_named": lazy_gettext("the vehicles to be named"),
    "driver_not_named": lazy_gettext("the driver to be named"),
}
COSTS = {
    "shift": lazy_gettext("other time than wished"),
    "distance": lazy_gettext("other city than preferred"),
    "travel": lazy_gettext("travel of mobile units"),
    "surplus": lazy_gettext("more equipment than the test needs"),
    "fragmentation": lazy_gettext("gaps too short for others"),
    "fair_share": lazy_gettext("your organisation's recent use"),
}
KINDS = {
    "route": lazy_gettext("route"),
    "facility": lazy_gettext("facility"),
    "closed-track": lazy_gettext("closed test track"),
    "public-road": lazy_gettext("public road"),
    "campus-road": lazy_gettext("campus road"),
    "charging": lazy_gettext("charging bay"),
    "climate_chamber": lazy_gettext("climatic chamber"),
    "control_desk": lazy_gettext("control desk"),
    "cyber_lab": lazy_gettext("cyber-security room"),
    "data_room": lazy_gettext("data room"),
    "depot": lazy_gettext("depot bay"),
    "emc_lab": lazy_gettext("EMC test room"),
    "escort_vehicle": lazy_gettext("escort vehicle"),
    "gnss_denial": lazy_gettext("GNSS shadow system"),
    "hdmap_kit": lazy_gettext("HD-map survey kit"),
    "manoeuvre_area": lazy_gettext("manoeuvre area"),
    "office": lazy_gettext("project room"),
    "parking": lazy_gettext("parking facility"),
    "powertrain_bench": lazy_gettext("powertrain bench"),
    "rtk_base": lazy_gettext("RTK base station"),
    "safety_driver": lazy_gettext("safety driver"),
    "sensor_bench": lazy_gettext("sensor bench"),
    "simulation": lazy_gettext("traffic-simulation laboratory"),
    "surface": lazy_gettext("low-friction surface"),
    "v2x_kit": lazy_gettext("V2X terminal"),
    "vru_targets": lazy_gettext("moving targets"),
    "weather_simulation": lazy_gettext("rain and fog tunnel"),
    "workshop": lazy_gettext("workshop bay"),
}
STATUSES = {
    "operating": lazy_gettext("operating"),
    "preparing": lazy_gettext("in preparation"),
    "planned": lazy_gettext("planned"),
    "historic-trial": lazy_gettext("a trial of the past"),
}


def label(words: Mapping[str, object], code: str) -> str:
    """The word for a code; the code in plain letters where the table has none."""
    return str(words.get(code) or code.replace("_", " "))


def span(minutes: int) -> str:
    """A length of time in words, e.g. "1 day 3 h 15 min"; 0 minutes are "0 h"."""
    days, rest = divmod(abs(minutes), 24 * 60)
    hours, left = divmod(rest, 60)
    parts = [
        gettext("%(n)d d", n=days) if days else "",
        gettext("%(n)d h", n=hours) if hours or not (days or left) else "",
        gettext("%(n)d min", n=left) if left else "",
    ]
    return " ".join(each for each in parts if each)
