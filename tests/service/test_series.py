"""Series in the service: asked for, confirmed, edited, cancelled, continued."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from testbed.domain.bookings import State
from testbed.domain.diary import Diary
from testbed.domain.errors import InvalidRequest, NotAllowed, NotFound
from testbed.domain.grid import local_moment
from testbed.domain.parties import Member, Role
from testbed.domain.requests import Way
from testbed.domain.series import Change, Extent, Outcome, Scope, plan_of, rule_of
from testbed.service import bookings, requests, series, series_edits, series_horizon, series_reading
from testbed.service.actors import SYSTEM
from testbed.service.context import Context
from testbed.service.series_edits import Further
from testbed.service.terms import Terms
from tests.catalogues import HOLIDAY, NOW, ZONE, at, route, wish
from tests.people import join

MONDAY, TUESDAY = date(2026, 3, 16), date(2026, 3, 17)
RIVAL = Member(9, "org-b", "b@example.org", "B", Role.MEMBER)
DAILY = "FREQ=DAILY;COUNT={}"


def asked(*needs, rule="FREQ=WEEKLY;BYDAY=MO,TU;COUNT=4", days=None, hours=2, slack=0, **choices):
    """A series of org-a, on rt-a1 at 10:00 from the Monday on unless told otherwise."""
    first = wish(*needs, hours=hours, slack=slack)
    plan = plan_of(first, ZONE, None if days else rule_of(rule), **choices)
    return series.wanted("org-a", plan, days, "Weekly rain")


def start(ctx: Context, *needs, actor=SYSTEM, **more) -> str:
    made = series.submit(ctx, asked(*needs, **more), NOW, actor)
    assert made.series
    return made.series


def shown(ctx: Context, number: str, now: datetime = NOW):
    return series_reading.get(ctx, number, now, SYSTEM)


def outcomes(ctx: Context, number: str, now: datetime = NOW) -> list[str]:
    return [each.occurrence.outcome.value for each in shown(ctx, number, now).dates]


def starts(ctx: Context, number: str) -> list[str]:
    found = [each.booking for each in shown(ctx, number).dates]
    return [f"{local_moment(each.start, ZONE):%d %H:%M}" for each in found if each]


def take(ctx: Context, day: date, hour: float = 10) -> None:
    """Somebody else takes the whole of rt-a1 then."""
    other = wish(route("rt-a1", 3), start=at(hour, day), organisation="org-b")
    held = requests.submit(ctx, other, NOW, SYSTEM).booking
    assert held
    bookings.confirm(ctx, held.id, NOW, SYSTEM)


def test_every_date_is_a_request_of_its_own_held_until_the_same_moment(ctx):
    number = start(ctx)
    found = [each.booking for each in shown(ctx, number).dates]
    assert starts(ctx, number) == ["16 10:00", "17 10:00", "23 10:00", "24 10:00"]
    assert {each.expires_at for each in found} == {NOW + timedelta(minutes=30)}
    assert len({each.request.id for each in found}) == 4
    assert {each.request.series for each in found} == {number}


def test_a_date_that_does_not_fit_is_left_out_with_its_reasons(ctx):
    take(ctx, TUESDAY)
    number = start(ctx)
    assert outcomes(ctx, number) == ["booked", "left_out", "booked", "booked"]
    left = shown(ctx, number).dates[1]
    assert left.decision
    assert "pool_full" in {each.code for each in left.decision.reasons}
    assert left.decision.near


def test_all_or_nothing_keeps_nothing_where_one_date_does_not_fit(ctx):
    take(ctx, TUESDAY)
    made = series.submit(ctx, asked(all_or_nothing=True), NOW, SYSTEM)
    assert made.series is None
    assert [day for day, _ in made.refused] == [TUESDAY]
    assert bookings.listing(ctx, NOW, SYSTEM, "org-a") == ()
    assert series_reading.listing(ctx, NOW, SYSTEM).items == ()


def test_all_or_nothing_holds_all_where_all_fit(ctx):
    assert outcomes(ctx, start(ctx, all_or_nothing=True)) == ["booked"] * 4


def test_public_holidays_are_skipped_by_choice_and_listed(ctx):
    number = start(ctx, route("rt-a1"), rule=DAILY.format(4), skip_holidays=True)
    assert outcomes(ctx, number) == ["booked", "booked", "holiday", "booked"]
    assert shown(ctx, number).dates[2].occurrence.day == HOLIDAY
    kept = start(ctx, route("rt-s"), rule=DAILY.format(4))
    assert outcomes(ctx, kept)[2] == "left_out"


def test_the_weekly_hours_are_counted_from_date_to_date(ctx):
    number = start(ctx, rule=DAILY.format(5), hours=8)
    assert outcomes(ctx, number) == ["booked", "booked", "left_out", "booked", "left_out"]
    last = shown(ctx, number).dates[4].decision
    assert "weekly_hours" in {each.code for each in last.reasons}


def test_a_preview_says_what_submitting_would_do_and_keeps_nothing(ctx):
    take(ctx, TUESDAY)
    before = series.preview(ctx, asked(rule=DAILY.format(5), hours=8), NOW, SYSTEM)
    assert bookings.listing(ctx, NOW, SYSTEM, "org-a") == ()
    number = start(ctx, rule=DAILY.format(5), hours=8)
    assert [each.occurrence.outcome.value for each in before] == outcomes(ctx, number)


def test_the_same_key_makes_one_series(ctx):
    first = series.submit(ctx, asked(), NOW, SYSTEM, "once")
    again = series.submit(ctx, asked(), NOW + timedelta(minutes=1), SYSTEM, "once")
    assert again == first
    assert len(series_reading.listing(ctx, NOW, SYSTEM).items) == 1
    with pytest.raises(InvalidRequest, match="idempotency_key_reused"):
        series.submit(ctx, asked(rule=DAILY.format(2)), NOW, SYSTEM, "once")


def test_a_series_is_confirmed_as_a_whole(ctx):
    number = start(ctx)
    assert len(series.confirm(ctx, number, NOW, SYSTEM)) == 4
    assert len(shown(ctx, number).of(State.CONFIRMED)) == 4


def test_nobody_asks_for_or_sees_the_series_of_others(ctx):
    number = start(ctx)
    with pytest.raises(NotAllowed):
        series.submit(ctx, asked(), NOW, RIVAL)
    with pytest.raises(NotAllowed):
        series.preview(ctx, asked(), NOW, RIVAL)
    everything = Extent(Scope.ALL, MONDAY)
    for step in (
        lambda: series_reading.get(ctx, number, NOW, RIVAL),
        lambda: series.confirm(ctx, number, NOW, RIVAL),
        lambda: series_edits.cancel(ctx, number, everything, NOW, RIVAL),
        lambda: series_edits.edit(ctx, number, everything, NOW, RIVAL, change=Change(days=1)),
        lambda: series_edits.ask_again(ctx, number, MONDAY, NOW, RIVAL),
        lambda: series_edits.extend(ctx, number, Further(count=9), NOW, RIVAL),
    ):
        with pytest.raises(NotFound, match="series"):
            step()
    assert series_reading.listing(ctx, NOW, RIVAL).items == ()


# -- edits -----------------------------------------------------------------------------------


def edit(ctx: Context, number: str, scope: Scope, day: date, now=NOW, **change):
    return series_edits.edit(ctx, number, Extent(scope, day), now, SYSTEM, change=Change(**change))


def test_an_edit_of_all_moves_every_date(ctx):
    number = start(ctx)
    done = edit(ctx, number, Scope.ALL, TUESDAY, at_min=14 * 60)
    assert len(done.days) == 4
    assert starts(ctx, number) == ["16 14:00", "17 14:00", "23 14:00", "24 14:00"]


def test_an_edit_of_the_following_leaves_those_before(ctx):
    number = start(ctx)
    edit(ctx, number, Scope.FOLLOWING, date(2026, 3, 23), at_min=14 * 60, minutes=180)
    assert starts(ctx, number) == ["16 10:00", "17 10:00", "23 14:00", "24 14:00"]
    last = shown(ctx, number).dates[-1].booking
    assert last.end - last.start == 12


def test_dates_that_move_onto_one_another_do_not_stand_in_each_others_way(ctx):
    number = start(ctx, route("rt-s", 3), rule="FREQ=WEEKLY;COUNT=2")
    assert edit(ctx, number, Scope.ALL, MONDAY, days=7).left == ()
    assert starts(ctx, number) == ["23 10:00", "30 10:00"]
    assert edit(ctx, number, Scope.ALL, MONDAY, days=-7).left == ()
    assert edit(ctx, number, Scope.ALL, MONDAY, at_min=11 * 60).left == ()
    assert starts(ctx, number) == ["16 11:00", "23 11:00"]


def test_a_date_moved_alone_survives_an_edit_of_all(ctx):
    number = start(ctx)
    edit(ctx, number, Scope.THIS, TUESDAY, at_min=15 * 60)
    moved = shown(ctx, number).dates[2].booking
    there = wish(route("rt-a1"), start=at(16, date(2026, 3, 23)))
    bookings.move(ctx, moved.id, there, NOW, SYSTEM)
    done = edit(ctx, number, Scope.ALL, MONDAY, at_min=11 * 60)
    assert starts(ctx, number) == ["16 11:00", "17 15:00", "23 16:00", "24 11:00"]
    assert done.days == (MONDAY, date(2026, 3, 24))


def test_a_skipped_date_survives_an_edit_of_all(ctx):
    number = start(ctx)
    series_edits.cancel(ctx, number, Extent(Scope.THIS, TUESDAY), NOW, SYSTEM)
    edit(ctx, number, Scope.ALL, MONDAY, at_min=11 * 60)
    assert outcomes(ctx, number) == ["booked", "skipped", "booked", "booked"]
    assert shown(ctx, number).dates[1].booking.state is State.CANCELLED


def test_what_cannot_be_moved_stays_as_it_was_and_is_listed(ctx):
    take(ctx, date(2026, 3, 23), 14)
    number = start(ctx)
    done = edit(ctx, number, Scope.ALL, MONDAY, at_min=14 * 60)
    assert [each.day for each in done.left] == [date(2026, 3, 23)]
    assert starts(ctx, number) == ["16 14:00", "17 14:00", "23 10:00", "24 14:00"]


def test_what_has_begun_never_changes(ctx):
    number = start(ctx)
    series.confirm(ctx, number, NOW, SYSTEM)
    begun = datetime(2026, 3, 16, 1, 0, tzinfo=UTC)  # 10:00 in Seoul
    done = edit(ctx, number, Scope.ALL, MONDAY, now=begun, at_min=14 * 60)
    assert MONDAY not in done.days
    assert starts(ctx, number)[0] == "16 10:00"


def test_the_place_and_the_needs_change_too(ctx):
    number = start(ctx)
    edit(ctx, number, Scope.ALL, MONDAY, resource="rt-a2")
    found = {each.booking.lines[0].resource for each in shown(ctx, number).dates}
    assert found == {"rt-a2"}
    edit(ctx, number, Scope.ALL, MONDAY, needs=(route("rt-a2", 2),))
    assert {each.booking.lines[0].vehicles for each in shown(ctx, number).dates} == {2}


def test_an_edit_that_changes_nothing_is_refused(ctx):
    with pytest.raises(InvalidRequest, match="no_change"):
        edit(ctx, start(ctx), Scope.ALL, MONDAY)


def test_an_edit_sent_twice_is_made_once(ctx):
    number, terms = start(ctx), Terms(key="edit")
    for _ in range(2):
        series_edits.edit(
            ctx, number, Extent(Scope.ALL, MONDAY), NOW, SYSTEM, change=Change(days=1), terms=terms
        )
    assert starts(ctx, number)[0] == "17 10:00"


# -- cancelling, asking again, going on ------------------------------------------------------


def test_cancelling_says_first_what_it_costs(ctx):
    number = start(ctx)
    costs = series_edits.cancelling(ctx, number, Extent(Scope.FOLLOWING, TUESDAY), NOW, SYSTEM)
    assert [each.dated.occurrence.day.day for each in costs] == [17, 23, 24]
    done = series_edits.cancel(ctx, number, Extent(Scope.FOLLOWING, TUESDAY), NOW, SYSTEM)
    assert len(done.days) == 3
    assert outcomes(ctx, number) == ["booked", "skipped", "skipped", "skipped"]


def test_a_date_left_out_is_repaired_by_an_offer_near_it(ctx):
    take(ctx, TUESDAY)
    number = start(ctx)
    left = shown(ctx, number).dates[1]
    offer = left.decision.near[0]
    other = replace(
        left.request,
        earliest=min(left.request.earliest, offer.start),
        latest=max(left.request.latest, offer.start),
        way=Way(offer.start, offer.way.resources),
    )
    series_edits.ask_again(ctx, number, TUESDAY, NOW, SYSTEM, other=other)
    mended = shown(ctx, number).dates[1]
    assert mended.occurrence.outcome is Outcome.BOOKED
    assert mended.occurrence.apart
    with pytest.raises(InvalidRequest, match="date_is_booked"):
        series_edits.ask_again(ctx, number, TUESDAY, NOW, SYSTEM)


def test_a_series_by_a_list_of_dates(ctx):
    days = [date(2026, 3, 20), MONDAY, MONDAY]
    assert starts(ctx, start(ctx, days=days)) == ["16 10:00", "20 10:00"]


def test_a_series_goes_on_where_it_ended(ctx):
    number = start(ctx)
    done = series_edits.extend(ctx, number, Further(count=6), NOW, SYSTEM)
    assert [each.day for each in done.days] == [30, 31]
    assert starts(ctx, number)[-2:] == ["30 10:00", "31 10:00"]
    with pytest.raises(InvalidRequest, match="bad_extension"):
        series_edits.extend(ctx, number, Further(days=(MONDAY,)), NOW, SYSTEM)
    with pytest.raises(InvalidRequest, match="no_dates"):
        series_edits.extend(ctx, number, Further(count=3), NOW, SYSTEM)


def test_dates_beyond_the_horizon_are_booked_when_it_reaches_them(ctx):
    member = join(ctx)
    number = start(ctx, actor=member, rule="FREQ=WEEKLY;COUNT=5")
    assert outcomes(ctx, number) == ["booked", "booked", "booked", "awaited", "awaited"]
    series.confirm(ctx, number, NOW, member)
    assert series_horizon.materialise(ctx, NOW) == 0
    later = NOW + timedelta(days=9)
    assert series_horizon.materialise(ctx, later) == 1
    assert series_horizon.materialise(ctx, later) == 0
    found = shown(ctx, number, later)
    assert outcomes(ctx, number, later)[3:] == ["booked", "awaited"]
    assert found.dates[3].booking.state is State.CONFIRMED


def test_a_late_job_loses_nothing_and_an_unconfirmed_series_does_not_go_on(ctx):
    number = start(ctx, rule="FREQ=WEEKLY;COUNT=5")
    later = NOW + timedelta(days=40)
    assert series_horizon.materialise(ctx, later) == 0
    series.confirm(ctx, number, NOW, SYSTEM)
    assert series_horizon.materialise(ctx, NOW + timedelta(days=17)) == 2


def test_a_series_sets_no_rule_aside(ctx):
    plan = plan_of(replace(wish(), override=("weekly_hours",)), ZONE, rule_of(DAILY.format(2)))
    with pytest.raises((InvalidRequest, NotAllowed)):
        series.submit(ctx, series.wanted("org-a", plan), NOW, join(ctx))
    with pytest.raises(NotAllowed, match="override_without_reason"):
        series.submit(ctx, series.wanted("org-a", plan), NOW, SYSTEM)
    number = start(ctx)
    series_edits.cancel(ctx, number, Extent(Scope.THIS, MONDAY), NOW, SYSTEM)
    other = replace(wish(), override=("weekly_hours",))
    with pytest.raises(NotAllowed, match="override_without_reason"):
        series_edits.ask_again(ctx, number, MONDAY, NOW, SYSTEM, other=other)


def test_the_simulation_would_decide_the_dates_as_the_service_does(ctx):
    take(ctx, TUESDAY)
    wanted = asked(rule=DAILY.format(5), hours=8)
    with ctx.database.reading() as connection, ctx.calendar.at(connection, NOW, "org-a") as ledger:
        diary = Diary(ledger.copy())
    told = [
        diary.submit(wanted.plan.request(day, NOW, "series"), NOW, f"d{day}").status
        for day in wanted.days
    ]
    found = [each.decision.status for each in series.preview(ctx, wanted, NOW, SYSTEM)]
    assert told == found
    assert outcomes(ctx, start(ctx, rule=DAILY.format(5), hours=8)) == [
        "booked" if each == "granted" else "left_out" for each in told
    ]
