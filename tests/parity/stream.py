"""A serial random stream of steps, applied to a diary in memory or to the service."""

import random
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import func, select

from testbed.domain.bookings import Booking, State, is_missed
from testbed.domain.catalogue import Mode
from testbed.domain.closures import Closure, Kind
from testbed.domain.diary import Diary
from testbed.domain.errors import DomainError
from testbed.domain.grid import GRAINS_PER_DAY, Slot, ceil_grain, floor_grain, grains_in
from testbed.domain.requests import Decision, Granted, Need, Request
from testbed.domain.waitlist import Waiting
from testbed.persistence import convert
from testbed.persistence.calendar import KEPT_DAYS
from testbed.persistence.tables import audit
from testbed.service import (
    bookings,
    closures,
    handovers,
    lengths,
    no_shows,
    requests,
    visits,
    waitlist,
)
from testbed.service.actors import SYSTEM
from testbed.service.closures import Order
from testbed.service.context import Context, random_id
from tests.catalogues import NOW, ORGANISATIONS, at, facility, route, wish

VERBS = (
    "submit",
    "submit",
    "submit",
    "confirm",
    "confirm",
    "cancel",
    "cancel",
    "move",
    "expire",
    "withdraw",
    "catch up",
)
# A stream of the day: visits, and closures that strike bookings; in it nobody waits.
DAY_VERBS = (*VERBS[:8], "confirm", "check in", "check out", "close", "reopen", "reopen")
# A stream of what organisations do with one another; org-a and org-b are kept apart in it.
TOGETHER_VERBS = (
    *VERBS[:8],
    "confirm",
    "confirm",
    "check in",
    *("shorten", "shorten", "extend", "extend", "hand over", "hand over"),
)
APART = {"org-a": frozenset({"org-b"})}
WHY = "drill"
# Rules that a wish sets aside, by its number modulo 5.
ASIDE = {3: ("closed_hours",), 4: ("lead_too_long", "open_hours")}
CLOSABLE = ("rt-a1", "rt-s", "fc-rain", "fc-open", "fc-bays")
CLOSED_MINUTES = (60, 6 * 60, 5 * 24 * 60, None)


@dataclass(frozen=True)
class Step:
    """One step at a moment; `pick` chooses among the newest bookings, 0 the newest."""

    verb: str
    now: datetime
    request: Request
    pick: int
    booking: str = ""
    entry: str = ""
    closure: str = ""


def steps(seed: int, length: int, verbs: Sequence[str] = VERBS) -> Iterator[Step]:
    """A stream in which time goes on: minutes mostly, now and then a day."""
    chance = random.Random(seed)
    now = NOW
    for number in range(length):
        now += timedelta(seconds=chance.choice((1, 30, 120, 300, 900)))
        if chance.random() < 0.02:
            now += timedelta(days=1)
        verb = chance.choice(verbs)
        asked = _wish(chance, now, number)
        # Lengths and hand-overs draw ids of their own, so that offers would be numbered otherwise.
        request = replace(asked, wait=False) if verbs is TOGETHER_VERBS else asked
        yield Step(verb, now, request, chance.randrange(6))


def _wish(chance: random.Random, now: datetime, number: int) -> Request:
    """Half of them crowd on one day and two places, so that some have to wait."""
    if chance.random() < 0.5:
        return _crowded(chance, now, number)
    asked = wish(
        *_needs(chance),
        start=at(9, now.date() + timedelta(days=chance.choice((0, 2, 3, 3, 3, 3, 3, 4, 40))))
        + chance.randrange(32),
        hours=chance.choice((1, 1.5, 2, 3, 4.25)),
        slack=chance.choice((0, 0, 0, 8, 96)),
        organisation=chance.choice(ORGANISATIONS),
        now=now,
        name=f"r{number}",
    )
    return replace(
        asked,
        city=chance.choice((None, "ansan", "suwon")),
        other_city=chance.random() < 0.8,
        wait=chance.random() < 0.6,
        partial=chance.random() < 0.5,
        override=ASIDE.get(number % 5, ()),
    )


def _crowded(chance: random.Random, now: datetime, number: int) -> Request:
    asked = wish(
        chance.choice((route("rt-s", mode=Mode.EXCLUSIVE), facility("fc-bays", units=3))),
        *chance.choice(((), (), (facility("fc-van"),))),
        start=at(9, now.date() + timedelta(days=3)) + chance.randrange(12),
        hours=chance.choice((2, 3, 4)),
        slack=chance.choice((0, 4)),
        organisation=chance.choice(ORGANISATIONS),
        now=now,
        name=f"r{number}",
    )
    return replace(asked, wait=chance.random() < 0.8, partial=chance.random() < 0.5)


def _needs(chance: random.Random) -> Iterator[Need]:
    mode = chance.choice((Mode.SHARED, Mode.SHARED, Mode.SHARED, Mode.EXCLUSIVE, Mode.WHOLE_SITE))
    name = chance.choice((None, "rt-a1", "rt-a2", "rt-s", "rt-bus"))
    yield chance.choice(
        (
            route(name, vehicles=chance.randint(1, 3), mode=mode),
            facility("fc-rain"),
            facility("fc-open", units=chance.randint(1, 6)),
        )
    )
    if chance.random() < 0.4:
        yield facility("fc-bays", units=chance.randint(1, 3), offset=chance.choice((0, -2, 4)))
    if chance.random() < 0.2:
        yield facility("fc-van")


# -- who applies a step ----------------------------------------------------------------------

Apply = Callable[[Step], object]


def aimed(step: Step, diary: Diary) -> Step:
    """The step with the booking and the waiting request that it is about, before time moves on."""
    made, waits = list(diary.bookings), sorted(waiting(diary))
    booking = made[max(0, len(made) - 1 - step.pick)] if made else ""
    shut = list(diary.closed(step.now))
    return replace(
        step,
        booking=booking,
        entry=waits[-1 - step.pick % len(waits)] if waits else "",
        closure=shut[step.pick % len(shut)] if shut else "",
    )


def in_memory(diary: Diary) -> Apply:
    """Applies steps to a diary."""

    def move(step: Step) -> object:
        booking = diary.booking(step.booking)
        asked = replace(step.request, organisation=booking.organisation)
        return _said(diary.move(booking.id, asked, step.now))

    def shorten(step: Step) -> object:
        slot = _part(diary.booking(step.booking), step)
        return _state(diary.shorten(step.booking, slot, "", step.now))

    def extend(step: Step) -> object:
        end = diary.booking(step.booking).end + 2 * step.pick
        return _said(diary.extend(step.booking, end, "", step.now))

    def hand_over(step: Step) -> object:
        return _said(diary.hand_over(step.booking, step.request.organisation, "", step.now))

    def expire(step: Step) -> object:
        diary.settle(step.now)
        return _state(diary.booking(step.booking))

    verbs: dict[str, Apply] = {
        "submit": lambda step: _said(diary.submit(step.request, step.now)),
        "move": move,
        "confirm": lambda step: _state(diary.confirm(step.booking, step.now)),
        "cancel": lambda step: _state(diary.cancel(step.booking, step.now)),
        "expire": expire,
        "withdraw": lambda step: diary.withdraw(step.entry, step.now).state.value,
        "catch up": lambda step: (diary.catch_up(step.now), "caught up")[1],
        "check in": lambda step: _state(diary.check_in(step.booking, step.now)),
        "check out": lambda step: _state(diary.check_out(step.booking, step.now)),
        "shorten": shorten,
        "extend": extend,
        "hand over": hand_over,
        "close": lambda step: _states(diary.close(_closure(diary, step))),
        "reopen": lambda step: _states(diary.reopen(step.closure, step.now)),
    }

    def apply(step: Step) -> object:
        today = floor_grain(step.now) // GRAINS_PER_DAY * GRAINS_PER_DAY
        diary.ledger.forget_before(today - KEPT_DAYS * GRAINS_PER_DAY)
        miss(diary, step.now)
        return _answer(verbs, step)

    return apply


def _part(booking: Booking, step: Step) -> Slot:
    """A part of the booking's slot, without its end or its beginning."""
    given_up = 2 * (1 + step.pick // 2)
    if step.pick % 2:
        return Slot(booking.start + given_up, booking.end)
    return Slot(booking.start, booking.end - given_up)


def miss(diary: Diary, now: datetime) -> None:
    """End the bookings that nobody came for."""
    grace = diary.ledger.policy.no_show_grace_minutes
    missed = [each.id for each in diary.bookings.values() if is_missed(each, grace, now)]
    diary.settle(now, missed)


def in_service(ctx: Context) -> Apply:
    """Applies steps to the service, whose new ids are b1, b2, …."""
    # These steps name requests and offers, which a diary does not keep.
    apart = replace(ctx, new_id=random_id)

    def move(step: Step) -> object:
        booking = bookings.get(ctx, step.booking, step.now, SYSTEM)
        asked = replace(step.request, organisation=booking.organisation)
        return _said(bookings.move(ctx, booking.id, asked, step.now, SYSTEM, why=WHY).decision)

    def shorten(step: Step) -> object:
        slot = _part(bookings.get(ctx, step.booking, step.now, SYSTEM), step)
        return _state(lengths.shorten(apart, step.booking, slot, step.now, SYSTEM))

    def extend(step: Step) -> object:
        end = bookings.get(ctx, step.booking, step.now, SYSTEM).end + 2 * step.pick
        return _said(lengths.extend(apart, step.booking, end, step.now, SYSTEM).decision)

    def hand_over(step: Step) -> object:
        receiver = step.request.organisation
        offered = handovers.offer(apart, step.booking, receiver, step.now, SYSTEM)
        taken = handovers.accept(apart, offered.id, step.now, SYSTEM)
        if not isinstance(taken.decision, Granted):
            handovers.withdraw(apart, offered.id, step.now, SYSTEM)
        return _said(taken.decision)

    def close(step: Step) -> object:
        struck = closures.stop(ctx, Order(*_order(step), "drill"), step.now, SYSTEM)
        return _states((*struck.ended, *struck.displaced))

    def expire(step: Step) -> object:
        bookings.release_expired(ctx, step.now)
        return _state(bookings.get(ctx, step.booking, step.now, SYSTEM))

    verbs: dict[str, Apply] = {
        "submit": lambda step: _said(
            requests.submit(ctx, step.request, step.now, SYSTEM, why=WHY).decision
        ),
        "move": move,
        "confirm": lambda step: _state(bookings.confirm(ctx, step.booking, step.now, SYSTEM)),
        "cancel": lambda step: _state(bookings.cancel(ctx, step.booking, step.now, SYSTEM)),
        "expire": expire,
        "withdraw": lambda step: waitlist.withdraw(ctx, step.entry, step.now, SYSTEM).state.value,
        "catch up": lambda step: (waitlist.catch_up(ctx, step.now), "caught up")[1],
        "check in": lambda step: _state(no_shows.check_in(ctx, step.booking, step.now, SYSTEM)),
        "check out": lambda step: _state(visits.check_out(ctx, step.booking, step.now, SYSTEM)),
        "shorten": shorten,
        "extend": extend,
        "hand over": hand_over,
        "close": close,
        "reopen": lambda step: _states(
            closures.reopen(ctx, step.closure, step.now, SYSTEM).restored
        ),
    }
    return lambda step: _answer(verbs, step)


def _answer(verbs: dict[str, Apply], step: Step) -> object:
    if not step.booking and step.verb != "submit":
        return "nothing to do it with"
    try:
        return verbs[step.verb](step)
    except DomainError as error:
        return _refusal(error)


def _refusal(error: DomainError) -> str:
    # Who comes after the release of a hold hears from the diary that the step is illegal, and from
    # the service, which knows why, that the hold ran out.
    if error.fields.get("state") == State.EXPIRED:
        return "hold_expired"
    return error.code


def _said(decision: Decision) -> str:
    return convert.dump(convert.decision_to_json(decision))


def _state(booking: Booking) -> tuple[str, str, bool]:
    return booking.id, booking.state.value, booking.late


def _states(found: Iterable[Booking]) -> tuple[str, str, tuple[tuple[str, str, bool], ...]]:
    """What a closure did to bookings, by their ids; "some" or "none" says it in a word."""
    states = tuple(sorted(_state(each) for each in found))
    return "", "some" if states else "none", states


def _order(step: Step) -> tuple[str, int | None]:
    """What is closed and for how long, drawn from the step's own number."""
    number = step.pick + len(step.request.id) + step.now.minute
    return CLOSABLE[number % len(CLOSABLE)], CLOSED_MINUTES[step.now.minute % len(CLOSED_MINUTES)]


def _closure(diary: Diary, step: Step) -> Closure:
    """The closure that the service makes of the same step."""
    target, minutes = _order(step)
    start = ceil_grain(step.now)
    end = None if minutes is None else start + grains_in(minutes)
    return Closure(diary.names(), Kind.STOP, target, (target,), start, end, "drill", step.now)


def kind_of(answer: object) -> str:
    """The decision's status, the booking's state or the error's code in an answer."""
    if isinstance(answer, tuple):
        return str(answer[1])
    text = str(answer)
    return str(convert.load(text)["status"]) if text.startswith("{") else text


def offers(ctx: Context) -> int:
    """How many bookings were held for those who wait."""
    made = select(func.count()).where(audit.c.action == "booking.offered")
    with ctx.database.reading() as connection:
        return connection.execute(made).scalar_one()


def waiting(diary: Diary) -> list[str]:
    """The ids of the requests that wait in memory."""
    return [each.id for each in diary.entries.values() if each.state is Waiting.WAITING]
