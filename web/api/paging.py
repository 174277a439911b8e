"""Cursors: where a page of a list ended, as a text that only this API reads."""

import json
import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import datetime

from testbed.domain.errors import NotFound
from testbed.service.listings import Mark

# An id, or a moment in ISO 8601.
_PART = re.compile(r"[A-Za-z0-9._:+-]{1,80}", re.ASCII)
# Beyond these a database cannot be asked.
YEARS = (1970, 2999)


def cursor_of(*parts: str) -> str:
    """The cursor of a list whose page ended there."""
    text = json.dumps(parts, separators=(",", ":"), ensure_ascii=False)
    return urlsafe_b64encode(text.encode()).decode().rstrip("=")


def parts_of(cursor: str, count: int) -> list[str]:
    """What the cursor says: so many ids or moments. Raises NotFound("cursor")."""
    try:
        parts = json.loads(urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (ValueError, RecursionError):
        raise NotFound("cursor", cursor=cursor) from None
    if not _are_parts(parts, count):
        raise NotFound("cursor", cursor=cursor)
    return [str(each) for each in parts]


def _are_parts(parts: object, count: int) -> bool:
    return (
        isinstance(parts, list)
        and len(parts) == count
        and all(isinstance(each, str) and _PART.fullmatch(each) for each in parts)
    )


def cursor_at(mark: Mark | None) -> str | None:
    """The cursor of a list by moment and id, None at its end."""
    return None if mark is None else cursor_of(mark.at.isoformat(), mark.id)


def mark_at(cursor: str | None) -> Mark | None:
    """The mark that a cursor names. Raises NotFound("cursor") for one that is none of ours."""
    if cursor is None:
        return None
    at, name = parts_of(cursor, 2)
    try:
        moment = datetime.fromisoformat(at)
    except ValueError:
        raise NotFound("cursor", cursor=cursor) from None
    if moment.tzinfo is None or not YEARS[0] <= moment.year <= YEARS[1]:
        raise NotFound("cursor", cursor=cursor)
    return Mark(moment, name)
