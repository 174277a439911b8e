"""The simulation is the service: one stream of steps, byte for byte the same decisions."""

from collections import Counter
from collections.abc import Sequence
from itertools import count

import pytest

from testbed.domain.bookings import Booking
from testbed.domain.catalogue_file import parse_catalogue
from testbed.domain.demand_file import parse_standing_services
from testbed.domain.diary import Diary
from testbed.domain.grid import GRAINS_PER_DAY, floor_grain
from testbed.domain.ledger import Ledger
from testbed.domain.policy import Policy
from testbed.domain.sharing import Wishes
from testbed.domain.standing import standing_claims
from testbed.persistence import catalogues
from testbed.persistence.calendar import KEPT_DAYS
from testbed.persistence.check import check
from testbed.persistence.engine import Database
from testbed.service import bookings
from testbed.service.actors import SYSTEM
from testbed.service.catalogue import import_documents
from testbed.service.context import Context, make_context
from testbed.service.standing import last_bookable_day
from testbed.service.wishes import Wishes as Wished
from testbed.service.wishes import save as save_wishes
from tests.catalogues import NOW, ORGANISATIONS, documents
from tests.parity.stream import (
    APART,
    DAY_VERBS,
    TOGETHER_VERBS,
    VERBS,
    aimed,
    in_memory,
    in_service,
    kind_of,
    miss,
    offers,
    steps,
)

# Few hours ahead, so that the limit is met. What booking again costs on the waitlist is counted
# from the service's history, which a diary does not keep.
POLICY = Policy(max_open_hours=24, rebook_points=0)
KIN = (*ORGANISATIONS, "org-op")  # all of one type


@pytest.fixture
def ctx(database: Database) -> Context:
    numbers = count(1)
    context = make_context(database, POLICY, lambda: f"b{next(numbers)}")
    import_documents(context, documents(), NOW, SYSTEM)
    return context


def a_diary(bookable_until: int) -> Diary:
    """A diary on the same catalogue, with the same standing services."""
    catalogue = parse_catalogue(documents())
    services = parse_standing_services(documents()["demand"], catalogue)
    base = floor_grain(NOW) // GRAINS_PER_DAY * GRAINS_PER_DAY - KEPT_DAYS * GRAINS_PER_DAY
    ledger = Ledger(catalogue, POLICY, base, bookable_until + GRAINS_PER_DAY, bookable_until)
    last = last_bookable_day(catalogue, POLICY, NOW)
    for _, claim in standing_claims(services, catalogue, NOW.date(), last):
        ledger.take([claim])
    numbers = count(1)
    return Diary(ledger, dict.fromkeys(ORGANISATIONS, ORGANISATIONS), lambda: f"b{next(numbers)}")


def compare(
    ctx: Context,
    seed: int,
    length: int,
    verbs: Sequence[str] = VERBS,
    wishes: Wishes | None = None,
) -> Counter[str]:
    """Apply one stream to both; how often each kind of answer came."""
    with ctx.database.reading() as connection:
        until = catalogues.standing_until(connection)
    assert until is not None
    diary = a_diary(until)
    diary.wishes = wishes or {}
    memory, service = in_memory(diary), in_service(ctx)
    seen: Counter[str] = Counter()
    for number, step in enumerate(steps(seed, length, verbs)):
        known = aimed(step, diary)
        here, there = memory(known), service(known)
        assert here == there, (number, known)
        seen[f"{step.verb} {kind_of(here)}"] += 1
    last = step.now
    kept = {each.id: each for each in bookings.listing(ctx, last, SYSTEM)}
    miss(diary, last)
    assert {name: _standing(each) for name, each in kept.items()} == {
        name: _standing(each) for name, each in diary.bookings.items()
    }
    assert check(ctx.database, last) == ()
    return seen


def _standing(booking: Booking) -> tuple[object, ...]:
    claims = booking.claims if booking.occupies else ()
    owned = booking.organisation, booking.forfeited
    stands = booking.state, booking.start, booking.end, booking.lines
    return *owned, *stands, claims, booking.expires_at


def test_a_short_stream_is_decided_alike(ctx: Context) -> None:
    seen = compare(ctx, seed=20260302, length=120)
    assert {
        "submit granted",
        "submit refused",
        "submit waitlisted",
        "confirm confirmed",
    } <= seen.keys()


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(4))
def test_long_streams_are_decided_alike(ctx: Context, seed: int) -> None:
    seen = compare(ctx, seed, length=500)
    everything = {
        *(f"submit {status}" for status in ("granted", "offered", "waitlisted", "refused")),
        *("move granted", "move hold_expired", "confirm confirmed", "confirm hold_expired"),
        *("cancel cancelled", "cancel illegal_transition", "expire expired"),
        *("withdraw withdrawn", "catch up caught up"),
    }
    assert everything <= seen.keys()
    assert offers(ctx) > 0


@pytest.mark.slow
@pytest.mark.parametrize("seed", [5, 6])
def test_streams_of_visits_and_closures_are_decided_alike(ctx: Context, seed: int) -> None:
    seen = compare(ctx, seed, length=400, verbs=DAY_VERBS)
    assert {"close some", "close none", "reopen some", "reopen none"} <= seen.keys()
    assert {"check in check_in_too_early", "check out illegal_transition"} <= seen.keys()


@pytest.mark.slow
@pytest.mark.parametrize("seed", [5, 8])
def test_streams_of_what_is_done_together_are_decided_alike(ctx: Context, seed: int) -> None:
    for organisation, rivals in APART.items():
        save_wishes(ctx, organisation, Wished(tuple(rivals)), NOW, SYSTEM)
    seen = compare(ctx, seed, length=500, verbs=TOGETHER_VERBS, wishes=APART)
    together = {
        *("shorten confirmed", "shorten length_not_offered", "shorten cannot_change_length"),
        *("extend granted", "hand over granted", "hand over already_yours"),
    }
    assert together <= seen.keys()
