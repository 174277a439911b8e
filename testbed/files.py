"""Reads packaged files, or files of a path, into plain mappings; what they mean is read elsewhere.

Every value is one that JSON knows (dates become text), so what is read here can be stored as a
document and parsed again.
"""

import json
import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, time
from importlib.resources import files as package_files
from importlib.resources.abc import Traversable
from pathlib import Path

from testbed.domain.errors import InvalidFile, Mistake

Document = dict[str, object]

PACKAGED = "packaged:"
_CATALOGUE = "catalogue.toml"
_DEMAND = "demand.toml"
# The documents that stand beside a catalogue, by the name under which they are read.
_BESIDE = {
    "cities": "cities.geojson",
    "routes": "routes.geojson",
    "distances": "distances.toml",
    "holidays": "holidays.toml",
    "organisations": "organisations.toml",
    "sources": "sources.toml",
    "demand": _DEMAND,
}
# What a catalogue without such a file has from the packaged data set: facts of the region. The
# distances go with the cities between which they lie.
_DEFAULTED = ("cities", "organisations", "holidays")
_DEMAND_KEPT = ("test_kind", "standing_booking")
_DEFAULT_SET = "gyeonggi"
_BOUNDARIES = "boundaries.geojson"
_SET_NAME = re.compile(r"[a-z0-9][a-z0-9-]*")


def read_catalogue(source: str | Path) -> Document:
    """The documents of a catalogue: a mapping of document names to documents.

    `source` is "packaged:" and a data set's name, a catalogue in TOML (or the folder of one), or an
    export in JSON. A catalogue in TOML has the files beside it for its other documents. Raises
    InvalidFile with every file that cannot be read.
    """
    place, name = _located(source, _CATALOGUE)
    mistakes: list[Mistake] = []
    catalogue = _read(place / name, mistakes)
    if "catalogue" in catalogue:
        documents = _exported(name, catalogue, mistakes)
    else:
        documents = {"catalogue": catalogue} | _beside(place, mistakes)
    if mistakes:
        raise InvalidFile(str(source), mistakes)
    return documents


def read_catalogue_text(name: str, text: str) -> Document:
    """The documents in the text of one file: all of an export (JSON), or a catalogue (TOML) alone.

    Raises InvalidFile where it cannot be read.
    """
    mistakes: list[Mistake] = []
    found = _parsed(name, text, mistakes)
    documents: Document = {"catalogue": found}
    if "catalogue" in found:
        documents = _exported(name, found, mistakes)
    if mistakes:
        raise InvalidFile(name, mistakes)
    return documents


def read_demand(source: str | Path) -> Document:
    """The whole demand profile: packaged, or of a TOML file (or the folder of one).

    Raises InvalidFile where it cannot be read.
    """
    place, name = _located(source, _DEMAND)
    mistakes: list[Mistake] = []
    document = _read(place / name, mistakes)
    if mistakes:
        raise InvalidFile(str(source), mistakes)
    return document


def read_boundaries() -> Document:
    """The packaged outlines of the province and its cities: GeoJSON for maps, not for measuring."""
    return _read(_packaged(PACKAGED + _DEFAULT_SET) / _BOUNDARIES, [])


def _located(source: str | Path, usual: str) -> tuple[Traversable, str]:
    """The folder of the source and the file's name in it."""
    text = str(source)
    if text.startswith(PACKAGED):
        return _packaged(text), usual
    path = Path(source)
    return (path, usual) if path.is_dir() else (path.parent, path.name)


def _packaged(source: str) -> Traversable:
    name = source.removeprefix(PACKAGED)
    place = package_files("testbed") / "data"
    if _SET_NAME.fullmatch(name) and (place / name).is_dir():
        return place / name
    raise InvalidFile(source, [Mistake(source, "file_missing")])


def _beside(place: Traversable, mistakes: list[Mistake]) -> Document:
    packaged = _packaged(PACKAGED + _DEFAULT_SET)
    own = {name for name, file in _BESIDE.items() if (place / file).is_file()}
    defaulted = {name for name in _DEFAULTED if name not in own}
    if "cities" in defaulted and "distances" not in own:
        defaulted.add("distances")
    documents: Document = {name: {} for name in _BESIDE}
    for name in sorted(own | defaulted):
        folder = place if name in own else packaged
        documents[name] = _read(folder / _BESIDE[name], mistakes)
    documents["demand"] = _kept(documents["demand"])
    return documents


def _exported(name: str, export: Document, mistakes: list[Mistake]) -> Document:
    """The documents of an export, in full."""
    known = ("catalogue", *_BESIDE)
    for key in export:
        if key not in known:
            mistakes.append(Mistake(f"{name}.{key}", "unknown_key", {"key": key}))
    return {document: export.get(document, {}) for document in known}


def _kept(demand: object) -> Document:
    if not isinstance(demand, Mapping):
        return {}
    return {key: demand[key] for key in _DEMAND_KEPT if key in demand}


@dataclass(frozen=True, slots=True)
class _Format:
    """How a kind of file is parsed, and where in its parser's message the line and column stand."""

    parse: Callable[[str], object]
    position: re.Pattern[str]


_TOML = _Format(tomllib.loads, re.compile(r" ?\(at (?:line (\d+), column (\d+)|end of document)\)"))
_JSON = _Format(json.loads, re.compile(r": line (\d+) column (\d+) \(char \d+\)"))


def _read(file: Traversable, mistakes: list[Mistake]) -> Document:
    """The document, or an empty one after a mistake."""
    try:
        text = file.read_text(encoding="utf-8-sig")
    except (FileNotFoundError, NotADirectoryError):
        mistakes.append(Mistake(file.name, "file_missing"))
        return {}
    except (OSError, ValueError) as error:
        mistakes.append(Mistake(file.name, "file_unreadable", {"detail": _detail(error)}))
        return {}
    return _parsed(file.name, text, mistakes)


def _detail(error: Exception) -> str:
    # the message of an OSError repeats the path, which the place already says
    return (error.strerror if isinstance(error, OSError) else None) or str(error)


def _parsed(name: str, text: str, mistakes: list[Mistake]) -> Document:
    form = _JSON if name.endswith(("json", "JSON")) else _TOML
    try:
        document = _plain(form.parse(text))
    except (ValueError, RecursionError) as error:
        mistakes.append(_syntax(name, form, text, error))
        return {}
    if isinstance(document, dict):
        return document
    mistakes.append(Mistake(name, "wrong_type", {"expected": "table", "found": "list"}))
    return {}


def _syntax(name: str, form: _Format, text: str, error: Exception) -> Mistake:
    found = form.position.search(str(error))
    detail = form.position.sub("", str(error)) or type(error).__name__
    if found is None:  # what the parser says of a number too long, or of tables too deep
        return Mistake(name, "bad_syntax", {"detail": detail})
    line = int(found[1] or text.count("\n") + 1)
    return Mistake(f"{name}:{line}:{found[2] or 1}", "bad_syntax", {"detail": detail})


def _plain(value: object) -> object:
    """The value with dates and times as text."""
    if isinstance(value, dict):
        return {key: _plain(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_plain(each) for each in value]
    return value.isoformat() if isinstance(value, date | time) else value
