"""What a page says of an entry, line by line, and whether each figure is on record."""

from dataclasses import dataclass

from flask_babel import get_locale

from testbed.domain.catalogue import Name, Provenance
from web.languages import text

KOREAN = "ko"


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing said of an entry: a label and what stands beside it.

    `recorded` tells whether the figure is on record; None where there is no figure to mark. `entry`
    is the id of the page to which the text leads, `lang` the language of a text that is not
    translated.
    """

    label: str
    said: str
    recorded: bool | None = None
    entry: str = ""
    lang: str = ""


def lang_of(name: Name) -> str:
    """The language in which a name is shown where that is not the reader's, else nothing."""
    untranslated = name.en == name.ko and any("a" <= each <= "z" for each in name.en.lower())
    return "en" if untranslated and str(get_locale()) == KOREAN else ""


def linked(label: str, name: Name, entry: str) -> Fact:
    """A fact that is the name of another entry, leading to its page."""
    return Fact(label, text(name), entry=entry, lang=lang_of(name))


def figure(label: str, said: str, provenance: Provenance, field: str) -> Fact:
    """A fact that is a figure of the field, with its mark."""
    return Fact(label, said, provenance.is_recorded(field))
