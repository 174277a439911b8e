"""Series: previewed, asked for date by date in one transaction, and confirmed as a whole."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import TypeVar

from testbed.domain import allocator
from testbed.domain.bookings import Booking, State
from testbed.domain.catalogue import Catalogue
from testbed.domain.errors import InvalidRequest, Stale
from testbed.domain.fit import matching
from testbed.domain.grid import local_date, moment_of
from testbed.domain.ledger import Ledger
from testbed.domain.parties import Member
from testbed.domain.requests import Decision, Granted, Request
from testbed.domain.series import Occurrence, Outcome, Plan, outcome_of
from testbed.persistence import convert, series_store
from testbed.persistence.apart import keep_apart
from testbed.persistence.series_store import KeptSeries
from testbed.persistence.store import KeptBooking
from testbed.service import overrides, partners, recurrence
from testbed.service.actors import name_of, require_acts_for, require_books
from testbed.service.bookings import confirm_kept
from testbed.service.context import Context
from testbed.service.requests import keep_decided
from testbed.service.series_reading import as_they_stand, require_sees
from testbed.service.terms import ANY, Terms, lasting, named, once
from testbed.service.write import Write, run

LONGEST_NAME = 80
# A date that is still beyond the horizon when it is asked for is asked for again a day later.
AGAIN_AFTER = timedelta(days=1)
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Wanted:
    """A series that is asked for: a name of the member's own, the plan, and its days."""

    organisation: str
    plan: Plan
    days: tuple[date, ...]
    name: str = ""


@dataclass(frozen=True, slots=True)
class Foreseen:
    """What would become of a date; without a decision it is a holiday."""

    occurrence: Occurrence
    request: Request
    decision: Decision | None


@dataclass(frozen=True, slots=True)
class Started:
    """The answer to a series: its id, or None and the dates that stood in the way of all."""

    series: str | None
    refused: tuple[tuple[date, Decision], ...] = ()


def zone_of(wish: Request, catalogue: Catalogue) -> str:
    """The zone on whose wall clock a wish repeats: that of the places that may serve it.

    Those of the preferred city first; members elsewhere keep the wall time of the place.
    """
    places = matching(catalogue, wish.needs[0]) or catalogue.resources()
    return min(places, key=lambda each: each.city != wish.city).zone


def wanted(
    organisation: str, plan: Plan, days: Iterable[date] | None = None, name: str = ""
) -> Wanted:
    """A series by the plan's rule from its wish's day on, or on the days that are listed.

    Raises InvalidRequest: "no_dates", "too_many_dates", "bad_name".
    """
    called = "".join(each for each in name if each.isprintable()).strip()
    if len(called) > LONGEST_NAME:
        raise InvalidRequest("bad_name", longest=LONGEST_NAME)
    if plan.rule is None:
        return Wanted(organisation, plan, recurrence.listed(days or ()), called)
    first = local_date(plan.eras[0].wish.start, plan.zone)
    return Wanted(organisation, plan, recurrence.days_of(plan.rule, first), called)


# -- before anything is kept -----------------------------------------------------------------


def preview(ctx: Context, asked: Wanted, now: datetime, actor: Member) -> tuple[Foreseen, ...]:
    """What would become of every date, each decided after those before it; keeps nothing.

    Raises NotAllowed("other_organisation").
    """
    require_acts_for(actor, asked.organisation)
    with (
        ctx.database.reading() as connection,
        ctx.calendar.at(connection, now, asked.organisation) as ledger,
    ):
        keep_apart(connection, ledger, _wishes(asked), ctx.deadlines, now)
        return trial(ledger.copy(), asked, now)


def _wishes(asked: Wanted) -> list[Request]:
    return [era.wish for era in asked.plan.eras]


def trial(ledger: Ledger, asked: Wanted, now: datetime) -> tuple[Foreseen, ...]:
    """The dates decided in their order on a ledger that is the caller's to use up."""
    found = []
    for day in asked.days:
        fresh = recurrence.fresh(asked.plan, day, ledger.catalogue)
        request = asked.plan.request(day, now, None)
        if fresh.outcome is Outcome.HOLIDAY:
            found.append(Foreseen(fresh, request, None))
            continue
        decision = allocator.decide(request, ledger, now)
        if isinstance(decision, Granted):
            _occupy(ledger, request.organisation, decision)
        outcome = outcome_of(decision)
        found.append(Foreseen(replace(fresh, outcome=outcome), request, decision))
    return tuple(found)


def _occupy(ledger: Ledger, organisation: str, decision: Granted) -> None:
    offer = decision.offer
    ledger.take(offer.claims)
    ledger.add_use(organisation, offer.rule, offer.week, offer.end - offer.start)
    ledger.add_ahead(organisation, offer.start, offer.end - offer.start)


# -- asking ----------------------------------------------------------------------------------


def submit(
    ctx: Context, asked: Wanted, now: datetime, actor: Member, key: str | None = None
) -> Started:
    """Decide every date in its order and hold what is granted, all until the same moment.

    What cannot be is left out, or nothing is kept at all where the plan says so; a date beyond the
    horizon is kept and asked for when its time comes. The same `key` with the same series gets the
    answer given before. Raises NotAllowed("other_organisation"),
    InvalidRequest("idempotency_key_reused"), Stale("lost_race"), and what
    `overrides.checked` does: a series sets no rule aside.
    """
    require_acts_for(actor, asked.organisation)
    require_books(actor)
    for each in _wishes(asked):
        overrides.checked(actor, each, "")
    own = None if key is None else named(actor, key, _asked(asked))

    def work(write: Write) -> Started:
        write.lock_organisation(asked.organisation)
        return once(
            write,
            own,
            lambda: _start(write, asked),
            _answer,
            lambda stored: _answered(write, stored),
        )

    return run(ctx, now, actor, work)


def _asked(asked: Wanted) -> convert.Json:
    plan = dict(series_store.plan_to_json(asked.plan))
    plan["eras"] = [lasting(each.wish) for each in asked.plan.eras]
    days = [day.isoformat() for day in asked.days]
    return {"series": asked.organisation, "name": asked.name, "plan": plan, "days": days}


def _start(write: Write, asked: Wanted) -> Started:
    ctx = write.ctx
    for each in _wishes(asked):
        partners.checked(write.connection, each)
    refused = _foresee(write, asked)
    if refused and asked.plan.all_or_nothing:
        return Started(None, tuple(_refuse(write, each) for each in refused))
    actor = name_of(write.actor)
    name, plan = asked.name, asked.plan
    kept = KeptSeries(
        ctx.new_id(), asked.organisation, name, actor, write.now, None, version=1, plan=plan
    )
    series_store.add_series(write.connection, kept)
    catalogue = ctx.calendar.content(write.connection).catalogue
    for day in asked.days:
        add_date(write, kept, recurrence.fresh(plan, day, catalogue))
    note(write, "series.started", kept)
    return Started(kept.id)


def _foresee(write: Write, asked: Wanted) -> list[Foreseen]:
    """Lock every pool that the series will take, at once; answers the dates that do not fit."""
    calendar = write.ctx.calendar
    with calendar.at(write.connection, write.now, asked.organisation) as ledger:
        keep_apart(write.connection, ledger, _wishes(asked), write.ctx.deadlines, write.now)
        found = trial(ledger.copy(), asked, write.now)
    granted = [each.decision for each in found if isinstance(each.decision, Granted)]
    write.lock({claim.pool for each in granted for claim in each.offer.claims})
    return [each for each in found if each.occurrence.outcome is Outcome.LEFT_OUT]


def _refuse(write: Write, foreseen: Foreseen) -> tuple[date, Decision]:
    """Keep a wish that stood in the way of a whole series: refused demand is data."""
    if foreseen.decision is None:
        raise RuntimeError("a holiday stands in nobody's way")
    request = replace(foreseen.request, id=write.ctx.new_id())
    keep_decided(write, request, foreseen.decision)
    return foreseen.occurrence.day, foreseen.decision


def add_date(write: Write, kept: KeptSeries, fresh: Occurrence) -> Occurrence:
    """Ask for a new date of a series and keep what became of it."""
    asked, due_at = fresh, None
    if fresh.outcome is not Outcome.HOLIDAY:
        asked, due_at = ask(write, kept, fresh)
    series_store.add_occurrence(write.connection, kept.id, asked, due_at)
    return asked


def ask(
    write: Write, kept: KeptSeries, each: Occurrence, other: Request | None = None
) -> tuple[Occurrence, datetime | None]:
    """Decide a date; what is too early waits, and is asked for at the moment that is answered too.

    `other` is another wish for that day; the date then stands apart from the series.
    """
    asked = other or kept.plan.request(each.day, write.now, kept.id)
    # A date of a series does not wait: what stands in the waitlist is nobody's date.
    request = replace(asked, id=write.ctx.new_id(), series=kept.id, wait=False)
    decision = write.decide(request)
    outcome, apart = outcome_of(decision), each.apart or other is not None
    if outcome is Outcome.AWAITED:
        return replace(each, outcome=outcome), due_at(write, request)
    booking = keep_decided(write, request, decision).booking
    name = booking.id if booking else None
    found = replace(each, outcome=outcome, request=request.id, booking=name, apart=apart)
    return found, None


def due_at(write: Write, request: Request) -> datetime:
    """When a date beyond the horizon is asked for: once the first place that serves is open."""
    catalogue = write.ctx.calendar.content(write.connection).catalogue
    return max(_bookable_from(request, catalogue), write.now + AGAIN_AFTER)


def _bookable_from(request: Request, catalogue: Catalogue) -> datetime:
    rules = (catalogue.rules[each.rule] for each in matching(catalogue, request.needs[0]))
    leads = [rule.max_lead_days for rule in rules]
    return moment_of(request.start) - timedelta(days=max(leads, default=0))


def _answer(given: Started) -> convert.Json:
    return {
        "series": given.series,
        "refused": [[day.isoformat(), convert.decision_to_json(no)] for day, no in given.refused],
    }


def _answered(_: Write, stored: convert.Json) -> Started:
    refused = ((date.fromisoformat(day), no) for day, no in stored["refused"])
    return Started(
        stored["series"], tuple((day, convert.decision_from_json(no)) for day, no in refused)
    )


def note(write: Write, action: str, kept: KeptSeries, **more: object) -> None:
    """Write the audit and outbox row of a change of a series."""
    about = {"organisation": kept.organisation, "owner": kept.actor.removeprefix("member:")}
    write.note(action, kept.id, {**about, "name": kept.name, **more})


# -- confirming ------------------------------------------------------------------------------


def confirm(
    ctx: Context, series_id: str, now: datetime, actor: Member, *, terms: Terms = ANY
) -> tuple[Booking, ...]:
    """Confirm every hold of the series in one transaction, and every later date as it is granted.

    Raises NotFound("series"), Stale, and what confirming one of them does.
    """

    def confirmed(write: Write, kept: KeptSeries) -> tuple[Booking, ...]:
        held = [each for each in live(write, kept.id) if each.booking.state is State.HELD]
        done = tuple(confirm_kept(write, each) for each in held)
        if kept.confirmed_at is None:
            settled = replace(kept, confirmed_at=write.now)
            series_store.change_series(write.connection, settled, kept.version)
            note(write, "series.confirmed", kept, dates=len(done))
        return done

    asked = {"confirm": series_id}
    return take_step(
        ctx, series_id, now, actor, terms=terms, asked=asked, change=confirmed, before=()
    )


def take_step(
    ctx: Context,
    series_id: str,
    now: datetime,
    actor: Member,
    *,
    terms: Terms,
    asked: convert.Json,
    change: Callable[[Write, KeptSeries], T],
    before: T,
) -> T:
    """Change a series in one transaction; the same key again changes nothing and answers `before`.

    Raises NotFound("series"), Stale("series_version_changed").
    """
    key = None if terms.key is None else named(actor, terms.key, {"series": series_id, **asked})

    def work(write: Write) -> T:
        kept = locked(write, series_id)

        def changed() -> T:
            if terms.versions is not None and kept.version not in terms.versions:
                raise Stale("series_version_changed", series=series_id)
            return change(write, kept)

        return once(write, key, changed, lambda _: asked, lambda _: before)

    return run(ctx, now, actor, work)


def locked(write: Write, series_id: str) -> KeptSeries:
    """The series with its organisation locked, if the actor may change it."""
    kept = series_store.find_series(write.connection, series_id)
    require_sees(write.actor, kept)
    require_books(write.actor)
    write.lock_organisation(kept.organisation)
    return series_store.find_series(write.connection, series_id)


def live(write: Write, series_id: str) -> list[KeptBooking]:
    """The bookings of a series as they stand, by start."""
    dates = series_store.occurrences_of(write.connection, [series_id]).get(series_id, [])
    return as_they_stand(write.ctx, write.connection, dates, write.now)
