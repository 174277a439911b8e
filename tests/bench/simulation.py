"""Speed of the simulation: CPU for a year, and beside the yardstick on the same requests."""

import statistics
from collections.abc import Iterable, Iterator

from sim.model import simulate
from testbed.domain.diary import Diary
from testbed.domain.grid import GRAINS_PER_DAY
from testbed.domain.ledger import Ledger
from testbed.domain.requests import Granted, Request
from tests.bench import workload, yardstick
from tests.bench.measure import RUNS, Figure, cpu_seconds, median_of
from tests.bench.yardstick import Answer

YEAR = 365
YARDSTICK_DAYS = 45
AHEAD_DAYS = 200


def ledger_without_services(days: int) -> Ledger:
    """An empty calendar of the packaged catalogue that reaches past every request of the days."""
    made = workload.setting(days)
    end = made.begin + (days + AHEAD_DAYS) * GRAINS_PER_DAY
    return Ledger(made.catalogue, workload.plain(made.policy), made.begin, end)


def answers_of_the_diary(diary: Diary, requests: Iterable[Request]) -> dict[str, Answer]:
    """What the product decides, in the yardstick's words."""
    answers: dict[str, Answer] = {}
    for request in requests:
        decision = diary.submit(request, request.submitted_at, request.id)
        answers[request.id] = None
        if isinstance(decision, Granted):
            diary.confirm(request.id, request.submitted_at)
            answers[request.id] = decision.offer.start, decision.offer.way.resources
    return answers


def figures() -> Iterator[Figure]:
    """The rows of the simulation."""
    yield _year(frozenset(), "simulated year (365 days), all but the costly measurements")
    yield _year(
        frozenset({"binding", "first_slot"}), "the same with binding constraints and first slots"
    )
    yield _beside_the_yardstick()


def _year(measure: frozenset[str], what: str) -> Figure:
    made = workload.setting(YEAR, measure)
    seconds = median_of(lambda: simulate(made, 0))
    return Figure(f"{what}, CPU", f"{seconds:.2f} s", "≤ 2 s", seconds <= 2)


def _beside_the_yardstick() -> Figure:
    asked = list(workload.requests(YARDSTICK_DAYS))
    ratios = []
    for _ in range(RUNS):
        ledger = ledger_without_services(YARDSTICK_DAYS)
        bounds = ledger.base, ledger.bookable_until
        theirs = cpu_seconds(
            lambda o=ledger, b=bounds: yardstick.run(asked, o.catalogue, o.policy, *b)
        )
        ours = cpu_seconds(lambda o=ledger: answers_of_the_diary(Diary(o), asked))
        ratios.append(theirs / ours)
    ratio = statistics.median(ratios)
    what = f"the same decisions by the idiomatic SimPy program, {len(asked)} requests: CPU ratio"
    return Figure(what, f"{ratio:.1f} ×", "≥ 5 ×", ratio >= 5)
