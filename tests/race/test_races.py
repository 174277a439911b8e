"""Nobody is double-booked: sixteen real processes at once, on both databases."""

from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import text

from testbed.domain.catalogue import Mode
from testbed.domain.parties import Member, Role
from testbed.domain.requests import Granted, Need, Request
from testbed.persistence.check import check
from testbed.persistence.engine import Database
from testbed.service import bookings, closures, requests, waitlist
from testbed.service.actors import SYSTEM
from testbed.service.context import Context
from tests.catalogues import NOW, ORGANISATIONS, at, facility, route, wish
from tests.race.contenders import (
    CONTENDERS,
    Outcome,
    Step,
    Task,
    counted,
    kept,
    overfull,
    race,
    replayed,
)

pytestmark = pytest.mark.slow

ALONE = route("rt-s", mode=Mode.EXCLUSIVE)
MEMBER = Member(7, "org-a", "a@example.org", "A", Role.MEMBER)


def _of(number: int) -> str:
    return ORGANISATIONS[number % len(ORGANISATIONS)]


def _submit(request: Request, key: str | None = None) -> Step:
    return Step("submit", request.submitted_at, SYSTEM, request, key=key)


def _race(
    pool: ProcessPoolExecutor, url: str, steps: list[Step], *, blind: bool = False
) -> list[Outcome]:
    return race(pool, [Task(url, step, blind) for step in steps])


def _sound(ctx: Context, url: str) -> None:
    assert overfull(url) == []
    assert check(ctx.database, NOW) == ()
    assert replayed(url) == kept(url)


@pytest.mark.parametrize(
    ("need", "winners"),
    [(route("rt-a1"), 3), (facility("fc-bays"), 3), (ALONE, 1), (facility("fc-rain"), 1)],
    ids=["shared route", "pooled bays", "exclusive route", "rain tunnel with its block"],
)
def test_of_sixteen_for_the_last_units_as_many_win_as_fit(
    ctx: Context, database_url: str, processes: ProcessPoolExecutor, need: object, winners: int
) -> None:
    steps = [_submit(wish(need, organisation=_of(each))) for each in range(CONTENDERS)]  # type: ignore[arg-type]
    outcomes = _race(processes, database_url, steps)
    assert counted(outcomes) == {"granted": winners, "offered": CONTENDERS - winners}
    _sound(ctx, database_url)


def test_unequal_overlapping_windows_are_never_overbooked_nor_left_empty(
    ctx: Context, database_url: str, processes: ProcessPoolExecutor
) -> None:
    steps = [
        _submit(
            wish(
                route("rt-a1", vehicles=1 + each % 3),
                start=at(9) + 3 * each % 20,
                hours=2 + each % 3,
                organisation=_of(each),
            )
        )
        for each in range(CONTENDERS)
    ]
    outcomes = _race(processes, database_url, steps)
    assert set(counted(outcomes)) <= {"granted", "offered"}
    _sound(ctx, database_url)
    for step, outcome in zip(steps, outcomes, strict=True):
        if outcome.status == "offered":
            assert step.request is not None
            assert not requests.search(ctx, step.request, NOW).offers


def test_flexible_wishes_all_find_their_place_when_there_is_room(
    ctx: Context, database_url: str, processes: ProcessPoolExecutor
) -> None:
    wishes = [wish(ALONE, slack=96 * 4, organisation=_of(each)) for each in range(CONTENDERS)]
    outcomes = _race(processes, database_url, [_submit(each) for each in wishes])
    assert counted(outcomes) == {"granted": CONTENDERS}
    _sound(ctx, database_url)


def test_bundles_in_opposite_order_neither_deadlock_nor_split(
    ctx: Context, database_url: str, processes: ProcessPoolExecutor
) -> None:
    one, other = ALONE, facility("fc-bays", units=3)
    steps = [
        _submit(wish(*((one, other) if each % 2 else (other, one)), organisation=_of(each)))
        for each in range(CONTENDERS)
    ]
    outcomes = _race(processes, database_url, steps)
    assert counted(outcomes) == {"granted": 1, "offered": CONTENDERS - 1}
    _sound(ctx, database_url)


def test_sixteen_series_crossing_over_the_same_places_fill_them_once(
    ctx: Context, database_url: str, processes: ProcessPoolExecutor
) -> None:
    anywhere = route(None, 3)
    steps = [
        Step("repeat", NOW, SYSTEM, wish(ALONE if each % 2 else anywhere, organisation=_of(each)))
        for each in range(CONTENDERS)
    ]
    outcomes = _race(processes, database_url, steps)
    assert counted(outcomes) == {"repeated": CONTENDERS}
    taken = Counter(
        (line.resource, line.start)
        for each in bookings.listing(ctx, NOW, SYSTEM)
        for line in each.lines
    )
    assert len(taken) > 2
    assert set(taken.values()) == {1}
    _sound(ctx, database_url)


def test_the_same_key_sent_by_sixteen_makes_one_booking(
    ctx: Context, database_url: str, processes: ProcessPoolExecutor
) -> None:
    step = replace(_submit(wish(), key="k1"), actor=MEMBER)
    outcomes = _race(processes, database_url, [step] * CONTENDERS)
    assert counted(outcomes) == {"granted": CONTENDERS}
    assert len({outcome.booking for outcome in outcomes}) == 1
    assert len(bookings.listing(ctx, NOW, SYSTEM)) == 1
    _sound(ctx, database_url)


def test_a_quota_raced_by_members_of_one_organisation_holds(
    ctx: Context, database_url: str, processes: ProcessPoolExecutor
) -> None:
    """24 hours a week by the rule of the tracks, in pieces of 4 that do not meet."""
    routes = ("rt-a1", "rt-s", "rt-bus")
    steps = [
        _submit(
            wish(
                route(routes[each % 3]), start=at(9 if each % 2 else 13) + 96 * (each % 2), hours=4
            )
        )
        for each in range(CONTENDERS)
    ]
    outcomes = _race(processes, database_url, steps)
    assert counted(outcomes)["granted"] == 6
    assert set(counted(outcomes)) <= {"granted", "refused", "offered"}
    _sound(ctx, database_url)


def test_a_hold_that_has_run_out_is_taken_by_exactly_one(
    ctx: Context, database_url: str, processes: ProcessPoolExecutor
) -> None:
    held = requests.submit(ctx, wish(ALONE), NOW, SYSTEM).booking
    assert held is not None
    late = NOW + timedelta(minutes=30)
    wishes = [wish(ALONE, organisation=_of(each), now=late) for each in range(CONTENDERS)]
    outcomes = _race(processes, database_url, [_submit(each) for each in wishes])
    assert counted(outcomes) == {"granted": 1, "offered": CONTENDERS - 1}
    assert bookings.get(ctx, held.id, late, SYSTEM).state == "expired"
    _sound(ctx, database_url)


def test_confirming_just_in_time_and_taking_just_after_cannot_both_succeed(
    ctx: Context, database_url: str, processes: ProcessPoolExecutor
) -> None:
    held = requests.submit(ctx, wish(ALONE), NOW, SYSTEM).booking
    assert held is not None
    expiry = NOW + timedelta(minutes=30)
    just = Step("confirm", expiry - timedelta(microseconds=1), SYSTEM, booking=held.id)
    after = _submit(wish(ALONE, now=expiry, organisation="org-b"))
    outcomes = _race(processes, database_url, [just, after] * (CONTENDERS // 2))
    ends = counted(outcomes)
    assert ends["confirmed"] + ends["granted"] == 1
    allowed = {"confirmed", "granted", "offered", "HoldExpired:hold_expired"}
    assert set(ends) <= allowed | {"IllegalTransition:illegal_transition"}
    _sound(ctx, database_url)


def test_moving_and_cancelling_one_booking_at_once_leaves_one_truth(
    ctx: Context, database_url: str, processes: ProcessPoolExecutor
) -> None:
    held = requests.submit(ctx, wish(ALONE), NOW, SYSTEM).booking
    assert held is not None
    cancel = Step("cancel", NOW, SYSTEM, booking=held.id)
    moves = [
        Step("move", NOW, SYSTEM, wish(ALONE, start=at(9) + each), booking=held.id)
        for each in range(CONTENDERS - 1)
    ]
    outcomes = _race(processes, database_url, [*moves[:7], cancel, *moves[7:]])
    allowed = {"granted", "cancelled", "IllegalTransition:cannot_move", "Stale:lost_race"}
    assert set(counted(outcomes)) <= allowed
    _sound(ctx, database_url)


def _booked(ctx: Context, need: Need, start: int) -> str:
    held = requests.submit(ctx, wish(need, start=start, organisation="org-c"), NOW, SYSTEM).booking
    assert held is not None
    return bookings.confirm(ctx, held.id, NOW, SYSTEM).id


def _waits(ctx: Context, need: Need, organisation: str, start: int, slack: int = 0) -> str:
    asked = wish(need, start=start, organisation=organisation)
    asked = replace(asked, latest=start + slack, wait=True)
    answer = requests.submit(ctx, asked, NOW, SYSTEM)
    assert answer.decision.status == "waitlisted"
    return answer.request_id


def test_nobody_overtakes_who_waits_when_a_place_is_cancelled(
    ctx: Context, database_url: str, processes: ProcessPoolExecutor
) -> None:
    place = _booked(ctx, ALONE, at(10))
    first, second = sorted(_waits(ctx, ALONE, each, at(10)) for each in ("org-a", "org-b"))
    cancel = Step("cancel", NOW, SYSTEM, booking=place)
    steps = [_submit(wish(ALONE, organisation=_of(each))) for each in range(CONTENDERS - 1)]
    outcomes = _race(processes, database_url, [*steps[:8], cancel, *steps[8:]])
    assert counted(outcomes) == {"offered": CONTENDERS - 1, "cancelled": 1}
    states = [waitlist.one(ctx, each, NOW, SYSTEM).entry.state for each in (first, second)]
    assert states == ["offered", "waiting"]
    _sound(ctx, database_url)


def test_sixteen_cancellations_serve_everybody_who_waits_once(
    ctx: Context, database_url: str, processes: ProcessPoolExecutor
) -> None:
    """Two bookings fill the hall in each of eight slots; six wait for all of it, whenever."""
    half, hall = facility("fc-open", units=3), facility("fc-open", units=6)
    places = [_booked(ctx, half, at(4) + 8 * (each // 2)) for each in range(CONTENDERS)]
    waits = [_waits(ctx, hall, _of(each), at(4), slack=56) for each in range(6)]
    steps = [Step("cancel", NOW, SYSTEM, booking=each) for each in places]
    assert counted(_race(processes, database_url, steps)) == {"cancelled": CONTENDERS}
    entries = [waitlist.one(ctx, each, NOW, SYSTEM).entry for each in waits]
    assert {each.state for each in entries} == {"offered"}
    assert len({each.booking for each in entries}) == len(waits)
    _sound(ctx, database_url)


def test_sixteen_who_book_confirm_and_cancel_while_a_site_is_stopped_leave_nobody_inside(
    ctx: Context, database_url: str, processes: ProcessPoolExecutor
) -> None:
    """Half of the bundles stand on other pools too; nobody is lost without being told."""
    bay = facility("fc-bays")
    held = []
    for each in range(6):
        asked = wish(
            route(("rt-a1", "rt-a2")[each % 2]),
            bay if each < 2 else facility("fc-open"),
            start=at(9) + 2 * each,
            hours=1,
            organisation=_of(each),
        )
        booking = requests.submit(ctx, asked, NOW, SYSTEM).booking
        assert booking is not None
        held.append(booking.id)
    steps = [
        Step("confirm" if each % 3 else "cancel", NOW, SYSTEM, booking=name)
        for each, name in enumerate(held)
    ]
    places = (route("rt-a1"), route("rt-s"), facility("fc-bays"))
    steps += [
        _submit(wish(places[each % 3], start=at(12) + 3 * each, hours=1, organisation=_of(each)))
        for each in range(CONTENDERS - 1 - len(held))
    ]
    stop = Step("stop", NOW, SYSTEM, booking="site-a")
    outcomes = _race(processes, database_url, [*steps[:8], stop, *steps[8:]])
    ends = counted(outcomes)
    assert ends.pop("stopped") == 1
    allowed = {"confirmed", "cancelled", "granted", "offered", "refused"}
    assert set(ends) <= allowed | {"IllegalTransition:illegal_transition"}
    _sound(ctx, database_url)
    shut = set(closures.in_force(ctx, NOW)[0].pools)
    told = _told(ctx, "booking.displaced")
    made = {*held, *(each.booking for each in outcomes if each.status == "granted")}
    for booking in (bookings.get(ctx, name, NOW, SYSTEM) for name in made):
        inside = booking.occupies and shut.intersection(claim.pool for claim in booking.claims)
        assert not inside, booking
        assert booking.occupies or booking.state in ("displaced", "cancelled"), booking
        assert booking.state != "displaced" or booking.id in told, booking


def _told(ctx: Context, kind: str) -> set[str]:
    with ctx.database.reading() as connection:
        query = text("SELECT subject FROM outbox WHERE kind = :kind")
        return set(connection.execute(query, {"kind": kind}).scalars())


# -- controls: a race that cannot fail proves nothing ----------------------------------------


def _drop_guard(database: Database) -> None:
    with database.writing() as connection:
        if not database.is_sqlite:
            connection.execute(
                text("ALTER TABLE occupancy DROP CONSTRAINT ck_occupancy_within_capacity")
            )
            return
        connection.execute(text("ALTER TABLE occupancy RENAME TO guarded"))
        columns = "pool TEXT, grain INTEGER, used INTEGER, blocked INTEGER, closed INTEGER"
        connection.execute(
            text(f"CREATE TABLE occupancy ({columns}, capacity INTEGER, PRIMARY KEY (pool, grain))")
        )
        connection.execute(text("INSERT INTO occupancy SELECT * FROM guarded"))
        connection.execute(text("DROP TABLE guarded"))


def test_without_guard_and_fresh_calendar_the_same_race_overbooks(
    ctx: Context, database_url: str, processes: ProcessPoolExecutor
) -> None:
    _drop_guard(ctx.database)
    steps = [_submit(wish(ALONE, organisation=_of(each))) for each in range(CONTENDERS)]
    outcomes = _race(processes, database_url, steps, blind=True)
    assert counted(outcomes)["granted"] > 1
    assert overfull(database_url) != []


def test_the_guard_alone_stops_processes_with_a_stale_calendar(
    ctx: Context,
    database_url: str,
    processes: ProcessPoolExecutor,
) -> None:
    steps = [_submit(wish(ALONE, organisation=_of(each))) for each in range(CONTENDERS)]
    outcomes = _race(processes, database_url, steps, blind=True)
    assert counted(outcomes) == {"granted": 1, "Stale:lost_race": CONTENDERS - 1}
    assert overfull(database_url) == []


def test_a_fresh_calendar_alone_stops_processes_without_the_guard(
    ctx: Context, database_url: str, processes: ProcessPoolExecutor
) -> None:
    _drop_guard(ctx.database)
    steps = [_submit(wish(ALONE, organisation=_of(each))) for each in range(CONTENDERS)]
    outcomes = _race(processes, database_url, steps)
    assert counted(outcomes) == {"granted": 1, "offered": CONTENDERS - 1}
    assert overfull(database_url) == []


def test_a_decision_is_what_a_loser_gets_not_an_error(ctx: Context) -> None:
    first = requests.submit(ctx, wish(ALONE), NOW, SYSTEM)
    second = requests.submit(ctx, wish(ALONE, organisation="org-b"), NOW, SYSTEM)
    assert isinstance(first.decision, Granted)
    assert not isinstance(second.decision, Granted)
    assert second.decision.near
