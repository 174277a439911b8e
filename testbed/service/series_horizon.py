"""Dates beyond the horizon: asked for when it reaches them, and the member told what came of it."""

from datetime import datetime

import structlog

from testbed.domain.parties import Member
from testbed.domain.series import Occurrence, Outcome
from testbed.persistence import partners, series_store, store
from testbed.persistence.series_store import KeptSeries
from testbed.service import members, recurrence
from testbed.service.actors import SYSTEM
from testbed.service.bookings import confirm_kept
from testbed.service.context import Context
from testbed.service.series import ask, locked, note
from testbed.service.write import Write, run

log = structlog.get_logger()


def materialise(ctx: Context, now: datetime) -> int:
    """Ask for every date of a confirmed series that is due by now; returns how many were asked for.

    Run late it does all of them, run twice nothing more. Each series is a transaction of its own;
    one that cannot go on is logged and stops no other.
    """
    with ctx.database.reading() as connection:
        due = series_store.due_series(connection, now)
    return sum(_go_on(ctx, series_id, now) for series_id in due)


def _go_on(ctx: Context, series_id: str, now: datetime) -> int:
    with ctx.database.reading() as connection:
        maker = series_store.find_series(connection, series_id).actor

    def work(write: Write) -> int:
        kept = locked(write, series_id)
        days = series_store.due_days(write.connection, series_id, now)
        dates = series_store.occurrences_of(write.connection, [series_id])[series_id]
        asked = [_ask(write, kept, each) for each in dates if each.day in days]
        done = [each for each in asked if each.outcome is not Outcome.AWAITED]
        if done:
            note(write, "series.continued", kept, **_told(done))
        return len(done)

    try:
        return run(ctx, now, _actor(ctx, maker), work)
    except Exception:
        log.exception("series_not_continued", series=series_id)
        return 0


def _ask(write: Write, kept: KeptSeries, each: Occurrence) -> Occurrence:
    """Ask for one date; what is granted is confirmed, as the series was.

    A joint one is held until its partners have answered, as any other.
    """
    catalogue = write.ctx.calendar.content(write.connection).catalogue
    fresh, due = recurrence.fresh(kept.plan, each.day, catalogue), None
    found = fresh
    if fresh.outcome is not Outcome.HOLIDAY:
        found, due = ask(write, kept, each)
    series_store.change_occurrence(write.connection, kept.id, found, due)
    if found.booking is not None:
        held = store.find_booking(write.connection, found.booking)
        if not partners.unanswered(write.connection, held.booking):
            confirm_kept(write, held)
    return found


def _told(done: list[Occurrence]) -> dict[str, object]:
    """What the member is told: how many dates were booked, and which were left out."""
    left = [each.day.isoformat() for each in done if each.outcome is Outcome.LEFT_OUT]
    booked = sum(each.outcome is Outcome.BOOKED for each in done)
    return {"booked": booked, "left_out": ", ".join(left) or "–"}


def _actor(ctx: Context, maker: str) -> Member:
    """Whoever made the series; the product itself where they are gone."""
    number = maker.removeprefix("member:")
    found = members.by_id(ctx, int(number)) if number.isdecimal() else None
    return found or SYSTEM
