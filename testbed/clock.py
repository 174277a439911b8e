"""The machine's clock, read here and nowhere else: everything below takes `now` as an argument."""

from datetime import UTC, datetime


def now() -> datetime:
    """This moment, aware, in UTC."""
    return datetime.now(UTC)
