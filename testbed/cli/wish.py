"""The options by which a command line says what a test needs, and the request they make."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import click

from testbed.cli.moments import typed_grain
from testbed.domain.catalogue import Catalogue, Mode, Route
from testbed.domain.demand import extra_need_of, need_of
from testbed.domain.demand_file import parse_test_kinds
from testbed.domain.errors import InvalidRequest, NotFound
from testbed.domain.grid import GRAINS_PER_DAY
from testbed.domain.requests import Need, NeedType, Request
from testbed.persistence.catalogues import Content

FLAGS = {"true": True, "false": False}
# What --odd alone asks for; durations and the rest of a test kind play no part in it.
OWN_KIND = "wish"


@dataclass(frozen=True, slots=True)
class Wish:
    """What was typed."""

    what: str | None
    organisation: str
    start: str
    zone: str | None
    hours: float
    city: str | None
    only_there: bool
    flex_days: float
    vehicles: int
    units: int
    mode: str
    odd: tuple[str, ...]
    extras: bool
    also: tuple[str, ...]

    def request(self, content: Content, now: datetime) -> Request:
        """The wish as a request on this catalogue. Raises InvalidRequest, NotFound, InvalidFile."""
        start = typed_grain(self.start, self.zone)
        slack = round(self.flex_days * GRAINS_PER_DAY)
        if self.city is not None and self.city not in content.catalogue.cities:
            raise NotFound("city", id=self.city)
        known = {kind.id for kind in content.test_kinds}
        return Request(
            id="",
            organisation=self.organisation,
            submitted_at=now,
            needs=tuple(self._needs(content)),
            duration_min=round(self.hours * 60),
            start=start,
            earliest=start - slack,
            latest=start + slack,
            city=self.city,
            other_city=not self.only_there,
            test_kind=self.what if self.what in known else None,
        )

    def _needs(self, content: Content) -> Iterable[Need]:
        kinds = {kind.id: kind for kind in content.test_kinds}
        kind = kinds.get(self.what or "")
        if self.odd and self.what is not None:
            raise click.UsageError("give WHAT or --odd, not both")
        if self.what is None:
            yield self._by_odd(content.catalogue)
        elif kind is not None:
            yield need_of(kind, self.vehicles, Mode(self.mode))
            yield from (extra_need_of(extra) for extra in kind.extras if self.extras)
        else:
            yield self._named(self.what, content.catalogue)
        for name in self.also:
            yield self._named(name, content.catalogue)

    def _named(self, name: str, catalogue: Catalogue) -> Need:
        """The need of one resource by its id, or of any facility of a kind."""
        if name in {each.kind for each in catalogue.facilities.values()}:
            return Need(NeedType.FACILITY, kinds=(name,), units=self.units)
        resource = catalogue.resource(name)
        kind = NeedType.ROUTE if isinstance(resource, Route) else NeedType.FACILITY
        return Need(
            kind,
            resource=name,
            units=self.units,
            vehicles=self.vehicles,
            mode=Mode(self.mode),
        )

    def _by_odd(self, catalogue: Catalogue) -> Need:
        """The need of any route that meets the terms, read as those of a test kind are."""
        table = {
            "id": OWN_KIND,
            "resource": "route",
            "duration_min": {"distribution": "fixed", "value": 60},
            "requires": dict(map(_term, self.odd)),
        }
        kind = parse_test_kinds({"test_kind": [table]}, catalogue, "--odd")[0]
        return need_of(kind, self.vehicles, Mode(self.mode))


def _term(text: str) -> tuple[str, object]:
    key, given, value = text.partition("=")
    if not given or not key or not value:
        raise InvalidRequest("bad_odd_term", value=text)
    if key.endswith(("_any", "_all")):
        return key, [each.strip() for each in value.split(",")]
    return key, FLAGS.get(value, _number(value))


def _number(text: str) -> int | float | str:
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    return text


_OPTIONS: tuple[Callable[[Callable[..., Any]], Callable[..., Any]], ...] = (
    click.argument("what", required=False),
    click.option("--for", "organisation", required=True, help="The organisation that asks."),
    click.option("--start", required=True, help="Wished start, e.g. 2026-12-08T10:00+09:00."),
    click.option("--zone", help="Time zone of a start without offset, e.g. Asia/Seoul."),
    click.option("--hours", type=click.FloatRange(min=0.25), default=2.0, show_default=True),
    click.option("--city", help="City to be near to."),
    click.option("--only-there", is_flag=True, help="No other city."),
    click.option(
        "--flex-days",
        type=click.FloatRange(0, 366),
        default=3.0,
        show_default=True,
        help="Days by which the start may move either way; 0 is exactly then.",
    ),
    click.option("--vehicles", type=click.IntRange(1), default=1, show_default=True),
    click.option("--units", type=click.IntRange(1), default=1, show_default=True),
    click.option(
        "--mode", type=click.Choice([mode.value for mode in Mode]), default=Mode.SHARED.value
    ),
    click.option("--odd", multiple=True, metavar="TERM", help="E.g. lanes_min=4, gnss=open."),
    click.option("--extras", is_flag=True, help="With the extras of the test kind."),
    click.option("--also", multiple=True, metavar="ID", help="Another resource or facility kind."),
)


def wish_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command the argument and the options of a wish."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command
