"""Tables of figures: as people read them, and as a spreadsheet takes them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from web.languages import gettext
from web.planning.result import Figure
from web.sheets import csv_text


@dataclass(frozen=True, slots=True)
class Share:
    """A figure shown in percent."""

    figure: Figure | None


@dataclass(frozen=True, slots=True)
class Amount:
    """A figure shown as a number with so many decimals; `signed` where it is a difference."""

    figure: Figure | None
    decimals: int = 0
    signed: bool = False


Cell = str | float | Share | Amount


@dataclass(frozen=True, slots=True)
class Table:
    """A table behind a picture; `id` names its file."""

    id: str
    caption: str
    header: tuple[str, ...]
    rows: Sequence[tuple[Cell, ...]]


def percent(figure: Figure | None) -> str:
    """A share with its half-width, e.g. "79.3 ± 0.8 %"."""
    if figure is None or figure.mean is None:
        return "–"
    half_width = "" if figure.half_width is None else f" ± {figure.half_width * 100:.1f}"
    return f"{figure.mean * 100:.1f}{half_width} %"


def number(figure: Figure | None, decimals: int = 0, *, signed: bool = False) -> str:
    """A figure with its half-width, e.g. "+304 ± 48"."""
    if figure is None or figure.mean is None:
        return "–"
    mean = f"{figure.mean:{'+' if signed else ''},.{decimals}f}"
    return mean if figure.half_width is None else f"{mean} ± {figure.half_width:,.{decimals}f}"


def said(cell: Cell) -> str:
    """A cell as people read it."""
    if isinstance(cell, Share):
        return percent(cell.figure)
    if isinstance(cell, Amount):
        return number(cell.figure, cell.decimals, signed=cell.signed)
    return f"{cell:g}" if isinstance(cell, float) else cell


def as_csv(table: Table) -> str:
    """The table for a spreadsheet: a figure has a column for its mean and one for its half-width.

    Figures have one decimal more than people are shown: more would only claim to be exact.
    Texts that a spreadsheet would take for a formula are made harmless.
    """
    rows = ([each for cell in row for each in _wide(cell)] for row in table.rows)
    return csv_text(_wide_header(table), rows)


def _wide_header(table: Table) -> Iterator[str]:
    first = table.rows[0] if table.rows else ()
    for place, name in enumerate(table.header):
        yield name
        if place < len(first) and isinstance(first[place], Share | Amount):
            yield gettext("%(name)s: half-width at 95 %%", name=name)


def _wide(cell: Cell) -> list[object]:
    if isinstance(cell, Share | Amount):
        figure, decimals = cell.figure, _decimals(cell)
        ends = (None, None) if figure is None else (figure.mean, figure.half_width)
        return ["" if end is None else round(end, decimals) for end in ends]
    return [cell]


def _decimals(cell: Share | Amount) -> int:
    """How many decimals the file has; a share is no percentage there."""
    return 4 if isinstance(cell, Share) else cell.decimals + 1
