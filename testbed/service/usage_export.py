"""Records of use for the permit holder: a table for spreadsheets, and a signed document.

The signature (HMAC-SHA256 under a key of this installation) shows that this installation wrote the
document and that nobody changed it since. Only this installation can check it; what was entered is
as true as whoever entered it.
"""

import csv
import hmac
import io
from collections.abc import Iterable, Mapping
from datetime import datetime
from hashlib import sha256
from typing import Any

from testbed.persistence import convert
from testbed.service.usage import UsageRecord

FORMAT = "testbed-usage/1"
ALGORITHM = "HMAC-SHA256"
COLUMNS = (
    "record",
    "booking",
    "organisation",
    "vehicle",
    "plate",
    "driver",
    "resource",
    "started_at",
    "ended_at",
    "km",
    "takeovers",
    "incident",
    "entered_at",
)
# A spreadsheet would compute a cell that begins so, some the full-width signs too.
_FORMULAS = ("=", "+", "-", "@", "＝", "＋", "－", "＠", "\t", "\r", "\n")


def as_csv(records: Iterable[UsageRecord]) -> str:
    """The records as a table; the mark at its beginning lets spreadsheets read Korean."""
    return table(COLUMNS, [list(_row(each).values()) for each in records])


def table(head: Iterable[str], rows: Iterable[Iterable[object]]) -> str:
    """A table in CSV (RFC 4180) for spreadsheets: with their mark, and no cell that is computed."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(list(head))
    writer.writerows([[cell(value) for value in row] for row in rows])
    return "\N{ZERO WIDTH NO-BREAK SPACE}" + text.getvalue()


def cell(value: object) -> str:
    """A cell that no spreadsheet computes."""
    text = "" if value is None else str(value)
    return f"'{text}" if text.startswith(_FORMULAS) else text


def as_document(
    records: Iterable[UsageRecord], about: Mapping[str, Any], now: datetime, secret: bytes
) -> dict[str, Any]:
    """The records as a signed JSON document; `about` says what was asked for."""
    body = {
        "format": FORMAT,
        "written_at": now.isoformat(),
        **about,
        "records": [_row(each) for each in records],
    }
    return {**body, "signature": {"algorithm": ALGORITHM, "value": _signature(body, secret)}}


def is_genuine(document: Mapping[str, Any], secret: bytes) -> bool:
    """Whether this installation wrote the document, and nobody changed it since."""
    body = {key: value for key, value in document.items() if key != "signature"}
    signature = document.get("signature")
    said = signature.get("value") if isinstance(signature, Mapping) else None
    known = isinstance(signature, Mapping) and signature.get("algorithm") == ALGORITHM
    expected = _signature(body, secret)
    return known and isinstance(said, str) and hmac.compare_digest(expected.encode(), said.encode())


def _signature(body: Mapping[str, Any], secret: bytes) -> str:
    key = hmac.new(secret, FORMAT.encode(), sha256).digest()
    return hmac.new(key, convert.dump(body).encode(), sha256).hexdigest()


def _row(record: UsageRecord) -> dict[str, Any]:
    session = record.session
    return {
        "record": record.id,
        "booking": record.booking,
        "organisation": record.organisation,
        "vehicle": session.vehicle,
        "plate": record.plate,
        "driver": record.driver_name,
        "resource": session.resource,
        "started_at": session.started_at.isoformat(),
        "ended_at": session.ended_at.isoformat(),
        "km": f"{session.metres / 1000:.3f}",
        "takeovers": session.takeovers,
        "incident": session.incident,
        "entered_at": record.entered_at.isoformat(),
    }
