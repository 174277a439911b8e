"""Changes of the schedule, whichever process made them: what live pages wait for."""

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass

from testbed.persistence import changes, convert
from testbed.service.context import Context

# PostgreSQL numbers audit rows before they are committed: one may appear after a later one.
LATE_SECONDS = 30
LATE_ROWS = 200


@dataclass(frozen=True, slots=True)
class Change:
    """What everybody may know of changes: the revision reached, and the resources and corridors.

    `resources` is None where the catalogue itself is another.
    """

    revision: int
    resources: frozenset[str] | None

    def joined(self, later: "Change") -> "Change":
        """Both changes as one."""
        revision = max(self.revision, later.revision)
        if self.resources is None or later.resources is None:
            return Change(revision, None)
        return Change(revision, self.resources | later.resources)


def revision(ctx: Context) -> int:
    """A number that grows with every change of the schedule, and with changes beside it."""
    with ctx.database.reading() as connection:
        return changes.latest(connection)


class Watch:
    """Sees what has changed since it last looked, from the moment it was made on."""

    def __init__(self, ctx: Context) -> None:
        self._database = ctx.database
        with self._database.reading() as connection:
            self._revisions = changes.revisions(connection)
            self.revision = changes.latest(connection)
            self._floor = max(0, self.revision - LATE_ROWS)
            known = changes.notes_after(connection, self._floor)
        self._seen = {number for number, _, _ in known}
        # When (seconds of a steady clock) which number was the last.
        self._reached: deque[tuple[float, int]] = deque()

    def look(self, seconds: float) -> Change | None:
        """What changed since the last look, None for nothing; `seconds` is of a steady clock."""
        with self._database.reading() as connection:
            if changes.count_after(connection, self._floor) == len(self._seen):
                return None
            notes = changes.notes_after(connection, self._floor)
            pools = changes.revisions(connection)
        fresh = [note for note in notes if note[0] not in self._seen]
        touched = frozenset(name for name in pools if pools[name] != self._revisions.get(name))
        self._revisions = pools
        self._remember(seconds, [number for number, _, _ in fresh])
        return _change(self.revision, touched, fresh)

    def _remember(self, seconds: float, numbers: list[int]) -> None:
        """Let go of the rows before which none can appear any more."""
        self._seen.update(numbers)
        self.revision = max(self.revision, *numbers)
        self._reached.append((seconds, self.revision))
        while self._reached[0][0] < seconds - LATE_SECONDS:
            _, self._floor = self._reached.popleft()
        self._seen = {number for number in self._seen if number > self._floor}


def _change(
    revision: int, touched: frozenset[str], notes: Iterable[tuple[int, str, str]]
) -> Change | None:
    """The change behind new audit rows; None where none of them is about the schedule."""
    told = [note for note in notes if _is_of_schedule(note[1])]
    if any(action == "catalogue.imported" for _, action, _ in told):
        return Change(revision, None)
    stood = (_places(document) for _, action, document in told if _is_of_booking(action))
    resources = touched.union(*stood)
    return Change(revision, resources) if resources else None


def _is_of_schedule(action: str) -> bool:
    return _is_of_booking(action) or action in changes.ABOUT_PLACES


def _is_of_booking(action: str) -> bool:
    return action.startswith(changes.ABOUT_BOOKINGS)


def _places(document: str) -> frozenset[str]:
    """Where a booking stands after a change; where it stood before, its pools tell."""
    return frozenset(line[0] for line in convert.load(document).get("lines", ()))
