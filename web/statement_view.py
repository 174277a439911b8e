"""A statement, ready to print and for a spreadsheet."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date

from testbed.domain.bookings import State
from testbed.domain.catalogue import Mode
from testbed.domain.grid import local_moment
from testbed.domain.statements import UNKNOWN, Entry, Statement, Sum
from testbed.service.statements import Shown
from web.deps import DEFAULT_ZONE
from web.labels import KINDS, MODES, STATES, label
from web.languages import gettext, text
from web.present import moment_text, when
from web.sheets import csv_text

_WAITING = (State.HELD, State.PENDING)


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a booking on the statement."""

    booking: str
    name: str
    use: str
    when: str
    hours: str
    rate: str
    factor: str
    state: str
    remark: str
    krw: str
    illustrative: bool


@dataclass(frozen=True, slots=True)
class Total:
    """What a kind of resource or a state comes to."""

    said: str
    hours: str
    krw: str


@dataclass(frozen=True, slots=True)
class StatementView:
    """A statement, ready to print; `closed` says when it was, with the digest of what was kept."""

    month: str
    rows: tuple[Row, ...]
    kinds: tuple[Total, ...]
    states: tuple[Total, ...]
    krw: str
    provisional: bool
    illustrative: bool
    closed: str
    digest: str


def statement_view(shown: Shown) -> StatementView:
    """The statement in the reader's language."""
    statement, closing = shown.statement, shown.closing
    return StatementView(
        month=month_text(statement.month),
        rows=tuple(_row(each) for each in statement.entries),
        kinds=_totals(statement.by_kind(), lambda key: label(KINDS, key)),
        states=_totals(statement.by_state(), lambda key: label(STATES, key)),
        krw=_won(statement.krw),
        provisional=statement.is_provisional,
        illustrative=not statement.is_recorded,
        closed=moment_text(closing.at, DEFAULT_ZONE) if closing else "",
        digest=closing.digest if closing else "",
    )


def month_text(month: date) -> str:
    """A month as it is written here, e.g. `2026-11`."""
    return f"{month:%Y-%m}"


def _row(entry: Entry) -> Row:
    return Row(
        booking=entry.booking,
        name=text(entry.name),
        use=_use(entry),
        when=when(entry.start, entry.end, entry.zone),
        hours=f"{entry.hours:g}",
        rate=_won(entry.rate),
        factor=f"{entry.factor:g}",
        state=entry.state.value,
        remark=_remark(entry),
        krw=_won(entry.krw),
        illustrative=not entry.is_recorded,
    )


def _use(entry: Entry) -> str:
    kind = label(KINDS, entry.kind)
    return kind if entry.mode is Mode.SHARED else f"{kind}, {label(MODES, entry.mode)}"


def _remark(entry: Entry) -> str:
    """Why something is charged that was not used, or not charged that is listed."""
    if entry.is_late:
        return gettext("cancelled late")
    if entry.kind == UNKNOWN:
        return gettext("fee not known")
    if entry.state in _WAITING:
        return gettext("charged once confirmed")
    return "" if entry.krw or not entry.rate else gettext("not charged")


def _won(amount: int) -> str:
    return f"₩{amount:,}"


def _totals(sums: tuple[Sum, ...], said: Callable[[str], str]) -> tuple[Total, ...]:
    return tuple(Total(said(each.key), f"{each.hours:g}", _won(each.krw)) for each in sums)


# -- for a spreadsheet -----------------------------------------------------------------------


def as_csv(statement: Statement) -> str:
    """The lines of the statement; amounts are whole won, times local with their offset."""
    header = (
        gettext("Booking"),
        gettext("Resource"),
        gettext("Name"),
        gettext("Start"),
        gettext("End"),
        gettext("Hours"),
        gettext("Won per hour"),
        gettext("Factor"),
        gettext("State"),
        gettext("Won"),
        gettext("On public record"),
    )
    return csv_text(header, (_cells(each) for each in statement.entries))


def _cells(entry: Entry) -> Iterator[object]:
    yield from (entry.booking, entry.resource, text(entry.name))
    yield local_moment(entry.start, entry.zone).isoformat()
    yield local_moment(entry.end, entry.zone).isoformat()
    yield from (entry.hours, entry.rate, entry.factor)
    yield label(STATES, entry.state.value)
    yield entry.krw
    yield gettext("yes") if entry.is_recorded else gettext("illustrative")
