"""The jobs stand still for a day and start again: nothing is lost, nothing is sent twice."""

import email
import email.policy
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import select

from testbed.config import Settings
from testbed.domain.bookings import Booking, State
from testbed.domain.catalogue import Mode
from testbed.domain.parties import Member, Role
from testbed.jobs import hooks
from testbed.jobs.job import Job, Surroundings
from testbed.jobs.table import own_jobs
from testbed.jobs.worker import Worker
from testbed.persistence.check import check
from testbed.persistence.engine import Database
from testbed.persistence.job_tables import mail
from testbed.persistence.tables import audit
from testbed.service import (
    bookings,
    deliveries,
    digests,
    no_shows,
    notice_choices,
    outbox,
    requests,
    series,
    webhooks,
)
from testbed.service.actors import SYSTEM
from testbed.service.context import Context
from testbed.service.waitlist import Waiting, entries_of
from tests.catalogues import NOW, facility, route, wish
from tests.jobs.receivers import Receiver, receiving
from tests.jobs.workers import Clock
from tests.people import join, province
from tests.service import test_approvals as approvals_there
from tests.service.test_series import asked

START = NOW + timedelta(days=14, hours=1)  # the Monday at 10:00 in Seoul
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


@dataclass
class Office:
    """The service with workers that come and go, and a receiver of its webhooks."""

    ctx: Context
    receiver: Receiver
    folder: Path
    clock: Clock = field(default_factory=Clock)
    came: int = 0

    def work(self) -> None:
        """A worker comes, runs every job that is due, and is gone without a word."""
        settings = Settings(mail={"directory": self.folder})
        around = Surroundings(self.ctx, settings)
        self.came += 1
        worker = Worker(around, self._jobs(settings), self.clock, f"worker {self.came}")
        self.clock.later(minutes=1)
        assert worker.lead()
        # Twice: what the last job of a round has noted is told of in the next one.
        for _ in range(2):
            for job in worker.jobs:
                worker.attempt(job)
            self.clock.later(minutes=11)
            worker.lead()

    def _jobs(self, settings: Settings) -> tuple[Job, ...]:
        sweep = partial(hooks.deliver, door=self.receiver.door())
        return tuple(
            replace(job, sweep=sweep) if job.name == "webhooks" else job
            for job in own_jobs(settings)
        )

    def facts(self) -> tuple[Counter[str], list[str], list[str]]:
        """What was noted, the mails that went, and the events that arrived."""
        with self.ctx.database.reading() as connection:
            noted = Counter(connection.execute(select(audit.c.action)).scalars())
            gone = select(mail.c.key).where(mail.c.sent_at.is_not(None)).order_by(mail.c.id)
            keys = list(connection.execute(gone).scalars())
        return noted, keys, [each["webhook-id"] for each in self.receiver.came]

    def kinds(self) -> Counter[str]:
        """How many mails of each kind went."""
        with self.ctx.database.reading() as connection:
            gone = select(mail.c.kind).where(mail.c.sent_at.is_not(None))
            return Counter(connection.execute(gone).scalars())


@pytest.fixture
def office(database: Database, tmp_path: Path) -> Iterator[Office]:
    with receiving() as receiver:
        yield Office(province(database), receiver, tmp_path / "mail")


def anywhere(*_: object) -> tuple[str, ...]:
    return ("93.184.215.14",)


def confirmed(ctx: Context, member: Member, start: int, name: str) -> Booking:
    asked_for = wish(facility("fc-open"), start=start, organisation=member.organisation, name=name)
    held = requests.submit(ctx, asked_for, NOW, member).booking
    assert held is not None
    return bookings.confirm(ctx, held.id, NOW, member)


def nothing_more(office: Office) -> None:
    """Another worker finds nothing to do, and the database is in order."""
    before = office.facts()
    for _ in range(2):
        office.work()
    assert office.facts() == before
    for found in before[1:]:
        assert len(found) == len(set(found))
    assert check(office.ctx.database, office.clock()) == ()
    state = outbox.state(office.ctx)
    assert (state.waiting, state.given_up) == (0, 0)
    assert deliveries.due(office.ctx, office.clock() + DAY) == ()


def test_a_day_without_jobs_ends_what_was_over_reminds_of_what_comes_and_tells_each_thing_once(
    office: Office,
) -> None:
    ctx, ten = office.ctx, wish().start
    member, manager = join(ctx), join(ctx, Role.MANAGER)
    reader = join(ctx, Role.MEMBER, "org-b")
    notice_choices.choose(ctx, reader, {"bookings": "daily"}, NOW)
    webhooks.add(ctx, manager, office.receiver.url, [], NOW, resolve=anywhere)
    missed = confirmed(ctx, member, ten, "missed")
    coming = confirmed(ctx, member, ten + 30 * 4, "coming")
    theirs = confirmed(ctx, reader, ten, "theirs")
    office.clock.now = START - 2 * HOUR
    office.work()
    assert office.kinds() == {"booking.confirmed": 2, "reminder": 2, "digest": 1}
    late = wish(facility("fc-bays"), start=ten + 8 * 96, now=office.clock(), name="late")
    held = requests.submit(ctx, late, office.clock(), member).booking
    assert held is not None

    office.clock.now = START + 23 * HOUR
    office.work()
    states = {each.id: each.state for each in bookings.listing(ctx, office.clock(), SYSTEM)}
    assert states == {
        missed.id: State.NO_SHOW,
        theirs.id: State.NO_SHOW,
        coming.id: State.CONFIRMED,
        held.id: State.EXPIRED,
    }
    assert office.kinds() == {
        "booking.confirmed": 2,
        "booking.no_show": 1,
        "booking.expired": 1,
        "reminder": 3,
        "digest": 1,
    }
    arrived = Counter(
        each["body"].split('"type":"')[1].split('"')[0] for each in office.receiver.came
    )
    assert arrived == {
        "booking.held": 3,
        "booking.confirmed": 2,
        "booking.no_show": 1,
        "booking.expired": 1,
    }
    nothing_more(office)
    office.clock.later(days=1)
    office.work()
    assert office.kinds()["digest"] == 2


def test_a_digest_that_nobody_wrote_for_days_covers_every_item_once(office: Office) -> None:
    ctx, ten = office.ctx, wish().start
    member = join(ctx)
    notice_choices.choose(ctx, member, {"bookings": "daily"}, NOW)
    for number in range(3):
        confirmed(ctx, member, ten + number * 96, f"w{number}")
        outbox.spread(ctx, NOW + number * DAY)
    office.clock.now = NOW + 5 * DAY
    office.work()
    [message] = office.folder.iterdir()
    read = email.message_from_bytes(message.read_bytes(), policy=email.policy.default)
    assert read["List-Unsubscribe"].startswith("<http://127.0.0.1:8000/notices/unsubscribe/1.")
    assert b"List-Unsubscribe: <http://" in message.read_bytes()
    assert read["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert read["Subject"] == "알림 모음 3건"
    with ctx.database.reading() as connection:
        assert connection.execute(select(mail.c.kind)).scalars().all() == [digests.KIND]
    nothing_more(office)


@pytest.mark.slow
def test_who_waits_is_offered_what_ran_out_while_no_job_ran(office: Office) -> None:
    ctx = office.ctx
    alone = route("rt-s", mode=Mode.EXCLUSIVE)
    member = join(ctx)
    assert requests.submit(ctx, wish(alone, organisation="org-c"), NOW, SYSTEM).booking
    waiting = replace(wish(alone, name="waits"), wait=True)
    requests.submit(ctx, waiting, NOW, member)
    office.clock.now = NOW + DAY
    office.work()
    [entry] = entries_of(ctx, "org-a", frozenset({Waiting.OFFERED}))
    assert entry.booking is not None
    assert office.kinds()["booking.offered"] == 1
    nothing_more(office)


@pytest.mark.slow
def test_what_parties_did_not_answer_while_no_job_ran_ends_once(
    database: Database, tmp_path: Path
) -> None:
    ctx = approvals_there.opened(database, "rejected")
    join(ctx, Role.OPERATOR, "org-province", "oh")
    member = join(ctx)
    asked_for = wish(route("rt-a1", vehicles=3), hours=4)
    held = requests.submit(ctx, asked_for, NOW, member).booking
    assert held is not None
    bookings.confirm(ctx, held.id, NOW, member)
    with receiving() as receiver:
        office = Office(ctx, receiver, tmp_path / "mail")
        office.clock.now = NOW + 6 * DAY
        office.work()
        assert bookings.get(ctx, held.id, office.clock(), SYSTEM).state is State.REJECTED
        assert office.kinds()["booking.rejected_by_silence"] == 1
        nothing_more(office)


@pytest.mark.slow
def test_a_visit_that_nobody_ended_while_no_job_ran_ends_once_and_is_asked_about_once(
    office: Office,
) -> None:
    ctx = office.ctx
    member = join(ctx)
    booking = confirmed(ctx, member, wish().start, "visit")
    no_shows.check_in(ctx, booking.id, START, member)
    office.clock.now = START + 2 * DAY
    office.work()
    assert bookings.get(ctx, booking.id, office.clock(), SYSTEM).state is State.COMPLETED
    kinds = office.kinds()
    assert (kinds["booking.not_checked_out"], kinds["usage_due"]) == (1, 1)
    nothing_more(office)


@pytest.mark.slow
def test_bookings_of_series_are_asked_for_or_cancelled_once_after_the_pause(
    office: Office,
) -> None:
    ctx = office.ctx
    member = join(ctx)
    made = series.submit(ctx, asked(route("rt-a1", 3)), NOW, member)
    assert made.series
    series.confirm(ctx, made.series, NOW, member)
    office.clock.now = START - 3 * DAY
    office.work()
    told = office.kinds()["booking.to_reconfirm"]
    assert told > 0
    office.clock.now = START - DAY
    office.work()
    noted, _, _ = office.facts()
    assert noted["booking.to_reconfirm"] == office.kinds()["booking.to_reconfirm"]
    assert noted["booking.not_reconfirmed"] == office.kinds()["booking.not_reconfirmed"] > 0
    nothing_more(office)
