"""Key figures of sessions: one formula each, over flat records of what was asked and granted.

History and simulation fill the same records, so a figure means the same in a report and in a
what-if. The share of nothing is None. The other half of the key figures, over use, is `load`.
"""

import math
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from testbed.domain.grid import GRAINS_PER_HOUR
from testbed.domain.load import grouped, share


@dataclass(frozen=True, slots=True)
class Session:
    """One session that was asked for, and what became of it.

    Times and lengths are grains, but `wanted_min`, the wished length before any rounding. `request`
    is shared by the sessions of one series. `late` marks a cancellation inside the rule's
    free-cancel limit, `waited` one that joined the waitlist, `promoted` one that was granted from
    there, `binding` the constraint that refused it (`allocator.binding_constraint`).
    """

    request: str
    organisation: str
    organisation_type: str
    test_kind: str
    submitted: int
    wanted_start: int
    wanted_min: int
    city: str | None = None
    clipped: bool = False
    granted: bool = False
    start: int = 0
    booked: int = 0
    granted_city: str | None = None
    binding: str | None = None
    cancelled: bool = False
    late: bool = False
    no_show: bool = False
    waited: bool = False
    promoted: bool = False
    fee_krw: int = 0


Sessions = Sequence[Session]


def percentile(values: Iterable[float], level: float) -> float | None:
    """The smallest value that at least the share `level` of the values does not exceed.

    Infinity stands for "never" and is answered as None.
    """
    ordered = sorted(values)
    if not ordered:
        return None
    found = ordered[max(0, math.ceil(level * len(ordered)) - 1)]
    return None if math.isinf(found) else found


# -- what became of the sessions -------------------------------------------------------------


def _granted(sessions: Sessions) -> list[Session]:
    return [each for each in sessions if each.granted]


def _wanted_hours(sessions: Iterable[Session]) -> float:
    return sum(each.wanted_min for each in sessions) / 60


def _shifts(sessions: Sessions) -> list[float]:
    return [abs(each.start - each.wanted_start) / GRAINS_PER_HOUR for each in _granted(sessions)]


def _fraction(sessions: Iterable[Session], test: Callable[[Session], bool]) -> float | None:
    answers = [test(each) for each in sessions]
    return share(sum(answers), len(answers))


def acceptance(sessions: Sessions) -> float | None:
    """Sessions granted, of the sessions asked for."""
    return _fraction(sessions, lambda each: each.granted)


def acceptance_hours(sessions: Sessions) -> float | None:
    """The same, each session weighted by its wished, unrounded hours."""
    return share(_wanted_hours(_granted(sessions)), _wanted_hours(sessions))


def requests_full_share(sessions: Sessions) -> float | None:
    """Requests of which every session was granted."""
    requests = grouped(sessions, lambda each: each.request).values()
    return share(sum(all(each.granted for each in series) for series in requests), len(requests))


def clipped_share(sessions: Sessions) -> float | None:
    """Sessions whose wished start had to be moved into the lead bounds."""
    return _fraction(sessions, lambda each: each.clipped)


def shifted_share(sessions: Sessions) -> float | None:
    """Granted sessions that start at another time than wished."""
    return _fraction(_granted(sessions), lambda each: each.start != each.wanted_start)


def spillover_share(sessions: Sessions) -> float | None:
    """Granted sessions with a preferred city that are in another one."""
    placed = (each for each in _granted(sessions) if each.city is not None)
    return _fraction(placed, lambda each: each.granted_city != each.city)


def cancelled_share(sessions: Sessions) -> float | None:
    """Granted sessions that were cancelled afterwards."""
    return _fraction(_granted(sessions), lambda each: each.cancelled)


def no_show_share(sessions: Sessions) -> float | None:
    """Granted sessions that nobody turned up for."""
    return _fraction(_granted(sessions), lambda each: each.no_show)


def waitlisted_share(sessions: Sessions) -> float | None:
    """Sessions that joined the waitlist, of the sessions asked for."""
    return _fraction(sessions, lambda each: each.waited)


def promoted_share(sessions: Sessions) -> float | None:
    """Sessions granted later, of those that joined the waitlist."""
    return _fraction([each for each in sessions if each.waited], lambda each: each.promoted)


def lost_hours(sessions: Sessions) -> float:
    """Booked hours of no-shows and of late cancellations: too late for others to plan with."""
    wasted = sum(each.booked for each in sessions if each.no_show or each.late)
    return wasted / GRAINS_PER_HOUR


def gini(sessions: Sessions) -> float | None:
    """Inequality over organisations of their accepted share of hours; 0 when all fare alike."""
    groups = grouped(sessions, lambda each: each.organisation).values()
    shares = sorted(acceptance_hours(group) or 0.0 for group in groups)
    count, total = len(shares), sum(shares)
    ranked = sum(rank * value for rank, value in enumerate(shares, 1))
    return 2 * ranked / (count * total) - (count + 1) / count if total else None


def fees_krw(sessions: Sessions) -> int:
    """Fees of the granted sessions that were not cancelled."""
    return sum(each.fee_krw for each in sessions if each.granted and not each.cancelled)


@dataclass(frozen=True, slots=True)
class Kpi:
    """A key figure over sessions: its name in results, its unit and its one formula."""

    name: str
    unit: str
    formula: Callable[[Sessions], float | None]


SESSION_KPIS = (
    Kpi("requests", "requests", lambda all_: len({each.request for each in all_})),
    Kpi("sessions", "sessions", len),
    Kpi("wanted_hours", "hours", _wanted_hours),
    Kpi("granted_sessions", "sessions", lambda all_: len(_granted(all_))),
    Kpi("granted_hours", "hours", lambda all_: _wanted_hours(_granted(all_))),
    Kpi("acceptance", "share of sessions", acceptance),
    Kpi("acceptance_hours", "share of hours", acceptance_hours),
    Kpi("requests_full_share", "share of requests", requests_full_share),
    Kpi("clipped_share", "share of sessions", clipped_share),
    Kpi("shifted_share", "share of granted", shifted_share),
    Kpi("shift_hours_p50", "hours", lambda all_: percentile(_shifts(all_), 0.5)),
    Kpi("shift_hours_p90", "hours", lambda all_: percentile(_shifts(all_), 0.9)),
    Kpi("spillover_share", "share of granted", spillover_share),
    Kpi("cancelled_share", "share of granted", cancelled_share),
    Kpi("no_show_share", "share of granted", no_show_share),
    Kpi("waitlisted_share", "share of sessions", waitlisted_share),
    Kpi("promoted_share", "share of waitlisted", promoted_share),
    Kpi("lost_hours", "hours", lost_hours),
    Kpi("gini", "0 to 1", gini),
    Kpi("fees_krw", "KRW", fees_krw),
)
GROUP_KPIS = tuple(
    kpi for kpi in SESSION_KPIS if kpi.name in {"sessions", "acceptance", "acceptance_hours"}
)


def refusals(sessions: Sessions) -> dict[str, float]:
    """Refused sessions by binding constraint, as shares of all sessions."""
    counts = Counter(each.binding for each in sessions if each.binding is not None)
    return {name: count / len(sessions) for name, count in counts.items()}


def flows(
    sessions: Sessions, place: Callable[[str], str], weight: Callable[[Session], float]
) -> dict[tuple[str, str], float]:
    """Granted weight from the place of the preferred city to the place of the granted one."""
    totals: dict[tuple[str, str], float] = defaultdict(float)
    for each in _granted(sessions):
        if each.city is not None and each.granted_city is not None:
            totals[place(each.city), place(each.granted_city)] += weight(each)
    return dict(totals)


def spillover(sessions: Sessions) -> dict[tuple[str, str], float]:
    """Granted sessions from preferred city to granted city."""
    return flows(sessions, lambda city: city, lambda _: 1)


def linkage(sessions: Sessions, clusters: Mapping[str, str]) -> dict[tuple[str, str], float]:
    """Granted wished hours from the cluster of the preferred city to that of the granted one."""
    return flows(sessions, lambda city: clusters[city], lambda each: each.wanted_min / 60)


# -- the first free slot ---------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class FirstSlot:
    """How long a newcomer would wait, sampled at one moment for one test kind.

    Days to the first slot and to the third one after two others took theirs; infinity: no slot
    within the horizon.
    """

    test_kind: str
    days: float
    third_days: float


def first_slots(samples: Sequence[FirstSlot]) -> dict[str, float | None]:
    """Percentiles of the days to the first and to the third next slot."""
    first, third = [each.days for each in samples], [each.third_days for each in samples]
    return {
        "first_slot_days_p50": percentile(first, 0.5),
        "first_slot_days_p90": percentile(first, 0.9),
        "third_slot_days_p50": percentile(third, 0.5),
        "third_slot_days_p90": percentile(third, 0.9),
    }
