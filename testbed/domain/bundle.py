"""Which resources meet the other needs of a bundle together, where the cheapest of each do not."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from testbed.domain.fit import Fit
from testbed.domain.requests import ClaimKind

MOST_TRIES = 20_000

Chosen = tuple[Fit, ...]


@dataclass(slots=True)
class Tries:
    """How many choices a search may still try; the same count on every machine."""

    left: int = MOST_TRIES

    def spend(self) -> bool:
        """Whether there was one more; it is then used up."""
        if not self.left:
            return False
        self.left -= 1
        return True


class Bundle:
    """One start of a bundle: the fits that each other need has there, cheapest first.

    `together` tells whether a choice (the main fit first, then fits in the order of the needs) has
    room. Needs are placed one after the other, and a placing that has no room already ends there;
    what blocks a route goes first, since a later use of that route changes the block into use.
    """

    def __init__(
        self,
        main: Fit,
        options: Sequence[Sequence[Fit]],
        together: Callable[[Chosen], bool],
        tries: Tries,
    ) -> None:
        self.main = main
        self.options = options
        self.together = together
        self.tries = tries
        self.order = sorted(range(len(options)), key=lambda need: not _blocks(options[need]))
        self.least = [self._least_from(depth) for depth in range(len(options) + 1)]
        self.best: tuple[int, tuple[str, ...], Chosen] | None = None

    def cheapest(self) -> Chosen | None:
        """The cheapest choice with room (ties by resource ids), main fit first, or None.

        None also where the search has used up its tries.
        """
        self._place(0, {}, 0)
        return self.best[2] if self.best else None

    def _least_from(self, depth: int) -> int:
        return sum(self.options[need][0].fixed_cost for need in self.order[depth:])

    def _place(self, depth: int, placed: dict[int, Fit], cost: int) -> None:
        if depth == len(self.order):
            self._keep(placed, cost)
            return
        need = self.order[depth]
        for fit in self.options[need]:
            total = cost + fit.fixed_cost
            if self._too_dear(total + self.least[depth + 1]) or not self.tries.spend():
                return
            placed[need] = fit
            if self.together(self._chosen(placed)):
                self._place(depth + 1, placed, total)
            del placed[need]

    def _too_dear(self, bound: int) -> bool:
        return self.best is not None and bound > self.best[0]

    def _keep(self, placed: dict[int, Fit], cost: int) -> None:
        chosen = self._chosen(placed)
        ranked = cost, tuple(fit.resource.id for fit in chosen), chosen
        if self.best is None or ranked[:2] < self.best[:2]:
            self.best = ranked

    def _chosen(self, placed: dict[int, Fit]) -> Chosen:
        return self.main, *(placed[need] for need in sorted(placed))


def _blocks(fits: Sequence[Fit]) -> bool:
    return any(demand.kind is ClaimKind.BLOCK for fit in fits for demand in fit.demands)
