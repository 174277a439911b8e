"""Reasons in groups: what stands against a wish, in few words first and in full behind them."""

from collections.abc import Iterable
from dataclasses import dataclass

from flask_babel import lazy_gettext

from testbed.domain.catalogue import Catalogue
from testbed.domain.requests import Reason
from web.languages import gettext
from web.present import pool_name, reason_texts

NAMED = 3
OTHER = "other"
GROUP_OF = {
    "closed_hours": "closed",
    "not_at_night": "closed",
    "not_valid_then": "closed",
    "pool_full": "taken",
    "pool_blocked": "taken",
    "pool_full_or_blocked": "taken",
    "pool_full_or_closed": "taken",
    "route_in_use": "taken",
    "past": "notice",
    "lead_too_short": "notice",
    "lead_too_long": "notice",
    "notice_too_short": "notice",
    "beyond_horizon": "notice",
    "weekly_hours": "quota",
    "open_hours": "quota",
    "shared_with_other": "sharing",
    "not_bookable": "not_offered",
    "mode_not_offered": "not_offered",
    "too_many": "not_offered",
    "booking_too_long": "not_offered",
    "nothing_matches": "nothing",
    "no_common_start": "together",
}
GROUPS = {
    "taken": lazy_gettext("Taken or blocked then"),
    "closed": lazy_gettext("Not open then"),
    "notice": lazy_gettext("Too soon or too far ahead"),
    "quota": lazy_gettext("Your organisation's hours"),
    "sharing": lazy_gettext("Wishes not to share"),
    "together": lazy_gettext("No start suits everything at once"),
    "not_offered": lazy_gettext("Not offered in this way"),
    "nothing": lazy_gettext("Nothing matches"),
    OTHER: lazy_gettext("Other reasons"),
}


@dataclass(frozen=True, slots=True)
class ReasonGroup:
    """Reasons of one sort: a heading, the places concerned in short, and every sentence."""

    heading: str
    places: str
    sentences: tuple[str, ...]


def reason_groups(reasons: Iterable[Reason], catalogue: Catalogue) -> list[ReasonGroup]:
    """The reasons by what can be done about them, those of the calendar first."""
    sorted_in: dict[str, list[Reason]] = {group: [] for group in GROUPS}
    for each in _telling(list(reasons)):
        sorted_in[GROUP_OF.get(each.code, OTHER)].append(each)
    return [
        ReasonGroup(
            heading=str(GROUPS[group]),
            places=_places(found, catalogue),
            sentences=tuple(reason_texts(found, catalogue)),
        )
        for group, found in sorted_in.items()
        if found
    ]


def _telling(reasons: list[Reason]) -> Iterable[Reason]:
    """Without the room of a place for a use that it does not offer, which is none."""
    unoffered = {each.resource for each in reasons if each.code == "mode_not_offered"}
    return (each for each in reasons if each.code != "too_many" or each.resource not in unoffered)


def _places(reasons: Iterable[Reason], catalogue: Catalogue) -> str:
    named = [pool_name(catalogue, each.resource) for each in reasons if each.resource]
    distinct = list(dict.fromkeys(named))
    shown = ", ".join(distinct[:NAMED])
    rest = len(distinct) - NAMED
    return gettext("%(places)s and %(n)d more", places=shown, n=rest) if rest > 0 else shown
