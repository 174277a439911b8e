"""Changes of a series: this date, the following or all of them; what could not be is told."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from testbed.domain import series as domain
from testbed.domain.bookings import Booking, State, is_late_cancel, require_cancellable
from testbed.domain.catalogue import RuleProfile
from testbed.domain.errors import DomainError, InvalidRequest
from testbed.domain.parties import Member
from testbed.domain.requests import Decision, Granted, Request, Way
from testbed.domain.series import Change, Extent, Occurrence, Outcome, Plan, Scope
from testbed.persistence import convert, series_store
from testbed.persistence.series_store import KeptSeries
from testbed.persistence.store import KeptBooking
from testbed.service import overrides, partners, recurrence, series_reading
from testbed.service.bookings import cancel_kept, move_kept
from testbed.service.context import Context
from testbed.service.series import add_date, ask, due_at, live, note, take_step
from testbed.service.series_reading import Dated
from testbed.service.terms import ANY, Terms, lasting
from testbed.service.write import Write

OPEN = frozenset({Outcome.LEFT_OUT, Outcome.AWAITED})
Pairs = Sequence[tuple[Occurrence, KeptBooking | None]]


@dataclass(frozen=True, slots=True)
class Left:
    """A date that stayed as it was: by a decision, or by the code of what stands against it."""

    day: date
    decision: Decision | None = None
    code: str | None = None


@dataclass(frozen=True, slots=True)
class Edited:
    """What a change did: the days that it changed, and those that it was to change and left."""

    days: tuple[date, ...] = ()
    left: tuple[Left, ...] = ()


NOTHING = Edited()


# -- moving ----------------------------------------------------------------------------------


def edit(
    ctx: Context,
    series_id: str,
    extent: Extent,
    now: datetime,
    actor: Member,
    *,
    change: Change,
    terms: Terms = ANY,
) -> Edited:
    """Change time, length, place or needs of the dates of the extent.

    Each goes through a move of its own, so that rules, quota and notice are asked again; one that
    cannot move stays. Late ones stay too, and exceptions unless they are named alone. The same key
    again changes nothing. Raises NotFound: "series", "occurrence"; InvalidRequest("no_change").
    """
    if change.is_empty:
        raise InvalidRequest("no_change")

    def edited(write: Write, kept: KeptSeries) -> Edited:
        pairs = _pairs(write, kept)
        chosen = domain.touched(_bookings(pairs), extent, now)
        if not chosen:
            return NOTHING
        since = chosen[0].day if extent.scope is Scope.ALL else extent.day
        plan = domain.edited(kept.plan, since, change)
        done = _moved(write, replace(kept, plan=plan), _those(pairs, chosen), extent.scope)
        if extent.scope is not Scope.THIS:
            _keep_plan(write, kept, plan, pairs)
        note(write, "series.edited", kept, scope=extent.scope.value, days=len(done.days))
        return done

    asked = {"edit": extent.scope.value, "day": extent.day.isoformat(), **_told(change)}
    return take_step(
        ctx, series_id, now, actor, terms=terms, asked=asked, change=edited, before=NOTHING
    )


def _told(change: Change) -> convert.Json:
    needs = [convert.need_to_json(each) for each in change.needs or ()]
    plain = (change.at_min, change.days, change.minutes, change.resource)
    return {"change": plain, "needs": needs}


def _moved(write: Write, kept: KeptSeries, pairs: Pairs, scope: Scope) -> Edited:
    """Move every chosen booking, the farthest first where all go later: none meets the next."""
    days, left = [], []
    _lock(write, pairs)
    for each, booked in _in_order(kept.plan, pairs):
        apart = each.apart or scope is Scope.THIS
        if booked is None:
            continue
        request = _stay(write, kept, each, booked)
        moved = move_kept(write, booked, request)
        if isinstance(moved.decision, Granted):
            found = replace(each, request=request.id, start=kept.plan.start(each.day), apart=apart)
            series_store.change_occurrence(write.connection, kept.id, found)
            days.append(each.day)
        else:
            left.append(Left(each.day, moved.decision))
    return Edited(tuple(sorted(days)), tuple(sorted(left, key=_day_of)))


def _in_order(plan: Plan, pairs: Pairs) -> Pairs:
    goes_later = any(plan.start(each.day) > each.start for each, _ in pairs)
    return list(reversed(pairs)) if goes_later else pairs


def _day_of(left: Left) -> date:
    return left.day


def _stay(write: Write, kept: KeptSeries, each: Occurrence, booked: KeptBooking) -> Request:
    """The wish for the new time: at the places it has where these serve, else at any."""
    plain = replace(kept.plan.request(each.day, write.now, kept.id), id=write.ctx.new_id())
    way = Way(plain.start, tuple(line.resource for line in booked.booking.lines))
    if len(way.resources) != len(plain.needs):
        return plain
    there = replace(plain, way=way, other_city=True)
    is_free = isinstance(write.decide(there, booked.booking), Granted)
    return there if is_free else plain


def _keep_plan(write: Write, kept: KeptSeries, plan: Plan, pairs: Pairs) -> None:
    """Keep the new plan; dates that have no booking are from now on meant for their new time."""
    series_store.change_series(write.connection, replace(kept, plan=plan), kept.version)
    for each, booked in pairs:
        if booked is None and plan.start(each.day) != each.start:
            due = None
            if each.outcome is Outcome.AWAITED:
                due = due_at(write, plan.request(each.day, write.now, kept.id))
            found = replace(each, start=plan.start(each.day))
            series_store.change_occurrence(write.connection, kept.id, found, due)


# -- cancelling ------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Costing:
    """A date that would be cancelled, and whether its hours would still count for the week."""

    dated: Dated
    is_late: bool


def cancelling(
    ctx: Context, series_id: str, extent: Extent, now: datetime, actor: Member
) -> tuple[Costing, ...]:
    """The bookings that cancelling would give back, each with what that costs; changes nothing.

    Raises NotFound: "series", "occurrence".
    """
    shown = series_reading.get(ctx, series_id, now, actor)
    named = {each.day for each in domain.within(_days(shown.dates), extent)}
    rules = ctx.catalogue().rules
    return tuple(
        Costing(each, _counts(each.booking, rules.get(each.booking.rule), now))
        for each in shown.dates
        if each.occurrence.day in named and each.booking and _may_cancel(each.booking, now)
    )


def _days(dates: Iterable[Dated]) -> list[Occurrence]:
    return [each.occurrence for each in dates]


def _counts(booking: Booking, rule: RuleProfile | None, now: datetime) -> bool:
    if rule is None or booking.state is State.HELD or not rule.late_cancel_counts_as_use:
        return False
    return is_late_cancel(booking, rule, now)


def _may_cancel(booking: Booking, now: datetime) -> bool:
    try:
        require_cancellable(booking, now)
    except DomainError:
        return False
    return booking.state in (State.HELD, State.PENDING, State.CONFIRMED)


def cancel(
    ctx: Context,
    series_id: str,
    extent: Extent,
    now: datetime,
    actor: Member,
    *,
    terms: Terms = ANY,
) -> Edited:
    """Cancel the bookings of the extent, also those that stand apart.

    What waits for the horizon or was left out is skipped from then on; what has begun stays, and is
    told. The same key again changes nothing. Raises NotFound: "series", "occurrence".
    """

    def cancelled(write: Write, kept: KeptSeries) -> Edited:
        pairs = _pairs(write, kept)
        named = domain.within([each for each, _ in pairs], extent)
        days, left = [], []
        _lock(write, _those(pairs, named))
        for each, booked in _those(pairs, named):
            if booked is not None and not _may_cancel(booked.booking, now):
                if booked.booking.occupies:
                    left.append(Left(each.day, code="illegal_transition"))
                continue
            if booked is not None:
                cancel_kept(write, booked)
            elif each.outcome not in OPEN:
                continue
            found = replace(each, outcome=Outcome.SKIPPED)
            series_store.change_occurrence(write.connection, kept.id, found)
            days.append(each.day)
        if days:
            note(write, "series.cancelled", kept, scope=extent.scope.value, days=len(days))
        return Edited(tuple(days), tuple(left))

    asked = {"cancel": extent.scope.value, "day": extent.day.isoformat()}
    return take_step(
        ctx, series_id, now, actor, terms=terms, asked=asked, change=cancelled, before=NOTHING
    )


# -- asking again, and more dates ------------------------------------------------------------


def ask_again(
    ctx: Context,
    series_id: str,
    day: date,
    now: datetime,
    actor: Member,
    *,
    other: Request | None = None,
    terms: Terms = ANY,
) -> Edited:
    """Ask once more for a date that was left out or skipped, or for another wish on that day.

    Granted, it is held; otherwise it stays as it was and the decision is told. Raises NotFound:
    "series", "occurrence"; InvalidRequest: "date_is_booked", "booking_of_other_organisation".
    """
    if other is not None:
        overrides.checked(actor, other, "")

    def asked_again(write: Write, kept: KeptSeries) -> Edited:
        pairs = _pairs(write, kept)
        each = domain.find([one for one, _ in pairs], day)
        booked = next(booking for one, booking in pairs if one.day == day)
        if booked is not None and booked.booking.occupies:
            raise InvalidRequest("date_is_booked", day=day.isoformat())
        if other is not None and other.organisation != kept.organisation:
            raise InvalidRequest("booking_of_other_organisation", booking=series_id)
        partners.checked(write.connection, other or kept.plan.era(day).wish)
        found, due = ask(write, kept, replace(each, apart=False), other)
        series_store.change_occurrence(write.connection, kept.id, found, due)
        if found.outcome is Outcome.BOOKED:
            return Edited((day,))
        return Edited((), (Left(day),))

    asked = {"ask": day.isoformat(), "other": lasting(other) if other else None}
    return take_step(
        ctx, series_id, now, actor, terms=terms, asked=asked, change=asked_again, before=NOTHING
    )


@dataclass(frozen=True, slots=True)
class Further:
    """How a series goes on: its rule until another day or for more dates, or by listed days."""

    until: date | None = None
    count: int | None = None
    days: tuple[date, ...] = ()


def extend(
    ctx: Context,
    series_id: str,
    further: Further,
    now: datetime,
    actor: Member,
    *,
    terms: Terms = ANY,
) -> Edited:
    """Ask for more dates of a series; the ones it has stay as they are.

    The same key again changes nothing. Raises NotFound("series"); InvalidRequest: "no_dates",
    "too_many_dates", "bad_extension" for days where it has a rule, or the other way round.
    """

    def extended(write: Write, kept: KeptSeries) -> Edited:
        known = [each for each, _ in _pairs(write, kept)]
        plan, days = _further(kept.plan, further, known)
        new = sorted(set(days) - {each.day for each in known})
        if not new:
            raise InvalidRequest("no_dates")
        recurrence.listed([*days, *(each.day for each in known)])
        longer = replace(kept, plan=plan)
        series_store.change_series(write.connection, longer, kept.version)
        catalogue = write.ctx.calendar.content(write.connection).catalogue
        asked_for = [
            add_date(write, longer, recurrence.fresh(plan, each, catalogue)) for each in new
        ]
        note(write, "series.extended", kept, days=len(new))
        left = (each.day for each in asked_for if each.outcome is Outcome.LEFT_OUT)
        return Edited(tuple(new), tuple(Left(each) for each in left))

    asked = {"extend": repr(further)}
    return take_step(
        ctx, series_id, now, actor, terms=terms, asked=asked, change=extended, before=NOTHING
    )


def _further(
    plan: Plan, further: Further, known: Sequence[Occurrence]
) -> tuple[Plan, tuple[date, ...]]:
    if plan.rule is None:
        if not further.days:
            raise InvalidRequest("bad_extension")
        return plan, further.days
    if further.days or (further.until is None) == (further.count is None):
        raise InvalidRequest("bad_extension")
    rule = replace(plan.rule, until=further.until, count=further.count)
    days = recurrence.days_of(rule, known[0].day)
    return replace(plan, rule=rule), days


# -- what they share -------------------------------------------------------------------------


def _pairs(write: Write, kept: KeptSeries) -> Pairs:
    """The dates of a series in order, each with its booking as it stands."""
    dates = series_store.occurrences_of(write.connection, [kept.id]).get(kept.id, [])
    bookings = {each.booking.id: each for each in live(write, kept.id)}
    return [(each, bookings.get(each.booking or "")) for each in dates]


def _lock(write: Write, pairs: Pairs) -> None:
    """Lock all that these dates give back at once: one by one it would begin anew each time."""
    there = [booked.booking for _, booked in pairs if booked is not None]
    write.lock({claim.pool for booking in there for claim in booking.claims})


def _bookings(pairs: Pairs) -> list[tuple[Occurrence, Booking | None]]:
    return [(each, booked.booking if booked else None) for each, booked in pairs]


def _those(pairs: Pairs, chosen: Iterable[Occurrence]) -> Pairs:
    days = {each.day for each in chosen}
    return [pair for pair in pairs if pair[0].day in days]
