"""`db check` finds what contradicts itself."""

from datetime import timedelta

import pytest
from sqlalchemy import text

from testbed.persistence.check import check
from testbed.service import bookings, closures, requests
from testbed.service.actors import SYSTEM
from testbed.service.closures import Order
from testbed.service.context import Context
from tests.catalogues import NOW, facility, route, wish

EXPIRY = NOW + timedelta(minutes=30)


def codes(ctx: Context) -> set[str]:
    return {finding.code for finding in check(ctx.database, NOW)}


@pytest.fixture
def booking(ctx: Context) -> str:
    answer = requests.submit(ctx, wish(route("rt-a1"), facility("fc-bays")), NOW, SYSTEM)
    assert answer.booking
    return answer.booking.id


def test_a_used_database_is_sound(ctx: Context, booking: str) -> None:
    assert requests.submit(ctx, wish(facility("fc-rain")), NOW, SYSTEM).booking
    bookings.confirm(ctx, booking, NOW, SYSTEM)
    assert requests.submit(ctx, wish(route("rt-s"), now=EXPIRY), EXPIRY, SYSTEM).booking
    bookings.cancel(ctx, booking, EXPIRY, SYSTEM)
    assert check(ctx.database, NOW) == ()


@pytest.mark.parametrize(
    ("statement", "code"),
    [
        ("UPDATE occupancy SET used = used - 1 WHERE pool = 'rt-a1'", "occupancy_differs"),
        ("UPDATE occupancy SET closed = 1 WHERE pool = 'fc-bays'", "occupancy_differs"),
        ("DELETE FROM occupancy WHERE pool = 'fc-bays'", "occupancy_missing"),
        ("UPDATE occupancy SET capacity = 9 WHERE pool = 'fc-bays'", "capacity_differs"),
        ("UPDATE claim SET released = 1 WHERE booking IS NOT NULL", "booking_without_claims"),
        ("UPDATE booking SET state = 'cancelled'", "claims_of_dead_booking"),
        ("UPDATE claim SET taken = 99 WHERE booking IS NOT NULL", "claim_ahead_of_pool"),
        ("UPDATE claim SET units = 2 WHERE booking IS NOT NULL", "occupancy_differs"),
    ],
)
def test_each_kind_of_damage_is_found(
    ctx: Context, booking: str, statement: str, code: str
) -> None:
    with ctx.database.writing() as connection:
        connection.execute(text(statement))
    assert code in codes(ctx)


def test_a_finding_names_the_grain_and_both_counts(ctx: Context, booking: str) -> None:
    with ctx.database.writing() as connection:
        connection.execute(text("UPDATE occupancy SET used = 0 WHERE pool = 'fc-bays'"))
    found = check(ctx.database, NOW)
    assert found[0].place.startswith("fc-bays@")
    assert (found[0].kept, found[0].expected) == ("[0, 0, 0]", "[1, 0, 0]")


@pytest.mark.parametrize(
    ("statement", "code"),
    [
        ("UPDATE claim SET released = 1 WHERE closure IS NOT NULL", "closure_without_claims"),
        ("UPDATE closure SET ended_at = created_at", "claims_of_ended_closure"),
        ("UPDATE occupancy SET closed = 0 WHERE pool = 'rt-a1'", "occupancy_differs"),
    ],
)
def test_a_closure_that_closes_nothing_is_found(ctx: Context, statement: str, code: str) -> None:
    for minutes in (60, 120):
        closures.stop(ctx, Order("rt-a1", minutes, "drill"), NOW, SYSTEM)
    assert codes(ctx) == set()
    with ctx.database.writing() as connection:
        connection.execute(text(statement))
    assert code in codes(ctx)
