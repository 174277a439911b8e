"""Standing services: written ahead as claims, so that they occupy before anybody books."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from testbed.domain import closures
from testbed.domain.catalogue import Catalogue
from testbed.domain.demand import StandingService
from testbed.domain.errors import NotAllowed, NotFound, Stale
from testbed.domain.grid import floor_grain, local_date, local_midnight
from testbed.domain.hours import LONGEST_WINDOW_DAYS
from testbed.domain.policy import Policy
from testbed.domain.requests import Claim
from testbed.domain.standing import standing_claims
from testbed.persistence import catalogues
from testbed.persistence.claims import KeptClaim, Owner, standing_claims_after
from testbed.service import closed_pools
from testbed.service.actors import SYSTEM
from testbed.service.context import Context
from testbed.service.write import Write, run

MARGIN_DAYS = 7


@dataclass(frozen=True, slots=True)
class Materialised:
    """What an extension wrote: claims taken and released, and the grain up to which it reaches."""

    taken: int
    released: int
    until: int


@dataclass(frozen=True, slots=True)
class Difference:
    """What the kept claims of standing services lack, and what they have too much."""

    lacking: tuple[tuple[Owner, Claim], ...]
    surplus: tuple[KeptClaim, ...]
    until: int


def materialise(ctx: Context, now: datetime) -> Materialised:
    """Write the standing services of the current catalogue as far ahead as anybody may book.

    Run twice it changes nothing; run late, the calendar ends earlier meanwhile. Raises
    NotFound("catalogue"), NotAllowed("standing_conflict") where a booking is in the way.
    """

    def work(write: Write) -> Materialised:
        version = catalogues.current_version(write.connection)
        if version is None:
            raise NotFound("catalogue")
        content = catalogues.load(write.connection, version)
        found = difference(write, content.catalogue, content.standing)
        write.lock(found_pools(found) | closed_pools.open_ended(write))
        release_surplus(write, found)
        take_lacking(write, found)
        return Materialised(len(found.lacking), len(found.surplus), found.until)

    return run(ctx, now, SYSTEM, work)


def difference(
    write: Write,
    catalogue: Catalogue,
    services: Iterable[StandingService],
    until: int | None = None,
) -> Difference:
    """What is to be taken and released so that the calendar holds these services from now on.

    As far ahead as anybody may book by now, or with `until` as far as they are written already.
    """
    grain = floor_grain(write.now)
    last_day = last_bookable_day(catalogue, write.ctx.policy, write.now)
    first_day = write.now.date() - timedelta(days=LONGEST_WINDOW_DAYS)
    shut = closed_pools.shut_spans(write.connection, write.now)
    wanted = {
        (service, part)
        for service, claim in standing_claims(services, catalogue, first_day, last_day)
        for part in closures.outside(claim, shut.get(claim.pool, ()))
        if part.end > grain and (until is None or claim.start < until)
    }
    kept = {
        (str(each.owner.standing), each.claim): each
        for each in standing_claims_after(write.connection, grain)
    }
    lacking = sorted(wanted - kept.keys())
    return Difference(
        lacking=tuple((Owner(standing=service), claim) for service, claim in lacking),
        surplus=tuple(each for key, each in sorted(kept.items()) if key not in wanted),
        until=_end_of(last_day, catalogue) if until is None else until,
    )


def last_bookable_day(catalogue: Catalogue, policy: Policy, now: datetime) -> date:
    """The local day up to which services are written, included.

    The longest lead of any rule, the longest booking and a week of margin from now; never past the
    last day for which the catalogue knows the holidays.
    """
    lead = max((rule.max_lead_days for rule in catalogue.rules.values()), default=0)
    days = lead + -(-policy.longest_booking_hours // 24) + MARGIN_DAYS
    zones = {site.zone for site in catalogue.sites.values()}
    today = min((local_date(floor_grain(now), zone) for zone in zones), default=now.date())
    last = today + timedelta(days=days)
    return min(last, catalogue.holidays_until) if catalogue.holidays_until else last


def _end_of(day: date, catalogue: Catalogue) -> int:
    zones = {site.zone for site in catalogue.sites.values()} or {"UTC"}
    return min(local_midnight(day + timedelta(days=1), zone) for zone in zones)


def found_pools(found: Difference) -> frozenset[str]:
    """The pools in which the difference changes something."""
    lacking = frozenset(claim.pool for _, claim in found.lacking)
    return lacking | {each.claim.pool for each in found.surplus}


def release_surplus(write: Write, found: Difference) -> None:
    """Release what is no longer wanted."""
    write.claims.release(found.surplus)


def take_lacking(write: Write, found: Difference) -> None:
    """Take what is missing, and note how far the calendar reaches.

    Raises NotAllowed("standing_conflict") with the pool where bookings are in the way.
    """
    try:
        write.claims.take(found.lacking)
    except Stale as stale:
        raise NotAllowed("standing_conflict", pool=stale.fields["pool"]) from stale
    catalogues.write_standing_until(write.connection, found.until)
    closed_pools.reach(write, found.until)
    if found.lacking or found.surplus:
        changed = {"taken": len(found.lacking), "released": len(found.surplus)}
        write.note("standing.written", "standing", {**changed, "until": found.until})
