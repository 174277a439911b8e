"""The search for ways to serve a request: candidate starts from bitsets, then verified offers."""

from dataclasses import dataclass
from datetime import UTC, datetime

from testbed.domain import bitset
from testbed.domain.bundle import Bundle, Tries
from testbed.domain.fairness import decayed_hours
from testbed.domain.fit import (
    Fit,
    combined,
    eased,
    extra_fits,
    free_starts,
    main_fits,
    place,
    refused,
)
from testbed.domain.grid import (
    ceil_grain,
    floor_grain,
    grains_in,
    iso_week,
    week_of,
)
from testbed.domain.ledger import Ledger
from testbed.domain.requests import Claim, Cost, Need, Offer, Request
from testbed.domain.rules import Case, permitted

NOTHING: frozenset[str] = frozenset()
POOLS = "pools"


@dataclass(frozen=True, slots=True)
class Extra:
    """A fit of another need and the starts of the *main* need at which it can be met."""

    fit: Fit
    starts: int


class Search:
    """One request searched on one ledger at one moment.

    `relaxed` names groups of dated rules, pools, or "pools" for all of them: these are taken to say
    yes (for reasons and for the binding constraint).
    """

    def __init__(
        self, request: Request, ledger: Ledger, now: datetime, relaxed: frozenset[str] = NOTHING
    ) -> None:
        self.request = request
        self.ledger = ledger
        self.now = now
        self.relaxed = relaxed
        way = request.way
        self.first = request.earliest if way is None else way.start
        self.last = request.latest if way is None else way.start
        self.fair_share = self._fair_share()
        submitted = request.submitted_at
        self._now = ceil_grain(now)
        self.tries = Tries()
        self._extra_memo: dict[tuple[Need, str, int, int], int] = {}
        self._submitted = floor_grain(submitted), ceil_grain(submitted)
        self._everything = (1 << (self.last - self.first + 1)) - 1

    # -- fits --------------------------------------------------------------------------------

    def mains(self) -> tuple[Fit, ...]:
        """The fits of the main need, cheapest first; only the named one where a way is named."""
        request = self.request
        fits = main_fits(
            self.ledger, request.needs[0], request.duration_min, request.city, request.other_city
        )
        return self._named(self._eased(fits), 0)

    def extras(self, main: Fit) -> list[tuple[Fit, ...]]:
        """The fits of every other need beside this main fit, cheapest first."""
        city = place(main, self.request.city)
        return [
            self._named(self._eased(extra_fits(self.ledger, need, main, city)), number)
            for number, need in enumerate(self.request.needs[1:], 1)
        ]

    def _eased(self, fits: tuple[Fit, ...]) -> tuple[Fit, ...]:
        """The fits without the noes of rules that an operator set aside."""
        aside = self.request.override
        return tuple(eased(fit, aside) for fit in fits) if aside else fits

    def _named(self, fits: tuple[Fit, ...], number: int) -> tuple[Fit, ...]:
        way = self.request.way
        if way is None:
            return fits
        return tuple(fit for fit in fits if fit.resource.id == way.resources[number])

    def case(self, fit: Fit, main: Fit) -> Case:
        """What the dated rules look at for this fit, over the starts of its own need."""
        return Case(
            request=self.request,
            need=fit.need,
            resource=fit.resource,
            profile=main.profile,
            duration=fit.duration,
            main=fit is main,
            ledger=self.ledger,
            now=self._now,
            submitted=self._submitted,
            first=self.first + fit.need.offset,
            last=self.last + fit.need.offset,
            everything=self._everything,
        )

    # -- starts ------------------------------------------------------------------------------

    def permitted(self, main: Fit) -> int:
        """Starts that the rules permit the main fit, whatever is taken."""
        return 0 if main.reasons else permitted(self.case(main, main), self.relaxed)

    def starts(self, main: Fit, allowed: int) -> tuple[int, list[list[Extra]]]:
        """Candidate starts of the bundle on this main fit, and the fits of each other need.

        `allowed` are the starts that the rules permit the main fit.
        """
        starts = allowed & self._room(main, self.first, self.last) if allowed else 0
        listed: list[list[Extra]] = []
        for fits in self.extras(main) if starts else ():
            found = [Extra(fit, self._extra_starts(fit, main) & starts) for fit in fits]
            starts &= _union(found)
            listed.append(found)
            if not starts:
                break
        return starts, listed

    def _extra_starts(self, fit: Fit, main: Fit) -> int:
        """Starts of the main need at which the rules permit another need's fit and it has room.

        Mains of one city share them: they depend on the resource and the lengths alone.
        """
        if fit.reasons:
            return 0
        key = fit.need, fit.resource.id, fit.duration, fit.before
        starts = self._extra_memo.get(key)
        if starts is None:
            case = self.case(fit, main)
            starts = permitted(case, self.relaxed)
            if starts:
                starts &= self._room(fit, case.first, case.last)
            self._extra_memo[key] = starts
        return starts

    def _room(self, fit: Fit, first: int, last: int) -> int:
        if POOLS in self.relaxed:
            return self._everything
        return free_starts(self.ledger, fit, first, last, self.relaxed)

    # -- offers ------------------------------------------------------------------------------

    def offer_at(self, main: Fit, extras: list[list[Extra]], start: int, gaps: int) -> Offer | None:
        """The cheapest verified offer of the bundle at this start (grain), or None.

        `gaps` is what `short_gaps` says of the start.
        """
        bit = 1 << (start - self.first)
        open_fits = [[each.fit for each in found if each.starts & bit] for found in extras]
        if not all(open_fits):
            return None
        claims = self._claims_together(start, (main, *(fits[0] for fits in open_fits)))
        if claims is not None:
            return self._offer(start, (main, *(fits[0] for fits in open_fits)), claims, gaps)
        return self._offer_of_bundle(start, main, open_fits, gaps)

    def _offer_of_bundle(
        self, start: int, main: Fit, open_fits: list[list[Fit]], gaps: int
    ) -> Offer | None:
        def together(chosen: tuple[Fit, ...]) -> bool:
            return self._claims_together(start, chosen) is not None

        fits = Bundle(main, open_fits, together, self.tries).cheapest()
        claims = self._claims_together(start, fits) if fits else None
        return self._offer(start, fits, claims, gaps) if fits and claims is not None else None

    def _claims_together(self, start: int, fits: tuple[Fit, ...]) -> tuple[Claim, ...] | None:
        """The claims of the fits at this start, or None where they have no room together."""
        listed = [claim for fit in fits for claim in fit.claims(start + fit.need.offset)]
        claims = combined(self.ledger.catalogue, listed) if len(fits) > 1 else _sorted(listed)
        return claims if self._alone(listed) or self._fit_together(claims) else None

    def _offer(
        self, start: int, fits: tuple[Fit, ...], claims: tuple[Claim, ...], gaps: int
    ) -> Offer:
        main = fits[0]
        return Offer(
            start=start,
            end=start + main.duration,
            rule=main.profile.id,
            week=iso_week(start, main.resource.zone),
            lines=tuple(fit.line(start + fit.need.offset) for fit in fits),
            claims=claims,
            cost=self._cost(start, fits, gaps),
        )

    def _alone(self, claims: list[Claim]) -> bool:
        """Whether no two claims meet in a pool: then the candidate starts have judged them all."""
        return len({claim.pool for claim in claims}) == len(claims)

    def _fit_together(self, claims: tuple[Claim, ...]) -> bool:
        if POOLS in self.relaxed:
            return True
        return self.ledger.fits(each for each in claims if each.pool not in self.relaxed)

    # -- cost --------------------------------------------------------------------------------

    def shift_cost(self, start: int) -> int:
        """The cost of starting elsewhere than wished."""
        return abs(start - self.request.start) * self.ledger.policy.shift_per_grain

    def _fair_share(self) -> int:
        """The cost of the organisation's decayed use; the same for every offer of the request."""
        policy = self.ledger.policy
        used = self.ledger.use_by_week(self.request.organisation)
        if not used or not policy.fair_share_per_hour:
            return 0
        week = week_of(self.now.astimezone(UTC).date())
        hours = decayed_hours(used, week, policy.fair_share_half_life_weeks)
        return hours * policy.fair_share_per_hour

    def _cost(self, start: int, fits: tuple[Fit, ...], gaps: int) -> Cost:
        return Cost(
            shift=self.shift_cost(start),
            distance=sum(fit.distance for fit in fits),
            travel=sum(fit.travel for fit in fits),
            surplus=sum(fit.surplus for fit in fits),
            fragmentation=gaps * self.ledger.policy.fragmentation_per_gap,
            fair_share=self.fair_share,
        )

    def short_gaps(self, start: int, main: Fit) -> int:
        """How many leftovers beside the main claim are too short for the shortest booking."""
        if not self.ledger.policy.fragmentation_per_gap:
            return 0
        shortest = grains_in(main.profile.slot_min) + main.before + main.after
        first, end = start - main.before, start + main.duration + main.after
        earlier = self._useful(main, first - shortest, shortest)
        later = self._useful(main, end, shortest)
        before = shortest - (earlier ^ ((1 << shortest) - 1)).bit_length()
        after = bitset.lowest(~later)
        return (0 < before < shortest) + (0 < after < shortest)

    def _useful(self, main: Fit, start: int, length: int) -> int:
        """The open grains of [start, start + length) at which the main fit alone has room."""
        ledger, resource = self.ledger, main.resource
        opened = ledger.open_grains(resource.calendar, resource.zone)
        offset = start - ledger.base
        useful = bitset.window(opened, offset, length)
        for demand in main.demands:
            useful &= ~bitset.window(refused(ledger, demand), offset, length)
        return useful


def _union(extras: list[Extra]) -> int:
    starts = 0
    for each in extras:
        starts |= each.starts
    return starts


def _sorted(claims: list[Claim]) -> tuple[Claim, ...]:
    return tuple(sorted(claims))
