"""The sources of an entry's figures."""

from collections.abc import Iterable
from urllib.parse import urlsplit

from testbed.domain.catalogue import Catalogue, Provenance, Source


def sources_of(provenances: Iterable[Provenance], catalogue: Catalogue) -> list[Source]:
    """The sources that these name, each once, in the order of the list of sources."""
    named = {each for provenance in provenances for each in provenance.sources}
    return [source for name, source in catalogue.sources.items() if name in named]


def link_of(source: Source) -> str:
    """Where the source can be read; nothing where that is no page of the web."""
    try:
        parts = urlsplit(source.url)
    except ValueError:  # such as a bracket without its end
        return ""
    return source.url if parts.scheme in {"http", "https"} else ""


def publisher_of(source: Source) -> str:
    """The host that published it, as a reader knows it."""
    host = urlsplit(source.url).hostname if link_of(source) else ""
    return (host or "").removeprefix("www.").removeprefix("m.")
