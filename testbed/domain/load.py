"""Key figures of use: how much of what is open is booked, and how much is taken up by it.

The other half of the key figures, over sessions, is `kpi`. The share of nothing is None.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from itertools import accumulate, compress
from typing import TypeVar

from testbed.domain.grid import local_moment

Key = TypeVar("Key", bound=Hashable)
Record = TypeVar("Record")
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def share(part: float, whole: float) -> float | None:
    """`part` of `whole`, or None where there is no whole."""
    return part / whole if whole else None


def grouped(records: Iterable[Record], key: Callable[[Record], Key]) -> dict[Key, list[Record]]:
    """Records by key, in the order of the keys' first appearance."""
    groups: dict[Key, list[Record]] = defaultdict(list)
    for record in records:
        groups[key(record)].append(record)
    return dict(groups)


class Part(StrEnum):
    """What a piece of use is: the booked slot, set-up and clean-up round it, or a block."""

    BOOKED = "booked"
    AROUND = "around"
    BLOCK = "block"


@dataclass(frozen=True, slots=True)
class Use:
    """Units of one pool over [start, end) in grains.

    A booked slot ends where it was released; the units of a block do not count.
    """

    pool: str
    part: Part
    units: int
    start: int
    end: int


class OpenHours:
    """Which grains of the measured window [start, end) are open."""

    def __init__(self, start: int, end: int, intervals: Iterable[tuple[int, int]]) -> None:
        self.start, self.end = start, end
        self.flags = bytearray(end - start)
        for opens, closes in intervals:
            low, high = self._clip(opens), self._clip(closes)
            self.flags[low:high] = b"\1" * (high - low)
        self._before = [0, *accumulate(self.flags)]
        self._cells: dict[str, Counter[int]] = {}

    def _clip(self, grain: int) -> int:
        return min(max(grain, self.start), self.end) - self.start

    def between(self, start: int, end: int) -> int:
        """Open grains of [start, end), inside the window."""
        return self._before[self._clip(end)] - self._before[self._clip(start)]

    def inside(self, start: int, end: int) -> int:
        """Grains of [start, end) inside the window, open or not."""
        return self._clip(end) - self._clip(start)

    @property
    def total(self) -> int:
        """Open grains of the window."""
        return self._before[-1]

    def open_cells(self, start: int, end: int, zone: str) -> bytes:
        """The cell of the week of every open grain of [start, end)."""
        low, high = self._clip(start), self._clip(end)
        cells = _week_cells(self.start, self.end, zone)
        return bytes(compress(cells[low:high], self.flags[low:high]))

    def by_cell(self, zone: str) -> Counter[int]:
        """Open grains by cell of the week; counted once, as many pools share a calendar."""
        if zone not in self._cells:
            self._cells[zone] = Counter(self.open_cells(self.start, self.end, zone))
        return self._cells[zone]


@dataclass(frozen=True, slots=True)
class MeasuredPool:
    """A pool whose use is measured; a corridor (`resource` False) is listed but never summed."""

    id: str
    capacity: int
    kind: str
    city: str
    zone: str
    hours: OpenHours
    resource: bool = True


@dataclass(frozen=True, slots=True)
class Load:
    """Unit-grains: booked inside open hours, added by set-up, clean-up and blocks, and on offer."""

    booked: int
    added: int
    offered: int

    @property
    def utilisation(self) -> float | None:
        """Booked unit-grains inside open hours, of those on offer."""
        return share(self.booked, self.offered)

    @property
    def occupancy(self) -> float | None:
        """The same with set-up, clean-up and blocks, which may lie outside hours: can exceed 1."""
        return share(self.booked + self.added, self.offered)


def load(pool: MeasuredPool, uses: Sequence[Use]) -> Load:
    """What the uses of one pool make of its open unit-grains."""
    hours = pool.hours
    booked = sum(
        use.units * hours.between(use.start, use.end) for use in uses if use.part is Part.BOOKED
    )
    around = sum(
        use.units * hours.inside(use.start, use.end) for use in uses if use.part is Part.AROUND
    )
    blocks = _union((use.start, use.end) for use in uses if use.part is Part.BLOCK)
    blocked = sum(hours.inside(start, end) for start, end in blocks)
    return Load(booked, around + pool.capacity * blocked, pool.capacity * hours.total)


def _union(intervals: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    merged: list[tuple[int, int]] = []
    for start, end in sorted(intervals):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


def loads(pools: Iterable[MeasuredPool], uses: Iterable[Use]) -> dict[str, Load]:
    """The load of every pool, by id."""
    by_pool = grouped(uses, lambda use: use.pool)
    return {pool.id: load(pool, by_pool.get(pool.id, [])) for pool in pools}


def loads_by(
    pools: Sequence[MeasuredPool], measured: Mapping[str, Load], key: Callable[[MeasuredPool], str]
) -> dict[str, Load]:
    """Loads of resources added up by kind, city or the like: an average by open unit-grains."""
    groups = grouped((pool for pool in pools if pool.resource), key)
    return {name: total(measured[pool.id] for pool in group) for name, group in groups.items()}


def total(several: Iterable[Load]) -> Load:
    """Several loads as one."""
    everything = tuple(several)
    return Load(
        sum(each.booked for each in everything),
        sum(each.added for each in everything),
        sum(each.offered for each in everything),
    )


def utilisation_by_hour(
    pools: Sequence[MeasuredPool], uses: Iterable[Use]
) -> dict[str, float | None]:
    """Utilisation of all resources by weekday and hour of the wall clock ("mon 09")."""
    offered: Counter[int] = Counter()
    booked: Counter[int] = Counter()
    by_pool = grouped((use for use in uses if use.part is Part.BOOKED), lambda use: use.pool)
    for pool in (each for each in pools if each.resource):
        for cell, grains in pool.hours.by_cell(pool.zone).items():
            offered[cell] += pool.capacity * grains
        for use in by_pool.get(pool.id, ()):
            for cell in pool.hours.open_cells(use.start, use.end, pool.zone):
                booked[cell] += use.units
    return {_cell_name(cell): share(booked[cell], offered[cell]) for cell in range(7 * 24)}


def _cell_name(cell: int) -> str:
    return f"{DAYS[cell // 24]} {cell % 24:02}"


@lru_cache(maxsize=16)
def _week_cells(start: int, end: int, zone: str) -> bytes:
    """The cell (weekday x 24 + hour, wall clock) of every grain of [start, end)."""
    moments = (local_moment(grain, zone) for grain in range(start, end))
    return bytes(moment.weekday() * 24 + moment.hour for moment in moments)
