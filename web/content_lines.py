"""Content lines of iCalendar (RFC 5545, 3.1): escaped, folded, of values and of texts.

Written here because a library that makes an object of every value takes half a second for a feed of
500 entries; tests read the result with two of them.
"""

from collections.abc import Iterable
from datetime import UTC, datetime

LONGEST = 75
_ESCAPES = str.maketrans({"\\": "\\\\", ";": "\\;", ",": "\\,", "\n": "\\n", "\r": None})


def plain(name: str, value: object) -> str:
    """A line whose value stands as it is: a number, a word, an address."""
    return _folded(f"{name}:{value}")


def said(name: str, text: str) -> str:
    """A line of text for people; what no text may hold is left out."""
    printable = "".join(each for each in text if each == "\n" or each.isprintable())
    return _folded(f"{name}:{printable.translate(_ESCAPES)}")


def moment(name: str, at: datetime) -> str:
    """A moment in UTC."""
    return f"{name}:{at.astimezone(UTC):%Y%m%dT%H%M%SZ}"


def local(name: str, at: datetime, zone: str) -> str:
    """A moment on the wall clock of its zone."""
    return f"{name};TZID={zone}:{at:%Y%m%dT%H%M%S}"


def text_of(lines: Iterable[str]) -> bytes:
    """The lines as a text."""
    return "".join(f"{line}\r\n" for line in lines).encode()


def _folded(line: str) -> str:
    """The line in pieces of at most 75 octets, none of which parts a character."""
    if line.isascii() and len(line) <= LONGEST:
        return line
    pieces: list[str] = []
    piece: list[str] = []
    octets = 0
    for each in line:
        size = len(each.encode())
        if octets + size > LONGEST:
            pieces.append("".join(piece))
            piece, octets = [" "], 1
        piece.append(each)
        octets += size
    return "\r\n".join([*pieces, "".join(piece)])
