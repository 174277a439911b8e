"""Days on which the sites are open."""

from datetime import UTC, date, datetime, timedelta

SATURDAY = 5


def next_working_day(days: int) -> date:
    """The first day from Monday to Friday that is at least so many days ahead."""
    day = datetime.now(UTC).date() + timedelta(days=days)
    return day + timedelta(days=7 - day.weekday() if day.weekday() >= SATURDAY else 0)
