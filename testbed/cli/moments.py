"""Moments as people type and read them: always with their time zone."""

from datetime import datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from testbed.domain.errors import InvalidRequest
from testbed.domain.grid import grain_of, local_moment


def typed_grain(text: str, zone: str | None) -> int:
    """The grain of a typed moment: with its offset, or local to the zone that is named beside it.

    Raises InvalidRequest: "bad_moment", "naive_time" without offset and zone, "off_grain",
    "unknown_zone".
    """
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise InvalidRequest("bad_moment", value=text) from None
    if moment.tzinfo is None and zone is not None:
        moment = moment.replace(tzinfo=_zone(zone))
    return grain_of(moment)


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise InvalidRequest("unknown_zone", value=name) from None


def slot_text(start: int, end: int, zone: str) -> str:
    """A slot on the wall clock of a zone, e.g. "Tue 2026-12-08 10:00-13:00 KST"."""
    first, last = local_moment(start, zone), local_moment(end, zone)
    day = "" if last.date() == first.date() else f"{last:%a %Y-%m-%d} "
    return f"{first:%a %Y-%m-%d %H:%M}-{day}{last:%H:%M} {first:%Z}"


def moment_text(moment: datetime, zone: str) -> str:
    """A moment on the wall clock of a zone."""
    return f"{moment.astimezone(ZoneInfo(zone)):%a %Y-%m-%d %H:%M %Z}"
