"""Which bookings a reader asks for: the filters of the address, and the list that answers them."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from flask import url_for

from testbed.domain.bookings import OCCUPYING, State
from testbed.domain.catalogue import Catalogue, Name
from testbed.domain.grid import EPOCH
from testbed.domain.parties import Organisation
from testbed.service.listings import BookingsWanted, Mark, Sought

SHOWS = ("coming", "past", "all")
LONGEST_TEXT = 80
# Beyond this a database cannot be asked.
LAST_YEAR = 2999


@dataclass(frozen=True, slots=True)
class Asked:
    """The filters as they were read; what cannot be read is as if it were not there."""

    show: str = SHOWS[0]
    state: str = ""
    city: str = ""
    organisation: str = ""
    text: str = ""
    after: str = ""

    @property
    def is_narrowed(self) -> bool:
        """Whether anything but the span of time narrows the list."""
        return bool(self.state or self.city or self.organisation or self.text)

    def address(self, **changed: str) -> str:
        """The address of the list with other filters; a new list begins at its beginning."""
        wanted = replace(self, **{"after": "", **changed})
        given: dict[str, Any] = {
            "show": wanted.show if wanted.show != SHOWS[0] else None,
            "state": wanted.state,
            "city": wanted.city,
            "organisation": wanted.organisation,
            "q": wanted.text,
            "after": wanted.after,
        }
        return url_for("bookings.index", **{name: each or None for name, each in given.items()})


def read(
    args: Mapping[str, str], catalogue: Catalogue, organisations: Mapping[str, Organisation]
) -> Asked:
    """The filters of an address; `organisations` are those that the reader may choose from."""
    given = {name: args.get(name, "") for name in ("show", "state", "city", "organisation")}
    return Asked(
        show=given["show"] if given["show"] in SHOWS else SHOWS[0],
        state=given["state"] if given["state"] in {*State} else "",
        city=given["city"] if given["city"] in catalogue.cities else "",
        organisation=given["organisation"] if given["organisation"] in organisations else "",
        text=args.get("q", "").strip()[:LONGEST_TEXT].replace("\0", ""),
        after=args.get("after", "") if mark_of(args.get("after", "")) else "",
    )


def wanted(
    asked: Asked,
    catalogue: Catalogue,
    organisations: Mapping[str, Organisation],
    now: datetime,
) -> BookingsWanted:
    """What the service is asked for."""
    states = frozenset({State(asked.state)}) if asked.state else None
    coming = asked.show == "coming"
    return BookingsWanted(
        organisation=asked.organisation or None,
        states=OCCUPYING if coming and states is None else states,
        resources=_resources_in(asked.city, catalogue) if asked.city else None,
        since=now if coming else None,
        over_by=now if asked.show == "past" else None,
        sought=_sought(asked.text, catalogue, organisations) if asked.text else None,
        latest_first=not coming,
    )


def mark_text(mark: Mark) -> str:
    """A mark as it stands in an address."""
    return f"{int((mark.at - EPOCH).total_seconds())}.{mark.id}"


def mark_of(written: str) -> Mark | None:
    """The mark that an address names, None for what is none."""
    seconds, _, name = written.partition(".")
    if not (seconds.isascii() and seconds.isdecimal() and len(seconds) <= 11 and name.isalnum()):
        return None
    at = datetime.fromtimestamp(int(seconds), EPOCH.tzinfo)
    return Mark(at, name) if at.year <= LAST_YEAR and len(name) <= LONGEST_TEXT else None


def _resources_in(city: str, catalogue: Catalogue) -> frozenset[str]:
    return frozenset(each.id for each in catalogue.resources() if each.city == city)


def _sought(typed: str, catalogue: Catalogue, organisations: Mapping[str, Organisation]) -> Sought:
    """Everything whose name in either language, or whose id, holds the typed text."""
    sought = typed.casefold()
    return Sought(
        booking=typed.lower(),
        organisations=frozenset(
            each.id for each in organisations.values() if sought in _words(each.id, each.name)
        ),
        resources=frozenset(
            each.id for each in catalogue.resources() if sought in _words(each.id, each.name)
        ),
    )


def _words(name: str, said: Name) -> str:
    return f"{name} {said.en} {said.ko}".casefold()
