"""The ledger: how much of every pool is used, blocked and closed at each grain of a horizon."""

from collections.abc import Iterable
from datetime import timedelta
from itertools import product

from testbed.domain import bitset
from testbed.domain.catalogue import Catalogue
from testbed.domain.errors import InvalidRequest, Stale
from testbed.domain.fairness import REMEMBERED_WEEKS, week_index
from testbed.domain.grid import (
    GRAINS_PER_DAY,
    GRAINS_PER_HOUR,
    iso_week,
    local_date,
    local_midnight,
    moment_of,
    week_of,
)
from testbed.domain.hours import open_intervals
from testbed.domain.papers import NO_FLEET, Fleet
from testbed.domain.policy import Policy
from testbed.domain.pool import Pool
from testbed.domain.requests import Claim, ClaimKind, Request
from testbed.domain.sharing import Use, Wishes, rivals, uses_of

NIGHT = "night"  # asked for like a calendar
NIGHT_STARTS_HOUR = 21
NIGHT_HOURS = 9


class Ledger:
    """Occupancy of all pools over the grains [base, end), with what rules need beside it.

    Bit i of every set is grain `base + i`. No booked slot may end after `bookable_until`: standing
    services are written so far and no further. Claims outside the horizon are clipped to it. `memo`
    keeps what the search prepared from the catalogue and the policy, which never change here.
    """

    def __init__(
        self,
        catalogue: Catalogue,
        policy: Policy,
        base: int,
        end: int,
        bookable_until: int | None = None,
    ) -> None:
        self.catalogue = catalogue
        self.policy = policy
        self.base = base
        self.end = end
        self.bookable_until = end if bookable_until is None else bookable_until
        self.pools = {name: Pool(capacity) for name, capacity in catalogue.pools().items()}
        self.memo: dict[object, object] = {}
        self._wishes: Wishes = {}
        self._whereabouts: dict[tuple[str, str], int] = {}
        self._fleets: dict[str, tuple[str, Fleet]] = {}
        self._use: dict[str, dict[tuple[str, int], int]] = {}
        self._ahead: dict[str, dict[int, int]] = {}
        self._ahead_known: tuple[str, int, int] | None = None
        self._rebooks: dict[str, int] = {}
        self._open: dict[tuple[str, str], int] = {}
        self._open_starts: dict[tuple[str, str, int], int] = {}
        self._weeks: dict[str, list[tuple[int, int, int]]] = {}

    # -- claims ------------------------------------------------------------------------------

    def mask(self, start: int, end: int) -> int:
        """The grains of [start, end) that lie in the horizon, as bits from `base`."""
        return bitset.interval(max(start, self.base) - self.base, min(end, self.end) - self.base)

    def take(self, claims: Iterable[Claim]) -> None:
        """Count all the claims in, or none.

        Raises Stale: "pool_full" or "pool_blocked" with the pool that refuses.
        """
        done: list[Claim] = []
        for claim in claims:
            code = self._count(claim)
            if code:
                self.give_back(done)
                raise Stale(code, pool=claim.pool, start=claim.start, end=claim.end)
            done.append(claim)

    def give_back(self, claims: Iterable[Claim]) -> None:
        """Count the claims out. Raises InvalidRequest("claim_not_taken") if one was not in."""
        for claim in claims:
            pool = self.pools[claim.pool]
            if pool.remove(claim.kind, self.mask(claim.start, claim.end), claim.units):
                raise InvalidRequest("claim_not_taken", pool=claim.pool, start=claim.start)

    def fits(self, claims: Iterable[Claim]) -> bool:
        """Whether the claims, all together, could be taken; the ledger stays as it is."""
        done: list[Claim] = []
        for claim in claims:
            if self._count(claim):
                self.give_back(done)
                return False
            done.append(claim)
        self.give_back(done)
        return True

    def _count(self, claim: Claim) -> str | None:
        """Count the claim in, or say why it cannot be."""
        pool = self.pools[claim.pool]
        mask = self.mask(claim.start, claim.end)
        refusal = self._refusal(pool, claim, mask)
        if refusal is None:
            pool.add(claim.kind, mask, claim.units)
        return refusal

    def _refusal(self, pool: Pool, claim: Claim, mask: int) -> str | None:
        if claim.kind is ClaimKind.USE:
            if pool.taken(claim.units) & mask:
                return "pool_full"
            return "pool_blocked" if pool.blocked and pool.blocked[0] & mask else None
        if claim.kind is ClaimKind.BLOCK:
            return "pool_full" if pool.used[0] & mask else None
        return self._closure_refusal(pool, mask, claim.units)

    @staticmethod
    def _closure_refusal(pool: Pool, mask: int, units: int) -> str | None:
        probe = pool.closed + [0] * units
        bitset.add(probe, mask, units)
        for closed, bits in enumerate(probe[: pool.capacity], 1):
            if bits & pool.used[pool.capacity - closed]:
                return "pool_full"
        return None

    # -- kept apart --------------------------------------------------------------------------

    def keep_apart(self, wishes: Wishes, uses: Iterable[Use]) -> None:
        """Set who wants to be kept apart from whom, and where those organisations are."""
        self._wishes = wishes
        self._whereabouts = {}
        for use in uses:
            self._appears(use)

    def appears(self, request: Request, claims: Iterable[Claim]) -> None:
        """Note where those who take part in a request will be from now on."""
        for use in uses_of(request, claims):
            self._appears(use)

    def _appears(self, use: Use) -> None:
        key = use.organisation, use.pool
        grains = self.mask(use.start, use.end)
        self._whereabouts[key] = self._whereabouts.get(key, 0) | grains

    def rivals_at(self, request: Request, pools: Iterable[str]) -> int:
        """The grains at which a rival of the request uses one of the pools, from `base`."""
        grains = 0
        if self._wishes or request.apart:
            for each in product(sorted(rivals(request, self._wishes)), pools):
                grains |= self._whereabouts.get(each, 0)
        return grains

    # -- papers ------------------------------------------------------------------------------

    def fleet(self, organisation: str) -> Fleet:
        """The vehicles, drivers and accepted papers of the organisation, none where unknown."""
        return self._fleets.get(organisation, ("", NO_FLEET))[1]

    def fleet_revision(self, organisation: str) -> str | None:
        """The revision at which the organisation's fleet is known here, None where it is not."""
        known = self._fleets.get(organisation)
        return None if known is None else known[0]

    def replace_fleet(self, organisation: str, fleet: Fleet, revision: str = "") -> None:
        """Set what an organisation has to show, and the revision that this is."""
        self._fleets[organisation] = revision, fleet

    # -- weekly hours ------------------------------------------------------------------------

    def add_use(self, organisation: str, rule: str, week: int, grains: int) -> None:
        """Count booked grains of an organisation under a rule profile in an ISO week."""
        weeks = self._use.setdefault(organisation, {})
        weeks[rule, week] = weeks.get((rule, week), 0) + grains
        if not weeks[rule, week]:
            del weeks[rule, week]

    def use(self, organisation: str, rule: str, week: int) -> int:
        """Booked grains of the organisation under the rule profile in the ISO week."""
        return self._use.get(organisation, {}).get((rule, week), 0)

    def use_by_week(self, organisation: str) -> dict[int, int]:
        """Booked grains of the organisation per ISO week, over all rule profiles."""
        totals: dict[int, int] = {}
        for (_, week), grains in self._use.get(organisation, {}).items():
            totals[week] = totals.get(week, 0) + grains
        return totals

    def replace_use(self, organisation: str, use: dict[tuple[str, int], int]) -> None:
        """Set what an organisation has used: booked grains by (rule profile, ISO week)."""
        self._use[organisation] = dict(use)

    # -- hours to come -----------------------------------------------------------------------

    def add_ahead(self, organisation: str, start: int, grains: int) -> None:
        """Count booked grains of an organisation that begin at the grain `start`."""
        starts = self._ahead.setdefault(organisation, {})
        starts[start] = starts.get(start, 0) + grains
        if not starts[start]:
            del starts[start]
        self._ahead_known = None

    def ahead(self, organisation: str, now: int) -> int:
        """Booked grains of the organisation that have not begun before the grain `now`."""
        known = self._ahead_known
        if known is None or known[:2] != (organisation, now):
            starts = self._ahead.get(organisation, {})
            total = sum(grains for start, grains in starts.items() if start >= now)
            known = self._ahead_known = organisation, now, total
        return known[2]

    def replace_ahead(self, organisation: str, starts: dict[int, int]) -> None:
        """Set what an organisation has booked ahead: grains by the grain at which they begin."""
        self._ahead[organisation] = dict(starts)
        self._ahead_known = None

    # -- booking again -----------------------------------------------------------------------

    def rebooks(self, organisation: str) -> int:
        """How often the organisation lately cancelled and booked again, as far as known here."""
        return self._rebooks.get(organisation, 0)

    def replace_rebooks(self, counts: dict[str, int]) -> None:
        """Set how often organisations cancelled and booked again; of others it is never."""
        self._rebooks = counts

    # -- the calendar over the horizon -------------------------------------------------------

    def open_grains(self, calendar: str, zone: str) -> int:
        """The grains at which a calendar (or NIGHT) is open in a zone, as bits from `base`."""
        known = self._open.get((calendar, zone))
        if known is None:
            known = self._open[calendar, zone] = self._opened(calendar, zone, self.base, self.end)
        return known

    def open_starts(self, calendar: str, zone: str, length: int) -> int:
        """The grains at which `length` open grains begin, as bits from `base`."""
        key = calendar, zone, length
        known = self._open_starts.get(key)
        if known is None:
            grains = self.open_grains(calendar, zone)
            known = self._open_starts[key] = bitset.runs(grains, length)
        return known

    def night_grains(self, zone: str) -> int:
        """The grains between 21:00 and 06:00 local time, as bits from `base`."""
        return self.open_grains(NIGHT, zone)

    def _opened(self, calendar: str, zone: str, start: int, end: int) -> int:
        if calendar == NIGHT:
            return self._nights(zone, start, end)
        catalogue = self.catalogue
        first = local_date(start, zone) - timedelta(days=2)
        hours = catalogue.calendars[calendar]
        opened = 0
        for opens, closes in open_intervals(
            hours, catalogue.holidays, zone, first, local_date(end - 1, zone)
        ):
            opened |= bitset.interval(max(opens, start) - self.base, min(closes, end) - self.base)
        return opened

    def _nights(self, zone: str, start: int, end: int) -> int:
        night = 0
        day = local_date(start, zone) - timedelta(days=1)
        while (midnight := local_midnight(day, zone)) < end:
            evening = midnight + NIGHT_STARTS_HOUR * GRAINS_PER_HOUR
            morning = evening + NIGHT_HOURS * GRAINS_PER_HOUR
            night |= bitset.interval(max(evening, start) - self.base, min(morning, end) - self.base)
            day += timedelta(days=1)
        return night

    def weeks(self, zone: str) -> list[tuple[int, int, int]]:
        """(ISO week, first grain, grain after the last) of every week that the horizon meets."""
        known = self._weeks.get(zone)
        if known is None:
            known = self._weeks[zone] = list(self._week_spans(zone))
        return known

    def _week_spans(self, zone: str) -> Iterable[tuple[int, int, int]]:
        day = local_date(self.base, zone)
        monday = day - timedelta(days=day.weekday())
        while (start := local_midnight(monday, zone)) < self.end:
            monday += timedelta(days=7)
            yield iso_week(start, zone), start, local_midnight(monday, zone)

    # -- the horizon -------------------------------------------------------------------------

    def extend_to(self, end: int, bookable_until: int | None = None) -> None:
        """Move the horizon's end, and the end of what may be booked, forward."""
        start, self.end = self.end, max(self.end, end)
        self.bookable_until = self.end if bookable_until is None else bookable_until
        self._weeks.clear()
        self._open_starts.clear()
        if start < self.end:
            self._extend_calendars(start)

    def _extend_calendars(self, start: int) -> None:
        for calendar, zone in self._open:
            self._open[calendar, zone] |= self._opened(calendar, zone, start, self.end)

    def forget_before(self, grain: int) -> None:
        """Move `base` forward to a whole number of days at or before the grain."""
        days = (grain - self.base) // GRAINS_PER_DAY
        if days <= 0:
            return
        shift = days * GRAINS_PER_DAY
        self.base += shift
        for pool in self.pools.values():
            pool.shift(shift)
        self._whereabouts = {key: bits >> shift for key, bits in self._whereabouts.items()}
        self._open = {key: bits >> shift for key, bits in self._open.items()}
        self._open_starts.clear()
        self._forget_use()
        self._forget_ahead()
        self._weeks.clear()

    def _forget_use(self) -> None:
        oldest = week_index(week_of(moment_of(self.base).date())) - REMEMBERED_WEEKS - 1
        for weeks in self._use.values():
            for rule, week in [key for key in weeks if week_index(key[1]) < oldest]:
                del weeks[rule, week]

    def _forget_ahead(self) -> None:
        for organisation, starts in self._ahead.items():
            kept = {start: grains for start, grains in starts.items() if start >= self.base}
            self._ahead[organisation] = kept

    def copy(self) -> "Ledger":
        """An independent copy on the same catalogue and policy, which share what was prepared."""
        twin = Ledger(self.catalogue, self.policy, self.base, self.end, self.bookable_until)
        twin.memo = self.memo
        twin.pools = {name: pool.copy() for name, pool in self.pools.items()}
        twin._wishes, twin._whereabouts = self._wishes, dict(self._whereabouts)
        twin._fleets = dict(self._fleets)
        twin._use = {name: dict(weeks) for name, weeks in self._use.items()}
        twin._ahead = {name: dict(starts) for name, starts in self._ahead.items()}
        twin._rebooks = self._rebooks
        twin._open = dict(self._open)
        twin._open_starts = dict(self._open_starts)
        return twin
