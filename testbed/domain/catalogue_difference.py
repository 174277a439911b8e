"""What one catalogue has other than another: the preview of an import."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields

from testbed.domain.catalogue import Catalogue

# The tables that people know by name, in the order in which a reader asks for them.
TABLES = ("city", "site", "route", "facility", "corridor", "calendar", "rule", "source")
_OF: Mapping[str, str] = {
    "city": "cities",
    "site": "sites",
    "route": "routes",
    "facility": "facilities",
    "corridor": "corridors",
    "calendar": "calendars",
    "rule": "rules",
    "source": "sources",
}


@dataclass(frozen=True, slots=True)
class Difference:
    """One entry that is new, gone or changed; `fields` names what of a changed one is other."""

    table: str
    id: str
    kind: str
    fields: tuple[str, ...] = ()


def differences(old: Catalogue, new: Catalogue) -> list[Difference]:
    """Every entry that is not the same in both, by table and then as the files list them."""
    return [each for table in TABLES for each in _of_table(table, old, new)]


def _of_table(table: str, old: Catalogue, new: Catalogue) -> Iterator[Difference]:
    before: Mapping[str, object] = getattr(old, _OF[table])
    after: Mapping[str, object] = getattr(new, _OF[table])
    for name, entry in before.items():
        if name not in after:
            yield Difference(table, name, "removed")
        elif changed := _changed(entry, after[name]):
            yield Difference(table, name, "changed", changed)
    for name in after:
        if name not in before:
            yield Difference(table, name, "added")


def _changed(before: object, after: object) -> tuple[str, ...]:
    """The fields that differ, also those that equality leaves out."""
    return tuple(
        each.name
        for each in fields(before)  # type: ignore[arg-type] # every entry is a dataclass
        if getattr(before, each.name) != getattr(after, each.name)
    )
