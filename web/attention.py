"""What waits for whoever is signed in: one line per matter on the first page, in this order."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from testbed.domain.parties import Member


@dataclass(frozen=True, slots=True)
class Line:
    """A sentence, where it is seen to, and whether it is pressing."""

    said: str
    address: str
    link: str
    is_pressing: bool = False


# Each looks at the member and yields what waits for them.
MATTERS: tuple[Callable[[Member], Iterator[Line]], ...] = ()


def for_member(member: Member) -> list[Line]:
    """Everything that waits, the pressing first."""
    lines = [line for matter in MATTERS for line in matter(member)]
    return sorted(lines, key=lambda line: not line.is_pressing)
