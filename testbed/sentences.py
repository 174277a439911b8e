"""English sentences for the codes of errors, mistakes, reasons and decisions.

One template per code; the fields of the code fill its braces. The pages translate the template
before they fill it, so the sentence exists once per language.
"""

from collections.abc import Mapping

DECISIONS = {
    "granted": "Granted: the place is yours.",
    "offered": "Nothing fits your wish; these are the nearest ways.",
    "waitlisted": "Nothing fits your wish now; you are on the waitlist.",
    "refused": "The rules do not permit this within your wish.",
}

REASONS = {
    "not_bookable": "{resource} cannot be booked here (its state: {status}).",
    "mode_not_offered": "{resource} is not offered for this use ({mode}).",
    "too_many": "{resource} takes at most {most} at once; {asked} were asked for.",
    "booking_too_long": "{resource}: {hours} hours are longer than the {most} hours permitted.",
    "past": "{resource}: this time has already passed.",
    "lead_too_short": "{resource} must be booked at least {days} days ahead.",
    "lead_too_long": "{resource} can be booked at most {days} days ahead.",
    "notice_too_short": "{resource}: the operators need {hours} hours of notice.",
    "beyond_horizon": "{resource}: so far ahead the calendar is not open yet.",
    "not_valid_then": "{resource} is not in service on that date.",
    "closed_hours": "{resource} is not open long enough at that time.",
    "not_at_night": "{resource}: the test asks for the night (21:00 to 06:00).",
    "weekly_hours": "{resource}: your organisation would pass its {hours} hours of that week.",
    "no_common_start": "{resource}: no start suits everything that was asked for at once.",
    "nothing_matches": "Nothing in the catalogue is what this need asks for: {kinds}.",
    "pool_full": "{resource} is taken at that time.",
    "pool_blocked": "{resource} is blocked then by a facility in use beside it.",
    "pool_full_or_blocked": "{resource} is taken at that time, or blocked by a facility beside it.",
    "pool_full_or_closed": "{resource} is taken or closed at that time.",
    "route_in_use": "{resource} must be empty for this facility and is in use at that time.",
}

ERRORS = {
    "naive_time": "The time {value} names no time zone.",
    "off_grain": "The time {value} does not lie on the grid of {minutes} minutes.",
    "empty_slot": "The slot is empty: its end must come after its start.",
    "too_few_units": "At least one vehicle or unit must be asked for.",
    "no_needs": "The request asks for nothing.",
    "start_outside_window": "The wished start lies outside the window in which a start serves.",
    "way_does_not_fit": "The offer names another number of resources than the request has needs.",
    "claim_not_taken": "The calendar of {pool} holds no such claim.",
    "booking_known": "There is already a booking {booking}.",
    "booking": "There is no booking {id}.",
    "resource": "There is no route or facility {id}.",
    "distance": "The catalogue knows no distance between {city} and {other}.",
    "hold_expired": "The hold of booking {booking} has run out; search again.",
    "illegal_transition": "A booking that is {state} cannot become {to}.",
    "cannot_move": "A booking that is {state} or has begun cannot be moved.",
    "invalid_file": "{source} has {mistakes} mistakes; nothing was taken over.",
}

MISTAKES = {
    "unknown_key": "there is no key {key}",
    "bad_setting": "{value} cannot be used: {detail}",
    "file_missing": "the file does not exist",
    "file_unreadable": "the file cannot be read: {detail}",
}

TEMPLATES: Mapping[str, str] = {**DECISIONS, **REASONS, **ERRORS, **MISTAKES}


class _Fields(dict[str, object]):
    """Fields in which a missing one shows as an ellipsis."""

    def __missing__(self, _: str) -> str:
        return "…"


def template(code: str) -> str:
    """The template of a code; the bare code where the table has none."""
    return TEMPLATES.get(code, code.replace("_", " "))


def fill(text: str, fields: Mapping[str, object]) -> str:
    """A template, in whatever language, with its braces filled; a missing field shows as "…"."""
    return text.format_map(_Fields(fields))


def sentence(code: str, fields: Mapping[str, object]) -> str:
    """What the code says in English."""
    return fill(template(code), fields)
