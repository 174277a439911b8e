"""What a catalogue lets members of a test kind wish for: cities, hours of the day, lead times."""

from dataclasses import dataclass

from testbed.domain.catalogue import Catalogue, Facility, Mode, Resource
from testbed.domain.demand import HOURS, DemandProfile, TestKind, need_of
from testbed.domain.fit import matching
from testbed.domain.ledger import NIGHT_HOURS, NIGHT_STARTS_HOUR

MINUTES_PER_DAY = 24 * 60


@dataclass(frozen=True, slots=True)
class CityChoice:
    """The cities that a wish may name, with their weights; none where no city is preferred."""

    cities: tuple[str, ...]
    weights: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class LeadBounds:
    """Shortest and longest lead in days, the widest of the rules that may serve."""

    least: int
    most: int


def candidates(catalogue: Catalogue, kind: TestKind, city: str | None) -> tuple[Resource, ...]:
    """Resources that serve the kind, bookable or not; in that city if it has any."""
    found = matching(catalogue, need_of(kind))
    return tuple(each for each in found if each.city == city) or found


def city_choice(catalogue: Catalogue, profile: DemandProfile, kind: TestKind) -> CityChoice:
    """The weighted cities that have a candidate, bookable or not, in the profile's order.

    What is not bookable counts, so that an option which opens it moves no wish.
    """
    served = {each.city for each in candidates(catalogue, kind, None)}
    known = {city: weight for city, weight in profile.city_weight.items() if city in served}
    known = {city: weight for city, weight in known.items() if weight > 0}
    return CityChoice(tuple(known), tuple(known.values()))


def hour_weights(
    catalogue: Catalogue, profile: DemandProfile, kind: TestKind, city: str | None
) -> tuple[float, ...]:
    """Weights of the 24 wished hours, nought where no candidate's calendar is open.

    If that leaves none, the profile's weights hold as they are.
    """
    calendars = {each.calendar for each in candidates(catalogue, kind, city)}
    opened = frozenset().union(*(_open_hours(catalogue, each) for each in calendars))
    weights = tuple(
        weight if hour in opened and (not kind.main.night or _at_night(hour)) else 0.0
        for hour, weight in enumerate(profile.wanted_start_hour_weight)
    )
    return weights if any(weights) else profile.wanted_start_hour_weight


def _open_hours(catalogue: Catalogue, calendar: str) -> frozenset[int]:
    """Hours of the clock that begin inside a window on any weekday."""
    return frozenset(
        hour % HOURS
        for window in catalogue.calendars[calendar].windows
        for hour in range(2 * HOURS)
        if window.start_min <= hour * 60 < window.end_min
    )


def _at_night(hour: int) -> bool:
    return (hour - NIGHT_STARTS_HOUR) % HOURS < NIGHT_HOURS


def lead_bounds(catalogue: Catalogue, kind: TestKind, city: str | None) -> LeadBounds | None:
    """The widest lead bounds of the candidates' rules; None where nothing can serve at all."""
    rules = [catalogue.rules[each.rule] for each in candidates(catalogue, kind, city)]
    if not rules:
        return None
    least = min(rule.min_lead_days for rule in rules)
    return LeadBounds(least, max(rule.max_lead_days for rule in rules))


def offers_exclusive(catalogue: Catalogue, kind: TestKind, city: str | None) -> bool:
    """Whether any candidate may be had alone: nobody asks that of roads that are always shared."""
    return any(
        isinstance(each, Facility) or Mode.EXCLUSIVE in each.modes
        for each in candidates(catalogue, kind, city)
    )
