"""Pages that belong together: each shows the others as tabs."""

from flask_babel import lazy_gettext

from testbed.domain.parties import Role
from web.access import may_open

# By group: endpoints and what they are called, in the order shown.
TABS = {
    "bookings": {
        "bookings.index": lazy_gettext("Bookings"),
        "waitlist.index": lazy_gettext("Waitlist"),
        "series.index": lazy_gettext("Series"),
        "templates.index": lazy_gettext("Templates"),
        "usage.index": lazy_gettext("Records of use"),
        "handovers.index": lazy_gettext("Hand-overs"),
    },
    "organisation": {
        "organisation.index": lazy_gettext("Organisation"),
        "fairness.index": lazy_gettext("Fair share"),
        "statements.index": lazy_gettext("Statements"),
        "webhooks.index": lazy_gettext("Webhooks"),
        "sharing.index": lazy_gettext("Sharing"),
    },
    "profile": {
        "profile.index": lazy_gettext("My account"),
        "tokens.index": lazy_gettext("API tokens"),
        "feeds.index": lazy_gettext("Calendar feeds"),
        "notices.index": lazy_gettext("Notices"),
    },
    "day": {
        "today.index": lazy_gettext("Today"),
        "schedule.index": lazy_gettext("Schedule"),
        "gate.index": lazy_gettext("Gate list"),
        "closures.index": lazy_gettext("Closures"),
        "usage.index": lazy_gettext("Records of use"),
    },
}


def tabs_of(group: str, role: Role) -> list[tuple[str, str]]:
    """The tabs that a person of that role may open."""
    return [
        (endpoint, str(said)) for endpoint, said in TABS[group].items() if may_open(role, endpoint)
    ]
