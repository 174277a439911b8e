"""Calendar feeds: who may make and read which, what they tell, and how entries change."""

from contextlib import suppress
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from testbed.domain.bookings import Booking
from testbed.domain.catalogue import Mode
from testbed.domain.errors import DomainError, InvalidRequest, NotAllowed, NotFound
from testbed.domain.parties import Member, Role
from testbed.persistence.engine import Database
from testbed.persistence.feed_tables import feed as table
from testbed.persistence.tables import audit, outbox
from testbed.service import accounts, bookings, feed_entries, feeds, members, requests
from testbed.service.actors import SYSTEM
from testbed.service.context import Context
from testbed.service.feed_entries import Entry, Standing
from testbed.service.feeds import Created, Kind, Wanted
from tests.catalogues import MONDAY, NOW, at, facility, route, wish
from tests.people import join, province

ALONE = route("rt-s", mode=Mode.EXCLUSIVE)
SOON = NOW + timedelta(minutes=5)


@pytest.fixture
def ctx(database: Database) -> Context:
    return province(database)


def made(ctx: Context, owner: Member, kind: Kind = Kind.ORGANISATION, about: str = "") -> Created:
    wanted = Wanted("Mine", kind, about or owner.organisation, "en")
    return feeds.create(ctx, owner, wanted, NOW)


@pytest.fixture
def created(ctx: Context) -> Created:
    """The feed of org-a, made by its member."""
    return made(ctx, join(ctx))


def read(ctx: Context, created: Created, now=NOW) -> tuple[Entry, ...]:
    opened = feeds.opened(ctx, created.text, now)
    assert opened is not None
    return feed_entries.entries(ctx, opened, now)


def hold(ctx: Context, who: Member, *needs, **wished) -> Booking:
    asked = wish(*(needs or (ALONE,)), organisation=who.organisation, **wished)
    held = requests.submit(ctx, asked, NOW, who).booking
    assert held is not None
    return held


# -- keys ------------------------------------------------------------------------------------


def test_the_secret_is_nowhere_in_the_database(ctx: Context) -> None:
    secret = made(ctx, join(ctx)).text.partition("-")[2]
    with ctx.database.reading() as connection:
        for each in (table, audit, outbox):
            assert secret not in str(connection.execute(select(each)).all())


def test_a_revoked_feed_opens_nothing_from_that_moment_on(ctx: Context) -> None:
    owner, rival = join(ctx), join(ctx, organisation="org-b")
    created = made(ctx, owner)
    with pytest.raises(NotFound, match="feed"):
        feeds.revoke(ctx, created.feed.id, NOW, rival)
    feeds.revoke(ctx, created.feed.id, NOW, owner)
    assert feeds.opened(ctx, created.text, NOW) is None
    assert feeds.listing(ctx, owner) == ()


def test_the_feeds_of_a_deactivated_member_stay_dead(ctx: Context) -> None:
    owner = join(ctx)
    created = made(ctx, owner)
    accounts.deactivate(ctx, owner.id, NOW, SYSTEM)
    assert feeds.opened(ctx, created.text, NOW) is None
    accounts.reactivate(ctx, owner.id, NOW, SYSTEM)
    assert feeds.opened(ctx, created.text, NOW) is None


def test_an_operators_feed_of_another_organisation_ends_with_the_role(ctx: Context) -> None:
    operator = join(ctx, Role.OPERATOR, "org-op")
    created = made(ctx, operator, about="org-a")
    assert feeds.opened(ctx, created.text, NOW) is not None
    accounts.change_role(ctx, operator.id, Role.MEMBER, NOW, SYSTEM)
    assert feeds.opened(ctx, created.text, NOW) is None


def test_changed_shortened_and_invented_texts_open_nothing(ctx: Context) -> None:
    text = made(ctx, join(ctx)).text
    other = "0" if text[-1] != "0" else "1"
    for wrong in (text[:-1] + other, text[:-1], text.split("-")[0], "a-b", "", "-", "\0"):
        assert feeds.opened(ctx, wrong, NOW) is None


def test_the_same_key_makes_one_feed_whose_last_text_opens_it(ctx: Context) -> None:
    owner = join(ctx)
    wanted = Wanted("Mine", Kind.MEMBER, "", "ko")
    first, again = (feeds.create(ctx, owner, wanted, NOW, "key") for _ in range(2))
    assert first.feed == again.feed
    assert len(feeds.listing(ctx, owner)) == 1
    assert feeds.opened(ctx, first.text, NOW) is None
    assert feeds.opened(ctx, again.text, NOW) is not None


@pytest.mark.parametrize(
    ("wanted", "error"),
    [
        (Wanted("", Kind.MEMBER, "", "ko"), InvalidRequest("bad_feed_name", longest=100)),
        (Wanted("x", Kind.MEMBER, "", "fr"), InvalidRequest("unknown_language")),
        (Wanted("x", Kind.RESOURCE, "rt-none", "ko"), NotFound("resource")),
        (Wanted("x", Kind.CITY, "atlantis", "ko"), NotFound("city")),
        (Wanted("x", Kind.ORGANISATION, "org-b", "ko"), NotAllowed("other_organisation")),
    ],
)
def test_what_cannot_be_a_feed_is_refused(ctx: Context, wanted: Wanted, error: DomainError) -> None:
    with pytest.raises(type(error), match=error.code):
        feeds.create(ctx, join(ctx), wanted, NOW)


def test_a_member_has_no_more_than_so_many_feeds(ctx: Context) -> None:
    owner = join(ctx)
    for _ in range(feeds.MOST_FEEDS):
        made(ctx, owner)
    with pytest.raises(InvalidRequest, match="too_many_feeds"):
        made(ctx, owner)


def test_a_feed_is_called_otherwise_by_its_owner(ctx: Context) -> None:
    owner = join(ctx)
    created = made(ctx, owner)
    assert feeds.rename(ctx, created.feed.id, " Phone ", NOW, owner).name == "Phone"
    assert feeds.one(ctx, created.feed.id, owner).name == "Phone"
    with pytest.raises(NotFound, match="feed"):
        feeds.rename(ctx, created.feed.id, "x", NOW, join(ctx, organisation="org-b"))


# -- entries ---------------------------------------------------------------------------------


def test_a_members_feed_holds_what_they_asked_for_even_once_an_operator_moved_it(
    ctx: Context,
) -> None:
    mine, colleague = join(ctx), join(ctx, Role.MANAGER)
    operator = join(ctx, Role.OPERATOR, "org-op")
    booking = hold(ctx, mine)
    hold(ctx, colleague, start=at(14))
    bookings.move(ctx, booking.id, wish(ALONE, start=at(12), now=SOON), SOON, operator)
    (entry,) = read(ctx, made(ctx, mine, Kind.MEMBER), SOON)
    assert (entry.name, entry.start) == (booking.id, at(12))


def test_the_feed_of_a_place_tells_a_member_nothing_of_a_rival(ctx: Context) -> None:
    mine, rival = join(ctx), join(ctx, organisation="org-b")
    own, other = hold(ctx, mine), hold(ctx, rival, start=at(14))
    shown = read(ctx, made(ctx, mine, Kind.RESOURCE, "rt-s"))
    assert [each.booking and each.booking.id for each in shown] == [own.id, None]
    assert shown[1].standing is Standing.CONFIRMED
    assert other.id not in repr(shown)
    assert "org-b" not in repr(shown)


def test_a_partner_finds_a_joint_booking_in_its_feed_and_its_rivals_find_nothing(
    ctx: Context,
) -> None:
    partner, rival = join(ctx, organisation="org-b"), join(ctx, organisation="org-c")
    joint = replace(wish(ALONE), partners=("org-b",))
    booking = requests.submit(ctx, joint, NOW, join(ctx)).booking
    assert booking is not None
    (entry,) = read(ctx, made(ctx, partner))
    assert (entry.name, entry.booking) == (booking.id, booking)
    assert read(ctx, made(ctx, rival)) == ()
    (busy,) = read(ctx, made(ctx, rival, Kind.RESOURCE, "rt-s"))
    assert busy.booking is None


def test_a_rivals_entry_has_another_name_in_every_feed(ctx: Context) -> None:
    mine = join(ctx)
    hold(ctx, join(ctx, organisation="org-b"))
    place, city = made(ctx, mine, Kind.RESOURCE, "rt-s"), made(ctx, mine, Kind.CITY, "suwon")
    first, again, elsewhere = (read(ctx, each)[0].name for each in (place, place, city))
    assert first == again != elsewhere


def test_an_operator_sees_in_a_city_every_line_that_stands_there(ctx: Context) -> None:
    booking = hold(ctx, join(ctx), route("rt-a1"), facility("fc-bays"), start=at(12), hours=2)
    operator = join(ctx, Role.OPERATOR, "org-op")
    shown = read(ctx, made(ctx, operator, Kind.CITY, "ansan"))
    assert [(each.name, each.resource) for each in shown] == [
        (f"{booking.id}-0", "rt-a1"),
        (f"{booking.id}-1", "fc-bays"),
    ]
    assert read(ctx, made(ctx, operator, Kind.CITY, "suwon")) == ()


def test_a_hold_that_ran_out_is_cancelled_before_and_after_it_is_written(ctx: Context) -> None:
    owner = join(ctx)
    booking = hold(ctx, owner)
    created = made(ctx, owner)
    assert booking.expires_at is not None
    (before,) = read(ctx, created, booking.expires_at)
    bookings.release_expired(ctx, booking.expires_at)
    (after,) = read(ctx, created, booking.expires_at)
    assert before == replace(after, booking=before.booking)
    assert (after.standing, after.sequence) == (Standing.CANCELLED, 1)


def test_what_was_cancelled_stays_until_its_time_and_the_past_for_a_month(ctx: Context) -> None:
    owner = join(ctx)
    gone, kept = hold(ctx, owner), hold(ctx, owner, start=at(13))
    bookings.cancel(ctx, gone.id, NOW, owner)
    bookings.confirm(ctx, kept.id, NOW, owner)
    created = made(ctx, owner)
    over = NOW + timedelta(days=15)
    assert {each.name for each in read(ctx, created)} == {gone.id, kept.id}
    assert {each.name for each in read(ctx, created, over)} == {kept.id}
    assert read(ctx, created, over + timedelta(days=31)) == ()


STEPS = st.lists(st.sampled_from(["hold", "confirm", "move", "cancel"]), max_size=8)


def step(ctx: Context, verb: str, booking: Booking | None, start: int, owner: Member) -> Booking:
    """The booking after one more step; the first is always a hold."""
    if verb == "hold" or booking is None:
        return hold(ctx, owner, start=start)
    if verb == "move":
        return bookings.move(ctx, booking.id, wish(ALONE, start=start), NOW, owner).booking
    return getattr(bookings, verb)(ctx, booking.id, NOW, owner)


@pytest.mark.slow
@given(verbs=STEPS)
@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_names_stay_and_sequences_rise_with_every_change(
    ctx: Context, created: Created, verbs: list[str]
) -> None:
    owner = members.by_email(ctx, "member-org-a@example.org")
    before: dict[str, Entry] = {each.name: each for each in read(ctx, created)}
    booking = None
    for place, verb in enumerate(verbs):
        start = at(9 + 2 * (place % 4), MONDAY + timedelta(days=place // 4))
        with suppress(DomainError, AssertionError):
            booking = step(ctx, verb, booking, start, owner)
        after = {each.name: each for each in read(ctx, created)}
        assert before.keys() <= after.keys()
        for name, entry in before.items():
            is_changed = replace(after[name], sequence=0) != replace(entry, sequence=0)
            assert after[name].sequence >= entry.sequence + is_changed
        before = after
    for each in bookings.listing(ctx, NOW, owner):
        with suppress(DomainError):
            bookings.cancel(ctx, each.id, NOW, owner)
