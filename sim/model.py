"""One replication: a SimPy clock around the diary that the service's rules and allocator keep.

Requests come, members cancel or stay away, and every event asks the domain. The only state is the
diary; the log says what became of every session.
"""

import math
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import simpy

from sim.first_slots import sample
from sim.horizon import STRIDE_DAYS
from sim.setting import Setting
from sim.streams import Streams
from sim.wishes import Wish
from testbed.domain.allocator import binding_constraint
from testbed.domain.bookings import Booking, is_late_cancel
from testbed.domain.diary import Diary
from testbed.domain.grid import EPOCH, GRAIN_SECONDS, GRAINS_PER_HOUR, local_midnight
from testbed.domain.kpi import FirstSlot
from testbed.domain.ledger import Ledger
from testbed.domain.requests import Granted

Process = Generator[simpy.Event, None, None]

NOON = 12 * GRAINS_PER_HOUR
HOUR_SECONDS = 3600
DAY_SECONDS = 24 * HOUR_SECONDS


@dataclass(slots=True)
class Entry:
    """What the log says of one session; `booking` as it stands at the end."""

    wish: Wish
    booking: Booking | None = None
    binding: str | None = None
    late: bool = False
    waited: bool = False
    promoted: bool = False


@dataclass(slots=True)
class Log:
    """All sessions of a replication, warm-up included, and the samples of first slots."""

    entries: list[Entry]
    first_slots: list[FirstSlot]


class Province:
    """The clock, the diary and the log of one replication."""

    def __init__(self, setting: Setting) -> None:
        self.setting = setting
        self.env = simpy.Environment(initial_time=setting.begin * GRAIN_SECONDS)
        self.diary = Diary(setting.ledger(), setting.kin())
        self.log = Log([], [])
        self._waiting: dict[str, Entry] = {}

    def run(self, wishes: list[Wish]) -> Log:
        """Let every wish be submitted, and everything that follows from it happen."""
        self.env.process(self._weeks())
        self.env.process(self._mondays())
        self.env.process(self._submissions(wishes))
        self.env.run()
        return self.log

    @property
    def now(self) -> datetime:
        """The clock as an aware moment."""
        return EPOCH + timedelta(seconds=self.env.now)

    @property
    def ledger(self) -> Ledger:
        """The calendar in which everything is decided."""
        return self.diary.ledger

    # -- events ------------------------------------------------------------------------------

    def _submissions(self, wishes: list[Wish]) -> Process:
        for wish in wishes:
            moment = (wish.request.submitted_at - EPOCH) // timedelta(seconds=1)
            if moment > self.env.now:
                yield self.env.timeout(moment - self.env.now)
            self._submit(wish)

    def _submit(self, wish: Wish) -> None:
        request, now = wish.request, self.now
        entry = Entry(wish)
        self.log.entries.append(entry)
        decision = self.diary.submit(request, now, request.id)
        if isinstance(decision, Granted):
            entry.booking = self.diary.confirm(request.id, now)
            self._await_fate(entry, entry.booking)
        else:
            self._turned_away(entry, now)
        self._serve()

    def _turned_away(self, entry: Entry, now: datetime) -> None:
        """Why it was not granted; who asked to wait does so for as long as their patience lasts."""
        request = entry.wish.request
        if self.setting.measures("binding") and self._measured():
            entry.binding = binding_constraint(request, self.ledger, now)
        if request.id in self.diary.entries:
            entry.waited = True
            self._waiting[request.id] = entry
            patience = entry.wish.fate.patience
            if math.isfinite(patience):
                end = int(self.env.now + patience * DAY_SECONDS)
                self._at(end, lambda: self._give_up(request.id))

    def _give_up(self, request_id: str) -> None:
        if self._waiting.pop(request_id, None) is not None:
            self.diary.withdraw(request_id, self.now)
            self._serve()

    def _serve(self) -> None:
        """Let those who were offered a place accept it: the simulation answers at once."""
        for request_id, offered in self.diary.new_offers():
            entry = self._waiting.pop(request_id)
            entry.booking = self.diary.confirm(offered.id, self.now)
            entry.promoted, entry.binding = True, None
            self._await_fate(entry, entry.booking)

    def _measured(self) -> bool:
        return self.env.now >= self.setting.start * GRAIN_SECONDS

    def _await_fate(self, entry: Entry, booking: Booking) -> None:
        fate = entry.wish.fate
        if fate.cancels:
            self._at(self._cancel_moment(entry, booking), lambda: self._cancel(entry))
        elif fate.no_show:
            grace = self.setting.policy.no_show_grace_minutes * 60
            self._at(booking.start * GRAIN_SECONDS + grace, lambda: self._miss(entry))

    def _at(self, second: int, action: Callable[[], None]) -> None:
        event = self.env.timeout(max(0, second - self.env.now))
        event.callbacks.append(lambda _: action())

    def _cancel_moment(self, entry: Entry, booking: Booking) -> int:
        """Late: inside the rule's free-cancel limit; else between now and that limit."""
        start = booking.start * GRAIN_SECONDS
        rule = self.setting.catalogue.rules[booking.rule]
        limit = max(int(self.env.now), start - rule.free_cancel_until_hours * HOUR_SECONDS)
        low, high = (limit, start) if entry.wish.fate.late else (int(self.env.now), limit)
        return low + int(entry.wish.fate.moment * (high - low))

    def _cancel(self, entry: Entry) -> None:
        now = self.now
        booking = self.diary.booking(_granted(entry).id)
        entry.late = is_late_cancel(booking, self.setting.catalogue.rules[booking.rule], now)
        entry.booking = self.diary.cancel(booking.id, now)
        self._serve()

    def _miss(self, entry: Entry) -> None:
        entry.booking = self.diary.no_show(_granted(entry).id, self.now)
        self._serve()

    # -- the calendar ------------------------------------------------------------------------

    def _weeks(self) -> Process:
        """Once a week the horizon moves on: old days are forgotten, standing services written."""
        setting = self.setting
        day = setting.first_day
        while (day := day + timedelta(days=STRIDE_DAYS)) < setting.last_day:
            yield self._until(local_midnight(day, setting.zone))
            self.diary.forget_before(local_midnight(day - timedelta(days=1), setting.zone))
            setting.extend(self.ledger, day)
            self._forget_who_waited_in_vain()
            self.diary.catch_up(self.now)
            self._serve()

    def _forget_who_waited_in_vain(self) -> None:
        for name in [each for each in self._waiting if each not in self.diary.entries]:
            del self._waiting[name]

    def _mondays(self) -> Process:
        """On Mondays at noon: how long would a newcomer wait?"""
        setting = self.setting
        if not setting.measures("first_slot"):
            return
        for day in _mondays(setting.measured_from, setting.last_day):
            yield self._until(local_midnight(day, setting.zone) + NOON)
            self.log.first_slots += sample(setting.profile, self.ledger, self.now)

    def _until(self, grain: int) -> simpy.Event:
        return self.env.timeout(max(0, grain * GRAIN_SECONDS - self.env.now))


def _granted(entry: Entry) -> Booking:
    """The booking of an entry that has one."""
    if entry.booking is None:
        raise ValueError("the entry was never granted")
    return entry.booking


def _mondays(first: date, end: date) -> Iterator[date]:
    day = first + timedelta(days=-first.weekday() % 7)
    while day < end:
        yield day
        day += timedelta(days=7)


def simulate(setting: Setting, replication: int) -> Log:
    """One replication from its draws to its log."""
    streams = Streams(setting.seed, replication)
    return Province(setting).run(setting.wishes(streams))
