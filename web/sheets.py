"""Tables as CSV files that spreadsheets read rightly and run nothing of."""

import csv
from collections.abc import Iterable
from io import StringIO

# A spreadsheet takes a cell that begins so for a formula, and would run it; some full width too.
FORMULA = ("=", "+", "-", "@", "＝", "＋", "－", "＠", "\t", "\r", "\n")
MARK = "\ufeff"  # by which spreadsheets know UTF-8


def harmless(cell: object) -> object:
    """The cell; a text that would be taken for a formula behind an apostrophe."""
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(FORMULA) else cell


def csv_text(header: Iterable[str], rows: Iterable[Iterable[object]]) -> str:
    """The table as the text of a CSV file."""
    text = StringIO()
    writer = csv.writer(text)
    for row in (header, *rows):
        writer.writerow([harmless(cell) for cell in row])
    return MARK + text.getvalue()
