"""Joint bookings: invited, accepted, seen by the parties, led by one."""

from dataclasses import replace
from datetime import timedelta

import pytest

from testbed.domain.bookings import State
from testbed.domain.errors import (
    HoldExpired,
    IllegalTransition,
    InvalidRequest,
    NotAllowed,
    NotFound,
)
from testbed.domain.grid import moment_of
from testbed.domain.papers import Crew, VehicleType
from testbed.domain.parties import Member, Role
from testbed.service import (
    bookings,
    crew,
    emergency,
    handovers,
    listings,
    no_shows,
    partners,
    quota,
    requests,
    schedule,
    vehicles,
)
from testbed.service.actors import SYSTEM
from testbed.service.context import Context
from testbed.service.listings import BookingsWanted
from testbed.service.partners import Party
from testbed.service.vehicles import KeptVehicle
from tests.catalogues import MONDAY, NOW, at, route, wish

OF_A = Member(7, "org-a", "a@example.org", "A", Role.MEMBER)
OF_B = Member(8, "org-b", "b@example.org", "B", Role.MEMBER)
OF_C = Member(9, "org-c", "c@example.org", "C", Role.MEMBER)


def joint(ctx: Context, *names: str, vehicles: int = 3) -> str:
    asked = replace(wish(route("rt-s", vehicles=vehicles)), partners=names or ("org-b",))
    booking = requests.submit(ctx, asked, NOW, OF_A).booking
    assert booking
    return booking.id


def confirmed(ctx: Context) -> str:
    name = joint(ctx)
    partners.accept(ctx, name, NOW, OF_B)
    return bookings.confirm(ctx, name, NOW, OF_A).id


def test_a_joint_hold_waits_a_day_for_its_partners_and_is_confirmed_once_all_accepted(
    ctx: Context,
) -> None:
    name = joint(ctx, "org-b", "org-c")
    assert bookings.get(ctx, name, NOW, OF_A).expires_at == NOW + timedelta(hours=24)
    partners.accept(ctx, name, NOW, OF_B)
    with pytest.raises(IllegalTransition, match="partners_missing"):
        bookings.confirm(ctx, name, NOW, OF_A)
    partners.accept(ctx, name, NOW, OF_C)
    assert bookings.confirm(ctx, name, NOW, OF_A).state is State.CONFIRMED


def test_whoever_declines_is_out_and_the_others_go_on(ctx: Context) -> None:
    name = joint(ctx)
    partners.decline(ctx, name, NOW, OF_B)
    with pytest.raises(NotFound):
        bookings.get(ctx, name, NOW, OF_B)
    assert bookings.confirm(ctx, name, NOW, OF_A).state is State.CONFIRMED


def test_partners_see_it_as_theirs_and_others_as_busy(ctx: Context) -> None:
    name = confirmed(ctx)
    for member, sees in ((OF_A, True), (OF_B, True), (OF_C, False)):
        listed = listings.bookings(ctx, BookingsWanted(), NOW, member).items
        assert [each.booking.id for each in listed] == ([name] if sees else [])
        rows = schedule.day(ctx, MONDAY, NOW, member)
        (row,) = [each for each in rows if each.resource == "rt-s"]
        assert row.state == ("confirmed" if sees else "busy")
    with pytest.raises(NotFound):
        bookings.get(ctx, name, NOW, OF_C)


def test_partners_check_in_and_the_leading_organisation_alone_changes_it(ctx: Context) -> None:
    name = confirmed(ctx)
    for step in (bookings.cancel, bookings.confirm):
        with pytest.raises(NotAllowed, match="lead_organisation_only"):
            step(ctx, name, NOW, OF_B)
    with pytest.raises(NotAllowed, match="lead_organisation_only"):
        bookings.move(ctx, name, wish(organisation="org-b"), NOW, OF_B)
    arrived = no_shows.check_in(ctx, name, moment_of(at(10)), OF_B)
    assert arrived.state is State.CHECKED_IN


def test_the_hours_count_for_the_leading_organisation(ctx: Context) -> None:
    confirmed(ctx)
    assert [each.hours for each in quota.weekly(ctx, "org-a", NOW, OF_A)] == [2]
    assert quota.weekly(ctx, "org-b", NOW, OF_B) == ()


def test_vehicles_are_shared_out_evenly_until_the_leading_organisation_says_otherwise(
    ctx: Context,
) -> None:
    name = joint(ctx)
    booking = bookings.get(ctx, name, NOW, OF_A)
    assert [each.vehicles for each in partners.of_booking(ctx, booking)] == [2, 1]
    partners.share(ctx, name, {"org-b": 3}, NOW, OF_A)
    assert partners.of_booking(ctx, booking) == (
        Party("org-a", "leads", 0),
        Party("org-b", "invited", 3),
    )
    for too_many in ({"org-b": 4}, {"org-b": -1}):
        with pytest.raises(InvalidRequest, match="too_many_shared"):
            partners.share(ctx, name, too_many, NOW, OF_A)
    with pytest.raises(InvalidRequest, match="no_partner"):
        partners.share(ctx, name, {"org-c": 1}, NOW, OF_A)


def test_a_partner_leaves_before_the_cancelling_becomes_late_and_not_after(ctx: Context) -> None:
    name = confirmed(ctx)
    late = moment_of(at(10)) - timedelta(hours=47)
    with pytest.raises(IllegalTransition, match="too_late_to_leave"):
        partners.leave(ctx, name, late, OF_B)
    partners.leave(ctx, name, NOW, OF_B)
    after = bookings.get(ctx, name, NOW, OF_A)
    assert after.request.partners == ()
    assert [each.vehicles for each in partners.of_booking(ctx, after)] == [3, 0]


def test_nobody_answers_twice_or_uninvited_or_too_late(ctx: Context) -> None:
    name = joint(ctx)
    with pytest.raises(NotFound):
        partners.accept(ctx, name, NOW, OF_C)
    partners.accept(ctx, name, NOW, OF_B)
    with pytest.raises(IllegalTransition, match="not_invited"):
        partners.accept(ctx, name, NOW, OF_B)
    with pytest.raises(HoldExpired):
        partners.leave(ctx, name, NOW + timedelta(hours=24), OF_B)


def test_partners_are_others_and_known(ctx: Context) -> None:
    for names, error in (
        (("org-a",), InvalidRequest),
        (("org-b", "org-b"), InvalidRequest),
        (("nobody",), NotFound),
    ):
        with pytest.raises(error):
            joint(ctx, *names)


def test_a_move_keeps_the_partners_and_a_hand_over_is_refused(ctx: Context) -> None:
    name = confirmed(ctx)
    moved = bookings.move(ctx, name, wish(route("rt-s", vehicles=3), start=at(13)), NOW, OF_A)
    assert moved.booking.request.partners == ("org-b",)
    assert bookings.get(ctx, name, NOW, OF_B).start == at(13)
    with pytest.raises(IllegalTransition, match="joint_stays"):
        handovers.offer(ctx, name, "org-c", NOW, OF_A)


def test_a_hold_invites_partners_and_is_kept_until_they_may_have_answered(ctx: Context) -> None:
    held = requests.submit(ctx, wish(route("rt-s", vehicles=2)), NOW, OF_A).booking
    assert held
    invited = partners.invite(ctx, held.id, "org-b", NOW, OF_A)
    assert invited.booking.expires_at == NOW + timedelta(hours=24)
    assert [each.id for each in partners.invitations(ctx, NOW, OF_B)] == [held.id]
    booking = bookings.get(ctx, held.id, NOW, OF_B)
    assert [each.vehicles for each in partners.of_booking(ctx, booking)] == [1, 1]
    partners.decline(ctx, held.id, NOW, OF_B)
    partners.invite(ctx, held.id, "org-b", NOW, OF_A)
    partners.accept(ctx, held.id, NOW, OF_B)
    bookings.confirm(ctx, held.id, NOW, OF_A)
    with pytest.raises(IllegalTransition, match="only_holds_invite"):
        partners.invite(ctx, held.id, "org-c", NOW, OF_A)


def test_each_party_names_its_own_crew_and_sees_no_others(ctx: Context) -> None:
    name = confirmed(ctx)
    cars = {}
    for member in (OF_A, OF_B):
        own = KeptVehicle("", member.organisation, "Ioniq 1", "12가3456", VehicleType.A, 4)
        manager = replace(member, role=Role.MANAGER)
        cars[member] = vehicles.enter(ctx, own, NOW, manager).id
        crew.name(ctx, name, Crew((cars[member],)), NOW, member)
    for member, car in cars.items():
        assert [each.id for each in crew.of_booking(ctx, name, member).vehicles] == [car]
    assert len(crew.of_booking(ctx, name, SYSTEM).vehicles) == 2
    with pytest.raises(NotFound):
        crew.name(ctx, name, Crew((cars[OF_A],)), NOW, OF_B)


def test_inviting_whoever_declines_again_and_again_keeps_no_hold_beyond_two_days(
    ctx: Context,
) -> None:
    name, now = joint(ctx), NOW
    for _ in range(4):
        now = bookings.get(ctx, name, now, OF_A).expires_at or now
        now -= timedelta(minutes=1)
        partners.decline(ctx, name, now, OF_B)
        partners.invite(ctx, name, "org-b", now, OF_A)
    kept = bookings.get(ctx, name, now, OF_A).expires_at
    assert kept is not None
    assert kept <= NOW + timedelta(hours=48)


def test_an_invited_partner_reads_and_writes_the_emergency_contact_only_once_it_comes(
    ctx: Context,
) -> None:
    name = joint(ctx)
    contact = emergency.Contact("Kim", "010-1234-5678")
    emergency.save_contact(ctx, name, contact, NOW, OF_A)
    with pytest.raises(NotAllowed, match="partners_only"):
        emergency.contact_of(ctx, name, NOW, OF_B)
    with pytest.raises(NotAllowed, match="partners_only"):
        emergency.save_contact(ctx, name, contact, NOW, OF_B)
    partners.accept(ctx, name, NOW, OF_B)
    assert emergency.contact_of(ctx, name, NOW, OF_B) == contact
