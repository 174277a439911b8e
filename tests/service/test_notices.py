"""Notices: who is told, how they chose to be told, and digests that cover every item once."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from testbed.domain.errors import InvalidRequest
from testbed.domain.parties import Member, Role
from testbed.persistence.job_tables import mail
from testbed.persistence.notice_tables import digest_item
from testbed.service import accounts, digests, notice_choices, outbox
from testbed.service.actors import SYSTEM
from testbed.service.context import Context
from testbed.service.notices import CHOICES, MAILED, NOTICES, Choice, Group
from testbed.service.write import run
from tests.catalogues import NOW
from tests.people import join

DAY = timedelta(days=1)
HOUR = timedelta(hours=1)
# Eight in the morning of the next day in Seoul.
EIGHT = datetime.fromisoformat("2026-03-03T08:00:00+09:00")


def told(ctx: Context, kind: str = "") -> list[str]:
    query = select(mail.c.recipient).where(mail.c.kind == kind if kind else mail.c.id > 0)
    with ctx.database.reading() as connection:
        return list(connection.execute(query.order_by(mail.c.id)).scalars())


def note(ctx: Context, kind: str, document: Mapping[str, Any], now: datetime = NOW) -> None:
    run(ctx, now, SYSTEM, lambda write: write.note(kind, "subject", document))
    outbox.spread(ctx, now)


def done(ctx: Context, owner: Member, now: datetime = NOW, name: str = "Study") -> None:
    note(ctx, "experiment.done", {"owner": owner.id, "name": name}, now)


def choose(ctx: Context, member: Member, **wanted: str) -> None:
    notice_choices.choose(ctx, member, wanted, NOW)


# -- the table -------------------------------------------------------------------------------


def test_every_kind_of_the_table_is_told_to_somebody() -> None:
    assert MAILED
    assert all(notice.is_mailed or notice.is_event for notice in NOTICES.values())


def test_safety_cannot_be_put_off_and_offers_and_reminders_cannot_wait_for_a_digest(
    ctx: Context,
) -> None:
    member = join(ctx)
    refused = [
        (group, choice) for group in Group for choice in Choice if choice not in CHOICES[group]
    ]
    assert (Group.SAFETY, Choice.NEVER) in refused
    assert (Group.WAITLIST, Choice.DAILY) in refused
    for group, choice in refused:
        with pytest.raises(InvalidRequest, match="choice_not_offered"):
            choose(ctx, member, **{group: choice})
    with pytest.raises(InvalidRequest, match="unknown_notice_group"):
        choose(ctx, member, weather="never")


def test_choices_stand_until_they_are_changed_and_leave_the_others_alone(ctx: Context) -> None:
    member, other = join(ctx), join(ctx, name="other")
    choose(ctx, member, bookings="daily", planning="never")
    choose(ctx, member, bookings="never")
    found = notice_choices.of_member(ctx, member)
    assert (found[Group.BOOKINGS], found[Group.PLANNING]) == (Choice.NEVER, Choice.NEVER)
    assert found[Group.PAPERS] is Choice.AT_ONCE
    assert set(notice_choices.of_member(ctx, other).values()) == {Choice.AT_ONCE}


# -- who is told -----------------------------------------------------------------------------


def test_whoever_chose_never_is_told_nothing_and_others_are(ctx: Context) -> None:
    quiet, keen = join(ctx, Role.PLANNER), join(ctx, Role.PLANNER, name="keen")
    choose(ctx, quiet, planning="never")
    done(ctx, quiet)
    done(ctx, keen)
    assert told(ctx) == [keen.email]


def test_a_notice_to_the_keepers_goes_to_managers_or_where_it_names_nobody_to_operators(
    ctx: Context,
) -> None:
    manager, operator = join(ctx, Role.MANAGER), join(ctx, Role.OPERATOR, "org-op")
    join(ctx, Role.MANAGER, "org-b")
    about = {"url": "https://hooks.example.com/", "error": "answered 503"}
    note(ctx, "webhook.disabled", {**about, "organisation": "org-a"})
    assert told(ctx) == [manager.email]
    note(ctx, "webhook.disabled", about)
    assert told(ctx) == [manager.email, operator.email]


def test_partners_hear_of_a_joint_hold_and_nobody_hears_of_one_that_is_not(ctx: Context) -> None:
    join(ctx, Role.MANAGER)
    partner = join(ctx, Role.MANAGER, "org-b")
    held = {"organisation": "org-a", "start": 1, "end": 5, "lines": []}
    note(ctx, "booking.held", held)
    assert told(ctx) == []
    note(ctx, "booking.held", {**held, "partners": ["org-b"]})
    assert told(ctx) == [partner.email]


def test_an_offer_to_take_a_booking_over_goes_to_the_managers_of_the_receiver(
    ctx: Context,
) -> None:
    join(ctx, Role.MANAGER)
    receiver = join(ctx, Role.MANAGER, "org-b")
    note(ctx, "handover.offered", {"organisation": "org-b", "from": "org-a", "to": "org-b"})
    assert told(ctx) == [receiver.email]


def test_a_note_that_cannot_be_told_holds_up_no_other(ctx: Context) -> None:
    planner = join(ctx, Role.PLANNER)
    run(ctx, NOW, SYSTEM, lambda write: write.note("experiment.done", "e", {"name": "no owner"}))
    done(ctx, planner)
    assert told(ctx) == [planner.email]
    assert outbox.spread(ctx, NOW) == 0


# -- digests ---------------------------------------------------------------------------------


def test_a_digest_comes_once_a_day_and_covers_what_came_before_its_hour(ctx: Context) -> None:
    member = join(ctx, Role.PLANNER)
    choose(ctx, member, planning="daily")
    done(ctx, member, EIGHT - 2 * HOUR)
    done(ctx, member, EIGHT - HOUR)
    done(ctx, member, EIGHT + HOUR)
    assert digests.gather(ctx, EIGHT - timedelta(seconds=1), 8) == 0
    assert digests.gather(ctx, EIGHT, 8) == 1
    assert digests.gather(ctx, EIGHT + 2 * HOUR, 8) == 0
    assert digests.gather(ctx, EIGHT + DAY, 8) == 1
    assert digests.gather(ctx, EIGHT + 2 * DAY, 8) == 0
    assert told(ctx) == [member.email] * 2
    assert [each.mail.fields["count"] for each in outbox.due(ctx, EIGHT + 2 * DAY)] == [2, 1]


def test_days_without_a_worker_make_one_digest_of_everything(ctx: Context) -> None:
    member, other = join(ctx, Role.PLANNER), join(ctx, Role.PLANNER, name="other")
    for each in (member, other):
        choose(ctx, each, planning="daily")
    for days in range(3):
        done(ctx, member, NOW + days * DAY)
    done(ctx, other)
    late = EIGHT + 4 * DAY + 5 * HOUR
    assert digests.gather(ctx, late, 8) == 2
    assert digests.gather(ctx, late + HOUR, 8) == 0
    counts = {each.mail.recipient: each.mail.fields["count"] for each in outbox.due(ctx, late)}
    assert counts == {member.email: 3, other.email: 1}


def test_what_is_noted_late_of_a_day_whose_digest_has_gone_waits_for_the_next(
    ctx: Context,
) -> None:
    member = join(ctx, Role.PLANNER)
    choose(ctx, member, planning="daily")
    done(ctx, member)
    digests.gather(ctx, EIGHT, 8)
    done(ctx, member, EIGHT - timedelta(seconds=1))
    assert digests.gather(ctx, EIGHT + HOUR, 8) == 0
    assert digests.gather(ctx, EIGHT + DAY, 8) == 1


def test_a_member_who_has_left_gets_no_digest_and_leaves_nothing_behind(ctx: Context) -> None:
    member = join(ctx, Role.PLANNER)
    administrator = join(ctx, Role.ADMINISTRATOR, "org-op")
    choose(ctx, member, planning="daily")
    done(ctx, member)
    accounts.deactivate(ctx, member.id, NOW, administrator)
    assert digests.gather(ctx, EIGHT, 8) == 0
    with ctx.database.reading() as connection:
        assert connection.execute(select(digest_item)).all() == []


def test_stopping_the_digest_turns_what_was_in_it_off_and_nothing_else(ctx: Context) -> None:
    member = join(ctx)
    choose(ctx, member, bookings="daily", papers="daily", series="never")
    assert notice_choices.stop_digest(ctx, member.id, NOW, SYSTEM) == 2
    found = notice_choices.of_member(ctx, member)
    assert found[Group.BOOKINGS] is found[Group.PAPERS] is Choice.NEVER
    assert found[Group.ORGANISATION] is Choice.AT_ONCE
    assert notice_choices.stop_digest(ctx, member.id, NOW, SYSTEM) == 0


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        ("2026-03-03T07:59:59+09:00", "2026-03-02T08:00:00+09:00"),
        ("2026-03-03T08:00:00+09:00", "2026-03-03T08:00:00+09:00"),
        ("2026-03-02T23:30:00+00:00", "2026-03-03T08:00:00+09:00"),
        ("2027-01-01T00:00:00+09:00", "2026-12-31T08:00:00+09:00"),
    ],
)
def test_the_hour_of_the_digest_is_an_hour_in_korea(now: str, expected: str) -> None:
    due = digests.due_at(datetime.fromisoformat(now), 8)
    assert due == datetime.fromisoformat(expected)


def test_a_long_digest_names_how_many_more_there_are(ctx: Context) -> None:
    member = join(ctx, Role.PLANNER)
    choose(ctx, member, planning="daily")
    for number in range(digests.MOST_SHOWN + 3):
        run(
            ctx,
            NOW,
            SYSTEM,
            lambda write, named=f"{number}": write.note(
                "experiment.done", "e", {"owner": member.id, "name": named}
            ),
        )
    outbox.spread(ctx, NOW)
    digests.gather(ctx, EIGHT, 8)
    [due] = outbox.due(ctx, EIGHT)
    assert len(due.mail.fields["items"]) == digests.MOST_SHOWN
    assert due.mail.fields["count"] == digests.MOST_SHOWN + 3
