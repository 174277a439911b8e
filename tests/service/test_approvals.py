"""Approvals in the service: parties answer, silence counts by time, and jobs only catch up."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from testbed.domain.approvals import Answer, Party
from testbed.domain.bookings import Booking, State
from testbed.domain.errors import IllegalTransition, NotAllowed, NotFound
from testbed.domain.grid import moment_of
from testbed.domain.parties import Member, Role
from testbed.domain.waitlist import Waiting
from testbed.persistence.check import check
from testbed.persistence.engine import Database
from testbed.persistence.tables import audit
from testbed.service import (
    approvals,
    bookings,
    handovers,
    lengths,
    no_shows,
    outbox,
    requests,
    waitlist,
)
from testbed.service.actors import SYSTEM
from testbed.service.approvals import Given
from testbed.service.assessment import Conflict, assess
from testbed.service.catalogue import import_documents
from testbed.service.context import Context, make_context
from tests.catalogues import NOW, Documents, at, documents, entry, route, wish
from tests.people import join

DAYS = timedelta(days=5)
SECOND = timedelta(seconds=1)
DAY = timedelta(days=1)


def _organisations() -> list[dict[str, object]]:
    city = {"sector": "local-government", "provenance": "illustrative", "name_ko": "곳"}
    return [
        {"id": "org-ansan", "name_en": "Ansan", "city": "ansan", **city},
        {"id": "org-province", "name_en": "Province", **city},
    ]


def zone(silence: str) -> Documents:
    """The small catalogue, whose tracks ask the operator and the city."""
    changed = documents()
    changed["organisations"]["organisation"] += _organisations()
    entry(changed, "rule", "rule-track").update(
        approvals=["operator", "city"], approval_days=5, approval_silence=silence
    )
    return changed


def opened(database: Database, silence: str) -> Context:
    context = make_context(database)
    import_documents(context, zone(silence), NOW, SYSTEM)
    return context


@pytest.fixture
def ctx(database: Database) -> Context:
    return opened(database, "rejected")


def held(ctx: Context, start: int | None = None, organisation: str = "org-a") -> Booking:
    asked = wish(route("rt-a1", vehicles=3), start=start, hours=4, organisation=organisation)
    booking = requests.submit(ctx, asked, NOW, SYSTEM).booking
    assert booking is not None
    return booking


def pending(ctx: Context, start: int | None = None) -> Booking:
    return bookings.confirm(ctx, held(ctx, start).id, NOW, SYSTEM)


@pytest.fixture
def oh(ctx: Context) -> Member:
    """An operator of the province."""
    return join(ctx, Role.OPERATOR, "org-province", "oh")


@pytest.fixture
def ahn(ctx: Context) -> Member:
    """An operator of the city."""
    return join(ctx, Role.OPERATOR, "org-ansan", "ahn")


def yes(party: Party, text: str = "") -> Given:
    return Given(party, Answer.ACCEPTED, text)


def no(party: Party, text: str = "a festival") -> Given:
    return Given(party, Answer.REJECTED, text)


def actions(ctx: Context, booking: str) -> list[str]:
    with ctx.database.reading() as connection:
        query = select(audit.c.action).where(audit.c.subject == booking).order_by(audit.c.id)
        return list(connection.execute(query).scalars())


def test_a_booking_waits_until_all_parties_have_accepted(
    ctx: Context, oh: Member, ahn: Member
) -> None:
    booking = pending(ctx)
    assert (booking.state, booking.expires_at) == (State.PENDING, NOW + DAYS)
    after = approvals.answer(ctx, booking.id, yes(Party.OPERATOR, "slowly"), NOW, oh)
    assert after.state is State.PENDING
    after = approvals.answer(ctx, booking.id, yes(Party.CITY), NOW, ahn)
    assert (after.state, after.expires_at) == (State.CONFIRMED, None)
    asked, open_to_me = approvals.of_booking(ctx, after, NOW, oh)
    assert [(each.answer, each.text, each.stands_in) for each in asked] == [
        (Answer.ACCEPTED, "slowly", False),
        (Answer.ACCEPTED, "", False),
    ]
    assert open_to_me == frozenset()
    assert check(ctx.database, NOW) == ()


def test_one_rejection_frees_the_place_at_once(ctx: Context, oh: Member) -> None:
    booking = pending(ctx)
    after = approvals.answer(ctx, booking.id, no(Party.OPERATOR), NOW, oh)
    assert after.state is State.REJECTED
    assert held(ctx, organisation="org-b").state is State.HELD
    with pytest.raises(IllegalTransition, match="not_pending"):
        approvals.answer(ctx, booking.id, yes(Party.CITY), NOW, oh)
    assert check(ctx.database, NOW) == ()


def test_only_the_party_answers_and_the_province_for_who_has_nobody(
    ctx: Context, oh: Member
) -> None:
    booking = pending(ctx)
    _, mine = approvals.of_booking(ctx, booking, NOW, oh)
    assert mine == {Party.OPERATOR, Party.CITY}
    ahn = join(ctx, Role.OPERATOR, "org-ansan", "ahn")
    [wait] = approvals.queue(ctx, NOW, ahn, mine=True)
    assert wait.open_to_me == {Party.CITY}
    with pytest.raises(NotAllowed, match="not_this_party"):
        approvals.answer(ctx, booking.id, yes(Party.OPERATOR), NOW, ahn)
    with pytest.raises(NotAllowed, match="not_this_party"):
        approvals.answer(ctx, booking.id, yes(Party.CITY), NOW, oh)
    with pytest.raises(NotFound, match="approval"):
        approvals.answer(ctx, booking.id, yes(Party.ROAD_AUTHORITY), NOW, oh)
    with pytest.raises(NotAllowed, match="operators_only"):
        approvals.answer(ctx, booking.id, yes(Party.CITY), NOW, join(ctx))


def test_an_answer_of_the_province_for_an_absent_city_is_noted_as_such(
    ctx: Context, oh: Member
) -> None:
    booking = pending(ctx)
    approvals.answer(ctx, booking.id, yes(Party.OPERATOR), NOW, oh)
    after = approvals.answer(ctx, booking.id, yes(Party.CITY), NOW, oh)
    asked, _ = approvals.of_booking(ctx, after, NOW, oh)
    assert [each.stands_in for each in asked] == [False, True]


@pytest.mark.parametrize("late", [timedelta(0), DAY])
def test_silence_rejects_at_the_deadline_however_late_the_job_is(
    ctx: Context, oh: Member, late: timedelta
) -> None:
    booking = pending(ctx)
    before = NOW + DAYS - SECOND
    assert bookings.get(ctx, booking.id, before, SYSTEM).state is State.PENDING
    now = NOW + DAYS + late
    assert bookings.get(ctx, booking.id, now, SYSTEM).state is State.REJECTED
    assert approvals.queue(ctx, now, oh) == ()
    with pytest.raises(IllegalTransition, match="approval_over"):
        approvals.answer(ctx, booking.id, yes(Party.CITY), now, oh)
    with pytest.raises(IllegalTransition, match="approval_over"):
        bookings.cancel(ctx, booking.id, now, SYSTEM)
    again = replace(wish(route("rt-a1", vehicles=3), hours=4, organisation="org-b"), id="again")
    assert requests.submit(ctx, replace(again, submitted_at=now), now, SYSTEM).booking is not None
    assert actions(ctx, booking.id)[-1] == "booking.rejected_by_silence"
    assert bookings.release_expired(ctx, now) == ()
    assert check(ctx.database, now) == ()


def test_silence_confirms_at_the_deadline_and_a_visit_may_be_missed_before_any_job_runs(
    database: Database,
) -> None:
    ctx = opened(database, "accepted")
    booking = pending(ctx)
    now = NOW + DAYS
    assert bookings.get(ctx, booking.id, now - SECOND, SYSTEM).state is State.PENDING
    assert bookings.get(ctx, booking.id, now, SYSTEM).state is State.CONFIRMED
    start = moment_of(booking.start)
    missed = start + timedelta(hours=1)
    assert bookings.get(ctx, booking.id, missed, SYSTEM).state is State.NO_SHOW
    [ended] = no_shows.release_no_shows(ctx, missed)
    assert ended.state is State.NO_SHOW
    assert actions(ctx, booking.id)[-2:] == ["booking.confirmed_by_silence", "booking.no_show"]
    assert check(ctx.database, missed) == ()


def test_a_job_that_slept_for_a_day_writes_each_yes_of_silence_once(database: Database) -> None:
    ctx = opened(database, "accepted")
    booking = pending(ctx)
    assert approvals.settle(ctx, NOW + DAYS - SECOND) == ()
    assert approvals.settle(ctx, NOW + DAYS + DAY) == (booking.id,)
    assert approvals.settle(ctx, NOW + DAYS + DAY) == ()
    assert actions(ctx, booking.id).count("booking.confirmed_by_silence") == 1


def test_who_checks_in_after_silence_has_confirmed_is_let_in(database: Database) -> None:
    ctx = opened(database, "accepted")
    booking = pending(ctx)
    arrived = no_shows.check_in(ctx, booking.id, moment_of(booking.start), SYSTEM)
    assert arrived.state is State.CHECKED_IN
    assert actions(ctx, booking.id)[-2:] == ["booking.confirmed_by_silence", "booking.checked_in"]


def test_parties_are_reminded_once_though_the_job_runs_late_and_twice(
    ctx: Context, oh: Member
) -> None:
    booking = pending(ctx)
    assert approvals.remind(ctx, NOW + DAYS - 2 * DAY, DAY) == 0
    late = NOW + DAYS - timedelta(hours=1)
    assert [approvals.remind(ctx, late, DAY) for _ in range(2)] == [1, 0]
    assert actions(ctx, booking.id).count("approval.due") == 1
    assert approvals.remind(ctx, NOW + DAYS + SECOND, DAY) == 0


def _moved(ctx: Context, booking: Booking, start: int, now: datetime) -> Booking:
    wanted = wish(route("rt-a1", vehicles=3), start=start, hours=4, now=now)
    return bookings.move(ctx, booking.id, wanted, now, SYSTEM).booking


def test_a_booking_that_moves_is_asked_about_again(ctx: Context, oh: Member) -> None:
    booking = pending(ctx)
    approvals.answer(ctx, booking.id, yes(Party.OPERATOR), NOW, oh)
    approvals.answer(ctx, booking.id, yes(Party.CITY), NOW, oh)
    later = NOW + DAY
    moved = _moved(ctx, booking, at(12), later)
    assert (moved.state, moved.expires_at) == (State.PENDING, later + DAYS)
    asked, _ = approvals.of_booking(ctx, moved, later, oh)
    assert [(each.round, each.answer) for each in asked] == [(2, None), (2, None)]


def test_a_move_that_changes_nothing_leaves_the_answers_as_they_are(
    ctx: Context, oh: Member
) -> None:
    booking = pending(ctx)
    approvals.answer(ctx, booking.id, yes(Party.OPERATOR), NOW, oh)
    same = _moved(ctx, booking, booking.start, NOW)
    asked, _ = approvals.of_booking(ctx, same, NOW, oh)
    assert [(each.round, each.answer) for each in asked] == [(1, Answer.ACCEPTED), (1, None)]


def test_others_see_nothing_of_it(ctx: Context) -> None:
    booking = pending(ctx)
    with pytest.raises(NotFound, match="booking"):
        approvals.of_booking(ctx, booking, NOW, join(ctx, organisation="org-b"))
    with pytest.raises(NotAllowed, match="operators_only"):
        approvals.queue(ctx, NOW, join(ctx))


def test_a_longer_booking_is_asked_about_again_and_a_shorter_one_is_not(
    ctx: Context, oh: Member
) -> None:
    booking = pending(ctx)
    approvals.answer(ctx, booking.id, yes(Party.OPERATOR), NOW, oh)
    approvals.answer(ctx, booking.id, yes(Party.CITY), NOW, oh)
    slot = lengths.Slot(booking.start, booking.end - 4)
    assert lengths.shorten(ctx, booking.id, slot, NOW, SYSTEM).state is State.CONFIRMED
    assert lengths.extend(ctx, booking.id, booking.end, NOW, SYSTEM).booking.state is State.PENDING
    assert check(ctx.database, NOW) == ()


def test_who_takes_a_booking_over_is_asked_about_anew(ctx: Context, oh: Member) -> None:
    booking = pending(ctx)
    approvals.answer(ctx, booking.id, yes(Party.OPERATOR, "only on dry roads"), NOW, oh)
    approvals.answer(ctx, booking.id, yes(Party.CITY), NOW, oh)
    receiver = join(ctx, organisation="org-b")
    offered = handovers.offer(ctx, booking.id, "org-b", NOW, SYSTEM)
    handovers.accept(ctx, offered.id, NOW, receiver)
    after = bookings.get(ctx, booking.id, NOW, receiver)
    assert (after.organisation, after.state) == ("org-b", State.PENDING)
    asked, _ = approvals.of_booking(ctx, after, NOW, receiver)
    assert [(each.round, each.answer, each.text) for each in asked] == [(2, None, "")] * 2
    assert check(ctx.database, NOW) == ()


def test_an_approver_reads_whom_a_yes_displaces_and_who_is_not_neutral(
    ctx: Context, oh: Member
) -> None:
    booking = pending(ctx)
    waits = replace(wish(route("rt-a1"), hours=4, organisation="org-ansan"), wait=True)
    asked = requests.submit(ctx, waits, NOW, SYSTEM)
    assert asked.decision.status == "waitlisted"
    parts, _ = approvals.of_booking(ctx, booking, NOW, oh)
    found = assess(ctx, booking, parts, NOW, oh)
    [displaced] = found.displaced
    assert (displaced.entry.id, displaced.offer.start) == (asked.request_id, booking.start)
    assert found.conflicts == ((Party.CITY, Conflict.WAITS),)
    assert (found.used, found.most) == (4, 24)
    approvals.answer(ctx, booking.id, no(Party.OPERATOR), NOW, oh)
    offered = waitlist.one(ctx, asked.request_id, NOW, SYSTEM).entry
    assert offered.state is Waiting.OFFERED


def test_only_parties_that_may_answer_are_asked_by_mail_and_nobody_twice(
    ctx: Context, oh: Member, ahn: Member
) -> None:
    booking = pending(ctx)
    approvals.answer(ctx, booking.id, yes(Party.OPERATOR), NOW, oh)
    late = NOW + DAYS - timedelta(hours=1)
    for _ in range(2):
        approvals.remind(ctx, late, DAY)
        outbox.spread(ctx, late)
    told = {(each.mail.kind, each.mail.recipient) for each in outbox.due(ctx, late)}
    assert ("approval.due", ahn.email) in told
    assert ("approval.due", oh.email) not in told
    assert len(told) == len(outbox.due(ctx, late))
