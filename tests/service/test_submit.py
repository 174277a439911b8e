"""Searching and submitting: from a wish to a hold."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from testbed.domain.catalogue import Mode
from testbed.domain.errors import InvalidRequest, NotAllowed, NotFound
from testbed.domain.parties import Member, Role
from testbed.domain.requests import Granted, Offered, Refused
from testbed.persistence import tables
from testbed.persistence.check import check
from testbed.service import bookings, requests
from testbed.service.actors import SYSTEM
from testbed.service.context import Context
from tests.catalogues import HOLIDAY, NOW, at, facility, route, wish

MEMBER = Member(7, "org-a", "a@example.org", "A", Role.MEMBER)


def count(ctx: Context, table: str) -> int:
    with ctx.database.reading() as connection:
        query = select(func.count()).select_from(tables.metadata.tables[table])
        return int(connection.execute(query).scalar_one())


def test_a_granted_request_becomes_a_hold_with_its_claims(ctx: Context) -> None:
    answer = requests.submit(ctx, wish(route("rt-a1", vehicles=2)), NOW, MEMBER)
    assert isinstance(answer.decision, Granted)
    assert answer.booking is not None
    assert answer.booking.expires_at == NOW + timedelta(minutes=30)
    kept = bookings.get(ctx, answer.booking.id, NOW, MEMBER)
    assert kept == answer.booking
    assert {claim.pool for claim in kept.claims} == {"rt-a1", "cor-a"}
    assert check(ctx.database, NOW) == ()


def test_search_and_submit_agree(ctx: Context) -> None:
    asked = wish(route("rt-a1"), facility("fc-bays", units=2), slack=8)
    found = requests.search(ctx, asked, NOW)
    answer = requests.submit(ctx, asked, NOW, MEMBER)
    assert isinstance(answer.decision, Granted)
    assert found.offers[0] == answer.decision.offer


def test_a_shared_route_takes_vehicles_up_to_its_capacity(ctx: Context) -> None:
    statuses = [
        requests.submit(ctx, wish(organisation=each), NOW, SYSTEM).decision.status
        for each in ("org-a", "org-b", "org-c", "org-a")
    ]
    assert statuses == ["granted", "granted", "granted", "offered"]


def test_back_to_back_bookings_touch_and_a_grain_of_overlap_does_not_fit(ctx: Context) -> None:
    alone = route("rt-s", mode=Mode.EXCLUSIVE)
    first = requests.submit(ctx, wish(alone, start=at(10)), NOW, SYSTEM)
    overlap = requests.submit(ctx, wish(alone, start=at(11.75)), NOW, SYSTEM)
    after = requests.submit(ctx, wish(alone, start=at(12)), NOW, SYSTEM)
    decisions = [type(each.decision) for each in (first, overlap, after)]
    assert decisions == [Granted, Offered, Granted]


def test_a_refused_request_is_kept_with_its_reasons(ctx: Context) -> None:
    closed = wish(route("rt-a1"), start=at(10, HOLIDAY))
    answer = requests.submit(ctx, closed, NOW, MEMBER)
    assert isinstance(answer.decision, Refused)
    assert "closed_hours" in {reason.code for reason in answer.decision.reasons}
    with ctx.database.reading() as connection:
        kept = requests.store.decided(connection, answer.request_id)
    assert kept == (replace(closed, id=answer.request_id), answer.decision)
    assert count(ctx, "booking") == 0


def test_a_search_keeps_nothing(ctx: Context) -> None:
    before = [count(ctx, name) for name in tables.metadata.tables]
    assert requests.search(ctx, wish(), NOW).offers
    assert [count(ctx, name) for name in tables.metadata.tables] == before


def test_a_search_that_finds_nothing_says_why_and_what_lies_near(ctx: Context) -> None:
    found = requests.search(ctx, wish(start=at(10, HOLIDAY)), NOW)
    assert found.offers == ()
    assert found.near
    assert found.reasons


def test_two_tunnels_would_serve_two_but_one_serves_one_and_blocks_its_route(
    ctx: Context,
) -> None:
    rain = requests.submit(ctx, wish(facility("fc-rain"), start=at(10)), NOW, SYSTEM)
    again = requests.submit(ctx, wish(facility("fc-rain"), start=at(11)), NOW, SYSTEM)
    below = requests.submit(ctx, wish(route("rt-a2"), start=at(8.5 + 0.5)), NOW, SYSTEM)
    assert [each.decision.status for each in (rain, again, below)] == [
        "granted",
        "offered",
        "offered",
    ]


def test_the_standing_bus_leaves_one_place_in_its_hours(ctx: Context) -> None:
    two = requests.submit(ctx, wish(route("rt-bus", vehicles=2)), NOW, SYSTEM)
    one = requests.submit(ctx, wish(route("rt-bus")), NOW, SYSTEM)
    later = requests.submit(ctx, wish(route("rt-bus", vehicles=3), start=at(12)), NOW, SYSTEM)
    assert [each.decision.status for each in (two, one, later)] == ["offered", "granted", "granted"]


def test_the_weekly_hours_count_holds_and_let_go_when_they_run_out(ctx: Context) -> None:
    days = [at(9) + 96 * day for day in (0, 1, 3)]
    statuses = [
        requests.submit(ctx, wish(start=start, hours=8), NOW, MEMBER).decision.status
        for start in (*days, at(9) + 96 * 4)
    ]
    assert statuses == ["granted"] * 3 + ["refused"]
    later = NOW + timedelta(minutes=30)
    fourth = wish(start=at(9) + 96 * 4, hours=8, now=later)
    assert requests.submit(ctx, fourth, later, MEMBER).decision.status == "granted"


def test_no_booking_reaches_past_what_standing_services_cover(ctx: Context) -> None:
    with ctx.database.writing() as connection:
        connection.execute(tables.horizon.update().values(standing_until=at(11)))
    answer = requests.submit(ctx, wish(), NOW, MEMBER)
    assert isinstance(answer.decision, Refused)
    assert "beyond_horizon" in {reason.code for reason in answer.decision.reasons}


def test_a_past_slot_is_refused(ctx: Context) -> None:
    late = NOW + timedelta(days=60)
    answer = requests.submit(ctx, wish(), late, MEMBER)
    assert isinstance(answer.decision, Refused)
    assert "past" in {reason.code for reason in answer.decision.reasons}


def test_a_member_cannot_ask_in_anothers_name_but_an_operator_can(ctx: Context) -> None:
    with pytest.raises(NotAllowed, match="other_organisation"):
        requests.submit(ctx, wish(organisation="org-b"), NOW, MEMBER)
    assert requests.submit(ctx, wish(organisation="org-b"), NOW, SYSTEM).booking
    with pytest.raises(NotFound, match="organisation"):
        requests.submit(ctx, wish(organisation="org-z"), NOW, SYSTEM)


def test_a_request_id_is_used_once(ctx: Context) -> None:
    requests.submit(ctx, wish(name="rq-1"), NOW, MEMBER)
    with pytest.raises(InvalidRequest, match="request_known"):
        requests.submit(ctx, wish(name="rq-1"), NOW, MEMBER)
    assert count(ctx, "booking") == 1


def test_the_same_key_and_wish_get_the_answer_given_before(ctx: Context) -> None:
    first = requests.submit(ctx, wish(), NOW, MEMBER, key="k1")
    assert first.booking is not None
    bookings.cancel(ctx, first.booking.id, NOW, MEMBER)
    later = NOW + timedelta(minutes=5)
    again = requests.submit(ctx, wish(now=later), later, MEMBER, key="k1")
    assert again == first
    assert count(ctx, "booking") == 1


def test_a_key_with_another_wish_is_refused_and_another_members_key_is_their_own(
    ctx: Context,
) -> None:
    requests.submit(ctx, wish(), NOW, MEMBER, key="k1")
    with pytest.raises(InvalidRequest, match="idempotency_key_reused"):
        requests.submit(ctx, wish(hours=3), NOW, MEMBER, key="k1")
    other = replace(MEMBER, id=8)
    assert requests.submit(ctx, wish(hours=3), NOW, other, key="k1").booking is not None


def test_a_refusal_is_repeated_for_its_key(ctx: Context) -> None:
    closed = wish(start=at(10, HOLIDAY))
    first = requests.submit(ctx, closed, NOW, MEMBER, key="k1")
    assert requests.submit(ctx, closed, NOW, MEMBER, key="k1") == first
    assert count(ctx, "request") == 1


@pytest.mark.parametrize("key", ["", "x" * 201, "a\0b"])
def test_a_key_has_a_sensible_length_and_can_be_kept(ctx: Context, key: str) -> None:
    with pytest.raises(InvalidRequest, match="bad_idempotency_key"):
        requests.submit(ctx, wish(), NOW, MEMBER, key=key)


def test_every_change_leaves_an_audit_and_an_outbox_row(ctx: Context) -> None:
    audit, outbox = count(ctx, "audit"), count(ctx, "outbox")
    answer = requests.submit(ctx, wish(), NOW, MEMBER)
    assert answer.booking is not None
    bookings.confirm(ctx, answer.booking.id, NOW, MEMBER)
    bookings.cancel(ctx, answer.booking.id, NOW, MEMBER)
    with ctx.database.reading() as connection:
        rows = connection.execute(
            select(tables.audit.c.action, tables.audit.c.actor).order_by(tables.audit.c.id)
        ).all()
    assert [tuple(row) for row in rows[audit:]] == [
        ("booking.held", "member:7"),
        ("booking.confirmed", "member:7"),
        ("booking.cancelled", "member:7"),
    ]
    assert count(ctx, "outbox") - outbox == 3


def test_a_search_for_a_move_does_not_meet_the_booking_that_moves(ctx: Context) -> None:
    alone = route("rt-s", mode=Mode.EXCLUSIVE)
    held = requests.submit(ctx, wish(alone, start=at(10)), NOW, MEMBER).booking
    assert held is not None
    an_hour_later = wish(alone, start=at(11))
    assert not requests.search(ctx, an_hour_later, NOW).offers
    (offer,) = requests.search(ctx, an_hour_later, NOW, moving=held.id).offers
    moved = bookings.move(ctx, held.id, an_hour_later, NOW, MEMBER)
    assert (moved.booking.start, moved.booking.claims) == (offer.start, offer.claims)
    assert not requests.search(ctx, an_hour_later, NOW).offers, "the calendar is as it was"
    with pytest.raises(NotFound):
        requests.search(ctx, an_hour_later, NOW, moving="nobody")
    assert check(ctx.database, NOW) == ()


def test_a_hold_that_ran_out_is_not_taken_out_twice_when_it_would_move(ctx: Context) -> None:
    held = requests.submit(ctx, wish(route("rt-a1", vehicles=2)), NOW, MEMBER).booking
    assert held is not None
    later = NOW + timedelta(minutes=31)
    assert requests.search(ctx, wish(route("rt-a1")), later, moving=held.id).offers


def test_a_hold_confirmed_by_a_slower_clock_stands_in_every_calendar(ctx: Context) -> None:
    alone = wish(route("rt-s", mode=Mode.EXCLUSIVE))
    held = requests.submit(ctx, alone, NOW, MEMBER).booking
    assert held is not None
    assert held.expires_at is not None
    second = timedelta(seconds=1)
    assert requests.search(ctx, alone, held.expires_at + second).offers, "it ran out here"
    bookings.confirm(ctx, held.id, held.expires_at - second, MEMBER)
    assert not requests.search(ctx, alone, held.expires_at + second).offers
    assert requests.search(ctx, alone, held.expires_at + second, moving=held.id).offers
    assert check(ctx.database, held.expires_at + second) == ()
