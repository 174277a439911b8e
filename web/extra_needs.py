"""The extras of the booking form: facilities beside the test, before it, during it or after it."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation

from flask_babel import lazy_gettext
from werkzeug.datastructures import MultiDict

from testbed.domain.catalogue import Catalogue
from testbed.domain.demand import ExtraNeed, TestKind
from testbed.domain.grid import GRAIN_MINUTES, grains_in
from testbed.domain.requests import Need, NeedType
from web.labels import KINDS, label
from web.languages import gettext

MOST_EXTRAS = 5
MOST_UNITS = 20
MOST_GAP = 24 * 60
MOST_HOURS = 24
USUAL_SHARE = 0.5
DURING, BEFORE, AFTER = "during", "before", "after"
WHEN = {
    DURING: lazy_gettext("with the test"),
    BEFORE: lazy_gettext("before the test"),
    AFTER: lazy_gettext("after the test"),
}
USUAL_GAP = {DURING: 0, BEFORE: 30, AFTER: 0}
# The same kinds may be asked for twice, before and after: the second has a number behind it.
NUMBER = "~"
ANY = "+"


@dataclass(frozen=True, slots=True)
class Extra:
    """One extra as it was typed; `errors` are by field.

    `before` starts `gap` minutes before the test and lasts until it starts, `after` starts that
    long after its end; both last `hours` where these are given. Hours before the test without a
    gap end when it starts.
    """

    id: str
    kinds: tuple[str, ...]
    said: str
    ticked: bool
    usual: bool
    units: str
    when: str
    gap: str
    hours: str
    errors: dict[str, str] = field(default_factory=dict)

    def need(self, length: int) -> Need:
        """The checked extra as a need beside a test that is booked for `length` grains."""
        gap = grains_in(self._gap())
        duration = grains_in(_minutes(self.hours)) if self.hours else None
        if self.when == BEFORE and duration is None:
            duration = gap
        offset = {DURING: 0, BEFORE: -gap, AFTER: length + gap}[self.when]
        return Need(
            NeedType.FACILITY,
            kinds=self.kinds,
            units=int(self.units),
            offset=offset,
            duration=duration,
        )

    def pairs(self) -> Iterator[tuple[str, str]]:
        """What the address says of it; what is usual is left out."""
        yield "extra", self.id
        given = {"units": self.units, "when": self.when, "gap": self.gap, "hours": self.hours}
        for name, value in given.items():
            if value and value != _UNSAID.get(name, ""):
                yield f"{name}.{self.id}", value

    @property
    def usual_gap(self) -> int:
        """The minutes before or after the test where no gap was typed."""
        if self.when == BEFORE and self.hours and "hours" not in self.errors:
            return _minutes(self.hours)
        return USUAL_GAP.get(self.when, 0)

    def _gap(self) -> int:
        return 0 if self.when == DURING else int(self.gap or self.usual_gap)


_UNSAID = {"units": "1", "when": DURING}


class Extras:
    """The usual extras of a test kind and those that were added, each ticked or not."""

    def __init__(
        self, typed: MultiDict[str, str], kind: TestKind | None, catalogue: Catalogue
    ) -> None:
        self._typed = typed
        self._usual = {extra_id(each): each for each in kind.extras} if kind else {}
        self._known = {each.kind for each in catalogue.facilities.values()}
        asked = list(dict.fromkeys(typed.getlist("extra")))
        self.unknown = [each for each in asked if not self._is_known(each)]
        listed = dict.fromkeys([*self._usual, *(each for each in asked if self._is_known(each))])
        self.rows = [self._row(each, each in asked) for each in listed]
        self.ticked = [each for each in self.rows if each.ticked]

    @property
    def errors(self) -> list[str]:
        """What is wrong with the list as a whole."""
        found = []
        if self.unknown:
            found.append(gettext("One of the extras is not a valid choice."))
        if len(self.ticked) > MOST_EXTRAS:
            found.append(gettext("At most %(most)d extras at once.", most=MOST_EXTRAS))
        return found

    def valid(self) -> bool:
        """Whether every ticked extra can be read."""
        return not self.errors and not any(each.errors for each in self.ticked)

    def choices(self) -> list[tuple[str, str]]:
        """What may be added: every kind of facility, by its words."""
        return sorted(((each, label(KINDS, each)) for each in self._known), key=lambda it: it[1])

    def needs(self, length: int) -> tuple[Need, ...]:
        """The ticked extras beside a test that is booked for `length` grains."""
        return tuple(each.need(length) for each in self.ticked)

    def _is_known(self, name: str) -> bool:
        return name in self._usual or set(_kinds(name)) <= self._known

    def _row(self, name: str, ticked: bool) -> Extra:
        usual = self._usual.get(name)
        standard = str(usual.units) if usual else "1"
        given = {
            each: self._typed.get(f"{each}.{name}", "").strip()[:12]
            for each in ("units", "when", "gap", "hours")
        }
        row = Extra(
            id=name,
            kinds=_kinds(name),
            said=extra_text(_kinds(name)),
            ticked=ticked,
            usual=usual is not None,
            units=given["units"] or standard,
            when=given["when"] or DURING,
            gap=given["gap"],
            hours=given["hours"],
        )
        row.errors.update(_mistakes(row))
        return row


def extra_id(extra: ExtraNeed) -> str:
    """How the form names an extra of a test kind."""
    return ANY.join(extra.kinds)


def extra_text(kinds: tuple[str, ...]) -> str:
    """An extra in words, e.g. "workshop bay"."""
    return gettext(" or ").join(label(KINDS, each) for each in kinds)


def usual_of(kind: TestKind) -> list[tuple[str, str]]:
    """The extras that most sessions of this kind ask for, as the form would say them."""
    pairs: list[tuple[str, str]] = []
    for each in kind.extras:
        if each.probability >= USUAL_SHARE:
            pairs.append(("extra", extra_id(each)))
            if each.units > 1:
                pairs.append((f"units.{extra_id(each)}", str(each.units)))
    return pairs


def another(name: str, taken: list[str]) -> str:
    """The name under which one more extra of this kind is added."""
    numbers = (f"{name}{NUMBER}{number}" for number in range(2, MOST_EXTRAS + 3))
    return next(each for each in (name, *numbers) if each not in taken)


def _kinds(name: str) -> tuple[str, ...]:
    return tuple(name.partition(NUMBER)[0].split(ANY))


def _mistakes(row: Extra) -> Iterator[tuple[str, str]]:
    if not _whole(row.units, 1, MOST_UNITS):
        yield "units", gettext("A whole number from 1 to %(most)d.", most=MOST_UNITS)
    if row.when not in WHEN:
        yield "when", gettext("Choose before, with or after the test.")
    elif row.gap and row.when != DURING and not _on_grid(row):
        yield "gap", gettext("Minutes in quarters of an hour, up to %(most)d.", most=MOST_GAP)
    if row.hours and not _hours(row.hours):
        yield "hours", gettext("Hours in quarters, from 0.25 to %(most)d.", most=MOST_HOURS)


def _on_grid(row: Extra) -> bool:
    least = GRAIN_MINUTES if row.when == BEFORE else 0
    return _whole(row.gap, least, MOST_GAP) and int(row.gap) % GRAIN_MINUTES == 0


def _whole(said: str, least: int, most: int) -> bool:
    return said.isdecimal() and said.isascii() and least <= int(said) <= most


def _minutes(hours: str) -> int:
    return int(Decimal(hours) * 60)


def _hours(said: str) -> bool:
    try:
        hours = Decimal(said)
    except InvalidOperation:
        return False
    if not hours.is_finite() or not Decimal("0.25") <= hours <= MOST_HOURS:
        return False
    return hours * 60 % GRAIN_MINUTES == 0
