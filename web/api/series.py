"""Series: a wish on many dates, decided one by one, changed in part or as a whole."""

from collections.abc import Iterable
from datetime import date

from flask import Response

from testbed.domain.grid import local_moment
from testbed.domain.requests import Decision, Granted
from testbed.domain.series import Outcome as Became
from testbed.domain.series import Plan, plan_of, rule_of, stands_apart
from testbed.service import series as service
from testbed.service import series_edits, series_reading
from testbed.service.series import Foreseen, Wanted, zone_of
from testbed.service.series_edits import Costing, Edited, Further, Left
from testbed.service.series_reading import Dated, Shown
from testbed.service.terms import Terms
from testbed.service.tokens import Scope
from web.api.answers.series import (
    CancelCost,
    DateAnswer,
    EditedAnswer,
    ForeseenAnswer,
    LeftAnswer,
    RefusedDate,
    SeriesAnswer,
    SeriesPage,
    SeriesPreview,
    SeriesSummary,
    StartedAnswer,
)
from web.api.bearer import caller
from web.api.endpoint import CHANGES, endpoint, noun, problems
from web.api.mending import repairs_of
from web.api.paging import cursor_at, mark_at
from web.api.replying import fresh, located, reply
from web.api.series_in import (
    AskAgainIn,
    Rhythm,
    SeriesCancelIn,
    SeriesEditIn,
    SeriesExtendIn,
    SeriesIn,
    SeriesWanted,
)
from web.api.showing import booking_answer, decision_answer, utc, utc_or_none
from web.api.wishes import request_of, wish_answer
from web.deps import catalogue, context, now
from web.schemas import Conditional, Named, Once
from web.series_words import counts_text, name_of, pattern_text

# Repairs are looked for while the document is made: of so many dates at once.
MOST_MENDED = 6

blueprint = noun("series", "Wishes that repeat")


@blueprint.post("/series-previews", responses={200: SeriesPreview, **CHANGES})
@endpoint(Scope.READ, "search")
def preview(body: SeriesIn) -> Response:
    """Say what would become of every date, each decided after those before it; keep nothing."""
    asked = _wanted(body)
    found = service.preview(context(), asked, now(), caller())
    dates = [_foreseen(asked.plan, each) for each in found]
    return reply(SeriesPreview(pattern=pattern_text(asked.plan, asked.days), dates=dates))


@blueprint.post("/series", responses={200: StartedAnswer, 201: StartedAnswer, **CHANGES})
@endpoint(Scope.BOOK, "submit")
def submit(body: SeriesIn, header: Once) -> Response:
    """Decide every date in order; what is granted is held, all until the same moment.

    201 with the series; 200 where all or nothing was asked and some dates do not fit.
    """
    asked = _wanted(body)
    made = service.submit(context(), asked, now(), caller(), header.idempotency_key)
    if made.series is None:
        refused = [_refused(day, no, asked.organisation) for day, no in made.refused]
        return reply(StartedAnswer(series=None, refused=refused))
    document = StartedAnswer(series=_series(_shown(made.series)), refused=[])
    return located(reply(document, 201), "series", made.series)


@blueprint.get("/series", responses={200: SeriesPage})
@endpoint(Scope.READ)
def listing(query: SeriesWanted) -> Response:
    """List series, the newest first."""
    page = series_reading.listing(
        context(),
        now(),
        caller(),
        query.organisation,
        after=mark_at(query.cursor),
        limit=query.limit,
    )
    items = [_summary(each) for each in page.items]
    return reply(SeriesPage(items=items, next=cursor_at(page.next)))


@blueprint.get("/series/<id>", responses={200: SeriesAnswer, 304: None, **problems(429)})
@endpoint(Scope.READ, "search")
def one(path: Named, header: Conditional) -> Response:
    """Show one series with all its dates as they stand now."""
    return fresh(_series(_shown(path.id)), header)


@blueprint.post("/series/<id>/confirm", responses={200: SeriesAnswer, **CHANGES})
@endpoint(Scope.BOOK, "submit")
def confirm(path: Named, header: Once) -> Response:
    """Confirm every hold at once; dates beyond the horizon are then booked as it reaches them."""
    service.confirm(context(), path.id, now(), caller(), terms=_terms(header))
    return reply(_series(_shown(path.id)))


@blueprint.post("/series/<id>/edit", responses={200: EditedAnswer, **CHANGES})
@endpoint(Scope.BOOK, "submit")
def edit(path: Named, body: SeriesEditIn, header: Once) -> Response:
    """Change this date, the following or all: each is moved by itself, what cannot move stays."""
    done = series_edits.edit(
        context(), path.id, body.extent, now(), caller(), change=body.change, terms=_terms(header)
    )
    return _edited(path.id, done)


@blueprint.post("/series/<id>/cancel", responses={200: EditedAnswer, **CHANGES})
@endpoint(Scope.BOOK, "submit")
def cancel(path: Named, body: SeriesCancelIn, header: Once) -> Response:
    """Give dates back, or with `preview` only say what that would cost."""
    costs = series_edits.cancelling(context(), path.id, body.extent, now(), caller())
    if body.preview:
        return _edited(path.id, Edited(), costs)
    done = series_edits.cancel(
        context(), path.id, body.extent, now(), caller(), terms=_terms(header)
    )
    return _edited(path.id, done, costs)


@blueprint.post("/series/<id>/ask", responses={200: EditedAnswer, **CHANGES})
@endpoint(Scope.BOOK, "submit")
def ask(path: Named, body: AskAgainIn, header: Once) -> Response:
    """Ask again for a date that was left out or skipped, as it was or by another wish."""
    owner = _shown(path.id).kept.organisation
    other = None if body.request is None else request_of(body.request, owner)
    done = series_edits.ask_again(
        context(), path.id, body.day, now(), caller(), other=other, terms=_terms(header)
    )
    return _edited(path.id, done)


@blueprint.post("/series/<id>/extend", responses={200: EditedAnswer, **CHANGES})
@endpoint(Scope.BOOK, "submit")
def extend(path: Named, body: SeriesExtendIn, header: Once) -> Response:
    """Ask for more dates; those it has stay as they are."""
    further = Further(until=body.until, days=tuple(body.dates))
    done = series_edits.extend(context(), path.id, further, now(), caller(), terms=_terms(header))
    return _edited(path.id, done)


# -- read ------------------------------------------------------------------------------------


def _terms(header: Once) -> Terms:
    return Terms(key=header.idempotency_key)


def _wanted(body: SeriesIn) -> Wanted:
    organisation = body.organisation or caller().organisation
    wish = request_of(body, organisation)
    repeat = body.repeat
    rule = rule_of(repeat.rule) if isinstance(repeat, Rhythm) else None
    plan = plan_of(
        wish,
        zone_of(wish, catalogue()),
        rule,
        skip_holidays=body.skip_holidays,
        all_or_nothing=body.all_or_nothing,
    )
    days = None if isinstance(repeat, Rhythm) else repeat.dates
    return service.wanted(organisation, plan, days, body.name or "")


def _shown(series_id: str) -> Shown:
    return series_reading.get(context(), series_id, now(), caller())


# -- shown -----------------------------------------------------------------------------------


def _series(shown: Shown) -> SeriesAnswer:
    kept, plan = shown.kept, shown.kept.plan
    days = [each.occurrence.day for each in shown.dates]
    left = [each.occurrence.day for each in shown.dates if _is_left_out(each)][:MOST_MENDED]
    return SeriesAnswer(
        id=kept.id,
        organisation=kept.organisation,
        name=name_of(shown),
        created_at=utc(kept.created_at),
        confirmed_at=utc_or_none(kept.confirmed_at),
        version=kept.version,
        zone=plan.zone,
        rule=plan.rule.text if plan.rule else None,
        pattern=pattern_text(plan, days),
        skip_holidays=plan.skip_holidays,
        wish=wish_answer(plan.eras[-1].wish),
        dates=[_date(shown, each, each.occurrence.day in left) for each in shown.dates],
    )


def _is_left_out(each: Dated) -> bool:
    return each.occurrence.outcome is Became.LEFT_OUT


def _date(shown: Shown, each: Dated, is_mended: bool) -> DateAnswer:
    one, plan = each.occurrence, shown.kept.plan
    owner = shown.kept.organisation
    asked = plan.request(one.day, now(), shown.kept.id)
    return DateAnswer(
        day=one.day,
        start=local_moment(each.booking.start if each.booking else one.start, plan.zone),
        outcome=one.outcome.value,
        apart=stands_apart(one, each.booking),
        booking=booking_answer(each.booking, each.version) if each.booking else None,
        decision=None if each.decision is None else decision_answer(each.decision, owner),
        repairs=[each for each in repairs_of(asked) if each.offer] if is_mended else [],
    )


def _foreseen(plan: Plan, each: Foreseen) -> ForeseenAnswer:
    one, decision = each.occurrence, each.decision
    start = decision.offer.start if isinstance(decision, Granted) else one.start
    owner = each.request.organisation
    return ForeseenAnswer(
        day=one.day,
        start=local_moment(start, plan.zone),
        outcome=one.outcome.value,
        decision=None if decision is None else decision_answer(decision, owner),
    )


def _refused(day: date, decision: Decision, owner: str) -> RefusedDate:
    return RefusedDate(day=day, decision=decision_answer(decision, owner))


def _summary(shown: Shown) -> SeriesSummary:
    days = [each.occurrence.day for each in shown.dates]
    return SeriesSummary(
        id=shown.kept.id,
        organisation=shown.kept.organisation,
        name=name_of(shown),
        created_at=utc(shown.kept.created_at),
        pattern=pattern_text(shown.kept.plan, days),
        standing=counts_text(shown.dates),
    )


def _edited(series_id: str, done: Edited, costs: Iterable[Costing] = ()) -> Response:
    shown = _shown(series_id)
    owner = shown.kept.organisation
    return reply(
        EditedAnswer(
            changed=list(done.days),
            left=[_left(each, owner) for each in done.left],
            costs=[_cost(each) for each in costs],
            series=_series(shown),
        )
    )


def _left(left: Left, owner: str) -> LeftAnswer:
    decision = None if left.decision is None else decision_answer(left.decision, owner)
    return LeftAnswer(day=left.day, decision=decision, code=left.code)


def _cost(cost: Costing) -> CancelCost:
    booking = cost.dated.booking
    name = booking.id if booking else ""
    return CancelCost(day=cost.dated.occurrence.day, booking=name, counts_as_use=cost.is_late)
