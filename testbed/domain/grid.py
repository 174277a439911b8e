"""The grid of 15-minute grains, and the only arithmetic between dates and grains.

A grain is an integer: whole 15-minute steps since 1970-01-01T00:00Z, so grain order is time order
and no horizon has to be known to name one.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from testbed.domain.errors import InvalidRequest

GRAIN_MINUTES = 15
GRAIN_SECONDS = GRAIN_MINUTES * 60
GRAINS_PER_HOUR = 60 // GRAIN_MINUTES
GRAINS_PER_DAY = 24 * GRAINS_PER_HOUR
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROS_PER_GRAIN = GRAIN_SECONDS * 1_000_000


@dataclass(frozen=True, slots=True, order=True)
class Slot:
    """Half-open interval [start, end) in grains; `start < end`.

    Raises InvalidRequest("empty_slot") otherwise.
    """

    start: int
    end: int

    def __post_init__(self) -> None:
        if self.start >= self.end:
            raise InvalidRequest("empty_slot", start=self.start, end=self.end)

    def overlaps(self, other: "Slot") -> bool:
        """Whether the two share a grain; slots that only touch do not."""
        return self.start < other.end and other.start < self.end


def _micros(moment: datetime) -> int:
    if moment.tzinfo is None:
        raise InvalidRequest("naive_time", value=moment.isoformat())
    return (moment - EPOCH) // timedelta(microseconds=1)


def floor_grain(moment: datetime) -> int:
    """The grain that contains the moment. Raises InvalidRequest("naive_time")."""
    return _micros(moment) // _MICROS_PER_GRAIN


def ceil_grain(moment: datetime) -> int:
    """The first grain that starts at or after the moment. Raises InvalidRequest("naive_time")."""
    return -(-_micros(moment) // _MICROS_PER_GRAIN)


def grain_of(moment: datetime) -> int:
    """The grain that starts exactly then.

    Raises InvalidRequest: "naive_time" without a zone, "off_grain" between two grains.
    """
    grain = floor_grain(moment)
    if moment_of(grain) != moment:
        raise InvalidRequest("off_grain", value=moment.isoformat(), minutes=GRAIN_MINUTES)
    return grain


def moment_of(grain: int) -> datetime:
    """The aware UTC moment at which the grain starts."""
    return EPOCH + timedelta(seconds=grain * GRAIN_SECONDS)


def grains_in(minutes: int) -> int:
    """Grains that cover so many minutes, rounded up."""
    return -(-minutes // GRAIN_MINUTES)


@lru_cache(maxsize=64)
def zone(name: str) -> ZoneInfo:
    """The time zone of that IANA name."""
    return ZoneInfo(name)


@lru_cache(maxsize=8192)
def local_midnight(day: date, zone_name: str) -> int:
    """The grain at which the local day begins.

    A day whose midnight does not exist starts at the first grain after it.
    """
    return ceil_grain(datetime.combine(day, time(), tzinfo=zone(zone_name)))


def local_moment(grain: int, zone_name: str) -> datetime:
    """The grain's start on the wall clock of the zone."""
    return moment_of(grain).astimezone(zone(zone_name))


def local_date(grain: int, zone_name: str) -> date:
    """The local date on which the grain starts."""
    return local_moment(grain, zone_name).date()


def week_of(day: date) -> int:
    """ISO 8601 year and week of a date as one ordered integer, e.g. 202607."""
    year, week, _ = day.isocalendar()
    return year * 100 + week


def iso_week(grain: int, zone_name: str) -> int:
    """ISO year and week (`week_of`) of the local date on which the grain starts."""
    return week_of(local_date(grain, zone_name))
