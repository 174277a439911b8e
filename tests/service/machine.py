"""A machine that does anything to the service in any order, as members, operators and the clock.

After every step the database is held against itself and against what anybody can count by hand.
"""

import shutil
import tempfile
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from functools import cache, partial
from itertools import count
from pathlib import Path
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from sqlalchemy import Connection

from testbed.domain.approvals import Answer, Party
from testbed.domain.bookings import TRANSITIONS, State
from testbed.domain.catalogue import Mode
from testbed.domain.errors import DomainError
from testbed.domain.grid import Slot, floor_grain, moment_of
from testbed.domain.parties import Member, Role
from testbed.domain.requests import ClaimKind, Need, Request
from testbed.domain.series import Change, Extent, Scope, plan_of, rule_of
from testbed.domain.waitlist import Waiting, passed_at
from testbed.persistence.check import check
from testbed.persistence.engine import open_database
from testbed.persistence.schema import upgrade
from testbed.persistence.use import weekly_use
from testbed.service import (
    approvals,
    bookings,
    closures,
    handovers,
    lengths,
    no_shows,
    partners,
    reconfirmations,
    requests,
    series,
    series_edits,
    series_horizon,
    series_reading,
    visits,
    waitlist,
    wishes,
)
from testbed.service.actors import SYSTEM
from testbed.service.approvals import Given
from testbed.service.closures import Order
from testbed.service.context import Context, make_context
from testbed.service.wishes import Wishes
from tests.catalogues import NOW, ORGANISATIONS, ZONE, at, facility, route, wish
from tests.race.contenders import kept, overfull, replayed
from tests.service.test_approvals import opened

NEEDS: tuple[tuple[Need, ...], ...] = (
    (route("rt-s", mode=Mode.EXCLUSIVE),),
    (route("rt-a1", vehicles=2), facility("fc-bays", units=2)),
    (route("rt-a1", mode=Mode.WHOLE_SITE),),
    (facility("fc-rain"),),
    (facility("fc-bays", units=2, offset=-2), facility("fc-van")),
    (route("rt-a2", vehicles=3), facility("fc-rain")),
)
MEMBERS = tuple(
    Member(number, name, f"{name}@example.org", name, Role.MEMBER)
    for number, name in enumerate(ORGANISATIONS, 1)
)


@cache
def _template() -> Path:
    """A database with the small catalogue, copied for each run: making one takes a second."""
    folder = Path(tempfile.mkdtemp(prefix="machine-"))
    database = open_database(f"sqlite:///{folder}/template.db", "NORMAL")
    upgrade(database)
    opened(database, "accepted").close()  # whose tracks ask the operator and the city
    return folder / "template.db"


def _reachable(start: State) -> frozenset[State]:
    """Every state that legal steps lead to, the state itself included."""
    found, ahead = {start}, [start]
    while ahead:
        for each in TRANSITIONS[ahead.pop()] - found:
            found.add(each)
            ahead.append(each)
    return frozenset(found)


REACHABLE = {state: _reachable(state) for state in State}
who = st.sampled_from((*MEMBERS, SYSTEM))
which = st.integers(0, 30)


def _levels(ctx: Context, connection: Connection, now: datetime) -> dict[str, list[list[int]]]:
    """What each pool holds from now on, as the process sees it."""
    with ctx.calendar.at(connection, now) as ledger:
        past = floor_grain(now) - ledger.base
        return {
            name: [
                [bits >> past for bits in pool.levels(kind) if bits >> past] for kind in ClaimKind
            ]
            for name, pool in ledger.pools.items()
        }


class Service(RuleBasedStateMachine):
    """Two processes on one database, three organisations, an operator, and a clock."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(prefix="machine-"))
        shutil.copy(_template(), self.folder / "service.db")
        self.url = f"sqlite:///{self.folder}/service.db"
        numbers = count(1)
        self.processes = [
            make_context(open_database(self.url, "NORMAL"), new_id=lambda: f"n{next(numbers):05d}")
            for _ in range(2)
        ]
        self.turn = 0
        self.now: datetime = NOW
        self.states: dict[str, State] = {}
        self.closed: list[str] = []
        self.series: list[str] = []

    def teardown(self) -> None:
        for each in self.processes:
            each.close()
        shutil.rmtree(self.folder)

    @property
    def ctx(self) -> Context:
        return self.processes[self.turn % 2]

    def one(self, number: int) -> str:
        """The id of some booking, "" while there is none."""
        return list(self.states)[-1 - number % len(self.states)] if self.states else ""

    def attempt(self, act: Callable[..., Any], *arguments: object) -> Any:
        """Do it; what the domain refuses is an answer, anything else a fault."""
        self.turn += 1
        try:
            return act(self.ctx, *arguments)
        except DomainError:
            return None

    # -- what members and operators do ---------------------------------------------------------

    @initialize()
    def begin(self) -> None:
        for number, actor in enumerate(MEMBERS):
            self.submit(actor, number, 2, 0, wait=False, partial=False)

    @rule(
        actor=st.sampled_from(MEMBERS),
        need=st.integers(0, len(NEEDS) - 1),
        start=st.integers(0, 16),
        slack=st.sampled_from((0, 4, 96)),
        wait=st.booleans(),
        partial=st.booleans(),
    )
    def submit(
        self, actor: Member, need: int, start: int, slack: int, *, wait: bool, partial: bool
    ) -> None:
        asked = self._wish(actor, need, start, slack)
        asked = replace(asked, wait=wait, partial=partial)
        self.attempt(requests.submit, asked, self.now, actor)

    def _wish(self, actor: Member, need: int, start: int, slack: int) -> Request:
        day = (self.now + timedelta(days=3)).date()
        return wish(
            *NEEDS[need],
            start=at(9, day) + start,
            slack=slack,
            organisation=actor.organisation,
            now=self.now,
        )

    @rule(actor=st.sampled_from(MEMBERS), number=which, partial=st.booleans())
    def wait_for_the_same(self, actor: Member, number: int, *, partial: bool) -> None:
        """Ask for what some booking has, and wait where it is taken."""
        booking = self.attempt(bookings.get, self.one(number), self.now, SYSTEM)
        if booking is not None:
            asked = replace(
                booking.request,
                id="",
                organisation=actor.organisation,
                submitted_at=self.now,
                start=booking.start,
                earliest=booking.start,
                latest=booking.start,
                wait=True,
                partial=partial,
            )
            self.attempt(requests.submit, asked, self.now, actor)

    @rule(actor=who, number=which)
    def confirm(self, actor: Member, number: int) -> None:
        self.attempt(bookings.confirm, self.one(number), self.now, actor)

    @rule(actor=who, number=which)
    def cancel(self, actor: Member, number: int) -> None:
        self.attempt(bookings.cancel, self.one(number), self.now, actor)

    @rule(number=which, start=st.integers(0, 16))
    def move(self, number: int, start: int) -> None:
        booking = self.attempt(bookings.get, self.one(number), self.now, SYSTEM)
        if booking is not None:
            there = booking.start - booking.start % 96 + start
            asked = replace(
                booking.request,
                id="",
                submitted_at=self.now,
                start=there,
                earliest=there,
                latest=there + 8,
            )
            self.attempt(bookings.move, booking.id, asked, self.now, SYSTEM)

    @rule(number=which, grains=st.integers(1, 6))
    def shorten(self, number: int, grains: int) -> None:
        booking = self.attempt(bookings.get, self.one(number), self.now, SYSTEM)
        if booking is not None and booking.end - grains > booking.start:
            left = Slot(booking.start, booking.end - grains)
            self.attempt(lengths.shorten, booking.id, left, self.now, SYSTEM)

    @rule(number=which, grains=st.integers(1, 6))
    def extend(self, number: int, grains: int) -> None:
        booking = self.attempt(bookings.get, self.one(number), self.now, SYSTEM)
        if booking is not None:
            self.attempt(lengths.extend, booking.id, booking.end + grains, self.now, SYSTEM)

    @rule(actor=who, number=which)
    def check_in(self, actor: Member, number: int) -> None:
        self.attempt(no_shows.check_in, self.one(number), self.now, actor)

    @rule(actor=who, number=which)
    def check_out(self, actor: Member, number: int) -> None:
        self.attempt(visits.check_out, self.one(number), self.now, actor)

    @rule(number=which, to=st.sampled_from(MEMBERS))
    def hand_over(self, number: int, to: Member) -> None:
        offered = self.attempt(handovers.offer, self.one(number), to.organisation, self.now, SYSTEM)
        if offered is not None:
            self.attempt(handovers.accept, offered.id, self.now, to)

    @rule(
        what=st.sampled_from(("rt-s", "fc-bays", "cor-a", "site-s")),
        minutes=st.sampled_from((None, 60, 60 * 24 * 4)),
    )
    def stop(self, what: str, minutes: int | None) -> None:
        struck = self.attempt(closures.stop, Order(what, minutes, "a drill"), self.now, SYSTEM)
        if struck is not None:
            self.closed.append(struck.closure.id)

    @precondition(lambda self: self.closed)
    @rule()
    def reopen(self) -> None:
        self.attempt(closures.reopen, self.closed.pop(), self.now, SYSTEM)

    @rule(
        number=which,
        party=st.sampled_from((Party.OPERATOR, Party.CITY)),
        said=st.sampled_from((Answer.ACCEPTED, Answer.ACCEPTED, Answer.REJECTED)),
    )
    def answer(self, number: int, party: Party, said: Answer) -> None:
        given = Given(party, said, "a reason")
        self.attempt(approvals.answer, self.one(number), given, self.now, SYSTEM)

    @rule(actor=st.sampled_from(MEMBERS), need=st.integers(0, len(NEEDS) - 1), wait=st.booleans())
    def submit_together(self, actor: Member, need: int, *, wait: bool) -> None:
        other = MEMBERS[actor.id % len(MEMBERS)].organisation
        asked = replace(self._wish(actor, need, 4, 8), partners=(other,), wait=wait)
        self.attempt(requests.submit, asked, self.now, actor)

    @rule(
        actor=st.sampled_from(MEMBERS),
        number=which,
        step=st.sampled_from((partners.accept, partners.accept, partners.decline, partners.leave)),
    )
    def take_part(self, actor: Member, number: int, step: Callable[..., Any]) -> None:
        self.attempt(step, self.one(number), self.now, actor)

    @rule(actor=st.sampled_from(MEMBERS), number=which)
    def invite(self, actor: Member, number: int) -> None:
        self.attempt(partners.invite, self.one(number), actor.organisation, self.now, SYSTEM)

    @rule(one=st.sampled_from(MEMBERS), other=st.sampled_from(MEMBERS), apart=st.booleans())
    def keep_apart(self, one: Member, other: Member, *, apart: bool) -> None:
        names = (other.organisation,) if apart else ()
        self.attempt(wishes.save, one.organisation, Wishes(names), self.now, SYSTEM)

    @rule(actor=st.sampled_from(MEMBERS), need=st.integers(0, len(NEEDS) - 1))
    def begin_a_series(self, actor: Member, need: int) -> None:
        daily = plan_of(self._wish(actor, need, 4, 4), ZONE, rule_of("FREQ=DAILY;COUNT=5"))
        asked = series.wanted(actor.organisation, daily)
        made = self.attempt(series.submit, asked, self.now, actor)
        if made is not None and made.series:
            self.series.append(made.series)
            self.attempt(series.confirm, made.series, self.now, actor)

    @precondition(lambda self: self.series)
    @rule(
        number=which,
        minutes=st.sampled_from((9 * 60, 11 * 60 + 30)),
        scope=st.sampled_from(list(Scope)),
        gives_up=st.booleans(),
    )
    def change_a_series(self, number: int, minutes: int, scope: Scope, *, gives_up: bool) -> None:
        name = self.series[number % len(self.series)]
        dates = series_reading.get(self.ctx, name, self.now, SYSTEM).dates
        extent = Extent(scope, dates[number % len(dates)].occurrence.day)
        if gives_up:
            self.attempt(series_edits.cancel, name, extent, self.now, SYSTEM)
        else:
            change = Change(at_min=minutes)
            act = partial(series_edits.edit, change=change)
            self.attempt(act, name, extent, self.now, SYSTEM)

    @rule(number=which)
    def reconfirm(self, number: int) -> None:
        self.attempt(reconfirmations.reconfirm, self.one(number), self.now, SYSTEM)

    @rule(number=which)
    def withdraw(self, number: int) -> None:
        places = waitlist.listing(self.ctx, self.now, SYSTEM)
        if places:
            name = places[number % len(places)].entry.id
            self.attempt(waitlist.withdraw, name, self.now, SYSTEM)

    # -- what the clock and the jobs do --------------------------------------------------------

    @rule(minutes=st.sampled_from((1, 15, 31, 121, 60 * 24, 60 * 70)))
    def wait_a_while(self, minutes: int) -> None:
        self.now += timedelta(minutes=minutes)

    @precondition(lambda self: self.states)
    @rule(number=which)
    def wait_for_a_start(self, number: int) -> None:
        booking = bookings.get(self.ctx, self.one(number), self.now, SYSTEM)
        self.now = max(self.now, moment_of(booking.start))

    @rule()
    def run_the_jobs(self) -> None:
        self.attempt(bookings.release_expired, self.now)
        self.attempt(no_shows.release_no_shows, self.now)
        self.attempt(visits.complete_forgotten, self.now, 12)
        self.attempt(visits.warn_of_overruns, self.now, 60)
        self.attempt(approvals.settle, self.now)
        self.attempt(reconfirmations.ask, self.now)
        self.attempt(reconfirmations.give_up, self.now)
        self.attempt(series_horizon.materialise, self.now)

    @rule()
    def catch_up(self) -> None:
        """Afterwards whoever still waits could not be served."""
        self.attempt(waitlist.catch_up, self.now)
        for place in waitlist.listing(self.ctx, self.now, SYSTEM):
            if place.entry.state is Waiting.WAITING:
                assert self._fresh_offers(place.entry.request, place.entry.passed) == []

    def _fresh_offers(self, request: Request, passed: frozenset[object]) -> list[object]:
        catalogue = self.ctx.catalogue()
        found = requests.search(self.ctx, request, self.now, 20).offers
        mains = [each.lines[0] for each in found]
        places = [passed_at(catalogue.resource(each.resource), each.start) for each in mains]
        return [each for each in places if each not in passed]

    # -- what must hold ------------------------------------------------------------------------

    @invariant()
    def nothing_contradicts_itself(self) -> None:
        assert check(self.ctx.database, self.now) == ()

    @invariant()
    def no_pool_is_overfull_counted_by_the_database_alone(self) -> None:
        assert overfull(self.url) == []

    @invariant()
    def the_audit_rebuilds_the_calendar(self) -> None:
        assert replayed(self.url) == kept(self.url)

    @invariant()
    def every_step_was_legal_and_bundles_are_whole(self) -> None:
        for booking in bookings.listing(self.ctx, self.now, SYSTEM):
            before = self.states.get(booking.id, State.HELD)
            assert booking.state in REACHABLE[before], (booking.id, before, booking.state)
            self.states[booking.id] = booking.state
            assert len(booking.lines) == len(booking.request.needs)
            if booking.occupies:
                pools = {claim.pool for claim in booking.claims}
                assert {line.resource for line in booking.lines} <= pools

    @invariant()
    def hours_are_the_sum_of_what_the_bookings_show(self) -> None:
        shown: dict[str, int] = {}
        for each in bookings.listing(self.ctx, self.now, SYSTEM):
            shown[each.organisation] = shown.get(each.organisation, 0) + each.counted
        with self.ctx.database.reading() as connection:
            for name in ORGANISATIONS:
                use = weekly_use(connection, name, self.now)
                assert sum(use.values()) == shown.get(name, 0)

    @rule()
    def every_process_has_the_calendar_that_a_new_one_reads(self) -> None:
        new = make_context(self.ctx.database)
        with self.ctx.database.reading() as connection:
            seen = [_levels(each, connection, self.now) for each in (new, *self.processes)]
        assert seen[1:] == [seen[0], seen[0]]

    @invariant()
    def positions_on_the_waitlist_follow_the_ranks(self) -> None:
        for place in waitlist.listing(self.ctx, self.now, SYSTEM):
            if place.rank is not None:
                assert all(each.total <= place.rank.total for each in place.ahead)
                assert place.position == len(place.ahead) + 1
