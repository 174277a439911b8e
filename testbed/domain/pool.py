"""One pool as bitsets: which grains have at least so many units used, blocked or closed."""

from testbed.domain import bitset
from testbed.domain.requests import ClaimKind


class Pool:
    """Thermometer levels of one pool over the ledger's horizon.

    `used` has one level per unit of capacity; blocks and closures grow levels as needed, since any
    number of them may lie over one another.
    """

    __slots__ = ("blocked", "capacity", "closed", "used")

    def __init__(self, capacity: int) -> None:
        self.capacity = capacity
        self.used = [0] * capacity
        self.blocked: list[int] = []
        self.closed: list[int] = []

    def levels(self, kind: ClaimKind) -> list[int]:
        """The levels that claims of this kind count in."""
        if kind is ClaimKind.USE:
            return self.used
        return self.blocked if kind is ClaimKind.BLOCK else self.closed

    def taken(self, units: int) -> int:
        """The grains at which `units` more would not fit."""
        if units > self.capacity:
            return -1
        taken = self.used[self.capacity - units]
        for closed, bits in enumerate(self.closed, 1):
            left = self.capacity - closed - units
            if left < 0:
                return taken | bits
            taken |= bits & self.used[left]
        return taken

    def refuses(self, units: int) -> int:
        """The grains at which a use of `units` is refused: too little left, or blocked."""
        taken = self.taken(units)
        return taken | self.blocked[0] if self.blocked else taken

    def add(self, kind: ClaimKind, mask: int, units: int) -> None:
        """Count a claim in; blocks and closures get the levels they need."""
        levels = self.levels(kind)
        if kind is not ClaimKind.USE:
            levels.extend([0] * units)
        bitset.add(levels, mask, units)
        self._trim(levels)

    def remove(self, kind: ClaimKind, mask: int, units: int) -> int:
        """Count a claim out; returns the grains at which there was nothing to remove."""
        levels = self.levels(kind)
        missing = bitset.remove(levels, mask, units)
        self._trim(levels)
        return missing

    def _trim(self, levels: list[int]) -> None:
        while levels is not self.used and levels and not levels[-1]:
            levels.pop()

    def shift(self, grains: int) -> None:
        """Forget the first grains of the horizon."""
        for levels in (self.used, self.blocked, self.closed):
            levels[:] = [bits >> grains for bits in levels]
            self._trim(levels)

    def copy(self) -> "Pool":
        """An independent copy."""
        twin = Pool(self.capacity)
        twin.used, twin.blocked, twin.closed = self.used[:], self.blocked[:], self.closed[:]
        return twin
