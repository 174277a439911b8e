"""Rules that an operator may set aside for one wish: what the address says, and what is offered."""

from collections.abc import Iterable
from dataclasses import dataclass

from werkzeug.datastructures import MultiDict

from testbed.domain.catalogue import Catalogue
from testbed.domain.requests import Reason
from testbed.service.overrides import LONGEST_REASON
from web.labels import RULE_NAMES, label
from web.present import reason_texts
from web.wish_address import ASIDE, Pairs

CODES, REASON = ASIDE


@dataclass(frozen=True, slots=True)
class Aside:
    """A rule that says no, or is set aside already: its code, its name, and what it says."""

    code: str
    name: str
    sentences: tuple[str, ...]
    ticked: bool


def codes_of(typed: MultiDict[str, str], offered: frozenset[str]) -> tuple[str, ...]:
    """The codes that were ticked, as far as the reader may set them aside."""
    return tuple(sorted(offered.intersection(typed.getlist(CODES))))


def reason_of(typed: MultiDict[str, str]) -> str:
    """The reason as it was written."""
    return typed.get(REASON, "")[:LONGEST_REASON]


def without(pairs: Pairs) -> Pairs:
    """The address of the wish under all rules."""
    return [pair for pair in pairs if pair[0] not in ASIDE]


def asides(
    reasons: Iterable[Reason],
    ticked: tuple[str, ...],
    offered: frozenset[str],
    catalogue: Catalogue,
) -> list[Aside]:
    """The rules in the way that the reader may set aside, and those that are already."""
    by_code: dict[str, list[Reason]] = {code: [] for code in ticked}
    for each in reasons:
        if each.code in offered:
            by_code.setdefault(each.code, []).append(each)
    return [
        Aside(
            code,
            label(RULE_NAMES, code),
            tuple(reason_texts(found, catalogue)[:3]),
            code in ticked,
        )
        for code, found in sorted(by_code.items())
    ]
