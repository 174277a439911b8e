"""Words for what planners read: key figures, binding constraints, changes of a scenario."""

from collections.abc import Iterator, Mapping
from typing import cast

from flask_babel import lazy_gettext

from sim.sentences import OWN
from testbed.domain.catalogue import Catalogue
from testbed.domain.demand import TestKind
from testbed.domain.load import DAYS
from testbed.sentences import fill, template
from web.labels import label
from web.languages import gettext, ngettext, text
from web.planning.packaged import option_name
from web.present import pool_name, site_name

Document = Mapping[str, object]

STATUSES = {
    "queued": lazy_gettext("waiting"),
    "running": lazy_gettext("running"),
    "done": lazy_gettext("done"),
    "failed": lazy_gettext("failed"),
    "cancelled": lazy_gettext("cancelled"),
}
SIGNS = {"queued": "◌", "running": "▶", "done": "✓", "failed": "!", "cancelled": "✕"}
KPIS = {
    "acceptance": lazy_gettext("sessions granted, of those wished"),
    "acceptance_hours": lazy_gettext("hours granted, of those wished"),
    "requests_full_share": lazy_gettext("requests granted whole"),
    "utilisation": lazy_gettext("booked, of the open time of all places"),
    "occupancy": lazy_gettext("booked, set up or blocked, of the open time"),
    "sessions": lazy_gettext("sessions wished"),
    "granted_sessions": lazy_gettext("sessions granted"),
    "requests": lazy_gettext("requests"),
    "wanted_hours": lazy_gettext("hours wished"),
    "granted_hours": lazy_gettext("hours granted"),
    "shifted_share": lazy_gettext("granted at another time than wished"),
    "shift_hours_p50": lazy_gettext("hours shifted, median"),
    "shift_hours_p90": lazy_gettext("hours shifted, 90th percentile"),
    "spillover_share": lazy_gettext("granted in another city than preferred"),
    "clipped_share": lazy_gettext("wishes moved into the lead-time bounds"),
    "cancelled_share": lazy_gettext("cancelled, of those granted"),
    "no_show_share": lazy_gettext("not turned up for, of those granted"),
    "waitlisted_share": lazy_gettext("put on the waitlist, of all sessions"),
    "promoted_share": lazy_gettext("granted later, of those on the waitlist"),
    "lost_hours": lazy_gettext("hours lost to no-shows and late cancellations"),
    "gini": lazy_gettext("inequality between organisations (Gini, 0 is equal)"),
    "fees_krw": lazy_gettext("fees, won"),
    "first_slot_days_p50": lazy_gettext("days to the first free slot, median"),
    "first_slot_days_p90": lazy_gettext("days to the first free slot, 90th percentile"),
    "third_slot_days_p50": lazy_gettext("days to the third free slot, median"),
    "third_slot_days_p90": lazy_gettext("days to the third free slot, 90th percentile"),
}
CONSTRAINTS = {
    "lead": lazy_gettext("the lead time of the rules"),
    "quota": lazy_gettext("the weekly hours of an organisation"),
    "hours": lazy_gettext("opening hours"),
    "fragmentation": lazy_gettext("gaps too short to book"),
    "nothing_bookable": lazy_gettext("nothing that serves can be booked"),
    "several": lazy_gettext("several constraints together"),
}
# What a change sets, where a plain word says it better than its key.
_RULES = {
    "slot_min": lazy_gettext("shortest block of %(value)s minutes"),
    "slot_step_min": lazy_gettext("blocks grow by %(value)s minutes"),
    "min_lead_days": lazy_gettext("bookable from %(value)s days ahead"),
    "max_lead_days": lazy_gettext("bookable up to %(value)s days ahead"),
    "max_hours_per_org_week": lazy_gettext("at most %(value)s hours a week for an organisation"),
    "free_cancel_until_hours": lazy_gettext("free to cancel until %(value)s hours before"),
    "setup_min": lazy_gettext("set-up of %(value)s minutes"),
    "cleanup_min": lazy_gettext("clean-up of %(value)s minutes"),
    "units": lazy_gettext("%(value)s units"),
    "max_vehicles": lazy_gettext("at most %(value)s vehicles"),
    "max_vehicles_shared": lazy_gettext("at most %(value)s vehicles, shared"),
    "max_vehicles_exclusive": lazy_gettext("at most %(value)s vehicles, exclusive"),
}
WEEKDAYS = {
    "mon": lazy_gettext("Mon"),
    "tue": lazy_gettext("Tue"),
    "wed": lazy_gettext("Wed"),
    "thu": lazy_gettext("Thu"),
    "fri": lazy_gettext("Fri"),
    "sat": lazy_gettext("Sat"),
    "sun": lazy_gettext("Sun"),
}
_TARGETS = ("facility", "route", "corridor", "rule")


def status_text(status: str) -> str:
    """Where a run stands, in a word."""
    return label(STATUSES, status)


def constraint_text(code: str, catalogue: Catalogue) -> str:
    """What refused: a rule in words, or the name of the place that was full."""
    if code in CONSTRAINTS:
        return str(CONSTRAINTS[code])
    return gettext("full: %(place)s", place=pool_name(catalogue, code))


def kind_text(kind: str, kinds: Mapping[str, TestKind]) -> str:
    """The name of a test kind; its code where it is unknown."""
    return text(kinds[kind].name) if kind in kinds else kind


def option_text(option: str) -> str:
    """The name of a capacity option; its id where it is not packaged."""
    found = option_name(option)
    return text(found) if found else option


def mistake_text(code: str, fields: Mapping[str, object]) -> str:
    """What a mistake of a scenario says, with the nearest known word where there is one."""
    said = fill(gettext(OWN.get(code) or template(code)), fields)
    nearest = fields.get("nearest")
    if not nearest:
        return said
    return fill(gettext(template("did_you_mean")), {"said": said, "nearest": nearest})


# -- what a scenario changes -----------------------------------------------------------------


def change_texts(changes: object, catalogue: Catalogue) -> list[str]:
    """What the changes of a scenario do, one sentence each."""
    listed = changes if isinstance(changes, list | tuple) else []
    return [_change(each, catalogue) for each in listed if isinstance(each, Mapping)]


def _change(change: Document, catalogue: Catalogue) -> str:
    if "growth" in change:
        return gettext("demand grows as in the scenario “%(name)s”", name=change["growth"])
    target = next((each for each in _TARGETS if each in change), "")
    name = _target_name(target, str(change.get(target, "")), catalogue)
    values = ", ".join(_set_values(target, change, catalogue))
    return f"{name}: {values}"


def _target_name(target: str, code: str, catalogue: Catalogue) -> str:
    if target == "rule":
        rule = catalogue.rules.get(code)
        return gettext("rule “%(name)s”", name=text(rule.name) if rule else code)
    corridor = catalogue.corridors.get(code) if target == "corridor" else None
    if corridor and corridor.routes:  # its change goes to the whole site
        return site_name(catalogue, catalogue.routes[corridor.routes[0]])
    return pool_name(catalogue, code)


def _set_values(target: str, change: Document, catalogue: Catalogue) -> Iterator[str]:
    for key, value in change.items():
        if key == "units_add":
            yield _more(cast("int", value))
        elif key == "bookable":
            yield gettext("opened for booking") if value else gettext("no longer bookable")
        elif key == "calendar":
            yield gettext("open %(hours)s", hours=_hours(str(value), catalogue))
        elif key in _RULES:
            yield str(_RULES[key]) % {"value": value}
        elif key != target:
            yield f"{key} = {value}"


def _more(units: int) -> str:
    if units < 0:
        return ngettext("%(num)d unit fewer", "%(num)d units fewer", -units)
    return ngettext("%(num)d unit more", "%(num)d units more", units)


def _hours(calendar: str, catalogue: Catalogue) -> str:
    found = catalogue.calendars.get(calendar)
    if found is None:
        return calendar
    return "; ".join(
        f"{_days(each.weekdays)} {_clock(each.start_min)}–{_clock(each.end_min)}"
        for each in found.windows
    )


def _days(days: frozenset[int]) -> str:
    """Days of the week, those in a row as a range."""
    listed = sorted(days)
    names = [str(WEEKDAYS[DAYS[each]]) for each in listed]
    if len(listed) > 2 and listed == list(range(listed[0], listed[-1] + 1)):
        return f"{names[0]}–{names[-1]}"
    return ", ".join(names)


def _clock(minute: int) -> str:
    """A time of day; past midnight that of the next morning."""
    hour = minute // 60
    return f"{hour if hour <= 24 else hour - 24:02}:{minute % 60:02}"
