"""Options in their order, and which of them the intervals cannot tell apart."""

from dataclasses import dataclass

from web.languages import gettext
from web.planning.result import Difference, Known, Option
from web.planning.words import option_text


@dataclass(frozen=True, slots=True)
class Ranked:
    """An option in the ranking.

    `sure`: it differs from the scenario beyond doubt. `tied`: it cannot be told apart from the
    best, replication by replication; the best is tied with itself.
    """

    id: str
    name: str
    option: Option
    tied: bool

    @property
    def gain(self) -> Difference:
        """Wished hours gained a year."""
        return self.option.hours_per_year

    @property
    def sure(self) -> bool:
        """Whether the interval leaves no doubt about the sign of the gain."""
        return self.gain.told_apart

    @property
    def verdict(self) -> str:
        """The interval in words."""
        if not self.sure:
            return gettext("cannot be told apart from the scenario")
        return gettext("gains") if (self.gain.mean or 0) > 0 else gettext("loses")


def ranked(run: Known) -> list[Ranked]:
    """The options of a run, the largest gain first."""
    comparison = run.study.comparison if run.study else None
    if comparison is None:
        return []
    known = {
        name: option
        for name, option in comparison.options.items()
        if option.hours_per_year.mean is not None
    }
    order = sorted(known.items(), key=lambda each: (-(each[1].hours_per_year.mean or 0), each[0]))
    if not order:
        return []
    behind = comparison.behind_best
    return [
        Ranked(name, option_text(name), option, name not in behind or not behind[name].told_apart)
        for name, option in order
    ]
