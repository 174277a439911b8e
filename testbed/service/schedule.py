"""The schedule of local days: who is where and when."""

from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta
from typing import NamedTuple

from sqlalchemy import Connection, and_, not_, select

from testbed.domain.catalogue import Catalogue, Mode, Name, Resource
from testbed.domain.grid import GRAINS_PER_DAY, GRAINS_PER_HOUR, local_midnight
from testbed.domain.parties import Member
from testbed.domain.requests import ClaimKind
from testbed.persistence import partners
from testbed.persistence.run_out import ran_out
from testbed.persistence.tables import booking, claim, line
from testbed.service.actors import acts_for_all
from testbed.service.context import Context

SHOWN = ("held", "pending", "confirmed", "checked_in", "completed", "no_show")
STANDING = "standing"
BUSY = "busy"
MODES = {mode.value: mode for mode in Mode}


# Rows are named tuples, not dataclasses: a week holds thousands, and these are made quicker.
class Row(NamedTuple):
    """One use of one resource over [start, end) in grains, set-up and clean-up not included.

    `state` is the booking's, "standing" for a standing service, "busy" for what belongs to an
    organisation that the reader does not act for; then nothing but place and slot is told. The
    set-up takes `before` grains before the start, the clean-up `after` grains after the end.
    """

    resource: str
    name: Name
    kind: str
    site: str
    site_name: Name
    city: str
    city_name: Name
    zone: str
    start: int
    end: int
    state: str
    units: int | None = None
    vehicles: int | None = None
    mode: Mode | None = None
    booking: str | None = None
    organisation: str | None = None
    service: Name | None = None
    before: int = 0
    after: int = 0


class Use(NamedTuple):
    """One use as the database keeps it, before the catalogue gives it names."""

    resource: str
    start: int
    end: int
    state: str
    units: int
    vehicles: int
    mode: Mode
    booking: str | None = None
    organisation: str | None = None
    service: str | None = None
    before: int = 0
    after: int = 0


class Reader(NamedTuple):
    """Who reads, and the bookings of others in which their organisation takes part."""

    member: Member
    joint: frozenset[str]

    def sees(self, use: Use) -> bool:
        """Whether what is booked there is theirs to see."""
        own = acts_for_all(self.member) or use.organisation == self.member.organisation
        return own or use.booking in self.joint


def day(
    ctx: Context, local_day: date, now: datetime, actor: Member, city: str | None = None
) -> tuple[Row, ...]:
    """Everything that meets the day of each site's own time zone, in the order of the catalogue.

    Cities by their ids, then sites, routes before facilities; within a resource by time. Holds that
    ran out are left out.
    """
    return days(ctx, local_day, local_day, now, actor, city=city)


def days(
    ctx: Context,
    first_day: date,
    last_day: date,
    now: datetime,
    actor: Member,
    *,
    city: str | None = None,
) -> tuple[Row, ...]:
    """The same for several days, `last_day` included."""
    after_last = last_day + timedelta(days=1)
    with ctx.database.reading() as connection:
        content = ctx.calendar.content(connection)
        begins, ends = (_midnights(day, content.catalogue) for day in (first_day, after_last))
        first, end = min(begins.values()), max(ends.values())
        uses = [
            *_booked(ctx, connection, first, end, now),
            *_standing(connection, first, end),
        ]
        joint = partners.joint_of(connection, actor.organisation)
    services = {service.id: service.name for service in content.standing}
    rows = [
        row
        for use in uses
        if (row := _row(use, content.catalogue, services, Reader(actor, joint))) is not None
        and (city is None or row.city == city)
        and row.start < ends[row.zone]
        and row.end > begins[row.zone]
    ]
    places = sorted(content.catalogue.resources(), key=lambda each: (each.city, each.site))
    order = {each.id: number for number, each in enumerate(places)}
    return tuple(sorted(rows, key=lambda row: (order[row.resource], row.start, row.end)))


def _midnights(day: date, catalogue: Catalogue) -> dict[str, int]:
    """The grain at which the day begins in every time zone of the catalogue."""
    zones = {site.zone for site in catalogue.sites.values()} or {"UTC"}
    return {zone: local_midnight(day, zone) for zone in zones}


def _booked(
    ctx: Context, connection: Connection, first: int, end: int, now: datetime
) -> Iterator[Use]:
    # A line is no longer than the longest booking: the bound keeps the index range short.
    longest = max(ctx.policy.longest_booking_hours * GRAINS_PER_HOUR, GRAINS_PER_DAY)
    query = (
        _LINES.where(line.c.start_grain < end, line.c.start_grain > first - longest)
        .where(line.c.end_grain > first, booking.c.state.in_(SHOWN))
        .where(not_(ran_out(now)))
    )
    # Two lines of a booking may name one resource, so that a line meets the claims of both.
    known: set[tuple[str, int]] = set()
    for position, state, start_at, expires_at, mode, *told in connection.execute(query):
        resource, start, end, units, vehicles, name, organisation, taken_from, taken_until = told
        if (name, position) in known:
            continue
        known.add((name, position))
        yield Use(
            resource,
            start,
            end,
            ctx.deadlines.shown(state, start_at, expires_at, now),
            units,
            vehicles,
            MODES[mode],
            name,
            organisation,
            before=start - (taken_from or start),
            after=(taken_until or end) - end,
        )


# The claim that a line became is longer by set-up and clean-up. The pool is no plain column here,
# or SQLite looks through all the claims of a pool instead of the few of a booking.
_CLAIM_OF_LINE = and_(
    claim.c.booking == line.c.booking,
    claim.c.pool.concat("") == line.c.resource,
    claim.c.kind == ClaimKind.USE.value,
    claim.c.released.is_(None),
    claim.c.start_grain <= line.c.start_grain,
    claim.c.end_grain >= line.c.end_grain,
)
_LINES = (
    select(
        line.c.position,
        booking.c.state,
        booking.c.start_at,
        booking.c.expires_at,
        line.c.mode,
        line.c.resource,
        line.c.start_grain,
        line.c.end_grain,
        line.c.units,
        line.c.vehicles,
        booking.c.id,
        booking.c.organisation,
        claim.c.start_grain,
        claim.c.end_grain,
    )
    .select_from(line)
    .join(booking, booking.c.id == line.c.booking)
    .outerjoin(claim, _CLAIM_OF_LINE)
)


def _standing(connection: Connection, first: int, end: int) -> Iterator[Use]:
    query = (
        select(claim)
        .where(claim.c.standing.is_not(None), claim.c.released.is_(None))
        .where(claim.c.start_grain < end, claim.c.end_grain > first)
    )
    for row in connection.execute(query):
        yield Use(
            resource=row.pool,
            start=row.start_grain,
            end=row.end_grain,
            state=STANDING,
            units=row.units,
            vehicles=row.units,
            mode=Mode.SHARED,
            service=row.standing,
        )


def _row(
    use: Use, catalogue: Catalogue, services: Mapping[str, Name], reader: Reader
) -> Row | None:
    """The use with its names; None for a pool that is no resource, as a corridor's is."""
    resource: Resource | None = catalogue.routes.get(use.resource) or catalogue.facilities.get(
        use.resource
    )
    if resource is None:
        return None
    is_busy = use.booking is not None and not reader.sees(use)
    place = (
        resource.id,
        resource.name,
        resource.kind,
        resource.site,
        catalogue.sites[resource.site].name,
        resource.city,
        catalogue.cities[resource.city].name,
        resource.zone,
        use.start,
        use.end,
    )
    if is_busy:
        return Row(*place, BUSY)
    return Row(
        *place,
        use.state,
        use.units,
        use.vehicles,
        use.mode,
        use.booking,
        use.organisation,
        services.get(use.service) if use.service else None,
        use.before,
        use.after,
    )
