"""Reading a mapping key by key, and noting every mistake with its place instead of stopping.

A value that cannot be used is noted and replaced by a harmless one of the right type, so that the
reading goes on; whoever started it raises `InvalidFile` when any note was taken. A key of which a
mistake is noted gives no second mistake.
"""

import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import date
from difflib import get_close_matches
from typing import TypeVar

from testbed.domain.catalogue import Name, Provenance
from testbed.domain.errors import Mistake

Notes = list[Mistake]
T = TypeVar("T")

# How a detail is read: a figure that informs people and that no rule reads.
Read = Callable[["Reader", str], object]

_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
_MOST = 1_000_000_000  # beyond every quantity of the format; keeps arithmetic on the values finite
_UNWRITABLE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]")
_SHOWN = 80
PROVENANCE_KINDS = ("public-record", "illustrative")
_ABSENT = object()
_TYPES: tuple[tuple[type, str], ...] = (
    (bool, "true or false"),
    (int, "whole number"),
    (float, "number"),
    (str, "text"),
    (date, "date"),
    (Mapping, "table"),
    (list, "list"),
)


def _type_of(value: object) -> str:
    return next((name for kind, name in _TYPES if isinstance(value, kind)), type(value).__name__)


def _shown(value: object) -> str:
    return str(value)[:_SHOWN].encode(errors="replace").decode()


def _nearest(word: str, known: Iterable[str]) -> str:
    return next(iter(get_close_matches(word, sorted(known), 1)), "")


class Reader:
    """One table of a file: gives its values by key, and notes what is wrong at `place`.

    A `default` of None means that the key must be there. `finish` notes the keys that nobody asked
    for.
    """

    __slots__ = ("_data", "_notes", "_seen", "is_table", "place")

    def __init__(self, data: object, place: str, notes: Notes) -> None:
        self.place = place
        self._notes = notes
        self.is_table = isinstance(data, Mapping)
        self._data: Mapping[object, object] = data if isinstance(data, Mapping) else {}
        self._seen: set[str] = set()
        if not self.is_table:
            self.note(Mistake(place, "wrong_type", {"expected": "table", "found": _type_of(data)}))

    def note(self, mistake: Mistake) -> None:
        """Note a mistake found from outside."""
        self._notes.append(mistake)

    def at(self, key: str) -> str:
        """The place of a key."""
        return f"{self.place}.{key}"

    def has(self, key: str) -> bool:
        """Whether the key is there; it counts as asked for."""
        self._seen.add(key)
        return key in self._data

    def resolves(self, path: str) -> bool:
        """Whether a dotted path leads to a value in this table."""
        value: object = self._data
        for key in path.split("."):
            if not isinstance(value, Mapping) or key not in value:
                return False
            value = value[key]
        return True

    def raw(self, key: str) -> object:
        """The value as it stands, unchecked; None where the key is absent."""
        self._seen.add(key)
        return self._data.get(key)

    def expect(self, keys: Iterable[str]) -> None:
        """Let these keys stand without being read."""
        self._seen.update(keys)

    def names(self) -> tuple[str, ...]:
        """All keys of the table, in its order."""
        return tuple(str(key) for key in self._data)

    def _value(self, key: str, default: object) -> object:
        self._seen.add(key)
        if key in self._data:
            return self._data[key]
        if default is None and self.is_table:
            self.note(Mistake(self.at(key), "missing_key", {"key": key}))
        return _ABSENT

    def _typed(self, key: str, kind: type[T], default: T | None, expected: str) -> T | None:
        """The value of that type; the default where absent; None where a mistake was noted."""
        value = self._value(key, default)
        if value is _ABSENT:
            return default
        if isinstance(value, kind) and (kind is bool or not isinstance(value, bool)):
            return value
        self._mistype(self.at(key), value, expected)
        return None

    def _mistype(self, place: str, value: object, expected: str) -> None:
        fields: dict[str, object] = {"expected": expected, "found": _type_of(value)}
        self.note(Mistake(place, "wrong_type", fields))

    def text(self, key: str, default: str | None = None) -> str:
        """A text; a required one must not be empty."""
        value = self._typed(key, str, default, "text")
        if value is not None and default is None and not value.strip():
            self.note(Mistake(self.at(key), "empty_text"))
        elif value and _UNWRITABLE.search(value):  # no database and no page would take it
            self.note(Mistake(self.at(key), "bad_text", {"value": _shown(value)}))
        return value or ""

    def identifier(self, key: str = "id") -> str:
        """An id: letters, digits, dots, dashes and underscores."""
        value = self._typed(key, str, None, "text")
        if value is not None and not _ID.fullmatch(value):
            self.note(Mistake(self.at(key), "bad_id", {"value": _shown(value)}))
        return value or ""

    def choice(self, key: str, allowed: Collection[str], default: str | None = None) -> str:
        """One of the allowed words."""
        value = self._typed(key, str, default, "text")
        if value is not None and value != default:
            self._check_choice(self.at(key), value, allowed)
        return value or ""

    def _check_choice(self, place: str, value: str, allowed: Collection[str]) -> None:
        if value not in allowed:
            fields: dict[str, object] = {
                "value": _shown(value),
                "allowed": ", ".join(allowed),
                "nearest": _nearest(value, allowed),
            }
            self.note(Mistake(place, "unknown_value", fields))

    def reference(
        self, key: str, known: Collection[str], kind: str, default: str | None = None
    ) -> str:
        """The id of something known; `kind` says what it should be."""
        value = self._typed(key, str, default, "text")
        if value is not None and value != default:
            self._check_reference(self.at(key), value, known, kind)
        return value or ""

    def _check_reference(self, place: str, value: str, known: Collection[str], kind: str) -> None:
        if value not in known:
            fields: dict[str, object] = {
                "value": _shown(value),
                "kind": kind,
                "nearest": _nearest(value, known),
            }
            self.note(Mistake(place, "unknown_reference", fields))

    def flag(self, key: str, default: bool | None = None) -> bool:
        """True or false."""
        return bool(self._typed(key, bool, default, "true or false"))

    def whole(self, key: str, default: int | None = None, least: int = 0, most: int = _MOST) -> int:
        """A whole number from `least` to `most`."""
        value = self._typed(key, int, default, "whole number")
        if value is None:
            return max(least, 0)
        return value if self._in_range(self.at(key), value, least, most) else max(least, 0)

    def optional_whole(self, key: str, least: int = 0, most: int = _MOST) -> int | None:
        """A whole number, or None where the key is absent."""
        return self.whole(key, None, least, most) if self.has(key) else None

    def number(
        self, key: str, default: float | None = None, least: float = 0.0, most: float = _MOST
    ) -> float:
        """A finite number from `least` to `most`."""
        value = self._typed(key, int | float, default, "number")  # type: ignore[arg-type] # a union
        if value is None or not self._in_range(self.at(key), value, least, most):
            return max(least, 0.0)
        return float(value)

    def optional_number(self, key: str, least: float = 0.0) -> float | None:
        """A number, or None where the key is absent."""
        return self.number(key, None, least) if self.has(key) else None

    def share(self, key: str, default: float | None = None) -> float:
        """A number from 0 to 1."""
        return self.number(key, default, 0.0, 1.0)

    def _in_range(self, place: str, value: float, least: float, most: float) -> bool:
        if least <= value <= most:  # false for "not a number"
            return True
        fields: dict[str, object] = {"value": _shown(value), "least": least, "most": most}
        self.note(Mistake(place, "out_of_range", fields))
        return False

    def day(self, key: str, *, required: bool = False) -> date | None:
        """A date (also as text, 2026-01-31); None where it is absent or not a date."""
        value = self._value(key, None if required else False)
        if value is _ABSENT:
            return None
        if type(value) is date:
            return value
        if isinstance(value, str):
            try:
                return date.fromisoformat(value)
            except ValueError:
                pass
        self.note(Mistake(self.at(key), "bad_date", {"value": _shown(value)}))
        return None

    def items(self, key: str, default: Sequence[object] | None = ()) -> list[tuple[str, object]]:
        """The entries of a list, each with its place; a lone value is no list."""
        value = self._value(key, default)
        if value is _ABSENT:
            value = default or ()
        if isinstance(value, list | tuple):
            return [(f"{self.at(key)}[{index}]", each) for index, each in enumerate(value)]
        self._mistype(self.at(key), value, "list")
        return []

    def texts(self, key: str, default: Sequence[str] | None = ()) -> tuple[str, ...]:
        """A list of different texts."""
        return self._checked(key, default, lambda _, __: None)

    def choices(
        self, key: str, allowed: Collection[str], default: Sequence[str] | None = ()
    ) -> tuple[str, ...]:
        """A list of different words, all of them allowed."""
        return self._checked(key, default, lambda at, each: self._check_choice(at, each, allowed))

    def references(
        self, key: str, known: Collection[str], kind: str, default: Sequence[str] | None = ()
    ) -> tuple[str, ...]:
        """A list of different ids, all of them known."""
        return self._checked(
            key, default, lambda at, each: self._check_reference(at, each, known, kind)
        )

    def _checked(
        self, key: str, default: Sequence[str] | None, check: Callable[[str, str], None]
    ) -> tuple[str, ...]:
        found: dict[str, None] = {}
        for place, value in self.items(key, default):
            if not isinstance(value, str):
                self._mistype(place, value, "text")
            elif value in found:
                self.note(Mistake(place, "duplicate_value", {"value": _shown(value)}))
            else:
                check(place, value)
                found[value] = None
        return tuple(found)

    def numbers(
        self, key: str, length: int | None = None, least: float = 0.0, most: float = _MOST
    ) -> tuple[float, ...]:
        """A list of finite numbers from `least` to `most`, as many as `length` says.

        After a mistake in it the answer is ones, as many as asked or a single one.
        """
        before = len(self._notes)
        entries = self.items(key, None)
        read = [self._entry(place, value, least, most) for place, value in entries]
        is_list = isinstance(self._data.get(key), list)
        if length is not None and is_list and len(entries) != length:
            fields: dict[str, object] = {"expected": length, "found": len(entries)}
            self.note(Mistake(self.at(key), "wrong_length", fields))
        if len(self._notes) > before or length not in {None, len(read)}:
            return (1.0,) * (1 if length is None else length)
        return tuple(each for each in read if each is not None)

    def _entry(self, place: str, value: object, least: float, most: float) -> float | None:
        if isinstance(value, bool) or not isinstance(value, int | float):
            self._mistype(place, value, "number")
        elif self._in_range(place, value, least, most):
            return float(value)
        return None

    def table(self, key: str) -> "Reader":
        """A table in this one; an absent one is empty."""
        self._seen.add(key)
        return Reader(self._data.get(key, {}), self.at(key), self._notes)

    def tables(self, key: str, default: Sequence[object] | None = ()) -> list["Reader"]:
        """The tables of a list, each with its number (from 0) and id in its place."""
        return [
            Reader(each, place + _id_suffix(each), self._notes)
            for place, each in self.items(key, default)
        ]

    def finish(self) -> None:
        """Note every key that nobody asked for, with the nearest one that is read."""
        for key in self._data:
            if key not in self._seen:
                shown = _shown(key)
                nearest = _nearest(shown, self._seen - {str(each) for each in self._data})
                fields: dict[str, object] = {"key": shown, "nearest": nearest}
                self.note(Mistake(self.at(shown), "unknown_key", fields))


def _id_suffix(data: object) -> str:
    name = data.get("id") if isinstance(data, Mapping) else None
    return f"({_shown(name)})" if isinstance(name, str) else ""


def with_ids(tables: Iterable[Reader], taken: dict[str, str]) -> dict[str, Reader]:
    """The tables by their id, noting ids that are missing, bad or already taken.

    `taken` maps ids to the place of their first use and grows. A table without an id of its own
    stands under its place instead, so that the rest of it is still read.
    """
    found = {}
    for table in tables:
        name = table.identifier()
        if name in taken:
            fields: dict[str, object] = {"id": name, "first": taken[name]}
            table.note(Mistake(table.at("id"), "duplicate_id", fields))
        own = name and name not in taken
        found[name if own else table.place] = table
        taken.setdefault(name or table.place, table.place)
    return found


def name_of(table: Reader, default: str | None = None) -> Name:
    """The names of an entry; without a Korean one the English stands for both."""
    english = table.text("name_en", default)
    return Name(english, table.text("name_ko", "") or english)


def provenance_of(table: Reader, sources: Collection[str] | None = None) -> Provenance:
    """Where the figures of an entry come from, exactly as the file says it.

    `sources` are the known ones; None leaves them unchecked. A field called recorded must be there.
    """
    recorded = table.texts("recorded")
    for each in recorded:
        if not table.resolves(each):
            fields: dict[str, object] = {"value": _shown(each), "kind": "key", "nearest": ""}
            table.note(Mistake(table.at("recorded"), "unknown_reference", fields))
    named = table.texts("sources") if sources is None else _sources(table, sources)
    kind = table.choice("provenance", PROVENANCE_KINDS, "illustrative")
    return Provenance(kind, recorded, named, table.text("note", ""))


def _sources(table: Reader, known: Collection[str]) -> tuple[str, ...]:
    return table.references("sources", known, "source")


def details_of(table: Reader, kinds: Mapping[str, Read]) -> dict[str, object]:
    """The values of those keys that are there, each read in its own way."""
    return {key: read(table, key) for key, read in kinds.items() if table.has(key)}
