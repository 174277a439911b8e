"""What live pages are told: that something changed, and where."""

import pytest

from testbed.domain.catalogue import Mode
from testbed.domain.parties import Member, Role
from testbed.persistence import changes as persisted
from testbed.service import bookings, catalogue, changes, members, requests
from testbed.service.actors import SYSTEM
from testbed.service.changes import Change, Watch
from testbed.service.context import Context, make_context
from tests.catalogues import NOW, at, documents, facility, route, wish


@pytest.fixture
def watch(ctx: Context) -> Watch:
    return Watch(ctx)


@pytest.fixture
def elsewhere(ctx: Context) -> Context:
    """Another process on the same database."""
    return make_context(ctx.database)


def held(ctx: Context, *needs, **more) -> str:
    booking = requests.submit(ctx, wish(*needs, **more), NOW, SYSTEM).booking
    assert booking
    return booking.id


def test_nothing_changes_while_nobody_does_anything(watch):
    assert watch.look(0) is None
    assert watch.look(1) is None


def test_a_hold_is_seen_where_it_stands_and_once(watch, elsewhere):
    held(elsewhere, route("rt-s"))
    seen = watch.look(1)
    assert seen is not None
    assert seen.resources == {"rt-s"}
    assert watch.look(2) is None


def test_a_step_that_changes_no_claim_is_seen_too(ctx, elsewhere):
    number = held(elsewhere, route("rt-s"))
    watch = Watch(ctx)
    bookings.confirm(elsewhere, number, NOW, SYSTEM)
    seen = watch.look(1)
    assert seen is not None
    assert seen.resources == {"rt-s"}


def test_a_move_is_seen_where_it_leaves_and_where_it_arrives(ctx, elsewhere):
    number = held(elsewhere, route("rt-a1"))
    watch = Watch(ctx)
    elsewhere_wish = wish(route("rt-s", mode=Mode.EXCLUSIVE), start=at(14))
    bookings.move(elsewhere, number, elsewhere_wish, NOW, SYSTEM)
    seen = watch.look(1)
    assert seen is not None
    assert seen.resources >= {"rt-a1", "rt-s"}


def test_a_cancelled_bundle_is_seen_at_all_its_places(ctx):
    number = held(ctx, route("rt-a1"), facility("fc-bays"))
    watch = Watch(ctx)
    bookings.cancel(ctx, number, NOW, SYSTEM)
    seen = watch.look(1)
    assert seen is not None
    assert seen.resources >= {"rt-a1", "fc-bays"}


def test_who_is_let_in_changes_nothing_of_the_schedule(ctx, watch):
    person = Member(0, "org-a", "new@example.org", "New", Role.MEMBER)
    members.add(ctx, person, "correct horse battery", NOW, SYSTEM)
    assert watch.look(1) is None
    assert changes.revision(ctx) == watch.revision


def test_another_catalogue_changes_everything(ctx, watch):
    other = documents()
    other["catalogue"]["site"][0]["name_en"] = "Renamed"
    catalogue.import_documents(ctx, other, NOW, SYSTEM)
    seen = watch.look(1)
    assert seen is not None
    assert seen.resources is None


def test_a_row_that_appears_after_a_later_one_is_not_missed(ctx, watch, monkeypatch):
    """PostgreSQL hands out numbers before it commits: here the first of two is invisible once."""
    held(ctx, route("rt-s"))
    number = changes.revision(ctx)
    held(ctx, route("rt-a1"), start=at(14))
    count, after = persisted.count_after, persisted.notes_after
    monkeypatch.setattr(persisted, "count_after", lambda *args: count(*args) - 1)
    monkeypatch.setattr(
        persisted, "notes_after", lambda *args: [each for each in after(*args) if each[0] != number]
    )
    first = watch.look(1)
    monkeypatch.undo()
    assert first is not None
    second = watch.look(2)
    assert second is not None
    assert second.resources == {"rt-s"}


def test_what_was_seen_long_ago_is_forgotten(ctx, watch):
    for hour in range(4):
        held(ctx, route("rt-s"), start=at(9 + 2 * hour))
        assert watch.look(hour * 60.0) is not None
    assert len(watch._seen) <= 2
    assert watch.look(300.0) is None


def test_changes_add_up():
    one, two = Change(3, frozenset({"a"})), Change(5, frozenset({"b"}))
    assert one.joined(two) == Change(5, frozenset({"a", "b"}))
    assert two.joined(Change(4, None)) == Change(5, None)
