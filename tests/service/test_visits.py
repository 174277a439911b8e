"""The visit: an early end frees at once, a late one takes nothing, a forgotten one is completed."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from testbed.domain.bookings import Booking, State
from testbed.domain.catalogue import Mode
from testbed.domain.errors import IllegalTransition, InvalidRequest, NotAllowed, NotFound
from testbed.domain.grid import moment_of
from testbed.domain.parties import Role
from testbed.domain.policy import Policy
from testbed.domain.visits import Ending
from testbed.persistence.check import check
from testbed.persistence.engine import Database
from testbed.persistence.tables import outbox
from testbed.persistence.visit_tables import emergency_contact
from testbed.service import bookings, emergency, gate, no_shows, requests, usage, visits
from testbed.service.actors import SYSTEM
from testbed.service.catalogue import import_documents
from testbed.service.context import Context, make_context
from testbed.service.emergency import Contact
from testbed.service.usage import Session
from tests.catalogues import MONDAY, NOW, at, documents, facility, route, wish
from tests.people import join

START = moment_of(at(10))
HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)
ALONE = route("rt-a1", mode=Mode.EXCLUSIVE)


@pytest.fixture
def ctx(database: Database) -> Context:
    """A service that books on the day itself."""
    changed = documents()
    for rule in changed["catalogue"]["rule"]:
        rule["min_lead_days"] = 0
    made = make_context(database, Policy(min_notice_hours=0))
    import_documents(made, changed, NOW, SYSTEM)
    return made


def booked(
    ctx: Context, start: float = 10, organisation: str = "org-a", hours: float = 4
) -> Booking:
    """A confirmed booking of the first track alone, with a bay."""
    wanted = wish(
        ALONE, facility("fc-bays"), start=at(start), hours=hours, organisation=organisation
    )
    held = requests.submit(ctx, wanted, NOW, SYSTEM).booking
    assert held is not None
    return bookings.confirm(ctx, held.id, NOW, SYSTEM)


def there(ctx: Context) -> Booking:
    return no_shows.check_in(ctx, booked(ctx).id, START, SYSTEM)


def test_the_rest_of_an_early_end_is_free_at_once_behind_its_clean_up(ctx: Context) -> None:
    visit = there(ctx)
    main = max(claim.end for claim in visit.claims if claim.pool == "rt-a1")
    clean_up = main - visit.end
    left = visits.check_out(ctx, visit.id, START + 67 * MINUTE, SYSTEM)
    assert left.state is State.COMPLETED
    assert max(claim.end for claim in left.claims) == at(11.25) + clean_up
    after = wish(ALONE, start=at(12), organisation="org-b", now=START + 68 * MINUTE)
    assert requests.submit(ctx, after, START + 68 * MINUTE, SYSTEM).booking is not None
    assert check(ctx.database, START + 2 * HOUR) == ()


def test_only_who_is_there_checks_out_and_only_for_themselves(ctx: Context) -> None:
    booking = booked(ctx)
    with pytest.raises(IllegalTransition):
        visits.check_out(ctx, booking.id, START, SYSTEM)
    no_shows.check_in(ctx, booking.id, START, SYSTEM)
    with pytest.raises(NotFound):
        visits.check_out(ctx, booking.id, START, join(ctx, organisation="org-b"))
    assert visits.check_out(ctx, booking.id, START, join(ctx)).state is State.COMPLETED


def test_an_overrun_takes_nothing_and_the_next_is_told_once(ctx: Context) -> None:
    visit = there(ctx)
    following = booked(ctx, 15, "org-b", hours=2)
    late = moment_of(visit.end) + 10 * MINUTE
    assert visits.warn_of_overruns(ctx, moment_of(visit.end) - MINUTE, 120) == 0
    assert visits.warn_of_overruns(ctx, late, 120) == 1
    assert visits.warn_of_overruns(ctx, late + MINUTE, 120) == 0
    assert visits.is_kept_waiting(ctx, following)
    with ctx.database.reading() as connection:
        query = select(outbox.c.subject).where(outbox.c.kind == "booking.overrun_ahead")
        assert connection.execute(query).scalars().all() == [following.id]
    left = visits.check_out(ctx, visit.id, late, SYSTEM)
    assert sorted(left.claims) == sorted(visit.claims)
    assert not visits.is_kept_waiting(ctx, following)
    assert check(ctx.database, late) == ()


@pytest.mark.parametrize("late", [timedelta(0), timedelta(days=9)])
def test_what_nobody_checks_out_is_completed_by_the_clock(ctx: Context, late: timedelta) -> None:
    visit = there(ctx)
    due = moment_of(visit.end) + 12 * HOUR
    assert visits.complete_forgotten(ctx, due - timedelta(seconds=1), 12) == 0
    assert visits.complete_forgotten(ctx, due + late, 12) == 1
    assert visits.complete_forgotten(ctx, due + late, 12) == 0
    made = visits.visit_of(ctx, visit.id, SYSTEM)
    assert made is not None
    assert made.ending is Ending.NOT_CHECKED_OUT
    assert check(ctx.database, due + late) == ()


def session(minutes: int = 50, resource: str = "rt-a1") -> Session:
    return Session(resource, START + MINUTE, START + minutes * MINUTE, 12_345, 2)


def test_the_use_is_recorded_until_its_last_day_and_by_operators_later(ctx: Context) -> None:
    visit, member = there(ctx), join(ctx)
    visits.check_out(ctx, visit.id, START + HOUR, member)
    last = usage.due_at(visit, ctx.catalogue(), 14)
    usage.record(ctx, visit.id, session(), last, member, days=14)
    with pytest.raises(NotAllowed, match="usage_too_late"):
        usage.record(ctx, visit.id, session(), last + MINUTE, member, days=14)
    usage.record(ctx, visit.id, session(40), last + MINUTE, SYSTEM, days=14)
    kept = usage.of_booking(ctx, visit.id, last, member)
    assert [each.session.metres for each in kept] == [12_345, 12_345]
    assert usage.unrecorded(ctx, START + 2 * HOUR, member, 14) == ()


def test_who_only_looks_reads_no_records_that_name_drivers(ctx: Context) -> None:
    observer = join(ctx, Role.OBSERVER)
    with pytest.raises(NotAllowed, match="role_not_here"):
        usage.listing(ctx, usage.Wanted(), observer)
    with pytest.raises(NotAllowed, match="role_not_here"):
        usage.everything(ctx, usage.Wanted("org-a"), observer)


@pytest.mark.parametrize(
    "wrong", [session(0), session(61), session(resource="rt-s")], ids=["empty", "to come", "other"]
)
def test_what_cannot_have_been_is_not_recorded(ctx: Context, wrong: Session) -> None:
    visit = there(ctx)
    with pytest.raises(InvalidRequest, match="bad_session"):
        usage.record(ctx, visit.id, wrong, START + HOUR, SYSTEM, days=14)


def test_whom_to_call_is_forgotten_after_its_time_and_stands_in_no_note(ctx: Context) -> None:
    visit = there(ctx)
    emergency.save_contact(ctx, visit.id, Contact("Kim", "010-1234-5678"), START, join(ctx))
    with ctx.database.reading() as connection:
        said = " ".join(connection.execute(select(outbox.c.document)).scalars())
    assert "1234" not in said
    [entry] = gate.at(ctx, "site-a", MONDAY, START, SYSTEM)
    assert entry.contact == Contact("Kim", "010-1234-5678")
    with pytest.raises(NotAllowed):
        gate.at(ctx, "site-a", MONDAY, START, join(ctx, Role.MANAGER))
    end = moment_of(visit.end)
    assert emergency.forget(ctx, end + timedelta(days=30), 30) == 0
    assert emergency.forget(ctx, end + timedelta(days=30, seconds=1), 30) == 1
    with ctx.database.reading() as connection:
        assert connection.execute(select(emergency_contact)).all() == []
