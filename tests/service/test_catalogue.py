"""Importing catalogues: all or nothing, and standing services with them."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from testbed.domain.errors import InvalidFile, NotAllowed, NotFound
from testbed.domain.grid import floor_grain
from testbed.domain.parties import Member, Role
from testbed.files import read_catalogue
from testbed.persistence import catalogues, tables
from testbed.persistence.check import check
from testbed.persistence.engine import Database
from testbed.service import catalogue, requests, schedule, standing
from testbed.service.actors import SYSTEM
from testbed.service.context import Context, make_context
from tests.catalogues import HOLIDAY, MONDAY, NOW, at, documents, entry, facility, route, wish

MEMBER = Member(7, "org-a", "a@example.org", "A", Role.MANAGER)


def codes(error: InvalidFile) -> list[tuple[str, str]]:
    return [(mistake.place, mistake.code) for mistake in error.mistakes]


def standing_claims(ctx: Context) -> int:
    with ctx.database.reading() as connection:
        query = select(func.count()).where(
            tables.claim.c.standing.is_not(None), tables.claim.c.released.is_(None)
        )
        return int(connection.execute(query).scalar_one())


def test_before_the_first_import_there_is_nothing(database: Database) -> None:
    empty = make_context(database)
    assert catalogue.is_empty(empty)
    for use in (empty.catalogue, lambda: catalogue.export(empty)):
        with pytest.raises(NotFound, match="catalogue"):
            use()
    with pytest.raises(NotFound, match="catalogue"):
        requests.search(empty, wish(), NOW)


def test_what_is_exported_is_what_was_imported(ctx: Context) -> None:
    assert catalogue.export(ctx) == documents()


def test_the_same_catalogue_again_changes_nothing(ctx: Context) -> None:
    again = catalogue.import_documents(ctx, documents(), NOW, SYSTEM)
    assert (again.version, again.changed) == (1, False)


def test_a_member_cannot_import(ctx: Context) -> None:
    with pytest.raises(NotAllowed, match="operators_only"):
        catalogue.import_documents(ctx, documents(), NOW, MEMBER)


def test_a_catalogue_with_mistakes_leaves_the_current_one_as_it_was(ctx: Context) -> None:
    broken = documents()
    entry(broken, "route", "rt-s")["site"] = "nowhere"
    entry(broken, "facility", "fc-bays")["units"] = 0
    with pytest.raises(InvalidFile) as caught:
        catalogue.import_documents(ctx, broken, NOW, SYSTEM)
    assert len(caught.value.mistakes) >= 2
    assert catalogue.export(ctx) == documents()
    assert check(ctx.database, NOW) == ()


def test_mistakes_of_services_and_of_test_kinds_come_together() -> None:
    broken = documents()
    broken["demand"]["standing_booking"][0]["route"] = "nowhere"
    broken["demand"]["test_kind"] = [{"id": "t", "resource": "route", "requires": {"lans": 2}}]
    with pytest.raises(InvalidFile) as caught:
        catalogue.validate(broken)
    places = " ".join(place for place, _ in codes(caught.value))
    assert "standing_booking" in places
    assert "test_kind" in places


def test_more_units_are_bookable_at_once(ctx: Context) -> None:
    asked = wish(facility("fc-bays", units=5))
    assert not requests.search(ctx, asked, NOW).offers
    larger = documents()
    entry(larger, "facility", "fc-bays")["units"] = 5
    assert catalogue.import_documents(ctx, larger, NOW, SYSTEM).version == 2
    assert requests.submit(ctx, asked, NOW, SYSTEM).booking
    assert check(ctx.database, NOW) == ()


def test_fewer_units_than_are_claimed_are_refused_with_every_conflict(ctx: Context) -> None:
    bays = requests.submit(ctx, wish(facility("fc-bays", units=3)), NOW, SYSTEM).booking
    tracks = requests.submit(ctx, wish(route("rt-s", vehicles=3)), NOW, SYSTEM).booking
    assert bays
    assert tracks
    smaller = documents()
    entry(smaller, "facility", "fc-bays")["units"] = 2
    entry(smaller, "route", "rt-s")["capacity"]["max_vehicles_shared"] = 1
    with pytest.raises(InvalidFile) as caught:
        catalogue.import_documents(ctx, smaller, NOW, SYSTEM)
    assert codes(caught.value) == [
        ("pool(fc-bays)", "capacity_below_claims"),
        ("pool(rt-s)", "capacity_below_claims"),
    ]
    assert [each.fields["owners"] for each in caught.value.mistakes] == [bays.id, tracks.id]
    assert catalogue.export(ctx) == documents()


def test_fewer_units_than_were_claimed_in_the_past_are_accepted(ctx: Context) -> None:
    assert requests.submit(ctx, wish(facility("fc-bays", units=3)), NOW, SYSTEM).booking
    smaller = documents()
    entry(smaller, "facility", "fc-bays")["units"] = 2
    later = NOW + timedelta(days=15)
    catalogue.import_documents(ctx, smaller, later, SYSTEM)
    asked = wish(facility("fc-bays", units=3), start=at(10) + 96 * 7, now=later)
    assert not requests.search(ctx, asked, later).offers
    assert check(ctx.database, later) == ()


def test_a_booked_resource_cannot_leave_the_catalogue(ctx: Context) -> None:
    assert requests.submit(ctx, wish(facility("fc-open")), NOW, SYSTEM).booking
    without = documents()
    without["catalogue"]["facility"].remove(entry(without, "facility", "fc-open"))
    with pytest.raises(InvalidFile) as caught:
        catalogue.import_documents(ctx, without, NOW, SYSTEM)
    assert codes(caught.value) == [("pool(fc-open)", "capacity_below_claims")]


def test_a_resource_that_left_and_came_back_is_bookable_again(ctx: Context) -> None:
    without = documents()
    without["catalogue"]["facility"].remove(entry(without, "facility", "fc-open"))
    catalogue.import_documents(ctx, without, NOW, SYSTEM)
    catalogue.import_documents(ctx, documents(), NOW, SYSTEM)
    assert requests.submit(ctx, wish(facility("fc-open", units=6)), NOW, SYSTEM).booking


def test_a_rule_by_which_somebody_booked_cannot_leave(ctx: Context) -> None:
    assert requests.submit(ctx, wish(facility("fc-open")), NOW, SYSTEM).booking
    renamed = documents()
    entry(renamed, "rule", "rule-lab")["id"] = "rule-new"
    for each in renamed["catalogue"]["facility"]:
        each["rule"] = "rule-new"
    with pytest.raises(InvalidFile) as caught:
        catalogue.import_documents(ctx, renamed, NOW, SYSTEM)
    assert codes(caught.value) == [("catalogue.rule(rule-lab)", "rule_in_use")]


# -- standing services -----------------------------------------------------------------------


def test_standing_services_reach_as_far_as_anybody_may_book(ctx: Context) -> None:
    """Longest lead 30 days, longest booking 14, margin 7, and the day itself."""
    with ctx.database.reading() as connection:
        until = catalogues.standing_until(connection)
    assert until == at(24, NOW.date() + timedelta(days=30 + 14 + 7))


def test_writing_them_twice_changes_nothing_and_a_day_later_adds_a_day(ctx: Context) -> None:
    again = standing.materialise(ctx, NOW)
    assert (again.taken, again.released) == (0, 0)
    before = standing_claims(ctx)
    later = standing.materialise(ctx, NOW + timedelta(days=1))
    assert (later.taken, later.released) == (1, 0)
    assert standing_claims(ctx) == before + 1
    assert check(ctx.database, NOW) == ()


def test_a_late_job_only_shortens_the_calendar(ctx: Context) -> None:
    late = NOW + timedelta(days=40)
    asked = wish(start=at(10, NOW.date() + timedelta(days=60)), now=late)
    found = requests.search(ctx, asked, late)
    assert "beyond_horizon" in {reason.code for reason in found.reasons}
    standing.materialise(ctx, late)
    assert requests.search(ctx, asked, late).offers


def test_another_timetable_replaces_what_was_written(ctx: Context) -> None:
    changed = documents()
    entry(changed, "calendar", "cal-bus")["windows"][0] |= {"start": "13:00", "end": "15:00"}
    catalogue.import_documents(ctx, changed, NOW, SYSTEM)
    morning = requests.submit(ctx, wish(route("rt-bus", vehicles=3)), NOW, SYSTEM)
    noon = requests.submit(ctx, wish(route("rt-bus", vehicles=2), start=at(13)), NOW, SYSTEM)
    assert [each.decision.status for each in (morning, noon)] == ["granted", "offered"]
    assert check(ctx.database, NOW) == ()


def test_a_booking_in_the_way_of_a_new_service_stops_the_import(ctx: Context) -> None:
    asked = wish(route("rt-bus", vehicles=3), start=at(13))
    assert requests.submit(ctx, asked, NOW, SYSTEM).booking
    changed = documents()
    entry(changed, "calendar", "cal-bus")["windows"][0] |= {"start": "13:00", "end": "15:00"}
    with pytest.raises(NotAllowed, match="standing_conflict") as caught:
        catalogue.import_documents(ctx, changed, NOW, SYSTEM)
    assert caught.value.fields["pool"] == "rt-bus"
    assert catalogue.export(ctx) == documents()
    assert check(ctx.database, NOW) == ()


def test_services_rest_on_holidays(ctx: Context) -> None:
    rows = schedule.day(ctx, HOLIDAY, NOW, SYSTEM)
    assert rows == ()
    assert [row.state for row in schedule.day(ctx, MONDAY, NOW, SYSTEM)] == ["standing"]


def test_the_horizon_stops_at_the_last_known_holiday(ctx: Context) -> None:
    late = NOW.replace(year=2027, month=12, day=1)
    standing.materialise(ctx, late)
    with ctx.database.reading() as connection:
        until = catalogues.standing_until(connection)
    assert until is not None
    assert until - floor_grain(late) < 32 * 96


def test_the_packaged_catalogue_is_imported_with_its_services(database: Database) -> None:
    ctx = make_context(database)
    done = catalogue.import_documents(ctx, read_catalogue("packaged:gyeonggi"), NOW, SYSTEM)
    assert len(done.catalogue.pools()) == 35 + 45 + len(done.catalogue.corridors)
    assert standing_claims(ctx) > 500
    assert check(database, NOW) == ()
