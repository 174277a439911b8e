"""What a write transaction locks at its beginning: organisations, then pools, each in order."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Locks:
    """Ids of organisations and of pools."""

    organisations: frozenset[str] = frozenset()
    pools: frozenset[str] = frozenset()

    def __or__(self, other: "Locks") -> "Locks":
        return Locks(self.organisations | other.organisations, self.pools | other.pools)

    def covers(self, other: "Locks") -> bool:
        """Whether nothing of the other is missing here."""
        return self.organisations >= other.organisations and self.pools >= other.pools


class LocksMissing(Exception):
    """A transaction turned out to touch what it has not locked; it starts again with that."""

    def __init__(self, locks: Locks) -> None:
        super().__init__(locks)
        self.locks = locks
